"""Business days and hours: the examples of the front desk, and properties against a count by hand."""

from __future__ import annotations

import calendar as months
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.calendar import BusinessCalendar
from bedside.organization import Hours, load_organization

CLINIC = load_organization(Path(__file__).parents[2] / "organization.yml")
CALENDAR = BusinessCalendar(CLINIC)
NEW_YORK = CLINIC.tz

moments = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001 (hypothesis takes bounds without a zone)
    max_value=datetime(2035, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([timezone.utc, NEW_YORK]),
)
open_minutes = st.integers(min_value=0, max_value=3000)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def shown(moment: datetime) -> str:
    assert moment.tzinfo is timezone.utc
    return moment.astimezone(NEW_YORK).strftime("%a %Y-%m-%d %H:%M")


def nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    days = [day for day in months.Calendar().itermonthdates(year, month) if day.month == month]
    return [day for day in days if day.weekday() == weekday][n if n < 0 else n - 1]


def observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


@cache
def open_by_hand(day: date) -> bool:
    """The rules of the six holidays as the law words them, without the library."""
    years = (day.year, day.year + 1)
    closed = {observed(date(year, 1, 1)) for year in years}
    closed |= {observed(date(day.year, 7, 4)), observed(date(day.year, 12, 25))}
    closed |= {nth_weekday(day.year, 5, 0, -1), nth_weekday(day.year, 9, 0, 1), nth_weekday(day.year, 11, 3, 4)}
    return day.weekday() < 5 and day not in closed


def due_by_hand(now: datetime, days: int) -> datetime:
    day = now.astimezone(NEW_YORK).date()
    while days:
        day += timedelta(days=1)
        days -= open_by_hand(day)
    return datetime.combine(day, time(17), tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        ("2026-11-26", False),  # Thanksgiving
        ("2026-11-27", True),  # the day after
        ("2026-07-03", False),  # Independence Day on a Saturday, observed on Friday
        ("2027-07-05", False),  # on a Sunday, observed on Monday
        ("2027-12-31", False),  # New Year's Day 2028, observed in the year before
        ("2026-12-24", True),
        ("2026-10-12", True),  # Columbus Day is a public holiday that this clinic works
        ("2026-11-28", False),  # Saturday
    ],
)
def test_business_days(day: str, is_open: bool) -> None:
    assert CALENDAR.is_business_day(date.fromisoformat(day)) is is_open


def test_every_day_of_twelve_years_agrees_with_the_rules_by_hand() -> None:
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(12 * 365)]
    assert [day for day in days if CALENDAR.is_business_day(day) != open_by_hand(day)] == []


def test_a_closed_date_of_the_clinic_counts_like_a_holiday() -> None:
    calendar = BusinessCalendar(CLINIC.copy(update={"closed_dates": (date(2026, 11, 25),)}))
    assert not calendar.is_business_day(date(2026, 11, 25))
    assert not calendar.is_open(local("2026-11-25 10:00"))
    assert shown(calendar.business_days_due(local("2026-11-24 10:15"), 1)) == "Fri 2026-11-27 17:00"


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-24 07:59:59", False),
        ("2026-11-24 08:00", True),
        ("2026-11-24 16:59:59", True),
        ("2026-11-24 17:00", False),
        ("2026-11-26 10:00", False),
        ("2026-11-28 10:00", False),
    ],
)
def test_open_from_the_opening_minute_until_the_closing_one(at: str, is_open: bool) -> None:
    assert CALENDAR.is_open(local(at)) is is_open
    assert CALENDAR.is_open(local(at).astimezone(timezone.utc)) is is_open


@pytest.mark.parametrize(
    ("now", "days", "due"),
    [
        ("2026-11-24 10:15", 1, "Wed 2026-11-25 17:00"),
        ("2026-11-24 10:15", 3, "Mon 2026-11-30 17:00"),
        ("2026-11-24 23:59", 1, "Wed 2026-11-25 17:00"),
        ("2026-11-25 00:00", 1, "Fri 2026-11-27 17:00"),
        ("2026-11-27 18:00", 1, "Mon 2026-11-30 17:00"),
        ("2026-11-28 09:00", 1, "Mon 2026-11-30 17:00"),
        ("2026-12-31 09:00", 1, "Mon 2027-01-04 17:00"),
        ("2026-11-24 10:15", 30, "Fri 2027-01-08 17:00"),
    ],
)
def test_due_in_business_days(now: str, days: int, due: str) -> None:
    assert shown(CALENDAR.business_days_due(local(now), days)) == due


