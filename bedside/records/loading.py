"""Loads a clinic's people, calendars and statements from a file: everything in it, or nothing.

The format is in docs/loading.md. Identifiers are kept as keyed digests, never as they are written in the file (R3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bedside.organization import Organization, Problem
from bedside.records import guards
from bedside.records.bill_loading import after_rows, charge_rows, program_row
from bedside.records.clinic_checks import ACCOUNT, SSN_LAST4, check_against, check_clinic
from bedside.records.clinic_file import ClinicFileError, Entry, read_clinic_file
from bedside.records.insurance_loading import payer_rows, put_insurance
from bedside.records.keys import Keyring
from bedside.records.store import Store
from bedside.records.tables import (
    Appointment,
    Audit,
    Charge,
    Contact,
    Identifier,
    Opening,
    Patient,
    Payment,
    Prescription,
    Provider,
    ProviderAbsence,
    ProviderTemplate,
    Referral,
    Representative,
    Result,
    Statement,
    metadata,
)
from bedside.records.visits import local_place
from bedside.settings import Settings

# The lists of a patient that become rows as they stand.
_ROWS: Mapping[str, Any] = {
    "contacts": Contact,
    "prescriptions": Prescription,
    "results": Result,
    "referrals": Referral,
}


class Clinic(Protocol):
    """What loading needs of the clinic at work; `bedside.care.context.Care` is one."""

    @property
    def store(self) -> Store:
        """Where the records are."""

    @property
    def organization(self) -> Organization:
        """The clinic's zone and locations."""

    @property
    def keyring(self) -> Keyring:
        """What makes the digests."""

    @property
    def settings(self) -> Settings:
        """Whether this is production."""

    def now(self) -> datetime:
        """This moment, UTC."""

    def today(self) -> date:
        """Today's date at the clinic."""


class ReplaceRefused(PermissionError):
    """Production keeps its records: nothing there is emptied by a file."""


@dataclass(frozen=True)
class Summary:
    """How many rows were loaded, by table; tables without any are left out."""

    counts: Mapping[str, int]

    def __str__(self) -> str:
        return ", ".join(f"{count} {table}" for table, count in self.counts.items()) or "nothing"


def load_file(care: Clinic, path: str | Path, replace: bool = False) -> Summary:
    """Load the file in one unit of work, and note in the audit log that it was loaded.

    `replace` empties every table first, for tests and demos. Without it the file adds to what is there, and whatever
    is already there is a mistake. Raise ClinicFileError with every mistake, and ReplaceRefused in production.
    """
    if replace and care.settings.production:
        raise ReplaceRefused("Records can't be replaced when BEDSIDE_ENV is production.")
    locations = [location.key for location in care.organization.locations]
    clinic, problems = read_clinic_file(Path(path), care.organization.tz, locations, care.today())
    problems += check_clinic(clinic, str(path))
    try:
        with care.store.work() as session:
            problems += check_against(session, clinic, str(path), care.keyring, replace)
            if problems:
                raise ClinicFileError(problems)
            if replace:
                with guards.lifted(session):
                    for table in reversed(metadata.sorted_tables):
                        session.execute(delete(table))
            summary = _store(session, clinic, care)
            session.add(
                Audit(at=care.now(), actor="loading", event="records_loaded", detail=f"replace={replace}; {summary}")
            )
    except IntegrityError:  # what the database says would repeat what the file says about a person
        clash = "clashes with what is in the database, and nothing was loaded; load it again to see where"
        raise ClinicFileError([Problem(str(path), None, None, clash)]) from None
    return summary


