"""The day on which something happened, as people say it: "11/19", "yesterday", "last Tuesday", "el 19 de noviembre"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bedside.language.wordlists import fold, load, tidy

_MONTHS = (
    "jan(?:uary)?|enero feb(?:ruary)?|febrero mar(?:ch)?|marzo apr(?:il)?|abril may|mayo june?|junio july?|julio "
    "aug(?:ust)?|agosto sept?(?:ember)?|sep?tiembre oct(?:ober)?|octubre nov(?:ember)?|noviembre "
    "dec(?:ember)?|diciembre"
).split()
_WEEKDAYS = (
    "monday|lunes tues?(?:day)?|martes wed(?:nesday|s)?|miercoles thu(?:rs?)?(?:day)?|jueves fri(?:day)?|viernes "
    "saturday|sabado sunday|domingo"
).split()
_MONTH = "|".join(f"(?P<m{number}>{names})" for number, names in enumerate(_MONTHS, 1))
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?:de\s+|del\s+)?(?P<year>20\d\d))?"
_NAMED = (
    re.compile(rf"\b(?:{_MONTH})\.?\s+(?:the\s+)?{_DAY}\b{_YEAR}"),
    re.compile(rf"\b{_DAY}\s+(?:of\s+|de\s+)?(?:{_MONTH})\b{_YEAR}"),
)
_NUMERIC = re.compile(r"(?<![\d/.$-])(?P<month>[01]?\d)[/-](?P<day>[0-3]?\d)(?:[/-](?P<year>(?:20)?\d\d))?(?![\d/-])")
_ISO = re.compile(r"\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)\b")
_WEEKDAY = re.compile("|".join(rf"\b(?P<w{number}>{names})\b" for number, names in enumerate(_WEEKDAYS)))
_TODAY = re.compile(r"\b(?:today|this (?:morning|afternoon|evening)|earlier|tonight|hoy|esta (?:manana|tarde))\b")
_YESTERDAY = re.compile(r"\b(?:yesterday|last night|ayer|anoche)\b")
_BEFORE = re.compile(r"\b(?:day before yesterday|antier|anteayer|antes de ayer)\b")
_AGO = re.compile(r"\b(?:(?P<number>\d{1,3}|two|three|four|five|six|dos|tres|cuatro|cinco) (?:days ago|dias)\b)")
_QUOTED = re.compile(r'"[^"]*"')  # "dr's out today" is what somebody else said
_NUMBERS = {"two": 2, "dos": 2, "three": 3, "tres": 3, "four": 4, "cuatro": 4, "five": 5, "cinco": 5, "six": 6}
_SINCE_CENTURY = 2000


def read_past_day(text: str, today: date) -> date | None:
    """The day that is meant, on or before `today`; None when none is told or it would be to come.

    Without a year it is the last such day. A numeric date is month and day. Of several days the first counts.
    """
    plain = fold(tidy(text))
    for pattern in (_ISO, *_NAMED, _NUMERIC):
        for found in pattern.finditer(plain):
            day = _dated(found, today)
            if day is not None:
                return day
    return _relative(_QUOTED.sub(" ", plain), today)


def says_some_time(text: str) -> bool:
    """Whether it is told when something happened, though not on which day: "last month", "every time"."""
    return bool(re.search(load("complaints")["some_time"], fold(tidy(text))))


def _dated(found: re.Match[str], today: date) -> date | None:
    known = found.groupdict()
    month = int(known["month"]) if known.get("month") else _number(known, "m")
    if month is None:
        return None
    year = known.get("year")
    years = [int(year) + (_SINCE_CENTURY if len(year) == 2 else 0)] if year else [today.year, today.year - 1]
    for one in years:
        try:
            day = date(one, month, int(known["day"]))
        except ValueError:
            continue
        if day <= today:
            return day
    return None


def _relative(plain: str, today: date) -> date | None:
    if _BEFORE.search(plain):
        return today - timedelta(days=2)
    if _YESTERDAY.search(plain):
        return today - timedelta(days=1)
    ago = _AGO.search(plain)
    if ago and ("ago" in ago.group() or "hace" in plain[: ago.start()][-6:]):
        number = ago["number"]
        return today - timedelta(days=_NUMBERS.get(number) or int(number))
    weekday = _WEEKDAY.search(plain)
    if weekday:
        back = (today.weekday() - (_number(weekday.groupdict(), "w") or 0)) % 7
        return today - timedelta(days=back or 7)
    return today if _TODAY.search(plain) else None


def _number(groups: dict[str, str | None], letter: str) -> int | None:
    return next((int(name[1:]) for name, said in groups.items() if said and re.fullmatch(rf"{letter}\d+", name)), None)