def test_the_evening_in_new_york_is_not_yet_tomorrow_although_it_is_in_utc() -> None:
    assert (
        shown(CALENDAR.business_days_due(datetime(2026, 11, 25, 2, tzinfo=timezone.utc), 1)) == "Wed 2026-11-25 17:00"
    )


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-24 05:00", "Tue 2026-11-24 17:00"),
        ("2026-11-24 16:00", "Tue 2026-11-24 17:00"),
        ("2026-11-24 16:00:01", "Wed 2026-11-25 17:00"),
        ("2026-11-24 20:00", "Wed 2026-11-25 17:00"),
        ("2026-11-25 16:30", "Fri 2026-11-27 17:00"),
        ("2026-11-26 09:00", "Fri 2026-11-27 17:00"),
    ],
)
def test_due_the_same_day_while_an_hour_is_left(now: str, due: str) -> None:
    assert shown(CALENDAR.same_day_due(local(now), 60)) == due


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-11-24 06:00", "Tue 2026-11-24 08:00"),
        ("2026-11-24 08:00", "Tue 2026-11-24 08:00"),
        ("2026-11-24 08:01", "Wed 2026-11-25 08:00"),
        ("2026-11-25 17:00", "Fri 2026-11-27 08:00"),
        ("2026-11-27 22:00", "Mon 2026-11-30 08:00"),
    ],
)
def test_next_opening(at: str, opening: str) -> None:
    assert shown(CALENDAR.next_opening(local(at))) == opening


@pytest.mark.parametrize(
    ("at", "minutes", "end"),
    [
        ("2026-11-24 10:15", 30, "Tue 2026-11-24 10:45"),
        ("2026-11-24 16:30", 30, "Tue 2026-11-24 17:00"),
        ("2026-11-24 16:30", 31, "Wed 2026-11-25 08:01"),
        ("2026-11-25 16:30", 9 * 60 + 45, "Mon 2026-11-30 08:15"),
        ("2026-11-26 12:00", 0, "Fri 2026-11-27 08:00"),
        ("2026-11-24 17:00", 5, "Wed 2026-11-25 08:05"),
        ("2026-11-24 10:15", 0, "Tue 2026-11-24 10:15"),
    ],
)
def test_business_minutes_pass_only_while_the_clinic_is_open(at: str, minutes: int, end: str) -> None:
    assert shown(CALENDAR.add_business_minutes(local(at), minutes)) == end


def test_closing_is_five_in_the_afternoon_in_summer_and_in_winter() -> None:
    assert CALENDAR.closing(date(2026, 3, 6)) == datetime(2026, 3, 6, 22, tzinfo=timezone.utc)
    assert CALENDAR.closing(date(2026, 3, 9)) == datetime(2026, 3, 9, 21, tzinfo=timezone.utc)
    assert CALENDAR.closing(date(2026, 10, 30)) == datetime(2026, 10, 30, 21, tzinfo=timezone.utc)
    assert CALENDAR.closing(date(2026, 11, 2)) == datetime(2026, 11, 2, 22, tzinfo=timezone.utc)


def test_minutes_that_really_pass_are_counted_on_the_nights_when_the_clocks_change() -> None:
    week = CLINIC.hours.copy(update={"sunday": Hours.parse_obj({"opens": "00:00", "closes": "06:00"})})
    calendar = BusinessCalendar(CLINIC.copy(update={"hours": week}))
    assert shown(calendar.add_business_minutes(local("2026-03-08 00:00"), 180)) == "Sun 2026-03-08 04:00"
    assert shown(calendar.add_business_minutes(local("2026-11-01 00:00"), 180)) == "Sun 2026-11-01 02:00"
    assert calendar.closing(date(2026, 3, 8)) - calendar.opening(date(2026, 3, 8)) == timedelta(hours=5)


