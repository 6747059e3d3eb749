"""The days people count from: holidays and their like, by the names of the word list."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

import holidays as holiday_library

from bedside.language.when.days import DAY
from bedside.language.wordlists import load


def name_of(index: int) -> str:
    """The name behind the symbol "H" with this number."""
    return list(load("when")["anchors"])[index]


@cache
def named_days_of(year: int) -> dict[str, tuple[dt.date, dt.date]]:
    """The days people count from in a year, by the names of the word list."""
    found: dict[str, tuple[dt.date, dt.date]] = {}
    categories = (holiday_library.PUBLIC, holiday_library.UNOFFICIAL)
    for day, names in holiday_library.country_holidays(
        "US", years=year, categories=categories, language="en_US", expand=False
    ).items():
        for name in names.split("; "):
            found.setdefault(name, (day, day))
    texas = holiday_library.country_holidays("US", subdiv="TX", years=year, language="en_US", expand=False)
    fridays = texas.get_named("Good Friday")
    if fridays:
        found["good friday"] = (fridays[0], fridays[0])
        found["easter"] = (fridays[0] + 2 * DAY, fridays[0] + 2 * DAY)
    thanksgiving = found.get("Thanksgiving Day")
    if thanksgiving:
        found["black friday"] = (thanksgiving[0] + DAY, thanksgiving[0] + DAY)
    for name in load("when")["anchors"]:
        parts = re.fullmatch(r"(\d\d)-(\d\d)(?:/(\d\d)-(\d\d))?", name)
        if parts:
            first = dt.date(year, int(parts[1]), int(parts[2]))
            last = dt.date(year + 1, int(parts[3]), int(parts[4])) if parts[3] else first
            found[name] = (first, last)
    return found
