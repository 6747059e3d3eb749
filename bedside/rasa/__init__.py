"""Rasa's extension points: channels, understanding, policy, stores, importer."""
