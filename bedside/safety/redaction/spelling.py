"""The text as it is meant: letters typed for digits, misspelled and joined words put right."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bedside.language.wordlists import fold, tidy
from bedside.safety.redaction.cues import cues
from bedside.safety.redaction.words import expression, word_set, words_of

_LIKE_DIGITS = re.compile(r"(?<![^\W_])[\doil|]{4,}(?![a-z])")
_AS_DIGITS = str.maketrans("oil|", "0111")
_LETTERED = re.compile(  # "4OOO OOOO OOOO OOO2", "536-9O-4399"
    r"(?<![^\W_])(?:[\doil|]{4}[ \-.]){3}[\doil|]{4}(?![^\W_])"
    r"|(?<![^\W_])[\doil|]{3}[ \-.][\doil|]{2}[ \-.][\doil|]{4}(?![^\W_])"
)
_WORD = re.compile(r"[^\W\d_]{3,20}")
_GLUED = r"({joined_before})?({joined})({joined_behind})?"


def plain_of(text: str) -> str:
    """Lower case without accents, digits of every script as ASCII, letters typed for digits mended; same length."""
    characters = list(fold(tidy(text)))
    for index, character in enumerate(characters):
        if not character.isascii() and character.isdecimal():
            characters[index] = str(unicodedata.decimal(character))
    plain = _LIKE_DIGITS.sub(_mended, "".join(characters))
    return _LETTERED.sub(
        lambda found: found.group().translate(_AS_DIGITS) if any(map(str.isdecimal, found.group())) else found.group(),
        plain,
    )


def _mended(found: re.Match[str]) -> str:
    """Letters typed for digits ("4l11"), where most of the word is digits."""
    word = found.group()
    few = sum(not character.isdecimal() for character in word) * 3 <= len(word)
    return word.translate(_AS_DIGITS) if few else word


class Mended:
    """A text in which misspelled and joined words are put right, and the way back to the places of the first text."""

    def __init__(self, plain: str) -> None:
        pieces: list[str] = []
        self._here, self._there = [0], [0]
        done = length = 0
        for found in _WORD.finditer(plain):
            word = _right_word(found.group())
            if word == found.group():
                continue
            pieces += [plain[done : found.start()], word]
            length += found.start() - done + len(word)
            done = found.end()
            self._here.append(length)
            self._there.append(done)
        pieces.append(plain[done:])
        self.text = "".join(pieces)

    def origin(self, place: int) -> int:
        """Where a place that is not inside a mended word was before."""
        index = bisect_right(self._here, place) - 1
        return self._there[index] + place - self._here[index]


@lru_cache(maxsize=8192)
def _right_word(word: str) -> str:
    """The word meant, for the words that say what a number is; the same word for all others."""
    rules = cues()
    if word in rules.mistyped:
        return rules.mistyped[word]
    glued = expression(_GLUED).fullmatch(word)
    if glued:
        return " ".join(part for part in glued.groups() if part)
    if len(word) < 5 or word in word_set("ruled_out") or rules.any_cue.fullmatch(word):
        return word
    known = words_of("often_mistyped")
    near = process.extractOne(word, known, scorer=OSA.distance, score_cutoff=1 + (len(word) >= 9))
    return str(near[0]) if near else word
