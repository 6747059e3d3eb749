"""What staff see and do at the desk: their queues by what is due, a ticket with its brief, calls, holds, search.

Every ticket and transcript that is opened is in the audit log, and so is one that was refused. Nothing of a queue is
shown to anybody whose queue it isn't.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from bedside.care import briefs, desk, disputes, transfers, watch
from bedside.care.context import Care
from bedside.care.ledger import audit
from bedside.care.transfers import NotYours, Person, View
from bedside.records.desk_tables import (
    ACCEPTED,
    CONNECTED,
    LIVE,
    WAITING,
    Escalation,
    Staff,
    TicketWork,
    Transfer,
)
from bedside.records.tables import Commitment, Dispute, Hold, Message, Patient, Ticket, TicketEvent

OUTCOMES = ("resolved", "answered", "not_reached", "passed_on", "duplicate")
AT_ONCE = 200


class StillPromised(Exception):
    """The ticket can't be finished: something is promised on it that nobody has kept."""


@dataclass(frozen=True)
class Line:
    """A ticket in a list. Moments are UTC; `waiting`: a patient waits in the chat for somebody."""

    case_number: str
    queue: str
    priority: str
    inquiry: str
    due_at: datetime
    late: bool
    waiting: bool
    taken_by: str | None
    status: str


@dataclass(frozen=True)
class Said:
    """A line of a transcript."""

    message_id: int
    sender: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Happened:
    """A line of a ticket's history."""

    at: datetime
    actor: str
    kind: str
    detail: str | None


@dataclass(frozen=True)
class Opened:
    """A ticket as it was opened. `brief` and `said` are empty while its transfer's brief is still to be read."""

    line: Line
    opened_at: datetime
    transfer: View | None
    mine: bool
    brief: tuple[str, ...]
    said: tuple[Said, ...]
    history: tuple[Happened, ...]
    promises: tuple[tuple[int, str, datetime, str], ...]
    linked: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Owed:
    """A promise that somebody must keep."""

    case_number: str
    queue: str
    what: str
    due_at: datetime
    late: bool


@dataclass(frozen=True)
class Held:
    """A hold whose review day is near; cents."""

    case_number: str
    charge_id: int
    amount_cents: int
    review_on: date


@dataclass(frozen=True)
class Late:
    """What the supervisor was told of."""

    escalation_id: int
    case_number: str
    queue: str
    what: str
    due_at: datetime


def queue(care: Care, person: Person, only: str | None = None) -> list[Line]:
    """The open tickets of somebody's queues: who waits in the chat first, then by due time."""
    with care.store.reading() as session:
        return _lines(care, session, person, Ticket.status == desk.OPEN, *([Ticket.queue == only] if only else []))


def search(care: Care, person: Person, words: str) -> list[Line]:
    """Tickets of somebody's queues by case number, or by the patient's name or record number."""
    sought = words.strip()
    if len(sought) < 2:
        return []
    like = f"%{sought.replace('%', '').replace('_', '')}%"
    people = select(Patient.id).where(or_(Patient.full_name.ilike(like), Patient.reference == sought))
    with care.store.work() as session:
        audit(care, session, person.actor, None, "desk_searched")
        return _lines(care, session, person, or_(Ticket.case_number.ilike(like), Ticket.patient_id.in_(people)))


def open_ticket(care: Care, person: Person, case_number: str) -> Opened:
    """Open a ticket, with its brief and what was said, unless a transfer's brief is to be read as a step of its own.

    Raise NotYours, which is written down too.
    """
    refused = False
    with care.store.work() as session:
        ticket = _find(session, case_number)
        if ticket is None or not person.serves(ticket.queue):
            refused = True
            audit(care, session, person.actor, None, "ticket_refused", case_number[:20])
        else:
            opened = _open(care, session, person, ticket)
    if refused:
        raise NotYours("no ticket of that number is yours")
    return opened


def said_since(care: Care, person: Person, case_number: str, after: int) -> tuple[list[Said], str | None]:
    """What was said after a message, for the page that has the ticket open; and where its transfer stands."""
    with care.store.reading() as session:
        ticket = _find(session, case_number)
        if ticket is None or not person.serves(ticket.queue):
            raise NotYours("no ticket of that number is yours")
        view = _transfer_of(session, ticket)
        if _hidden(view, person):
            return [], view.state if view else None
        return _said(session, ticket, after), view.state if view else None


def transfer_of(care: Care, person: Person, case_number: str) -> View | None:
    """The transfer of a ticket. Raise NotYours."""
    with care.store.reading() as session:
        return _transfer_of(session, _mine(session, person, case_number))


def take(care: Care, person: Person, case_number: str) -> bool:
    """Take a ticket over; False when somebody has it. Raise NotYours."""
    with care.store.work() as session:
        return transfers.take_ticket(care, session, person, _mine(session, person, case_number))


