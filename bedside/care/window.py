"""The scheduler's window: one unit of work with the chart of the patient that the visits belong to (R3).

A refusal is raised after the unit of work, so that what the audit log says of it stays, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bedside.care import identity
from bedside.care.context import Care
from bedside.care.eligibility import Reason
from bedside.records.chart import Chart, ChartClosed
from bedside.records.visits import Person, Visit, Visits, birth_date_of, lock_patient, open_for, people_of

MAJORITY = 18  # years

T = TypeVar("T")

_CLASHES = (
    "one_open_appointment_per_opening",
    "one_open_appointment_per_time",
    "one_active_hold_per_opening",
    "appointments.opening_id",  # as SQLite says it
    "appointments.provider_id, appointments.starts_at",
    "opening_holds.opening_id",
)


class SchedulingError(Exception):
    """Something about the book that the patient is to be told. Nothing was changed."""


class OpeningTaken(SchedulingError):
    """Somebody else has the opening, or it is being kept for them. What the patient had, they still have."""


class NotEligible(SchedulingError):
    """The visit can't be booked like this; `reasons` says why."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(", ".join(reason.value for reason in reasons))


class NoSuchVisit(SchedulingError):
    """The patient has no such visit. Another patient's visit is no different from one that doesn't exist."""


class VisitOver(SchedulingError):
    """The visit was moved, cancelled, kept or missed, or has begun; `status` says which."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.status = visit.status
        super().__init__(visit.status)


@dataclass(frozen=True)
class Window:
    """Whose visits they are, and who asks. `for_other`: a representative does."""

    care: Care
    session: Session
    conversation_id: str
    chart: Chart
    visits: Visits
    for_other: bool

    @property
    def patient_id(self) -> int:
        """Whose visits they are."""
        return self.chart.patient_id

    @property
    def died(self) -> bool:
        """Whether the patient has died."""
        return self.chart.died_on is not None

    def may_be_told(self, visit: Visit) -> bool:
        """Whether the person who asks may know of the visit."""
        return self.may_be_told_of(visit.visit_type)

    def may_be_told_of(self, visit_type: str) -> bool:
        """Whether they may know of such visits: an adolescent's confidential ones are not told to a parent."""
        kind = self.care.organization.visit_type(visit_type)
        if not self.for_other or kind is None or not kind.confidential:
            return True
        age = _age(birth_date_of(self.session, self.chart), self.care.today())
        return not self.care.organization.adolescent_consent_age <= age < MAJORITY

    def visit(self, appointment_id: int) -> Visit:
        """A visit of this patient; raise NoSuchVisit."""
        visit = self.visits.find(appointment_id)
        if visit is None or not self.may_be_told(visit):
            raise NoSuchVisit
        return visit

    def standing_visit(self, appointment_id: int) -> Visit:
        """A visit that can still be changed; raise NoSuchVisit or VisitOver."""
        visit = self.visit(appointment_id)
        if not visit.open or visit.starts_at <= self.care.now():
            raise VisitOver(visit)
        return visit

    def note(self, visit: Visit, kind: str, *, other: Visit | None = None, fee_cents: int | None = None) -> None:
        """Add to a visit's history."""
        self.visits.note(
            visit.appointment_id,
            kind,
            self.care.now(),
            actor="representative" if self.for_other else "patient",
            conversation_id=self.conversation_id,
            other_id=other.appointment_id if other else None,
            fee_cents=fee_cents,
        )


def at_window(
    care: Care,
    conversation_id: str,
    purpose: str,
    patient_id: int | None,
    work: Callable[[Window], T],
) -> T:
    """Do something about the visits of whoever is verified in this conversation, or of somebody they may act for.

    All of it is stored, or nothing. Raise ChartClosed without a live verification or a record that covers it, and
    whatever SchedulingError the work raises.
    """
    refusal: Exception | None = None
    result: T
    with care.store.work() as session:
        try:
            chart = identity.chart(care, session, conversation_id, purpose)
            for_other = patient_id is not None and patient_id != chart.patient_id
            if for_other:
                assert patient_id is not None
                chart = open_for(session, chart, patient_id, conversation_id, care.now(), care.today(), purpose)
            lock_patient(session, chart.patient_id)
            with session.begin_nested():
                visits = Visits(session, chart)
                result = work(Window(care, session, conversation_id, chart, visits, for_other))
        except (ChartClosed, SchedulingError) as error:
            refusal = error
        except IntegrityError as error:
            if not any(name in str(error.orig) for name in _CLASHES):
                raise
            refusal = OpeningTaken()
            refusal.__cause__ = error
    if refusal is not None:
        raise refusal
    return result


def people(care: Care, conversation_id: str) -> tuple[Person, ...]:
    """Everybody whose visits the person speaking may see to, themselves first, then oldest to youngest.

    Raise ChartClosed without a live verification.
    """
    return at_window(
        care,
        conversation_id,
        "whose visits",
        None,
        lambda window: tuple(people_of(window.session, window.chart, care.today())),
    )


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
