"""What must hold between the parts of a clinic's file, and between the file and the records that are there already."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.organization import Problem
from bedside.records.bill_loading import bill_faults, program_faults
from bedside.records.billing_tables import AssistanceProgram
from bedside.records.clinic_file import Entry, read_contact
from bedside.records.insurance_loading import (
    clash_faults,
    insurance_faults,
    payer_faults,
)
from bedside.records.insurance_tables import Payer
from bedside.records.keys import Keyring
from bedside.records.tables import OPEN_STATUSES, Appointment, Identifier, Opening, Patient, Provider, Statement

SSN_LAST4, ACCOUNT = "ssn_last4", "account"
"""The kinds of identifier; each is also the key in the file and the purpose of the digest."""

_LONGEST = timedelta(days=1)  # an opening is shorter


def check_clinic(clinic: Entry, file: str) -> list[Problem]:
    """Every mistake that can be seen in the file alone."""
    check = _Check(file)
    patients = clinic.lists["patients"]
    statements = [one for patient in patients for one in patient.lists["statements"]]
    check.once(clinic.lists["providers"], "name")
    check.once(patients, "reference")
    check.once(patients, ACCOUNT)
    check.once(statements, "number")
    check.once(clinic.lists["assistance_programs"], "key")
    for provider in clinic.lists["providers"]:
        check.provider(provider)
    for patient in patients:
        check.patient(patient)
    for statement in statements:
        check.statement(statement)
    for program in clinic.lists["assistance_programs"]:
        check.all(program_faults(program))
    check.once(clinic.lists["payers"], "name")
    for payer in clinic.lists["payers"]:
        check.once(payer.lists["plans"], "name")
        check.all(payer_faults(payer))
    for patient in patients:
        check.all(insurance_faults(patient))
    return check.problems


def check_against(session: Session, clinic: Entry, file: str, keyring: Keyring, replace: bool) -> list[Problem]:
    """Every clash with the records that are there; with `replace` none of them will be."""
    check = _Check(file)
    patients = clinic.lists["patients"]
    providers, openings = clinic.lists["providers"], clinic.lists["openings"]
    visits = [one for patient in patients for one in patient.lists["appointments"]]
    known = set() if replace else set(session.execute(select(Provider.name)).scalars())
    named = known | {one.get("name") for one in providers}
    for entry in [*openings, *visits]:
        if entry.has("provider") and entry.get("provider") not in named:
            check.add(entry, "provider", "must be the name of a provider in this file or already loaded")
    people = set() if replace else set(session.execute(select(Patient.reference)).scalars())
    there = people | {patient.get("reference") for patient in patients}
    for patient in patients:
        for person in patient.lists["representatives"]:
            if person.has("reference") and person.get("reference") not in there:
                check.add(person, "reference", "must be the reference of a patient in this file or already loaded")
            elif person.has("reference") and person.get("reference") == patient.get("reference"):
                check.add(person, "reference", "must not be the patient's own")
    check.all(clash_faults(session, clinic, named, replace))
    check.calendars(visits, openings, *((), ()) if replace else _calendars(session, [*visits, *openings]))
    if not replace:
        statements = [one for patient in patients for one in patient.lists["statements"]]
        digests = select(Identifier.digest).where(Identifier.kind == ACCOUNT)
        check.new(providers, "name", known)
        check.new(patients, "reference", people)
        check.new(statements, "number", session.execute(select(Statement.number)).scalars())
        programs = session.execute(select(AssistanceProgram.key)).scalars()
        check.new(clinic.lists["assistance_programs"], "key", programs)
        check.new(clinic.lists["payers"], "name", session.execute(select(Payer.name)).scalars())
        check.new(patients, ACCOUNT, session.execute(digests).scalars(), lambda value: keyring.digest(ACCOUNT, value))
    return check.problems


Span = tuple[str, datetime, datetime]
"""A time in a provider's calendar: the name, from when, until when."""


