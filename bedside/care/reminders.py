"""Reminders of visits (BRIEF 3.3): when each is due. The worker sends them; here they are planned and dropped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bedside.care.context import Care
from bedside.records.tables import Reminder
from bedside.records.visits import Visit, unreminded, visit_for_message

DUE, SENT, DROPPED = "due", "sent", "dropped"


@dataclass(frozen=True)
class DueReminder:
    """A reminder to send now to the patient's own number on file, where they agreed to text messages."""

    reminder_id: int
    days_before: int
    visit: Visit


def due_times(care: Care, starts_at: datetime) -> Iterator[tuple[int, datetime]]:
    """Days before the visit and moments (UTC) at which it is called to mind; those that have passed are left out."""
    rules = care.organization.scheduling
    tz = care.organization.tz
    day = starts_at.astimezone(tz).date()
    for days in rules.reminder_days_before:
        due = datetime.combine(day - timedelta(days=days), rules.reminder_time, tzinfo=tz).astimezone(timezone.utc)
        if due > care.now():
            yield days, due


def plan(care: Care, session: Session, appointment_id: int, starts_at: datetime) -> None:
    """Write the reminders of a visit that has just been booked."""
    for days, due in due_times(care, starts_at):
        session.add(Reminder(appointment_id=appointment_id, days_before=days, due_at=due, status=DUE))
    session.flush()


def drop(care: Care, session: Session, appointment_id: int) -> None:
    """Strike off what is still to be sent for a visit that was moved, cancelled or settled."""
    session.execute(
        update(Reminder)
        .where(Reminder.appointment_id == appointment_id, Reminder.status == DUE)
        .values(status=DROPPED, ended_at=care.now())
        .execution_options(synchronize_session="fetch")
    )


def plan_missing(care: Care) -> int:
    """Plan reminders of visits that have none, such as those from a loaded file; how many visits got some."""
    planned = 0
    with care.store.work() as session:
        for appointment_id, starts_at in unreminded(session, care.now(), select(Reminder.appointment_id)):
            if any(due_times(care, starts_at)):
                plan(care, session, appointment_id, starts_at)
                planned += 1
    return planned


def due(care: Care) -> list[DueReminder]:
    """What is to be sent now. A reminder whose visit no longer stands, or has begun, is struck off instead."""
    ready = []
    with care.store.work() as session:
        rows = session.execute(
            select(Reminder).where(Reminder.status == DUE, Reminder.due_at <= care.now()).order_by(Reminder.due_at)
        ).scalars()
        for row in rows.all():
            visit = visit_for_message(session, row.appointment_id)
            if visit is None or visit.starts_at <= care.now():
                row.status, row.ended_at = DROPPED, care.now()
            else:
                ready.append(DueReminder(row.id, row.days_before, visit))
    return ready


def take(care: Care, reminder_id: int) -> bool:
    """Claim a reminder for sending; True for the one caller that is to send it, so that none goes out twice."""
    with care.store.work() as session:
        claimed = session.execute(
            update(Reminder)
            .where(Reminder.id == reminder_id, Reminder.status == DUE, Reminder.due_at <= care.now())
            .values(status=SENT, ended_at=care.now())
            .execution_options(synchronize_session=False)
        )
        return bool(claimed.rowcount)
