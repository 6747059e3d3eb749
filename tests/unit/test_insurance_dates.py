"""When insurers are to be expected and by when appeals must be there: months, leap days, weekends and holidays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.calendar import BusinessCalendar
from bedside.care import insurance_dates
from bedside.organization import load_organization
from tests.unit.bills import ROOT
from tests.unit.test_disputes import after, works

CLINIC = BusinessCalendar(load_organization(ROOT / "organization.yml"))
DAYS = st.dates(date(2023, 1, 1), date(2033, 12, 31))
TODAY = date(2026, 11, 24)


@settings(max_examples=300)
@given(DAYS, st.integers(1, 40))
def test_business_days_are_counted_after_the_day(day: date, days: int) -> None:
    assert insurance_dates.business_day_after(CLINIC, day, days) == after(day, days)


@settings(max_examples=300)
@given(DAYS, st.integers(1, 365), DAYS)
def test_a_deadline_in_days_is_never_put_later(notice: date, days: int, today: date) -> None:
    made = insurance_dates.days_after(CLINIC, notice, days, today)
    assert (made.last_day - notice).days == days
    assert made.send_by <= made.last_day
    assert works(made.send_by)
    assert not any(works(made.send_by + timedelta(days=n)) for n in range(1, (made.last_day - made.send_by).days + 1))
    assert made.days_left == (made.last_day - today).days
    assert made.over is (today > made.last_day)


@settings(max_examples=300)
@given(DAYS, st.integers(1, 24))
def test_months_end_on_the_same_day_or_the_first_of_the_next(notice: date, months: int) -> None:
    made = insurance_dates.months_after(CLINIC, notice, months, TODAY).last_day
    same = notice + relativedelta(months=months)  # the last of a month that has no such day
    assert made == (same if same.day == notice.day else same + timedelta(days=1))


@pytest.mark.parametrize(
    ("notice", "months", "last", "send_by"),
    [
        ("2026-10-30", 4, "2027-03-01", "2027-03-01"),  # no February 30
        ("2027-10-31", 4, "2028-03-01", "2028-03-01"),  # nor in a leap year
        ("2027-10-29", 4, "2028-02-29", "2028-02-29"),  # a leap day
        ("2026-10-29", 4, "2027-03-01", "2027-03-01"),
        ("2026-08-31", 4, "2026-12-31", "2026-12-31"),
        ("2026-07-26", 4, "2026-11-26", "2026-11-25"),  # Thanksgiving
        ("2026-08-25", 4, "2026-12-25", "2026-12-24"),  # Christmas
        ("2026-09-01", 4, "2027-01-01", "2026-12-31"),  # New Year's Day
        ("2027-01-31", 4, "2027-05-31", "2027-05-28"),  # Memorial Day after a weekend
        ("2026-11-20", 13, "2027-12-20", "2027-12-20"),
    ],
)
def test_months_by_hand(notice: str, months: int, last: str, send_by: str) -> None:
    made = insurance_dates.months_after(CLINIC, date.fromisoformat(notice), months, TODAY)
    assert (made.last_day.isoformat(), made.send_by.isoformat()) == (last, send_by)


@pytest.mark.parametrize(
    ("notice", "days", "last", "send_by"),
    [
        ("2026-11-20", 180, "2027-05-19", "2027-05-19"),
        ("2027-09-01", 181, "2028-02-29", "2028-02-29"),  # over into a leap day
        ("2028-02-01", 30, "2028-03-02", "2028-03-02"),
        ("2027-02-01", 30, "2027-03-03", "2027-03-03"),
        ("2026-06-30", 180, "2026-12-27", "2026-12-24"),  # a Sunday after Christmas on a Friday
        ("2026-05-30", 180, "2026-11-26", "2026-11-25"),  # Thanksgiving
        ("2026-09-05", 120, "2027-01-03", "2026-12-31"),  # a Sunday after New Year's Day
    ],
)
def test_days_by_hand(notice: str, days: int, last: str, send_by: str) -> None:
    made = insurance_dates.days_after(CLINIC, date.fromisoformat(notice), days, TODAY)
    assert (made.last_day.isoformat(), made.send_by.isoformat()) == (last, send_by)


def test_a_decision_beforehand_over_thanksgiving() -> None:
    made = insurance_dates.expected_in_days(CLINIC, date(2026, 11, 18), (3, 7), TODAY)
    assert (made.earliest, made.latest, made.late) == (date(2026, 11, 23), date(2026, 11, 30), False)
    assert insurance_dates.expected_in_days(CLINIC, date(2026, 11, 12), (3, 7), TODAY).late
    on_the_day = insurance_dates.expected_in_days(CLINIC, date(2026, 11, 18), (3, 7), date(2026, 11, 30))
    assert not on_the_day.late


def test_an_urgent_one_does_not_wait_for_the_weekend() -> None:
    made = insurance_dates.expected_in_hours(date(2026, 11, 27), (24, 72), TODAY)
    assert (made.earliest, made.latest) == (date(2026, 11, 28), date(2026, 11, 30))
    with pytest.raises(ValueError, match="at least one later"):
        insurance_dates.business_day_after(CLINIC, TODAY, 0)
