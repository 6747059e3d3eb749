"""Whole talks against the trained model, the real actions and a real database (see harness.py)."""
