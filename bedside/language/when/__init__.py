"""When a patient can come: days and hours as people say them, English and Spanish, read by a small grammar.

The text becomes a line of symbols, one for each word or phrase of `words/when.yml` ("W1" a Tuesday, "N5" a number,
"after", "_" for what means nothing here). Rules then rewrite the line, in order, until only days ("D"), hours ("T") and
parts of the day ("P") are left, which are put together at the end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from bedside.language.when.reading import Reading
from bedside.language.when.rules import RULES
from bedside.language.when.symbols import line_of
from bedside.language.when.together import put_together
from bedside.language.when.tokens import is_spanish
from bedside.language.when.wish import When
from bedside.language.wordlists import fold, tidy

__all__ = ["When", "read_when"]

LONGEST = 1500  # characters read


def read_when(
    text: str, now: dt.datetime, tz: ZoneInfo, holidays: Callable[[dt.date], str | None] | None = None
) -> When:
    """The days and hours in which the writer wishes to come; `now` carries a zone, days are those of `tz`.

    `holidays` names the holiday of a day on which the clinic is closed. Never raises for any text.
    """
    if now.utcoffset() is None:
        raise ValueError("a moment needs a time zone")
    text = text[:LONGEST]
    plain = fold(tidy(text))
    reading = Reading(now.astimezone(tz).replace(tzinfo=None), is_spanish(text, plain))
    reading.line = line_of(reading, text, plain)
    for pattern, make in RULES:
        reading.rewrite(pattern, make)
    return put_together(reading, holidays)
