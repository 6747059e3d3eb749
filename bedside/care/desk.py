"""The staff's work: tickets with a brief and a due time, and the promises that hang on them (R7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bedside.care.cases import new_case_number
from bedside.care.context import Care
from bedside.records.tables import Commitment, Ticket, TicketEvent

IMMEDIATE, URGENT, STANDARD = "immediate", "urgent", "standard"
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


def due_time(care: Care, priority: str) -> datetime:
    """When work of this priority is due (BRIEF 3.9): minutes, today's close, or the next business day's close."""
    now = care.now()
    levels = care.organization.service_levels
    if priority == IMMEDIATE:
        return now + timedelta(minutes=levels.immediate.minutes)
    if priority == URGENT:
        return care.calendar.same_day_due(now, care.organization.dispute.same_day_minimum_minutes)
    return care.calendar.business_days_due(now, levels.standard.business_days)


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
        due_at=due_at or due_time(care, work.priority),
        status="open",
    )
    session.add(ticket)
    session.flush()
    note(care, session, ticket, "opened")
    return ticket, True


def note(care: Care, session: Session, ticket: Ticket, kind: str, detail: str | None = None) -> None:
    """Write down what happened to a ticket."""
    session.add(TicketEvent(ticket_id=ticket.id, at=care.now(), actor=ASSISTANT, kind=kind, detail=detail))


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
