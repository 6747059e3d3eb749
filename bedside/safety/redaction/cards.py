"""Payment cards, whole, mistyped or half masked, and what is typed right behind them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate, pairwise

from stdnum import luhn

from bedside.language.numerals import Numeral
from bedside.safety.redaction.card_numbers import LONGEST_CARD, SHORTEST_CARD, LuhnSums, holds_card, is_network
from bedside.safety.redaction.codes import NAMED_MONTH_YEAR, code_behind
from bedside.safety.redaction.reading import TIGHT, Reading, parted
from bedside.safety.redaction.spans import Span
from bedside.safety.redaction.words import expression

_MASKED = re.compile(r"(?<![^\W_])[\dx*\u2022]{2,}(?:[ .\-]{1,3}[\dx*\u2022]{2,})*(?![^\W_])")
_CARD_SHAPES = re.compile(r"\d{13,19}|(?:4 ){3}[1-7]?|4 6 [45]|(?:4 ){2,3}\d|(?:1 )+|(?:5 ){3}|4 4 4 4 3|6 \d{1,2}|8 8")
_EXPIRY_BEHIND = (
    r"[\s,;.\-/]{1,4}(?:(?:{and_expiry})\s)?"
    rf"((?:0?[1-9]|1[0-2])\s?[/\-]\s?(?:20)?\d{{2}}|(?:0[1-9]|1[0-2])[2-4]\d|{NAMED_MONTH_YEAR})"
    r"(?!\d|/(?:\d{1,2}|\d{4})(?!\d)|[\-.]\d)"
)


def find_masked_cards(reading: Reading) -> Iterator[Span]:
    """Cards of which twelve digits or more are still to be read: "4111 1111 1111 xxxx"."""
    for found in _MASKED.finditer(reading.plain):
        digits = sum(map(str.isdecimal, found.group()))
        masks = sum(character in "x*\u2022" for character in found.group())
        if masks < 2 or digits < SHORTEST_CARD - 1 or not SHORTEST_CARD <= digits + masks <= LONGEST_CARD:
            continue
        if not reading.protected.over(found.start(), found.end(), "phone", "date"):
            yield Span(found.start(), found.end(), "card")


def find_cards(reading: Reading) -> Iterator[Span]:
    """Cards in one piece or in groups, right or mistyped; with what is typed right behind them."""
    found: list[Span] = []
    for chain in reading.chains(loose=True):
        if sum(len(group.digits) for group in chain) < SHORTEST_CARD - 1:
            continue
        for run in parted(reading, chain, "coded", "money"):
            if sum(len(group.digits) for group in run) >= SHORTEST_CARD - 1:
                found += _cards_in(reading, run)
    yield from found
    for card in found:
        yield from _behind_card(reading, card)


def _cards_in(reading: Reading, run: list[Numeral]) -> list[Span]:
    digits = "".join(group.digits for group in run)
    start, end = run[0].start, run[-1].end
    kind = reading.kind_of(start, end)
    if kind in {"cvv", "expiry", "pin"}:
        kind = "card"  # "the long number on the front is …"
    tight = all(TIGHT.fullmatch(reading.plain[before.end : after.start]) for before, after in pairwise(run))
    mixture = _is_mixture(reading, run)
    network = is_network(digits)
    plausible = kind == "card" or (network if not mixture else network and tight and kind is None)
    shape = _CARD_SHAPES.fullmatch(digits if len(run) == 1 else _shape(run))
    plausible = plausible or (tight and shape is not None and kind != "other" and not mixture)
    if plausible and SHORTEST_CARD <= len(digits) <= LONGEST_CARD and luhn.is_valid(digits) and len(set(digits)) > 1:
        return [Span(start, end, "card")]
    spans = _card_windows(reading, run, mixed=kind == "card")
    if spans:
        return spans
    if kind == "card" and 12 <= len(digits) <= 20 and not mixture:
        return [Span(start, end, "card")]
    if kind is None and tight and shape and network and not mixture and reading.about("card", "cvv", "expiry"):
        return [Span(start, end, "card")]
    if kind == "card":
        for solid in run:
            if 12 <= len(solid.digits) <= 20:
                return [Span(solid.start, solid.end, "card")]
        return _fours_of_card(run)
    return []


def _shape(run: list[Numeral]) -> str:
    """ "4 4 4 4" for a card as it is printed."""
    lengths = [len(group.digits) for group in run]
    return " ".join(map(str, lengths)) + " " * (len(set(lengths)) == 1)


def _card_windows(reading: Reading, run: list[Numeral], *, mixed: bool) -> list[Span]:
    """Cards of a known network among other numbers; with `mixed` also where a part looks like a telephone number."""
    sums = LuhnSums("".join(group.digits for group in run))
    offsets = [0, *accumulate(len(group.digits) for group in run)]
    spans: list[Span] = []
    index = 0
    while index < len(run):
        last = None
        if run[index].digits[0] not in "23456" and len(run[index].digits) <= LONGEST_CARD:
            index += 1  # no network begins so
            continue
        if len(run[index].digits) > LONGEST_CARD and holds_card(sums, offsets[index], offsets[index + 1]):
            last = index
        for end in range(bisect_left(offsets, offsets[index] + SHORTEST_CARD) - 1, len(run)):
            if offsets[end + 1] - offsets[index] > LONGEST_CARD:
                break
            if (
                sums.is_card(offsets[index], offsets[end + 1])
                and not _cuts_protected(reading, run[index].start, run[end].end)
                and (mixed or not _is_mixture(reading, run[index : end + 1]))
            ):
                last = end
        if last is None:
            index += 1
            continue
        spans.append(Span(run[index].start, run[last].end, "card"))
        index = last + 1
    return spans


def _fours_of_card(run: list[Numeral]) -> list[Span]:
    """A mistyped card beside other numbers: four groups of about four."""
    for index in range(len(run) - 3):
        window = run[index : index + 4]
        if sum(len(group.digits) for group in window) in {15, 16, 17} and all(
            3 <= len(group.digits) <= 5 for group in window
        ):
            return [Span(window[0].start, window[-1].end, "card")]
    return []


def _is_mixture(reading: Reading, run: list[Numeral]) -> bool:
    """Whether the run is several things side by side, such as a telephone number and a date."""
    start, end = run[0].start, run[-1].end
    if len({reading.plain[before.end : after.start] for before, after in pairwise(run)}) <= 1:
        return False
    return any(
        start <= span.start and span.end <= end for span in reading.protected.over(start, end, "phone", "date", "time")
    )


def _cuts_protected(reading: Reading, start: int, end: int) -> bool:
    return any(span.start < start or span.end > end for span in reading.protected.over(start, end, "phone", "date"))


def _behind_card(reading: Reading, card: Span) -> Iterator[Span]:
    """Expiry and code typed right behind a card number: "… 1111 12/27 123"."""
    place = card.end
    expiry = expression(_EXPIRY_BEHIND).match(reading.plain, place)
    if expiry:
        yield Span(expiry.start(1), expiry.end(1), "expiry")
        place = expiry.end(1)
    yield from code_behind(reading, place, after_expiry=expiry is not None)
