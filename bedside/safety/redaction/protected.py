"""What stays, because the work needs it: money, telephone numbers, times, dates, codes of letters and digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import luhn

from bedside.safety.redaction.card_numbers import LONGEST_CARD, SHORTEST_CARD, is_network
from bedside.safety.redaction.cues import names_a_secret
from bedside.safety.redaction.spans import Span
from bedside.safety.redaction.words import expression

_MONEY = r"\$\s?\d[\d,]*(?:\.\d\d?)?|\b\d[\d,]*(?:\.\d\d)?\s?(?:{money})\b"
_PHONE = re.compile(
    r"(?<![\d.\-])(?:\+?1[\s.\-]?)?(?:\(\d{3}\)\s?|\d{3}[\s.\-])\d{3}[\s.\-]?\d{4}(?![\s.\-]?\d)|(?<!\d)\+1?\d{10}(?!\d)"
)
_TIME = re.compile(r"\b\d{1,2}:\d\d\b|\b\d{1,2}\s?[ap]\.?m\b")
DATE = re.compile(
    r"(?<![\d/\-.])(?:(?:0?[1-9]|[12]\d|3[01])[/\-.](?:0?[1-9]|[12]\d|3[01])[/\-.](?:(?:19|20)\d{2}|\d{2})"
    r"|(?:19|20)\d{2}[/\-.]\d{1,2}[/\-.]\d{1,2})(?![\d/]|[\-.]\d)"
)
_PRESSURE = re.compile(r"(?<![\d/\-.])\d{2,3}\s?/\s?\d{2,3}(?!\s?[\d/]|[\-.]\d)")
_CODED = re.compile(r"(?<![^\W_])[a-z]{1,8}[\-#]?\d[\w\-]*|(?<![^\W_])\d+[a-z][\w\-]*|(?<![^\W_])[a-z]{1,6}-\d[\d\-]*")


def protected(plain: str) -> Iterator[Span]:
    """The stretches of a plain text that are something else than a secret number, with their kinds."""
    for kind, pattern in (
        ("money", expression(_MONEY)),
        ("phone", _PHONE),
        ("time", _TIME),
        ("date", DATE),
        ("pressure", _PRESSURE),
    ):
        for found in pattern.finditer(plain):
            yield Span(found.start(), found.end(), kind)
    for found in _CODED.finditer(plain):
        letters = re.match(r"[a-z]*", found.group())
        if letters and names_a_secret(letters.group()):
            continue
        digits = re.sub(r"\D", "", found.group())
        if SHORTEST_CARD <= len(digits) <= LONGEST_CARD and is_network(digits) and luhn.is_valid(digits):
            continue
        yield Span(found.start(), found.end(), "coded")
