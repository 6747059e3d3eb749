"""The one gate to a patient's data (R3).

A chart opens only with a live verification of that conversation, looked up in the records at that moment, and every
opening is written to the audit log. Nothing that a conversation carries along can open it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bedside.records.billing_tables import Credit, Refund
from bedside.records.tables import Audit, Charge, Contact, Hold, Patient, Payment, Statement, Verification


class ChartClosed(PermissionError):
    """There is no live verification for this conversation."""


@dataclass(frozen=True)
class ChargeLine:
    """One charge as the patient may hear it; cents."""

    charge_id: int
    statement_number: str
    service_date: date
    description: str
    charged_cents: int
    insurance_cents: int
    adjustment_cents: int
    patient_cents: int
    paid_cents: int  # less what was given back
    on_hold: bool
    credited_cents: int = 0  # taken off the patient's part after the bill was sent

    @property
    def owed_cents(self) -> int:
        """What is still to be paid for it."""
        return max(0, self.patient_cents - self.paid_cents - self.credited_cents)


class Chart:
    """A patient's data, for as long as the unit of work that opened it."""

    def __init__(self, session: Session, patient: Patient) -> None:
        """Only `open_chart` makes one."""
        self._session = session
        self._patient = patient

    @property
    def patient_id(self) -> int:
        """The record's key."""
        return int(self._patient.id)

    @property
    def full_name(self) -> str:
        """The name on file."""
        return str(self._patient.full_name)

    @property
    def died_on(self) -> date | None:
        """The date of death on file."""
        return self._patient.died_on  # type: ignore[no-any-return]

    def has_phone(self) -> bool:
        """Whether a number to call is on file."""
        own = Contact.belongs_to == "self"  # a child's may be a parent's, who may not be told
        found = select(Contact.id).where(Contact.patient_id == self.patient_id, Contact.kind == "phone", own)
        return self._session.execute(found).first() is not None

    def charges(self) -> list[ChargeLine]:
        """Every charge with something still owed, oldest first."""
        paid = (
            select(Payment.charge_id, func.sum(Payment.amount_cents).label("cents"))
            .where(Payment.patient_id == self.patient_id)
            .group_by(Payment.charge_id)
            .subquery()
        )
        refunded, credited = _sums(Refund, self.patient_id), _sums(Credit, self.patient_id)
        held = select(Hold.charge_id).where(Hold.status == "active").subquery()
        rows = self._session.execute(
            select(Charge, Statement.number, paid.c.cents, refunded.c.cents, credited.c.cents, held.c.charge_id)
            .join(Statement, Charge.statement_id == Statement.id)
            .outerjoin(paid, paid.c.charge_id == Charge.id)
            .outerjoin(refunded, refunded.c.charge_id == Charge.id)
            .outerjoin(credited, credited.c.charge_id == Charge.id)
            .outerjoin(held, held.c.charge_id == Charge.id)
            .where(Statement.patient_id == self.patient_id)
            .order_by(Charge.service_date, Charge.id)
        ).all()
        lines = [
            ChargeLine(
                charge_id=charge.id,
                statement_number=number,
                service_date=charge.service_date,
                description=charge.description,
                charged_cents=charge.charged_cents,
                insurance_cents=charge.insurance_cents,
                adjustment_cents=charge.adjustment_cents,
                patient_cents=charge.patient_cents,
                paid_cents=(cents or 0) - (given_back or 0),
                on_hold=hold is not None,
                credited_cents=taken_off or 0,
            )
            for charge, number, cents, given_back, taken_off, hold in rows
        ]
        return [line for line in lines if line.owed_cents > 0]

    def balance_cents(self) -> int:
        """What the patient owes in all."""
        return sum(line.owed_cents for line in self.charges())


def _sums(table: Any, patient_id: int) -> Any:
    """The cents of each of a patient's charges in a table of amounts."""
    own = (
        select(Charge.id).join(Statement, Charge.statement_id == Statement.id).where(Statement.patient_id == patient_id)
    )
    return (
        select(table.charge_id, func.sum(table.amount_cents).label("cents"))
        .where(table.charge_id.in_(own))
        .group_by(table.charge_id)
        .subquery()
    )


def live_verification(session: Session, conversation_id: str, now: datetime, idle: timedelta) -> Verification | None:
    """The verification that holds for this conversation at this moment, if there is one."""
    row: Verification | None = (
        session.execute(
            select(Verification)
            .where(
                Verification.conversation_id == conversation_id,
                Verification.revoked_at.is_(None),
                Verification.expires_at > now,
                Verification.last_used_at > now - idle,
            )
            .order_by(Verification.id.desc())
        )
        .scalars()
        .first()
    )
    return row


def open_chart(session: Session, conversation_id: str, now: datetime, idle: timedelta, purpose: str) -> Chart:
    """Open the chart of the patient who was verified in this conversation; raise ChartClosed otherwise.

    The opening counts as use of the verification, and is written to the audit log.
    """
    verification = live_verification(session, conversation_id, now, idle)
    if verification is None:
        session.add(
            Audit(at=now, actor="assistant", conversation_id=conversation_id, event="chart_refused", detail=purpose)
        )
        raise ChartClosed(purpose)
    verification.last_used_at = now
    patient = session.get(Patient, verification.patient_id)
    assert patient is not None
    session.add(
        Audit(
            at=now,
            actor="assistant",
            conversation_id=conversation_id,
            patient_id=patient.id,
            event="chart_opened",
            detail=purpose,
        )
    )
    return Chart(session, patient)
