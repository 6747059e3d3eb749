"""Refill requests (BRIEF 3.7): which medicine, which pharmacy, in the patient's words; a clinician decides (R1)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.care.context import Care
from bedside.records.tables import RefillRequest, Ticket


@dataclass(frozen=True)
class Refill:
    """What is asked for, as far as it has been said."""

    medicine: str | None
    pharmacy: str | None

    @property
    def complete(self) -> bool:
        """Whether both are known."""
        return bool(self.medicine and self.pharmacy)

    def __str__(self) -> str:
        """As a line of the nurse's brief."""
        medicine, pharmacy = self.medicine or "medicine not said yet", self.pharmacy or "not said yet"
        return f"Refill asked for: {medicine}; pharmacy: {pharmacy}."


def request(care: Care, session: Session, ticket: Ticket, refill: Refill) -> RefillRequest:
    """Write the request down beside its ticket, in the same unit of work. The same one on a ticket is written once."""
    if not refill.complete:
        raise ValueError("A refill request names a medicine and a pharmacy.")
    rows = session.execute(select(RefillRequest).where(RefillRequest.ticket_id == ticket.id)).scalars()
    for row in rows:
        if (row.medicine, row.pharmacy) == (refill.medicine, refill.pharmacy):
            return row
    made = RefillRequest(
        ticket_id=ticket.id,
        conversation_id=ticket.conversation_id,
        patient_id=ticket.patient_id,
        medicine=refill.medicine,
        pharmacy=refill.pharmacy,
        requested_at=care.now(),
    )
    session.add(made)
    session.flush()
    return made
