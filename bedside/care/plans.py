"""Payment plans (BRIEF 3.4): offered above the clinic's threshold, computed, agreed, written down.

What is disputed never goes into a plan. When a charge of a plan that runs is disputed, a person decides: they pause the
plan, or make a new one of what is left. Nothing here changes a plan by itself.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.care import desk
from bedside.care.bill_requests import COUNSELING, Asked, Errand, Voice, run, verified
from bedside.care.context import Care
from bedside.care.ledger import BillingError, Ledger, audit, note_by, open_ledger
from bedside.records.accounts import RUNNING_PLANS, Bill, account_for_desk
from bedside.records.billing_tables import PaymentPlan, PlanCharge, PlanInstalment
from bedside.records.tables import Ticket

PLAN_IN_WRITING = "plan_in_writing"
PLAN_REVIEW = "plan_review"
ACTIVE, PAUSED, REPLACED, FINISHED, ENDED = "active", "paused", "replaced", "finished", "ended"


class PlanError(BillingError):
    """The plan can't be agreed like this."""


class TermsChanged(PlanError):
    """What is owed is no longer what the patient was told: the terms are to be offered anew."""


class NoSuchTerms(PlanError):
    """The clinic offers no plan of that many months for this balance, or none at all; `offer` says why."""


class NoSuchPlan(PlanError):
    """There is no plan of that case that runs."""


@dataclass(frozen=True)
class Instalment:
    """One payment of a plan."""

    number: int
    due_on: date
    amount_cents: int


@dataclass(frozen=True)
class Terms:
    """A plan as it is offered or agreed. The instalments come to exactly the total."""

    months: int
    total_cents: int
    instalments: tuple[Instalment, ...]


@dataclass(frozen=True)
class Offer:
    """What the clinic offers now. `reason` says why there are no terms: one of the constants below.

    `held_cents` is disputed and stays out of it; `planned_cents` is in a plan that runs.
    """

    amount_cents: int
    held_cents: int
    planned_cents: int
    terms: tuple[Terms, ...]
    reason: str | None = None


NOTHING_OWED, BELOW_THRESHOLD, BELOW_MINIMUM, PLAN_RUNS = (
    "nothing_owed",
    "below_threshold",
    "below_minimum",
    "plan_runs",
)


@dataclass(frozen=True)
class Agreed:
    """A plan that is written down, and when the patient has it in writing (UTC)."""

    case_number: str
    terms: Terms
    in_writing_due: datetime


@dataclass(frozen=True)
class Standing:
    """Where a patient's plan stands."""

    case_number: str
    status: str
    terms: Terms
    paid_cents: int
    next_due: Instalment | None


# The terms -------------------------------------------------------------------------------------------------------


def split(total_cents: int, months: int) -> tuple[int, ...]:
    """The total in that many payments that differ by one cent at most, the larger ones first."""
    if total_cents < months or months < 1:
        raise ValueError("each month needs at least one cent")
    smaller, cents = divmod(total_cents, months)
    return tuple(smaller + (number < cents) for number in range(months))


def due_dates(first: date, months: int) -> tuple[date, ...]:
    """The same day of each month; the last day of a month that doesn't have it."""
    return tuple(_months_later(first, number) for number in range(months))


def terms(total_cents: int, months: int, first: date) -> Terms:
    """The terms of a total over some months, the first payment on `first`."""
    rows = zip(due_dates(first, months), split(total_cents, months), strict=True)
    return Terms(
        months, total_cents, tuple(Instalment(number, day, cents) for number, (day, cents) in enumerate(rows, 1))
    )


def offer(care: Care, conversation_id: str) -> Offer:
    """The terms that the clinic offers for what is owed and not on hold. Raise ChartClosed when not verified."""
    with open_ledger(care, conversation_id, "payment plan") as ledger:
        return _offer(care, ledger, ledger.account.bills())


