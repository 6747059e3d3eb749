"""Booking, moving, confirming and cancelling visits (BRIEF 3.3).

Each is one unit of work through the patient's chart, and says the same again when it is asked again. A visit that is
moved is kept until the new time is secured; a time that is given back is offered to the waitlist in the same breath.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import update

from bedside.care import eligibility, offers, reminders, slots
from bedside.care.context import Care
from bedside.care.eligibility import Reason
from bedside.care.numbers import first_id_of, visit_number
from bedside.care.openings import PAGE, Page, Wish, search_in
from bedside.care.slots import Slot
from bedside.care.window import NoSuchVisit, NotEligible, OpeningTaken, Window, at_window
from bedside.records.clinic_file import TELEHEALTH
from bedside.records.tables import OpeningHold, WaitlistEntry
from bedside.records.visits import BOOKED, CANCELLED, CONFIRMED, KEPT, MISSED, MOVED, NewVisit, Visit, settle


@dataclass(frozen=True)
class Booked:
    """A visit that stands, and the number to keep. `new` is False when it stood already."""

    visit: Visit
    number: str
    new: bool


@dataclass(frozen=True)
class Moved:
    """A visit that was moved: where it was, where it is. The number stays. `new` as in `Booked`."""

    visit: Visit
    before: Visit
    number: str
    new: bool


@dataclass(frozen=True)
class LateCancellation:
    """What the clinic's rules say of a visit that is cancelled this late. `fee_cents` may be 0."""

    hours: int  # before the visit, from which on it is late
    fee_cents: int


@dataclass(frozen=True)
class Cancelled:
    """A visit that is cancelled. `late` is what follows from its being late; None when it wasn't."""

    visit: Visit
    number: str
    late: LateCancellation | None
    new: bool


@dataclass(frozen=True)
class Held:
    """An opening that is kept until a moment (UTC), with what is to be read back before it is booked."""

    opening_id: int
    provider_id: int
    starts_at: datetime
    minutes: int
    location: str
    visit_type: str
    until: datetime

    @property
    def telehealth(self) -> bool:
        """Whether the visit is by video."""
        return self.location == TELEHEALTH


# Looking --------------------------------------------------------------------------------------------------------------


def upcoming(care: Care, conversation_id: str, *, patient_id: int | None = None) -> tuple[Visit, ...]:
    """The visits to come, the next one first. Raise ChartClosed without a live verification.

    `patient_id`, here and below: whose visits, when a representative asks (`window.people`); their own when left out.
    """
    return at_window(care, conversation_id, "upcoming visits", patient_id, _upcoming)


def offers_for(
    care: Care,
    conversation_id: str,
    wish: Wish,
    cursor: str | None = None,
    *,
    patient_id: int | None = None,
    moving: int | None = None,
    size: int = PAGE,
    fitting_alone: bool = False,
) -> Page:
    """Open times that this patient can have: clear of their other visits, open to them as new or known patients.

    `moving`: the visit that is to give way, whose kind of visit is looked for when the wish names none. Raise
    ChartClosed, NoSuchVisit, VisitOver.
    """

    def facts(window: Window) -> tuple[Wish, int, list[tuple[datetime, datetime]]]:
        old = window.standing_visit(moving) if moving is not None else None
        spans = [(one.starts_at, one.ends_at) for one in window.visits.open() if old is None or one != old]
        asked = replace(wish, visit_type=old.visit_type) if old and wish.visit_type is None else wish
        new = old is None and not window.visits.is_known()
        return replace(asked, new_patient=asked.new_patient or new), window.patient_id, spans

    asked, owner, busy = at_window(care, conversation_id, "look for a time", patient_id, facts)
    with care.store.reading() as session:
        return search_in(care, session, asked, cursor, size, patient_id=owner, busy=busy, fitting_alone=fitting_alone)


def why_not(care: Care, conversation_id: str, visit_type: str, *, patient_id: int | None = None) -> tuple[Reason, ...]:
    """Why this patient can't book such a visit at any time, such as a referral that is missing; none when they can."""

    def reasons(window: Window) -> tuple[Reason, ...]:
        return eligibility.of_patient(care, window.visits, window.died, visit_type)

    return at_window(care, conversation_id, "may a visit be booked", patient_id, reasons)


def late_cancellation(
    care: Care, conversation_id: str, appointment_id: int, *, patient_id: int | None = None
) -> LateCancellation | None:
    """What cancelling a visit now would bring, to be said before it is done. Raise NoSuchVisit, VisitOver."""
    return at_window(
        care,
        conversation_id,
        "late cancellation",
        patient_id,
        lambda window: _late(care, window.standing_visit(appointment_id)),
    )


def find_by_number(care: Care, conversation_id: str, number: str, *, patient_id: int | None = None) -> Visit:
    """The visit that a number stands for, where it stands now. Raise NoSuchVisit."""

    def found(window: Window) -> Visit:
        first = first_id_of(number)
        same = [visit for visit in window.visits.all() if visit.first_id == first and window.may_be_told(visit)]
        if not same:
            raise NoSuchVisit
        return max(same, key=lambda visit: visit.appointment_id)

    return at_window(care, conversation_id, "visit by its number", patient_id, found)


