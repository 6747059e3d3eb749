"""Records: tables, the unit of work, and the one gate to a patient's chart (R3)."""
