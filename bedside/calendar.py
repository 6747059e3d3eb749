"""Business days and hours of the clinic: when something is due, and whether anyone is there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone

from bedside.organization import Organization, public_holidays

_DAY = timedelta(days=1)


class BusinessCalendar:
    """The opening hours, holidays and closed dates of one clinic.

    Moments that go in may be in any zone but must carry one (ValueError otherwise); moments that come out are UTC.
    Days are dates in the clinic's own zone. The promises of R7 take their due times from here.
    """

    def __init__(self, organization: Organization) -> None:
        self._tz = organization.tz
        self._state = organization.state
        self._hours = organization.hours
        self._holidays = frozenset(organization.holidays)
        self._closed = frozenset(organization.closed_dates)
        self._closed_by_holiday: dict[int, frozenset[date]] = {}

    def is_business_day(self, day: date) -> bool:
        """Whether the clinic opens at all on that day."""
        return self._hours.on(day) is not None and day not in self._closed and day not in self._holidays_in(day.year)

    def is_open(self, at: datetime) -> bool:
        """Whether the clinic is open at that moment; it is open at the opening minute and closed at the closing one."""
        day = self._day_of(at)
        return self.is_business_day(day) and self.opening(day) <= at < self.closing(day)

    def opening(self, day: date) -> datetime:
        """When the clinic opens on a business day, in UTC. ValueError on a day when it is closed."""
        return self._moment(day, self._span(day)[0])

    def closing(self, day: date) -> datetime:
        """When the clinic closes on a business day, in UTC. ValueError on a day when it is closed."""
        return self._moment(day, self._span(day)[1])

    def next_opening(self, at: datetime) -> datetime:
        """The first time the doors open at or after that moment; while the clinic is open, that is the next day's."""
        return next(
            opening
            for opening in (self.opening(day) for day in self._business_days_from(self._day_of(at)))
            if opening >= at
        )

    def business_days_due(self, now: datetime, days: int) -> datetime:
        """Close of business on the `days`-th business day (1 or more) after today, where today never counts."""
        if days < 1:
            raise ValueError("a promise in business days needs at least one")
        upcoming = self._business_days_from(self._day_of(now) + _DAY)
        for _ in range(days - 1):
            next(upcoming)
        return self.closing(next(upcoming))

    def same_day_due(self, now: datetime, minimum_minutes: int) -> datetime:
        """Today's close of business, or the next business day's when today is closed or too little of it is left.

        `minimum_minutes` is the time that must remain until closing for "today" to be an honest promise.
        """
        today = self._day_of(now)
        if self.is_business_day(today) and self.closing(today) - now >= timedelta(minutes=minimum_minutes):
            return self.closing(today)
        return self.business_days_due(now, 1)

    def add_business_minutes(self, at: datetime, minutes: int) -> datetime:
        """The moment at which the clinic has been open for that many minutes (0 or more) since `at`.

        Time that is used up exactly at closing ends at closing. From a closed moment, the count starts at the next
        opening, also for 0 minutes.
        """
        if minutes < 0:
            raise ValueError("business minutes cannot be negative")
        left = timedelta(minutes=minutes)
        for day in self._business_days_from(self._day_of(at)):
            start, end = max(self.opening(day), at), self.closing(day)
            if start < end:
                if left <= end - start:
                    return (start + left).astimezone(timezone.utc)
                left -= end - start
        raise AssertionError("the days do not end")

    def _business_days_from(self, day: date) -> Iterator[date]:
        while True:
            if self.is_business_day(day):
                yield day
            day += _DAY

    def holiday_name(self, day: date) -> str | None:
        """The holiday for which the clinic is closed that day; None on every other day."""
        names = public_holidays(self._state, day.year).get(day, frozenset()) & self._holidays
        return min(names) if names else None

    def _span(self, day: date) -> tuple[time, time]:
        hours = self._hours.on(day)
        if hours is None or not self.is_business_day(day):
            raise ValueError(f"the clinic is closed on {day.isoformat()}")
        return hours.opens, hours.closes

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self._tz).astimezone(timezone.utc)

    def _day_of(self, at: datetime) -> date:
        if at.utcoffset() is None:
            raise ValueError("a moment needs a time zone")
        return at.astimezone(self._tz).date()

    def _holidays_in(self, year: int) -> frozenset[date]:
        if year not in self._closed_by_holiday:
            self._closed_by_holiday[year] = frozenset(
                day for day, names in public_holidays(self._state, year).items() if names & self._holidays
            )
        return self._closed_by_holiday[year]
