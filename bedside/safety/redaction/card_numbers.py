"""What the digits of a payment card are: networks, lengths and check digits."""

from __future__ import annotations

from itertools import accumulate

SHORTEST_CARD, LONGEST_CARD = 13, 19  # digits
_MAESTRO = frozenset({5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763})


def is_network(digits: str) -> bool:
    """Whether number and length are those of a card network."""
    length = len(digits)
    if digits[0] == "4":
        return length in {13, 16, 19}
    if digits[0] not in "2356":
        return False
    two, three, four = int(digits[:2]), int(digits[:3]), int(digits[:4])
    if four in _MAESTRO or 2200 <= four <= 2204:
        return 13 <= length <= 19
    if 51 <= two <= 55 or 2221 <= four <= 2720:
        return length == 16
    if two in {34, 37}:
        return length == 15
    if two in {36, 38, 39} or 300 <= three <= 305:
        return 14 <= length <= 19
    if two in {65, 62} or four == 6011 or 644 <= three <= 649 or 3528 <= four <= 3589:
        return 16 <= length <= 19
    return False


class LuhnSums:
    """Luhn checks of any stretch of a run of digits in constant time, from running sums."""

    def __init__(self, digits: str) -> None:
        self.digits = digits
        values = [int(digit) for digit in digits]
        doubled = [value * 2 - 9 * (value > 4) for value in values]
        self._sums = [
            [0, *accumulate(values[place] if place % 2 == kept else doubled[place] for place in range(len(values)))]
            for kept in (0, 1)
        ]

    def is_card(self, start: int, end: int) -> bool:
        """Whether these digits are a card of a known network with a right check digit."""
        sums = self._sums[(end - 1) % 2]
        return (sums[end] - sums[start]) % 10 == 0 and is_network(self.digits[start:end])


def holds_card(sums: LuhnSums, start: int, end: int) -> bool:
    """Whether a card stands anywhere between two places of a run of digits."""
    return any(
        sums.is_card(first, first + length)
        for first in range(start, end - SHORTEST_CARD + 1)
        for length in (13, 14, 15, 16, 19)
        if first + length <= end
    )
