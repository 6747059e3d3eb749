"""What a patient's bills say, reached through their chart only (R3): lines, payers, shares, fees, collections.

All money is integer cents. `slips` finds what doesn't add up; a bill with one is explained by a person, not in chat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bedside.records.billing_tables import (
    Adjustment,
    ChargeDetail,
    ChargeShare,
    CollectionStatus,
    Credit,
    Fee,
    PayerPayment,
    PaymentPlan,
    PlanCharge,
    Refund,
)
from bedside.records.chart import Chart
from bedside.records.tables import Audit, Charge, Claim, Hold, Patient, Payment, Statement

DEDUCTIBLE, COPAY, COINSURANCE, NOT_COVERED = "deductible", "copay", "coinsurance", "not_covered"
SHARES = (DEDUCTIBLE, COPAY, COINSURANCE, NOT_COVERED)
PENDING_CLAIMS = ("sent", "received", "in_process", "information_requested")
FINAL_NOTICE, REFERRED, PAUSE_ASKED, PAUSED = "final_notice", "referred", "pause_asked", "paused"
WITH_AGENCY = (REFERRED, PAUSE_ASKED, PAUSED)
IN_COLLECTIONS = (FINAL_NOTICE, *WITH_AGENCY)
RUNNING_PLANS = ("active", "paused")


@dataclass(frozen=True)
class Paid:
    """What one payer's explanation of benefits says of a line; cents."""

    payer: str
    rank: int
    asked_cents: int
    adjusted_cents: int
    paid_cents: int
    left_cents: int
    says_owed_cents: int | None = None
    explained_on: date | None = None
    reached_maximum: bool = False


@dataclass(frozen=True)
class Line:
    """One charge with everything that is known of it; cents.

    `shares` are the reasons why the patient's part is theirs, without those that are nothing; empty where none is on
    file. `waiting`: an insurer has the claim and has not decided.
    """

    charge_id: int
    statement_number: str
    service_date: date
    description: str
    charged_cents: int
    insurance_cents: int
    adjustment_cents: int
    patient_cents: int
    place: str | None = None
    provider: str | None = None
    visit_type: str | None = None
    adjustments: tuple[tuple[str, int], ...] = ()
    payers: tuple[Paid, ...] = ()
    shares: tuple[tuple[str, int], ...] = ()
    fee: str | None = None
    waiting: bool = False
    paid_cents: int = 0
    refunded_cents: int = 0
    credited_cents: int = 0
    held_cents: int = 0
    planned_cents: int = 0

    @property
    def settled_cents(self) -> int:
        """What the patient has paid and kept paid, and what was taken off since."""
        return self.paid_cents - self.refunded_cents + self.credited_cents

    @property
    def owed_cents(self) -> int:
        """What is still to be paid for it."""
        return max(0, self.patient_cents - self.settled_cents)

    @property
    def overpaid_cents(self) -> int:
        """What came in beyond the patient's part."""
        return max(0, self.settled_cents - self.patient_cents)

    @property
    def on_hold(self) -> bool:
        """Whether it is disputed and held."""
        return self.held_cents > 0

    @property
    def payable_cents(self) -> int:
        """What may be asked for now: nothing of a charge that is on hold (R9)."""
        return 0 if self.on_hold else self.owed_cents

    @property
    def free_cents(self) -> int:
        """What may go into a new plan: payable, and not in one that runs."""
        return max(0, self.payable_cents - self.planned_cents)


@dataclass(frozen=True)
class Collection:
    """Where a statement stands with collections, and since when."""

    status: str
    since: date
    agency: str | None


@dataclass(frozen=True)
class Bill:
    """A statement as it was sent, with what happened since."""

    statement_id: int
    number: str
    issued_on: date
    lines: tuple[Line, ...]
    collection: Collection | None = None

    def sum(self, name: str) -> int:
        """The total of one of the lines' figures, such as owed_cents."""
        return sum(getattr(line, name) for line in self.lines)

    @property
    def in_collections(self) -> bool:
        """Whether a final notice has gone out or an agency has it."""
        return self.collection is not None and self.collection.status in IN_COLLECTIONS


@dataclass(frozen=True)
class Slip:
    """A figure that doesn't agree with the others: on which charge, which one, and by how many cents."""

    charge_id: int
    what: str
    by_cents: int


