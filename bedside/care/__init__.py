"""The work of the front desk, one module a topic. No Rasa in here."""
