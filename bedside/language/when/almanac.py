"""What day a name means, seen from today: a date, a day of the month, a week, a month, a holiday."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from bedside.language.when.days import DAY, Days
from bedside.language.when.named_days import name_of, named_days_of

JUST_PASSED = 60  # days in which a date without a year may still mean the one gone by


class Span(NamedTuple):
    """A length of time, `amount` of a unit; `most` where it was said with a range ("two or three weeks")."""

    amount: int
    unit: str  # "day", "week", "month", "year", "hour", "minute"
    most: int


class Almanac:
    """The days around a day called today."""

    def __init__(self, today: dt.date) -> None:
        self.today = today

    def bare(self, weekday: int) -> dt.date:
        """The first such weekday after today."""
        return self.today + DAY * ((weekday - self.today.weekday() - 1) % 7 + 1)

    def monday(self, weeks: int = 0) -> dt.date:
        """The Monday of the week that lies that many weeks ahead."""
        return self.today + DAY * (7 * weeks - self.today.weekday())

    def dated(self, month: int, day: int, year: int | None = None) -> Days:
        """The date; without a year the next such, or "past" where one has just gone by."""
        if year is not None:
            made = date_or_none(year, month, day)
            if made is None:
                return Days(None, None, problem="impossible", dated=True)
            return Days(made, made, dated=True, problem="past" if made < self.today else None)
        if not 1 <= month <= 12 or not 1 <= day <= 31 or date_or_none(2028, month, day) is None:
            return Days(None, None, problem="impossible")
        this, following = date_or_none(self.today.year, month, day), date_or_none(self.today.year + 1, month, day)
        gone = [one for one in (this, date_or_none(self.today.year - 1, month, day)) if one and one < self.today]
        if gone and self.today - max(gone) <= JUST_PASSED * DAY:
            return Days(None, None, problem="past")
        made = this if this and this >= self.today else following
        return Days(made, made) if made else Days(None, None, problem="impossible")

    def day_of_month(self, day: int) -> Days:
        """The next day that has this number."""
        if not 1 <= day <= 31:
            return Days(None, None, problem="impossible")
        year, month = self.today.year, self.today.month
        for _ in range(4):
            made = date_or_none(year, month, day)
            if made and made >= self.today:
                return Days(made, made, kind="day of month")
            year, month = month_after(year, month)
        return Days(None, None, problem="impossible")

    def month(self, said: str) -> tuple[int, int, bool]:
        """Year and month of "M12", "M12 Y2027", "next month", "this month"; whether the year was said."""
        named = re.match(r"M(\d+)(?:.*Y(\d{4}))?", said)
        if not named:
            here = (self.today.year, self.today.month)
            return (*(month_after(*here) if "next" in said or "coming" in said else here), False)
        month = int(named[1])
        if named[2]:
            return int(named[2]), month, True
        return self.today.year + (month < self.today.month), month, False

    def in_month(self, said: str, first: int, last: int) -> Days:
        """The days of a month from `first` to `last`, counted from its end when not positive."""
        year, month, dated = self.month(said)
        length = calendar.monthrange(year, month)[1]
        low, high = dt.date(year, month, _from_end(first, length)), dt.date(year, month, _from_end(last, length))
        if not dated and said.startswith("M") and (year, month) > (self.today.year, self.today.month):
            before = dt.date(year - 1, month, 1)
            passed = before.replace(day=_from_end(last, calendar.monthrange(year - 1, month)[1]))
            if passed < self.today and self.today - passed <= JUST_PASSED * DAY:
                return Days(None, None, problem="past")
        return self.ahead(low, high, "month", dated)

    def ahead(self, low: dt.date, high: dt.date, kind: str, dated: bool = False) -> Days:
        """What of these days is not gone by."""
        if high < self.today:
            return Days(low, high, problem="past", dated=True) if dated else Days(None, None, problem="past")
        return Days(max(low, self.today), high, kind=kind, dated=dated)

    def week(self, monday: dt.date, last: int = 4) -> Days:
        """The week of a Monday, to its Friday, or to the day that lies `last` days on."""
        return self.ahead(monday, monday + last * DAY, "week")

    def holiday(self, index: int, choose: Callable[[dt.date, dt.date], dt.date]) -> dt.date | None:
        """The first day from today on that `choose` makes of the holiday's first and last day, over the years."""
        name = name_of(index)
        for year in (self.today.year - 1, self.today.year, self.today.year + 1, self.today.year + 2):
            span = named_days_of(year).get(name) if 1950 < year < 2090 else None
            if span and choose(*span) >= self.today:
                return choose(*span)
        return None

    def moved(self, start: dt.date, span: Span, amount: int | None = None) -> dt.date:
        """The day that lies the span after `start`."""
        count = span.amount if amount is None else amount
        if span.unit in {"month", "year"}:
            year, month = start.year, start.month
            total = year * 12 + month - 1 + count * (12 if span.unit == "year" else 1)
            length = calendar.monthrange(total // 12, total % 12 + 1)[1]
            return dt.date(total // 12, total % 12 + 1, min(start.day, length))
        return start + DAY * count * (7 if span.unit == "week" else 1)

    def from_tomorrow(self, days: Days) -> Days:
        """The same days without today, when some lie behind it."""
        if days.last and days.last > self.today:
            return replace(days, first=max(days.first or self.today, self.today + DAY))
        return days


def date_or_none(year: int, month: int, day: int) -> dt.date | None:
    """The date, or None where the calendar has none such."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def month_after(year: int, month: int) -> tuple[int, int]:
    """Year and month of the month that follows."""
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _from_end(day: int, length: int) -> int:
    return max(1, min(day if day > 0 else length + day, length))