def _calendars(session: Session, entries: Iterable[Entry]) -> tuple[list[Span], list[Span]]:
    """The booked visits and the openings that are there, as far as these entries could meet them."""
    first = min((entry.get("starts_at") for entry in entries if entry.has("starts_at")), default=None)
    if first is None:
        return [], []
    visits = (
        select(Provider.name, Appointment.starts_at, Appointment.minutes)
        .join(Provider, Appointment.provider_id == Provider.id)
        .where(Appointment.status.in_(OPEN_STATUSES), Appointment.starts_at >= first - _LONGEST)
    )
    openings = (
        select(Provider.name, Opening.starts_at, Opening.minutes)
        .join(Provider, Opening.provider_id == Provider.id)
        .where(Opening.starts_at >= first - _LONGEST)
    )
    return (
        [(name, at, at + timedelta(minutes=minutes)) for name, at, minutes in session.execute(visits)],
        [(name, at, at + timedelta(minutes=minutes)) for name, at, minutes in session.execute(openings)],
    )


class _Calendar:
    """The spans of all providers with where each stands; finds the one that another meets."""

    def __init__(self) -> None:
        self._spans: dict[str, list[tuple[datetime, datetime, str]]] = defaultdict(list)

    def put(self, span: Span, where: str) -> None:
        name, starts, ends = span
        spans = self._spans[name]
        spans.insert(bisect_right(spans, starts, key=_start), (starts, ends, where))

    def met_by(self, span: Span) -> str | None:
        """Where the span stands that begins within this one, or that is under way when this one begins."""
        name, starts, ends = span
        spans = self._spans[name]
        at = bisect_left(spans, starts, key=_start)
        if at < len(spans) and (spans[at][0] == starts or spans[at][0] < ends):
            return spans[at][2]
        if at and spans[at - 1][1] > starts:
            return spans[at - 1][2]
        return None


def _start(span: tuple[datetime, datetime, str]) -> datetime:
    return span[0]


