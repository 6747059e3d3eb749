"""What a patient wishes of the calendar, read off their words: when, with whom, where, what kind of visit (BRIEF 3.3).

A wish travels with the talk as plain data; it grants nothing, and every search and booking checks it anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from sqlalchemy import select

from bedside.care.context import Care
from bedside.care.lists import clinic_lists
from bedside.care.openings import Order, Wish
from bedside.language.clinic_words import IN_PERSON, TELEHEALTH, Found, Kind, read_clinic_words
from bedside.language.when import When, read_when
from bedside.language.wordlists import fold, load
from bedside.organization import VisitType
from bedside.records.tables import Provider

MOVE, CANCEL, KEEP = "move", "cancel", "keep"
_SOONEST = "soonest"
_SURE_ENOUGH = 0.6
_OF_A_VISIT = frozenset({Kind.PROVIDER, Kind.SPECIALTY, Kind.VISIT_TYPE, Kind.LOCATION, Kind.WAY})


@dataclass(frozen=True)
class Heard:
    """What one message says about a visit: the wish it adds up to, and what was read off it."""

    wish: Wish
    when: When
    hits: tuple[Found, ...]

    @property
    def says_when(self) -> bool:
        """Whether a day or an hour was named that can be searched for."""
        return bool(self.when.date or self.when.time or self.when.excluded)

    @property
    def says_what(self) -> bool:
        """Whether the visit's kind, its provider, place or way was named."""
        return any(hit.kind in _OF_A_VISIT for hit in self.hits)

    @property
    def names_a_stranger(self) -> bool:
        """Whether a doctor was named who is none of the clinic's, and nobody who is."""
        kinds = {hit.kind for hit in self.hits if not hit.negated}
        return Kind.UNKNOWN_PROVIDER in kinds and Kind.PROVIDER not in kinds


def hear(care: Care, text: str, wish: Wish | None = None, *, what_was_asked: bool = False) -> Heard:
    """Read a message into a wish, on top of the one so far. What it doesn't say stays; what it takes back goes.

    `what_was_asked`: the last question was what the visit is for, so that bare words count ("heart").
    """
    wish = wish or Wish()
    zone = care.organization.tz
    when = read_when(text, care.now(), zone, care.calendar.holiday_name)
    hits = read_clinic_words(text, clinic_lists(care), _OF_A_VISIT if what_was_asked else frozenset())
    wished = _with_things(care, wish, hits)
    if not when.problem and not when.ambiguous:
        wished = wished.when(when)
    if _says(text, _SOONEST):
        wished = replace(wished, order=Order.EARLIEST)
    return Heard(wished, when, hits)


def wants_more(text: str) -> bool:
    """Whether other openings are asked for than those that were offered ("anything else?")."""
    return _says(text, "more")


def wants_earliest(text: str) -> bool:
    """Whether the first of several is meant ("whatever comes first")."""
    return _says(text, _SOONEST)


def wants_waitlist(text: str) -> bool:
    """Whether they would rather wait for something to open up."""
    return _says(text, "waitlist")


def asks_the_way(text: str) -> bool:
    """Whether the question is where it is and how to get there."""
    return _says(text, "the_way")


def read_cancelling(text: str) -> str | None:
    """What is wished of a visit that may be moved or cancelled: MOVE, CANCEL or KEEP; None when it isn't said."""
    if _says(text, KEEP):
        return KEEP
    move, cancel = _says(text, MOVE), _says(text, CANCEL)
    return None if move == cancel else MOVE if move else CANCEL


def declines_visit(text: str) -> bool:
    """Whether a visit is only named to say that none is wanted: "I don't need a new date, I want an answer"."""
    return _says(text, "no_visit")


def is_own_visit(text: str) -> bool:
    """Whether it is plainly the writer's own visit, whoever else is named: "my foot appointment", no "for my son"."""
    return _says(text, "own_visit") and not _says(text, "anothers_visit")


def names_a_child(text: str) -> bool:
    """Whether a child of the writer's is mentioned: "my little one", "mi niña"."""
    return _says(text, "own_child")


def is_no_patient(text: str) -> bool:
    """Whether somebody says that they are no patient of the clinic themselves."""
    return _says(text, "no_patient")


def visit_task(text: str) -> str | None:
    """What somebody wants of a visit, as an inquiry type; None when it is not about a visit at all."""
    if not _says(text, "a_visit"):
        return None
    wanted = read_cancelling(text)
    if wanted in (MOVE, CANCEL):
        return "reschedule_appointment" if wanted == MOVE else "cancel_appointment"
    return "confirm_appointment" if _says(text, "look") else "schedule_appointment"


