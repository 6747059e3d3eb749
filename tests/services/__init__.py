"""Tests against a real PostgreSQL, which they start for themselves where its binaries are installed."""
