"""When an insurer is to be expected, and by when an appeal has to be there: days on the clinic's calendar.

A last day is never put later than it might be: it is counted from the notice's own day, not from when it came, and
`send_by` is the last business day on or before it, though a law may give until the next one.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from bedside.calendar import BusinessCalendar

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Expected:
    """From when and until when something is to be expected. `late`: it is past by today."""

    earliest: date
    latest: date
    late: bool


@dataclass(frozen=True)
class Deadline:
    """The last day of an appeal, the last business day by which to send it, and how many days are left until then.

    `days_left` is 0 on the day itself and negative when it is over.
    """

    last_day: date
    send_by: date
    days_left: int

    @property
    def over(self) -> bool:
        """Whether the last day is past."""
        return self.days_left < 0


def business_day_after(clock: BusinessCalendar, day: date, days: int) -> date:
    """The `days`-th business day after a day, which itself never counts. Raise ValueError for less than one."""
    if days < 1:
        raise ValueError("a business day after another is at least one later")
    left = days
    while left:
        day += _DAY
        left -= clock.is_business_day(day)
    return day


def last_business_day(clock: BusinessCalendar, day: date) -> date:
    """The last business day on or before a day."""
    while not clock.is_business_day(day):
        day -= _DAY
    return day


def expected_in_days(clock: BusinessCalendar, since: date, days: tuple[int, int], today: date) -> Expected:
    """What takes that many business days, the least and the most, counted after the day it was sent."""
    latest = business_day_after(clock, since, days[1])
    return Expected(business_day_after(clock, since, days[0]), latest, latest < today)


def expected_in_hours(since: date, hours: tuple[int, int], today: date) -> Expected:
    """What takes that many hours, which don't stop on weekends; a day that has begun counts whole."""
    latest = since + _DAY * _whole_days(hours[1])
    return Expected(since + _DAY * _whole_days(hours[0]), latest, latest < today)


def days_after(clock: BusinessCalendar, notice: date, days: int, today: date) -> Deadline:
    """A deadline of calendar days after the day of a notice."""
    return _deadline(clock, notice + _DAY * days, today)


def months_after(clock: BusinessCalendar, notice: date, months: int, today: date) -> Deadline:
    """A deadline of months after a notice: the same day of that month, or the first of the next where it has none.

    So the rules for external review count (45 CFR 147.136): four months after October 30 is March 1.
    """
    month = notice.month - 1 + months
    year, month = notice.year + month // 12, month % 12 + 1
    if notice.day <= calendar.monthrange(year, month)[1]:
        last = date(year, month, notice.day)
    else:
        last = date(year + month // 12, month % 12 + 1, 1)
    return _deadline(clock, last, today)


def on_day(clock: BusinessCalendar, last: date, today: date) -> Deadline:
    """A deadline whose last day is known."""
    return _deadline(clock, last, today)


def _deadline(clock: BusinessCalendar, last: date, today: date) -> Deadline:
    return Deadline(last, last_business_day(clock, last), (last - today).days)


def _whole_days(hours: int) -> int:
    return -(-hours // 24)