def made_call(care: Care, person: Person, case_number: str, note: str) -> int:
    """The patient was reached: what was promised about it is kept. Raise NotYours."""
    with care.store.work() as session:
        ticket = _mine(session, person, case_number)
        transfers.take_ticket(care, session, person, ticket)
        desk.note(care, session, ticket, "called", note or None, person.actor)
        return transfers.called(care, session, person, ticket)


def keep_promise(care: Care, person: Person, case_number: str, promise_id: int) -> None:
    """One promise was kept. Raise NotYours."""
    with care.store.work() as session:
        ticket = _mine(session, person, case_number)
        row = session.get(Commitment, promise_id)
        if row is None or row.ticket_id != ticket.id:
            raise NotYours("no such promise on this ticket")
        watch.keep(care, session, ticket, person.actor, row.what)


def add_note(care: Care, person: Person, case_number: str, words: str) -> None:
    """Write something down on a ticket. Raise NotYours, ValueError for no words."""
    if not words.strip():
        raise ValueError("a note has words")
    with care.store.work() as session:
        desk.note(care, session, _mine(session, person, case_number), "note", words.strip(), person.actor)


def resolve(care: Care, person: Person, case_number: str, outcome: str, note: str) -> None:
    """Finish a ticket with an outcome and a reason. Raise NotYours, StillPromised, ValueError."""
    if outcome not in OUTCOMES or not note.strip():
        raise ValueError("a ticket ends with an outcome and a reason")
    with care.store.work() as session:
        ticket = _mine(session, person, case_number)
        if ticket.status != desk.OPEN:
            return
        view = _transfer_of(session, ticket)
        if view is not None and view.state in LIVE:
            raise StillPromised("a patient is in the chat with this ticket")
        owed = select(Commitment.id).where(Commitment.ticket_id == ticket.id, Commitment.status == watch.OPEN)
        if session.execute(owed.limit(1)).first() is not None:
            raise StillPromised("something promised on it is still to be done")
        transfers.take_ticket(care, session, person, ticket)
        work = session.get(TicketWork, ticket.id)
        work.finished_at, work.finished_by, work.outcome = care.now(), person.staff_id, outcome
        ticket.status = desk.CLOSED
        session.flush()
        desk.note(care, session, ticket, "resolved", f"{outcome}: {note.strip()}", person.actor)


def calls(care: Care, person: Person) -> list[Owed]:
    """Every promise of somebody's queues that is still to be kept, the soonest first."""
    with care.store.reading() as session:
        rows = session.execute(
            select(Commitment, Ticket)
            .join(Ticket, Commitment.ticket_id == Ticket.id)
            .where(Commitment.status == watch.OPEN, Ticket.queue.in_(person.queues))
            .order_by(Commitment.due_at, Commitment.id)
            .limit(AT_ONCE)
        ).all()
        return [
            Owed(ticket.case_number, ticket.queue, row.what, row.due_at, row.due_at <= care.now())
            for row, ticket in rows
        ]


def holds(care: Care, person: Person, within: timedelta = timedelta(days=7)) -> list[Held]:
    """The holds whose review day is near or past; only for those who see to bills."""
    if not person.serves("billing"):
        return []
    with care.store.reading() as session:
        rows = session.execute(
            select(Dispute.case_number, Hold.charge_id, Hold.amount_cents, Hold.review_on)
            .join(Hold, Hold.dispute_id == Dispute.id)
            .where(Hold.status == "active", Dispute.status == "open", Hold.review_on <= care.today() + within)
            .order_by(Hold.review_on, Hold.id)
            .limit(AT_ONCE)
        ).all()
        return [Held(*row) for row in rows]


def keep_hold(care: Care, person: Person, case_number: str, review_on: date, reason: str) -> None:
    """Keep a hold until another day. Raise NotYours, NoSuchDispute, ValueError."""
    _for_billing(person)
    disputes.keep_hold(care, case_number, person.actor, review_on, _reason(reason))


def end_hold(care: Care, person: Person, case_number: str, charge_ids: Collection[int], reason: str) -> None:
    """End a hold on some charges. Raise NotYours, NoSuchDispute, ValueError."""
    _for_billing(person)
    disputes.end_holds(care, case_number, person.actor, _reason(reason), charge_ids)


def late(care: Care, person: Person) -> list[Late]:
    """What is late and no supervisor has seen yet, in every queue, without a word of what it is about (R3)."""
    if not person.supervises:
        return []
    with care.store.reading() as session:
        rows = session.execute(
            select(Escalation, Ticket.case_number, Ticket.queue, Commitment.what)
            .join(Ticket, Escalation.ticket_id == Ticket.id)
            .outerjoin(Commitment, Escalation.commitment_id == Commitment.id)
            .where(Escalation.seen_at.is_(None))
            .order_by(Escalation.due_at, Escalation.id)
            .limit(AT_ONCE)
        ).all()
        return [Late(row.id, case, name, what or "not taken over", row.due_at) for row, case, name, what in rows]


