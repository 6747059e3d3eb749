"""What is owed, and a statement part by part in figures, so that a talk can pause after each one (BRIEF 3.4, R9).

Everything here reads. A part names the terms that come up in it for the first time: each is explained once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bedside.care.context import Care
from bedside.care.ledger import BillingError, NoSuchStatement, open_ledger
from bedside.records.accounts import Bill, Collection, Line, Slip, slips

ADJUSTMENT = "adjustment"
EXPLANATION_OF_BENEFITS = "explanation_of_benefits"
COORDINATION_OF_BENEFITS = "coordination_of_benefits"
OUT_OF_POCKET_MAXIMUM = "out_of_pocket_maximum"
TERMS = (
    ADJUSTMENT,
    EXPLANATION_OF_BENEFITS,
    COORDINATION_OF_BENEFITS,
    OUT_OF_POCKET_MAXIMUM,
    "deductible",
    "copay",
    "coinsurance",
)
"""Every word of the trade that a walk-through may bring up; content explains each in plain words."""

FEE, WAITING, NOT_ON_FILE = "fee", "waiting_for_insurance", "not_on_file"
REASONS = ("deductible", "copay", "coinsurance", "not_covered", FEE, WAITING, NOT_ON_FILE)
"""Why a patient's part is theirs. NOT_ON_FILE: the records don't say; a specialist can."""

PAY, PLAN, ASSISTANCE, ITEMIZED, DISPUTE, FEE_LOOK, COLLECTIONS, SPECIALIST = (
    "pay",
    "payment_plan",
    "assistance",
    "itemized_bill",
    "dispute",
    "fee_review",
    "collections_help",
    "specialist",
)


class DoesNotAddUp(BillingError):
    """The figures of a statement don't agree with each other; `bill_requests.report_wrong_figures` is what to do."""

    def __init__(self, number: str, found: Sequence[Slip]) -> None:
        self.number = number
        self.slips = tuple(found)
        super().__init__("the figures of this statement don't agree")


# The balance -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StatementBalance:
    """What is open on one statement; cents. `payable_cents` is what is owed and not on hold."""

    number: str
    issued_on: date
    owed_cents: int
    held_cents: int
    planned_cents: int
    payable_cents: int
    collection: Collection | None


@dataclass(frozen=True)
class Balance:
    """What is open in all; cents. Held and planned amounts are part of what is owed.

    `plan_offered`: it is over the clinic's threshold without what is on hold, and no plan runs.
    """

    statements: tuple[StatementBalance, ...]
    owed_cents: int
    held_cents: int
    planned_cents: int
    payable_cents: int
    overpaid_cents: int
    plan_offered: bool


def balance(care: Care, conversation_id: str) -> Balance:
    """Every statement with something open, the oldest first, and the totals. Raise ChartClosed when not verified."""
    with open_ledger(care, conversation_id, "balance") as ledger:
        return balance_of(care, ledger.account.bills())


def balance_of(care: Care, bills: Iterable[Bill]) -> Balance:
    """The balance of these statements."""
    bills = list(bills)
    rows = tuple(_statement_balance(bill) for bill in bills if bill.sum("owed_cents"))
    lines = [line for bill in bills for line in bill.lines]
    free = sum(line.free_cents for line in lines) if not any(line.planned_cents for line in lines) else 0
    return Balance(
        statements=rows,
        owed_cents=sum(row.owed_cents for row in rows),
        held_cents=sum(row.held_cents for row in rows),
        planned_cents=sum(row.planned_cents for row in rows),
        payable_cents=sum(row.payable_cents for row in rows),
        overpaid_cents=sum(line.overpaid_cents for line in lines),
        plan_offered=free > care.organization.money.plan_offer_over_cents,
    )


def _statement_balance(bill: Bill) -> StatementBalance:
    owed, payable = bill.sum("owed_cents"), bill.sum("payable_cents")
    return StatementBalance(
        number=bill.number,
        issued_on=bill.issued_on,
        owed_cents=owed,
        held_cents=owed - payable,
        planned_cents=sum(min(line.planned_cents, line.payable_cents) for line in bill.lines),
        payable_cents=payable,
        collection=bill.collection,
    )


