"""Credentials: what signs a request, where it comes from, and how it stays fresh."""
