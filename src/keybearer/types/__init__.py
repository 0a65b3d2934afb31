"""Values without behaviour: what the service sends, what a caller writes, requests and replies."""
