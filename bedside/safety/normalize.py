"""What a patient typed, made readable: disguises, slips and shorthand undone, before any rule or net looks at it (R2).

Two forms come out. `readable` keeps a sentence's punctuation and serves the net; `tokens` is what the lexicon matches:
plain lower-case words without accents or apostrophes, shorthand spelled out, each with the number of its sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

LIMIT = 20_000  # characters read; longer texts keep their beginning and their end

_APOSTROPHES = dict.fromkeys(map(ord, "‘’‛′´`ʼʹ＇"), "'")
_QUOTES = dict.fromkeys(map(ord, "“”„«»"), '"')
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
# Letters of other alphabets that are drawn like Latin ones; NFKC leaves them alone.
_LOOKALIKES = str.maketrans(
    "аеорсухіїјѕтнкмвԁԛԝбпгАЕОРСУХІЇЈЅТНКМВαερονικτυχωηΑΕΟΡΝΙΚΤΥΧΗΒΜΖɑɡıℓ",
    "aeopcyxiijstnkmbdqwbnrAEOPCYXIIJSTHKMBaeponiktuxwnAEOPNIKTYXHBMZagil",
)
_EMOJI = {
    "🆘": " help me ",
    "🔪": " knife ",
    "🔫": " gun ",
    "🩸": " blood ",
    "🚑": " ambulance ",
    "💊": " pills ",
}
_LEET = str.maketrans("013457@$!", "oieastasi")
_LEET_TOKEN = re.compile(
    r"(?<![\w@$!.#-])(?=[\w@$!]*[a-zA-Z])(?=[\w@$!]*[013457@$!][\w@$!]*[a-zA-Z])[\w@$!]{3,20}(?![\w@])"
)
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_](?P<gap>[ \t]{1,3}|[.\-_*·•/|,]{1,2}[ \t]?)){3,}[^\W\d_](?![^\W_])")
_INNER_MARKS = re.compile(r"(?<=[a-z])[*_·•|~^]+(?=[a-z])", re.IGNORECASE)
_DOTTED = re.compile(r"(?<=[a-z])[.\-](?=[a-z](?:[.\-][a-z])+\b)", re.IGNORECASE)
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[.!?;\n]+|,|:|[()\"]|(?<=\s)[-/]+(?=\s)|\u2026")
_SPACES = re.compile(r"[ \t\r\f\v]+")
_SENTENCE_MARKS = frozenset(".!?;\n…")


@dataclass(frozen=True)
class Token:
    """A word as the lexicon sees it. `sentence` counts strong marks before it, `clause` also commas, colons, dashes."""

    text: str
    sentence: int
    clause: int


def _drop_invisible(text: str) -> str:
    """Without zero-width, direction and other format characters; control characters and surrogates become spaces."""
    if text.isascii() and text.isprintable():
        return text
    out = []
    for character in text:
        if character in "\n\t ":
            out.append(character)
            continue
        kind = unicodedata.category(character)
        if kind in ("Cf", "Mn", "Me") and kind == "Cf":
            continue
        out.append(" " if kind in ("Cc", "Cs", "Co", "Cn", "Zs", "Zl", "Zp") else character)
    return "".join(out)


def _plain_letters(text: str) -> str:
    """Latin letters without accents, fullwidth and styled letters as plain ones, look-alikes mapped."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFKC", text)
    for sign, words in _EMOJI.items():
        if sign in composed:
            composed = composed.replace(sign, words)
    composed = composed.translate(_APOSTROPHES).translate(_QUOTES).translate(_DASHES)
    composed = composed.translate(_LOOKALIKES)
    decomposed = unicodedata.normalize("NFD", composed)
    return "".join(character for character in decomposed if unicodedata.category(character) not in ("Mn", "Me"))


def _join_spaced(found: re.Match[str]) -> str:
    """`c h e s t  p a i n` as `chest pain`: wider gaps part words when there are narrower ones too."""
    run = found.group(0)
    if re.search(r"[^\W\d_]\s{2,}[^\W\d_]", run) and re.search(r"[^\W\d_] [^\W\d_]", run):
        return " ".join(re.sub(r"[^\w]", "", word) for word in re.split(r"\s{2,}", run))
    return re.sub(r"[^\w]|_", "", run)


def _unleet(found: re.Match[str]) -> str:
    word = found.group(0)
    # 3rd, 10mg, b12, room 4b and 911 are what they look like: only letters on both sides of the sign give it away.
    if re.fullmatch(
        r"\d+(?:st|nd|rd|th|am|pm|mg|ml|mcg|cm|mm|kg|lbs?|yrs?|yo|mo|hrs?|mins?|x|w|d|k)?", word, re.IGNORECASE
    ):
        return word
    if re.fullmatch(r"[a-zA-Z]{1,6}\d+|[a-zA-Z]\d[a-zA-Z]", word):
        return word
    return word.rstrip("!").translate(_LEET)


