"""What can be read off a complaint: what it is about, where, whether somebody is hurt, whether the words bring anything
new (BRIEF 3.6). Recall comes first: a flag too many costs a supervisor a minute (R6)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from bedside.language.wordlists import fold, load, tidy

LONG_WORDS = 15  # a longer message tells something, whatever else it says
_BEFORE = 40  # characters in which a denial counts


def kinds_in(text: str) -> frozenset[str]:
    """What a message complains of, beyond the service: legal, injury, safety, clinical_staff, discrimination, privacy,
    grievance, media, threat."""
    plain = _plain(text)
    return frozenset(kind for kind in load("complaints")["kinds"] if _found(_kind(kind), plain))


def is_hurt(text: str) -> bool | None:
    """Whether somebody was or is hurt; False when they say that nobody is, None when nothing is told of it."""
    plain = _plain(text)
    if _one("unhurt").search(plain):
        return False
    return True if _one("hurt").search(plain) else None


def wants_no_name(text: str) -> bool:
    """Whether somebody wants to stay unnamed."""
    return bool(_one("anonymous").search(_plain(text)))


def wants_no_call(text: str) -> bool:
    """Whether somebody wants nobody to call them."""
    return bool(_one("no_call").search(_plain(text)))


def is_bait(text: str) -> bool:
    """Whether a message is distrust, an insult or bait, and tells nothing of what happened."""
    plain = _plain(text)
    return len(plain.split()) < LONG_WORDS and bool(_one("bait").search(plain))


def is_finished(text: str) -> bool:
    """Whether somebody says that they have told it all."""
    return bool(_one("no_more").match(_plain(text)))


def is_own_matter(text: str) -> bool:
    """Whether a message about a bill also complains of how they were treated, beyond calls that were not returned."""
    return bool(_one("own_matter").search(_plain(text)) or kinds_in(text))


def read_place(text: str, locations: Iterable[str]) -> str | None:
    """Where it happened: a location of the clinic, a spot such as the lobby or the telephone, or both; else None."""
    plain = _plain(text)
    named = [name for name in locations if re.search(rf"\b{re.escape(fold(name))}\b", plain)]
    spots = [spot for spot, pattern in load("complaints")["spots"].items() if re.search(pattern, plain)]
    return ", ".join([*named[:1], *spots[:1]]) or None


def _found(pattern: re.Pattern[str], plain: str) -> bool:
    denied = _one("denied")
    return any(not denied.search(plain[max(0, one.start() - _BEFORE) : one.start()]) for one in pattern.finditer(plain))


def _plain(text: str) -> str:
    return re.sub(r"\bdr\.", "dr", fold(tidy(text)).strip())  # its point ends no sentence


@cache
def _kind(kind: str) -> re.Pattern[str]:
    return re.compile(load("complaints")["kinds"][kind])


@cache
def _one(key: str) -> re.Pattern[str]:
    return re.compile(load("complaints")[key])
