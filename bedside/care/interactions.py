"""The record that each conversation leaves (BRIEF 3.11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.care.context import Care
from bedside.records.complaint_tables import Complaint
from bedside.records.tables import Commitment, Interaction, Ticket

RESOLVED, HANDED_OVER, OPEN, ABANDONED = "resolved", "handed_over", "open", "abandoned"
AMONG_STAFF = ("supervisor_told",)  # promises that staff keep to each other, and that are not read back


@dataclass(frozen=True)
class Promise:
    """A promise as it is read back at the end of a conversation."""

    case_number: str
    what: str
    owner: str
    due_at: datetime


def record(
    care: Care,
    conversation_id: str,
    channel: str,
    *,
    inquiry: str | None = None,
    mood: str | None = None,
    acknowledged: bool = False,
    name: str | None = None,
    language: str | None = None,
) -> None:
    """Open the conversation's record, or add to it."""
    with care.store.work() as session:
        row = _of(care, session, conversation_id, channel)
        if inquiry and inquiry not in row.inquiries:
            row.inquiries = [*row.inquiries, inquiry]
        if inquiry and acknowledged and inquiry not in row.acknowledged:
            row.acknowledged = [*row.acknowledged, inquiry]
        if mood and (not row.moods or row.moods[-1] != mood):
            row.moods = [*row.moods, mood]
        if name:
            row.called_themself = name
        if language:
            row.language = language


def close(care: Care, conversation_id: str, channel: str) -> list[Promise]:
    """Close the record and give back every promise made in this conversation, soonest first (R7)."""
    with care.store.work() as session:
        row = _of(care, session, conversation_id, channel)
        made = _promises(session, conversation_id)
        tickets = session.execute(select(Ticket.id).where(Ticket.conversation_id == conversation_id)).first()
        row.outcome = HANDED_OVER if tickets else RESOLVED
        row.closed_at = care.now()
        return made


def promises(care: Care, conversation_id: str) -> list[Promise]:
    """Every open promise made in this conversation, soonest first; nothing is closed."""
    with care.store.reading() as session:
        return _promises(session, conversation_id)


def _promises(session: Session, conversation_id: str) -> list[Promise]:
    case = session.execute(
        select(Complaint.case_number).where(Complaint.conversation_id == conversation_id)
    ).scalar_one_or_none()
    return [
        # A complaint has one case number for the patient, whoever answers for it in the end.
        Promise(
            case if case and made.what.startswith("complaint_") else ticket.case_number,
            made.what,
            made.owner,
            made.due_at,
        )
        for made, ticket in session.execute(
            select(Commitment, Ticket)
            .join(Ticket, Commitment.ticket_id == Ticket.id)
            .where(
                Commitment.conversation_id == conversation_id,
                Commitment.status == "open",
                Commitment.what.not_in(AMONG_STAFF),
            )
            .order_by(Commitment.due_at, Commitment.id)
        )
    ]


def _of(care: Care, session: Session, conversation_id: str, channel: str) -> Interaction:
    row: Interaction | None = session.execute(
        select(Interaction).where(Interaction.conversation_id == conversation_id)
    ).scalar_one_or_none()
    now = care.now()
    if row is None:
        row = Interaction(
            conversation_id=conversation_id,
            channel=channel,
            opened_at=now,
            last_at=now,
            inquiries=[],
            moods=[],
            acknowledged=[],
            language="en",
        )
        session.add(row)
    row.last_at = now
    row.closed_at = None
    if row.outcome in (None, RESOLVED, ABANDONED):
        row.outcome = OPEN
    return row
