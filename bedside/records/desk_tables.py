"""The tables of the desk and the worker: jobs, what leaves the house, transfers, and the staff.

What happened to a ticket and the steps of a transfer are only ever added; `guards` has the database refuse anything
else. A transfer's steps refer to the step before, so that no step can be stored that doesn't follow from it.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)

from bedside.records.tables import Base
from bedside.records.types import Instant, Listing, Sealed

# The worker -------------------------------------------------------------------------------------------------------


class Job(Base):
    """A piece of the worker's round: when it runs next, and who has it. Leases are in the machine's own time."""

    __tablename__ = "jobs"
    name = Column(String(40), primary_key=True)
    due_at = Column(Instant, nullable=False)
    day = Column(Integer)  # the clinic's day on which a daily job last ran, as date.toordinal()
    lease = Column(String(60))
    lease_until = Column(Instant)
    ended_at = Column(Instant)
    runs = Column(Integer, nullable=False, default=0)
    failures = Column(Integer, nullable=False, default=0)  # in a row
    trouble = Column(String(80))  # the kind of the last failure; no words of a patient
    __table_args__ = (
        CheckConstraint("(lease IS NULL) = (lease_until IS NULL)", name="a_lease_ends"),
        CheckConstraint("failures >= 0 AND runs >= 0", name="counts"),
    )


class Notice(Base):
    """A message to a patient that still has to leave: which sentence, with which facts. `key` makes each one once."""

    __tablename__ = "outbox"
    id = Column(Integer, primary_key=True)
    key = Column(String(120), nullable=False, unique=True)
    response = Column(String(80), nullable=False)  # a sentence of domain/
    facts = Column(Sealed, nullable=False)  # JSON
    language = Column(String(8), nullable=False, default="en")
    patient_id = Column(ForeignKey("patients.id"), index=True)
    conversation_id = Column(String(80), index=True)
    ticket_id = Column(ForeignKey("tickets.id"))
    made_at = Column(Instant, nullable=False)
    expires_at = Column(Instant)
    status = Column(String(20), nullable=False, default="waiting", index=True)  # waiting | sent | dropped
    lease_until = Column(Instant)
    next_try_at = Column(Instant, nullable=False)
    tries = Column(Integer, nullable=False, default=0)
    sent_by = Column(String(40))  # the way it went
    ended_at = Column(Instant)
    __table_args__ = (
        CheckConstraint("patient_id IS NOT NULL OR conversation_id IS NOT NULL", name="to_somebody"),
        CheckConstraint("status IN ('waiting', 'sent', 'dropped')", name="status"),
        CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name="ends_with_a_time"),
        CheckConstraint("status <> 'sent' OR sent_by IS NOT NULL", name="sent_somehow"),
    )


class ChatPush(Base):
    """A message of a chat that the page hasn't been handed yet: from staff, or from the worker."""

    __tablename__ = "chat_pushes"
    message_id = Column(ForeignKey("messages.id"), primary_key=True)
    conversation_id = Column(String(80), nullable=False)


# Tickets ----------------------------------------------------------------------------------------------------------


class TicketWork(Base):
    """Who took a ticket over, and how it ended."""

    __tablename__ = "ticket_work"
    ticket_id = Column(ForeignKey("tickets.id"), primary_key=True)
    taken_at = Column(Instant, nullable=False)
    taken_by = Column(ForeignKey("staff.id"), nullable=False, index=True)
    finished_at = Column(Instant)
    finished_by = Column(ForeignKey("staff.id"))
    outcome = Column(String(40))
    __table_args__ = (
        CheckConstraint(
            "(finished_at IS NULL) = (outcome IS NULL) AND (finished_at IS NULL) = (finished_by IS NULL)",
            name="finished_by_somebody",
        ),
    )


class TicketLink(Base):
    """Two tickets that belong together, and why."""

    __tablename__ = "ticket_links"
    id = Column(Integer, primary_key=True)
    ticket_id = Column(ForeignKey("tickets.id"), nullable=False)
    other_id = Column(ForeignKey("tickets.id"), nullable=False, index=True)
    kind = Column(String(40), nullable=False)
    at = Column(Instant, nullable=False)
    actor = Column(String(120), nullable=False)
    __table_args__ = (
        UniqueConstraint("ticket_id", "other_id"),
        CheckConstraint("ticket_id < other_id", name="each_pair_once"),
    )


class Escalation(Base):
    """Something late that the supervisor was told of: a ticket nobody took by `due_at`, or a promise not kept."""

    __tablename__ = "escalations"
    id = Column(Integer, primary_key=True)
    ticket_id = Column(ForeignKey("tickets.id"), nullable=False)
    commitment_id = Column(ForeignKey("commitments.id"), unique=True)
    due_at = Column(Instant, nullable=False)
    at = Column(Instant, nullable=False)
    seen_at = Column(Instant)
    seen_by = Column(ForeignKey("staff.id"))
    __table_args__ = (
        Index(
            "one_escalation_per_due_time",
            "ticket_id",
            "due_at",
            unique=True,
            sqlite_where=text("commitment_id IS NULL"),
            postgresql_where=text("commitment_id IS NULL"),
        ),
        CheckConstraint("at >= due_at", name="never_early"),
        CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name="seen_by_somebody"),
    )