# The walk-through ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One piece of the walk-through. `terms`: the words of the trade that come up here for the first time."""

    terms: tuple[str, ...]


@dataclass(frozen=True)
class HeaderPart(Part):
    """Which statement it is."""

    number: str
    issued_on: date
    line_count: int
    first_service: date
    last_service: date
    collection: Collection | None


@dataclass(frozen=True)
class ChargePart(Part):
    """What was done, when, where, by whom, and its full price; `position` counts the lines from 1."""

    charge_id: int
    position: int
    of: int
    service_date: date
    description: str
    place: str | None
    provider: str | None
    visit_type: str | None
    fee: str | None
    charged_cents: int


@dataclass(frozen=True)
class AdjustmentPart(Part):
    """What was taken off the price. `payers` have agreed on lower prices; `own_cents` is the clinic's own discount."""

    charge_id: int
    amount_cents: int
    own_cents: int
    payers: tuple[str, ...]
    left_cents: int


@dataclass(frozen=True)
class PayerPart(Part):
    """What one payer paid, in order. `payer` is None where the records name none.

    `matches`: whether its explanation of benefits calls the same part the patient's; None where it doesn't say.
    """

    charge_id: int
    payer: str | None
    rank: int
    of: int
    paid_cents: int
    left_cents: int
    explained_on: date | None
    matches: bool | None
    reached_maximum: bool


@dataclass(frozen=True)
class LeftPart(Part):
    """What is left for the patient, why, and what of it has been settled since."""

    charge_id: int
    patient_cents: int
    reasons: tuple[tuple[str, int], ...]
    paid_cents: int
    credited_cents: int
    owed_cents: int
    on_hold: bool


@dataclass(frozen=True)
class TotalsPart(Part):
    """The statement as a whole."""

    charged_cents: int
    adjustment_cents: int
    insurance_cents: int
    patient_cents: int
    paid_cents: int
    credited_cents: int
    owed_cents: int
    held_cents: int
    payable_cents: int


@dataclass(frozen=True)
class OptionsPart(Part):
    """What the patient can do now, in the order to offer it; a specialist always is among it (R9)."""

    options: tuple[str, ...]


@dataclass(frozen=True)
class Walk:
    """A whole walk-through. The same statement gives the same parts as long as its records don't change."""

    number: str
    parts: tuple[Part, ...]


def walk_through(care: Care, conversation_id: str, number: str | None = None) -> Walk:
    """The parts of a statement; of the newest with something owed, or the newest of all, when no number is given.

    Raise ChartClosed when not verified, NoSuchStatement, or DoesNotAddUp.
    """
    with open_ledger(care, conversation_id, "statement") as ledger:
        bills = ledger.account.bills()
        if number is None:
            bill = next((one for one in reversed(bills) if one.sum("owed_cents")), bills[-1] if bills else None)
        else:
            bill = next((one for one in bills if one.number == number), None)
        if bill is None or not bill.lines:
            raise NoSuchStatement("this patient has no such statement")
        return walk(bill, balance_of(care, bills))


def walk(bill: Bill, total: Balance) -> Walk:
    """The parts of one statement of a patient whose balance is `total`. Raise DoesNotAddUp."""
    found = slips(bill.lines)
    if found:
        raise DoesNotAddUp(bill.number, found)
    return Walk(bill.number, tuple(_each_term_once(_parts(bill, total))))