# Holding for the read-back --------------------------------------------------------------------------------------------


def hold(
    care: Care,
    conversation_id: str,
    opening_id: int,
    *,
    visit_type: str | None = None,
    patient_id: int | None = None,
    moving: int | None = None,
) -> Held:
    """Keep an opening while its details are read back, so that "yes" can be kept. One at a time in a conversation.

    Asked again, it is kept anew from now on. Raise OpeningTaken, NotEligible, NoSuchVisit, VisitOver, ChartClosed.
    """

    def work(window: Window) -> Held:
        old = window.standing_visit(moving) if moving is not None else None
        slot = _locked(window, opening_id)[opening_id]
        kind = _kind(slot, visit_type, old)
        _check(window, slot, kind, old)
        _release(window)
        offered = offers.open_offer(window.session, opening_id)
        if offered is not None and offered.expires_at > care.now():
            until: datetime = offered.expires_at  # the waitlist keeps it for them, and longer
        else:
            until = care.now() + timedelta(minutes=care.organization.scheduling.hold_minutes)
            slots.hold(care, window.session, slot, window.patient_id, slots.READ_BACK, until, conversation_id)
        return Held(slot.opening_id, slot.provider_id, slot.starts_at, slot.minutes, slot.location, kind, until)

    return at_window(care, conversation_id, "hold a time", patient_id, work)


def release(care: Care, conversation_id: str) -> None:
    """Give back what is held for the read-back in this conversation; nothing of anybody's chart is needed for it."""
    with care.store.work() as session:
        slots.end_holds(
            care, session, OpeningHold.conversation_id == conversation_id, OpeningHold.purpose == slots.READ_BACK
        )


# Changing -------------------------------------------------------------------------------------------------------------


def book(
    care: Care,
    conversation_id: str,
    opening_id: int,
    *,
    visit_type: str | None = None,
    patient_id: int | None = None,
) -> Booked:
    """Book an opening, as the kind of visit it is for when none is named.

    Raise OpeningTaken when somebody else has it or it is kept for them, NotEligible with the reasons, ChartClosed.
    """
    return at_window(
        care, conversation_id, "book a visit", patient_id, lambda window: book_at(window, opening_id, visit_type)
    )


def move(
    care: Care,
    conversation_id: str,
    appointment_id: int,
    opening_id: int,
    *,
    visit_type: str | None = None,
    patient_id: int | None = None,
) -> Moved:
    """Move a visit to an opening. The old time is given up only together with the new one being secured.

    Raise OpeningTaken, NotEligible, NoSuchVisit, VisitOver, ChartClosed; then the old visit stands as it stood.
    """
    return at_window(
        care,
        conversation_id,
        "move a visit",
        patient_id,
        lambda window: move_at(window, appointment_id, opening_id, visit_type),
    )


def confirm(care: Care, conversation_id: str, appointment_id: int, *, patient_id: int | None = None) -> Booked:
    """Write down that the patient is coming. Raise NoSuchVisit, VisitOver, ChartClosed."""

    def work(window: Window) -> Booked:
        visit = window.standing_visit(appointment_id)
        if visit.status == CONFIRMED:
            return _booked(visit, new=False)
        window.visits.set_status(appointment_id, CONFIRMED)
        window.note(visit, CONFIRMED)
        return _booked(window.visit(appointment_id), new=True)

    return at_window(care, conversation_id, "confirm a visit", patient_id, work)


def cancel(care: Care, conversation_id: str, appointment_id: int, *, patient_id: int | None = None) -> Cancelled:
    """Cancel a visit and give its time back. Raise NoSuchVisit, VisitOver (moved, kept, missed, begun), ChartClosed."""

    def work(window: Window) -> Cancelled:
        visit = window.visit(appointment_id)
        if visit.status == CANCELLED:
            return Cancelled(visit, visit_number(visit.first_id), _late_before(window, visit), new=False)
        visit = window.standing_visit(appointment_id)
        late = _late(care, visit)
        opening_id = slots.opening_of(care, window.session, window.visits, visit)
        slots.lock(care, window.session, [opening_id])
        window.visits.set_status(appointment_id, CANCELLED)
        window.note(visit, CANCELLED, fee_cents=late.fee_cents if late else None)
        reminders.drop(care, window.session, appointment_id)
        offers.offer_next(care, window.session, opening_id)
        return Cancelled(window.visit(appointment_id), visit_number(visit.first_id), late, new=True)

    return at_window(care, conversation_id, "cancel a visit", patient_id, work)


def record_attendance(care: Care, appointment_id: int, *, kept: bool, actor: str) -> bool:
    """Write that a visit was kept, or missed with what the rules ask for it; False when it no longer stands.

    For staff and the clinic's own system, which act without a conversation; `actor` names who says so.
    """
    status = KEPT if kept else MISSED
    fee = None if kept else care.organization.scheduling.missed_fee_cents
    with care.store.work() as session:
        if not settle(session, appointment_id, status, care.now(), actor=actor, fee_cents=fee):
            return False
        reminders.drop(care, session, appointment_id)
        return True


