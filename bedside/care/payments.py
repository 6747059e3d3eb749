"""Ways to pay (BRIEF 3.4): a secure link for a page outside the chat. A card number never comes into it.

The token is random, kept only as a keyed digest, good for one purpose, once, and for a short time.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.care import desk
from bedside.care.context import Care
from bedside.care.ledger import BillingError, audit, open_ledger
from bedside.records.accounts import account_for_desk
from bedside.records.billing_tables import SecureLink

PAYMENT = "payment"
PAGE = "payment page"
_TOKEN_BYTES = 32


class NothingToPay(BillingError):
    """Nothing is owed that could be paid now: all of it is settled, or on hold."""


@dataclass(frozen=True)
class Link:
    """A link for the patient. `expires_at` is UTC; the amount is what can be paid with it now, cents."""

    url: str
    expires_at: datetime
    amount_cents: int


@dataclass(frozen=True)
class Redeemed:
    """What the payment page may show for a link: an account's key and the amount that can be paid, nothing else."""

    patient_id: int
    statement_number: str | None
    amount_cents: int


def make_link(care: Care, conversation_id: str, number: str | None = None) -> Link:
    """A link to pay one statement, or all that is payable. An earlier one of this patient's stops working.

    Raise ChartClosed, NoSuchStatement, or NothingToPay.
    """
    with open_ledger(care, conversation_id, "payment link") as ledger:
        bills = ledger.account.bills() if number is None else [ledger.bill(number)]
        amount = sum(bill.sum("payable_cents") for bill in bills)
        if not amount:
            raise NothingToPay("nothing can be paid now")
        now = care.now()
        _expire(care, ledger.session)
        for old in _active(ledger.session, ledger.patient_id):
            old.status, old.ended_at = "replaced", now
        ledger.session.flush()
        token = _token(care)
        expires_at = now + timedelta(minutes=care.organization.billing.payment_link_minutes)
        ledger.session.add(
            SecureLink(
                patient_id=ledger.patient_id,
                conversation_id=conversation_id,
                purpose=PAYMENT,
                statement_id=bills[0].statement_id if number is not None else None,
                digest=_digest(care, PAYMENT, token),
                made_at=now,
                expires_at=expires_at,
                status="active",
            )
        )
        audit(care, ledger.session, desk.ASSISTANT, ledger.patient_id, "payment_link_made", number, conversation_id)
        return Link(f"{care.organization.billing.payment_link}/{token}", expires_at, amount)


def redeem(care: Care, token: str, purpose: str = PAYMENT) -> Redeemed | None:
    """Use a link up. None when it is unknown, expired, used, replaced, for something else, or nothing is payable now:
    whoever holds it is not told which.

    The amount is what is payable at this moment: a charge that was disputed since is not in it.
    """
    with care.store.work() as session:
        _expire(care, session)
        link = session.execute(
            select(SecureLink)
            .where(SecureLink.digest == _digest(care, purpose, token), SecureLink.status == "active")
            .with_for_update()
        ).scalar_one_or_none()
        if link is None or link.purpose != purpose:
            return None
        link.status, link.ended_at = "used", care.now()
        bills = account_for_desk(session, link.patient_id, PAGE, care.now(), "payment link").bills()
        wanted = [bill for bill in bills if link.statement_id in (None, bill.statement_id)]
        amount = sum(bill.sum("payable_cents") for bill in wanted)
        audit(care, session, PAGE, link.patient_id, "payment_link_used", conversation_id=link.conversation_id)
        number = wanted[0].number if link.statement_id is not None else None
        return Redeemed(link.patient_id, number, amount) if amount else None


def _expire(care: Care, session: Session) -> None:
    now = care.now()
    old = select(SecureLink).where(SecureLink.status == "active", SecureLink.expires_at <= now)
    for link in session.execute(old).scalars():
        link.status, link.ended_at = "expired", now
    session.flush()


def _active(session: Session, patient_id: int) -> list[SecureLink]:
    rows = select(SecureLink).where(
        SecureLink.patient_id == patient_id, SecureLink.purpose == PAYMENT, SecureLink.status == "active"
    )
    return list(session.execute(rows).scalars())


def _token(care: Care) -> str:
    made = care.chance.getrandbits(8 * _TOKEN_BYTES).to_bytes(_TOKEN_BYTES, "big")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _digest(care: Care, purpose: str, token: str) -> str:
    return care.keyring.digest(f"secure_link:{purpose}", token)
