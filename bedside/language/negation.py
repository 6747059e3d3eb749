"""Whether a message rules out what it names: "anyone but Dr. Lowe", "not the Harbor one" (BRIEF 3.3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from bedside.language.phrases import Word
from bedside.language.wordlists import load

Span = tuple[int, int]
"""Words of the message: from the first on and before the last."""

_PREPOSITIONS = frozenset({"por", "con", "en", "de"})
_BREAKS = frozenset({"but", "pero", "because", "porque", "sino"})  # a clause may end here without a comma


def negated(words: Sequence[Word], span: Span, *, owned: bool) -> bool:
    """Whether the words before or behind the span deny it, in the same clause.

    `owned`: it is something that one has, so that "I don't have Aetna" denies it; nobody rules a dentist out with that.
    """
    before = _before(words, span[0])
    excepted = _pattern("except").search(before)
    if excepted:
        return not re.search(_lists()["negative"], _own_clause(before[: excepted.start("cue")])) and not re.match(
            r"no|nothing|none|nadie", excepted["cue"]
        )
    denied = _pattern("plain").search(before)
    if denied and (owned or not re.search(r" (?:have|having|tengo|tener|tenemos) ", denied.group())):
        return True
    if before.endswith(" no ") and words[span[0]].text in _PREPOSITIONS:
        return True  # "no por video"; "no the harbor one" may be a correction
    return re.match(_lists()["after"], _after(words, span[1])) is not None


def continues(words: Sequence[Word], first: Span, second: Span) -> bool:
    """Whether only "or", "and", "nor" and small words stand between two spans: what denies one denies both."""
    between = words[first[1] : second[0]]
    told = " ".join(word.text for word in between)
    if not told:
        return False
    joins, filler = _lists()["join"], _lists()["filler"]
    return re.fullmatch(rf"{joins}(?: {filler})*", told) is not None


def _before(words: Sequence[Word], at: int) -> str:
    """The words of the clause before the span, with a space on both sides."""
    first = at
    while first > 0 and not words[first].after_stop:
        first -= 1
    if first == at:
        return ""
    return " " + " ".join(word.text for word in words[first:at]) + " "


def _own_clause(before: str) -> str:
    """The last clause of words without a comma."""
    told = before.split()
    for place in range(len(told) - 1, -1, -1):
        if told[place] in _BREAKS:
            return " ".join(told[place + 1 :])
    return before


def _after(words: Sequence[Word], at: int) -> str:
    last = at
    while last < len(words) and not words[last].after_stop:
        last += 1
    return " " + " ".join(word.text for word in words[at:last])


@cache
def _pattern(name: str) -> re.Pattern[str]:
    cues = "|".join(_lists()[name])
    return re.compile(rf"(?<= )(?P<cue>{cues}) (?:{_lists()['filler']} )*$")


def _lists() -> dict[str, Any]:
    lists: dict[str, Any] = load("clinic")["negation"]
    return lists
