"""Bedside: the patient-support assistant of a clinic, on Rasa Open Source."""

__version__ = "0.1.0"
