"""The tables. Money is integer cents; moments are UTC; what is private is sealed or hashed (R3).

Rows that matter are never deleted: they end with a time, a name and a reason.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import declarative_base, relationship

from bedside.records.types import Instant, Listing, Sealed

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Base: Any = declarative_base(metadata=metadata)


def _patient(nullable: bool = False) -> Column:
    return Column(ForeignKey("patients.id"), nullable=nullable, index=True)


# People ---------------------------------------------------------------------------------------------------------


class Patient(Base):
    """A person the clinic cares for."""

    __tablename__ = "patients"
    id = Column(Integer, primary_key=True)
    reference = Column(String(40), nullable=False, unique=True)  # the clinic's own id for the record
    full_name = Column(String(200), nullable=False)
    birth_date = Column(Date, nullable=False, index=True)
    died_on = Column(Date)
    language = Column(String(8), nullable=False, default="en")
    portal_active = Column(Boolean, nullable=False, default=False)
    identifiers = relationship("Identifier", backref="patient")


class Identifier(Base):
    """A secret or number that identifies a patient, as a keyed hash; `kind` is ssn_last4 or account."""

    __tablename__ = "identifiers"
    id = Column(Integer, primary_key=True)
    patient_id = _patient()
    kind = Column(String(20), nullable=False)
    digest = Column(String(64), nullable=False, index=True)
    value = Column(Sealed)  # kept only for account numbers, which staff must be able to read
    __table_args__ = (UniqueConstraint("patient_id", "kind", "digest"),)


class Contact(Base):
    """A phone number, email or address on file."""

    __tablename__ = "contacts"
    id = Column(Integer, primary_key=True)
    patient_id = _patient()
    kind = Column(String(20), nullable=False)  # phone | email | address
    value = Column(Sealed, nullable=False)
    belongs_to = Column(String(40), nullable=False, default="self")
    sms_consent = Column(Boolean, nullable=False, default=False)


class Representative(Base):
    """Somebody who may act for a patient, for what, and until when (BRIEF 3.2)."""

    __tablename__ = "representatives"
    id = Column(Integer, primary_key=True)
    patient_id = _patient()
    full_name = Column(String(200), nullable=False)
    relation = Column(String(40), nullable=False)
    person_id = _patient(nullable=True)  # their own record, when they are a patient here too
    kinds = Column(Listing, nullable=False)
    starts_on = Column(Date)
    ends_on = Column(Date)


# Calendars ------------------------------------------------------------------------------------------------------

# What an appointment's status may be, and which of them keep its time from others. The indices below name the same.
OPEN_STATUSES = ("booked", "confirmed")
_OPEN_APPOINTMENT = text("status IN ('booked', 'confirmed')")
_ACTIVE = text("status = 'active'")
_STANDING = text("status IN ('waiting', 'offered')")
_UNANSWERED = text("status = 'open'")


class Provider(Base):
    """Somebody patients are booked with."""

    __tablename__ = "providers"
    id = Column(Integer, primary_key=True)
    name = Column(String(120), nullable=False, unique=True)
    specialty = Column(String(80), nullable=False)
    other_specialties = Column(Listing, nullable=False, default=list)
    accepting_new = Column(Boolean, nullable=False, default=True)
    telehealth = Column(Boolean, nullable=False, default=False)


class ProviderTemplate(Base):
    """The hours a provider keeps each week, of which openings are made. Times are "HH:MM" on the clinic's clock."""

    __tablename__ = "provider_templates"
    id = Column(Integer, primary_key=True)
    provider_id = Column(ForeignKey("providers.id"), nullable=False, index=True)
    weekdays = Column(Listing, nullable=False)  # monday … sunday
    starts = Column(String(5), nullable=False)
    ends = Column(String(5), nullable=False)
    minutes = Column(Integer, nullable=False, default=30)
    location = Column(String(80), nullable=False)
    room = Column(String(40))
    visit_type = Column(String(80), nullable=False)
    starts_on = Column(Date)
    ends_on = Column(Date)
    laid_until = Column(Date)  # the last day for which openings were made; none is made twice
    __table_args__ = (CheckConstraint("minutes > 0", name="minutes"), CheckConstraint("starts < ends", name="in_order"))


