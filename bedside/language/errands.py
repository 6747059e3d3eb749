"""Who a message speaks for, when it is not simply the patient: somebody else, somebody who died, an adolescent."""

from __future__ import annotations

import re
from functools import cache

from bedside.language.mood import read_mood
from bedside.language.wordlists import fold, load, tidy

OF_AGE = 18


def says(text: str, what: str) -> bool:
    """Whether a message says something of one kind: pay, form, myself, notices, from_parents, about_visit…"""
    return bool(_pattern(what).search(fold(tidy(text))))


def is_of_the_dead(text: str) -> bool:
    """Whether it is about what still goes out to somebody who died, not about the writer's own matters."""
    return read_mood(text) == "grieving" and says(text, "notices")


def own_age(text: str) -> int | None:
    """The writer's age, where they say that they are 12 to 17: "i'm 16", "tengo quince"."""
    found = _pattern("age").search(fold(tidy(text)))
    if found is None:
        return None
    told = found["age"]
    return load("errands")["ages"].get(told) or int(told)


def is_adolescent(text: str, consent_age: int) -> bool:
    """Whether an adolescent asks for themself, and for privacy from their parents."""
    age = own_age(text)
    return age is not None and consent_age <= age < OF_AGE and says(text, "from_parents")


def records_kind(text: str) -> str | None:
    """What is asked of the records: disclosures, amendment, restriction or copies; None when it isn't told."""
    plain = fold(tidy(text))
    return next((kind for kind, pattern in load("errands")["records"].items() if re.search(pattern, plain)), None)


def language_in(text: str) -> str | None:
    """The language that an interpreter is wanted for, as it was named."""
    found = _pattern("languages").search(fold(tidy(text)))
    return found["language"] if found else None


@cache
def _pattern(what: str) -> re.Pattern[str]:
    return re.compile(load("errands")[what])
