"""What a message says, as plain facts: names, dates, amounts, answers, moods. Over text alone; no Rasa, no database."""
