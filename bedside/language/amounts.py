"""Amounts of money in a message, in cents, and amounts as they are said."""

from __future__ import annotations

import re

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d+(?:\.\d{1,2})?"
_SIGNED = re.compile(rf"\$\s?(?P<a>{_NUMBER})(?P<k>\s?k\b)?", re.IGNORECASE)
_NAMED = re.compile(rf"(?<![\w./-])(?P<a>{_NUMBER})(?P<k>k)?\s?(?:dollars?|bucks|usd|d[oó]lares)\b", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w./$-])(?P<a>\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d{1,6}\.\d{2})(?![\w/]|-\d|\.\d)")
_UNITS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * n
    for n, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000}
_WORD = "|".join([*_UNITS, *_TENS, *_SCALES, "and", "a"])
_SPELLED = re.compile(rf"\b(?P<w>(?:(?:{_WORD})[\s-]+)+)(?:dollars?|bucks)\b", re.IGNORECASE)


def read_amounts(text: str) -> tuple[int, ...]:
    """Every amount of money in `text`, in cents, in order; dates, times and account numbers are not amounts."""
    found: dict[int, int] = {}
    for pattern in (_SIGNED, _NAMED, _BARE):
        for match in pattern.finditer(text):
            cents = round(float(match["a"].replace(",", "")) * 100)
            if match.groupdict().get("k"):
                cents *= 1000
            found.setdefault(match.start("a"), cents)
    for match in _SPELLED.finditer(text):
        spelled = _spelled(match["w"])
        if spelled:
            found.setdefault(match.start(), spelled * 100)
    return tuple(found[place] for place in sorted(found))


def _spelled(words: str) -> int:
    total, current = 0, 0
    for word in re.split(r"[\s-]+", words.lower().strip()):
        if word in _UNITS:
            current += _UNITS[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word == "a":
            current = current or 1
        elif word == "hundred":
            current = (current or 1) * 100
        elif word in ("thousand", "grand"):
            total, current = total + (current or 1) * 1000, 0
    return total + current


def dollars(cents: int) -> str:
    """As it is said: 142000 is "$1,420.00"."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
