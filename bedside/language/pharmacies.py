"""Which pharmacy a message names, and where it is (BRIEF 3.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bedside.language.clinic_lists import ClinicPharmacy
from bedside.language.phrases import Phrases, Word, key_of, words_of
from bedside.language.wordlists import load, tidy, word_set

PLAIN, CONTEXT, ASKED = "plain", "context", "asked"
_LONGEST_PLACE = 5  # words


@dataclass(frozen=True)
class Chain:
    """A pharmacy's name, and how sure its words are to mean it."""

    name: str
    strength: str


def read_pharmacy(text: str) -> str | None:
    """The first known pharmacy, with the place behind it ("Kroger on Fifth"), as it was typed; None without one.

    For an answer, or for a message about a refill: words count that mean something else elsewhere ("Target").
    """
    clean = tidy(text)
    words = words_of(clean)
    found = next(_chains().find(words), None)
    if found is None:
        return None
    end = place_end(words, found.last)
    return clean[words[found.first].start : words[end - 1].end]


def chain_entries() -> Iterator[tuple[str, Chain]]:
    """Every pharmacy known to everybody, by the words for it."""
    for row in load("pharmacies")["chains"]:
        name = str(row["name"])
        yield name, Chain(name, PLAIN if "plain" in row and not ("context" in row or "asked" in row) else _weakest(row))
        for strength in (PLAIN, CONTEXT, ASKED):
            for phrase in row.get(strength, ()):
                yield str(phrase), Chain(name, strength)


def _weakest(row: dict[str, object]) -> str:
    return ASKED if "asked" in row else CONTEXT


def place_end(words: Sequence[Word], after: int) -> int:
    """Where the name with its place ends, as an index into the words: "Walgreens pharmacy on Main"."""
    end = after
    if end < len(words) and words[end].joined and words[end].text in set(load("pharmacies")["suffix"]):
        end += 1
    begin = _preposition(words, end)
    if begin is None:
        return end
    stop = begin
    while stop < len(words) and stop - begin < _LONGEST_PLACE and words[stop].joined:
        if words[stop].text in word_set("pharmacies", "place_ends"):
            break
        stop += 1
    told = [word.text for word in words[begin:stop]]
    while told and told[-1] in _SMALL:
        told.pop()
    named = [word for word in told if word not in _SMALL]
    if (
        not named
        or any(word in word_set("pharmacies", "no_place") for word in told)
        or (_is_time(named[0]) and words[begin - 1].text in ("at", "by", "before"))
    ):
        return end
    return begin + len(told)


_SMALL = frozenset("the a an la el los las de del on at in near by of en".split())


def _is_time(word: str) -> bool:
    return word.isdigit() or (word[:-2].isdigit() and word.endswith(("am", "pm")))


def _preposition(words: Sequence[Word], at: int) -> int | None:
    """The index behind a preposition of place that stands there."""
    for key in _prepositions():
        if tuple(word.text for word in words[at : at + len(key)]) == key and all(
            word.joined or (at == place and not word.text[:1].isdigit())
            for place, word in enumerate(words[at : at + len(key)], start=at)
        ):
            return at + len(key)
    return None


@cache
def _prepositions() -> tuple[tuple[str, ...], ...]:
    keys = [key_of(str(one)) for one in load("pharmacies")["place"]]
    return tuple(sorted(keys, key=len, reverse=True))


@cache
def _chains() -> Phrases[Chain]:
    return Phrases(chain_entries())


def value_of(chain: str, place: str, own: Iterable[ClinicPharmacy]) -> tuple[str, tuple[str, ...]]:
    """The pharmacy meant: the clinic's own of that name in that place, or the name and the place as typed.

    Also the clinic's own that may be meant where no place was said: it is not guessed.
    """
    chain_key = set(key_of(chain))
    of_chain = [one for one in own if chain_key <= set(key_of(one.name))]
    told = {word for word in key_of(place) if word not in _SMALL}
    there = [one for one in of_chain if told & set(key_of(f"{one.name} {one.street}"))] if told else []
    if len(there) == 1:
        return there[0].name, ()
    whole = f"{chain} {place}".strip()
    likely = there or (of_chain if not told else [])
    return whole, tuple(one.name for one in likely if key_of(one.name) != key_of(whole))
