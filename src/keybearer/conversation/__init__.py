"""Conversations as values: turns that are appended, saved, forked, trimmed and mended. No file, clock or socket is touched here."""
