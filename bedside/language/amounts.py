"""Sums of money: read as people write them, written as a statement shows them. Integer cents."""

from __future__ import annotations

import re
from functools import cache

from bedside.language.numerals import read_cardinal
from bedside.language.wordlists import fold, load, tidy

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
_SIGNED = re.compile(
    rf"(?:\$|\busd|\bus\$)\s?(?P<number>\d{{1,3}}(?: \d{{3}})+(?![,.]?\d)|{_NUMBER})(?P<k>\s?k\b)?(?!\d|[.,]\d{{3}})"
)
_DECIMAL = re.compile(r"(?<![\w.,/\-:#$])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d{1,6}\.\d{2})(?![\w/\-:]|[.,]\d)")
_BARE = re.compile(
    r"(?<![\w.,/\-:#])(?P<number>\d{1,3}(?:,\d{3})+|\d{1,3}\.\d(?=\s?k\b)|\d{1,5})(?P<k>\s?k\b)?(?![\w/\-:%]|[.,]\d)"
)
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 12  # words of one sum


def read_amounts(text: str, asked: bool = False) -> tuple[int, ...]:
    """The sums in the text, in cents, in their order: "$1,420", "1420 dollars", "862.50", "seventy five dollars".

    A number without a sign of money counts with two decimals, a thousands mark or "a month" behind it, or when a sum
    was `asked` for. Dates, times and the numbers of accounts are not sums.
    """
    plain = fold(tidy(text))
    found: dict[int, tuple[int, int]] = {}

    def add(start: int, end: int, cents: int) -> None:
        if not any(start < other_end and other < end for other, (other_end, _) in found.items()):
            found[start] = (end, cents)

    for pattern in (_SIGNED, _with_unit()):
        for match in pattern.finditer(plain):
            extra, end = _cents_behind(plain, match.end())
            add(match.start(), end, _cents(match["number"], bool(match["k"])) + extra)
    for start, end, cents in _spelled(plain):
        add(start, end, cents)
    for match in _DECIMAL.finditer(plain):
        if not _not_money().match(plain, match.end()):
            add(match.start(), match.end(), _cents(match["number"], False))
    for match in _BARE.finditer(plain):
        meant = asked or match["k"] or _rate().match(plain, match.end())
        if meant and not _not_money().match(plain, match.end()):
            add(match.start(), match.end(), _cents(match["number"], bool(match["k"])))
    if asked and not found:
        for start, end, cents in _spelled(plain, bare=True):
            add(start, end, cents)
    return tuple(cents for _, (_, cents) in sorted(found.items()))


def dollars(cents: int) -> str:
    """Cents as they are said: 142000 is "$1,420.00", a credit "-$20.00"."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${whole:,}.{rest:02d}"


def _cents(number: str, thousands: bool) -> int:
    plain = re.sub(r"[, ](?=\d{3}(?:\D|$))", "", number).replace(",", ".")
    whole, _, rest = plain.partition(".")
    cents = int(whole) * 100 + int(rest.ljust(2, "0"))
    return cents * 1000 if thousands else cents


def _cents_behind(plain: str, place: int) -> tuple[int, int]:
    """ "… and 50 cents": the cents, and where they end."""
    match = _and_cents().match(plain, place)
    return (int(match["cents"]), match.end()) if match else (0, place)


def _spelled(plain: str, bare: bool = False) -> list[tuple[int, int, int]]:
    """Sums in words: "seventy five dollars", "a hundred bucks", "mil doscientos dolares"."""
    words = list(_WORD.finditer(plain))
    found: list[tuple[int, int, int]] = []
    index = 0
    while index < len(words):
        read = read_cardinal([word.group() for word in words[index : index + _LONGEST]])
        if read is None:
            index += 1
            continue
        value, used = read
        start, end = words[index].start(), words[index + used - 1].end()
        index += used
        unit = _unit_behind().match(plain, end)
        if not value or re.search(r"[.!?;\n\d]", plain[start:end]) or not (unit or bare or _rate().match(plain, end)):
            continue
        extra, last = _cents_behind(plain, unit.end()) if unit else (0, end)
        found.append((start, last, value * 100 + extra))
    return found


@cache
def _with_unit() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.,/\-$])(?P<number>{_NUMBER})(?P<k>\s?k)?\s?{load('amounts')['unit']}\b")


@cache
def _unit_behind() -> re.Pattern[str]:
    return re.compile(rf"\s*(?:de )?{load('amounts')['unit']}\b")


@cache
def _and_cents() -> re.Pattern[str]:
    return re.compile(rf"\s*(?:and|y|con|,)?\s*(?P<cents>\d{{1,2}})\s?{load('amounts')['cents']}(?!\w)")


@cache
def _rate() -> re.Pattern[str]:
    return re.compile(rf"\s*{load('amounts')['rate']}")


@cache
def _not_money() -> re.Pattern[str]:
    return re.compile(load("amounts")["not_money"])
