"""Takes out what the clinic never asks for: full SSNs, payment cards and their codes, bank numbers (R3, BRIEF 3.2).

It runs before anything stores or logs a message. Telephone, claim, case, member and account numbers, dates, amounts and
the last four digits stay, because the work needs them.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from stdnum import luhn
from stdnum.us import rtn, ssn

from bedside.language.numerals import Numeral, numerals
from bedside.language.wordlists import fold, tidy

MARK = "[removed]"
_BEHIND = ("ssn", "cvv", "pin", "routing", "card", "phone", "other")  # kinds that are told behind the number
_BEFORE = 64  # characters before a number in which a word can say what it is
_AFTER = 48
_TERSE = 40  # characters of an answer that is only the number and what it is
_SHORTEST_CARD, _LONGEST_CARD = 13, 19  # digits
_GAP = 44  # characters between two pieces of one number
_TIGHT = re.compile(r"[\s\-._,/*:|()\u200b\u200c\u200d\ufeff\ufe0f\u20e3+]{0,4}")
_MONEY = re.compile(r"\$\s?\d[\d,]*(?:\.\d\d?)?|\b\d[\d,]*(?:\.\d\d)?\s?(?:dollars?|bucks|usd|dolares|cents)\b")
_PHONE = re.compile(
    r"(?<![\d.\-])(?:\+?1[\s.\-]?)?(?:\(\d{3}\)\s?|\d{3}[\s.\-])\d{3}[\s.\-]?\d{4}(?![\s.\-]?\d)|(?<!\d)\+1?\d{10}(?!\d)"
)
_TIME = re.compile(r"\b\d{1,2}:\d\d\b|\b\d{1,2}\s?[ap]\.?m\b")
_DATE = re.compile(
    r"(?<![\d/\-.])(?:(?:0?[1-9]|[12]\d|3[01])[/\-.](?:0?[1-9]|[12]\d|3[01])[/\-.](?:(?:19|20)\d{2}|\d{2})"
    r"|(?:19|20)\d{2}[/\-.]\d{1,2}[/\-.]\d{1,2})(?![\d/]|[\-.]\d)"
)
_PRESSURE = re.compile(r"(?<![\d/\-.])\d{2,3}\s?/\s?\d{2,3}(?!\s?[\d/]|[\-.]\d)")
_RUN_ON = re.compile(r"(?<![\w\-])\d{3}-\d{2}-\d{4}(?:\d|-\d)[\d\-]*")  # an SSN with something glued to it
_MONTH_YEAR = re.compile(
    r"(?<![\d/\-.])(?:0?[1-9]|1[0-2])\s?[/\-. ]\s?(?:20)?\d{2}(?![\d/]|[\-.]\d)|(?<!\d)(?:0[1-9]|1[0-2])\d{2}(?!\d)"
)
_LIKE_DIGITS = re.compile(r"(?<![^\W_])[\doil|]{4,}(?![a-z])")
_AS_DIGITS = str.maketrans("oil|", "0111")
_CODED = re.compile(r"(?<![^\W_])[a-z]{1,8}[\-#]?\d[\w\-]*|(?<![^\W_])\d+[a-z][\w\-]*|(?<![^\W_])[a-z]{1,6}-\d[\d\-]*")


@dataclass(frozen=True)
class Redacted:
    """The text that may be kept, and the kinds of what was taken out, in order, each once.

    Kinds: "ssn", "card", "cvv", "expiry", "pin", "routing", "bank_account".
    """

    text: str
    removed: tuple[str, ...]


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    kind: str

    def meets(self, start: int, end: int) -> bool:
        return self.start < end and start < self.end


class _Index:
    """Spans that do not overlap within a kind, found by place in logarithmic time."""

    def __init__(self, spans: Iterable[_Span]) -> None:
        self._spans: dict[str, list[_Span]] = {}
        for span in sorted(spans, key=lambda one: (one.start, one.end)):
            same = self._spans.setdefault(span.kind, [])
            if not same or same[-1].end <= span.start:
                same.append(span)
        self._ends = {kind: [span.end for span in spans] for kind, spans in self._spans.items()}

    def over(self, start: int, end: int, *kinds: str) -> list[_Span]:
        """The spans of these kinds (or any) that share a character with `start`..`end`."""
        found: list[_Span] = []
        for kind in kinds or tuple(self._spans):
            spans = self._spans.get(kind, [])
            for place in range(bisect_right(self._ends.get(kind, []), start), len(spans)):
                if spans[place].start >= end:
                    break
                found.append(spans[place])
        return found


class _Reading:
    """One message while it is read: its plain form, its groups of digits, what is protected, what goes.

    In `joined`, of the same length, the words that count digits ("the last four") are blank.
    """

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self.joined = _rules().counts.sub(lambda found: " " * len(found.group()), plain)
        self.groups = numerals(self.joined)
        self.protected = _Index(_protected(plain) if self.groups else ())
        self.taken: list[_Span] = []
        self._taken = _Index(())

    def take(self, spans: Iterable[_Span]) -> None:
        """Mark these to be removed."""
        self.taken.extend(spans)
        self._taken = _Index(self.taken)

    def is_taken(self, start: int, end: int) -> bool:
        return bool(self._taken.over(start, end))


def redact(text: str) -> Redacted:
    """The text without the numbers that nobody may keep; the same text when there are none."""
    original = unicodedata.normalize("NFC", text)
    plain = _plain(original)
    reading = _Reading(plain)
    if not reading.groups:
        return Redacted(text, ())
    for find in (_cards, _bank_numbers, _social_security, _codes):
        reading.take(list(find(reading)))
    if not reading.taken:
        return Redacted(text, ())
    spans = sorted(reading.taken, key=lambda span: span.start)
    pieces: list[str] = []
    done = 0
    for span in spans:
        if span.start < done:
            continue
        pieces += [original[done : span.start], MARK]
        done = span.end
    pieces.append(original[done:])
    return Redacted("".join(pieces), tuple(dict.fromkeys(span.kind for span in spans)))


def _plain(text: str) -> str:
    """Lower case without accents, digits of every script as ASCII, letters typed for digits mended; same length."""
    characters = list(fold(tidy(text)))
    for index, character in enumerate(characters):
        if not character.isascii() and character.isdecimal():
            characters[index] = str(unicodedata.decimal(character))
    plain = "".join(characters)
    return _LIKE_DIGITS.sub(_mended, plain)


def _mended(found: re.Match[str]) -> str:
    """Letters typed for digits ("4l11"), where most of the word is digits."""
    word = found.group()
    few = sum(not character.isdecimal() for character in word) * 3 <= len(word)
    return word.translate(_AS_DIGITS) if few else word


def _protected(plain: str) -> Iterator[_Span]:
    for kind, pattern in (
        ("money", _MONEY),
        ("phone", _PHONE),
        ("time", _TIME),
        ("date", _DATE),
        ("pressure", _PRESSURE),
    ):
        for found in pattern.finditer(plain):
            yield _Span(found.start(), found.end(), kind)
    for found in _CODED.finditer(plain):
        letters = re.match(r"[a-z]*", found.group())
        if letters and _rules().any_secret.fullmatch(letters.group()):
            continue
        yield _Span(found.start(), found.end(), "coded")


def _chains(reading: _Reading, *, loose: bool) -> Iterator[list[Numeral]]:
    """Groups of digits that may be one number: only marks between them, or, when `loose`, a few words of passage."""
    chain: list[Numeral] = []
    for group in reading.groups:
        if reading.is_taken(group.start, group.end):
            continue
        if chain and not _belongs(reading.joined[chain[-1].end : group.start], loose):
            yield chain
            chain = []
        chain.append(group)
    if chain:
        yield chain


def _belongs(gap: str, loose: bool) -> bool:
    if _TIGHT.fullmatch(gap):
        return True
    if not loose or len(gap) > _GAP or re.search(r"[$%!?]", gap):
        return False
    return all(word in _rules().inside for word in re.findall(r"[^\W\d_]+", gap))


def _cards(reading: _Reading) -> Iterator[_Span]:
    found: list[_Span] = []
    for chain in _chains(reading, loose=True):
        for run in _without(reading, chain, "coded", "money"):
            if sum(len(group.digits) for group in run) >= _SHORTEST_CARD - 1:
                found += _cards_in(reading, run)
    yield from found
    for card in found:
        yield from _behind_card(reading, card)


def _without(reading: _Reading, chain: list[Numeral], *kinds: str) -> Iterator[list[Numeral]]:
    """The chain, parted where a protected thing of these kinds stands."""
    run: list[Numeral] = []
    for group in chain:
        if not reading.protected.over(group.start, group.end, *kinds):
            run.append(group)
            continue
        if run:
            yield run
        run = []
    if run:
        yield run


def _cards_in(reading: _Reading, run: list[Numeral]) -> list[_Span]:
    digits = "".join(group.digits for group in run)
    start, end = run[0].start, run[-1].end
    kind = _kind_of(reading.plain, start, end)
    tight = all(_TIGHT.fullmatch(reading.plain[before.end : after.start]) for before, after in pairwise(run))
    mixture = _is_mixture(reading, run)
    network = _network(digits)
    plausible = kind == "card" or (network if not mixture else network and tight and kind is None)
    plausible = plausible or (tight and kind != "other" and not mixture)
    if plausible and _SHORTEST_CARD <= len(digits) <= _LONGEST_CARD and luhn.is_valid(digits) and len(set(digits)) > 1:
        return [_Span(start, end, "card")]
    spans = _card_windows(reading, run, mixed=kind == "card")
    if spans:
        return spans
    if kind == "card" and 12 <= len(digits) <= 20 and not mixture:
        return [_Span(start, end, "card")]
    if kind == "card":
        for solid in run:
            if 12 <= len(solid.digits) <= 20:
                return [_Span(solid.start, solid.end, "card")]
        return _fours_of_card(run)
    return []


def _card_windows(reading: _Reading, run: list[Numeral], *, mixed: bool) -> list[_Span]:
    """Cards of a known network among other numbers; with `mixed` also where a part looks like a telephone number."""
    sums = _LuhnSums("".join(group.digits for group in run))
    offsets = [0, *accumulate(len(group.digits) for group in run)]
    spans: list[_Span] = []
    index = 0
    while index < len(run):
        last = None
        if len(run[index].digits) > _LONGEST_CARD and _holds_card(sums, offsets[index], offsets[index + 1]):
            last = index
        for end in range(index, len(run)):
            length = offsets[end + 1] - offsets[index]
            if length > _LONGEST_CARD:
                break
            is_card = length >= _SHORTEST_CARD and sums.is_card(offsets[index], offsets[end + 1])
            if (
                is_card
                and not _cuts_protected(reading, run[index].start, run[end].end)
                and (mixed or not _is_mixture(reading, run[index : end + 1]))
            ):
                last = end
        if last is None:
            index += 1
            continue
        spans.append(_Span(run[index].start, run[last].end, "card"))
        index = last + 1
    return spans


class _LuhnSums:
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
        return (sums[end] - sums[start]) % 10 == 0 and _network(self.digits[start:end])


def _holds_card(sums: _LuhnSums, start: int, end: int) -> bool:
    return any(
        sums.is_card(first, first + length)
        for first in range(start, end - _SHORTEST_CARD + 1)
        for length in (13, 14, 15, 16, 19)
        if first + length <= end
    )


def _fours_of_card(run: list[Numeral]) -> list[_Span]:
    """A mistyped card beside other numbers: four groups of about four."""
    for index in range(len(run) - 3):
        window = run[index : index + 4]
        if sum(len(group.digits) for group in window) in {15, 16, 17} and all(
            3 <= len(group.digits) <= 5 for group in window
        ):
            return [_Span(window[0].start, window[-1].end, "card")]
    return []


def _network(digits: str) -> bool:
    """Whether number and length are those of a card network."""
    length, two, three, four = len(digits), int(digits[:2]), int(digits[:3]), int(digits[:4])
    if digits[0] == "4":
        return length in {13, 16, 19}
    if 51 <= two <= 55 or 2221 <= four <= 2720:
        return length == 16
    if two in {34, 37}:
        return length == 15
    if two in {36, 38, 39} or 300 <= three <= 305:
        return 14 <= length <= 19
    if two in {65, 62} or four == 6011 or 644 <= three <= 649 or 3528 <= four <= 3589:
        return 16 <= length <= 19
    return False


def _is_mixture(reading: _Reading, run: list[Numeral]) -> bool:
    """Whether the run is several things side by side, such as a telephone number and a date."""
    start, end = run[0].start, run[-1].end
    if len({reading.plain[before.end : after.start] for before, after in pairwise(run)}) <= 1:
        return False
    return any(
        start <= span.start and span.end <= end for span in reading.protected.over(start, end, "phone", "date", "time")
    )


def _cuts_protected(reading: _Reading, start: int, end: int) -> bool:
    return any(span.start < start or span.end > end for span in reading.protected.over(start, end, "phone", "date"))


def _behind_card(reading: _Reading, card: _Span) -> Iterator[_Span]:
    """Expiry and code typed right behind a card number: "… 1111 12/27 123"."""
    plain = reading.plain
    place = card.end
    expiry = re.compile(
        r"[\s,;.\-/]{1,4}((?:0?[1-9]|1[0-2])\s?[/\-]\s?(?:20)?\d{2}|(?:0[1-9]|1[0-2])[2-4]\d)(?![\d/]|[\-.]\d)"
    ).match(plain, place)
    if expiry:
        yield _Span(expiry.start(1), expiry.end(1), "expiry")
        place = expiry.end(1)
    code = re.compile(r"[\s,;.\-/]{1,4}(\d{3,4})(?![\d/]|[\-.:]\d|\s?(?:dollars|bucks|usd|dolares))").match(
        plain, place
    )
    if code and (len(code[1]) == 3 or expiry) and not reading.protected.over(code.start(1), code.end(1)):
        yield _Span(code.start(1), code.end(1), "cvv")


def _bank_numbers(reading: _Reading) -> Iterator[_Span]:
    plain = reading.plain
    about_bank = bool(_rules().cue("bank").search(plain) or _rules().cue("routing").search(plain))
    for chain in _chains(reading, loose=False):
        for run in _without(reading, chain, "coded", "money", "phone", "date"):
            digits = "".join(group.digits for group in run)
            start, end = run[0].start, run[-1].end
            kind = _kind_of(plain, start, end)
            if kind == "routing" and len(digits) > 12 and len(run) > 1:
                yield from _routing_then_account(run)
            elif kind == "routing" and 8 <= len(digits) <= 10:
                yield _Span(start, end, "routing")
            elif kind == "bank" and 5 <= len(digits) <= 17:
                yield _Span(start, end, "routing" if len(digits) == 9 and rtn.is_valid(digits) else "bank_account")
            elif kind == "account" and about_bank and 8 <= len(digits) <= 17:
                yield _Span(start, end, "bank_account")
            elif kind is None and about_bank and len(digits) == 9 and rtn.is_valid(digits):
                yield _Span(start, end, "routing")


def _routing_then_account(run: list[Numeral]) -> Iterator[_Span]:
    """ "routing 021000021 000123456789": two numbers with nothing said between them."""
    for group in run:
        if len(group.digits) == 9:
            yield _Span(group.start, group.end, "routing")
        elif len(group.digits) >= 5:
            yield _Span(group.start, group.end, "bank_account")


def _social_security(reading: _Reading) -> Iterator[_Span]:
    for found in _RUN_ON.finditer(reading.plain):
        if not reading.is_taken(found.start(), found.end()):
            yield _Span(found.start(), found.end(), "ssn")
    for chain in _chains(reading, loose=True):
        spans = list(_numbers_of_nine(reading, chain))
        yield from spans
        if not spans:
            yield from _mistyped(reading, chain)


def _numbers_of_nine(reading: _Reading, chain: list[Numeral]) -> Iterator[_Span]:
    index = 0
    while index < len(chain):
        taken = None
        total = 0
        for end in range(index, min(index + 9, len(chain))):
            total += len(chain[end].digits)
            if total >= 9:
                if total == 9 and _is_social(reading, chain, index, end):
                    taken = end
                break
        if taken is None:
            index += 1
            continue
        yield _Span(chain[index].start, chain[taken].end, "ssn")
        index = taken + 1


def _is_social(reading: _Reading, chain: list[Numeral], first: int, last: int) -> bool:
    window = chain[first : last + 1]
    start, end = window[0].start, window[-1].end
    plain = reading.plain
    gaps = [plain[before.end : after.start] for before, after in pairwise(window)]
    tight = all(map(_TIGHT.fullmatch, gaps))
    shape = tuple(len(group.digits) for group in window)
    if reading.protected.over(start, end, "coded", "money"):
        return False
    kind = _kind_of(plain, start, end)
    dates = reading.protected.over(start, end, "date", "phone", "time", "pressure")
    if shape == (3, 2, 4) and not dates:
        if kind == "other" and not _is_valid(window):
            return False
        last_four = any(_rules().counts.search(gap) for gap in gaps)
        return tight or kind == "ssn" or (_is_valid(window) and not last_four)
    if kind == "ssn" and not dates:
        return _is_whole(plain, chain, first, last) or shape == (9,)
    if kind not in {None, "ssn", "account"} or dates or not tight or not _is_valid(window):
        return False
    if shape == (9,):
        return kind is None
    if shape == (3, 3, 3):
        return len({gap.strip() or " " for gap in gaps}) == 1 and _is_whole(plain, chain, first, last)
    if shape == (1,) * 9 and all(group.digits in "0123" for group in window):
        return False  # the nine answers of a questionnaire
    small = all(length <= 2 for length in shape)
    spelled = any(group.spelled for group in window)
    return small and (spelled or max(shape) == 1) and _is_whole(plain, chain, first, last)


def _is_valid(window: list[Numeral]) -> bool:
    return bool(ssn.is_valid("".join(group.digits for group in window)))


def _is_whole(plain: str, chain: list[Numeral], first: int, last: int) -> bool:
    """Whether no further digits stand close on either side."""
    before = first > 0 and _TIGHT.fullmatch(plain[chain[first - 1].end : chain[first].start])
    after = last + 1 < len(chain) and _TIGHT.fullmatch(plain[chain[last].end : chain[last + 1].start])
    return not before and not after


def _mistyped(reading: _Reading, chain: list[Numeral]) -> Iterator[_Span]:
    """Eight, ten or eleven digits right beside a word for the SSN."""
    plain = reading.plain
    for run in _without(reading, chain, "coded", "money", "time"):
        digits = "".join(group.digits for group in run)
        start, end = run[0].start, run[-1].end
        # "twenty one" may have been 20 and 1.
        most = len(digits) + sum(group.spelled and group.digits[0] > "1" and len(group.digits) == 2 for group in run)
        if len(digits) > 11 or most < 8 or _kind_of(plain, start, end) != "ssn":
            continue
        looks_otherwise = reading.protected.over(start, end, "phone", "date")
        if looks_otherwise and not _is_direct(plain, start, end, "ssn"):
            continue
        yield _Span(start, end, "ssn")


def _codes(reading: _Reading) -> Iterator[_Span]:
    """Security code, PIN and expiry beside their words."""
    plain = reading.plain
    about_card = any(span.kind == "card" for span in reading.taken) or bool(_rules().cue("card").search(plain))
    for chain in _chains(reading, loose=False):
        for run in _without(reading, chain, "coded", "money", "phone"):
            window = _first_code(run)
            if window is None:
                continue
            start, end, digits = window
            if reading.is_taken(start, end):
                continue
            kind = _kind_of(plain, start, end)
            if (about_card or len(plain) < _TERSE) and _rules().on_back.match(plain[end : end + _AFTER]):
                kind = "cvv"
            if kind == "cvv" and len(digits) in {3, 4}:
                yield _Span(start, end, "cvv")
            elif kind == "pin" and 4 <= len(digits) <= 8:
                yield _Span(start, end, "pin")
    if about_card:
        for found in _MONTH_YEAR.finditer(plain):
            if (
                not reading.is_taken(found.start(), found.end())
                and _kind_of(plain, found.start(), found.end()) == "expiry"
            ):
                yield _Span(found.start(), found.end(), "expiry")


def _first_code(run: list[Numeral]) -> tuple[int, int, str] | None:
    """The code that a run of digits begins with: one group, or single digits said one by one."""
    if len(run[0].digits) >= 3:
        return run[0].start, run[0].end, run[0].digits
    end = 0
    while end < len(run) and len(run[end].digits) <= 2 and end < 8:
        end += 1
    digits = "".join(group.digits for group in run[:end])
    return (run[0].start, run[end - 1].end, digits) if 3 <= len(digits) <= 8 else None


def _kind_of(plain: str, start: int, end: int) -> str | None:
    """What the words beside a number say it is.

    Those behind it when they speak of it ("… is my social") or nothing is said before it; else the nearest before.
    """
    before = _cue_before(plain, start)
    behind = _rules().behind.match(plain[end : end + _AFTER])
    if behind:
        speaks = behind["verb"] or (
            before is None and not re.match(r"\W*(?:\w+\W+)?\d", plain[end + behind.end() : end + behind.end() + 24])
        )
        if speaks:
            return next((kind for kind in _BEHIND if behind[f"is_{kind}"]), before)
    return before


def _cue_before(plain: str, start: int) -> str | None:
    window = plain[max(0, start - _BEFORE) : start]
    nearest: tuple[int, int, str] | None = None
    for found in _rules().any_cue.finditer(window):
        kind = str(found.lastgroup)
        if re.search(r"[.!?;\n][^\d]*\d[^\d]*$", window[found.end() :]):
            continue
        if nearest is None or found.end() >= nearest[0]:
            nearest = (found.end(), found.start(), kind)
    if nearest is None:
        return None
    kind = nearest[2]
    between = window[nearest[0] :]
    if kind in {"cvv", "pin", "expiry"} and not _rules().between.match(between):
        return None
    if kind == "account" and re.search(r"(?:bank|checking|savings)\W*(?:\w+\W+)?$", window[: nearest[1]]):
        return "bank"
    return kind


def _is_direct(plain: str, start: int, end: int, kind: str) -> bool:
    window = plain[max(0, start - _BEFORE) : start]
    cues = list(_rules().cue(kind).finditer(window))
    last = cues[-1] if cues else None
    if last and re.fullmatch(
        r"[\s:#=,\-]*(?:(?:number|num|no|is|it'?s|es|numero|#)[\s:#=,\-.]*){0,3}", window[last.end() :]
    ):
        return True
    behind = _rules().behind.match(plain[end : end + _AFTER])
    return bool(behind and behind.group(f"is_{kind}"))


class _Rules:
    """The words of `redaction.yml`, compiled."""

    def __init__(self, lists: dict[str, Any]) -> None:
        cues: dict[str, str] = dict(lists["cues"])
        self._cues = {kind: re.compile(rf"(?<![^\W\d_])(?:{pattern})(?![^\W\d_])") for kind, pattern in cues.items()}
        order = ("cvv", "ssn", "routing", "bank", "pin", "expiry", "card", "phone", "dob", "other", "account")
        named = "|".join(f"(?P<{kind}>{cues[kind]})" for kind in order)
        self.any_cue = re.compile(rf"(?<![^\W\d_])(?:{named})(?![^\W\d_])")
        said = "|".join(f"(?P<is_{kind}>{cues[kind]})" for kind in _BEHIND)
        self.behind = re.compile(rf"{lists['behind']}(?:{said})(?![^\W\d_])")
        secrets = "|".join(cues[kind] for kind in ("ssn", "card", "cvv", "pin", "routing", "bank", "expiry"))
        self.any_secret = re.compile(rf"(?:{secrets}|n|no|num|number|is|es|numero)?")
        self.counts = re.compile(lists["counts"])
        self.on_back = re.compile(lists["on_back"])
        self.between = re.compile(lists["between"])
        self.inside = frozenset(str(lists["inside"]).split())

    def cue(self, kind: str) -> re.Pattern[str]:
        """The words of one kind."""
        return self._cues[kind]


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    with (Path(__file__).parent / "redaction.yml").open(encoding="utf-8") as file:
        return _Rules(YAML(typ="safe").load(file))
