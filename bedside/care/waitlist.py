"""The waitlist (BRIEF 3.3): joining, leaving, and answering an offer. Each answer counts once.

Offers are made where times become free (`offers`), and end there when nobody answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bedside.care import booking, eligibility, offers, slots
from bedside.care.booking import Booked, Moved
from bedside.care.context import Care
from bedside.care.openings import Wish, minutes_of
from bedside.care.window import NotEligible, SchedulingError, Window, at_window
from bedside.records.tables import Opening, Provider, WaitlistEntry, WaitlistOffer
from bedside.records.visits import local_place


class NoSuchOffer(SchedulingError):
    """The patient has no such offer or place in line; somebody else's is no different from none."""


class OfferOver(SchedulingError):
    """The offer can no longer be answered; `status` says why: declined, expired or withdrawn."""

    def __init__(self, status: str) -> None:
        self.status = status
        super().__init__(status)


@dataclass(frozen=True)
class Offered:
    """An offer that waits for an answer. Moments are UTC."""

    offer_id: int
    opening_id: int
    provider_id: int
    provider: str
    starts_at: datetime
    minutes: int
    location: str
    room: str | None
    visit_type: str
    expires_at: datetime


@dataclass(frozen=True)
class Place:
    """A place in line. `new` is False when the patient had it already; `offer` is what they may answer now."""

    entry_id: int
    visit_type: str
    joined_at: datetime
    appointment_id: int | None
    offer: Offered | None
    new: bool = False


def join(
    care: Care,
    conversation_id: str,
    wish: Wish,
    *,
    appointment_id: int | None = None,
    patient_id: int | None = None,
) -> Place:
    """Wait for a visit of the kind that the wish names, with all else that it says.

    `appointment_id`: the visit that an earlier time would replace; without days in the wish, only days before it suit.
    Who waits for the same kind already keeps their place, with the new wish. Raise ValueError when the wish names no
    kind of visit, and NotEligible, NoSuchVisit, VisitOver, ChartClosed.
    """
    if wish.visit_type is None:
        raise ValueError("a place in line is for one kind of visit")
    kind: str = wish.visit_type

    def work(window: Window) -> Place:
        reasons = eligibility.of_patient(care, window.visits, window.died, kind)
        visit = window.standing_visit(appointment_id) if appointment_id is not None else None
        if reasons and (visit is None or visit.visit_type != kind):
            raise NotEligible(reasons)
        values = _values(wish)
        if visit is not None and wish.days is None:
            values["last_day"] = local_place(visit.starts_at, care.organization.tz)[0] - 1
        values["appointment_id"] = appointment_id
        standing = _standing(window, kind)
        if standing is not None:
            if all(getattr(standing, name) == value for name, value in values.items()):
                return _place(window, standing)
            _leave(window, standing)
        entry = WaitlistEntry(
            patient_id=window.patient_id,
            conversation_id=conversation_id,
            visit_type=kind,
            joined_at=standing.joined_at if standing is not None else care.now(),
            status=offers.WAITING,
            **values,
        )
        window.session.add(entry)
        window.session.flush()
        return _place(window, entry, new=standing is None)

    return at_window(care, conversation_id, "join the waitlist", patient_id, work)


def places(care: Care, conversation_id: str, *, patient_id: int | None = None) -> tuple[Place, ...]:
    """Every place in line that the patient has, with the offers that wait for an answer."""

    def work(window: Window) -> tuple[Place, ...]:
        rows = window.session.execute(
            select(WaitlistEntry)
            .where(
                WaitlistEntry.patient_id == window.patient_id,
                WaitlistEntry.status.in_((offers.WAITING, offers.OFFERED)),
            )
            .order_by(WaitlistEntry.id)
        ).scalars()
        return tuple(_place(window, row) for row in rows.all() if _may_be_told(window, row))

    return at_window(care, conversation_id, "places in line", patient_id, work)


def leave(care: Care, conversation_id: str, entry_id: int, *, patient_id: int | None = None) -> bool:
    """Leave the line; what was on offer goes to the next. False when they had left already or it has become a visit."""

    def work(window: Window) -> bool:
        entry = window.session.get(WaitlistEntry, entry_id, populate_existing=True)
        if entry is None or entry.patient_id != window.patient_id or not _may_be_told(window, entry):
            raise NoSuchOffer
        if entry.status in (offers.BOOKED, offers.LEFT):
            return False
        _leave(window, entry)
        return True

    return at_window(care, conversation_id, "leave the waitlist", patient_id, work)


def accept(care: Care, conversation_id: str, offer_id: int, *, patient_id: int | None = None) -> Booked | Moved:
    """Say yes to an offer: the visit is booked, or the one it replaces is moved there.

    Asked again, the same visit is given again. Raise OfferOver, NoSuchOffer, OpeningTaken, NotEligible, ChartClosed.
    """

    def work(window: Window) -> Booked | Moved:
        offer, entry = _locked_offer(window, offer_id)
        if offer.status == offers.ACCEPTED:
            visit = window.visit(offer.appointment_id)
            return Booked(visit, booking.visit_number(visit.first_id), new=False)
        if offer.status != offers.OPEN:
            raise OfferOver(offer.status)
        if offer.expires_at <= care.now():
            raise OfferOver(offers.EXPIRED)
        old = window.visits.find(entry.appointment_id) if entry.appointment_id is not None else None
        if old is not None and old.open and old.starts_at > care.now():
            return booking.move_at(window, old.appointment_id, offer.opening_id, entry.visit_type)
        return booking.book_at(window, offer.opening_id, entry.visit_type)

    return at_window(care, conversation_id, "accept an offer", patient_id, work)


