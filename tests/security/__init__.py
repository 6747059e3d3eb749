"""Attempts to get at what is not one's own."""
