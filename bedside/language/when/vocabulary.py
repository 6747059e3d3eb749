"""The words of `words/when.yml`, in the shape in which they are looked up."""

from __future__ import annotations

import re
from functools import cache

from rapidfuzz.distance import OSA

from bedside.language.wordlists import fold, load, word_set

_PIECE = re.compile(r"[^\W_]+(?:'[^\W\d_]*)*|[^\w\s]")


@cache
def phrase_symbols() -> dict[tuple[str, ...], str]:
    """What each phrase stands for in the grammar, by its words; a holiday for "H" and its number."""
    table: dict[tuple[str, ...], str] = {}
    lists = load("when")
    for symbol, phrases in lists["phrases"].items():
        for phrase in phrases:
            table[_spell(str(phrase))] = str(symbol)
    for index, phrases in enumerate(lists["anchors"].values()):
        for phrase in phrases:
            table[_spell(str(phrase))] = f"H{index}"
    return table


def _spell(phrase: str) -> tuple[str, ...]:
    return tuple(_PIECE.findall(fold(phrase)))


@cache
def longest_from() -> dict[str, int]:
    """How many words the longest phrase has, by its first word."""
    longest: dict[str, int] = {}
    for phrase in phrase_symbols():
        longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
    return longest


@cache
def weekday_names() -> dict[str, int]:
    """Weekdays from 0 (Monday) by their names."""
    return {word: day for day, words in enumerate(load("when")["weekdays"]) for word in words.split()}


@cache
def month_names() -> dict[str, int]:
    """Months from 1 by their names."""
    extra = {word: month for word, month in load("when")["months_extra"].items() if month}
    return {**load("birth_dates")["months"], **extra}


@cache
def expression(key: str) -> re.Pattern[str]:
    """One of the regular expressions of the list."""
    return re.compile(load("when")[key])


@cache
def masks() -> tuple[re.Pattern[str], ...]:
    """The stretches of text whose numbers are no dates or times."""
    return tuple(re.compile(mask) for mask in load("when")["masks"])


@cache
def lead_in(key: str) -> re.Pattern[str]:
    """Phrases ("gone", "held") up to the word that follows them."""
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(load('when')[key])})\s+(?=[^\W_])")


@cache
def misspelled(word: str) -> str | None:
    """The weekday or month ("W1", "M10") that an unknown word comes close to."""
    known = word in word_set("ordinary", "words") or word in word_set("names", "given")
    if len(word) < 5 or known or not word.isascii():
        return None
    for names, letter in ((weekday_names(), "W"), (month_names(), "M")):
        for name, value in names.items():
            allowed = 2 if len(name) >= 8 and len(word) >= 7 else 1
            if len(name) >= 6 and name[0] == word[0] and OSA.distance(word, name, score_cutoff=allowed) <= allowed:
                return f"{letter}{value}"
    if any(OSA.distance(word, name, score_cutoff=1) <= 1 for name in ("tomorrow", "tommorrow")):
        return "tomorrow"
    return None
