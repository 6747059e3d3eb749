"""A time that has become free goes to the first on the waitlist whom it suits (BRIEF 3.3).

The offer holds the opening until it ends; whoever lets it pass stays in line for others, and is not offered the same
again. What is written here runs inside the unit of work that freed the time, with the opening locked.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from bedside.care import slots
from bedside.care.context import Care
from bedside.care.eligibility import of_slot
from bedside.care.slots import Slot
from bedside.records.clinic_file import TELEHEALTH
from bedside.records.tables import OpeningHold, Patient, Provider, WaitlistEntry, WaitlistOffer
from bedside.records.visits import gave_up, is_known, patient_is_busy

WAITING, OFFERED, BOOKED, LEFT = "waiting", "offered", "booked", "left"
OPEN, ACCEPTED, DECLINED, EXPIRED, WITHDRAWN = "open", "accepted", "declined", "expired", "withdrawn"


def offer_next(care: Care, session: Session, opening_id: int) -> WaitlistOffer | None:
    """Offer a free opening to the next in line; None when it isn't free, is too soon, or suits nobody."""
    slot = slots.lock(care, session, [opening_id]).get(opening_id)
    if slot is None or slot.taken or slot.held_for is not None:
        return None
    until = _until(care, slot)
    if until <= care.now():
        return None
    for entry_id in _in_line(care, session, slot):
        entry = session.execute(
            select(WaitlistEntry)
            .where(WaitlistEntry.id == entry_id, WaitlistEntry.status == WAITING)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        ).scalar_one_or_none()
        if entry is not None and _suits(care, session, entry, slot):
            return _offer(care, session, entry, slot, until)
    return None


def end_offer(care: Care, session: Session, offer: WaitlistOffer, status: str, *, entry_status: str = WAITING) -> None:
    """End an open offer and its hold. The opening must be locked; what is to become of it is the caller's to say."""
    now = care.now()
    offer.status, offer.answered_at = status, now
    entry = session.get(WaitlistEntry, offer.entry_id, with_for_update=True, populate_existing=True)
    assert entry is not None
    entry.status = entry_status
    entry.ended_at = now if entry_status in (BOOKED, LEFT) else None
    session.flush()
    slots.end_holds(
        care, session, OpeningHold.id == offer.hold_id, status=slots.USED if status == ACCEPTED else slots.RELEASED
    )


def settle_booked(care: Care, session: Session, patient_id: int, opening_id: int, appointment_id: int) -> None:
    """When a patient books an opening that was on offer to them, the offer is accepted, however they came to it."""
    offer = open_offer(session, opening_id)
    if offer is None:
        return
    entry = session.get(WaitlistEntry, offer.entry_id)
    assert entry is not None
    if entry.patient_id == patient_id:
        offer.appointment_id = appointment_id
        end_offer(care, session, offer, ACCEPTED, entry_status=BOOKED)
    else:  # its time was over, or it could not have been booked
        end_offer(care, session, offer, EXPIRED)


