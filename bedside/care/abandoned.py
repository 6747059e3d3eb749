"""A conversation that nobody ended is documented too (BRIEF 3.11): its record is made complete, and closed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bedside.care import desk, interactions, transfers
from bedside.care.context import Care
from bedside.records.desk_tables import CONNECTED, WAITING, Transfer
from bedside.records.tables import Emergency, Interaction, Message, Ticket, Verification

PATIENT = "patient"
AT_ONCE = 200


def close_all(care: Care) -> int:
    """Close every conversation that has been silent for longer than the clinic waits; how many.

    One that a person of the staff is to join, or has joined, is not over. An emergency that was never said to be over
    stays with the nurse, who is told that nothing more was heard.
    """
    quiet_since = care.now() - timedelta(minutes=care.organization.conversation.idle_minutes)
    done = 0
    for conversation_id in _silent(care, quiet_since):
        with care.store.work() as session:
            done += _close(care, session, conversation_id, quiet_since)
    return done


def _silent(care: Care, since: datetime) -> list[str]:
    with care.store.reading() as session:
        known = select(Interaction.conversation_id).where(Interaction.closed_at.is_(None), Interaction.last_at <= since)
        unknown = (
            select(Message.conversation_id)
            .where(Message.conversation_id.not_in(select(Interaction.conversation_id)))
            .group_by(Message.conversation_id)
            .having(func.max(Message.at) <= since)
        )
        found = [*session.execute(known.limit(AT_ONCE)).scalars(), *session.execute(unknown.limit(AT_ONCE)).scalars()]
    return list(dict.fromkeys(found))


def _close(care: Care, session: Session, conversation_id: str, since: datetime) -> bool:
    joined = (*WAITING, CONNECTED)
    with_staff = select(Transfer.id).where(Transfer.conversation_id == conversation_id, Transfer.state.in_(joined))
    if session.execute(with_staff.limit(1)).first() is not None:
        return False
    first, last = session.execute(
        select(func.min(Message.at), func.max(Message.at)).where(
            Message.conversation_id == conversation_id, Message.sender == PATIENT
        )
    ).one()
    if last is not None and last > since:
        return False
    row = session.execute(
        select(Interaction).where(Interaction.conversation_id == conversation_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    if row is None:
        channel = conversation_id.partition("-")[0]
        row = Interaction(
            conversation_id=conversation_id,
            channel=channel,
            opened_at=first or since,
            last_at=last or since,
            inquiries=[],
            moods=[],
            acknowledged=[],
            language="en",
        )
        session.add(row)
    if row.closed_at is not None:
        return False
    transfers.lapse(care, session, conversation_id)
    if last is not None:
        row.last_at = max(row.last_at, last)
    if row.patient_id is None:
        row.patient_id = session.execute(
            select(Verification.patient_id)
            .where(Verification.conversation_id == conversation_id)
            .order_by(Verification.id.desc())
            .limit(1)
        ).scalar()
    tickets = select(Ticket.id).where(Ticket.conversation_id == conversation_id).limit(1)
    handed = session.execute(tickets).first() is not None
    row.outcome = interactions.HANDED_OVER if handed else interactions.ABANDONED
    row.closed_at = care.now()
    for emergency in session.execute(
        select(Emergency).where(Emergency.conversation_id == conversation_id, Emergency.safe_at.is_(None))
    ).scalars():
        if emergency.ticket_id is not None:
            desk.note(care, session, session.get(Ticket, emergency.ticket_id), "went_silent")
    session.flush()
    return True
