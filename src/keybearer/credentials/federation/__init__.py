"""Workload identity federation: an identity token of the workload's own, exchanged for an access token (RFC 7523)."""
