"""The places where credentials are looked for: one file a source, and the table of them."""
