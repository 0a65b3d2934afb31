"""The bytes of a reply to values."""
