"""What a patient asks of the billing staff that a person does: one ticket and one promise with a time each (R7, R9).

Asking for the same thing again, while it is still open, adds to its ticket and gives the same case number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.care import desk, identity, promises
from bedside.care.context import Care
from bedside.care.ledger import BillingError, Ledger, note_by, open_ledger
from bedside.care.speaking import LANGUAGES
from bedside.records.accounts import Bill, Line, account_for_desk, slips
from bedside.records.billing_tables import Fee, FeeReview
from bedside.records.tables import Dispute, Hold, Ticket

BILLING, COUNSELING = "billing", "financial_counseling"
ITEMIZED_BILL = "itemized_bill"
FEE_REVIEW = "fee_review"
REFUND_REVIEW = "refund_review"
SURPRISE_BILL_REVIEW = "surprise_bill_review"
GOOD_FAITH_ESTIMATE = "good_faith_estimate"
STATEMENT_REVIEW = "statement_review"
COUNSELOR_CALL = "counselor_call"
WAYS = ("portal", "mail", "email", "text_message")


class NoSuchFee(BillingError):
    """The charge is not a fee of this patient's."""


@dataclass(frozen=True)
class Voice:
    """How a patient said something: their words, how they feel, their language."""

    words: str = ""
    mood: str = "calm"
    language: str = "en"

    def __str__(self) -> str:
        """As the end of a brief."""
        spoken = f" In their words: {self.words}" if self.words else ""
        return f"Language: {LANGUAGES.get(self.language, self.language)}. Feeling: {self.mood}.{spoken}"


@dataclass(frozen=True)
class Asked:
    """What was promised: the case, whose work it is, by when (UTC), and whether it was asked before."""

    case_number: str
    queue: str
    due_at: datetime
    joined: bool


@dataclass(frozen=True)
class Errand:
    """What a person is to do. `subject` tells it apart from others of its kind for the same patient.

    `anew`: it is a case of its own, also where one of the same kind is open.
    """

    promise: str
    subject: str
    inquiry: str
    brief: str
    due_at: datetime
    queue: str = BILLING
    priority: str = desk.STANDARD
    anew: bool = False


def run(
    care: Care, session: Session, conversation_id: str, patient_id: int | None, errand: Errand
) -> tuple[Ticket, Asked]:
    """Write the errand's ticket and promise into the unit of work, or add to the open ticket of the same errand."""
    whose = patient_id if patient_id is not None else conversation_id
    matter = f"{errand.promise}:{whose}:{errand.subject}"[:120]
    same = select(Ticket).where(Ticket.matter.startswith(f"{matter}@", autoescape=True)).order_by(Ticket.id)
    earlier = list(session.execute(same).scalars())
    known = next((one for one in reversed(earlier) if one.status == "open" and not errand.anew), None)
    if known is not None:
        ticket = known
        desk.note(care, session, ticket, "added", errand.brief)
        if errand.priority == desk.URGENT and ticket.priority == desk.STANDARD:
            ticket.priority = desk.URGENT
    else:
        ticket, _ = desk.open_ticket(
            care,
            session,
            desk.Work(
                queue=errand.queue,
                priority=errand.priority,
                inquiry=errand.inquiry,
                matter=f"{matter}@{len(earlier) + 1}",
                brief=errand.brief,
                conversation_id=conversation_id,
                patient_id=patient_id,
            ),
            due_at=errand.due_at,
        )
    made = promises.renew(care, session, ticket, errand.promise, errand.due_at)
    ticket.due_at = made.due_at
    return ticket, Asked(ticket.case_number, ticket.queue, made.due_at, known is not None)


def verified(ledger: Ledger, what: str, voice: Voice) -> str:
    """A brief about a patient who proved who they are."""
    return f"Patient {ledger.chart.full_name}, identity verified in chat. {what} {voice}"


def request_itemized_bill(
    care: Care, conversation_id: str, number: str, way: str = "portal", voice: Voice | None = None
) -> Asked:
    """An itemized bill of one statement, sent by one of WAYS. Raise ChartClosed, or NoSuchStatement."""
    if way not in WAYS:
        raise ValueError(f"an itemized bill goes out by one of {', '.join(WAYS)}")
    with open_ledger(care, conversation_id, "itemized bill") as ledger:
        bill = ledger.bill(number)
        what = (
            f"Wants an itemized bill of statement {bill.number} ({len(bill.lines)} lines) by {way.replace('_', ' ')}."
        )
        due_at = _business_days(care, care.organization.billing.itemized_bill_business_days)
        brief = verified(ledger, what, voice or Voice())
        errand = Errand(ITEMIZED_BILL, bill.number, "billing_explain", brief, due_at)
        return run(care, ledger.session, conversation_id, ledger.patient_id, errand)[1]


