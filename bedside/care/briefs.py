"""The brief that staff read before they speak with a patient: ten lines, so that nobody repeats their story.

It is put together from the records at the moment it is read: who and how verified, how to reach them, how they feel,
what it is about, in their words, what was said and done so far, what was promised, and what to watch for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.care import desk
from bedside.care.context import Care
from bedside.care.speaking import LANGUAGES
from bedside.records.chart import live_verification
from bedside.records.tables import (
    Commitment,
    Emergency,
    Interaction,
    Message,
    Patient,
    Ticket,
    TicketEvent,
    Verification,
)

LINES = 10
LAST_WORDS = 3
_LONGEST = 400
_DONE = ("opened", "linked", "reminder", "escalated", "patient_told", "promise_missed")  # what the other lines say


def ten_lines(care: Care, session: Session, ticket: Ticket) -> tuple[str, ...]:
    """The brief of a ticket as it stands now."""
    talk = _talk(session, ticket)
    lines = (
        f"Who: {_who(session, ticket, talk)}",
        f"Identity: {_identity(care, session, ticket)}",
        f"Reach them: {_reach(session, ticket, talk)}",
        f"Feeling: {' → '.join(talk.moods) if talk is not None and talk.moods else 'not noted'}",
        f"About: {_about(ticket, talk)}",
        f"The request: {_short(ticket.brief)}",
        f"Last said: {_said(session, ticket)}",
        f"Done so far: {_done(care, session, ticket)}",
        f"Promised: {_promised(care, session, ticket)}",
        f"Watch for: {_watch(session, ticket)}",
    )
    assert len(lines) == LINES
    return tuple(line.replace("\n", " ") for line in lines)


def as_text(lines: Sequence[str]) -> str:
    """The brief as one text, as it is kept with a transfer."""
    return "\n".join(lines)


def _talk(session: Session, ticket: Ticket) -> Interaction | None:
    if ticket.conversation_id is None:
        return None
    found: Interaction | None = session.execute(
        select(Interaction).where(Interaction.conversation_id == ticket.conversation_id)
    ).scalar_one_or_none()
    return found


def _who(session: Session, ticket: Ticket, talk: Interaction | None) -> str:
    called = talk.called_themself if talk is not None else None
    if ticket.patient_id is not None:
        patient = session.get(Patient, ticket.patient_id)
        own = f"{patient.full_name}, born {patient.birth_date:%m/%d/%Y}"
        return own if called in (None, patient.full_name) else f"{own}; calls themself {called}"
    return f"calls themself {called}; no record tied to this" if called else "has given no name"


def _identity(care: Care, session: Session, ticket: Ticket) -> str:
    if ticket.conversation_id is None:
        return "not verified"
    live = live_verification(session, ticket.conversation_id, care.now(), _idle(care))
    if live is not None:
        return f"verified in chat at {_at(care, live.verified_at)} ({live.method.replace('_', ' ')}), still holds"
    past = (
        session.execute(
            select(Verification)
            .where(Verification.conversation_id == ticket.conversation_id)
            .order_by(Verification.id.desc())
        )
        .scalars()
        .first()
    )
    if past is None:
        return "not verified; verify before anything about an account is said"
    return f"was verified at {_at(care, past.verified_at)}, has run out; verify again"


def _reach(session: Session, ticket: Ticket, talk: Interaction | None) -> str:
    wishes = session.execute(
        select(Commitment.preference).where(Commitment.ticket_id == ticket.id, Commitment.preference.isnot(None))
    ).scalars()
    said = list(dict.fromkeys(wishes))
    language = LANGUAGES.get(talk.language, talk.language) if talk is not None else "English"
    return f"{' / '.join(said) if said else 'no wish given'}; speaks {language}"


def _about(ticket: Ticket, talk: Interaction | None) -> str:
    kinds = [ticket.inquiry, *(talk.inquiries if talk is not None else [])]
    named = ", ".join(kind.replace("_", " ") for kind in dict.fromkeys(kinds) if kind != "greeting")
    return f"{named} ({ticket.priority})"


def _said(session: Session, ticket: Ticket) -> str:
    if ticket.conversation_id is None:
        return "nothing in chat"
    rows = session.execute(
        select(Message.text)
        .where(Message.conversation_id == ticket.conversation_id, Message.sender == "patient")
        .order_by(Message.id.desc())
        .limit(LAST_WORDS)
    ).scalars()
    said = [f"“{_short(text, 120)}”" for text in reversed(rows.all())]
    return " ".join(said) or "nothing in chat"


def _done(care: Care, session: Session, ticket: Ticket) -> str:
    rows = session.execute(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind.not_in(_DONE))
        .order_by(TicketEvent.id)
    ).scalars()
    done = [f"{_at(care, row.at)} {row.kind.replace('_', ' ')}" for row in rows]
    if len(done) > 6:
        done = [*done[:2], "…", *done[-3:]]
    return f"opened {_at(care, ticket.opened_at)}" + "".join(f"; {one}" for one in done)


def _promised(care: Care, session: Session, ticket: Ticket) -> str:
    rows = session.execute(
        select(Commitment).where(Commitment.ticket_id == ticket.id).order_by(Commitment.due_at, Commitment.id)
    ).scalars()
    made = [f"{row.what.replace('_', ' ')} by {_at(care, row.due_at)} ({row.status})" for row in rows]
    return "; ".join(made) or f"nothing to the patient; due {_at(care, ticket.due_at)}"


def _watch(session: Session, ticket: Ticket) -> str:
    found = []
    if ticket.conversation_id is not None:
        for emergency in session.execute(
            select(Emergency).where(Emergency.conversation_id == ticket.conversation_id).order_by(Emergency.id)
        ).scalars():
            state = "over" if emergency.safe_at is not None else "NOT known to be over"
            found.append(f"emergency in this talk ({emergency.kind.replace('_', ' ')}), {state}")
    found += [f"{other.case_number} ({other.queue}, {other.status})" for other, _ in desk.linked(session, ticket)]
    return "; ".join(found) or "nothing noted"


def _short(text: str, longest: int = _LONGEST) -> str:
    flat = " ".join(str(text).split())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"


def _at(care: Care, moment: datetime) -> str:
    local = moment.astimezone(care.organization.tz)
    return f"{local:%a %m/%d %H:%M}"


def _idle(care: Care) -> timedelta:
    return timedelta(minutes=care.organization.identity.idle_minutes)
