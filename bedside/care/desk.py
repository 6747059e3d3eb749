"""The staff's work: tickets with a brief and a due time, and the promises that hang on them (R7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bedside.care import webhooks
from bedside.care.cases import new_case_number
from bedside.care.context import Care
from bedside.records.desk_tables import TicketLink
from bedside.records.tables import Commitment, Ticket, TicketEvent

IMMEDIATE, URGENT, STANDARD = "immediate", "urgent", "standard"
OPEN, CLOSED = "open", "closed"
ASSISTANT = "assistant"


@dataclass(frozen=True)
class Work:
    """What a ticket is opened with. `matter` names the one thing it is about: asking twice opens it once."""

    queue: str
    priority: str
    inquiry: str
    matter: str
    brief: str
    conversation_id: str | None = None
    patient_id: int | None = None


def due_time(care: Care, priority: str, queue: str | None = None) -> datetime:
    """When work of this priority is due (BRIEF 3.9): minutes, today's close, or the next business day's close.

    `queue`: one whose service levels may be others than the clinic's.
    """
    now, organization = care.now(), care.organization
    levels = organization.service_levels
    if priority == IMMEDIATE:
        minutes = organization.immediate_minutes(queue) if queue else levels.immediate.minutes
        return now + timedelta(minutes=minutes)
    if priority == URGENT:
        return care.calendar.same_day_due(now, organization.dispute.same_day_minimum_minutes)
    days = organization.standard_business_days(queue) if queue else levels.standard.business_days
    return care.calendar.business_days_due(now, days)


def open_ticket(care: Care, session: Session, work: Work, due_at: datetime | None = None) -> tuple[Ticket, bool]:
    """The ticket of this matter, and whether it is new. A ticket that exists gets the brief as an event instead."""
    known = session.execute(select(Ticket).where(Ticket.matter == work.matter)).scalar_one_or_none()
    if known is not None:
        note(care, session, known, "added", work.brief)
        return known, False
    ticket = Ticket(
        case_number=_free_number(care, session),
        queue=work.queue,
        priority=work.priority,
        inquiry=work.inquiry,
        matter=work.matter,
        brief=work.brief,
        patient_id=work.patient_id,
        conversation_id=work.conversation_id,
        opened_at=care.now(),
        due_at=due_at or due_time(care, work.priority, work.queue),
        status="open",
    )
    session.add(ticket)
    session.flush()
    note(care, session, ticket, "opened")
    if work.conversation_id is not None:
        for other in _unfinished(session, work.conversation_id, ticket):
            link(care, session, ticket, other, "same_talk")
    return ticket, True


def note(
    care: Care, session: Session, ticket: Ticket, kind: str, detail: str | None = None, by: str = ASSISTANT
) -> None:
    """Write down what happened to a ticket; nothing of it is ever changed, and every webhook is told.

    Only this function writes a ticket's events.
    """
    event = TicketEvent(ticket_id=ticket.id, at=care.now(), actor=by, kind=kind, detail=detail)
    session.add(event)
    session.flush()
    webhooks.enqueue(care, session, ticket, event)


def link(care: Care, session: Session, ticket: Ticket, other: Ticket, kind: str, by: str = ASSISTANT) -> bool:
    """Tie two tickets together, and say why; False when they are tied already."""
    first, second = sorted((ticket.id, other.id))
    if first == second:
        raise ValueError("a ticket is not linked with itself")
    known = select(TicketLink.id).where(TicketLink.ticket_id == first, TicketLink.other_id == second)
    if session.execute(known).first() is not None:
        return False
    session.add(TicketLink(ticket_id=first, other_id=second, kind=kind, at=care.now(), actor=by))
    session.flush()
    note(care, session, ticket, "linked", f"{kind}: {other.case_number}", by)
    return True


def linked(session: Session, ticket: Ticket) -> list[tuple[Ticket, str]]:
    """The tickets that belong to this one, and why, the oldest first."""
    ours = (TicketLink.ticket_id == ticket.id, TicketLink.other_id == ticket.id)
    rows = session.execute(select(TicketLink).where(or_(*ours)).order_by(TicketLink.id)).scalars().all()
    return [
        (session.get(Ticket, row.other_id if row.ticket_id == ticket.id else row.ticket_id), row.kind) for row in rows
    ]


def _unfinished(session: Session, conversation_id: str, but: Ticket) -> list[Ticket]:
    rows = select(Ticket).where(Ticket.conversation_id == conversation_id, Ticket.status == "open", Ticket.id != but.id)
    return list(session.execute(rows.order_by(Ticket.id)).scalars())


def promise(
    care: Care, session: Session, ticket: Ticket, what: str, due_at: datetime, preference: str | None = None
) -> Commitment:
    """Write a promise down: what, by whom, by when (R7). The same promise on the same ticket is made once."""
    known = session.execute(
        select(Commitment).where(Commitment.ticket_id == ticket.id, Commitment.what == what)
    ).scalar_one_or_none()
    if known is not None:
        known.preference = preference or known.preference
        return known
    made = Commitment(
        ticket_id=ticket.id,
        what=what,
        owner=ticket.queue,
        conversation_id=ticket.conversation_id,
        made_at=care.now(),
        due_at=due_at,
        preference=preference,
        status="open",
    )
    session.add(made)
    session.flush()
    return made


def _free_number(care: Care, session: Session) -> str:
    for _ in range(50):
        number = new_case_number(care.chance)
        if session.execute(select(Ticket.id).where(Ticket.case_number == number)).first() is None:
            return number
    raise IntegrityError("no free case number", None, Exception("too many tickets for these numbers"))