def open_offer(session: Session, opening_id: int) -> WaitlistOffer | None:
    """The offer of an opening that has not been answered yet, which may be over all the same."""
    found: WaitlistOffer | None = session.execute(
        select(WaitlistOffer)
        .where(WaitlistOffer.opening_id == opening_id, WaitlistOffer.status == OPEN)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    return found


def expire_due(care: Care) -> int:
    """End every offer whose time is over, and offer each opening to the next in line; how many ended. For the worker.

    Each in a unit of work of its own, so that one that fails keeps nobody else waiting.
    """
    with care.store.reading() as session:
        over = session.execute(
            select(WaitlistOffer.id, WaitlistOffer.opening_id)
            .where(WaitlistOffer.status == OPEN, WaitlistOffer.expires_at <= care.now())
            .order_by(WaitlistOffer.expires_at, WaitlistOffer.id)
        ).all()
    ended = 0
    for offer_id, opening_id in over:
        with care.store.work() as session:
            slots.lock(care, session, [opening_id])
            offer = session.get(WaitlistOffer, offer_id)
            if offer is None or offer.status != OPEN or offer.expires_at > care.now():
                continue
            end_offer(care, session, offer, EXPIRED)
            offer_next(care, session, opening_id)
            ended += 1
    return ended


def to_send(care: Care) -> list[int]:
    """The ids of offers that the patient has not been told of yet, oldest first. For the worker."""
    with care.store.reading() as session:
        return list(
            session.execute(
                select(WaitlistOffer.id)
                .where(
                    WaitlistOffer.status == OPEN,
                    WaitlistOffer.sent_at.is_(None),
                    WaitlistOffer.expires_at > care.now(),
                )
                .order_by(WaitlistOffer.id)
            ).scalars()
        )


def take(care: Care, offer_id: int) -> bool:
    """Claim an offer for sending; True for the one caller that is to send it."""
    with care.store.work() as session:
        claimed = session.execute(
            update(WaitlistOffer)
            .where(WaitlistOffer.id == offer_id, WaitlistOffer.status == OPEN, WaitlistOffer.sent_at.is_(None))
            .values(sent_at=care.now())
            .execution_options(synchronize_session=False)
        )
        return bool(claimed.rowcount)


def _until(care: Care, slot: Slot) -> datetime:
    """How long an offer lasts: some minutes of opening hours, so that none runs out at night, and never too late."""
    rules = care.organization.scheduling
    latest = slot.starts_at - timedelta(minutes=rules.lead_minutes)
    return min(care.calendar.add_business_minutes(care.now(), rules.offer_minutes), latest)


def _in_line(care: Care, session: Session, slot: Slot) -> list[int]:
    """Those who wait for a visit that this opening could be and were not offered it yet, first come first."""
    kinds = {
        slot.visit_type,
        *(kind.name for kind in care.organization.visit_types if slot.visit_type in kind.openings),
    }
    offered = exists().where(WaitlistOffer.entry_id == WaitlistEntry.id, WaitlistOffer.opening_id == slot.opening_id)
    return list(
        session.execute(
            select(WaitlistEntry.id)
            .where(WaitlistEntry.status == WAITING, WaitlistEntry.visit_type.in_(sorted(kinds)), ~offered)
            .order_by(WaitlistEntry.joined_at, WaitlistEntry.id)
        ).scalars()
    )


def _suits(care: Care, session: Session, entry: WaitlistEntry, slot: Slot) -> bool:
    """Whether the opening is what the patient waits for, and they could have it."""
    if not _wished(entry, slot) or of_slot(care, session, slot, entry.visit_type):
        return False
    patient = session.get(Patient, entry.patient_id)
    provider = session.get(Provider, slot.provider_id)
    assert patient is not None
    assert provider is not None
    ends = slot.starts_at + timedelta(minutes=slot.minutes)
    return (
        patient.died_on is None
        and not gave_up(session, patient.id, slot.opening_id)
        and (provider.accepting_new or is_known(session, patient.id))
        and not patient_is_busy(session, patient.id, slot.starts_at, ends, but_for=entry.appointment_id)
    )


def _wished(entry: WaitlistEntry, slot: Slot) -> bool:
    weekday = str(date.fromordinal(slot.day).weekday())
    return (
        entry.provider_id in (None, slot.provider_id)
        and entry.location in (None, slot.location)
        and entry.telehealth in (None, slot.location == TELEHEALTH)
        and (entry.first_day is None or slot.day >= entry.first_day)
        and (entry.last_day is None or slot.day <= entry.last_day)
        and (entry.first_minute is None or slot.minute >= entry.first_minute)
        and (entry.last_minute is None or slot.minute < entry.last_minute)
        and weekday not in entry.excluded_weekdays
    )


def _offer(care: Care, session: Session, entry: WaitlistEntry, slot: Slot, until: datetime) -> WaitlistOffer:
    hold = slots.hold(care, session, slot, entry.patient_id, slots.OFFER, until)
    offer = WaitlistOffer(
        entry_id=entry.id,
        opening_id=slot.opening_id,
        hold_id=hold.id,
        offered_at=care.now(),
        expires_at=until,
        status=OPEN,
    )
    entry.status = OFFERED
    session.add(offer)
    session.flush()
    return offer
