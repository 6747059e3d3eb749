"""A patient's visits, reached through their chart only (R3), and what the calendar may know of visits: that a time is
taken, never by whom.

A row of `appointments` changes its status and nothing else; each change adds a row to `appointment_events`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import exists, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from bedside.records.chart import Chart, ChartClosed
from bedside.records.tables import (
    OPEN_STATUSES,
    Appointment,
    AppointmentEvent,
    Audit,
    Charge,
    Patient,
    Provider,
    Referral,
    Representative,
    Statement,
)

BOOKED, CONFIRMED, MOVED, CANCELLED, KEPT, MISSED = "booked", "confirmed", "moved", "cancelled", "kept", "missed"
APPOINTMENTS = "appointments"
"""The kind of information that a representative must be given to see to visits."""

_LONGEST_VISIT = timedelta(days=1)


@dataclass(frozen=True)
class Visit:
    """A visit as the patient may hear it. `starts_at` is UTC."""

    appointment_id: int
    first_id: int  # the first of the visits that were moved into one another; the number is made from it
    patient_id: int
    provider_id: int
    provider: str
    opening_id: int | None
    starts_at: datetime
    minutes: int
    location: str
    room: str | None
    visit_type: str
    status: str

    @property
    def ends_at(self) -> datetime:
        """When it is over, UTC."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def open(self) -> bool:
        """Whether it still stands."""
        return self.status in OPEN_STATUSES


@dataclass(frozen=True)
class Event:
    """One line of a visit's history; `at` is UTC."""

    at: datetime
    actor: str
    kind: str
    conversation_id: str | None
    other_id: int | None
    fee_cents: int | None


@dataclass(frozen=True)
class Person:
    """Somebody whose visits the person speaking may see to."""

    patient_id: int
    full_name: str
    relation: str  # self, or what the representative is to the patient


@dataclass(frozen=True)
class NewVisit:
    """What a visit is written with; `first_id` and `moved_from_id` where it is a move."""

    provider_id: int
    opening_id: int
    starts_at: datetime
    minutes: int
    location: str
    room: str | None
    visit_type: str
    first_id: int | None = None
    moved_from_id: int | None = None


def local_place(moment: datetime, tz: tzinfo) -> tuple[int, int]:
    """The day of a moment at the clinic as `date.toordinal()`, and its minute of that day."""
    local = moment.astimezone(tz)
    return local.toordinal(), local.hour * 60 + local.minute


def is_taken(opening_id: Any) -> Any:
    """SQL: whether an open appointment has the opening. Written so that the partial index answers it."""
    booked = aliased(Appointment, name="booked_visit")
    return exists(
        select(literal_column("1"))
        .select_from(booked)
        .where(booked.opening_id == opening_id, literal_column("booked_visit.status IN ('booked', 'confirmed')"))
    )


def busy_spans(session: Session, provider_id: int, since: datetime) -> list[tuple[datetime, datetime]]:
    """When a provider is with somebody from `since` on: from and until, UTC, and nothing about whom."""
    rows = session.execute(
        select(Appointment.starts_at, Appointment.minutes).where(
            Appointment.provider_id == provider_id,
            Appointment.status.in_(OPEN_STATUSES),
            Appointment.starts_at > since - _LONGEST_VISIT,
        )
    )
    return [(at, at + timedelta(minutes=minutes)) for at, minutes in rows]


