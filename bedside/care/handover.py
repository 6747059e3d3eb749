"""Handing work to staff: one ticket with a brief, one promise with a time (BRIEF 3.9, R7, R8).

What is clinical in one talk is one matter: as long as a nurse has not finished it, everything else that is clinical
joins the same ticket, and nobody is asked twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.care import agenda, desk, identity, refills, transfers
from bedside.care.context import Care
from bedside.care.speaking import LANGUAGES
from bedside.records.tables import Ticket

CONTACT = transfers.CONTACT


@dataclass(frozen=True)
class Request:
    """What a person hands over. `call_at`: when they asked to be called, UTC, if they said so."""

    inquiries: Sequence[str]  # the first one leads
    words: str
    name: str | None = None
    mood: str = "calm"
    language: str = "en"
    preference: str | None = None
    call_at: datetime | None = None
    refill: refills.Refill | None = None
    consent: str | None = None  # the words in which they agreed
    channel: str = "rest"
    stays: bool = False  # they wait in the chat for somebody to join, instead of being called


@dataclass(frozen=True)
class HandedOver:
    """What was promised: the case, whose it is, by when (UTC); for somebody who stays in the chat also the wait."""

    case_number: str
    queue: str
    due_at: datetime
    wait_minutes: int | None = None


def queue_for(care: Care, inquiry: str, at: datetime | None = None) -> str:
    """Whose work it is at that moment: clinical work goes to the clinician on call while the clinic is closed."""
    queue = agenda.TASKS[inquiry].queue
    if queue == "nurse_line" and not care.calendar.is_open(at or care.now()):
        return "on_call"
    return queue


def due_for(care: Care, inquiry: str, call_at: datetime | None = None) -> datetime:
    """When the person is reached, UTC: by the service level, or later where they asked for later.

    Clinical staff call at the time that was asked for. Others may come earlier than they promise, never later.
    """
    task = agenda.TASKS[inquiry]
    level = desk.due_time(care, task.priority, queue_for(care, inquiry))
    if call_at is None:
        return level
    return max(call_at, care.now()) if task.queue in agenda.CLINICAL_QUEUES else max(call_at, level)


def hand_over(care: Care, conversation_id: str, request: Request) -> HandedOver:
    """Write the ticket, the promise and any refill request, in one unit of work."""
    inquiry = request.inquiries[0]
    due_at = due_for(care, inquiry, request.call_at)
    queue = queue_for(care, inquiry, due_at)
    with care.store.work() as session:
        patient_id = identity.patient_here(care, session, conversation_id)
        ticket = _open_clinical(session, conversation_id) if queue in agenda.CLINICAL_QUEUES else None
        if ticket is not None:
            _join(care, session, ticket, request)
        else:
            ticket, _ = desk.open_ticket(
                care,
                session,
                desk.Work(
                    queue=queue,
                    priority=agenda.TASKS[inquiry].priority,
                    inquiry=inquiry,
                    matter=f"{inquiry}:{conversation_id}:{care.now().isoformat()}",
                    brief=_brief(request, patient_id is not None),
                    conversation_id=conversation_id,
                    patient_id=patient_id,
                ),
                due_at=due_at,
            )
        wait = _transfer(care, session, conversation_id, ticket, request)
        return replace(_promise(care, session, ticket, request, due_at), wait_minutes=wait)


def _transfer(care: Care, session: Session, conversation_id: str, ticket: Ticket, request: Request) -> int | None:
    """Write how they agreed; the wait that holds for somebody who stays in the chat."""
    if request.consent is None:
        return None
    known = {"channel": request.channel, "language": request.language}
    if request.stays:
        return transfers.agree(care, session, conversation_id, ticket, request.consent, **known).wait_minutes
    transfers.agree_to_callback(care, session, conversation_id, ticket, request.consent, **known)
    return None


def add_to_clinical(care: Care, conversation_id: str, request: Request) -> HandedOver | None:
    """Add to the clinical ticket of this talk that is not finished yet; None when there is none."""
    with care.store.work() as session:
        ticket = _open_clinical(session, conversation_id)
        if ticket is None:
            return None
        _join(care, session, ticket, request)
        return _promise(care, session, ticket, request, request.call_at or ticket.due_at)


def _promise(care: Care, session: Session, ticket: Ticket, request: Request, due_at: datetime) -> HandedOver:
    """The promise to reach them, and the refill request where one is complete."""
    made = desk.promise(care, session, ticket, CONTACT, due_at, preference=request.preference)
    if request.call_at is not None and made.due_at < due_at:
        desk.note(care, session, ticket, "call_moved", f"From {made.due_at.isoformat()}, as the patient asked.")
        made.due_at = ticket.due_at = due_at
    if request.refill is not None and request.refill.complete:
        refills.request(care, session, ticket, request.refill)
    return HandedOver(ticket.case_number, ticket.queue, made.due_at)


def _open_clinical(session: Session, conversation_id: str) -> Ticket | None:
    """The unfinished clinical ticket of a talk. An emergency has tickets of its own."""
    found: Ticket | None = (
        session.execute(
            select(Ticket)
            .where(
                Ticket.conversation_id == conversation_id,
                Ticket.queue.in_(agenda.CLINICAL_QUEUES),
                Ticket.inquiry.in_(agenda.CLINICAL),
                Ticket.status == "open",
            )
            .order_by(Ticket.id.desc())
        )
        .scalars()
        .first()
    )
    return found


def _join(care: Care, session: Session, ticket: Ticket, request: Request) -> None:
    """What is new stands below the brief, so that one reading tells it all, and in the ticket's history."""
    local = care.now().astimezone(care.organization.tz)
    added = f"Added at {local:%H:%M}: {_asks(request)}"
    if request.words:
        added += f" In their words: {request.words}"
    ticket.brief = f"{ticket.brief}\n{added}"
    desk.note(care, session, ticket, "added", added)


def _brief(request: Request, verified: bool) -> str:
    proof = "verified in chat" if verified else "not verified"
    return (
        f"Called themself: {request.name or 'not given'}. Identity: {proof}. "
        f"Language: {LANGUAGES.get(request.language, request.language)}. {_asks(request)} Feeling: {request.mood}. "
        f"In their words: {request.words}"
    )


def _asks(request: Request) -> str:
    named = ", ".join(inquiry.replace("_", " ") for inquiry in dict.fromkeys(request.inquiries))
    parts = [f"Asks about: {named}."]
    if request.refill is not None:
        parts.append(str(request.refill))
    if request.preference:
        parts.append(f"How to reach them, in their words: {request.preference}.")
    return " ".join(parts)