class _Check:
    """Collects the mistakes of one file."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[Problem] = []

    def add(self, entry: Entry, key: str, fault: str) -> None:
        self.problems.append(Problem(self._file, entry.line_of(key), entry.name_of(key), fault))

    def all(self, faults: Iterable[tuple[Entry, str, str]]) -> None:
        for entry, key, fault in faults:
            self.add(entry, key, fault)

    def once(self, entries: Sequence[Entry], key: str) -> None:
        first: dict[Any, Entry] = {}
        for entry in entries:
            if entry.has(key):
                earlier = first.setdefault(entry.get(key), entry)
                if earlier is not entry:
                    self.add(entry, key, f"must be its own; line {earlier.line_of(key)} has the same")

    def new(
        self, entries: Sequence[Entry], key: str, there: Iterable[Any], stored: Callable[[Any], Any] | None = None
    ) -> None:
        known = set(there)
        for entry in entries:
            if entry.has(key) and (stored(entry.get(key)) if stored else entry.get(key)) in known:
                self.add(entry, key, "is in the database already; load only what is new, or replace everything")

    def provider(self, provider: Entry) -> None:
        for week in provider.lists["weekly"]:
            if week.has("from", "to") and week.get("to") <= week.get("from"):
                self.add(week, "to", "must be later than from")
            self._in_order(week, "starts_on", "ends_on")
        for absence in provider.lists["away"]:
            self._in_order(absence, "starts_on", "ends_on")

    def patient(self, patient: Entry) -> None:
        self._in_order(patient, "birth_date", "died_on")
        for contact in patient.lists["contacts"]:
            self._contact(contact)
        for name in ("representatives", "coverages", "referrals"):
            for row in patient.lists[name]:
                self._in_order(row, "starts_on", "ends_on")
        for authorization in patient.lists["authorizations"]:
            self._in_order(authorization, "sent_on", "decided_on")
        for claim in patient.lists["claims"]:
            self._in_order(claim, "service_date", "sent_on")
        self._ranks(patient.lists["coverages"])

    def _in_order(self, entry: Entry, earlier: str, later: str) -> None:
        if entry.has(earlier, later) and entry.get(later) < entry.get(earlier):
            self.add(entry, later, f"must not be before {earlier}")

    def _contact(self, contact: Entry) -> None:
        if contact.has("kind", "value"):
            try:
                read_contact(contact.get("kind"), contact.get("value"))
            except ValueError as error:
                self.add(contact, "value", str(error))
        if contact.get("sms_consent") and contact.has("kind") and contact.get("kind") != "phone":
            self.add(contact, "sms_consent", "must stand with a phone number")

    def _ranks(self, coverages: Sequence[Entry]) -> None:
        for number, coverage in enumerate(coverages):
            for other in coverages[:number]:
                if coverage.has("rank") and coverage.get("rank") == other.get("rank") and _overlap(coverage, other):
                    fault = f"must differ from the coverage on line {other.line}, which is for the same time"
                    self.add(coverage, "rank", f"{fault}: 1 pays first, 2 second")
                    break

    def statement(self, statement: Entry) -> None:
        if not statement.lists["charges"] and "charges" not in statement.lines:
            self.add(statement, "charges", "is missing")
        for charge in statement.lists["charges"]:
            parts = ("insurance_paid", "adjustment", "patient_part")
            if charge.has("charged", *parts):
                total = sum(charge.get(part) for part in parts)
                if total != charge.get("charged"):
                    sums = f"insurance_paid + adjustment + patient_part, which is {_dollars(total)}"
                    self.add(charge, "charged", f"must be {sums}, not {_dollars(charge.get('charged'))}")
            service_date, issued_on = charge.get("service_date"), statement.get("issued_on")
            if service_date and issued_on and service_date > issued_on:
                self.add(charge, "service_date", "must not be after issued_on of the statement")
        self.all(bill_faults(statement))

    def calendars(
        self,
        visits: Sequence[Entry],
        openings: Sequence[Entry],
        visits_there: Iterable[Span],
        openings_there: Iterable[Span],
    ) -> None:
        """A provider has one thing at a time: no visit begins with another one, and no opening meets a visit."""
        booked, busy, opened = _Calendar(), _Calendar(), _Calendar()
        for name, starts, ends in visits_there:
            booked.put((name, starts, starts), "an appointment in the database")
            busy.put((name, starts, ends), "an appointment in the database")
        for span in openings_there:
            opened.put(span, "an opening in the database")
        for visit in visits:
            if visit.get("status") in OPEN_STATUSES and visit.has("provider", "starts_at"):
                name, starts = visit.get("provider"), visit.get("starts_at")
                span = (name, starts, starts + timedelta(minutes=visit.get("minutes") or 0))
                if not self._meets(visit, (name, starts, starts), booked):
                    self._meets(visit, span, opened)
                booked.put((name, starts, starts), f"the appointment on line {visit.line}")
                busy.put(span, f"the appointment on line {visit.line}")
        for opening in openings:
            if opening.has("provider", "starts_at", "minutes"):
                starts = opening.get("starts_at")
                span = (opening.get("provider"), starts, starts + timedelta(minutes=opening.get("minutes")))
                self._meets(opening, span, busy, opened)
                opened.put(span, f"the opening on line {opening.line}")

    def _meets(self, entry: Entry, span: Span, *calendars: _Calendar) -> bool:
        for calendar in calendars:
            where = calendar.met_by(span)
            if where:
                self.add(entry, "starts_at", f"is at the same time as {where}, with the same provider")
                return True
        return False


def _overlap(one: Entry, other: Entry) -> bool:
    def starts(entry: Entry) -> date:
        return entry.get("starts_on") or date.min

    def ends(entry: Entry) -> date:
        return entry.get("ends_on") or date.max

    return starts(one) <= ends(other) and starts(other) <= ends(one)


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
