"""Where and when somebody would like to be called about a case that is written already (BRIEF 3.9)."""

from __future__ import annotations

from sqlalchemy import select

from bedside.care import desk
from bedside.care.context import Care
from bedside.records.tables import Commitment, Ticket


def prefer(care: Care, conversation_id: str, case_number: str, words: str) -> bool:
    """Keep their words on the case's open promises, and in its history; whether there is such a case of this talk."""
    with care.store.work() as session:
        ticket = session.execute(
            select(Ticket).where(Ticket.case_number == case_number, Ticket.conversation_id == conversation_id)
        ).scalar_one_or_none()
        if ticket is None:
            return False
        open_ones = select(Commitment).where(Commitment.ticket_id == ticket.id, Commitment.status == "open")
        for made in session.execute(open_ones).scalars():
            made.preference = words
        desk.note(care, session, ticket, "added", f"How to reach them, in their words: {words}")
    return True