# At the window --------------------------------------------------------------------------------------------------------


def book_at(window: Window, opening_id: int, visit_type: str | None = None) -> Booked:
    """`book`, in a unit of work that is under way."""
    slot = _locked(window, opening_id)[opening_id]
    mine = window.visits.at_opening(opening_id) if slot.taken else None
    if mine is not None:
        return _booked(mine, new=False)
    kind = _kind(slot, visit_type, None)
    _check(window, slot, kind, None)
    return _booked(_secure(window, slot, kind, None), new=True)


def move_at(window: Window, appointment_id: int, opening_id: int, visit_type: str | None = None) -> Moved:
    """`move`, in a unit of work that is under way."""
    old = window.visit(appointment_id)
    if old.status == MOVED:
        now = window.visits.moved_to(appointment_id)
        if now is not None and now.opening_id == opening_id and now.open:
            return Moved(now, old, visit_number(now.first_id), new=False)
    old = window.standing_visit(appointment_id)
    given_up = slots.opening_of(window.care, window.session, window.visits, old)
    locked = _locked(window, opening_id, given_up)
    slot = locked[opening_id]
    kind = _kind(slot, visit_type, old)
    if given_up == opening_id and kind == old.visit_type:
        return Moved(old, old, visit_number(old.first_id), new=False)
    _check(window, slot, kind, old)
    visit = _secure(window, slot, kind, old)
    offers.offer_next(window.care, window.session, given_up)
    return Moved(visit, window.visit(appointment_id), visit_number(visit.first_id), new=True)


def _locked(window: Window, *opening_ids: int) -> dict[int, Slot]:
    locked = slots.lock(window.care, window.session, opening_ids)
    if len(locked) < len(set(opening_ids)):
        raise OpeningTaken  # it is not in the calendar any more
    return locked


def _kind(slot: Slot, asked: str | None, old: Visit | None) -> str:
    return asked or (old.visit_type if old else slot.visit_type)


def _check(window: Window, slot: Slot, kind: str, old: Visit | None) -> None:
    if not slot.is_free_for(window.patient_id):
        raise OpeningTaken
    reasons = eligibility.of_booking(window.care, window.session, window.visits, window.died, slot, kind, old)
    if reasons:
        raise NotEligible(reasons)


def _secure(window: Window, slot: Slot, kind: str, old: Visit | None) -> Visit:
    """Write the visit, and only then let the old one go; holds, offers, reminders and history follow."""
    care, session = window.care, window.session
    visit = window.visits.write(
        NewVisit(
            provider_id=slot.provider_id,
            opening_id=slot.opening_id,
            starts_at=slot.starts_at,
            minutes=slot.minutes,
            location=slot.location,
            room=slot.room,
            visit_type=kind,
            first_id=old.first_id if old else None,
            moved_from_id=old.appointment_id if old else None,
        )
    )
    if old is not None:
        window.visits.set_status(old.appointment_id, MOVED)
        window.note(old, MOVED, other=visit)
        reminders.drop(care, session, old.appointment_id)
        _follow(window, old, visit)
    window.note(visit, BOOKED, other=old)
    slots.end_holds(care, session, OpeningHold.opening_id == slot.opening_id, status=slots.USED)
    offers.settle_booked(care, session, window.patient_id, slot.opening_id, visit.appointment_id)
    _release(window)
    reminders.plan(care, session, visit.appointment_id, visit.starts_at)
    return visit


def _follow(window: Window, old: Visit, new: Visit) -> None:
    """Whoever waits for a better time than the old visit now waits for one better than the new."""
    window.session.execute(
        update(WaitlistEntry)
        .where(WaitlistEntry.appointment_id == old.appointment_id)
        .values(appointment_id=new.appointment_id)
        .execution_options(synchronize_session="fetch")
    )


def _release(window: Window) -> None:
    slots.end_holds(
        window.care,
        window.session,
        OpeningHold.conversation_id == window.conversation_id,
        OpeningHold.purpose == slots.READ_BACK,
    )


def _booked(visit: Visit, *, new: bool) -> Booked:
    return Booked(visit, visit_number(visit.first_id), new)


def _upcoming(window: Window) -> tuple[Visit, ...]:
    now = window.care.now()
    return tuple(visit for visit in window.visits.open() if visit.starts_at > now and window.may_be_told(visit))


def _late(care: Care, visit: Visit) -> LateCancellation | None:
    rules = care.organization.scheduling
    if visit.starts_at - care.now() >= timedelta(hours=rules.late_cancel_hours):
        return None
    return LateCancellation(rules.late_cancel_hours, rules.late_cancel_fee_cents)


def _late_before(window: Window, visit: Visit) -> LateCancellation | None:
    """What a cancellation that was made before brought."""
    hours = window.care.organization.scheduling.late_cancel_hours
    for event in window.visits.history(visit.appointment_id):
        if event.kind == CANCELLED and event.fee_cents is not None:
            return LateCancellation(hours, event.fee_cents)
    return None