def weekday_alone(text: str) -> int | None:
    """The weekday that is named without any other date (0 is Monday): of times that were shown, it means that day's."""
    plain = fold(text.lower())
    lists = load("scheduling")
    if re.search(lists["dated"], plain):
        return None
    named = {day for day, pattern in enumerate(lists["weekdays"]) if re.search(rf"\b(?:{pattern})\b", plain)}
    return named.pop() if len(named) == 1 else None


def kinds_of(care: Care, wish: Wish) -> list[VisitType]:
    """The kinds of visits that the wish may mean: the one it names, or all that its provider or specialty gives."""
    if wish.visit_type:
        kind = care.organization.visit_type(wish.visit_type)
        return [kind] if kind else []
    given = {wish.specialty} if wish.specialty else specialties_of(care, wish.provider_id)
    return [kind for kind in care.organization.visit_types if given & set(kind.specialties)]


def _with_things(care: Care, wish: Wish, hits: tuple[Found, ...]) -> Wish:
    for hit in hits:
        if hit.sure < _SURE_ENOUGH:
            continue
        if hit.negated:
            wish = _without(care, wish, hit)
        elif hit.kind is Kind.PROVIDER:
            wish = replace(wish, provider_id=provider_id_of(care, hit.value))
        elif hit.kind is Kind.SPECIALTY:
            wish = replace(wish, specialty=hit.value)
        elif hit.kind is Kind.VISIT_TYPE:
            wish = replace(wish, visit_type=hit.value)
        elif hit.kind is Kind.LOCATION:
            wish = replace(wish, location=hit.value)
        elif hit.kind is Kind.WAY:
            wish = replace(wish, telehealth={TELEHEALTH: True, IN_PERSON: False}[hit.value])
    return wish


def _without(care: Care, wish: Wish, hit: Found) -> Wish:
    """The wish without what the message rules out."""
    if hit.kind is Kind.LOCATION and wish.location == hit.value:
        return replace(wish, location=None)
    if hit.kind is Kind.PROVIDER and wish.provider_id == provider_id_of(care, hit.value):
        return replace(wish, provider_id=None)
    if hit.kind is Kind.WAY:
        return replace(wish, telehealth=hit.value != TELEHEALTH)
    return wish


def provider_id_of(care: Care, name: str) -> int | None:
    """The key of a provider of the clinic by their name in the records."""
    with care.store.reading() as session:
        return session.execute(select(Provider.id).where(Provider.name == name)).scalar_one_or_none()


def specialties_of(care: Care, provider_id: int | None) -> set[str]:
    """What a provider gives; empty for nobody."""
    with care.store.reading() as session:
        name = session.execute(select(Provider.name).where(Provider.id == provider_id)).scalar_one_or_none()
    return {each for one in clinic_lists(care).providers if one.name == name for each in one.specialties}


def _says(text: str, what: str) -> bool:
    return re.search(load("scheduling")[what], fold(text.lower())) is not None


# As plain data ----------------------------------------------------------------------------------------------------


def as_data(wish: Wish) -> dict[str, Any]:
    """The wish as a slot can carry it."""
    out: dict[str, Any] = {
        name: getattr(wish, name)
        for name in ("provider_id", "specialty", "visit_type", "location", "telehealth")
        if getattr(wish, name) is not None
    }
    if wish.days:
        out["days"] = [day.isoformat() if day else None for day in wish.days]
    if wish.times:
        out["times"] = [hour.isoformat("minutes") if hour else None for hour in wish.times]
    if wish.excluded_weekdays:
        out["excluded_weekdays"] = sorted(wish.excluded_weekdays)
    if wish.order is not Order.NEAREST:
        out["order"] = wish.order.value
    return out


def from_data(data: Mapping[str, Any] | None) -> Wish:
    """The wish that a slot carries; no wish at all when it carries nothing that can be read."""
    if not isinstance(data, Mapping):
        return Wish()
    days, times = data.get("days"), data.get("times")
    try:
        return Wish(
            days=(_day(days[0]), _day(days[1])) if days else None,
            times=(_hour(times[0]), _hour(times[1])) if times else None,
            excluded_weekdays=frozenset(int(each) for each in data.get("excluded_weekdays", ())),
            provider_id=data.get("provider_id"),
            specialty=data.get("specialty"),
            visit_type=data.get("visit_type"),
            location=data.get("location"),
            telehealth=data.get("telehealth"),
            order=Order(data.get("order", Order.NEAREST.value)),
        )
    except (TypeError, ValueError, IndexError, KeyError):
        return Wish()


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _hour(value: str | None) -> time | None:
    return time.fromisoformat(value) if value else None
