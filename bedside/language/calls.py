"""Asking to be called: that somebody wants it, in how long; and that they are at the wheel."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache

from bedside.language.numerals import read_cardinal
from bedside.language.wordlists import fold, load, tidy

LONGEST = timedelta(hours=24)
_WORD = re.compile(r"[\w']+")


def asks_for_call(text: str) -> bool:
    """Whether somebody asks to be called: "can she call in 20 minutes?", "que me llamen"."""
    plain = fold(tidy(text))
    if re.search(load("calls")["dont_call_me"], plain):
        return False
    return any(pattern.search(plain) for pattern in _patterns("call_me"))


def is_driving(text: str) -> bool:
    """Whether the writer says that they are driving now."""
    plain = fold(tidy(text))
    return any(pattern.search(plain) for pattern in _patterns("driving"))


def read_wait(text: str) -> timedelta | None:
    """How long from now: "in 20 minutes", "half an hour from now", "en media hora"; None when it is not said so."""
    plain = fold(tidy(text))
    for before in _before().finditer(plain):
        wait = _amount(plain[before.end() :].lstrip(), True)
        if wait is not None:
            return wait
    for after in re.finditer(rf"\b{load('calls')['wait_after']}\b", plain):
        words = plain[: after.start()].split()
        for length in range(min(5, len(words)), 0, -1):
            wait = _amount(" ".join(words[-length:]), False)
            if wait is not None:
                return wait
    return None


def _amount(rest: str, bare: bool) -> timedelta | None:
    """The length of time that `rest` begins with; `bare` lets "in 20" at the end mean minutes."""
    for phrase, minutes in sorted(load("calls")["halves"].items(), key=lambda entry: -len(entry[0])):
        if re.match(rf"{phrase}\b", rest):
            return timedelta(minutes=minutes)
    digits = re.match(r"(\d{1,3})(?:[-\s]+(?:to|or|a|o)[-\s]+(\d{1,3})|-(\d{1,3}))?(?![\d:/.])", rest)
    if digits:
        number, unit = int(digits[2] or digits[3] or digits[1]), rest[digits.end() :].lstrip()
    else:
        words = _WORD.findall(rest)[:4]
        read = read_cardinal(words)
        if read is None:
            return None
        number, unit = read[0], re.sub(r"^" + r"\W*".join(map(re.escape, words[: read[1]])), "", rest).lstrip()
    if re.match(load("calls")["minutes"], unit):
        wait = timedelta(minutes=number)
    elif re.match(load("calls")["hours"], unit):
        wait = timedelta(hours=number)
    elif bare and digits and (not unit or re.match(r"[.,;!?]|please|por favor|ok", unit)):
        wait = timedelta(minutes=number)
    else:
        return None
    return wait if timedelta(0) < wait <= LONGEST else None


@cache
def _before() -> re.Pattern[str]:
    return re.compile(rf"\b{load('calls')['wait_before']}\b(?=\s)")


@cache
def _patterns(key: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in load("calls")[key])