class Visits:
    """The visits of the patient whose chart is open."""

    def __init__(self, session: Session, chart: Chart) -> None:
        self._session = session
        self._chart = chart

    @property
    def patient_id(self) -> int:
        """Whose they are."""
        return self._chart.patient_id

    def find(self, appointment_id: int) -> Visit | None:
        """One visit of this patient; None when there is none of that id or it is somebody else's."""
        return next(iter(self._visits(Appointment.id == appointment_id)), None)

    def open(self) -> list[Visit]:
        """Every visit that still stands, by time, also those whose time has come."""
        return self._visits(Appointment.status.in_(OPEN_STATUSES))

    def all(self) -> list[Visit]:
        """Every visit there ever was, by time."""
        return self._visits()

    def at_opening(self, opening_id: int) -> Visit | None:
        """This patient's open visit at an opening."""
        here = self._visits(Appointment.opening_id == opening_id, Appointment.status.in_(OPEN_STATUSES))
        return here[0] if here else None

    def moved_to(self, appointment_id: int) -> Visit | None:
        """The visit that another one was moved into."""
        return next(iter(self._visits(Appointment.moved_from_id == appointment_id)), None)

    def is_known(self) -> bool:
        """Whether the clinic has seen the patient before: a visit that was kept, or care that was charged."""
        return is_known(self._session, self.patient_id)

    def has_referral(self, specialties: Sequence[str], on: date) -> bool:
        """Whether a referral to one of these specialties is on file that holds on that day."""
        found = select(Referral.id).where(
            Referral.patient_id == self.patient_id,
            Referral.specialty.in_(list(specialties)),
            or_(Referral.starts_on.is_(None), Referral.starts_on <= on),
            or_(Referral.ends_on.is_(None), Referral.ends_on >= on),
        )
        return self._session.execute(found.limit(1)).first() is not None

    def write(self, new: NewVisit) -> Visit:
        """Write a booked visit. Raise IntegrityError when an open visit has its opening or the provider's time."""
        row = Appointment(patient_id=self.patient_id, status=BOOKED, **vars(new))
        self._session.add(row)
        self._session.flush()
        written = self.find(row.id)
        assert written is not None
        return written

    def set_status(self, appointment_id: int, status: str) -> None:
        """Bring one of this patient's visits to another status; the history is the caller's to write."""
        row = self._row(appointment_id)
        row.status = status
        self._session.flush()

    def set_opening(self, appointment_id: int, opening_id: int) -> None:
        """Say which opening a visit from before the calendar takes up."""
        self._row(appointment_id).opening_id = opening_id
        self._session.flush()

    def note(
        self,
        appointment_id: int,
        kind: str,
        at: datetime,
        *,
        actor: str,
        conversation_id: str | None = None,
        other_id: int | None = None,
        fee_cents: int | None = None,
        detail: str | None = None,
    ) -> None:
        """Add a line to the history of one of this patient's visits."""
        self._session.add(
            AppointmentEvent(
                appointment_id=self._row(appointment_id).id,
                at=at,
                actor=actor,
                conversation_id=conversation_id,
                kind=kind,
                other_id=other_id,
                fee_cents=fee_cents,
                detail=detail,
            )
        )
        self._session.flush()

    def history(self, appointment_id: int) -> list[Event]:
        """What happened to one of this patient's visits, oldest first."""
        rows = self._session.execute(
            select(AppointmentEvent)
            .where(AppointmentEvent.appointment_id == self._row(appointment_id).id)
            .order_by(AppointmentEvent.id)
        ).scalars()
        return [Event(row.at, row.actor, row.kind, row.conversation_id, row.other_id, row.fee_cents) for row in rows]

    def _row(self, appointment_id: int) -> Appointment:
        row = self._session.get(Appointment, appointment_id)
        if row is None or row.patient_id != self.patient_id:
            raise KeyError("this patient has no such visit")
        return row

    def _visits(self, *conditions: Any) -> list[Visit]:
        rows = self._session.execute(
            select(Appointment, Provider.name)
            .join(Provider, Appointment.provider_id == Provider.id)
            .where(Appointment.patient_id == self.patient_id, *conditions)
            .order_by(Appointment.starts_at, Appointment.id)
            .execution_options(populate_existing=True)
        ).all()
        return [_visit(row, provider) for row, provider in rows]


def _visit(row: Appointment, provider: str) -> Visit:
    return Visit(
        appointment_id=row.id,
        first_id=row.first_id or row.id,
        patient_id=row.patient_id,
        provider_id=row.provider_id,
        provider=provider,
        opening_id=row.opening_id,
        starts_at=row.starts_at,
        minutes=row.minutes,
        location=row.location,
        room=row.room,
        visit_type=row.visit_type,
        status=row.status,
    )


def is_known(session: Session, patient_id: int) -> bool:
    """Whether the clinic has seen a patient before: a visit that was kept, or care that was charged."""
    kept = select(Appointment.id).where(Appointment.patient_id == patient_id, Appointment.status == KEPT)
    charged = (
        select(Charge.id).join(Statement, Charge.statement_id == Statement.id).where(Statement.patient_id == patient_id)
    )
    return any(session.execute(one.limit(1)).first() is not None for one in (kept, charged))


# For others ---------------------------------------------------------------------------------------------------------


def people_of(session: Session, chart: Chart, today: date) -> list[Person]:
    """The patient, and everybody for whom a record says that this patient may see to appointments today."""
    rows = session.execute(
        select(Patient.id, Patient.full_name, Representative.relation, Representative.kinds)
        .join(Representative, Representative.patient_id == Patient.id)
        .where(Representative.person_id == chart.patient_id, *_holds_on(today))
        .order_by(Patient.birth_date, Patient.id)
    )
    others = {key: Person(key, name, relation) for key, name, relation, kinds in rows if APPOINTMENTS in kinds}
    return [Person(chart.patient_id, chart.full_name, "self"), *others.values()]