def request_fee_review(care: Care, conversation_id: str, charge_id: int, voice: Voice) -> Asked:
    """A missed-visit, late or form fee is looked at again by a person, who decides.

    A fee that is disputed already stays with the dispute: it is added there. Raise ChartClosed, or NoSuchFee.
    """
    with open_ledger(care, conversation_id, "fee review") as ledger:
        fee_id = ledger.account.fee_id(charge_id)
        line = _line(ledger, charge_id)
        if fee_id is None or line is None:
            raise NoSuchFee("this charge is not a fee of this patient's")
        what = f"Asks to have a fee looked at again: {_named(line)} ({str(line.fee).replace('_', ' ')})."
        brief = verified(ledger, what, voice)
        due_at = _business_days(care, care.organization.billing.review_business_days)
        held = _ticket_of_hold(ledger, charge_id)
        if held is not None:
            desk.note(care, ledger.session, held, "added", brief)
            made = promises.renew(care, ledger.session, held, FEE_REVIEW, due_at)
            return Asked(held.case_number, held.queue, made.due_at, joined=True)
        errand = Errand(FEE_REVIEW, str(charge_id), "billing_dispute", brief, due_at)
        ticket, asked = run(care, ledger.session, conversation_id, ledger.patient_id, errand)
        standing = select(FeeReview.id).where(FeeReview.fee_id == fee_id, FeeReview.status == "open")
        if ledger.session.execute(standing).first() is None:
            ledger.session.add(
                FeeReview(fee_id=fee_id, ticket_id=ticket.id, words=voice.words, opened_at=care.now(), status="open")
            )
        return asked


def end_fee_review(care: Care, case_number: str, by: str, *, waived: bool) -> int:
    """A person has looked at a fee: it is kept, or what is still owed of it is taken off. Returns the cents taken off.

    Raise NoSuchFee when no review of that case is open.
    """
    with care.store.work() as session:
        found = session.execute(
            select(FeeReview, Fee.charge_id, Ticket)
            .join(Fee, FeeReview.fee_id == Fee.id)
            .join(Ticket, FeeReview.ticket_id == Ticket.id)
            .where(Ticket.case_number == case_number, FeeReview.status == "open")
        ).first()
        if found is None:
            raise NoSuchFee("no review of this case is open")
        review, charge_id, ticket = found
        account = account_for_desk(session, ticket.patient_id, by, care.now(), "fee review")
        lines = (line for bill in account.bills() for line in bill.lines)
        owed = next(line.owed_cents for line in lines if line.charge_id == charge_id) if waived else 0
        if owed:
            account.write_credit(charge_id, "waiver", owed, care.today(), by)
        review.status, review.ended_at, review.ended_by = "waived" if waived else "kept", care.now(), by
        note_by(care, session, ticket, by, f"fee_{review.status}")
        return owed


def request_refund(care: Care, conversation_id: str, voice: Voice) -> Asked:
    """Somebody looks at whether the patient has paid too much. The brief says what the records show."""
    with open_ledger(care, conversation_id, "refund") as ledger:
        over = [line for bill in ledger.account.bills() for line in bill.lines if line.overpaid_cents]
        shown = "; ".join(f"{_named(line)}, overpaid by {_usd(line.overpaid_cents)}" for line in over)
        what = f"Asks for money back. Overpaid in the records: {shown or 'nothing'}."
        due_at = _business_days(care, care.organization.billing.review_business_days)
        errand = Errand(REFUND_REVIEW, "account", "make_payment", verified(ledger, what, voice), due_at)
        return run(care, ledger.session, conversation_id, ledger.patient_id, errand)[1]


def report_surprise_bill(care: Care, conversation_id: str, number: str, voice: Voice) -> Asked:
    """A bill that was not expected, such as one from out of network or above an estimate, goes to a specialist."""
    with open_ledger(care, conversation_id, "surprise bill") as ledger:
        bill = ledger.bill(number)
        what = f"Says that statement {bill.number} was a surprise: a bill they did not expect. {_owed(bill)}"
        due_at = _business_days(care, care.organization.dispute.specialist_business_days)
        errand = Errand(SURPRISE_BILL_REVIEW, bill.number, "billing_dispute", verified(ledger, what, voice), due_at)
        return run(care, ledger.session, conversation_id, ledger.patient_id, errand)[1]


