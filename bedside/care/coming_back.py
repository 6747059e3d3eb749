"""Somebody was cut off and is back: nothing is told twice (BRIEF 3.9)."""

from __future__ import annotations

import re

from bedside.language.wordlists import fold, load, tidy

_SHORT = 30  # words: a longer message tells something of its own


def was_cut_off(text: str) -> bool:
    """Whether they say that the talk broke off, or ask whether all of it has to be told again."""
    if len(text.split()) > _SHORT:
        return False
    plain, lists = fold(tidy(text)), load("coming_back")
    return any(re.search(lists[what], plain) for what in ("cut_off", "all_again"))