def decline(care: Care, conversation_id: str, offer_id: int, *, patient_id: int | None = None) -> bool:
    """Say no to an offer; the next in line gets it, and the patient stays in line. False when it had ended already."""

    def work(window: Window) -> bool:
        offer, _ = _locked_offer(window, offer_id)
        if offer.status != offers.OPEN:
            return False
        offers.end_offer(care, window.session, offer, offers.DECLINED)
        offers.offer_next(care, window.session, offer.opening_id)
        return True

    return at_window(care, conversation_id, "decline an offer", patient_id, work)


def _locked_offer(window: Window, offer_id: int) -> tuple[WaitlistOffer, WaitlistEntry]:
    """An offer of this patient with its opening locked, as it stands now."""
    opening_id = window.session.execute(
        select(WaitlistOffer.opening_id)
        .join(WaitlistEntry, WaitlistOffer.entry_id == WaitlistEntry.id)
        .where(WaitlistOffer.id == offer_id, WaitlistEntry.patient_id == window.patient_id)
    ).scalar_one_or_none()
    if opening_id is None:
        raise NoSuchOffer
    slots.lock(window.care, window.session, [opening_id])
    offer = window.session.get(WaitlistOffer, offer_id, populate_existing=True)
    entry = window.session.get(WaitlistEntry, offer.entry_id, populate_existing=True)
    if not _may_be_told(window, entry):
        raise NoSuchOffer
    return offer, entry


def _leave(window: Window, entry: WaitlistEntry) -> None:
    """End a place in line, and pass on what was on offer to it, also when the offer is made at this very moment."""
    care, session = window.care, window.session
    open_offer = select(WaitlistOffer.opening_id).where(
        WaitlistOffer.entry_id == entry.id, WaitlistOffer.status == offers.OPEN
    )
    while True:
        opening_id = session.execute(open_offer).scalar_one_or_none()
        if opening_id is not None:
            slots.lock(care, session, [opening_id])
            offer = offers.open_offer(session, opening_id)
            if offer is not None and offer.entry_id == entry.id:
                offers.end_offer(care, session, offer, offers.WITHDRAWN, entry_status=offers.LEFT)
                offers.offer_next(care, session, opening_id)
                return
        left = session.execute(
            update(WaitlistEntry)
            .where(WaitlistEntry.id == entry.id, WaitlistEntry.status != offers.OFFERED)
            .values(status=offers.LEFT, ended_at=care.now())
            .execution_options(synchronize_session="fetch")
        )
        if left.rowcount:
            return


def _standing(window: Window, kind: str) -> WaitlistEntry | None:
    found: WaitlistEntry | None = window.session.execute(
        select(WaitlistEntry)
        .where(
            WaitlistEntry.patient_id == window.patient_id,
            WaitlistEntry.visit_type == kind,
            WaitlistEntry.status.in_((offers.WAITING, offers.OFFERED)),
        )
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    return found


def _values(wish: Wish) -> dict[str, object]:
    first, last = wish.days or (None, None)
    opens, closes = minutes_of(wish.times)
    return {
        "provider_id": wish.provider_id,
        "location": wish.location,
        "telehealth": wish.telehealth,
        "first_day": first.toordinal() if first else None,
        "last_day": last.toordinal() if last else None,
        "first_minute": opens,
        "last_minute": closes,
        "excluded_weekdays": [str(day) for day in sorted(wish.excluded_weekdays)],
    }


def _place(window: Window, entry: WaitlistEntry, *, new: bool = False) -> Place:
    return Place(
        entry_id=entry.id,
        visit_type=entry.visit_type,
        joined_at=entry.joined_at,
        appointment_id=entry.appointment_id,
        offer=_offered(window, entry),
        new=new,
    )


def _offered(window: Window, entry: WaitlistEntry) -> Offered | None:
    row = window.session.execute(
        select(WaitlistOffer.id, WaitlistOffer.expires_at, Opening, Provider.name)
        .join(Opening, WaitlistOffer.opening_id == Opening.id)
        .join(Provider, Opening.provider_id == Provider.id)
        .where(
            WaitlistOffer.entry_id == entry.id,
            WaitlistOffer.status == offers.OPEN,
            WaitlistOffer.expires_at > window.care.now(),
        )
    ).first()
    if row is None:
        return None
    offer_id, expires_at, opening, provider = row
    return Offered(
        offer_id=offer_id,
        opening_id=opening.id,
        provider_id=opening.provider_id,
        provider=provider,
        starts_at=opening.starts_at,
        minutes=opening.minutes,
        location=opening.location,
        room=opening.room,
        visit_type=entry.visit_type,
        expires_at=expires_at,
    )


def _may_be_told(window: Window, entry: WaitlistEntry) -> bool:
    return window.may_be_told_of(entry.visit_type)
