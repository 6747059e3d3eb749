"""A proof of identity without the talk that leads to it, as `care.identity` would write it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.care.context import Care
from bedside.records.tables import Patient, Verification


def prove(care: Care, session: Session, conversation_id: str, reference: str, lasts: timedelta) -> None:
    """Verify the patient of this reference in a conversation, from now on."""
    now = care.now()
    patient = session.execute(select(Patient.id).where(Patient.reference == reference)).scalar_one()
    session.add(
        Verification(
            conversation_id=conversation_id,
            patient_id=patient,
            method="test",
            verified_at=now,
            last_used_at=now,
            expires_at=now + lasts,
        )
    )
