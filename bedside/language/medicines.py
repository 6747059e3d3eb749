"""Which medicine and which pharmacy a message names, for a refill request that staff will read (BRIEF 3.7).

Names only let a request be written down as it was meant. What looks like two names is not guessed: it stays as typed.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from bedside.language.pharmacies import read_pharmacy as read_pharmacy  # said together with the medicine
from bedside.language.wordlists import fold, load, tidy, word_set

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST_MISSPELLED = 6  # letters; shorter words are too like ordinary ones
_LONG = 9  # letters from which two slips are forgiven instead of one


def read_medicines(text: str) -> tuple[str, ...]:
    """The medicines named, each with its strength if that was said; a misspelled one keeps the typed word beside it."""
    clean = tidy(text)
    plain = fold(clean)
    found: dict[str, str] = {}
    for word in _WORD.finditer(plain):
        name = _name_of(word.group())
        if name is None or name in found:
            continue
        typed = "" if word.group() == name else f' (written "{clean[word.start() : word.end()]}")'
        strength = _strength().match(plain, word.end())
        found[name] = f"{name}{strength.group().rstrip() if strength else ''}{typed}"
    return tuple(found.values())


def asks_something(text: str) -> bool:
    """Whether the words ask something, and not only for the medicine."""
    return re.search(load("medicines")["question"], fold(tidy(text))) is not None


def asks_for_more(text: str) -> bool:
    """Whether the words speak of a refill, or of a medicine that runs out."""
    return re.search(load("medicines")["more"], fold(tidy(text))) is not None


@lru_cache(maxsize=1024)
def _name_of(word: str) -> str | None:
    names, spanish = word_set("medicines", "names"), load("medicines")["spanish"]
    if word in names:
        return word
    if word in spanish:
        return str(spanish[word])
    if len(word) < _SHORTEST_MISSPELLED or word in word_set("ordinary", "words"):
        return None
    allowed = 2 if len(word) >= _LONG else 1
    near: dict[str, int] = {}
    for name in (*names, *spanish):
        slips = OSA.distance(word, name, score_cutoff=allowed) if name[0] == word[0] else allowed + 1
        if slips <= allowed:
            meant = str(spanish.get(name, name))
            near[meant] = min(slips, near.get(meant, slips))
    nearest = [name for name, slips in near.items() if slips == min(near.values())]
    return nearest[0] if len(nearest) == 1 else None


@cache
def _strength() -> re.Pattern[str]:
    return re.compile(load("medicines")["strength"])
