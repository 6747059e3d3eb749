"""The table of all phrases that name a thing of the clinic: everybody's words from `words/`, and the clinic's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bedside.language.clinic_lists import ClinicLists, ClinicPlace
from bedside.language.pharmacies import chain_entries
from bedside.language.phrases import Phrases, key_of, words_of
from bedside.language.provider_names import person_of
from bedside.language.wordlists import load, word_set

TELEHEALTH, IN_PERSON = "telehealth", "in_person"
"""The values of Kind.WAY."""


class Kind(str, Enum):
    """What is named."""

    PROVIDER = "provider"
    UNKNOWN_PROVIDER = "unknown_provider"  # a doctor by name, though none of the clinic's
    SPECIALTY = "specialty"
    VISIT_TYPE = "visit_type"
    LOCATION = "location"
    WAY = "way"  # telehealth or in person
    PAYER = "payer"
    PLAN = "plan"
    PHARMACY = "pharmacy"
    ADDRESS = "address"


class Strength(Enum):
    """What it takes for a phrase to count."""

    PLAIN = "plain"  # nothing
    NOUN = "noun"  # that it stands as a noun: what follows is no noun of its own
    UNLESS = "unless"  # that no words of another matter are nearby
    CONTEXT = "context"  # words of the same matter nearby, or the assistant's question
    ASKED = "asked"  # the assistant's question


@dataclass(frozen=True)
class Meaning:
    """What a phrase may mean. No kind: it stands for nothing, though a part of it would.

    `others` are as likely meant. `core` is the name itself where the phrase holds more ("the Harbor one").
    """

    kind: Kind | None
    value: str = ""
    others: tuple[str, ...] = ()
    strength: Strength = Strength.PLAIN
    core: tuple[str, ...] = ()


Entry = tuple[str, Meaning]

_NOTHING = Meaning(None)
_LISTS = ("specialties", "visits", "ways", "insurers", "pharmacies", "clinic")


def phrase_table(lists: ClinicLists) -> Phrases[Meaning]:
    """Every phrase and its meanings for one clinic."""
    visits = list(_visits(lists))
    visit_keys = {key_of(phrase) for phrase, _ in visits}
    entries: list[Entry] = [
        *visits,
        *((phrase, what) for phrase, what in _specialties(lists) if key_of(phrase) not in visit_keys),
        *_ways(),
        *_payers(lists),
        *_plans(lists),
        *_pharmacies(lists),
        *_locations(lists.locations),
        *_roles(lists),
        *((str(phrase), _NOTHING) for name in _LISTS for phrase in load(name).get("nothing", ())),
    ]
    return Phrases(entries)


def _roles(lists: ClinicLists) -> Iterator[Entry]:
    """Providers whose name is no person's: "Flu-shot nurse"."""
    for one in lists.providers:
        if person_of(one) is None:
            yield one.name, Meaning(Kind.PROVIDER, one.name)


# Specialties ----------------------------------------------------------------------------------------------------


def _specialties(lists: ClinicLists) -> Iterator[Entry]:
    own = {key_of(name): name for name in lists.specialties}
    known: set[tuple[str, ...]] = set()
    for group in load("specialties")["specialties"]:
        keys = [key_of(str(name)) for name in group["names"]]
        known.update(keys)
        here = [own[key] for key in keys if key in own] or [str(group["names"][0])]
        for phrase, strength in _specialty_phrases(group):
            key = key_of(phrase)
            exact = own.get(key)
            value = exact or here[0]
            others = () if exact else tuple(here[1:])
            yield phrase, Meaning(Kind.SPECIALTY, value, others, strength)
    for key, name in own.items():
        if key not in known:
            yield name, Meaning(Kind.SPECIALTY, name, (), _own_strength(key))


def _specialty_phrases(group: dict[str, Any]) -> Iterator[tuple[str, Strength]]:
    data = load("specialties")
    for strength in (Strength.PLAIN, Strength.CONTEXT, Strength.ASKED):
        for phrase in group.get(strength.value, ()):
            yield str(phrase), strength
    organs = list(group.get("parts", ()))
    for part in (*organs, *group.get("parts_doctor", ())):
        for role in (*data["roles"], *(data["people"] if part in organs else ())):
            yield f"{part} {role}", Strength.PLAIN
        for who in data["who"]:
            for my in data["my"]:
                yield f"{who} for {my} {part}", Strength.PLAIN
    for part in group.get("partes", ()):
        for paper in data["papeles"]:
            yield f"{paper} {part}", Strength.PLAIN
        for article in data["articles"]:
            yield f"{article} {part}", Strength.CONTEXT
    for part in group.get("para", ()):
        for paper in data["papeles"]:
            yield f"{paper} para {part}", Strength.PLAIN


# Visits ---------------------------------------------------------------------------------------------------------


def _visits(lists: ClinicLists) -> Iterator[Entry]:
    own = {_bare(name): one.name for one in lists.visit_types for name in (one.name,)}
    for group in load("visits")["visits"]:
        keys = [_bare(str(name)) for name in group["names"]]
        here = list(dict.fromkeys(own[key] for key in keys if key in own)) or [str(group["names"][0])]
        for strength in (Strength.PLAIN, Strength.NOUN, Strength.CONTEXT, Strength.ASKED):
            for phrase in group.get(strength.value, ()):
                yield str(phrase), Meaning(Kind.VISIT_TYPE, here[0], tuple(here[1:]), strength)
    for one in lists.visit_types:
        for phrase in _said(one.name, one.name_es):
            yield phrase, Meaning(Kind.VISIT_TYPE, one.name, (), _own_strength(key_of(phrase)))


