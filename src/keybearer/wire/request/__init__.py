"""Arguments to the bytes of a request."""
