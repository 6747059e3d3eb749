"""Side-by-side figures; see bench.py."""
