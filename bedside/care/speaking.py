"""Facts as people say them: times in the clinic's zone, names with a comma."""

from __future__ import annotations

from datetime import date, datetime

from bedside.care.context import Care
from bedside.language.identifiers import first_name
from bedside.sentences import Sentences, load_sentences


def sentences(care: Care) -> Sentences:
    """Every sentence the clinic's assistant can say."""
    return load_sentences(care.settings.home / "domain")


def due(care: Care, at: datetime) -> str:
    """A due time with its clock time and its day, such as "5:00 PM tomorrow, Wednesday, November 25" (BRIEF 4)."""
    local = at.astimezone(care.organization.tz)
    days = (local.date() - care.today()).days
    name = {0: "utter_due_today", 1: "utter_due_tomorrow"}.get(days, "utter_due_later")
    return sentences(care).say(name, time=clock_time(local), day=day(local.date()))


def clock_time(local: datetime) -> str:
    """5:00 PM."""
    return f"{local.hour % 12 or 12}:{local:%M} {'AM' if local.hour < 12 else 'PM'}"


def day(value: date) -> str:
    """Wednesday, November 25."""
    return f"{value:%A, %B} {value.day}"


def full_day(value: date) -> str:
    """September 18, 2026."""
    return f"{value:%B} {value.day}, {value.year}"


def comma_name(name: str | None) -> str:
    """What follows "Thank you": a comma and the first name, or nothing for somebody who gave none."""
    return f", {first_name(name)}" if name else ""
