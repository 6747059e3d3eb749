"""Visits and open times as the sentences of domain/scheduling.yml name them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from actions.base import Turn
from bedside.care import scheduling, speaking, wishes
from bedside.organization import display_phone
from bedside.records.clinic_file import TELEHEALTH

Told = scheduling.Visit | scheduling.Offer | scheduling.Offered | dict[str, Any]  # what a phrase can be made of


def kind_name(turn: Turn, visit_type: str) -> str:
    """A kind of visit in the language that is spoken."""
    kind = turn.care.organization.visit_type(visit_type)
    return kind.name_in(turn.language) if kind else visit_type


def place_name(turn: Turn, location: str, room: str | None = None) -> str:
    """Where it is: at one of our offices, with the room where it is known, or by video."""
    words = speaking.sentences(turn.care)
    if location == TELEHEALTH:
        return words.say("utter_visit_place_video", {"language": turn.language})
    name = turn.care.organization.location(location).name
    if room:
        return words.say("utter_visit_place_room", {"language": turn.language}, location=name, room=room)
    return words.say("utter_visit_place", {"language": turn.language}, location=name)


def facts(turn: Turn, what: Told) -> dict[str, str]:
    """What is said of a visit, an open time, or one that a slot carries."""
    if isinstance(what, dict):
        starts, provider = datetime.fromisoformat(what["starts_at"]), what["provider"]
        location, room, visit_type = what["location"], what.get("room"), what["visit_type"]
    else:
        starts, provider = what.starts_at, what.provider
        location, room, visit_type = what.location, what.room, what.visit_type
    local = starts.astimezone(turn.care.organization.tz)
    return {
        "kind": kind_name(turn, visit_type),
        "provider": provider,
        "day": speaking.day(local.date(), turn.language),
        "time": speaking.clock_time(local, turn.language),
        "place": place_name(turn, location, room),
    }


def name_of(turn: Turn, patient_id: int) -> str:
    """The name of somebody whose visits this person may see to; nothing for everybody else."""
    people = scheduling.people(turn.care, turn.conversation_id)
    return next((person.full_name for person in people if person.patient_id == patient_id), "")


def in_words(turn: Turn, what: Told) -> str:
    """A visit in one phrase: kind, provider, weekday, date, time, place; and for whom, when it is somebody else's."""
    words, language = speaking.sentences(turn.care), {"language": turn.language}
    phrase = words.say("utter_visit_line_alone", language, **facts(turn, what))
    known = what.get("patient") if isinstance(what, dict) and "patient" in what else turn.slot("visit_patient")
    whose = int(known or 0)
    if not whose:
        return phrase
    name = name_of(turn, whose)
    return words.say("utter_visit_line_for", language, visit=phrase, name=name) if name else phrase


def day_and_time(turn: Turn, what: Told) -> str:
    """When it is: "Friday, December 4 at 2:00 PM"."""
    known = facts(turn, what)
    return speaking.sentences(turn.care).say(
        "utter_visit_when", {"language": turn.language}, day=known["day"], time=known["time"]
    )


def listed(turn: Turn, those: Sequence[Told]) -> str:
    """Numbered lines."""
    words = speaking.sentences(turn.care)
    return "\n".join(
        words.say("utter_visit_line", {"language": turn.language}, number=number, **facts(turn, each))
        for number, each in enumerate(those, 1)
    )


def as_data(what: scheduling.Visit | scheduling.Offer) -> dict[str, Any]:
    """A visit or an open time as a slot carries it. It grants nothing: booking checks all of it anew."""
    return {
        "opening_id": what.opening_id,
        "provider_id": what.provider_id,
        "provider": what.provider,
        "starts_at": what.starts_at.isoformat(),
        "location": what.location,
        "room": what.room,
        "visit_type": what.visit_type,
    }


def say_preparation(turn: Turn, visit_type: str) -> None:
    """The clinic's standard sheet for a kind of visit."""
    kind = turn.care.organization.visit_type(visit_type)
    if kind is not None and kind.preparation:
        turn.say(f"utter_prep_{kind.preparation}", link=turn.care.organization.scheduling.telehealth_link)
    else:
        turn.say("utter_prep_none", kind=kind_name(turn, visit_type))


def say_way(turn: Turn, location: str) -> None:
    """Where it is and how to get there; a visit by video has a link instead."""
    if location == TELEHEALTH:
        turn.say(
            "utter_visit_video_link",
            link=turn.care.organization.scheduling.telehealth_link,
        )
        return
    place = turn.care.organization.location(location)
    turn.say(
        "utter_visit_where",
        location=place.name,
        clinic_address=place.address,
        location_phone=display_phone(place.phone),
        parking=place.parking_in(turn.language),
    )
    turn.say(f"utter_{place.directions}")


def say_aside(turn: Turn) -> None:
    """A question about getting ready or getting there, in the middle of something else about visits: answered at once,
    for the visit that is being talked about or the place that is named."""
    heard = wishes.hear(turn.care, turn.text)
    at_hand = turn.slot("visit_time") if isinstance(turn.slot("visit_time"), dict) else None
    visit = at_hand or turn.slot("visit_old") or next(iter(turn.slot("visit_shown") or []), None)
    if visit and not heard.wish.location and not wishes.asks_the_way(turn.text):
        say_preparation(turn, visit["visit_type"])
        return
    named = heard.wish.location or (visit and visit["location"])
    for location in [named] if named else [place.key for place in turn.care.organization.locations]:
        say_way(turn, location)