def seen(care: Care, person: Person, escalation_id: int) -> None:
    """A supervisor has seen to it. Raise NotYours."""
    if not person.supervises:
        raise NotYours("only a supervisor sees to what is late")
    with care.store.work() as session:
        row = session.get(Escalation, escalation_id)
        if row is not None and row.seen_at is None:
            row.seen_at, row.seen_by = care.now(), person.staff_id
            desk.note(care, session, session.get(Ticket, row.ticket_id), "seen_by_supervisor", by=person.actor)


def _for_billing(person: Person) -> None:
    if not person.serves("billing"):
        raise NotYours("holds are for those who see to bills")


def _reason(words: str) -> str:
    if not words.strip():
        raise ValueError("a hold is kept or ended for a reason")
    return words.strip()


def _find(session: Session, case_number: str) -> Ticket | None:
    found: Ticket | None = session.execute(
        select(Ticket).where(Ticket.case_number == case_number.strip().upper())
    ).scalar_one_or_none()
    return found


def _mine(session: Session, person: Person, case_number: str) -> Ticket:
    ticket = _find(session, case_number)
    if ticket is None or not person.serves(ticket.queue):
        raise NotYours("no ticket of that number is yours")
    return ticket


def _lines(care: Care, session: Session, person: Person, *conditions: object) -> list[Line]:
    waits = (
        select(Transfer.id).where(Transfer.ticket_id == Ticket.id, Transfer.state.in_((*WAITING, CONNECTED))).exists()
    )
    rows = session.execute(
        select(Ticket, waits, Staff.name)
        .outerjoin(TicketWork, TicketWork.ticket_id == Ticket.id)
        .outerjoin(Staff, TicketWork.taken_by == Staff.id)
        .where(Ticket.queue.in_(person.queues), *conditions)
        .order_by(waits.desc(), Ticket.due_at, Ticket.id)
        .limit(AT_ONCE)
    ).all()
    return [_line(care, ticket, bool(waiting), taken) for ticket, waiting, taken in rows]


def _line(care: Care, ticket: Ticket, waiting: bool, taken_by: str | None) -> Line:
    return Line(
        case_number=ticket.case_number,
        queue=ticket.queue,
        priority=ticket.priority,
        inquiry=ticket.inquiry,
        due_at=ticket.due_at,
        late=ticket.status == desk.OPEN and ticket.due_at <= care.now(),
        waiting=waiting,
        taken_by=taken_by,
        status=ticket.status,
    )


def _transfer_of(session: Session, ticket: Ticket) -> View | None:
    row = session.execute(
        select(Transfer).where(Transfer.ticket_id == ticket.id).order_by(Transfer.id.desc()).limit(1)
    ).scalar_one_or_none()
    return None if row is None else transfers.view_of(row)


def _hidden(view: View | None, person: Person) -> bool:
    """While a patient waits, the brief is read as a step of the transfer, so that it is known who has read it."""
    return view is not None and view.state in (*WAITING, CONNECTED) and view.holder_id != person.staff_id


def _open(care: Care, session: Session, person: Person, ticket: Ticket) -> Opened:
    view = _transfer_of(session, ticket)
    hidden = _hidden(view, person)
    taken = session.execute(
        select(Staff.name).join(TicketWork, TicketWork.taken_by == Staff.id).where(TicketWork.ticket_id == ticket.id)
    ).scalar_one_or_none()
    audit(care, session, person.actor, ticket.patient_id, "ticket_opened", ticket.case_number, ticket.conversation_id)
    said: tuple[Said, ...] = ()
    if not hidden and ticket.conversation_id is not None:
        said = tuple(_said(session, ticket, 0))
        audit(
            care,
            session,
            person.actor,
            ticket.patient_id,
            "transcript_opened",
            ticket.case_number,
            ticket.conversation_id,
        )
    history = session.execute(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    ).scalars()
    promises = session.execute(
        select(Commitment).where(Commitment.ticket_id == ticket.id).order_by(Commitment.due_at, Commitment.id)
    ).scalars()
    return Opened(
        line=_line(care, ticket, view is not None and view.state in (*WAITING, CONNECTED), taken),
        opened_at=ticket.opened_at,
        transfer=view,
        mine=view is not None and view.holder_id == person.staff_id and view.state in (ACCEPTED, CONNECTED),
        brief=() if hidden else briefs.ten_lines(care, session, ticket),
        said=said,
        history=tuple(Happened(row.at, row.actor, row.kind, None if hidden else row.detail) for row in history.all()),
        promises=tuple((row.id, row.what, row.due_at, row.status) for row in promises.all()),
        linked=tuple(
            (other.case_number, f"{other.queue}, {other.status}")
            for other, _ in desk.linked(session, ticket)
            if person.serves(other.queue)
        ),
    )


def _said(session: Session, ticket: Ticket, after: int) -> list[Said]:
    if ticket.conversation_id is None:
        return []
    rows = session.execute(
        select(Message)
        .where(and_(Message.conversation_id == ticket.conversation_id, Message.id > after))
        .order_by(Message.id.desc())
        .limit(AT_ONCE)
    ).scalars()
    return [Said(row.id, row.sender, row.text, row.at) for row in reversed(rows.all())]
