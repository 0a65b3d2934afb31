"""The OAuth login: authorization in a browser, tokens, and their refresh."""