def _offer(care: Care, ledger: Ledger, bills: Iterable[Bill]) -> Offer:
    lines = [line for bill in bills for line in bill.lines]
    amount = sum(line.free_cents for line in lines)
    owed = sum(line.owed_cents for line in lines)
    held = owed - sum(line.payable_cents for line in lines)
    planned = sum(min(line.planned_cents, line.payable_cents) for line in lines)
    rules = care.organization.billing
    reason: str | None = None
    offered: tuple[Terms, ...] = ()
    if _running(ledger.session, ledger.patient_id) is not None:
        reason = PLAN_RUNS
    elif not amount:
        reason = NOTHING_OWED
    elif amount <= care.organization.money.plan_offer_over_cents:
        reason = BELOW_THRESHOLD
    else:
        first = care.today() + timedelta(days=rules.plan_first_due_days)
        possible = (months for months in rules.plan_months if amount // months >= rules.plan_minimum_cents)
        offered = tuple(terms(amount, months, first) for months in possible)
        reason = None if offered else BELOW_MINIMUM
    return Offer(amount, held, planned, offered, reason)


# Agreeing --------------------------------------------------------------------------------------------------------


def agree(care: Care, conversation_id: str, months: int, total_cents: int, voice: Voice) -> Agreed:
    """Write the plan that the patient has agreed to: its charges, its dates, a ticket, and the promise to send it.

    `total_cents` is what the patient was told. Raise ChartClosed, TermsChanged or NoSuchTerms; nothing is written then.
    """
    with open_ledger(care, conversation_id, "payment plan") as ledger:
        bills = ledger.account.bills()
        offered = _offer(care, ledger, bills)
        if offered.amount_cents != total_cents:
            raise TermsChanged("what is owed has changed")
        chosen = next((one for one in offered.terms if one.months == months), None)
        if chosen is None:
            raise NoSuchTerms(offered.reason or "months")
        first = chosen.instalments[0]
        what = (
            f"Agreed to a payment plan of {chosen.total_cents / 100:,.2f} USD in {months} payments, the first of "
            f"{first.amount_cents / 100:,.2f} USD on {first.due_on:%m/%d/%Y}. Please send it in writing."
        )
        errand = Errand(
            PLAN_IN_WRITING,
            "agreed",
            "payment_plan",
            verified(ledger, what, voice),
            desk.due_time(care, desk.STANDARD),
            queue=COUNSELING,
            anew=True,
        )
        ticket, asked = run(care, ledger.session, conversation_id, ledger.patient_id, errand)
        amounts = {line.charge_id: line.free_cents for bill in bills for line in bill.lines if line.free_cents}
        plan = PaymentPlan(
            patient_id=ledger.patient_id,
            conversation_id=conversation_id,
            ticket_id=ticket.id,
            months=months,
            total_cents=total_cents,
            agreed_words=voice.words or None,
            agreed_at=care.now(),
            status=ACTIVE,
        )
        _write(ledger.session, plan, amounts, chosen.instalments)
        audit(
            care, ledger.session, desk.ASSISTANT, ledger.patient_id, "plan_agreed", asked.case_number, conversation_id
        )
        return Agreed(asked.case_number, chosen, asked.due_at)


def request_other_terms(care: Care, conversation_id: str, voice: Voice) -> Asked:
    """The patient would like a plan that isn't offered, or another one than the one that runs: a counselor calls."""
    with open_ledger(care, conversation_id, "payment plan") as ledger:
        offered = _offer(care, ledger, ledger.account.bills())
        what = (
            f"Asks for other terms of payment. Payable and in no plan: {offered.amount_cents / 100:,.2f} USD, on hold "
            f"{offered.held_cents / 100:,.2f} USD, in a plan {offered.planned_cents / 100:,.2f} USD."
        )
        due_at = desk.due_time(care, desk.STANDARD)
        errand = Errand(
            "counselor_call", "terms", "payment_plan", verified(ledger, what, voice), due_at, queue=COUNSELING
        )
        return run(care, ledger.session, conversation_id, ledger.patient_id, errand)[1]


def standing(care: Care, conversation_id: str) -> Standing | None:
    """The plan that runs or is paused; None when there is none. Raise ChartClosed when not verified."""
    with open_ledger(care, conversation_id, "payment plan") as ledger:
        plan = _running(ledger.session, ledger.patient_id)
        if plan is None:
            return None
        rows = _instalments(ledger.session, plan)
        made = tuple(Instalment(row.number, row.due_on, row.amount_cents) for row in rows)
        open_rows = [one for one, row in zip(made, rows, strict=True) if row.paid_cents < row.amount_cents]
        ticket = ledger.session.get(Ticket, plan.ticket_id)
        return Standing(
            case_number=ticket.case_number,
            status=plan.status,
            terms=Terms(plan.months, plan.total_cents, made),
            paid_cents=sum(row.paid_cents for row in rows),
            next_due=open_rows[0] if open_rows and plan.status == ACTIVE else None,
        )


# A plan whose charge is disputed ---------------------------------------------------------------------------------


def note_disputed(care: Care, ledger: Ledger, charge_ids: Iterable[int], dispute_case: str) -> Asked | None:
    """A charge of the plan that runs was disputed: a person recomputes or pauses it. None when no plan has one.

    The same day where the next payment would fall due before the review.
    """
    plan = _running(ledger.session, ledger.patient_id)
    if plan is None:
        return None
    touched = {row.charge_id: row.amount_cents for row in _charges(ledger.session, plan)}
    amount = sum(touched.get(key, 0) for key in set(charge_ids))
    if not amount:
        return None
    due_at = care.calendar.business_days_due(care.now(), care.organization.billing.review_business_days)
    coming = [row.due_on for row in _instalments(ledger.session, plan) if row.paid_cents < row.amount_cents]
    urgent = bool(coming) and coming[0] <= due_at.astimezone(care.organization.tz).date()
    case = ledger.session.get(Ticket, plan.ticket_id).case_number
    what = (
        f"A charge in payment plan {case} is disputed under {dispute_case}: {amount / 100:,.2f} USD of the plan's "
        f"{plan.total_cents / 100:,.2f} USD are on hold. Please pause the plan or make a new one of what is left; the "
        f"next payment is due {f'{coming[0]:%m/%d/%Y}' if coming else 'at no time'}."
    )
    errand = Errand(
        PLAN_REVIEW,
        str(plan.id),
        "payment_plan",
        verified(ledger, what, Voice()),
        desk.due_time(care, desk.URGENT) if urgent else due_at,
        queue=COUNSELING,
        priority=desk.URGENT if urgent else desk.STANDARD,
    )
    return run(care, ledger.session, ledger.conversation_id, ledger.patient_id, errand)[1]


# What a person at the desk does ----------------------------------------------------------------------------------


def pause(care: Care, case_number: str, by: str, reason: str) -> None:
    """Stop a plan for now; nothing of it falls due. Raise NoSuchPlan."""
    with care.store.work() as session:
        plan = _of_case(session, case_number)
        _change(care, session, plan, PAUSED, by, reason)


def recompute(care: Care, case_number: str, by: str, reason: str) -> Terms:
    """Replace a plan by one of what its charges still leave to pay and that is not on hold, over the months left.

    Payments keep their days; ones that are past move to the months to come. A plan with nothing left is ended. The old
    plan stays as it was, with who replaced it and why. This is also how a paused plan runs again. Raise NoSuchPlan.
    """
    with care.store.work() as session:
        plan = _of_case(session, case_number)
        own = {row.charge_id for row in _charges(session, plan)}
        bills = account_for_desk(session, plan.patient_id, by, care.now(), "payment plan").bills()
        lines = [line for bill in bills for line in bill.lines if line.charge_id in own]
        amounts = {line.charge_id: line.payable_cents for line in lines if line.payable_cents}
        rows = _instalments(session, plan)
        left = [row for row in rows if row.paid_cents < row.amount_cents]
        total = sum(amounts.values())
        if not total:
            _change(care, session, plan, ENDED, by, reason)
            return Terms(0, 0, ())
        months = min(len(left) or 1, total)
        first = next((row.due_on for row in left if row.due_on > care.today()), None) or _next_after(
            rows[-1].due_on, care.today()
        )
        made = terms(total, months, first)
        _change(care, session, plan, REPLACED, by, reason)
        new = PaymentPlan(
            patient_id=plan.patient_id,
            conversation_id=plan.conversation_id,
            ticket_id=plan.ticket_id,
            months=months,
            total_cents=total,
            agreed_at=care.now(),
            status=ACTIVE,
            replaces_id=plan.id,
        )
        _write(session, new, amounts, made.instalments)
        return made


def receive(care: Care, case_number: str, amount_cents: int, paid_on: date, by: str) -> int:
    """Put money that came in for a plan on its payments and its charges, the oldest first; the plan may be finished.

    Returns what is left over, cents: what is more than the plan's charges leave to pay is not taken. Raise NoSuchPlan.
    """
    with care.store.work() as session:
        plan = _of_case(session, case_number)
        account = account_for_desk(session, plan.patient_id, by, care.now(), "payment plan")
        own = {row.charge_id for row in _charges(session, plan)}
        left = amount_cents
        for line in sorted(
            (line for bill in account.bills() for line in bill.lines if line.charge_id in own),
            key=lambda line: (line.service_date, line.charge_id),
        ):
            part = min(left, line.payable_cents)
            if part:
                account.write_payment(line.charge_id, paid_on, part)
                left -= part
        taken = amount_cents - left
        rows = _instalments(session, plan)
        for row in rows:
            part = min(taken, row.amount_cents - row.paid_cents)
            row.paid_cents += part
            taken -= part
        session.flush()
        if all(row.paid_cents == row.amount_cents for row in rows):
            _change(care, session, plan, FINISHED, by, "paid in full")
        return left


# Rows ------------------------------------------------------------------------------------------------------------


def _write(session: Session, plan: PaymentPlan, amounts: dict[int, int], rows: Sequence[Instalment]) -> None:
    if sum(amounts.values()) != plan.total_cents or sum(row.amount_cents for row in rows) != plan.total_cents:
        raise ValueError("a plan's charges and payments come to its total")
    session.add(plan)
    session.flush()
    session.add_all(PlanCharge(plan_id=plan.id, charge_id=key, amount_cents=cents) for key, cents in amounts.items())
    session.add_all(
        PlanInstalment(plan_id=plan.id, number=row.number, due_on=row.due_on, amount_cents=row.amount_cents)
        for row in rows
    )
    session.flush()


def _running(session: Session, patient_id: int) -> PaymentPlan | None:
    found: PaymentPlan | None = session.execute(
        select(PaymentPlan).where(PaymentPlan.patient_id == patient_id, PaymentPlan.status.in_(RUNNING_PLANS))
    ).scalar_one_or_none()
    return found


def _of_case(session: Session, case_number: str) -> PaymentPlan:
    found: PaymentPlan | None = session.execute(
        select(PaymentPlan)
        .join(Ticket, PaymentPlan.ticket_id == Ticket.id)
        .where(Ticket.case_number == case_number, PaymentPlan.status.in_(RUNNING_PLANS))
    ).scalar_one_or_none()
    if found is None:
        raise NoSuchPlan("no plan of this case runs")
    return found


def _charges(session: Session, plan: PaymentPlan) -> list[PlanCharge]:
    return list(session.execute(select(PlanCharge).where(PlanCharge.plan_id == plan.id)).scalars())


def _instalments(session: Session, plan: PaymentPlan) -> list[PlanInstalment]:
    rows = select(PlanInstalment).where(PlanInstalment.plan_id == plan.id).order_by(PlanInstalment.number)
    return list(session.execute(rows).scalars())


def _change(care: Care, session: Session, plan: PaymentPlan, status: str, by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise ValueError("a plan is changed by somebody, for a reason")
    plan.status, plan.changed_at, plan.changed_by, plan.change_reason = status, care.now(), by, reason
    session.flush()
    ticket = session.get(Ticket, plan.ticket_id)
    note_by(care, session, ticket, by, f"plan_{status}", reason)
    audit(care, session, by, plan.patient_id, f"plan_{status}", ticket.case_number)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _next_after(day: date, today: date) -> date:
    """The first day after today that is some months after `day`."""
    months = 1
    while _months_later(day, months) <= today:
        months += 1
    return _months_later(day, months)
