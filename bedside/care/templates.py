"""Making openings of the hours that providers keep each week, day by day as time goes on. The worker runs it daily."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bedside.care.context import Care
from bedside.records.clinic_file import WEEKDAYS
from bedside.records.tables import Opening, ProviderAbsence, ProviderTemplate
from bedside.records.visits import busy_spans

Span = tuple[datetime, datetime]

_DAY = timedelta(days=1)


def lay_out(care: Care) -> int:
    """Make the openings of every day up to the horizon that has none yet; how many were made.

    Never on a holiday, in closed hours, while the provider is away, in the past, or over another opening or a visit.
    A day is laid out once: an opening that staff took out of the calendar does not come back.
    """
    made = 0
    with care.store.work() as session:
        templates = session.execute(select(ProviderTemplate).order_by(ProviderTemplate.id).with_for_update()).scalars()
        for template in templates.all():
            made += _lay_out(care, session, template)
    return made


def _lay_out(care: Care, session: Session, template: ProviderTemplate) -> int:
    today = care.today()
    last = today + timedelta(days=care.organization.scheduling.horizon_days)
    first = max(filter(None, (today, template.starts_on, template.laid_until and template.laid_until + _DAY)))
    until = min(filter(None, (last, template.ends_on)))
    if first > until:
        return 0
    occupied = _occupied(session, template.provider_id, care.now())
    away = _away(session, template.provider_id)
    length = timedelta(minutes=template.minutes)
    made = []
    for day, local in _times(care, template, first, until):
        starts_at = local.astimezone(timezone.utc)
        meets = any(begins < starts_at + length and ends > starts_at for begins, ends in occupied.get(day, ()))
        if starts_at <= care.now() or meets or any(begins <= day.toordinal() <= ends for begins, ends in away):
            continue
        made.append(
            {
                "provider_id": template.provider_id,
                "starts_at": starts_at,
                "minutes": template.minutes,
                "location": template.location,
                "room": template.room,
                "visit_type": template.visit_type,
                "day": day.toordinal(),
                "minute": local.hour * 60 + local.minute,
            }
        )
    template.laid_until = until
    if made:
        session.execute(insert(Opening), made)
    session.flush()
    return len(made)


def _times(care: Care, template: ProviderTemplate, first: date, until: date) -> Iterator[tuple[date, datetime]]:
    """Every day and local time at which the template begins a visit that ends within its hours and the clinic's."""
    begins, ends = time.fromisoformat(template.starts), time.fromisoformat(template.ends)
    length = timedelta(minutes=template.minutes)
    for number in range((until - first).days + 1):
        day = first + timedelta(days=number)
        hours = care.organization.hours.on(day)
        if WEEKDAYS[day.weekday()] not in template.weekdays or hours is None or not care.calendar.is_business_day(day):
            continue
        naive = datetime.combine(day, begins)
        latest = datetime.combine(day, min(ends, hours.closes))
        while naive + length <= latest:
            if naive.time() >= hours.opens:
                yield day, naive.replace(tzinfo=care.organization.tz)
            naive += length


def _occupied(session: Session, provider_id: int, now: datetime) -> dict[date, list[Span]]:
    """The times of a provider that are openings or visits already, by the day in UTC and its neighbors."""
    rows = session.execute(
        select(Opening.starts_at, Opening.minutes).where(
            Opening.provider_id == provider_id, Opening.starts_at > now - _DAY
        )
    )
    spans = [(at, at + timedelta(minutes=minutes)) for at, minutes in rows]
    by_day: dict[date, list[Span]] = {}
    for span in [*spans, *busy_spans(session, provider_id, now - _DAY)]:
        for shift in (-1, 0, 1):
            by_day.setdefault(span[0].date() + shift * _DAY, []).append(span)
    return by_day


def _away(session: Session, provider_id: int) -> list[tuple[int, int]]:
    rows = session.execute(
        select(ProviderAbsence.first_day, ProviderAbsence.last_day).where(ProviderAbsence.provider_id == provider_id)
    )
    return [(first, last) for first, last in rows]
