"""Safety: the emergency screen, the protocol that follows it, redaction. Plain functions; no Rasa, no database."""
