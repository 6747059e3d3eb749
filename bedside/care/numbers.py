"""The number of a visit that a patient keeps, such as V-4839-2075. It stays the same when the visit is moved.

It is made from the visit's own key, so it needs no room in the records; it grants nothing. The last digit is a check
digit, which catches a wrong or swapped one.
"""

from __future__ import annotations

from stdnum import damm

PREFIX = "V"
_LEAST, _ROOM = 1_000_000, 9_000_000
_STRIDE = 4_567_891  # shares no factor with the room, so that every key has a number of its own
_BACK = pow(_STRIDE, -1, _ROOM)


def visit_number(first_id: int) -> str:
    """The number of a visit, by the key of the first of the visits that were moved into one another."""
    digits = str(_LEAST + first_id * _STRIDE % _ROOM)
    digits += damm.calc_check_digit(digits)
    return f"{PREFIX}-{digits[:4]}-{digits[4:]}"


def first_id_of(text: str) -> int | None:
    """The key that a number was made from; None when it was read or typed with a slip."""
    prefix, _, digits = text.strip().upper().replace(" ", "-").partition("-")
    digits = digits.replace("-", "")
    if prefix != PREFIX or len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return None
    if not damm.is_valid(digits) or int(digits[:-1]) < _LEAST:
        return None
    return (int(digits[:-1]) - _LEAST) * _BACK % _ROOM