class Account:
    """The bills of the patient whose chart is open."""

    def __init__(self, session: Session, chart: Chart) -> None:
        self._session = session
        self._chart = chart

    @property
    def patient_id(self) -> int:
        """Whose they are."""
        return self._chart.patient_id

    def bills(self) -> list[Bill]:
        """Every statement, the oldest first."""
        statements = self._session.execute(
            select(Statement.id, Statement.number, Statement.issued_on)
            .where(Statement.patient_id == self.patient_id)
            .order_by(Statement.issued_on, Statement.id)
        ).all()
        lines = self._lines()
        collections = self._collections()
        return [
            Bill(key, number, issued_on, tuple(lines[key]), collections.get(key))
            for key, number, issued_on in statements
        ]

    def bill(self, number: str) -> Bill | None:
        """One statement; None when there is none of that number or it is somebody else's."""
        return next((bill for bill in self.bills() if bill.number == number), None)

    def fee_id(self, charge_id: int) -> int | None:
        """The fee that one of this patient's charges is; None when it is care, or somebody else's."""
        found: int | None = self._session.execute(
            select(Fee.id).where(Fee.charge_id == charge_id, Fee.charge_id.in_(self._own()))
        ).scalar_one_or_none()
        return found

    def note_collection(self, bill: Bill, status: str, since: date, actor: str) -> None:
        """Write what happens to a statement on its way to an agency; what was written before stays."""
        self._session.add(
            CollectionStatus(
                statement_id=bill.statement_id,
                status=status,
                since=since,
                agency=bill.collection.agency if bill.collection else None,
                actor=actor,
            )
        )
        self._session.flush()

    def write_payment(self, charge_id: int, paid_on: date, amount_cents: int) -> None:
        """Write money that came in for one of this patient's charges. Raise KeyError when it is somebody else's."""
        if self._session.execute(self._own().where(Charge.id == charge_id)).first() is None:
            raise KeyError("this patient has no such charge")
        self._session.add(
            Payment(patient_id=self.patient_id, charge_id=charge_id, paid_on=paid_on, amount_cents=amount_cents)
        )
        self._session.flush()

    def write_credit(self, charge_id: int, kind: str, amount_cents: int, on: date, by: str) -> None:
        """Write what a person takes off one of this patient's charges. Raise KeyError when it is somebody else's."""
        if self._session.execute(self._own().where(Charge.id == charge_id)).first() is None:
            raise KeyError("this patient has no such charge")
        self._session.add(Credit(charge_id=charge_id, kind=kind, amount_cents=amount_cents, made_on=on, made_by=by))
        self._session.flush()

    # How the parts are read ------------------------------------------------------------------------------------

    def _own(self) -> Any:
        """SQL: the ids of this patient's charges."""
        return (
            select(Charge.id)
            .join(Statement, Charge.statement_id == Statement.id)
            .where(Statement.patient_id == self.patient_id)
        )

    def _rows(self, table: Any) -> Iterable[Any]:
        return (
            self._session.execute(select(table).where(table.charge_id.in_(self._own())).order_by(table.id))
            .scalars()
            .all()
        )

    def _by_charge(self, table: Any) -> dict[int, Any]:
        return {row.charge_id: row for row in self._rows(table)}

    def _sums(self, table: Any, *conditions: Any) -> dict[int, int]:
        rows = self._session.execute(
            select(table.charge_id, func.sum(table.amount_cents))
            .where(table.charge_id.in_(self._own()), *conditions)
            .group_by(table.charge_id)
        )
        return {key: int(cents) for key, cents in rows}

    def _planned(self) -> dict[int, int]:
        rows = self._session.execute(
            select(PlanCharge.charge_id, func.sum(PlanCharge.amount_cents))
            .join(PaymentPlan, PlanCharge.plan_id == PaymentPlan.id)
            .where(PaymentPlan.patient_id == self.patient_id, PaymentPlan.status.in_(RUNNING_PLANS))
            .group_by(PlanCharge.charge_id)
        )
        return {key: int(cents) for key, cents in rows}

    def _collections(self) -> dict[int, Collection]:
        rows = self._session.execute(
            select(CollectionStatus)
            .join(Statement, CollectionStatus.statement_id == Statement.id)
            .where(Statement.patient_id == self.patient_id)
            .order_by(CollectionStatus.id)
        ).scalars()
        return {row.statement_id: Collection(row.status, row.since, row.agency) for row in rows}

    def _pending(self) -> set[date]:
        return set(
            self._session.execute(
                select(Claim.service_date).where(Claim.patient_id == self.patient_id, Claim.status.in_(PENDING_CLAIMS))
            ).scalars()
        )

    def _lines(self) -> dict[int, list[Line]]:
        rows = self._session.execute(
            select(Charge, Statement.number)
            .join(Statement, Charge.statement_id == Statement.id)
            .where(Statement.patient_id == self.patient_id)
            .order_by(Charge.id)
            .execution_options(populate_existing=True)
        ).all()
        details, shares, fees = (self._by_charge(table) for table in (ChargeDetail, ChargeShare, Fee))
        adjustments, payers = defaultdict(list), defaultdict(list)
        for row in self._rows(Adjustment):
            adjustments[row.charge_id].append((row.kind, row.amount_cents))
        for row in self._rows(PayerPayment):
            payers[row.charge_id].append(_paid(row))
        paid, refunded, credited = (self._sums(table) for table in (Payment, Refund, Credit))
        held, planned, pending = self._sums(Hold, Hold.status == "active"), self._planned(), self._pending()
        found: dict[int, list[Line]] = defaultdict(list)
        for charge, number in rows:
            key, detail, fee = charge.id, details.get(charge.id), fees.get(charge.id)
            found[charge.statement_id].append(
                Line(
                    charge_id=key,
                    statement_number=number,
                    service_date=charge.service_date,
                    description=charge.description,
                    charged_cents=charge.charged_cents,
                    insurance_cents=charge.insurance_cents,
                    adjustment_cents=charge.adjustment_cents,
                    patient_cents=charge.patient_cents,
                    place=detail.place if detail else None,
                    provider=detail.provider if detail else None,
                    visit_type=detail.visit_type if detail else None,
                    adjustments=tuple(adjustments[key]),
                    payers=tuple(sorted(payers[key], key=lambda one: one.rank)),
                    shares=_shares(shares.get(key)),
                    fee=fee.kind if fee else None,
                    waiting=not payers[key] and not charge.insurance_cents and charge.service_date in pending,
                    paid_cents=paid.get(key, 0),
                    refunded_cents=refunded.get(key, 0),
                    credited_cents=credited.get(key, 0),
                    held_cents=held.get(key, 0),
                    planned_cents=planned.get(key, 0),
                )
            )
        return found


