"""Words with their places in a message, and the longest known phrases among them.

This is what spaCy's PhraseMatcher does, in a few lines: the action server reads messages too, and runs without spaCy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bedside.language.wordlists import fold

Meaning = TypeVar("Meaning")

_TOKEN = re.compile(r"w/|[^\W_]+(?:'[^\W_]+)*")
_GLUED = re.compile(r"\S*[^\s@]@[^\s@]\S*|https?://\S+|www\.\S+", re.IGNORECASE)
_JOINS = re.compile(r"[\s\-/&+.\"]*")  # what may stand between two words of one phrase
_STOP = re.compile(r"[,;:!?()\n]|\.(?=\s|$)|\.\.|\s-+\s")
_END = ""  # no word
_ABBREVIATED = frozenset({"dr", "dra", "drs", "mr", "mrs", "ms", "st", "ave", "apt", "sr", "sra"})


@dataclass(frozen=True)
class Word:
    """One word in lower case without accents and without a possessive ending; `start` and `end` are its place."""

    text: str
    start: int
    end: int
    owns: bool  # "Soto's"
    after_stop: bool  # a comma, a full stop or the like stands before it
    joined: bool  # only space or a hyphen stands between it and the word before
    capital: bool


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a tidied text (`wordlists.tidy`); those inside mail addresses and links are left out."""
    plain = fold(text)
    if "@" in plain or "://" in plain or "www." in plain:
        plain = _GLUED.sub(lambda found: "\n" * len(found.group()), plain)
    found: list[Word] = []
    last = 0
    for token in _TOKEN.finditer(plain):
        word, start, end = token.group(), token.start(), token.end()
        owns = word.endswith("'s")
        word, end = (word[:-2], end - 2) if owns else (word, end)
        between = plain[last:start]
        if found and found[-1].text in _ABBREVIATED:
            between = between.removeprefix(".")
        stop = bool(_STOP.search(between))
        joined = bool(found) and not stop and _JOINS.fullmatch(between) is not None
        found.append(Word(word, start, end, owns, stop, joined, text[start].isupper()))
        last = token.end()
    return tuple(found)


def key_of(phrase: str) -> tuple[str, ...]:
    """A phrase of the lists as the words by which it is found."""
    return tuple(word.text for word in words_of(phrase))


@dataclass(frozen=True)
class Match(Generic[Meaning]):
    """A phrase found: the words from `first` on and before `last`, and all that it may mean."""

    first: int
    last: int
    meanings: tuple[Meaning, ...]


class Phrases(Generic[Meaning]):
    """Known phrases, each with one or more meanings."""

    def __init__(self, entries: Iterable[tuple[str, Meaning]]) -> None:
        """`entries`: a phrase as it is written, and what it means. The same phrase may be there several times."""
        meanings: dict[tuple[str, ...], list[Meaning]] = {}
        for phrase, meaning in entries:
            for key in _spellings(phrase):
                known = meanings.setdefault(key, [])
                if meaning not in known:
                    known.append(meaning)
        self.keys = frozenset(meanings)
        self._meanings = {key: tuple(what) for key, what in meanings.items()}
        self._next: dict[str, Any] = {}  # word after word to the end of each phrase
        for key in meanings:
            step = self._next
            for word in key:
                step = step.setdefault(word, {})
            step[_END] = key

    def meanings(self, key: tuple[str, ...]) -> tuple[Meaning, ...]:
        """What a phrase means; nothing when it isn't known."""
        return self._meanings.get(key, ())

    def find(self, words: Sequence[Word]) -> Iterator[Match[Meaning]]:
        """The longest phrase that begins at each word; phrases don't reach over a comma or a full stop."""
        for first, word in enumerate(words):
            step = self._next.get(word.text)
            if step is None:
                continue
            last, found = first + 1, step.get(_END)
            end = last
            while last < len(words) and words[last].joined:
                step = step.get(words[last].text)
                if step is None:
                    break
                last += 1
                if _END in step:
                    end, found = last, step[_END]
            if found:
                yield Match(first, end, self._meanings[found])


def _spellings(phrase: str) -> Iterator[tuple[str, ...]]:
    """The phrase, and with "kids" for "kid's"."""
    key = key_of(phrase)
    if key:
        yield key
    if "'s" in phrase:
        yield key_of(phrase.replace("'s", "s"))
