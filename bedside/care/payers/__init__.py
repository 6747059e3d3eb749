"""What may stand behind the payer port."""