class ProviderAbsence(Base):
    """Days on which a provider is away, both included, as `date.toordinal()` like the days of openings."""

    __tablename__ = "provider_absences"
    id = Column(Integer, primary_key=True)
    provider_id = Column(ForeignKey("providers.id"), nullable=False, index=True)
    first_day = Column(Integer, nullable=False)
    last_day = Column(Integer, nullable=False)
    __table_args__ = (CheckConstraint("first_day <= last_day", name="in_order"),)


class Opening(Base):
    """A time in a provider's calendar that can be booked; whether it is free is told by its appointment and hold.

    `day` is the clinic's own day as `date.toordinal()` and `minute` the minute of that day, so that the search can
    reckon with them on any database (`bedside.records.visits.local_place` makes them).
    """

    __tablename__ = "openings"
    id = Column(Integer, primary_key=True)
    provider_id = Column(ForeignKey("providers.id"), nullable=False)
    starts_at = Column(Instant, nullable=False)
    minutes = Column(Integer, nullable=False, default=30)
    location = Column(String(80), nullable=False)  # the key of a location, or telehealth
    room = Column(String(40))  # as the signs there name it
    visit_type = Column(String(80), nullable=False)
    day = Column(Integer, nullable=False)
    minute = Column(Integer, nullable=False)
    __table_args__ = (
        UniqueConstraint("provider_id", "starts_at"),
        CheckConstraint("minutes > 0", name="minutes"),
        Index("openings_by_time", "day", "minute"),
        Index("openings_by_provider", "provider_id", "day", "minute"),
        Index("openings_by_visit_type", "visit_type", "day", "minute"),
    )


class Appointment(Base):
    """A visit. A move ends one row and makes another: `first_id` is the visit that its number was made from.

    Times that were booked before Bedside kept the calendar have no opening; one is made when they are given back.
    """

    __tablename__ = "appointments"
    id = Column(Integer, primary_key=True)
    patient_id = _patient()
    provider_id = Column(ForeignKey("providers.id"), nullable=False)
    opening_id = Column(ForeignKey("openings.id"))
    first_id = Column(ForeignKey("appointments.id"), index=True)
    moved_from_id = Column(ForeignKey("appointments.id"), unique=True)  # a visit is moved once
    starts_at = Column(Instant, nullable=False)
    minutes = Column(Integer, nullable=False, default=30)
    location = Column(String(80), nullable=False)
    room = Column(String(40))
    visit_type = Column(String(80), nullable=False)
    # booked | confirmed | moved | cancelled | kept | missed
    status = Column(String(20), nullable=False, default="booked")
    __table_args__ = (
        Index(
            "one_open_appointment_per_opening",
            "opening_id",
            unique=True,
            sqlite_where=_OPEN_APPOINTMENT,
            postgresql_where=_OPEN_APPOINTMENT,
        ),
        Index(
            "one_open_appointment_per_time",
            "provider_id",
            "starts_at",
            unique=True,
            sqlite_where=_OPEN_APPOINTMENT,
            postgresql_where=_OPEN_APPOINTMENT,
        ),
        CheckConstraint("minutes > 0", name="minutes"),
    )


class AppointmentEvent(Base):
    """What happened to a visit: booked, moved, confirmed, cancelled, kept or missed; who did it, and when.

    Rows are only ever added. `other_id` is the visit on the other side of a move.
    """

    __tablename__ = "appointment_events"
    id = Column(Integer, primary_key=True)
    appointment_id = Column(ForeignKey("appointments.id"), nullable=False, index=True)
    at = Column(Instant, nullable=False)
    actor = Column(String(120), nullable=False)
    conversation_id = Column(String(80))
    kind = Column(String(20), nullable=False)
    other_id = Column(ForeignKey("appointments.id"))
    fee_cents = Column(Integer)  # what the clinic's rules ask for a late cancellation or a missed visit
    detail = Column(Sealed)


