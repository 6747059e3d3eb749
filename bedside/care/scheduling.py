"""Scheduling (BRIEF 3.3): everything that a conversation, the worker and the desk call, in one place.

Look: `offers_for` (the patient's own search), `search` (anybody's), `why_not`, `upcoming`, `find_by_number`, `people`.
Change: `hold` and `release` around the read-back; `book`, `move`, `confirm`, `late_cancellation`, `cancel`.
Waitlist: `join`, `places`, `accept`, `decline`, `leave`.
The worker: `lay_out`, `expire_due`, `plan_missing`, `due`; `record_attendance` for staff.

Whatever is about a patient needs a live verification in that conversation and raises ChartClosed without one. Refusals
are SchedulingErrors: nothing was changed then.
"""

from __future__ import annotations

from bedside.care.booking import (
    Booked,
    Cancelled,
    Held,
    LateCancellation,
    Moved,
    book,
    cancel,
    confirm,
    find_by_number,
    hold,
    late_cancellation,
    move,
    offers_for,
    record_attendance,
    release,
    upcoming,
    why_not,
)
from bedside.care.eligibility import Reason
from bedside.care.numbers import first_id_of, visit_number
from bedside.care.offers import expire_due
from bedside.care.openings import Offer, Order, Page, Wish, search
from bedside.care.reminders import due, plan_missing
from bedside.care.templates import lay_out
from bedside.care.waitlist import NoSuchOffer, Offered, OfferOver, Place, accept, decline, join, leave, places
from bedside.care.window import NoSuchVisit, NotEligible, OpeningTaken, SchedulingError, VisitOver, people
from bedside.records.visits import Person, Visit

__all__ = [
    "Booked",
    "Cancelled",
    "Held",
    "LateCancellation",
    "Moved",
    "NoSuchOffer",
    "NoSuchVisit",
    "NotEligible",
    "Offer",
    "OfferOver",
    "Offered",
    "OpeningTaken",
    "Order",
    "Page",
    "Person",
    "Place",
    "Reason",
    "SchedulingError",
    "Visit",
    "VisitOver",
    "Wish",
    "accept",
    "book",
    "cancel",
    "confirm",
    "decline",
    "due",
    "expire_due",
    "find_by_number",
    "first_id_of",
    "hold",
    "join",
    "late_cancellation",
    "lay_out",
    "leave",
    "move",
    "offers_for",
    "people",
    "places",
    "plan_missing",
    "record_attendance",
    "release",
    "search",
    "upcoming",
    "visit_number",
    "why_not",
]
