"""Whether a message names a certain day, in the ways people write one."""

from __future__ import annotations

import re
from datetime import date

from bedside.language.wordlists import load

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def names_day(text: str, day: date, *, of_any_month: bool = False) -> bool:
    """Whether the text, in lower case, names this day: "sept 18", "9/18", "18 de septiembre"; with `of_any_month` also
    "the 18th", "el 18"."""
    month = _MONTHS[day.month - 1]
    spoken = (
        rf"\b{month}[a-z]*\.?\s+(the\s+)?{day.day}(st|nd|rd|th)?\b|\b{day.day}(st|nd|rd|th)?\s+(of\s+)?{month}[a-z]*\b"
    )
    spanish = rf"\b{day.day}\s+(de\s+)?{load('days')['months'][day.month - 1]}\b"
    numeric = rf"(?<!\d)0?{day.month}[/-]0?{day.day}(?![\d])"
    patterns = [spoken, spanish, numeric]
    if of_any_month:
        patterns.append(rf"\b{day.day}(?:st|nd|rd|th)\b|\b(?:the|el|del)\s+{day.day}\b(?!\s*[/:-])")
    return any(re.search(pattern, text) for pattern in patterns)


def without_day(text: str, day: date) -> str:
    """The text, in lower case, without the first naming of this day or of its weekday and the hour beside it: what is
    left of "I have Friday at 2 but need Wednesday" is what is wished. The text itself when the day isn't named."""
    weekday = f"{day:%A}".lower()
    spanish_weekday, spanish_month = load("days")["weekdays"][day.weekday()], load("days")["months"][day.month - 1]
    month = rf"{_MONTHS[day.month - 1]}[a-z]*\.?"
    number = rf"{day.day}(?:st|nd|rd|th)?"
    hour = r"(?:,?\s+(?:at|a las?)\s+\d{1,2}(?::\d\d)?\s*(?:[ap]\.?\s?m\b\.?)?)?"
    dated = rf"{month}\s+(?:the\s+)?{number}|{number}\s+(?:of\s+)?{month}|0?{day.month}/0?{day.day}"
    dated += rf"|{day.day}\s+de\s+{spanish_month}"
    alone = rf"(?:the|el|del)\s+{number}|{day.day}(?:st|nd|rd|th)|(?<={spanish_weekday}\s){day.day}"
    naming = (
        rf"\b(?:(?:on|for|from|this|el|del)\s+)?(?:(?:{weekday}|{weekday[:3]}|{spanish_weekday})(?:'s|s)?,?\s*)?"
        rf"(?:{dated}|{alone})\b{hour}"
        rf"|\b(?:(?:on|for|from|this|el|del)\s+)?(?:{weekday}|{spanish_weekday})(?:'s)?\b{hour}"
    )
    return re.sub(naming, " ", text, count=1)


def is_of_its_day(text: str, day: date) -> bool:
    """Whether a thing is called by the weekday that it is on: "friday's appointment", "my Friday visit"."""
    weekday, spanish = f"{day:%A}".lower(), load("days")["weekdays"][day.weekday()]
    thing = r"(?:appointment|appt|visit|one|thing|cita|consulta)"
    called = rf"\b{weekday}'?s\s+\w|\b{weekday}\s+(?:\w+\s+){{0,2}}?{thing}\b|\b(?:{thing})\s+del?\s+{spanish}\b"
    return bool(re.search(called, text))