def _said(name: str, name_es: str) -> Iterator[str]:
    """A visit's name and its nearest forms: "podiatry visit", "podiatry appointment"."""
    yield name
    if name.endswith(" visit"):
        stem = name.removesuffix(" visit")
        yield from (f"{stem} appointment", f"{stem} appt", f"{stem} visits")
    if name_es:
        yield name_es
        if name_es.startswith("consulta "):
            yield "cita " + name_es.removeprefix("consulta ")


def _bare(name: str) -> tuple[str, ...]:
    """A visit's name without "visit", "exam" and their like; the whole of it where nothing else is left."""
    generic = {str(word) for word in load("visits")["generic"]}
    key = key_of(name)
    return tuple(word for word in key if word not in generic) or key


# Ways, payers, plans, pharmacies --------------------------------------------------------------------------------


def _ways() -> Iterator[Entry]:
    for value in (TELEHEALTH, IN_PERSON):
        for strength in (Strength.PLAIN, Strength.UNLESS, Strength.CONTEXT, Strength.ASKED):
            for phrase in load("ways")[value].get(strength.value, ()):
                yield str(phrase), Meaning(Kind.WAY, value, (), strength)


def _payers(lists: ClinicLists) -> Iterator[Entry]:
    groups = load("insurers")["payers"]
    finder = Phrases((phrase, place) for place, group in enumerate(groups) for phrase, _ in _phrases_of(group))
    own: dict[int, list[str]] = {}
    for payer in lists.payers:
        found = next(finder.find(words_of(payer.name)), None)
        if found:
            own.setdefault(found.meanings[0], []).append(payer.name)
    names = {key_of(payer.name): payer.name for payer in lists.payers}
    for place, group in enumerate(groups):
        here = own.get(place) or [str(group["names"][0])]
        for phrase, strength in _phrases_of(group):
            exact = names.get(key_of(phrase))
            yield phrase, Meaning(Kind.PAYER, exact or here[0], () if exact else tuple(here[1:]), strength)
    for key, name in names.items():
        yield name, Meaning(Kind.PAYER, name, (), _own_strength(key))


def _phrases_of(group: dict[str, Any]) -> Iterator[tuple[str, Strength]]:
    for strength in (Strength.PLAIN, Strength.CONTEXT):
        for phrase in group.get(strength.value, ()):
            yield str(phrase), strength


def _plans(lists: ClinicLists) -> Iterator[Entry]:
    known: set[tuple[str, ...]] = set()
    for group in load("insurers")["plans"]:
        for phrase, strength in _phrases_of(group):
            known.add(key_of(phrase))
            yield phrase, Meaning(Kind.PLAN, str(group["names"][0]), (), strength)
    for plan in dict.fromkeys(plan for payer in lists.payers for plan in payer.plans):
        key = key_of(plan)
        if key not in known:
            marked = any(word in ("ppo", "hmo", "epo", "advantage", "medigap") for word in key) and len(key) > 1
            yield plan, Meaning(Kind.PLAN, plan, (), Strength.PLAIN if marked else Strength.CONTEXT)


def _pharmacies(lists: ClinicLists) -> Iterator[Entry]:
    chains: dict[tuple[str, ...], str] = {}
    for phrase, chain in chain_entries():
        chains[key_of(phrase)] = chain.name
        yield phrase, Meaning(Kind.PHARMACY, chain.name, (), Strength(chain.strength))
    finder = Phrases((" ".join(key), name) for key, name in chains.items())
    for one in lists.pharmacies:
        if next(finder.find(words_of(one.name)), None) is None:
            yield one.name, Meaning(Kind.PHARMACY, one.name, (), _own_strength(key_of(one.name)))


# Locations ------------------------------------------------------------------------------------------------------


def _locations(places: Sequence[ClinicPlace]) -> Iterator[Entry]:
    cities = [key_of(place.city) for place in places]
    for place in places:
        name = key_of(place.name)
        plain = Strength.PLAIN if _is_distinctive(name) else Strength.CONTEXT
        yield place.name, Meaning(Kind.LOCATION, place.key, (), plain, name)
        yield from _placed(place.name, place.key, load("clinic")["place_before"])
        yield from _placed(place.name, place.key, load("clinic")["place_bare"])
        street = [word for word in key_of(place.street.split(",")[0]) if not word.isdigit()]
        if len(street) > 1:
            yield " ".join(street), Meaning(Kind.LOCATION, place.key, (), Strength.CONTEXT, tuple(street))
            yield from _placed(" ".join(street), place.key, load("clinic")["place_before"])
        if cities.count(key_of(place.city)) == 1 and place.city:
            yield place.city, Meaning(Kind.LOCATION, place.key, (), Strength.ASKED, key_of(place.city))
            yield from _placed(place.city, place.key, load("clinic")["place_before"])


def _placed(name: str, value: str, patterns: Iterable[str]) -> Iterator[Entry]:
    for pattern in patterns:
        yield pattern.format(name=name), Meaning(Kind.LOCATION, value, (), Strength.PLAIN, key_of(name))


# ----------------------------------------------------------------------------------------------------------------


def _is_distinctive(key: Sequence[str]) -> bool:
    return any(word not in word_set("ordinary", "words") for word in key)


def _own_strength(key: Sequence[str]) -> Strength:
    """One ordinary word needs its context; more words, or one that is no other, do not."""
    return Strength.PLAIN if len(key) > 1 or _is_distinctive(key) else Strength.CONTEXT