def _parts(bill: Bill, total: Balance) -> Iterator[Part]:
    days = [line.service_date for line in bill.lines]
    yield HeaderPart((), bill.number, bill.issued_on, len(bill.lines), min(days), max(days), bill.collection)
    for position, line in enumerate(bill.lines, 1):
        yield ChargePart(
            terms=(),
            charge_id=line.charge_id,
            position=position,
            of=len(bill.lines),
            service_date=line.service_date,
            description=line.description,
            place=line.place,
            provider=line.provider,
            visit_type=line.visit_type,
            fee=line.fee,
            charged_cents=line.charged_cents,
        )
        yield from _adjustment(line)
        yield from _payers(line)
        yield _left(line)
    yield TotalsPart(
        terms=(),
        charged_cents=bill.sum("charged_cents"),
        adjustment_cents=bill.sum("adjustment_cents"),
        insurance_cents=bill.sum("insurance_cents"),
        patient_cents=bill.sum("patient_cents"),
        paid_cents=bill.sum("paid_cents") - bill.sum("refunded_cents"),
        credited_cents=bill.sum("credited_cents"),
        owed_cents=bill.sum("owed_cents"),
        held_cents=bill.sum("owed_cents") - bill.sum("payable_cents"),
        payable_cents=bill.sum("payable_cents"),
    )
    yield OptionsPart((), _options(bill, total))


def _adjustment(line: Line) -> Iterator[Part]:
    if not line.adjustment_cents:
        return
    yield AdjustmentPart(
        terms=(ADJUSTMENT,),
        charge_id=line.charge_id,
        amount_cents=line.adjustment_cents,
        own_cents=sum(cents for _, cents in line.adjustments),
        payers=tuple(one.payer for one in line.payers if one.adjusted_cents),
        left_cents=line.charged_cents - line.adjustment_cents,
    )


def _payers(line: Line) -> Iterator[Part]:
    left = line.charged_cents - line.adjustment_cents
    if not line.payers and line.insurance_cents:
        rest = left - line.insurance_cents
        yield PayerPart((), line.charge_id, None, 1, 1, line.insurance_cents, rest, None, None, False)
    several = (COORDINATION_OF_BENEFITS,) if len(line.payers) > 1 else ()
    for payer in line.payers:
        left -= payer.paid_cents
        said = payer.says_owed_cents
        last = payer is line.payers[-1]
        yield PayerPart(
            terms=(EXPLANATION_OF_BENEFITS, *several, *((OUT_OF_POCKET_MAXIMUM,) if payer.reached_maximum else ())),
            charge_id=line.charge_id,
            payer=payer.payer,
            rank=payer.rank,
            of=len(line.payers),
            paid_cents=payer.paid_cents,
            left_cents=left,
            explained_on=payer.explained_on,
            matches=None if said is None else said == (line.patient_cents if last else payer.left_cents),
            reached_maximum=payer.reached_maximum,
        )


def _left(line: Line) -> LeftPart:
    reasons = _reasons(line)
    return LeftPart(
        terms=tuple(kind for kind, _ in reasons if kind in TERMS),
        charge_id=line.charge_id,
        patient_cents=line.patient_cents,
        reasons=reasons,
        paid_cents=line.paid_cents - line.refunded_cents,
        credited_cents=line.credited_cents,
        owed_cents=line.owed_cents,
        on_hold=line.on_hold,
    )


def _reasons(line: Line) -> tuple[tuple[str, int], ...]:
    if line.shares or not line.patient_cents:
        return line.shares
    kind = FEE if line.fee else WAITING if line.waiting else NOT_ON_FILE
    return ((kind, line.patient_cents),)


def _options(bill: Bill, total: Balance) -> tuple[str, ...]:
    owed, payable = bill.sum("owed_cents"), bill.sum("payable_cents")
    fees = [line for line in bill.lines if line.fee and line.payable_cents]
    offered = {
        COLLECTIONS: bill.in_collections and owed > 0,
        PAY: payable > 0,
        PLAN: payable > 0 and total.plan_offered,
        ASSISTANCE: owed > 0,
        ITEMIZED: True,
        FEE_LOOK: bool(fees),
        DISPUTE: payable > 0,
        SPECIALIST: True,
    }
    return tuple(name for name, holds in offered.items() if holds)


def _each_term_once(parts: Iterable[Part]) -> Iterator[Part]:
    known: set[str] = set()
    for part in parts:
        fresh = tuple(dict.fromkeys(term for term in part.terms if term not in known))
        known.update(fresh)
        yield replace(part, terms=fresh)
