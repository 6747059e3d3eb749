"""Case numbers that people can read aloud: digits in fours, the last one a check digit."""

from __future__ import annotations

import random

from stdnum import damm

PREFIX = "C"


def new_case_number(chance: random.Random) -> str:
    """A number such as C-4839-2075. The check digit catches a wrong or swapped digit."""
    digits = str(chance.randrange(1_000_000, 10_000_000))
    digits += damm.calc_check_digit(digits)
    return f"{PREFIX}-{digits[:4]}-{digits[4:]}"


def is_case_number(text: str) -> bool:
    """Whether `text` is a case number that was read or typed without a slip."""
    prefix, _, digits = text.strip().upper().replace(" ", "-").partition("-")
    digits = digits.replace("-", "")
    return prefix == PREFIX and len(digits) == 8 and digits.isdigit() and damm.is_valid(digits)