def report_wrong_figures(care: Care, conversation_id: str, number: str, voice: Voice | None = None) -> Asked:
    """A statement whose figures don't agree is not explained in chat: a specialist looks at it first (R6)."""
    with open_ledger(care, conversation_id, "statement review") as ledger:
        bill = ledger.bill(number)
        found = "; ".join(
            f"charge {one.charge_id}: {one.what} off by {_usd(one.by_cents)}" for one in slips(bill.lines)
        )
        what = f"Statement {bill.number} could not be walked through. Figures that don't agree: {found or 'none'}."
        due_at = _business_days(care, care.organization.dispute.specialist_business_days)
        brief = verified(ledger, what, voice or Voice())
        errand = Errand(STATEMENT_REVIEW, bill.number, "billing_explain", brief, due_at)
        return run(care, ledger.session, conversation_id, ledger.patient_id, errand)[1]


def request_estimate(care: Care, conversation_id: str, service: str, voice: Voice) -> Asked:
    """A good-faith estimate of what care will cost. Anybody may ask; nothing of any account is read for it."""
    with care.store.work() as session:
        patient_id = identity.patient_here(care, session, conversation_id)
        proof = "verified in chat" if patient_id is not None else "not verified"
        brief = f"Identity: {proof}. Asks for a good-faith estimate of: {service}. {voice}"
        due_at = _business_days(care, care.organization.billing.estimate_business_days)
        # The matter is readable in the database: what somebody needs care for is not put there.
        subject = care.keyring.digest("estimate", service.casefold())[:16]
        errand = Errand(GOOD_FAITH_ESTIMATE, subject, "billing_explain", brief, due_at)
        return run(care, session, conversation_id, patient_id, errand)[1]


def request_counselor(care: Care, conversation_id: str, voice: Voice) -> Asked:
    """Somebody who can't pay, or has a bill with collections, is called by a counselor; on the same day for the latter.

    The counselor reads what is owed, what is held and what is with collections, so that nobody has to say it again.
    """
    with open_ledger(care, conversation_id, "counselor") as ledger:
        bills = [bill for bill in ledger.account.bills() if bill.sum("owed_cents")]
        urgent = any(bill.in_collections for bill in bills)
        what = f"Finds it hard to pay. {' '.join(_owed(bill) for bill in bills) or 'Nothing is owed.'}"
        priority = desk.URGENT if urgent else desk.STANDARD
        errand = Errand(
            COUNSELOR_CALL,
            "hardship",
            "financial_assistance",
            verified(ledger, what, voice),
            desk.due_time(care, priority),
            queue=COUNSELING,
            priority=priority,
        )
        return run(care, ledger.session, conversation_id, ledger.patient_id, errand)[1]


# For briefs ------------------------------------------------------------------------------------------------------


def _business_days(care: Care, days: int) -> datetime:
    return care.calendar.business_days_due(care.now(), days)


def _line(ledger: Ledger, charge_id: int) -> Line | None:
    lines = (line for bill in ledger.account.bills() for line in bill.lines)
    return next((line for line in lines if line.charge_id == charge_id), None)


def _ticket_of_hold(ledger: Ledger, charge_id: int) -> Ticket | None:
    found: Ticket | None = ledger.session.execute(
        select(Ticket)
        .join(Dispute, Dispute.ticket_id == Ticket.id)
        .join(Hold, Hold.dispute_id == Dispute.id)
        .where(Hold.charge_id == charge_id, Hold.status == "active", Dispute.patient_id == ledger.patient_id)
    ).scalar_one_or_none()
    return found


def _named(line: Line) -> str:
    return f"{line.description}, {line.service_date:%m/%d/%Y}, {_usd(line.owed_cents)} owed"


def _owed(bill: Bill) -> str:
    held, standing = bill.sum("held_cents"), bill.collection
    said = f"Statement {bill.number}: {_usd(bill.sum('owed_cents'))} owed"
    if held:
        said += f", {_usd(held)} on hold"
    if standing is not None:
        said += f", collections: {standing.status.replace('_', ' ')} since {standing.since:%m/%d/%Y}"
    return f"{said}."


def _usd(cents: int) -> str:
    return f"{cents / 100:,.2f} USD"
