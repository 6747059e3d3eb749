"""Holidays, and days counted from them: "the Friday after Easter", "Thanksgiving week"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from bedside.language.when.days import DAY, Days, one_day
from bedside.language.when.grammar import Rules
from bedside.language.when.named_days import name_of, named_days_of
from bedside.language.when.reading import Made, Reading

rules = Rules()


@rules.add(r"(?:the )?(?:{W}|day|weekend|week) (after|before|of|following|_ after|_ before) (?:the )?{H}")
def _from_holiday(reading: Reading, found: re.Match[str]) -> Made:
    weekday, noun = found[1], found[0].removeprefix("the ").split()[0]
    after, before = "after" in found[2], "before" in found[2]

    def choose(first: dt.date, last: dt.date) -> dt.date:
        if weekday:
            step = DAY * ((int(weekday) - last.weekday() - 1) % 7 + 1)
            back = DAY * ((first.weekday() - int(weekday) - 1) % 7 + 1)
            if not after and not before:
                return first + DAY * (int(weekday) - first.weekday())
            return last + step if after else first - back
        if noun == "day":
            return last + DAY if after else first - DAY if before else first
        monday = first - DAY * first.weekday() + DAY * 7 * (after - before)
        if noun == "week":
            return monday + 4 * DAY
        if after:
            return last + DAY * ((5 - last.weekday() - 1) % 7 + 1)
        return first - DAY * ((first.weekday() - 6) % 7 + 1) if before else monday + 5 * DAY

    day = reading.almanac.holiday(int(found[3]), choose)
    if day is None:
        return None
    if noun == "week":
        return reading.almanac.week(day - 4 * DAY)
    return Days(day, day + DAY) if noun == "weekend" else one_day(day)


@rules.add(r"{U} (after|before) (?:the )?{H}")
def _span_from_holiday(reading: Reading, found: re.Match[str]) -> Made:
    span = reading.spans[int(found[1])]
    if span.unit in {"hour", "minute"}:
        return None
    sign = 1 if found[2] == "after" else -1
    near = reading.almanac.holiday(
        int(found[3]), lambda first, last: reading.almanac.moved(last if sign > 0 else first, span, sign * span.most)
    )
    return None if near is None else one_day(near)


@rules.add(r"(?:the )?{H} (week|weekend)")
def _holiday_week(reading: Reading, found: re.Match[str]) -> Made:
    day = reading.almanac.holiday(int(found[1]), lambda first, _: first - DAY * first.weekday() + 4 * DAY)
    if day is None:
        return None
    return reading.almanac.week(day - 4 * DAY) if found[2] == "week" else Days(day + DAY, day + 2 * DAY)


@rules.add(r"after (?:the )?{H}")
def _after_holiday(reading: Reading, found: re.Match[str]) -> Made:
    day = reading.almanac.holiday(int(found[1]), lambda _, last: last + 14 * DAY)
    return None if day is None else Days(max(day - 13 * DAY, reading.today), None)


@rules.add(r"(?:the )?{H}(?: Y(\d{4}))?")
def _holiday(reading: Reading, found: re.Match[str]) -> Made:
    name = name_of(int(found[1]))
    if found[2]:
        span = named_days_of(int(found[2])).get(name)
        return None if span is None else Days(*span, dated=True, problem="past" if span[1] < reading.today else None)
    last = reading.almanac.holiday(int(found[1]), lambda _, last: last)
    if last is None:
        return None
    first = next((low for low, high in map(_span_of(name), (last.year - 1, last.year)) if high == last), last)
    return Days(max(first, reading.today), last)


def _span_of(name: str) -> Callable[[int], tuple[dt.date, dt.date]]:
    return lambda year: named_days_of(year).get(name, (dt.date.min, dt.date.min))
