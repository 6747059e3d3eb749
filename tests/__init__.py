"""The tests of Bedside."""
