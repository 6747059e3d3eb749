"""Rasa's own check of the stories, end to end."""
