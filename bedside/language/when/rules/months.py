"""Days with a month or of a month: "the 3rd of May", "the last week of June", "the 15th"."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import replace

from bedside.language.when.almanac import JUST_PASSED, date_or_none, month_after
from bedside.language.when.days import DAY, Days
from bedside.language.when.grammar import Rules
from bedside.language.when.reading import Made, Reading

rules = Rules()


@rules.add(r"(?<!M\d )(?<!M\d\d )N(\d{1,2}) - N(\d{1,2})(?! (?:-|days?|weeks?|months?|hours?|minutes|P|M))")
def _dashed_date(reading: Reading, found: re.Match[str]) -> Made:
    first, second = int(found[1]), int(found[2])
    if reading.spanish:
        first, second = second, first
    return reading.almanac.dated(first, second) if 1 <= first <= 12 < second <= 31 else None


@rules.add(r"M(\d+) (?:month )?{the}{day} (?:(?:to|until|-|a|and|or|/) )+{the}{day}{year}(?! (?:P|o'clock|Y))")
def _month_range(reading: Reading, found: re.Match[str]) -> Made:
    return _month_days(reading, found[1], found[2], found[3], found[4])


@rules.add(r"(?:(?:between|from|of) )?{the}{day} (?:(?:to|until|-|a|and|or|the) )+{day} (?:of )?(?:the )?M(\d+){year}")
def _range_of_month(reading: Reading, found: re.Match[str]) -> Made:
    return _month_days(reading, found[3], found[1], found[2], found[4])


def _month_days(reading: Reading, month: str, first: str, last: str, year: str | None) -> Made:
    said = int(year) if year else None
    if int(first) >= int(last) or not 0 < int(first) < int(last) < 32:
        return None
    low, high = (reading.almanac.dated(int(month), int(day), said) for day in (first, last))
    if low.problem == "past" and high.first and not low.dated:
        low = Days(reading.today, reading.today)
    if low.problem or high.problem or not low.first or not high.first:
        return replace(low, first=None, last=None) if low.problem else replace(high, first=None, last=None)
    return Days(low.first, high.first, dated=low.dated) if low.first <= high.first else None


@rules.add(r"(?:the )?M(\d+) (?:, )?{the}{day}{year}(?! (?:week|weeks|o'clock|Pmorning|half))")
def _month_day(reading: Reading, found: re.Match[str]) -> Made:
    return _month_and_day(reading, found[1], found[2], found[3])


@rules.add(r"(?:the |a )?(?:day )?{day} (?:of )?(?:the )?(?:month of )?M(\d+){year}")
def _day_month(reading: Reading, found: re.Match[str]) -> Made:
    return _month_and_day(reading, found[2], found[1], found[3])


def _month_and_day(reading: Reading, month: str, day: str, year: str | None) -> Made:
    return reading.almanac.dated(int(month), int(day), int(year) if year else None)


@rules.add(r"(?<=of )(?:the |this |las )*year", r"(?:the )?end (?:of )?year")
def _of_the_year(_: Reading, found: re.Match[str]) -> str:
    return "end of M12" if "end" in found[0] else "M12"


@rules.add(r"(next W(\d)) (?:, )?not this W\2")
def _next_not_this(_: Reading, found: re.Match[str]) -> str:
    return found[1]


@rules.add(r"(?:week|weekend|month|U\d+) (?:next|coming)(?! (?:W|week|month))")
def _turned(_: Reading, found: re.Match[str]) -> str:
    noun, word = found[0].split()
    return f"{word} {noun}"


@rules.add(r"(?:week|weekend|month) last", r"(W\d) last(?! week)")
def _turned_last(_: Reading, found: re.Match[str]) -> str:
    return f"last {found[0].split()[0]}"


@rules.add(r"(?:the )?(?:final|last) day of {the}{month}", r"(?:the )?Q1 day of {the}{month}")
def _edge_day(reading: Reading, found: re.Match[str]) -> Made:
    first = "Q1" in found[0]
    made = reading.almanac.in_month(found[1], 1, 1) if first else reading.almanac.in_month(found[1], 0, 0)
    if first and found[1] == "month":
        return reading.almanac.day_of_month(1)
    return made


@rules.add(r"(?:the )?{o} (?:_ )?week {of}{month}")
def _week_of_month(reading: Reading, found: re.Match[str]) -> Made:
    number = int(found[1])
    if not 0 < number < 6:
        return None
    made = reading.almanac.in_month(found[2], 7 * number - 6, min(7 * number, 31))
    if made.problem == "past" and found[2] == "month":
        return reading.almanac.in_month("next month", 7 * number - 6, min(7 * number, 31))
    return made


@rules.add(r"(?:the )?(?:final|last) week {of}{month}")
def _last_week_of_month(reading: Reading, found: re.Match[str]) -> Made:
    return reading.almanac.in_month(found[1], -6, 0)


@rules.add(r"(?:the )?(Q1|final|last) (?:{n}|few) weeks {of}{month}")
def _weeks_of_month(reading: Reading, found: re.Match[str]) -> Made:
    days = 7 * min(int(found[2] or 3), 4)
    return (
        reading.almanac.in_month(found[3], 1, days)
        if found[1] == "Q1"
        else reading.almanac.in_month(found[3], 1 - days, 0)
    )


@rules.add(r"(?:the )?(?:{o}|final|last) {W} {of}{month}")
def _weekday_of_month(reading: Reading, found: re.Match[str]) -> Made:
    number, weekday = int(found[1] or 0), int(found[2])
    year, month, dated = reading.almanac.month(found[3])
    if number > 5:
        return None
    for _ in range(3):
        length = calendar.monthrange(year, month)[1]
        days = [day for day in range(1, length + 1) if dt.date(year, month, day).weekday() == weekday]
        if number > len(days):
            return Days(None, None, problem="impossible")
        made = dt.date(year, month, days[number - 1])
        if made >= reading.today or dated:
            return Days(made, made, dated=dated, problem="past" if made < reading.today else None)
        if found[3].startswith("M") and reading.today - made <= JUST_PASSED * DAY:
            return Days(None, None, problem="past")
        year, month = (year + 1, month) if found[3].startswith("M") else month_after(year, month)
    return None


@rules.add(r"(?:the )?(?:[OQ](\d{1,2})|N(\d{1,2})) (?:of|in|for) (?:the )?((?:this|next|coming) month|month)")
def _day_of_next_month(reading: Reading, found: re.Match[str]) -> Made:
    return _in_this_or_next(reading, found[3], int(found[1] or found[2]))


@rules.add(r"((?:this|next|coming) month) (?:(?:on|,|the|day) )+(?:[OQ](\d{1,2})|N(\d{1,2}))")
def _next_month_day(reading: Reading, found: re.Match[str]) -> Made:
    return _in_this_or_next(reading, found[1], int(found[2] or found[3]))


def _in_this_or_next(reading: Reading, said: str, day: int) -> Made:
    if said == "month":
        return reading.almanac.day_of_month(day)
    year, month, _ = reading.almanac.month(said)
    made = date_or_none(year, month, day)
    if made is None:
        return Days(None, None, problem="impossible")
    return Days(made, made) if made >= reading.today else Days(None, None, problem="past")


_EDGES = {"beginning": (1, 10), "early": (1, 10), "earlier": (1, 10), "firsthalf": (1, 15)}
_EDGES |= {"middle": (10, 20), "end": (-6, 0), "late": (-9, 0), "later": (-9, 0), "secondhalf": (16, 0)}


@rules.add(r"{the}(beginning|early|earlier|firsthalf|middle|end|late|later|secondhalf) {of}{month}")
def _part_of_month(reading: Reading, found: re.Match[str]) -> Made:
    if found[1] == "later" and found[2] in {"this month", "month"}:
        return reading.almanac.from_tomorrow(reading.almanac.in_month("month", 1, 0))
    first, last = _EDGES[found[1]]
    made = reading.almanac.in_month(found[2], first, last)
    if made.problem == "past" and found[2] == "month":
        made = reading.almanac.in_month("next month", first, last)
    return replace(made, kind="end") if found[1] == "end" else made


@rules.add(r"(?:the )?(firsthalf|secondhalf)(?! (?:of|and))")
def _half_month(reading: Reading, found: re.Match[str]) -> Made:
    first, last = _EDGES[found[1]]
    made = reading.almanac.in_month("month", first, last)
    return reading.almanac.in_month("next month", first, last) if made.problem else made


@rules.add(r"(next )?(?:the |las )?payday")
def _payday(reading: Reading, found: re.Match[str]) -> Made:
    """The 15th or the last of the month."""
    year, month = reading.today.year, reading.today.month
    length = calendar.monthrange(year, month)[1]
    made = reading.today.replace(day=15 if reading.today.day <= 15 else length)
    return Days(made, made)


@rules.add(
    r"(?:the |day |the day )?O(\d{1,2})", r"(?:the|day|the day) N(\d{1,2})", r"the (?:day )?Q(\d{1,2})", r"day S(\d+)"
)
def _ordinal(reading: Reading, found: re.Match[str]) -> Made:
    day = int(found[1])
    if " Q" in found[0] and day <= 3:
        return None
    return reading.almanac.day_of_month(day) if 1 <= day <= 31 else "_"


@rules.add(r"the S(\d{1,2})(?! (?:_|days|weeks|months|week|month|day))")
def _spelled_day(reading: Reading, found: re.Match[str]) -> Made:
    day = int(found[1])
    return reading.almanac.day_of_month(day) if reading.spanish and 1 < day <= 31 else None


@rules.add(r"{D} ((?:(?:or|and|to|-|until|the) )+)(?:N|S)(\d{1,2})(?! (?:o'clock|P|days|weeks|day|week|minutes))")
def _second_day(reading: Reading, found: re.Match[str]) -> Made:
    first, day = reading.days[int(found[1])], int(found[3])
    if first.kind != "day of month" or not first.first or not first.first.day < day <= 31:
        return None
    made = reading.almanac.day_of_month(day)
    return f"D{found[1]} {found[2]}{reading.symbol(made, '_')}"
