"""What a message says about who is writing: name, date of birth, last four of the SSN, account number (BRIEF 3.2, R3).

All of it at once, in any order and format. Nothing here says whether it is right; that is `care.identity`'s work.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bedside.language.birth_dates import find_birth_dates, read_birth_dates
from bedside.language.names import first_name, is_full_name, name_key, names_match, read_name, split_name
from bedside.language.numerals import Numeral, numerals
from bedside.language.wordlists import fold, load, tidy

__all__ = [
    "Given",
    "first_name",
    "is_full_name",
    "name_key",
    "names_match",
    "read_account",
    "read_birth_dates",
    "read_identity",
    "read_last4",
    "read_name",
    "split_name",
]

_ACCOUNT = re.compile(
    r"(?<!\w)#?\s?(?P<letter>a)(?P<gap>[\s\-#:.]{0,3})(?P<digits>\d(?:[\s\-]?\d){6})(?![\s\-]?\d|\w|\.\d)"
)
_SEVEN = re.compile(r"(?<![\w\-$.])(\d(?:\s?\d){6})(?![\w\-]|\s?\d|\.\d)")
_SOLID_SEVEN = re.compile(r"(?<![\w\-$.])(\d{7})(?![\w\-]|[\s.]\d)")
_MONEY = re.compile(r"\$\s?\d[\d,]*(?:\.\d\d?)?|\b\d[\d,]*(?:\.\d\d)?\s?(?:dollars?|bucks|usd|dolares|pesos)\b")
_PHONE = re.compile(
    r"(?<!\d)(?:\+?1[\s.\-]?)?(?:\(\d{3}\)|\d{3})[\s.\-]*\d{3}[\s.\-]*\d{4}(?!\d)|(?<!\d)\d{3}[\s.\-]\d{4}(?!\d)"
)
_TIME = re.compile(r"\b\d{1,2}:\d\d\b|\b\d{1,4}\s?[ap]\.?m\b")
_NEAR = 40  # characters between a cue, or a date of birth, and its digits


@dataclass(frozen=True)
class Given:
    """What one message gave towards an identity; absent parts are None or empty."""

    name: str | None = None
    birth_dates: tuple[date, ...] = ()
    last4: str | None = None
    account: str | None = None


def read_identity(text: str, today: date, asked: Set[str], language: str = "en") -> Given:
    """Everything that the message gives, in any order.

    `asked` names the parts the last question asked for ("name", "birth_date", "third"); what was asked is read
    generously, the rest only when it is plain.
    """
    birth_dates = read_birth_dates(text, today, "birth_date" in asked, language)
    return Given(
        name=read_name(text, "name" in asked),
        birth_dates=birth_dates,
        last4=read_last4(
            text, "third" in asked, today=today, birth_date_asked="birth_date" in asked, language=language
        ),
        account=read_account(text, "third" in asked),
    )


def read_account(text: str, asked: bool = False) -> str | None:
    """An account number of the clinic as "A-1234567"; seven bare digits count beside a cue or when `asked`."""
    plain = fold(tidy(text))
    found = _find_account(plain, asked)
    return f"A-{found[0]}" if found else None


def read_last4(
    text: str,
    asked: bool,
    *,
    today: date | None = None,
    birth_date_asked: bool = False,
    language: str = "en",
) -> str | None:
    """The last four digits of the SSN, or None.

    Without `asked` they must stand behind a cue or beside a date of birth. Never part of a date, an amount, a telephone
    or an account number. `today` bounds the dates of birth that vouch for digits beside them; without it any year does.
    """
    plain = fold(tidy(text))
    generous = asked or birth_date_asked
    dates = [(found.start, found.end) for found in find_birth_dates(plain, today, generous, language)]
    taken = [(found.start, found.end) for found in find_birth_dates(plain, None, True, language)]
    taken += _other_spans(plain)
    account = _find_account(plain, False)
    if account:
        taken.append(account[1])
    candidates = [
        (start, end, digits)
        for start, end, digits in _fours(plain)
        if not any(start < stop and begin < end for begin, stop in taken)
    ]
    cued = [one for one in candidates if _cue_before(plain, one[0]) or _cue_after(plain, one[1])]
    if cued:
        return cued[0][2]
    free = [one for one in candidates if not _other_digits().search(plain[: one[0]])]
    beside = [
        one
        for one in free
        if any(0 <= one[0] - stop <= _NEAR or 0 <= begin - one[1] <= _NEAR // 4 for begin, stop in dates)
    ]
    if beside:
        return beside[0][2]
    distinct = {digits for _, _, digits in free}
    return distinct.pop() if asked and len(distinct) == 1 else None


def _find_account(plain: str, asked: bool) -> tuple[str, tuple[int, int]] | None:
    for found in _ACCOUNT.finditer(plain):
        glued = bool(found["gap"].strip()) or not found["gap"]
        if not glued and _phone_cues().search(plain[: found.start("letter")]):
            continue
        return re.sub(r"\D", "", found["digits"]), found.span()
    for found in _SEVEN.finditer(plain):
        if _account_cues().search(plain[: found.start()]):
            return re.sub(r"\D", "", found[1]), found.span()
    if asked:
        for found in _SOLID_SEVEN.finditer(plain):
            if not _other_digits().search(plain[: found.start()]) and not _phone_cues().search(plain[: found.start()]):
                return found[1], found.span()
    return None


def _other_spans(plain: str) -> list[tuple[int, int]]:
    return [found.span() for pattern in (_MONEY, _PHONE, _TIME) for found in pattern.finditer(plain)]


def _fours(plain: str) -> list[tuple[int, int, str]]:
    """Groups of exactly four digits: "3320", "4-0-5-1", "40 51", "four zero five one"."""
    found: list[tuple[int, int, str]] = []
    chain: list[Numeral] = []
    for group in [*numerals(plain), None]:
        if group and chain and _links(plain, chain[-1], group):
            chain.append(group)
            continue
        found += _four_of(plain, chain)
        chain = [group] if group else []
    return found


def _four_of(plain: str, chain: list[Numeral]) -> list[tuple[int, int, str]]:
    whole = [one for one in chain if len(one.digits) == 4 and _stands_alone(plain, one.start, one.end)]
    if whole:
        return [(one.start, one.end, one.digits) for one in whole]
    digits = "".join(one.digits for one in chain)
    if len(digits) > 4 and len(chain) > 1 and chain[0].digits in {"4"} and len(digits) == 5:
        chain, digits = chain[1:], digits[1:]  # "last four four zero five one"
    if len(digits) != 4 or not chain or not _stands_alone(plain, chain[0].start, chain[-1].end):
        return []
    short = all(len(one.digits) <= 2 for one in chain)
    return [(chain[0].start, chain[-1].end, digits)] if short else []


def _links(plain: str, before: Numeral, after: Numeral) -> bool:
    if len(before.digits) == 4 or len(after.digits) == 4:
        return False
    between = plain[before.end : after.start]
    return len(between) <= 3 and not between.strip(" -.,")


def _stands_alone(plain: str, start: int, end: int) -> bool:
    before, after = plain[max(0, start - 2) : start], plain[end : end + 2]
    glued_before = bool(re.search(r"[\w$]$|[\d][\-/.]$|[a-z]-$", before))
    glued_after = bool(re.match(r"\w|[\-/.,]\d|%", after))
    return not glued_before and not glued_after


def _cue_before(plain: str, start: int) -> bool:
    window = plain[max(0, start - _NEAR) : start]
    cues = list(_last4_cues().finditer(window))
    if not cues:
        return False
    between = window[cues[-1].end() :]
    return not re.search(r"\d{3}|[.!?;]\s", between) and not _other_digits().search(window)


def _cue_after(plain: str, end: int) -> bool:
    return bool(
        re.match(
            r"[\s,]*(?:is|are|es|son)?\s?(?:my|the|mi|los|mis)?\s?(?:last (?:4|four)|ssn?|social|ultimos)\b",
            plain[end:],
        )
    )


@lru_cache(maxsize=1)
def _last4_cues() -> re.Pattern[str]:
    return re.compile(load("identifiers")["last4_cues"])


@lru_cache(maxsize=1)
def _other_digits() -> re.Pattern[str]:
    return re.compile(load("identifiers")["other_digits"])


@lru_cache(maxsize=1)
def _account_cues() -> re.Pattern[str]:
    return re.compile(load("identifiers")["account_cues"])


@lru_cache(maxsize=1)
def _phone_cues() -> re.Pattern[str]:
    return re.compile(load("identifiers")["phone_cues"])