def _store(session: Session, clinic: Entry, care: Clinic) -> Summary:
    """Put every entry into its table, in the order of the file."""
    rows: list[Any] = []

    def put(new: Sequence[Any]) -> None:
        session.add_all(new)
        session.flush()
        rows.extend(new)

    hired = [_provider(one) for one in clinic.lists["providers"]]
    put(hired)
    for entry, provider in zip(clinic.lists["providers"], hired, strict=True):
        put([_template(one, provider.id) for one in entry.lists["weekly"]])
        put([_absence(one, provider.id) for one in entry.lists["away"]])
    providers = dict(session.execute(select(Provider.name, Provider.id)).all())
    put([_opening(one, providers, care.organization.tz) for one in clinic.lists["openings"]])
    for one in clinic.lists["payers"]:
        payer_rows(one, providers, put)
    people = [_patient(one) for one in clinic.lists["patients"]]
    put(people)
    by_reference = dict(session.execute(select(Patient.reference, Patient.id)).all())
    bills: list[tuple[Entry, Statement]] = []
    for entry, patient in zip(clinic.lists["patients"], people, strict=True):
        put(_identifiers(entry, patient.id, care.keyring))
        for name, table in _ROWS.items():
            put([table(patient_id=patient.id, **one.values) for one in entry.lists[name]])
        put([_representative(one, patient.id, by_reference) for one in entry.lists["representatives"]])
        put([_booking(Appointment, one, providers, patient_id=patient.id) for one in entry.lists["appointments"]])
        bills += [(one, Statement(patient_id=patient.id, **one.values)) for one in entry.lists["statements"]]
    put([statement for _, statement in bills])
    lines = [(one, _charge(one, statement)) for bill, statement in bills for one in bill.lists["charges"]]
    put([charge for _, charge in lines])
    put([row for entry, charge in lines for row in charge_rows(entry, charge)])
    put([row for bill, statement in bills for row in after_rows(bill, statement)])
    for entry, patient in zip(clinic.lists["patients"], people, strict=True):
        put_insurance(session, entry, patient.id, providers, care.now(), put)
    put([program_row(one) for one in clinic.lists["assistance_programs"]])
    owners = {statement.id: statement.patient_id for _, statement in bills}
    put(
        [
            Payment(
                patient_id=owners[charge.statement_id],
                charge_id=charge.id,
                paid_on=payment.get("paid_on"),
                amount_cents=payment.get("amount"),
            )
            for entry, charge in lines
            for payment in entry.lists["payments"]
        ]
    )
    return _summary(rows)


def _identifiers(entry: Entry, patient_id: int, keyring: Keyring) -> list[Identifier]:
    kept = {SSN_LAST4: None, ACCOUNT: entry.get(ACCOUNT)}  # staff must be able to read the account, nobody the SSN
    return [
        Identifier(patient_id=patient_id, kind=kind, digest=keyring.digest(kind, entry.get(kind)), value=value)
        for kind, value in kept.items()
        if entry.has(kind)
    ]


def _patient(entry: Entry) -> Patient:
    return Patient(
        reference=entry.get("reference"),
        full_name=entry.get("full_name"),
        birth_date=entry.get("birth_date"),
        died_on=entry.get("died_on"),
        language=entry.get("language"),
        portal_active=entry.get("portal"),
    )


def _provider(entry: Entry) -> Provider:
    return Provider(**{**entry.values, "other_specialties": list(entry.get("other_specialties"))})


def _template(entry: Entry, provider_id: int) -> ProviderTemplate:
    values = {key: value for key, value in entry.values.items() if key not in ("from", "to")}
    return ProviderTemplate(provider_id=provider_id, starts=entry.get("from"), ends=entry.get("to"), **values)


def _absence(entry: Entry, provider_id: int) -> ProviderAbsence:
    first, last = entry.get("starts_on"), entry.get("ends_on")
    return ProviderAbsence(provider_id=provider_id, first_day=first.toordinal(), last_day=last.toordinal())


def _representative(entry: Entry, patient_id: int, by_reference: Mapping[str, int]) -> Representative:
    values = {key: value for key, value in entry.values.items() if key != "reference"}
    own = by_reference.get(entry.get("reference")) if entry.has("reference") else None
    return Representative(patient_id=patient_id, person_id=own, **values)


def _opening(entry: Entry, providers: Mapping[str, int], tz: tzinfo) -> Opening:
    day, minute = local_place(entry.get("starts_at"), tz)
    made: Opening = _booking(Opening, entry, providers, day=day, minute=minute)
    return made


def _booking(table: Any, entry: Entry, providers: Mapping[str, int], **also: Any) -> Any:
    values = {key: value for key, value in entry.values.items() if key != "provider"}
    return table(provider_id=providers[entry.get("provider")], **values, **also)


def _charge(entry: Entry, statement: Statement) -> Charge:
    return Charge(
        statement_id=statement.id,
        service_date=entry.get("service_date"),
        description=entry.get("description"),
        charged_cents=entry.get("charged"),
        insurance_cents=entry.get("insurance_paid"),
        adjustment_cents=entry.get("adjustment"),
        patient_cents=entry.get("patient_part"),
    )


def _summary(rows: Iterable[Any]) -> Summary:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.__tablename__] = counts.get(row.__tablename__, 0) + 1
    return Summary(counts)