def test_refusals() -> None:
    naive = datetime(2026, 11, 24, 10, 15)  # noqa: DTZ001 (what is refused)
    for call in (
        lambda: CALENDAR.is_open(naive),
        lambda: CALENDAR.business_days_due(naive, 1),
        lambda: CALENDAR.same_day_due(naive, 60),
        lambda: CALENDAR.add_business_minutes(naive, 1),
        lambda: CALENDAR.next_opening(naive),
    ):
        with pytest.raises(ValueError, match="time zone"):
            call()
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.business_days_due(local("2026-11-24 10:15"), 0)
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_business_minutes(local("2026-11-24 10:15"), -1)
    with pytest.raises(ValueError, match="closed on 2026-11-26"):
        CALENDAR.closing(date(2026, 11, 26))


@settings(deadline=None)
@given(now=moments, days=st.integers(min_value=1, max_value=40))
def test_due_is_the_nth_business_day_at_close_counted_by_hand(now: datetime, days: int) -> None:
    due = CALENDAR.business_days_due(now, days)
    day = due.astimezone(NEW_YORK).date()
    assert due == due_by_hand(now, days)
    assert CALENDAR.is_business_day(day)
    assert due == CALENDAR.closing(day) > now


@settings(deadline=None)
@given(first=moments, second=moments, days=st.integers(min_value=1, max_value=12), minutes=open_minutes)
def test_later_never_means_due_sooner(first: datetime, second: datetime, days: int, minutes: int) -> None:
    early, late = sorted((first, second))
    assert CALENDAR.business_days_due(early, days) <= CALENDAR.business_days_due(late, days)
    assert CALENDAR.business_days_due(early, days) < CALENDAR.business_days_due(early, days + 1)
    assert CALENDAR.same_day_due(early, 60) <= CALENDAR.same_day_due(late, 60)
    assert CALENDAR.add_business_minutes(early, minutes) <= CALENDAR.add_business_minutes(late, minutes)
    assert CALENDAR.next_opening(early) <= CALENDAR.next_opening(late)


@settings(deadline=None)
@given(now=moments, minimum=st.integers(min_value=1, max_value=600))
def test_same_day_leaves_the_promised_time_and_is_today_or_the_next_business_day(now: datetime, minimum: int) -> None:
    due = CALENDAR.same_day_due(now, minimum)
    today, day = now.astimezone(NEW_YORK).date(), due.astimezone(NEW_YORK).date()
    assert due == CALENDAR.closing(day)
    if day == today:
        assert due - now >= timedelta(minutes=minimum)
    else:
        assert due == due_by_hand(now, 1)
        assert not open_by_hand(today) or CALENDAR.closing(today) - now < timedelta(minutes=minimum)


@settings(deadline=None)
@given(at=moments, minutes=open_minutes, more=open_minutes)
def test_business_minutes_add_up(at: datetime, minutes: int, more: int) -> None:
    in_two_steps = CALENDAR.add_business_minutes(CALENDAR.add_business_minutes(at, minutes), more)
    at_once = CALENDAR.add_business_minutes(at, minutes + more)
    assert in_two_steps == at_once or (more == 0 and in_two_steps == CALENDAR.next_opening(at_once))


@settings(max_examples=20, deadline=None)
@given(at=moments, minutes=st.integers(min_value=1, max_value=1200))
def test_exactly_that_many_minutes_are_open_ones(at: datetime, minutes: int) -> None:
    start = at.replace(second=0, microsecond=0).astimezone(timezone.utc)
    end = CALENDAR.add_business_minutes(start, minutes)
    counted, moment = 0, start
    while moment < end:
        here = moment.astimezone(NEW_YORK)
        counted += open_by_hand(here.date()) and time(8) <= here.time() < time(17)
        moment += timedelta(minutes=1)
    assert counted == minutes


@settings(deadline=None)
@given(at=moments)
def test_next_opening_is_not_past_and_the_clinic_is_closed_until_then_unless_open_now(at: datetime) -> None:
    opening = CALENDAR.next_opening(at)
    assert opening >= at
    assert CALENDAR.is_open(opening)
    assert not CALENDAR.is_open(opening - timedelta(seconds=1))
    if not CALENDAR.is_open(at):
        assert CALENDAR.add_business_minutes(at, 0) == opening
