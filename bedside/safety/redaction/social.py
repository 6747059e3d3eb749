"""Full social security numbers, right and mistyped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise

from stdnum.us import ssn

from bedside.language.numerals import Numeral
from bedside.safety.redaction.cues import cues
from bedside.safety.redaction.reading import TIGHT, Reading, is_direct, parted
from bedside.safety.redaction.spans import Span

_SHORTEST_SOCIAL = 6  # digits of a mistyped one, "twenty one" counting as one
_RUN_ON = re.compile(r"(?<![\w\-])\d{3}-\d{2}-\d{4}(?:\d|-\d)[\d\-]*")  # an SSN with something glued to it


def find_social_security(reading: Reading) -> Iterator[Span]:
    """Numbers of nine digits, one with something glued to it, and mistyped ones beside their word."""
    for found in _RUN_ON.finditer(reading.plain):
        if not reading.is_taken(found.start(), found.end()):
            yield Span(found.start(), found.end(), "ssn")
    for chain in reading.chains(loose=True):
        if sum(len(group.digits) for group in chain) < _SHORTEST_SOCIAL:
            continue
        spans = list(_numbers_of_nine(reading, chain))
        yield from spans
        if not spans:
            yield from _mistyped(reading, chain)


def _numbers_of_nine(reading: Reading, chain: list[Numeral]) -> Iterator[Span]:
    offsets = [0, *accumulate(len(group.digits) for group in chain)]
    lasts = {offset: last for last, offset in enumerate(offsets[1:])}
    index = 0
    while index < len(chain):
        last = lasts.get(offsets[index] + 9)
        if last is None or not _is_social(reading, chain, index, last):
            index += 1
            continue
        yield Span(chain[index].start, chain[last].end, "ssn")
        index = last + 1


def _is_social(reading: Reading, chain: list[Numeral], first: int, last: int) -> bool:
    window = chain[first : last + 1]
    start, end = window[0].start, window[-1].end
    plain = reading.plain
    if last - first not in {0, 2} and not _is_whole(plain, chain, first, last):
        return False
    shape = tuple(len(group.digits) for group in window)
    if shape not in {(9,), (3, 2, 4)} and not _is_whole(plain, chain, first, last):
        return False
    gaps = [plain[before.end : after.start] for before, after in pairwise(window)]
    tight = all(map(TIGHT.fullmatch, gaps))
    if reading.protected.over(start, end, "coded", "money"):
        return False
    kind = reading.kind_of(start, end)
    dates = reading.protected.over(start, end, "date", "phone", "time", "pressure")
    if shape == (3, 2, 4) and not dates:
        if kind == "other" and not _is_valid(window):
            return False
        last_four = any(cues().counts.search(gap) for gap in gaps)
        return tight or kind == "ssn" or (_is_valid(window) and not last_four)
    if kind == "ssn" and not dates:
        return True
    if kind not in {None, "ssn", "account"} or dates or not tight or not _is_valid(window):
        return False
    if shape == (9,):
        return kind is None
    if shape == (3, 3, 3):  # "112 118 131" are three values
        return gaps[0].strip() in {"-", "."} and gaps[0].strip() == gaps[1].strip()
    if shape == (1,) * 9 and all(group.digits in "0123" for group in window):
        return False  # the nine answers of a questionnaire
    small = all(length <= 2 for length in shape)
    spelled = any(group.spelled for group in window)
    return small and (spelled or max(shape) == 1)


def _is_valid(window: list[Numeral]) -> bool:
    return bool(ssn.is_valid("".join(group.digits for group in window)))


def _is_whole(plain: str, chain: list[Numeral], first: int, last: int) -> bool:
    """Whether no further digits stand close on either side."""
    before = first > 0 and TIGHT.fullmatch(plain[chain[first - 1].end : chain[first].start])
    after = last + 1 < len(chain) and TIGHT.fullmatch(plain[chain[last].end : chain[last + 1].start])
    return not before and not after


def _mistyped(reading: Reading, chain: list[Numeral]) -> Iterator[Span]:
    """Eight, ten or eleven digits right beside a word for the SSN."""
    for run in parted(reading, chain, "coded", "money", "time"):
        digits = "".join(group.digits for group in run)
        start, end = run[0].start, run[-1].end
        # "twenty one" may have been 20 and 1.
        most = len(digits) + sum(group.spelled and group.digits[0] > "1" and len(group.digits) == 2 for group in run)
        if len(digits) > 11 or most < 8 or reading.kind_of(start, end) != "ssn":
            continue
        looks_otherwise = reading.protected.over(start, end, "phone", "date")
        if looks_otherwise and not is_direct(reading, start, end, "ssn"):
            continue
        yield Span(start, end, "ssn")
