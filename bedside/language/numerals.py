"""Numbers in words and digits, English and Spanish: groups of digits as people spell them, and whole amounts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from bedside.language.wordlists import fold, load

_PIECE = re.compile(r"\d+|[^\W\d_]+")
_JOIN = re.compile(r"[\s\-]{1,3}(?:(?:and|y)\s+)?")


@dataclass(frozen=True)
class Numeral:
    """A group of digits at `start`..`end` of the text; `spelled` when it was written in words."""

    start: int
    end: int
    digits: str
    spelled: bool


def units() -> dict[str, int]:
    """Zero to nine."""
    return _table("units")


@cache
def _table(key: str) -> dict[str, int]:
    return dict(load("numerals")[key])


@lru_cache(maxsize=1)
def _two_digits() -> dict[str, int]:
    return {**_table("teens"), **_table("tens")}


def numerals(text: str) -> list[Numeral]:
    """Every group of digits in order, digits as they stand and words as they are spelled ("forty five" is 45).

    "oh" and "o" are zeros only beside another group; "double five" is 55.
    """
    pieces = [(found.group(), found.start(), found.end()) for found in _PIECE.finditer(fold(text))]
    groups: list[Numeral] = []
    index = 0
    while index < len(pieces):
        word, start, end = pieces[index]
        following = pieces[index + 1] if index + 1 < len(pieces) else ("", 0, 0)
        if word.isdecimal():
            groups.append(Numeral(start, end, word, False))
        elif word in _table("units"):
            groups.append(Numeral(start, end, str(_table("units")[word]), True))
        elif word in _table("tens"):
            tens = _table("tens")[word]
            step, unit = _unit_after(text, pieces, index)
            if unit:
                index += step
                end = pieces[index][2]
            groups.append(Numeral(start, end, str(tens + unit), True))
        elif word in _table("teens"):
            groups.append(Numeral(start, end, str(_table("teens")[word]), True))
        elif word in {"double", "doble", "triple"} and (following[0] in _table("units") or len(following[0]) == 1):
            digit = _table("units").get(following[0], following[0])
            if str(digit).isdecimal():
                index += 1
                groups.append(Numeral(start, following[2], str(digit) * (3 if word == "triple" else 2), True))
        elif word in {"oh", "o"} and (_beside(groups, start, text) or _is_number(following[0])):
            groups.append(Numeral(start, end, "0", True))
        index += 1
    return groups


def _unit_after(text: str, pieces: Sequence[tuple[str, int, int]], index: int) -> tuple[int, int]:
    """How many pieces on the unit of "forty five" or "cuarenta y cinco" stands, and its value; zeros without one."""
    end = pieces[index][2]
    for step in (1, 2):
        if index + step >= len(pieces):
            break
        word, start, _ = pieces[index + step]
        value = _table("units").get(word, 0)
        if value and _JOIN.fullmatch(text[end:start].lower()):
            return step, value
        if word != "y":
            break
    return 0, 0


def _beside(groups: list[Numeral], start: int, text: str) -> bool:
    return bool(groups) and start - groups[-1].end <= 3 and not text[groups[-1].end : start].strip(" -,.")


def _is_number(word: str) -> bool:
    return word.isdecimal() or word in _table("units") or word in _two_digits()


def read_cardinal(words: Sequence[str]) -> tuple[int, int] | None:
    """The whole number that begins `words` (folded), and how many words it takes; None when there is none.

    "seventy five" is 75, "two hundred and fifty" 250, "twelve hundred" 1200, "mil doscientos" 1200.
    """
    total = current = used = 0
    seen = False
    for index, word in enumerate(words):
        if word in _table("units"):
            if seen and current % 10 and current % 100 not in {0}:
                break
            current += _table("units")[word]
        elif word in _two_digits():
            if current % 100:
                break
            current += _two_digits()[word]
        elif word in {"hundred", "cientos"} and seen and 0 < current < 100:
            current *= 100
        elif word in _table("hundreds"):
            if current % 1000 >= 100:
                break
            current += _table("hundreds")[word]
        elif word in _table("thousands"):
            total, current = total + max(current, 1) * 1000, 0
        elif word in {"and", "y", "a"} and (seen or word == "a"):
            if word == "a" and (index or index + 1 >= len(words) or words[index + 1] not in {"hundred", "thousand"}):
                break
            continue
        else:
            break
        seen, used = True, index + 1
    return (total + current, used) if seen else None
