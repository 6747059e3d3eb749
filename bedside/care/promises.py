"""A promise made again after the first one has run out: a new row with its own time, never a time that is past (R7)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bedside.care import desk
from bedside.care.context import Care
from bedside.records.tables import Commitment, Ticket


def all_of(session: Session, ticket: Ticket, what: str) -> list[Commitment]:
    """Every promise of one kind on a ticket, the oldest first. Later ones are called `what.2`, `what.3`…"""
    kind = or_(Commitment.what == what, Commitment.what.like(f"{what}.%"))
    return list(
        session.execute(
            select(Commitment).where(Commitment.ticket_id == ticket.id, kind).order_by(Commitment.id)
        ).scalars()
    )


def latest(session: Session, ticket: Ticket, what: str) -> Commitment | None:
    """The newest promise of one kind on a ticket."""
    return next(reversed(all_of(session, ticket, what)), None)


def renew(
    care: Care, session: Session, ticket: Ticket, what: str, due_at: datetime, preference: str | None = None
) -> Commitment:
    """The promise that holds from now on.

    One that is open and still to come stands, brought forward when `due_at` (UTC) is sooner, and never put off. One
    that was kept, missed or has run out stays as it is, and another is made.
    """
    known = all_of(session, ticket, what)
    last = known[-1] if known else None
    if last is None or last.status != "open" or last.due_at < care.now():
        name = what if last is None else f"{what}.{len(known) + 1}"
        return desk.promise(care, session, ticket, name, due_at, preference=preference)
    if due_at < last.due_at:
        desk.note(care, session, ticket, "brought_forward", f"{what}: from {last.due_at.isoformat()}")
        last.due_at = due_at
    last.preference = preference or last.preference
    return last