class CommitmentWatch(Base):
    """What was done about a promise that nobody had kept yet. Nothing is missed before the patient was told."""

    __tablename__ = "commitment_watches"
    commitment_id = Column(ForeignKey("commitments.id"), primary_key=True)
    reminded_at = Column(Instant)  # the staff
    told_at = Column(Instant)  # the patient
    notice_id = Column(ForeignKey("outbox.id"))  # how; None where there is nobody who could be told
    kept_at = Column(Instant)
    kept_by = Column(String(120))
    missed_at = Column(Instant)
    __table_args__ = (
        CheckConstraint("missed_at IS NULL OR (told_at IS NOT NULL AND told_at <= missed_at)", name="told_before"),
        CheckConstraint("missed_at IS NULL OR kept_at IS NULL", name="kept_or_missed"),
    )


class Delivery(Base):
    """A ticket event on its way to one webhook. Events of a ticket leave in the order of `number`."""

    __tablename__ = "webhook_deliveries"
    id = Column(Integer, primary_key=True)
    endpoint = Column(String(40), nullable=False)
    ticket_id = Column(ForeignKey("tickets.id"), nullable=False)
    event_id = Column(ForeignKey("ticket_events.id"), nullable=False)
    number = Column(Integer, nullable=False)
    key = Column(String(40), nullable=False, unique=True)
    body = Column(Sealed, nullable=False)
    made_at = Column(Instant, nullable=False)
    status = Column(String(20), nullable=False, default="waiting")  # waiting | delivered | dead | dropped
    next_try_at = Column(Instant, nullable=False)
    lease = Column(String(40))
    lease_until = Column(Instant)
    tries = Column(Integer, nullable=False, default=0)
    answer = Column(String(60))  # of the last try: a status or the kind of failure
    ended_at = Column(Instant)
    ended_by = Column(String(120))
    __table_args__ = (
        UniqueConstraint("endpoint", "ticket_id", "number"),
        UniqueConstraint("endpoint", "event_id"),
        Index("deliveries_by_time", "status", "next_try_at"),
        CheckConstraint("status IN ('waiting', 'delivered', 'dead', 'dropped')", name="status"),
        CheckConstraint("(status IN ('delivered', 'dropped')) = (ended_at IS NOT NULL)", name="ends_with_a_time"),
        CheckConstraint("status <> 'dropped' OR ended_by IS NOT NULL", name="dropped_by_somebody"),
    )


# The staff --------------------------------------------------------------------------------------------------------


class Staff(Base):
    """Somebody who works at the desk: which queues are theirs, and how they prove who they are."""

    __tablename__ = "staff"
    id = Column(Integer, primary_key=True)
    login = Column(String(120), nullable=False, unique=True)
    name = Column(String(120), nullable=False)
    role = Column(String(40), nullable=False)
    queues = Column(Listing, nullable=False)
    supervises = Column(Boolean, nullable=False, default=False)
    password = Column(String(200), nullable=False)  # salted scrypt
    totp = Column(Sealed)
    totp_used = Column(Integer)  # the last time step that was used: a code counts once
    failures = Column(Integer, nullable=False, default=0)
    locked_until = Column(Instant)
    made_at = Column(Instant, nullable=False)
    ended_at = Column(Instant)


class StaffSession(Base):
    """A signed-in browser; the cookie's secret is kept as a keyed hash."""

    __tablename__ = "staff_sessions"
    id = Column(Integer, primary_key=True)
    staff_id = Column(ForeignKey("staff.id"), nullable=False, index=True)
    digest = Column(String(64), nullable=False, unique=True)
    started_at = Column(Instant, nullable=False)
    last_used_at = Column(Instant, nullable=False)
    expires_at = Column(Instant, nullable=False)
    ended_at = Column(Instant)


# The warm transfer ------------------------------------------------------------------------------------------------

OFFERED, AGREED, BRIEFED, ACCEPTED, CONNECTED = "offered", "agreed", "briefed", "accepted", "connected"
CLOSED, CALLBACK, DECLINED, LOST = "closed", "callback_agreed", "declined", "lost"
LEGAL_STEPS: dict[str | None, tuple[str, ...]] = {
    None: (OFFERED,),
    OFFERED: (AGREED, CALLBACK, DECLINED, LOST),
    AGREED: (BRIEFED, CALLBACK, LOST),
    BRIEFED: (BRIEFED, ACCEPTED, CALLBACK, LOST),
    ACCEPTED: (CONNECTED, AGREED, CALLBACK, LOST),
    CONNECTED: (CLOSED, CALLBACK, LOST),
    LOST: (AGREED, CALLBACK, CLOSED),
    CALLBACK: (CLOSED,),
    DECLINED: (),
    CLOSED: (),
}
LIVE = (OFFERED, AGREED, BRIEFED, ACCEPTED, CONNECTED)
WAITING = (AGREED, BRIEFED, ACCEPTED)
_LIVE = text("state IN ('offered', 'agreed', 'briefed', 'accepted', 'connected')")
_FOLLOWS = " OR ".join(
    f"(from_state = '{before}' AND to_state = '{after}')"
    for before, afters in LEGAL_STEPS.items()
    for after in afters
    if before is not None
)