def account_for_desk(session: Session, patient_id: int, actor: str, at: datetime, purpose: str) -> Account:
    """The bills of a patient for a member of staff at work on them, who is named in the audit log (R3)."""
    if not actor.strip():
        raise ValueError("a chart is opened by somebody")
    patient = session.get(Patient, patient_id)
    if patient is None:
        raise KeyError("there is no such patient")
    session.add(Audit(at=at, actor=actor, patient_id=patient_id, event="chart_opened_by_staff", detail=purpose))
    return Account(session, Chart(session, patient))


def _paid(row: Any) -> Paid:
    return Paid(
        payer=row.payer,
        rank=row.rank,
        asked_cents=row.asked_cents,
        adjusted_cents=row.adjusted_cents,
        paid_cents=row.paid_cents,
        left_cents=row.left_cents,
        says_owed_cents=row.says_owed_cents,
        explained_on=row.explained_on,
        reached_maximum=row.reached_maximum,
    )


def _shares(row: Any) -> tuple[tuple[str, int], ...]:
    found = ((kind, int(getattr(row, f"{kind}_cents"))) for kind in SHARES) if row is not None else ()
    return tuple((kind, cents) for kind, cents in found if cents)


# What must agree ---------------------------------------------------------------------------------------------------


def slips(lines: Sequence[Line]) -> list[Slip]:
    """Every figure of these lines that doesn't agree with the others; an empty list when all of it adds up.

    The database refuses most of this by itself; what stands in several rows is checked here: that each payer was asked
    for what the one before it left, and that payers, adjustments and shares come to the line's own figures.
    """
    return [slip for line in lines for slip in _line_slips(line)]


def _line_slips(line: Line) -> list[Slip]:
    off = {
        "line": line.charged_cents - line.insurance_cents - line.adjustment_cents - line.patient_cents,
        "hold": max(0, line.held_cents - line.patient_cents),
    }
    if line.shares:
        off["shares"] = sum(cents for _, cents in line.shares) - line.patient_cents
    own = sum(cents for _, cents in line.adjustments)
    if line.payers:
        off["insurance"] = sum(one.paid_cents for one in line.payers) - line.insurance_cents
        off["adjustment"] = own + sum(one.adjusted_cents for one in line.payers) - line.adjustment_cents
        left = line.charged_cents - own
        for one in line.payers:
            off[f"payer {one.rank} asked"] = one.asked_cents - left
            off[f"payer {one.rank} left"] = one.asked_cents - one.adjusted_cents - one.paid_cents - one.left_cents
            left = one.left_cents
        off["left"] = left - line.patient_cents
        off["order"] = sum(rank != one.rank for rank, one in enumerate(line.payers, 1))
    elif line.adjustments:
        off["adjustment"] = own - line.adjustment_cents
    return [Slip(line.charge_id, what, by) for what, by in off.items() if by]