def open_for(
    session: Session, chart: Chart, patient_id: int, conversation_id: str, now: datetime, today: date, purpose: str
) -> Chart:
    """The chart of somebody whom the patient of this one may act for. Raise ChartClosed when no record says so.

    Whether such a patient exists is not told apart from not being allowed. Each try is in the audit log.
    """
    allowed = patient_id in {person.patient_id for person in people_of(session, chart, today)}
    event = "chart_opened_by_representative" if allowed else "chart_refused"
    session.add(
        Audit(
            at=now,
            actor="assistant",
            conversation_id=conversation_id,
            patient_id=patient_id if allowed else chart.patient_id,
            event=event,
            detail=purpose,
        )
    )
    if not allowed:
        raise ChartClosed(purpose)
    return Chart(session, session.get(Patient, patient_id))


def birth_date_of(session: Session, chart: Chart) -> date:
    """The date of birth on the open chart."""
    found: date = session.execute(select(Patient.birth_date).where(Patient.id == chart.patient_id)).scalar_one()
    return found


def _holds_on(today: date) -> tuple[Any, Any]:
    return (
        or_(Representative.starts_on.is_(None), Representative.starts_on <= today),
        or_(Representative.ends_on.is_(None), Representative.ends_on >= today),
    )


# For the worker ------------------------------------------------------------------------------------------------------


def unreminded(session: Session, now: datetime, reminded: Any) -> list[tuple[int, datetime]]:
    """The ids and times of visits to come that `reminded`, a select of appointment ids, does not have."""
    rows = session.execute(
        select(Appointment.id, Appointment.starts_at).where(
            Appointment.status.in_(OPEN_STATUSES), Appointment.starts_at > now, Appointment.id.not_in(reminded)
        )
    )
    return [(key, at) for key, at in rows]


def visit_for_message(session: Session, appointment_id: int) -> Visit | None:
    """A visit that still stands, for a message to the patient's own number on file; None when it does not."""
    row = session.execute(
        select(Appointment, Provider.name)
        .join(Provider, Appointment.provider_id == Provider.id)
        .where(Appointment.id == appointment_id, Appointment.status.in_(OPEN_STATUSES))
    ).first()
    return None if row is None else _visit(row[0], row[1])


def settle(
    session: Session, appointment_id: int, status: str, at: datetime, *, actor: str, fee_cents: int | None = None
) -> bool:
    """Write that a visit was kept or missed, as staff or the clinic's system says; False when it no longer stands."""
    owner = session.execute(select(Appointment.patient_id).where(Appointment.id == appointment_id)).scalar_one_or_none()
    if owner is None:
        return False
    lock_patient(session, owner)
    row = session.get(Appointment, appointment_id, populate_existing=True)
    if row.status not in OPEN_STATUSES:
        return False
    row.status = status
    session.add(AppointmentEvent(appointment_id=row.id, at=at, actor=actor, kind=status, fee_cents=fee_cents))
    return True


def gave_up(session: Session, patient_id: int, opening_id: int) -> bool:
    """Whether a patient had an opening before and let it go; it isn't offered to them again."""
    had = select(Appointment.id).where(Appointment.patient_id == patient_id, Appointment.opening_id == opening_id)
    return session.execute(had.limit(1)).first() is not None


def lock_patient(session: Session, patient_id: int) -> None:
    """Take turns with everything else that is being booked for this patient (PostgreSQL; SQLite has one writer)."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(Patient.id).where(Patient.id == patient_id).with_for_update(key_share=True))


def patient_is_busy(
    session: Session, patient_id: int, starts_at: datetime, ends_at: datetime, but_for: int | None = None
) -> bool:
    """Whether a patient has an open visit within that time, other than `but_for`; to choose whom to offer it."""
    spans = session.execute(
        select(Appointment.starts_at, Appointment.minutes).where(
            Appointment.patient_id == patient_id,
            Appointment.status.in_(OPEN_STATUSES),
            Appointment.id != (but_for or 0),
            Appointment.starts_at < ends_at,
            Appointment.starts_at > starts_at - _LONGEST_VISIT,
        )
    )
    return any(at + timedelta(minutes=minutes) > starts_at for at, minutes in spans)
