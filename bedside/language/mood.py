"""How the writer feels, from the words and the way they are written (R4, BRIEF 4)."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from bedside.language.wordlists import fold, load, tidy, word_set

Mood = Literal["calm", "anxious", "frustrated", "distressed", "grieving"]

_ENOUGH = 1.0
_SHOUTED_WORDS = 3
_SHOUTED_LETTERS = 10


def read_mood(text: str) -> Mood:
    """The feeling that the answer should follow; a plain request is calm.

    Grief goes before all, then distress; of fear and anger the one that is said more, and anger when both are said as
    often.
    """
    clean = tidy(text)
    plain = fold(clean)
    if _count("grieving", plain):
        return "grieving"
    heat = _heat(clean, plain)
    distress = _count("distressed", plain)
    if distress:
        return "distressed"
    anger, fear = float(_count("frustrated", plain)), float(_count("anxious", plain))
    if fear and heat < _ENOUGH and fear > anger:
        return "anxious"
    if anger + heat >= _ENOUGH and anger + heat >= fear:
        return "frustrated"
    return "anxious" if fear else "calm"


def _count(mood: str, plain: str) -> int:
    denied = _one("not")
    return sum(
        1
        for pattern in _feelings(mood)
        for found in pattern.finditer(plain)
        if not denied.search(plain[max(0, found.start() - 30) : found.start()])
    )


def _heat(clean: str, plain: str) -> float:
    """What capitals, strong words and marks say: 1 is anger by itself."""
    heat = float(len(_one("profanity").findall(plain)))
    heat += 0.5 * len(_one("mild").findall(plain))
    if _is_shouted(clean):
        heat += 0.5 if _one("courteous").search(plain) else 1.0
    elif _shouted_words(clean) >= 2:
        heat += 0.5
    if re.search(r"!\s?!|\?!|!\?", clean):
        heat += 0.5
    if re.search(r"\?\s?\?", clean):
        heat += 0.5
    if re.search(r"\b(\w{2,})(?:[\s,.!]+\1\b){2,}", plain):
        heat += 0.5
    return heat


def _shouted_words(clean: str) -> int:
    words = re.findall(r"[^\W\d_]{2,}(?:'[^\W\d_]+)?", clean)
    return sum(word.isupper() and fold(word) not in word_set("mood", "not_shouted") and len(word) > 2 for word in words)


def _is_shouted(clean: str) -> bool:
    """Mostly capitals, long enough not to be a name or an abbreviation."""
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", clean)
    letters = sum(map(len, words))
    upper = sum(len(word) for word in words if word.isupper())
    return len(words) > _SHOUTED_WORDS and letters >= _SHOUTED_LETTERS and upper > 0.7 * letters


@cache
def _feelings(mood: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in load("mood")[mood])


@cache
def _one(key: str) -> re.Pattern[str]:
    return re.compile(load("mood")[key])
