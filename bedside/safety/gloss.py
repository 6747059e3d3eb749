"""A rough English gloss of Spanish messages, word for word, for the sentence net, which was taught on English.

The patient never sees it. It lets what the net learned from English emergencies help with Spanish ones.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML

GLOSSARY = Path(__file__).parent / "lexicon" / "gloss_es.yml"
SPANISH = 0.35  # share of a message's words that have to be Spanish
_TELLING = 5  # letters of a beginning that is taken as a sign of Spanish
_LONGEST = 4  # words of the longest pair
_WORD = re.compile(r"[^\W\d_]+|[^\w\s]+|\S+?(?=[^\W\d_]|[^\w\s]|\s|$)")


class Glossary:
    """The word list, ready to apply."""

    def __init__(self, path: Path = GLOSSARY) -> None:
        """Read the list; its format is told in the file."""
        with path.open(encoding="utf-8") as stream:
            content = YAML(typ="safe").load(stream)
        self._pairs = {tuple(str(words).split()): str(meant) for words, meant in content["pairs"].items()}
        entries = {str(word): str(meant) for word, meant in content["words"].items()}
        self._words = {word: meant for word, meant in entries.items() if not word.endswith("*")}
        self._beginnings = {word[:-1]: meant for word, meant in entries.items() if word.endswith("*")}
        self._both = frozenset(str(word) for word in content["both"])
        self._lookup = lru_cache(maxsize=20_000)(self._find)

    def _find(self, word: str) -> tuple[str, bool]:
        """The gloss (the word itself when there is none), and whether the word is a sign of Spanish."""
        if word in self._words:
            return self._words[word], word not in self._both
        for length in range(len(word), 1, -1):
            meant = self._beginnings.get(word[:length])
            if meant is not None:
                return meant, length >= _TELLING
        return word, False

    def gloss(self, text: str) -> str:
        """A readable text as it is, or, when it is Spanish, with the words in English that the list knows."""
        parts = _WORD.findall(text)
        words = [part.lower() for part in parts]
        letters = [word for word in words if word[0].isalpha() and word not in self._both]
        if not letters or sum(self._lookup(word)[1] for word in letters) < SPANISH * len(letters):
            return text
        out: list[str] = []
        place = 0
        while place < len(words):
            for length in range(min(_LONGEST, len(words) - place), 1, -1):
                meant = self._pairs.get(tuple(words[place : place + length]))
                if meant is not None:
                    out.append(meant)
                    place += length
                    break
            else:
                out.append(self._lookup(words[place])[0])
                place += 1
        return " ".join(out)


@lru_cache(maxsize=1)
def load_glossary() -> Glossary:
    """The list that ships with the assistant."""
    return Glossary()
