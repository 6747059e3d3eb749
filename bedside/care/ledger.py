"""The billing clerk's window: one unit of work with the bills of whoever was verified in the conversation (R3).

A refusal is raised after the unit of work, so that what the audit log says of it stays, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bedside.care import desk, identity
from bedside.care.context import Care
from bedside.records.accounts import Account, Bill
from bedside.records.chart import Chart, ChartClosed
from bedside.records.tables import Audit, Ticket
from bedside.records.visits import lock_patient


class BillingError(Exception):
    """Something about the bills that the patient is to be told. Nothing was changed."""


class NoSuchStatement(BillingError):
    """The patient has no such statement. Another patient's is no different from one that doesn't exist."""


@dataclass(frozen=True)
class Ledger:
    """An open chart with its bills, for as long as the unit of work."""

    session: Session
    conversation_id: str
    chart: Chart
    account: Account

    @property
    def patient_id(self) -> int:
        """Whose bills they are."""
        return self.chart.patient_id

    def bill(self, number: str) -> Bill:
        """One statement; raise NoSuchStatement when this patient has none of that number."""
        found = self.account.bill(number)
        if found is None:
            raise NoSuchStatement("this patient has no such statement")
        return found


@contextmanager
def open_ledger(care: Care, conversation_id: str, purpose: str) -> Iterator[Ledger]:
    """Open the bills; raise ChartClosed without a live verification. What is done inside is stored together."""
    refused: ChartClosed | None = None
    with care.store.work() as session:
        try:
            chart = identity.chart(care, session, conversation_id, purpose)
        except ChartClosed as error:
            refused = error
        else:
            lock_patient(session, chart.patient_id)
            yield Ledger(session, conversation_id, chart, Account(session, chart))
    if refused is not None:
        raise refused


def audit(
    care: Care,
    session: Session,
    actor: str,
    patient_id: int | None,
    event: str,
    detail: str | None = None,
    conversation_id: str | None = None,
) -> None:
    """Write into the audit log who did what to whose account."""
    session.add(
        Audit(
            at=care.now(),
            actor=actor,
            conversation_id=conversation_id,
            patient_id=patient_id,
            event=event,
            detail=detail,
        )
    )


def note_by(care: Care, session: Session, ticket: Ticket, by: str, kind: str, detail: str | None = None) -> None:
    """Write down what a person did on a ticket."""
    desk.note(care, session, ticket, kind, detail, by)
