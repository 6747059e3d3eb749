"""The words that say what kind of number stands beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from bedside.language.wordlists import load
from bedside.safety.redaction.words import one_of, word_lists

# Kinds that are told behind the number, in the order in which they are looked for.
KINDS_BEHIND = ("ssn", "cvv", "pin", "routing", "bank", "expiry", "card", "phone", "other", "account")


@dataclass(frozen=True)
class Cue:
    """A word that says what a number is, and where it stands."""

    start: int
    end: int
    kind: str


class Cues:
    """The words of `words.yml` that say what a number is. Each expression is compiled when it is first needed."""

    def __init__(self, lists: dict[str, Any]) -> None:
        self._lists = lists
        self._by_kind = {kind: one_of(entries) for kind, entries in lists["cues"].items()}
        for kind in ("cvv", "pin"):
            self._by_kind[kind] = f"(?:{self._by_kind[kind]}){lists['card_or_bank']}"
        self.mistyped = {wrong: right for right, wrongs in lists["mistyped"].items() for wrong in wrongs.split()}
        numerals = load("numerals")
        self.units = frozenset(numerals["units"]) | frozenset(numerals["teens"]) | frozenset(numerals["tens"])

    @cached_property
    def any_cue(self) -> re.Pattern[str]:
        """A word for any kind, which is the name of its group."""
        order = ("cvv", "ssn", "routing", "bank", "pin", "expiry", "card", "phone", "dob", "other", "account")
        named = "|".join(f"(?P<{kind}>{self._by_kind[kind]})" for kind in order)
        return re.compile(rf"(?<![^\W\d_])(?:{named})(?![^\W\d_])")

    @cached_property
    def behind(self) -> re.Pattern[str]:
        """What follows a number and says what it is: the verb, and the kind as "is_…"."""
        said = "|".join(f"(?P<is_{kind}>{self._by_kind[kind]})" for kind in KINDS_BEHIND)
        return re.compile(rf"(?:\s{{0,2}}[<>=(]{{1,3}})?{self._lists['behind']}(?:{said})(?![^\W\d_])")

    @cached_property
    def any_secret(self) -> re.Pattern[str]:
        """Letters before digits that say that the number is one nobody may keep, or that it is a number at all."""
        secrets = one_of([self._by_kind[kind] for kind in ("ssn", "card", "cvv", "pin", "routing", "bank", "expiry")])
        joined = rf"(?:{secrets})?(?:{one_of(self._lists['secret_behind'])})?"
        return re.compile(rf"(?:{joined}|{one_of(self._lists['secret_before'])})")

    @cached_property
    def counts(self) -> re.Pattern[str]:
        """How many digits come next."""
        return re.compile(self._lists["counts"])

    @cached_property
    def on_back(self) -> re.Pattern[str]:
        """Where a card's security code stands."""
        return re.compile(self._lists["on_back"])

    @cached_property
    def between(self) -> re.Pattern[str]:
        """What may stand between a word for a code and the code."""
        return re.compile(self._lists["between"])

    @cached_property
    def large(self) -> re.Pattern[str]:
        """Hundreds and thousands."""
        numerals = load("numerals")
        words = {*self._lists["hundred"], *numerals["hundreds"], *numerals["thousands"]}
        return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(sorted(words, key=len, reverse=True))})(?![^\W\d_])")


@cache
def cues() -> Cues:
    """The cues, read once."""
    return Cues(word_lists())


@lru_cache(maxsize=4096)
def names_a_secret(letters: str) -> bool:
    """Whether letters before digits say what they are, or are digits themselves ("one-1111")."""
    return bool(cues().any_secret.fullmatch(letters)) or letters in cues().units
