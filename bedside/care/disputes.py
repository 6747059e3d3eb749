"""Where a dispute stands, and how it ends: by a person, with a reason, and never silently (BRIEF 3.4, R9).

`bedside.care.billing` opens disputes; here the patient hears what is to come, and the desk reviews, keeps and ends.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.care import billing, desk, promises
from bedside.care.context import Care
from bedside.care.ledger import BillingError, audit, note_by, open_ledger
from bedside.records.billing_tables import DisputeOutcome
from bedside.records.tables import Commitment, Dispute, Hold, Ticket

HOLD_REVIEW = "hold_review"
OUTCOME_TOLD = "dispute_outcome"
CORRECTED, STANDS, WITHDRAWN = "corrected", "stands", "withdrawn"
OUTCOMES = (CORRECTED, STANDS, WITHDRAWN)


class NoSuchDispute(BillingError):
    """There is no open dispute of that case."""


@dataclass(frozen=True)
class HeldCharge:
    """A charge that is on hold, until a person has looked at it; cents."""

    charge_id: int
    description: str
    service_date: date
    held_cents: int
    review_on: date


@dataclass(frozen=True)
class Standing:
    """What a patient can expect of a dispute, and when (UTC). `outcome` is None while it is open."""

    case_number: str
    opened_at: datetime
    held_cents: int
    charges: tuple[HeldCharge, ...]
    specialist_due: datetime | None
    follow_up_due: datetime | None
    urgent: bool
    outcome: str | None


def standings(care: Care, conversation_id: str) -> list[Standing]:
    """Every dispute of whoever is verified here, the newest first. Raise ChartClosed when nobody is."""
    with open_ledger(care, conversation_id, "disputes") as ledger:
        session = ledger.session
        lines = {line.charge_id: line for bill in ledger.account.bills() for line in bill.lines}
        rows = session.execute(
            select(Dispute, DisputeOutcome.outcome)
            .outerjoin(DisputeOutcome, DisputeOutcome.dispute_id == Dispute.id)
            .where(Dispute.patient_id == ledger.patient_id)
            .order_by(Dispute.id.desc())
        ).all()
        found = []
        for dispute, outcome in rows:
            ticket = session.get(Ticket, dispute.ticket_id)
            held = tuple(
                HeldCharge(
                    hold.charge_id,
                    lines[hold.charge_id].description,
                    lines[hold.charge_id].service_date,
                    hold.amount_cents,
                    hold.review_on,
                )
                for hold in _active(session, dispute)
            )
            found.append(
                Standing(
                    case_number=dispute.case_number,
                    opened_at=dispute.opened_at,
                    held_cents=sum(one.held_cents for one in held),
                    charges=held,
                    specialist_due=_still_to_come(promises.latest(session, ticket, billing.SPECIALIST_CALL)),
                    follow_up_due=_still_to_come(promises.latest(session, ticket, billing.FOLLOW_UP)),
                    urgent=ticket.priority == desk.URGENT,
                    outcome=outcome,
                )
            )
        return found


def _still_to_come(promise: Commitment | None) -> datetime | None:
    return promise.due_at if promise is not None and promise.status == "open" else None


# What the worker and the desk do ---------------------------------------------------------------------------------


def ask_for_reviews(care: Care) -> list[str]:
    """Give every hold whose review day has come to a person, once for that day; returns the cases, the oldest first.

    The hold stays until that person ends it or sets another day.
    """
    cases = []
    with care.store.work() as session:
        rows = session.execute(
            select(Dispute)
            .join(Hold, Hold.dispute_id == Dispute.id)
            .where(Hold.status == "active", Hold.review_on <= care.today())
            .order_by(Dispute.id)
        ).scalars()
        for dispute in dict.fromkeys(rows):
            held = [hold for hold in _active(session, dispute) if hold.review_on <= care.today()]
            day = max(hold.review_on for hold in held)
            matter = f"{HOLD_REVIEW}:{dispute.id}:{day.isoformat()}"
            if session.execute(select(Ticket.id).where(Ticket.matter == matter)).first() is not None:
                continue
            amount = sum(hold.amount_cents for hold in held)
            due_at = desk.due_time(care, desk.URGENT)
            ticket, _ = desk.open_ticket(
                care,
                session,
                desk.Work(
                    queue="billing",
                    priority=desk.URGENT,
                    inquiry="billing_dispute",
                    matter=matter,
                    brief=f"The hold of {amount / 100:,.2f} USD under {dispute.case_number} was to be looked at again "
                    f"by {day:%m/%d/%Y}. It stays until you end it with a reason, or set another day.",
                    conversation_id=dispute.conversation_id,
                    patient_id=dispute.patient_id,
                ),
                due_at=due_at,
            )
            desk.promise(care, session, ticket, HOLD_REVIEW, due_at)
            cases.append(dispute.case_number)
    return cases


def keep_hold(care: Care, case_number: str, by: str, review_on: date, reason: str) -> None:
    """Keep the holds of a case, to be looked at again on another day. Raise NoSuchDispute."""
    if review_on <= care.today():
        raise ValueError("the next review is on a later day")
    with care.store.work() as session:
        dispute = _open(session, case_number)
        for hold in _active(session, dispute):
            hold.review_on = review_on
        _note(care, session, dispute, by, "hold_kept", reason)


def end_holds(care: Care, case_number: str, by: str, reason: str, charge_ids: Collection[int]) -> None:
    """End the holds on some charges of a case, and leave the others. Raise NoSuchDispute when none of them is held."""
    with care.store.work() as session:
        dispute = _open(session, case_number)
        held = [hold for hold in _active(session, dispute) if hold.charge_id in set(charge_ids)]
        if not held:
            raise NoSuchDispute("none of these charges is on hold under this case")
        _end(care, session, dispute, held, by, reason)


def end_dispute(care: Care, case_number: str, by: str, outcome: str, reason: str) -> datetime:
    """End a dispute with one of OUTCOMES: its holds end, and the patient is told how; returns by when (UTC).

    A follow-up that is still to come is when they are told; otherwise a new promise is made. Raise NoSuchDispute.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"a dispute ends with one of {', '.join(OUTCOMES)}")
    with care.store.work() as session:
        dispute = _open(session, case_number)
        _end(care, session, dispute, _active(session, dispute), by, reason)
        dispute.status = "resolved"
        session.add(
            DisputeOutcome(dispute_id=dispute.id, outcome=outcome, ended_at=care.now(), ended_by=by, reason=reason)
        )
        _note(care, session, dispute, by, f"dispute_{outcome}", reason)
        ticket = session.get(Ticket, dispute.ticket_id)
        follow_up = promises.latest(session, ticket, billing.FOLLOW_UP)
        if follow_up is not None and follow_up.status == "open" and follow_up.due_at >= care.now():
            due_at: datetime = follow_up.due_at
            return due_at
        told = promises.renew(care, session, ticket, OUTCOME_TOLD, desk.due_time(care, desk.STANDARD))
        return told.due_at  # type: ignore[no-any-return]


def _end(care: Care, session: Session, dispute: Dispute, held: Collection[Hold], by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise ValueError("a hold is ended by somebody, for a reason")
    for hold in held:
        hold.status, hold.ended_at, hold.ended_by, hold.end_reason = "ended", care.now(), by, reason
    session.flush()
    _note(care, session, dispute, by, "hold_ended", reason)


def _note(care: Care, session: Session, dispute: Dispute, by: str, kind: str, reason: str) -> None:
    note_by(care, session, session.get(Ticket, dispute.ticket_id), by, kind, reason)
    audit(care, session, by, dispute.patient_id, kind, dispute.case_number)


def _active(session: Session, dispute: Dispute) -> list[Hold]:
    rows = select(Hold).where(Hold.dispute_id == dispute.id, Hold.status == "active").order_by(Hold.charge_id)
    return list(session.execute(rows).scalars())


def _open(session: Session, case_number: str) -> Dispute:
    found: Dispute | None = session.execute(
        select(Dispute).where(Dispute.case_number == case_number, Dispute.status == "open")
    ).scalar_one_or_none()
    if found is None:
        raise NoSuchDispute("no dispute of this case is open")
    return found