def readable(text: str) -> str:
    """The text as a person would read it aloud: one alphabet, no disguises, at most two equal letters in a row.

    Total: any string comes through, also an empty one or one with lone surrogates. Length at most LIMIT.
    """
    if len(text) > LIMIT:
        text = text[: LIMIT * 3 // 4] + " \n " + text[-LIMIT // 4 :]
    text = _drop_invisible(_plain_letters(_drop_invisible(text)))
    text = _SPACED.sub(_join_spaced, text)
    text = _INNER_MARKS.sub("", text)
    text = _DOTTED.sub("", text)
    text = _LEET_TOKEN.sub(_unleet, text)
    text = _REPEATED.sub(r"\1\1", text)
    return _SPACES.sub(" ", text).strip()


def _single(word: str) -> str:
    return re.sub(r"([a-z])\1+", r"\1", word)


class Speller:
    """Words as the lexicon knows them: shorthand and slips first from a list, then by likeness, run-together ones cut.

    `spelling` maps a written word to one or more words; `vocabulary` is every word that a pattern can ask for,
    `beginnings` are those of words it can ask for;
    `genuine` are real words that merely look like one of those (`bread` is no `breath`).
    """

    def __init__(
        self,
        spelling: Mapping[str, str],
        vocabulary: Collection[str],
        beginnings: tuple[str, ...],
        genuine: Collection[str],
        glue: Collection[str] = (),
        nearest: Callable[[str], str | None] | None = None,
    ) -> None:
        self._spelling = dict(spelling)
        self._vocabulary = frozenset(vocabulary)
        self._beginnings = beginnings
        self._genuine = frozenset(genuine)
        self._parts = frozenset(word for word in self._vocabulary if len(word) >= 3) | frozenset(glue)
        self._squeezed = {_single(word): word for word in sorted(self._vocabulary) if len(word) >= 4}
        self._nearest = nearest
        self._remembered = lru_cache(maxsize=50_000)(self._spell)

    def spell(self, word: str) -> tuple[str, ...]:
        """The word or words that a written word stands for; itself when nothing is known better."""
        return self._remembered(word)

    def _known(self, word: str) -> bool:
        return word in self._vocabulary or word.startswith(self._beginnings)

    def _ending(self, word: str) -> str:
        """A word that begins as one of the lexicon's: with its ending corrected where that gives a word it knows."""
        near = self._nearest(word) if self._nearest is not None and len(word) >= 5 else None
        return near if near is not None and near.startswith(self._beginnings) else word

    def mistaken(self, word: str) -> bool:
        """Whether the word is unknown to the lists, and likeness alone would turn it into another."""
        if word in self._spelling or self._known(word) or len(word) < 4:
            return False
        near = self._nearest(word) if self._nearest is not None and len(word) >= 5 else None
        return near is not None or _single(word) in self._squeezed

    def _spell(self, word: str) -> tuple[str, ...]:
        if word in self._spelling:
            return tuple(self._spelling[word].split())
        if word in self._vocabulary or word in self._genuine or not word.isascii() or not word.isalpha():
            return (word,)
        if self._known(word):
            return (self._ending(word),)
        squeezed = self._squeezed.get(_single(word))
        if squeezed is not None:
            return (squeezed,)
        if _single(word) in self._spelling:
            return tuple(self._spelling[_single(word)].split())
        if len(word) > 40:
            return (word,)
        if self._nearest is not None and len(word) >= 5:
            near = self._nearest(word)
            if near is not None:
                return (near,)
        if len(word) >= 8:
            cut = self._cut(word)
            if cut is not None:
                return cut
        return (word,)

    def _cut(self, word: str) -> tuple[str, ...] | None:
        """`cantbreathe` as `cant breathe`: fewest parts, at least two of them words of the lexicon."""
        best: list[tuple[str, ...] | None] = [None] * (len(word) + 1)
        best[0] = ()
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - 16), end):
                head = best[start]
                part = word[start:end]
                if head is not None and part in self._parts:
                    kept = best[end]
                    if kept is None or len(head) + 1 < len(kept):
                        best[end] = (*head, part)
        parts = best[len(word)]
        if parts is None or sum(len(part) >= 4 for part in parts) < 1 or len(parts) > max(2, len(word) // 3):
            return None
        return tuple(piece for part in parts for piece in self._spelling.get(part, part).split())


def tokens(text: str, speller: Speller) -> list[Token]:
    """The words of an already `readable` text in lower case, spelled by `speller`, with sentence and clause numbers."""
    found: list[Token] = []
    sentence = clause = 0
    for match in _TOKEN.finditer(text.lower()):
        raw = match.group(0)
        if raw[0] in _SENTENCE_MARKS:
            sentence += 1
            clause += 1
        elif not raw[0].isalnum():
            clause += 1
        else:
            for word in speller.spell(raw.replace("'", "")):
                found.append(Token(word, sentence, clause))
    return found