class Transfer(Base):
    """Bringing a patient to a person. `state` is where its last step led; the database holds the two together."""

    __tablename__ = "transfers"
    id = Column(Integer, primary_key=True)
    conversation_id = Column(String(80), nullable=False)
    queue = Column(String(40), nullable=False, index=True)
    inquiry = Column(String(40), nullable=False)
    channel = Column(String(20), nullable=False)
    language = Column(String(8), nullable=False, default="en")
    ticket_id = Column(ForeignKey("tickets.id"), index=True)
    holder_id = Column(ForeignKey("staff.id"))  # who has opened the brief, accepted, or is connected
    state = Column(String(20), nullable=False, default=OFFERED)
    joins = Column(Boolean, nullable=False, default=False)  # somebody joining the chat was offered, not only a call
    opened_at = Column(Instant, nullable=False)
    wait_minutes = Column(Integer)  # what the patient was told
    wait_until = Column(Instant)  # by when; then they are told anew
    __table_args__ = (
        Index(
            "one_live_transfer_per_conversation",
            "conversation_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        CheckConstraint("state IN ('offered', 'declined', 'lost') OR ticket_id IS NOT NULL", name="about_a_ticket"),
        CheckConstraint(
            "state NOT IN ('briefed', 'accepted', 'connected') OR holder_id IS NOT NULL", name="held_by_somebody"
        ),
    )


class TransferStep(Base):
    """One step of a transfer. What it rests on stands in it: the patient's consent, the brief, who read it.

    `number` counts from 1; each step names the one before it, its state and its holder, and `consent` the step in
    which the patient agreed.
    """

    __tablename__ = "transfer_steps"
    id = Column(Integer, primary_key=True)
    transfer_id = Column(ForeignKey("transfers.id"), nullable=False)
    number = Column(Integer, nullable=False)
    before = Column(Integer)
    from_state = Column(String(20))
    to_state = Column(String(20), nullable=False)
    at = Column(Instant, nullable=False)
    actor = Column(String(120), nullable=False)
    holder_id = Column(ForeignKey("staff.id"))
    from_holder_id = Column(Integer)
    consent = Column(Integer)
    consent_state = Column(String(20))
    words = Column(Sealed)  # of consent: the patient's
    brief = Column(Sealed)  # as it was read
    confirmed_name = Column(Sealed)
    confirmed_issue = Column(Sealed)
    detail = Column(Sealed)
    __table_args__ = (
        UniqueConstraint("transfer_id", "number"),
        UniqueConstraint("transfer_id", "number", "to_state"),
        UniqueConstraint("transfer_id", "number", "holder_id"),
        ForeignKeyConstraint(
            ["transfer_id", "before", "from_state"],
            ["transfer_steps.transfer_id", "transfer_steps.number", "transfer_steps.to_state"],
            name="fk_transfer_steps_before",
        ),
        ForeignKeyConstraint(
            ["transfer_id", "before", "from_holder_id"],
            ["transfer_steps.transfer_id", "transfer_steps.number", "transfer_steps.holder_id"],
            name="fk_transfer_steps_same_holder",
        ),
        ForeignKeyConstraint(
            ["transfer_id", "consent", "consent_state"],
            ["transfer_steps.transfer_id", "transfer_steps.number", "transfer_steps.to_state"],
            name="fk_transfer_steps_consent",
        ),
        CheckConstraint(
            f"(number = 1 AND before IS NULL AND from_state IS NULL AND to_state = 'offered') OR "
            f"(number > 1 AND before = number - 1 AND from_state IS NOT NULL AND ({_FOLLOWS}))",
            name="follows",
        ),
        CheckConstraint(
            "to_state NOT IN ('agreed', 'callback_agreed') OR words IS NOT NULL OR consent IS NOT NULL", name="consent"
        ),
        CheckConstraint(
            "(consent IS NULL AND consent_state IS NULL) OR "
            "(consent < number AND consent_state IN ('agreed', 'callback_agreed'))",
            name="consent_came_before",
        ),
        CheckConstraint(
            "to_state NOT IN ('briefed', 'accepted', 'connected') OR (consent IS NOT NULL AND holder_id IS NOT NULL)",
            name="only_with_consent",
        ),
        CheckConstraint("to_state <> 'briefed' OR brief IS NOT NULL", name="read_before"),
        CheckConstraint(
            "to_state NOT IN ('accepted', 'connected') OR (from_holder_id IS NOT NULL AND from_holder_id = holder_id)",
            name="by_whoever_read_it",
        ),
        CheckConstraint(
            "to_state <> 'connected' OR (confirmed_name IS NOT NULL AND confirmed_issue IS NOT NULL)",
            name="name_and_issue",
        ),
    )


from bedside.records import guards  # noqa: E402

guards.attach()
