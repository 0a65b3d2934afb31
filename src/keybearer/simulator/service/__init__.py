"""What the service keeps and counts: logins, limits, the prompt cache, tokens, files."""