class OpeningHold(Base):
    """An opening kept for one patient for a short while: during the read-back, or while the waitlist offers it."""

    __tablename__ = "opening_holds"
    id = Column(Integer, primary_key=True)
    opening_id = Column(ForeignKey("openings.id"), nullable=False, index=True)
    patient_id = _patient()
    conversation_id = Column(String(80), index=True)
    purpose = Column(String(20), nullable=False)  # read_back | offer
    placed_at = Column(Instant, nullable=False)
    until = Column(Instant, nullable=False)
    status = Column(String(20), nullable=False, default="active")  # active | used | released | expired
    ended_at = Column(Instant)
    __table_args__ = (
        Index(
            "one_active_hold_per_opening",
            "opening_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        CheckConstraint("status = 'active' OR ended_at IS NOT NULL", name="ends_with_a_time"),
    )


class Referral(Base):
    """A referral on file: to which specialty, and until when it holds."""

    __tablename__ = "referrals"
    id = Column(Integer, primary_key=True)
    patient_id = _patient()
    specialty = Column(String(80), nullable=False)
    referred_by = Column(String(120))
    starts_on = Column(Date)
    ends_on = Column(Date)


class WaitlistEntry(Base):
    """A patient who waits for an earlier or a better time. `appointment_id` is the visit it would replace."""

    __tablename__ = "waitlist_entries"
    id = Column(Integer, primary_key=True)
    patient_id = _patient()
    conversation_id = Column(String(80))
    visit_type = Column(String(80), nullable=False, index=True)
    appointment_id = Column(ForeignKey("appointments.id"))
    provider_id = Column(ForeignKey("providers.id"))
    location = Column(String(80))
    telehealth = Column(Boolean)  # None: either
    first_day = Column(Integer)  # days as date.toordinal(), both included; None: no such end
    last_day = Column(Integer)
    first_minute = Column(Integer)  # of the day; the visit begins from the first on and before the last
    last_minute = Column(Integer)
    excluded_weekdays = Column(Listing, nullable=False, default=list)  # 0 is Monday
    joined_at = Column(Instant, nullable=False)
    status = Column(String(20), nullable=False, default="waiting")  # waiting | offered | booked | left
    ended_at = Column(Instant)
    __table_args__ = (
        Index(
            "one_place_in_line_per_visit_type",
            "patient_id",
            "visit_type",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        CheckConstraint("status IN ('waiting', 'offered') OR ended_at IS NOT NULL", name="ends_with_a_time"),
    )


class WaitlistOffer(Base):
    """A freed opening offered to the next in line, held until the offer ends; each opening is offered to each once."""

    __tablename__ = "waitlist_offers"
    id = Column(Integer, primary_key=True)
    entry_id = Column(ForeignKey("waitlist_entries.id"), nullable=False, index=True)
    opening_id = Column(ForeignKey("openings.id"), nullable=False, index=True)
    hold_id = Column(ForeignKey("opening_holds.id"), nullable=False)
    offered_at = Column(Instant, nullable=False)
    expires_at = Column(Instant, nullable=False, index=True)
    sent_at = Column(Instant)  # when the patient was told
    status = Column(String(20), nullable=False, default="open")  # open | accepted | declined | expired | withdrawn
    answered_at = Column(Instant)
    appointment_id = Column(ForeignKey("appointments.id"))  # what it became
    __table_args__ = (
        UniqueConstraint("entry_id", "opening_id"),
        Index(
            "one_open_offer_per_opening",
            "opening_id",
            unique=True,
            sqlite_where=_UNANSWERED,
            postgresql_where=_UNANSWERED,
        ),
        Index(
            "one_open_offer_per_entry",
            "entry_id",
            unique=True,
            sqlite_where=_UNANSWERED,
            postgresql_where=_UNANSWERED,
        ),
        CheckConstraint("status = 'open' OR answered_at IS NOT NULL", name="ends_with_a_time"),
    )


class Reminder(Base):
    """A reminder that the worker sends before a visit; `days_before` is 0 for the day itself."""

    __tablename__ = "reminders"
    id = Column(Integer, primary_key=True)
    appointment_id = Column(ForeignKey("appointments.id"), nullable=False)
    days_before = Column(Integer, nullable=False)
    due_at = Column(Instant, nullable=False, index=True)
    status = Column(String(20), nullable=False, default="due")  # due | sent | dropped
    ended_at = Column(Instant)
    __table_args__ = (
        UniqueConstraint("appointment_id", "days_before"),
        CheckConstraint("status = 'due' OR ended_at IS NOT NULL", name="ends_with_a_time"),
    )


# Care and coverage ----------------------------------------------------------------------------------------------


class Coverage(Base):
    """An insurance a patient has; `rank` 1 pays first. What a patient only says is a `PendingCoverage` until verified.

    `payer` and `plan` are the names on file; `plan_id` is there where the clinic knows that plan's rules.
    """

    __tablename__ = "coverages"
    id = Column(Integer, primary_key=True)
    patient_id = _patient()
    payer = Column(String(120), nullable=False)
    plan = Column(String(120), nullable=False)
    plan_id = Column(ForeignKey("plans.id"), index=True)
    member_id = Column(Sealed)
    group_number = Column(Sealed)
    holder_name = Column(Sealed)  # whose insurance it is, where it isn't the patient's own
    holder_relation = Column(String(20), nullable=False, default="self")  # what the holder is to the patient
    holder_birth_date = Column(Sealed)  # as 1958-06-14; decides which parent's plan pays first
    held_through = Column(String(20), nullable=False, default="unknown")
    large_employer = Column(Boolean)  # 20 people or more; None: not known
    rank = Column(Integer, nullable=False, default=1)
    starts_on = Column(Date)
    ends_on = Column(Date)
    verified_on = Column(Date)  # when a person or the insurer last confirmed it
    __table_args__ = (CheckConstraint("rank >= 1", name="in_order"),)


class Authorization(Base):
    """A prior authorization asked of an insurer. Its status changes only together with an `AuthorizationEvent`."""

    __tablename__ = "authorizations"
    id = Column(Integer, primary_key=True)
    patient_id = _patient()
    coverage_id = Column(ForeignKey("coverages.id"), index=True)
    service = Column(String(200), nullable=False)
    service_kind = Column(String(80))  # the visit type or service that benefits know it by
    status = Column(String(30), nullable=False)
    urgent = Column(Boolean, nullable=False, default=False)
    provider_id = Column(ForeignKey("providers.id"))
    appointment_id = Column(ForeignKey("appointments.id"), index=True)
    number = Column(Sealed)
    information_asked = Column(Listing, nullable=False, default=list)  # what the insurer still wants, by content key
    information_due_on = Column(Date)
    sent_on = Column(Date)
    decided_on = Column(Date)
    valid_from = Column(Date)
    valid_to = Column(Date)
    __table_args__ = (CheckConstraint("valid_from <= valid_to", name="valid_in_order"),)


class Claim(Base):
    """A claim sent to an insurer. Its status changes only together with a `ClaimEvent`; cents where money is named."""

    __tablename__ = "claims"
    id = Column(Integer, primary_key=True)
    patient_id = _patient()
    coverage_id = Column(ForeignKey("coverages.id"), index=True)
    statement_id = Column(ForeignKey("statements.id"), index=True)
    payer = Column(String(120))
    number = Column(Sealed)
    service_date = Column(Date, nullable=False)
    billed_cents = Column(Integer)
    sent_on = Column(Date)
    received_on = Column(Date)
    decided_on = Column(Date)
    information_asked = Column(Listing, nullable=False, default=list)
    status = Column(String(30), nullable=False)
    __table_args__ = (CheckConstraint("billed_cents >= 0", name="not_negative"),)


class Prescription(Base):
    """A medicine on file, as far as a refill request needs it."""

    __tablename__ = "prescriptions"
    id = Column(Integer, primary_key=True)
    patient_id = _patient()
    medicine = Column(String(120), nullable=False)
    refills_left = Column(Integer, nullable=False)
    refill_possible = Column(Boolean, nullable=False)


class Result(Base):
    """A test result: that it exists, never what it says."""

    __tablename__ = "results"
    id = Column(Integer, primary_key=True)
    patient_id = _patient()
    name = Column(String(120), nullable=False)
    status = Column(String(20), nullable=False)
    released = Column(Boolean, nullable=False, default=False)


# Money ----------------------------------------------------------------------------------------------------------


class Statement(Base):
    """A bill as it was sent."""

    __tablename__ = "statements"
    id = Column(Integer, primary_key=True)
    patient_id = _patient()
    number = Column(String(40), nullable=False, unique=True)
    issued_on = Column(Date, nullable=False)
    charges = relationship("Charge", backref="statement", order_by="Charge.id")


class Charge(Base):
    """One line of a statement: what was charged, what others took off it, what the patient owes."""

    __tablename__ = "charges"
    id = Column(Integer, primary_key=True)
    statement_id = Column(ForeignKey("statements.id"), nullable=False, index=True)
    service_date = Column(Date, nullable=False)
    description = Column(String(200), nullable=False)
    charged_cents = Column(Integer, nullable=False)
    insurance_cents = Column(Integer, nullable=False, default=0)
    adjustment_cents = Column(Integer, nullable=False, default=0)
    patient_cents = Column(Integer, nullable=False)
    __table_args__ = (
        CheckConstraint("charged_cents = insurance_cents + adjustment_cents + patient_cents", name="adds_up"),
        CheckConstraint("patient_cents >= 0", name="not_negative"),
    )


class Payment(Base):
    """Money the patient paid."""

    __tablename__ = "payments"
    id = Column(Integer, primary_key=True)
    patient_id = _patient()
    charge_id = Column(ForeignKey("charges.id"), index=True)
    paid_on = Column(Date, nullable=False)
    amount_cents = Column(Integer, nullable=False)
    __table_args__ = (CheckConstraint("amount_cents > 0", name="positive"),)


class Dispute(Base):
    """A concern about charges, in the patient's words (R9)."""

    __tablename__ = "disputes"
    id = Column(Integer, primary_key=True)
    case_number = Column(String(20), nullable=False, unique=True)
    patient_id = _patient()
    conversation_id = Column(String(80), nullable=False, index=True)
    ticket_id = Column(ForeignKey("tickets.id"), nullable=False)
    words = Column(Sealed, nullable=False)
    amount_cents = Column(Integer, nullable=False)
    status = Column(String(20), nullable=False, default="open")  # open | resolved
    opened_at = Column(Instant, nullable=False)


class Hold(Base):
    """A disputed charge that may not go to collections. It ends by a person or at review, never silently."""

    __tablename__ = "holds"
    id = Column(Integer, primary_key=True)
    dispute_id = Column(ForeignKey("disputes.id"), nullable=False, index=True)
    charge_id = Column(ForeignKey("charges.id"), nullable=False)
    amount_cents = Column(Integer, nullable=False)
    placed_at = Column(Instant, nullable=False)
    review_on = Column(Date, nullable=False)
    status = Column(String(20), nullable=False, default="active")  # active | ended
    ended_at = Column(Instant)
    ended_by = Column(String(120))
    end_reason = Column(Text)
    __table_args__ = (
        Index(
            "one_active_hold_per_charge",
            "charge_id",
            unique=True,
            sqlite_where=text("status = 'active'"),
            postgresql_where=text("status = 'active'"),
        ),
        CheckConstraint(
            "status = 'active' OR (ended_at IS NOT NULL AND ended_by IS NOT NULL AND end_reason IS NOT NULL)",
            name="never_ends_silently",
        ),
    )


# The desk -------------------------------------------------------------------------------------------------------


class Ticket(Base):
    """Work for a person, with a brief and a due time (BRIEF 3.9). `matter` makes one ticket per matter."""

    __tablename__ = "tickets"
    id = Column(Integer, primary_key=True)
    case_number = Column(String(20), nullable=False, unique=True)
    queue = Column(String(40), nullable=False, index=True)
    priority = Column(String(20), nullable=False)  # immediate | urgent | standard
    inquiry = Column(String(40), nullable=False)
    matter = Column(String(160), nullable=False, unique=True)
    brief = Column(Sealed, nullable=False)
    patient_id = _patient(nullable=True)
    conversation_id = Column(String(80), index=True)
    opened_at = Column(Instant, nullable=False)
    due_at = Column(Instant, nullable=False, index=True)
    status = Column(String(20), nullable=False, default="open")


class TicketEvent(Base):
    """What happened to a ticket, in order."""

    __tablename__ = "ticket_events"
    id = Column(Integer, primary_key=True)
    ticket_id = Column(ForeignKey("tickets.id"), nullable=False, index=True)
    at = Column(Instant, nullable=False)
    actor = Column(String(120), nullable=False)
    kind = Column(String(40), nullable=False)
    detail = Column(Sealed)


class Commitment(Base):
    """A promise: what, by whom, by when (R7)."""

    __tablename__ = "commitments"
    id = Column(Integer, primary_key=True)
    ticket_id = Column(ForeignKey("tickets.id"), nullable=False, index=True)
    what = Column(String(60), nullable=False)
    owner = Column(String(40), nullable=False)  # the queue that owes it
    conversation_id = Column(String(80), index=True)
    made_at = Column(Instant, nullable=False)
    due_at = Column(Instant, nullable=False, index=True)
    preference = Column(Sealed)  # when and where the patient would like to be reached, in their words
    status = Column(String(20), nullable=False, default="open")  # open | kept | missed | replaced
    __table_args__ = (UniqueConstraint("ticket_id", "what"),)


class RefillRequest(Base):
    """A refill that a patient asks for: a request to a clinician, never a decision (R1)."""

    __tablename__ = "refill_requests"
    id = Column(Integer, primary_key=True)
    ticket_id = Column(ForeignKey("tickets.id"), nullable=False, index=True)
    conversation_id = Column(String(80), nullable=False, index=True)
    patient_id = _patient(nullable=True)
    medicine = Column(Sealed, nullable=False)
    pharmacy = Column(Sealed, nullable=False)
    status = Column(String(20), nullable=False, default="pending_clinician")  # pending_clinician | approved | declined
    requested_at = Column(Instant, nullable=False)


class Emergency(Base):
    """An emergency seen in a conversation, from the first word to safety (R2)."""

    __tablename__ = "emergencies"
    id = Column(Integer, primary_key=True)
    conversation_id = Column(String(80), nullable=False, index=True)
    kind = Column(String(40), nullable=False)
    ticket_id = Column(ForeignKey("tickets.id"))
    words = Column(Sealed, nullable=False)
    seen_at = Column(Instant, nullable=False)
    suspended = Column(String(60))  # the work it interrupted
    safe_at = Column(Instant)
    resumed_at = Column(Instant)


class EmergencyEvent(Base):
    """A step of an emergency: what was said, and when."""

    __tablename__ = "emergency_events"
    id = Column(Integer, primary_key=True)
    emergency_id = Column(ForeignKey("emergencies.id"), nullable=False, index=True)
    at = Column(Instant, nullable=False)
    stage = Column(String(40), nullable=False)
    words = Column(Sealed)


# Conversations --------------------------------------------------------------------------------------------------


class Interaction(Base):
    """The record that each conversation leaves (BRIEF 3.11)."""

    __tablename__ = "interactions"
    id = Column(Integer, primary_key=True)
    conversation_id = Column(String(80), nullable=False, unique=True)
    channel = Column(String(20), nullable=False)
    patient_id = _patient(nullable=True)
    called_themself = Column(Sealed)
    language = Column(String(8), nullable=False, default="en")
    inquiries = Column(Listing, nullable=False)
    moods = Column(Listing, nullable=False)
    acknowledged = Column(Listing, nullable=False)
    outcome = Column(String(20))  # resolved | handed_over | open | abandoned
    opened_at = Column(Instant, nullable=False)
    last_at = Column(Instant, nullable=False)
    closed_at = Column(Instant)


class Message(Base):
    """What was said, sealed: the history of a chat, and the delivery list of what is still to be sent."""

    __tablename__ = "messages"
    id = Column(Integer, primary_key=True)
    conversation_id = Column(String(80), nullable=False, index=True)
    sender = Column(String(20), nullable=False)  # patient | bedside | staff
    client_id = Column(String(80))
    text = Column(Sealed, nullable=False)
    extra = Column(Text)  # buttons and flags as JSON, no PHI
    at = Column(Instant, nullable=False)
    delivered_at = Column(Instant)
    __table_args__ = (UniqueConstraint("conversation_id", "client_id"),)


# Identity and audit ---------------------------------------------------------------------------------------------


class IdentityDraft(Base):
    """What a person has given so far to prove who they are; sealed, and emptied once it is used."""

    __tablename__ = "identity_drafts"
    conversation_id = Column(String(80), primary_key=True)
    given = Column(Sealed, nullable=False)
    updated_at = Column(Instant, nullable=False)


class IdentityAttempt(Base):
    """One try to prove an identity: matched, failed, or refused because of a lock."""

    __tablename__ = "identity_attempts"
    id = Column(Integer, primary_key=True)
    conversation_id = Column(String(80), nullable=False, index=True)
    patient_id = _patient(nullable=True)  # the record it was aimed at, where that could be told
    at = Column(Instant, nullable=False)
    outcome = Column(String(20), nullable=False)


class IdentityLock(Base):
    """A time in which identity can't be proved in chat: for one conversation or for one patient's record."""

    __tablename__ = "identity_locks"
    id = Column(Integer, primary_key=True)
    conversation_id = Column(String(80), index=True)
    patient_id = _patient(nullable=True)
    locked_at = Column(Instant, nullable=False)
    until = Column(Instant, nullable=False)


class Verification(Base):
    """Proof, for one conversation and a limited time, of who is speaking (R3)."""

    __tablename__ = "verifications"
    id = Column(Integer, primary_key=True)
    conversation_id = Column(String(80), nullable=False, index=True)
    patient_id = _patient()
    method = Column(String(60), nullable=False)
    verified_at = Column(Instant, nullable=False)
    last_used_at = Column(Instant, nullable=False)
    expires_at = Column(Instant, nullable=False)
    revoked_at = Column(Instant)


class Audit(Base):
    """Who looked at or changed what, and when (R3)."""

    __tablename__ = "audit"
    id = Column(Integer, primary_key=True)
    at = Column(Instant, nullable=False)
    actor = Column(String(120), nullable=False)
    conversation_id = Column(String(80))
    patient_id = _patient(nullable=True)
    event = Column(String(60), nullable=False)
    detail = Column(Text)


# Money, insurance, the desk and complaints have tables in modules of their own; with them the metadata is complete.
from bedside.records import billing_tables as _billing_tables  # noqa: E402, F401
from bedside.records import complaint_tables as _complaint_tables  # noqa: E402, F401
from bedside.records import desk_tables as _desk_tables  # noqa: E402, F401
from bedside.records import insurance_tables as _insurance_tables  # noqa: E402, F401
