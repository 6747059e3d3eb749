"""Facts as people say them: times in the clinic's zone, names with a comma."""

from __future__ import annotations

from datetime import date, datetime

from bedside.care.context import Care
from bedside.language.identifiers import first_name
from bedside.language.wordlists import load
from bedside.sentences import Sentences, load_sentences

LANGUAGES = {"en": "English", "es": "Spanish"}  # as staff read them


def sentences(care: Care) -> Sentences:
    """Every sentence the clinic's assistant can say."""
    return load_sentences(care.settings.home / "domain")


def due(care: Care, at: datetime, language: str = "en") -> str:
    """A due time with its clock time and its day, such as "5:00 PM tomorrow, Wednesday, November 25" (BRIEF 4)."""
    local = at.astimezone(care.organization.tz)
    days = (local.date() - care.today()).days
    name = {0: "utter_due_today", 1: "utter_due_tomorrow"}.get(days, "utter_due_later")
    slots = {"language": language}
    return sentences(care).say(name, slots, time=clock_time(local, language), day=day(local.date(), language))


def clock_time(local: datetime, language: str = "en") -> str:
    """5:00 PM; in Spanish with its article, which goes with the hour: las 5:00 PM, la 1:00 PM."""
    hour = local.hour % 12 or 12
    said = f"{hour}:{local:%M} {'AM' if local.hour < 12 else 'PM'}"
    if language == "es":
        return f"{'la' if hour == 1 else 'las'} {said}"
    return said


def day(value: date, language: str = "en") -> str:
    """Wednesday, November 25; in Spanish miércoles 25 de noviembre."""
    if language == "es":
        names = load("days")
        return f"{names['weekdays'][value.weekday()]} {value.day} de {names['months'][value.month - 1]}"
    return f"{value:%A, %B} {value.day}"


def full_day(value: date, language: str = "en") -> str:
    """September 18, 2026; in Spanish 18 de septiembre de 2026."""
    if language == "es":
        return f"{value.day} de {load('days')['months'][value.month - 1]} de {value.year}"
    return f"{value:%B} {value.day}, {value.year}"


def comma_name(name: str | None) -> str:
    """What follows "Thank you": a comma and the first name, or nothing for somebody who gave none."""
    return f", {first_name(name)}" if name else ""
