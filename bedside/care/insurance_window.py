"""The insurance clerk's window: one unit of work with the insurance of whoever was verified in the conversation (R3).

A refusal is raised after the unit of work, so that what the audit log says of it stays, and nothing else does. Insurers
are asked between two units of work, never inside one: a slow insurer must not keep everybody else from the records.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bedside.care import desk, identity
from bedside.care.bill_requests import Asked, Errand, Voice, run
from bedside.care.context import Care
from bedside.care.payer_port import Member
from bedside.records.chart import Chart, ChartClosed
from bedside.records.insurance import Insurance, Policy
from bedside.records.tables import Ticket
from bedside.records.visits import Visit, Visits, lock_patient

INSURANCE = "insurance"
"""The queue of the insurance and appeals team."""


class InsuranceError(Exception):
    """Something about the insurance that the patient is to be told. Nothing was changed."""


@dataclass(frozen=True)
class Folder:
    """An open chart with its insurance, for as long as the unit of work."""

    care: Care
    session: Session
    conversation_id: str
    chart: Chart
    insurance: Insurance
    visits: Visits

    @property
    def patient_id(self) -> int:
        """Whose insurance it is."""
        return self.chart.patient_id

    def member(self, policy: Policy) -> Member:
        """Who is insured, as a payer is told."""
        return Member(
            payer=policy.payer,
            plan=policy.plan,
            member_id=policy.member_id,
            group_number=policy.group_number,
            full_name=self.chart.full_name,
            birth_date=self.insurance.birth_date(),
            holder_relation=policy.holder_relation,
        )

    def coming_visit(self, appointment_id: int | None) -> Visit | None:
        """One of this patient's visits that still stands and is to come; None otherwise."""
        visit = self.visits.find(appointment_id) if appointment_id is not None else None
        return visit if visit is not None and visit.open and visit.starts_at > self.care.now() else None

    def brief(self, what: str, voice: Voice) -> str:
        """A brief about a patient who proved who they are."""
        return f"Patient {self.chart.full_name}, identity verified in chat. {what} {voice}"

    def errand(
        self,
        promise: str,
        subject: str,
        inquiry: str,
        what: str,
        due_at: datetime,
        voice: Voice,
        priority: str = desk.STANDARD,
        queue: str = INSURANCE,
    ) -> tuple[Ticket, Asked]:
        """Write what a person is to do, and the promise of it, or add to the open ticket of the same errand (R7)."""
        errand = Errand(promise, subject, inquiry, self.brief(what, voice), due_at, queue, priority)
        return run(self.care, self.session, self.conversation_id, self.patient_id, errand)


@contextmanager
def open_folder(care: Care, conversation_id: str, purpose: str, same_patient: int | None = None) -> Iterator[Folder]:
    """Open the insurance; raise ChartClosed without a live verification. What is done inside is stored together.

    `same_patient`: whose insurance it was before an insurer was waited for; refused when it is somebody else's by now.
    """
    refused: ChartClosed | None = None
    with care.store.work() as session:
        try:
            chart = identity.chart(care, session, conversation_id, purpose)
        except ChartClosed as error:
            refused = error
        if refused is None and same_patient not in (None, chart.patient_id):
            refused = ChartClosed(purpose)
        if refused is None:
            lock_patient(session, chart.patient_id)
            yield Folder(care, session, conversation_id, chart, Insurance(session, chart), Visits(session, chart))
    if refused is not None:
        raise refused


def business_days(care: Care, days: int) -> datetime:
    """The end of the last of that many business days, UTC."""
    return care.calendar.business_days_due(care.now(), days)
