"""The codes of a card and its expiry: security code, PIN, month and year."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bedside.language.numerals import Numeral
from bedside.safety.redaction.cues import cues
from bedside.safety.redaction.protected import DATE
from bedside.safety.redaction.reading import AFTER, Reading, parted
from bedside.safety.redaction.spans import Index, Span
from bedside.safety.redaction.words import expression, word_set

_TERSE = 40  # characters of an answer that is only the number and what it is
_MONTH_YEAR = re.compile(
    r"(?<![\d/\-.])(?:0?[1-9]|1[0-2])\s?[/\-. ]\s?(?:20)?\d{2}(?![\d/]|[\-.]\d)|(?<!\d)(?:0[1-9]|1[0-2])\d{2}(?!\d)"
)
NAMED_MONTH_YEAR = (
    r"(?<![^\W_])(?:{months})[\s,.'/\-]{1,3}(?:(?:{of_year})\s)?(?:20)?[2-4]\d"
    r"(?![\d/]|[\-.]\d|{ordinals}|,?\s(?:19|20)\d\d)"
)
_PASSAGE = r"[\s/\-.]{1,3}|\s(?:{to_year})\s"  # between month and year
_CODE_BEHIND = r"[\s,;.\-/]{1,4}(?:(?:{and_code})\s)?(\d{3,4})(?![\d/]|[\-.:]\d|[\s\-]\d{3}[\s\-]\d|\s?(?:{prices}))"
_SAID_CODE = r"(?P<what>[^\W\d_]+)?\s?(?<![^\W\d_])(?:{code})\W{0,3}(?:(?:{code_is})\W{1,3}){0,2}$"
_COUNTED = r"\s?(?:{counted}|(?:[nsew]\.? )?(?:[^\W\d_]+ ){0,2}(?:{streets})\b)"
_NOT_OF_CARD = r"(?:{not_of_card})\W+(?:\w+\W+){0,2}$"


def find_codes(reading: Reading) -> Iterator[Span]:
    """Security code, PIN and expiry beside their words."""
    plain = reading.plain
    card_taken = any(span.kind == "card" for span in reading.taken)
    about_card = card_taken or reading.about("card", "cvv")
    expiries = list(_expiries(reading, about_card=about_card))
    yield from expiries
    over = Index(Span(span.start, span.end, "") for span in expiries)
    for chain in reading.chains(loose=False):
        for run in parted(reading, chain, "coded", "money", "phone"):
            window = _first_code([group for group in run if not over.over(group.start, group.end)])
            if window is None:
                continue
            start, end, digits = window
            if reading.is_taken(start, end) or expression(_COUNTED).match(plain, end):
                continue
            kind = reading.kind_of(start, end)
            if (about_card or len(plain) < _TERSE) and cues().on_back.match(plain[end : end + AFTER]):
                kind = "cvv"
            if card_taken and len(digits) in {3, 4} and _is_said_code(plain, start):
                kind = "cvv"
            if kind == "cvv" and len(digits) in {3, 4}:
                yield Span(start, end, "cvv")
            elif kind == "pin" and 4 <= len(digits) <= 8:
                yield Span(start, end, "pin")


def code_behind(reading: Reading, place: int, *, after_expiry: bool) -> Iterator[Span]:
    """The security code that stands at a place behind a card or, when `after_expiry`, behind its expiry."""
    code = expression(_CODE_BEHIND).match(reading.plain, place)
    if not code or (len(code[1]) != 3 and not after_expiry) or expression(_COUNTED).match(reading.plain, code.end(1)):
        return
    if not reading.protected.over(code.start(1), code.end(1)):
        yield Span(code.start(1), code.end(1), "cvv")


def _is_said_code(plain: str, start: int) -> bool:
    """ "… and the code is": only of a card, never "area code"."""
    found = expression(_SAID_CODE).search(plain[max(0, start - AFTER) : start])
    return bool(found and found["what"] not in word_set("other_codes"))


def _expiries(reading: Reading, *, about_card: bool) -> Iterator[Span]:
    """Month and year beside a word for expiry, where a card is spoken of or a code follows; and that code."""
    found = [
        *((one.start(), one.end()) for one in _MONTH_YEAR.finditer(reading.plain)),
        *((one.start(), one.end()) for one in DATE.finditer(reading.plain)),
        *((one.start(), one.end()) for one in expression(NAMED_MONTH_YEAR).finditer(reading.plain)),
        *_spoken_months(reading),
    ]
    # "03/29 cvv 737" says it behind.
    starts = [cue.start for cue in reading.cues if cue.kind == "cvv"]
    before_code = {
        start - marks
        for start in starts
        for marks in (1, 2, 3)
        if not reading.plain[start - marks : start].strip(" ,;/\n")
    }
    done = 0
    for start, end in sorted(found, key=lambda one: (one[0], -one[1])):
        if (
            start < done
            or reading.is_taken(start, end)
            or (reading.kind_of(start, end) != "expiry" and end not in before_code)
        ):
            continue
        cue = next(reading.cues_before(start), None)
        if cue and expression(_NOT_OF_CARD).search(reading.plain[max(0, cue.start - AFTER) : cue.start]):
            continue
        codes = list(code_behind(reading, end, after_expiry=False))
        if not about_card and not codes:
            continue
        done = end
        yield Span(start, end, "expiry")
        yield from codes


def _spoken_months(reading: Reading) -> Iterator[tuple[int, int]]:
    """ "twelve twenty seven", "12 del 27": month and year in groups of their own."""
    if not reading.about("expiry"):
        return
    groups = reading.groups
    for index, month in enumerate(groups[:-1]):
        if len(month.digits) > 2 or not 1 <= int(month.digits) <= 12:
            continue
        digits = ""
        for last in range(index + 1, min(index + 3, len(groups))):
            if not expression(_PASSAGE).fullmatch(reading.plain[groups[last - 1].end : groups[last].start]):
                break
            digits += groups[last].digits
            if re.fullmatch(r"(?:20)?[2-4]\d", digits) and digits != "20":
                yield month.start, groups[last].end


def _first_code(run: list[Numeral]) -> tuple[int, int, str] | None:
    """The code that a run of digits begins with: one group, or single digits said one by one."""
    if not run:
        return None
    if len(run[0].digits) >= 3:
        return run[0].start, run[0].end, run[0].digits
    end = 0
    while end < len(run) and len(run[end].digits) <= 2 and end < 8:
        end += 1
    digits = "".join(group.digits for group in run[:end])
    return (run[0].start, run[end - 1].end, digits) if 3 <= len(digits) <= 8 else None
