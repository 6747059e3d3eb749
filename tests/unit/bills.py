"""The demo clinic's bills for tests: records loaded once and copied, a clock that moves, and statements of any shape."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bedside.care.context import Care, open_care
from bedside.records import keys, migrate
from bedside.records.billing_tables import (
    Adjustment,
    ChargeShare,
    CollectionStatus,
    PayerPayment,
)
from bedside.records.loading import load_file
from bedside.records.tables import (
    Charge,
    Commitment,
    Patient,
    Payment,
    Statement,
    Ticket,
    Verification,
)
from tests import proof

ROOT = Path(__file__).resolve().parents[2]
EASTERN = ZoneInfo("America/New_York")
TUESDAY = datetime(2026, 11, 24, 15, 15, tzinfo=timezone.utc)  # 10:15 at the clinic, two days before Thanksgiving
TALK = "a-talk"
_SECRET = "a secret of the tests, long enough to be one"


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def local(self, written: str) -> None:
        """Set it to a time at the clinic."""
        self.now = datetime.fromisoformat(written).replace(tzinfo=EASTERN).astimezone(timezone.utc)


@dataclass
class Bills:
    """The demo clinic, with the clock that its care is handed."""

    care: Care
    clock: Clock = field(default_factory=lambda: Clock(TUESDAY))

    def __post_init__(self) -> None:
        self.care = replace(self.care, clock=self.clock)

    def verify(self, reference: str, talk: str = TALK) -> None:
        """Prove who is speaking, as `care.identity` would write it."""
        with self.care.store.work() as session:
            proof.prove(self.care, session, talk, reference, timedelta(hours=1))

    def rows(self, table: Any, *conditions: Any) -> list[Any]:
        """Rows of a table, in order."""
        with self.care.store.reading() as session:
            return list(session.execute(select(table).where(*conditions).order_by(table.id)).scalars())

    def charge(self, reference: str, description: str) -> int:
        """The first charge of a patient of that description."""
        with self.care.store.reading() as session:
            found = session.execute(
                select(Charge.id)
                .join(Statement, Charge.statement_id == Statement.id)
                .join(Patient, Statement.patient_id == Patient.id)
                .where(Patient.reference == reference, Charge.description == description)
                .order_by(Charge.id)
            )
            return int(found.scalars().first())  # type: ignore[arg-type]

    def ticket(self, case_number: str) -> Ticket:
        """The ticket of a case."""
        (found,) = self.rows(Ticket, Ticket.case_number == case_number)
        return found  # type: ignore[no-any-return]

    def promises(self, case_number: str) -> dict[str, str]:
        """The promises of a case: what, and when at the clinic."""
        rows = self.rows(Commitment, Commitment.ticket_id == self.ticket(case_number).id)
        return {row.what: self.local(row.due_at) for row in rows}

    def local(self, at: datetime) -> str:
        """A moment at the clinic."""
        return at.astimezone(EASTERN).strftime("%a %m-%d %H:%M")


def prepare(folder: Path) -> Path:
    """A database with the demo clinic, to be copied."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_installed", None)
        migrate.upgrade(f"sqlite:///{folder}/bedside.db")
        clinic = _open(folder)
        load_file(clinic, ROOT / "demo" / "riverbend.yml")
        clinic.store.close()
    return folder / "bedside.db"


@contextmanager
def opened(folder: Path, database: Path) -> Iterator[Bills]:
    """The demo clinic on a copy of its database; the keyring of the process is put back afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_installed", None)
        shutil.copy(database, folder / "bedside.db")
        care = _open(folder)
        yield Bills(care)
        care.store.close()


def _open(folder: Path) -> Care:
    return open_care({"BEDSIDE_VAR": str(folder), "BEDSIDE_SECRET": _SECRET, "BEDSIDE_NOW": "2026-11-24T10:15"})


# Statements of any shape -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Payer:
    """A payer of a generated line: what it takes off and pays."""

    adjusted: int
    paid: int


@dataclass(frozen=True)
class Made:
    """A generated line; the rest of the charge is the patient's, split into four shares when `shares` are given."""

    charged: int
    discount: int = 0
    payers: tuple[Payer, ...] = ()
    shares: tuple[int, int, int, int] | None = None
    paid: int = 0
    description: str = "Office visit"
    service_date: date = date(2026, 9, 1)

    @property
    def patient(self) -> int:
        """The patient's part."""
        return self.charged - self.discount - sum(one.adjusted + one.paid for one in self.payers)


def write_patient(session: Any, reference: str, *, talk: str | None = None, now: datetime = TUESDAY) -> int:
    """A patient without anything, verified in a talk; returns the id."""
    patient = Patient(reference=reference, full_name="Rowan Example", birth_date=date(1970, 1, 1))
    session.add(patient)
    session.flush()
    if talk is not None:
        session.add(
            Verification(
                conversation_id=talk,
                patient_id=patient.id,
                method="test",
                verified_at=now,
                last_used_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )
    return int(patient.id)


def write_statement(
    session: Any, patient_id: int, number: str, lines: Sequence[Made], *, collections: str | None = None
) -> list[int]:
    """A statement with these lines; returns the ids of its charges."""
    statement = Statement(patient_id=patient_id, number=number, issued_on=date(2026, 10, 1))
    session.add(statement)
    session.flush()
    if collections is not None:
        session.add(
            CollectionStatus(statement_id=statement.id, status=collections, since=date(2026, 11, 1), actor="test")
        )
    return [_write_line(session, patient_id, statement.id, made) for made in lines]


def _write_line(session: Any, patient_id: int, statement_id: int, made: Made) -> int:
    charge = Charge(
        statement_id=statement_id,
        service_date=made.service_date,
        description=made.description,
        charged_cents=made.charged,
        insurance_cents=sum(one.paid for one in made.payers),
        adjustment_cents=made.discount + sum(one.adjusted for one in made.payers),
        patient_cents=made.patient,
    )
    session.add(charge)
    session.flush()
    if made.discount:
        session.add(Adjustment(charge_id=charge.id, kind="discount", amount_cents=made.discount))
    left = made.charged - made.discount
    for rank, one in enumerate(made.payers, 1):
        asked, left = left, left - one.adjusted - one.paid
        session.add(
            PayerPayment(
                charge_id=charge.id,
                payer=f"Payer {rank}",
                rank=rank,
                asked_cents=asked,
                adjusted_cents=one.adjusted,
                paid_cents=one.paid,
                left_cents=left,
                says_owed_cents=left,
            )
        )
    if made.shares is not None:
        deductible, copay, coinsurance, not_covered = made.shares
        session.add(
            ChargeShare(
                charge_id=charge.id,
                patient_cents=made.patient,
                deductible_cents=deductible,
                copay_cents=copay,
                coinsurance_cents=coinsurance,
                not_covered_cents=not_covered,
            )
        )
    if made.paid:
        session.add(
            Payment(patient_id=patient_id, charge_id=charge.id, paid_on=date(2026, 11, 1), amount_cents=made.paid)
        )
    session.flush()
    return int(charge.id)
