"""Numbers of banks: routing, account and international ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban
from stdnum.us import rtn

from bedside.language.numerals import Numeral
from bedside.safety.redaction.reading import AFTER, LINK, Reading, parted
from bedside.safety.redaction.spans import Span
from bedside.safety.redaction.words import expression, word_set

_SHORTEST_IBAN = 15  # characters
_NEAR_ROUTING = 40  # characters between a routing number and its account number
_IBAN = re.compile(r"(?<![^\W_])[a-z]{2}\d{2}(?:[ \-]?[a-z\d]{4}){2,7}(?:[ \-]?[a-z\d]{1,3})?(?![^\W_])")
_TOKEN = re.compile(r"[a-z\d]+")
_IBAN_BEFORE = r"\b(?:{iban})\b[^\d.!?]*$"
_BANKS = r"\b(?:{banks})\b"
_CLINICS = r"\b(?:{clinics})\b"


def find_ibans(reading: Reading) -> Iterator[Span]:
    """International bank numbers: right ones anywhere, mistyped ones beside their word."""
    for found in _IBAN.finditer(reading.plain):
        tokens = [(token.start() + found.start(), token.end() + found.start()) for token in _TOKEN.finditer(found[0])]
        ends = [end for _, end in reversed(tokens) if end - found.start() >= _SHORTEST_IBAN]
        end = next((end for end in ends if iban.is_valid(reading.plain[found.start() : end])), None)
        before = reading.plain[max(0, found.start() - AFTER) : found.start()]
        if end is None and expression(_IBAN_BEFORE).search(before):
            with_digits = [end for start, end in tokens if re.search(r"\d", reading.plain[start:end])]
            end = with_digits[-1]
        if end is not None:
            yield Span(found.start(), end, "bank_account")


def find_bank_numbers(reading: Reading) -> Iterator[Span]:
    """Routing and account numbers, where a bank is spoken of."""
    about_bank = reading.about("bank", "routing") or bool(expression(_BANKS).search(reading.plain))
    if not about_bank:
        return
    others: list[Span] = []
    routing: list[Span] = []
    for chain in reading.chains(loose=False):
        for run in parted(reading, chain, "coded", "money", "phone", "date"):
            for span in _bank_numbers_in(reading, run):
                yield span
                routing += [span] * (span.kind == "routing")
            if reading.kind_of(run[0].start, run[-1].end) == "account":
                others.append(Span(run[0].start, run[-1].end, "bank_account"))
    # "routing 021000021, account 8812345": short, but it stands with a bank's number.
    for span in others:
        for number in routing:
            between = reading.plain[min(number.end, span.end) : max(number.start, span.start)]
            digits = sum(map(str.isdecimal, reading.plain[span.start : span.end]))
            if len(between) <= _NEAR_ROUTING and not expression(_CLINICS).search(between) and digits >= 5:
                yield span


def _bank_numbers_in(reading: Reading, run: list[Numeral]) -> Iterator[Span]:
    digits = "".join(group.digits for group in run)
    start, end = run[0].start, run[-1].end
    kind = reading.kind_of(start, end)
    holds_routing = any(len(group.digits) == 9 and rtn.is_valid(group.digits) for group in run)
    if kind in {"routing", "bank"} and len(digits) > 12 and len(run) > 1 and (kind == "routing" or holds_routing):
        yield from _routing_then_account(run)
    elif kind == "routing" and 8 <= len(digits) <= 10:
        yield Span(start, end, "routing")
    elif kind == "bank" and (8 if _only_bank(reading, start) else 5) <= len(digits) <= 18:
        yield Span(start, end, "routing" if len(digits) == 9 and rtn.is_valid(digits) else "bank_account")
    elif kind == "account" and 8 <= len(digits) <= 18:
        yield Span(start, end, "bank_account")
    elif kind is None and len(digits) == 9 and rtn.is_valid(digits):
        yield Span(start, end, "routing")


def _only_bank(reading: Reading, place: int) -> bool:
    """Whether the word before a number is just "bank", or "checking" said of something else."""
    cue = next(reading.cues_before(place), None)
    if cue is None:
        return False
    word = reading.plain[cue.start : cue.end]
    loose = word in word_set("loosely_bank") and not expression(LINK).fullmatch(reading.plain[cue.end : place])
    return loose or word in word_set("only_bank")


def _routing_then_account(run: list[Numeral]) -> Iterator[Span]:
    """ "routing 021000021 000123456789": two numbers with nothing said between them."""
    for group in run:
        if len(group.digits) == 9:
            yield Span(group.start, group.end, "routing")
        elif len(group.digits) >= 5:
            yield Span(group.start, group.end, "bank_account")
