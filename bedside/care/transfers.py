"""The warm transfer (BRIEF 3.9, R8): offered, agreed, briefed, accepted, connected, closed; or a callback instead.

Never cold: the patient agrees first, somebody of the staff reads the brief, takes it on, and confirms name and issue
before they are connected. Each step is a row that names the one before it; the database refuses any other, so what
isn't written here didn't happen. A connection that was lost is found again under the same case, and nobody tells their
story twice.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bedside.care import briefs, desk, outbox, promises, watch
from bedside.care.context import Care
from bedside.care.ledger import audit
from bedside.organization import display_phone
from bedside.records.desk_tables import (
    ACCEPTED,
    AGREED,
    BRIEFED,
    CALLBACK,
    CLOSED,
    CONNECTED,
    DECLINED,
    LEGAL_STEPS,
    LIVE,
    LOST,
    OFFERED,
    WAITING,
    Staff,
    StaffSession,
    TicketWork,
    Transfer,
    TransferStep,
)
from bedside.records.tables import Ticket

ASSISTANT, PATIENT = "assistant", "patient"
CONTACT = "staff_contact"
WEB = "web"  # the one channel so far on which staff can join
_SAMPLES, _ENOUGH = 20, 5
_RECENT = timedelta(days=14)


class TransferError(Exception):
    """Why a step can't be taken; nothing was changed."""


class NotThatState(TransferError):
    """The transfer stands elsewhere: somebody else was faster, or the patient has left."""

    def __init__(self, state: str, wanted: str) -> None:
        """`state`: where it stands; `wanted`: where it was to go."""
        self.state, self.wanted = state, wanted
        super().__init__(f"a transfer that is {state} can't be {wanted}")


class NotYours(TransferError):
    """The queue isn't theirs, or somebody else has it."""


@dataclass(frozen=True)
class Person:
    """Somebody of the staff, as signed in."""

    staff_id: int
    login: str
    name: str
    queues: tuple[str, ...]
    supervises: bool = False

    @property
    def actor(self) -> str:
        """How they are named in histories and in the audit log."""
        return f"staff:{self.login}"

    def serves(self, queue: str) -> bool:
        """Whether the work of a queue is theirs."""
        return queue in self.queues


@dataclass(frozen=True)
class Wait:
    """An honest wait, from the queue's own figures. `on_duty`: how many are at the desk; `ahead`: who waits already."""

    minutes: int
    on_duty: int
    ahead: int


@dataclass(frozen=True)
class Offer:
    """What the patient is offered: who, after which wait, and whether somebody can join the chat they are in."""

    view: View
    wait: Wait
    can_join: bool


@dataclass(frozen=True)
class View:
    """A transfer as it stands."""

    transfer_id: int
    conversation_id: str
    queue: str
    inquiry: str
    channel: str
    language: str
    state: str
    ticket_id: int | None
    holder_id: int | None
    wait_minutes: int | None
    wait_until: datetime | None

    @property
    def live(self) -> bool:
        """Whether it is under way."""
        return self.state in LIVE


# What the assistant asks ------------------------------------------------------------------------------------------


def wait_for(care: Care, session: Session, queue: str) -> Wait:
    """How long somebody who agrees now would wait, told without hope: the median of the last transfers, for everybody
    ahead too, and never less than somebody is waiting already."""
    on_duty = len(people_on_duty(care, session, queue))
    waiting = session.execute(
        select(func.min(TransferStep.at), func.count(func.distinct(Transfer.id)))
        .join(Transfer, TransferStep.transfer_id == Transfer.id)
        .where(Transfer.queue == queue, Transfer.state.in_(WAITING), TransferStep.to_state == AGREED)
    ).one()
    # The database gives the least of a column in the column's own type.
    longest, ahead = waiting[0], int(waiting[1])
    usual = _usual_minutes(care, session, queue)
    minutes = math.ceil(usual * (1 + ahead / max(1, on_duty)))
    if longest is not None:
        minutes = max(minutes, math.ceil((care.now() - longest) / timedelta(minutes=1)))
    return Wait(max(1, minutes), on_duty, ahead)


def people_on_duty(care: Care, session: Session, queue: str) -> list[int]:
    """Who is signed in at the desk for a queue and has done something lately."""
    idle = timedelta(minutes=care.organization.desk.session_idle_minutes)
    rows = session.execute(
        select(Staff.id, Staff.queues)
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(
            StaffSession.ended_at.is_(None),
            StaffSession.expires_at > care.now(),
            StaffSession.last_used_at > care.now() - idle,
            Staff.ended_at.is_(None),
        )
        .order_by(Staff.id)
    ).all()
    return list(dict.fromkeys(key for key, queues in rows if queue in queues))


def _usual_minutes(care: Care, session: Session, queue: str) -> float:
    connected = (
        select(TransferStep.transfer_id, func.min(TransferStep.at).label("at"))
        .where(TransferStep.to_state == CONNECTED, TransferStep.at > care.now() - _RECENT)
        .group_by(TransferStep.transfer_id)
        .subquery()
    )
    agreed = (
        select(TransferStep.transfer_id, func.min(TransferStep.at).label("at"))
        .where(TransferStep.to_state == AGREED)
        .group_by(TransferStep.transfer_id)
        .subquery()
    )
    rows = session.execute(
        select(agreed.c.at, connected.c.at)
        .join(connected, connected.c.transfer_id == agreed.c.transfer_id)
        .join(Transfer, Transfer.id == agreed.c.transfer_id)
        .where(Transfer.queue == queue)
        .order_by(connected.c.at.desc())
        .limit(_SAMPLES)
    ).all()
    if len(rows) < _ENOUGH:
        return float(care.organization.queue(queue).typical_wait_minutes)
    return statistics.median((until - since) / timedelta(minutes=1) for since, until in rows)


def current(care: Care, conversation_id: str) -> View | None:
    """The newest transfer of a conversation, wherever it stands."""
    with care.store.reading() as session:
        row = _newest(session, conversation_id)
        return None if row is None else view_of(row)


def case_of(care: Care, view: View) -> str:
    """The case number that a transfer is about."""
    with care.store.reading() as session:
        return str(session.execute(select(Ticket.case_number).where(Ticket.id == view.ticket_id)).scalar_one())


# The assistant's side ---------------------------------------------------------------------------------------------


def offer(
    care: Care, conversation_id: str, queue: str, inquiry: str, channel: str = "rest", language: str = "en"
) -> Offer:
    """Offer a person of a queue; the wait that the patient is told is kept. Offered again, the offer is renewed."""
    with care.store.work() as session:
        wait = wait_for(care, session, queue)
        row = _live(session, conversation_id)
        if row is not None and row.state != OFFERED:
            return Offer(view_of(row), wait, can_join=False)  # one at a time
        if row is not None and (row.queue, row.inquiry) != (queue, inquiry):
            _step(care, session, row, LOST, ASSISTANT, detail="something else came first")
            row = None
        if row is None:
            row = _begin(care, session, conversation_id, queue, inquiry, channel, language)
        row.wait_minutes = wait.minutes
        row.joins = row.joins or (channel == WEB and wait.on_duty > 0)
        session.flush()
        return Offer(view_of(row), wait, can_join=channel == WEB and wait.on_duty > 0)


def joinable(care: Care, conversation_id: str) -> bool:
    """Whether somebody could join this conversation now, as it was offered: on a channel that they can write on."""
    with care.store.reading() as session:
        row = _newest(session, conversation_id)
        if row is None or row.state != OFFERED or not row.joins:
            return False
        return bool(people_on_duty(care, session, row.queue))


def agree(care: Care, session: Session, conversation_id: str, ticket: Ticket, words: str, **known: str) -> View:
    """The patient agrees to be brought to somebody now, in their own words. `known` as for `offer`."""
    row = _offered(care, session, conversation_id, ticket, known)
    row.ticket_id = ticket.id
    minutes = wait_for(care, session, row.queue).minutes
    row.wait_minutes = minutes
    row.wait_until = care.now() + timedelta(minutes=minutes)
    _step(care, session, row, AGREED, PATIENT, words=words)
    desk.note(care, session, ticket, "transfer_agreed", words)
    return view_of(row)


def agree_to_callback(
    care: Care, session: Session, conversation_id: str, ticket: Ticket, words: str, **known: str
) -> View | None:
    """The patient agrees that their request is passed on and that they are called.

    None where another transfer of theirs is under way: then the ticket alone says that they agreed.
    """
    under_way = _live(session, conversation_id)
    if under_way is not None and under_way.state != OFFERED:
        desk.note(care, session, ticket, "agreed_to_be_called", words)
        return None
    row = _offered(care, session, conversation_id, ticket, known)
    row.ticket_id = ticket.id
    _step(care, session, row, CALLBACK, PATIENT, words=words)
    return view_of(row)


@dataclass(frozen=True)
class Promised:
    """A call that was promised: the case, whose it is, by when (UTC)."""

    case_number: str
    queue: str
    due_at: datetime


def call_instead(care: Care, conversation_id: str, words: str) -> Promised | None:
    """Somebody who waits in the chat would rather be called. None when they don't wait."""
    with care.store.work() as session:
        row = _live(session, conversation_id)
        if row is None or row.state not in WAITING:
            return None
        ticket = session.get(Ticket, row.ticket_id)
        _step(care, session, row, CALLBACK, PATIENT, words=words)
        promise = promises.renew(care, session, ticket, CONTACT, ticket.due_at, words)
        desk.note(care, session, ticket, "call_wished", words)
        return Promised(ticket.case_number, row.queue, promise.due_at)


def decline(care: Care, conversation_id: str, words: str) -> None:
    """The patient would rather not; nothing is passed on."""
    with care.store.work() as session:
        row = _live(session, conversation_id)
        if row is not None and row.state == OFFERED:
            _step(care, session, row, DECLINED, PATIENT, words=words)


def lose(care: Care, conversation_id: str, detail: str) -> View | None:
    """The patient's connection is gone. Who had agreed keeps their place: they are called as promised, or come back."""
    with care.store.work() as session:
        row = _live(session, conversation_id)
        if row is None:
            return None
        _step(care, session, row, LOST, ASSISTANT, detail=detail)
        if row.ticket_id is not None:
            desk.note(care, session, session.get(Ticket, row.ticket_id), "connection_lost", detail)
        return view_of(row)


def lapse(care: Care, session: Session, conversation_id: str) -> None:
    """An offer that was never answered is over with the conversation."""
    row = _live(session, conversation_id)
    if row is not None and row.state == OFFERED:
        _step(care, session, row, LOST, ASSISTANT, detail="not answered")


def come_back(care: Care, conversation_id: str) -> View | None:
    """Somebody whose connection was lost after they had agreed is back: they are waited for again, under the same case.

    None when there was nothing to come back to.
    """
    with care.store.work() as session:
        row = _newest(session, conversation_id, lock=True)
        if row is None or row.state != LOST or row.ticket_id is None:
            return None
        ticket = session.get(Ticket, row.ticket_id)
        if ticket.status != desk.OPEN:
            return None
        minutes = wait_for(care, session, row.queue).minutes
        row.wait_minutes, row.wait_until = minutes, care.now() + timedelta(minutes=minutes)
        _step(care, session, row, AGREED, PATIENT, detail="came back")
        desk.note(care, session, ticket, "came_back")
        if row.channel == WEB:
            _tell(care, session, row, "utter_transfer_back", f"back:{row.id}:{_last(session, row).number}")
        return view_of(row)


def on_message(care: Care, conversation_id: str) -> bool:
    """Whether somebody of the staff is in the conversation of a message that has just come, so that the assistant
    keeps quiet. Who was cut off and writes again is waited for again."""
    view = current(care, conversation_id)
    if view is not None and view.state == LOST:
        come_back(care, conversation_id)
    return view is not None and view.state == CONNECTED


def alert(care: Care, conversation_id: str, words: str) -> None:
    """Tell whoever is in the conversation that the assistant has answered an emergency in it (R2)."""
    with care.store.work() as session:
        row = _live(session, conversation_id)
        if row is not None and row.ticket_id is not None:
            desk.note(care, session, session.get(Ticket, row.ticket_id), "emergency_in_talk", words)


# The staff's side -------------------------------------------------------------------------------------------------


def open_brief(care: Care, person: Person, transfer_id: int) -> tuple[str, ...]:
    """Read the brief; what was read is kept with the transfer, and the opening is in the audit log.

    Raise NotYours, NotThatState.
    """
    with care.store.work() as session:
        row = _theirs(session, person, transfer_id)
        ticket = session.get(Ticket, row.ticket_id) if row.ticket_id else None
        if ticket is None:
            raise NotThatState(row.state, BRIEFED)
        lines = briefs.ten_lines(care, session, ticket)
        _step(care, session, row, BRIEFED, person.actor, holder=person.staff_id, brief=briefs.as_text(lines))
        audit(care, session, person.actor, ticket.patient_id, "brief_opened", ticket.case_number, row.conversation_id)
        return lines


def accept(care: Care, person: Person, transfer_id: int) -> View:
    """Take it on. Only whoever read the brief last can. Raise NotYours, NotThatState."""
    with care.store.work() as session:
        row = _held(session, person, transfer_id, ACCEPTED)
        _step(care, session, row, ACCEPTED, person.actor, holder=person.staff_id)
        ticket = session.get(Ticket, row.ticket_id)
        take_ticket(care, session, person, ticket)
        desk.note(care, session, ticket, "transfer_accepted", by=person.actor)
        return view_of(row)


def connect(care: Care, person: Person, transfer_id: int, name: str, issue: str) -> View:
    """Join the conversation, after confirming whom they speak with and what it is about.

    The patient is told who has joined, and that they know what it is about. What was promised is kept by this.
    Raise NotYours, NotThatState, and ValueError without name and issue.
    """
    if not name.strip() or not issue.strip():
        raise ValueError("name and issue are confirmed before anybody is connected")
    with care.store.work() as session:
        row = _held(session, person, transfer_id, CONNECTED)
        _step(
            care,
            session,
            row,
            CONNECTED,
            person.actor,
            holder=person.staff_id,
            confirmed_name=name.strip(),
            confirmed_issue=issue.strip(),
        )
        ticket = session.get(Ticket, row.ticket_id)
        watch.keep(care, session, ticket, person.actor, CONTACT)
        desk.note(care, session, ticket, "connected", by=person.actor)
        _tell(
            care,
            session,
            row,
            "utter_transfer_joined",
            f"joined:{row.id}:{_last(session, row).number}",
            staff_name=person.name,
            confirmed=name.strip(),
            issue=issue.strip(),
        )
        return view_of(row)


def say(care: Care, person: Person, transfer_id: int, words: str) -> None:
    """Write to the patient. Raise NotYours, NotThatState when they are not connected, ValueError for no words."""
    if not words.strip():
        raise ValueError("a message has words")
    with care.store.work() as session:
        row = _held(session, person, transfer_id, CONNECTED, standing=CONNECTED)
        outbox.push(care, session, row.conversation_id, "staff", words.strip())


def release(care: Care, person: Person, transfer_id: int, why: str) -> View:
    """Give back what was taken on, before they are connected: somebody else of the queue takes it. Raise NotYours."""
    with care.store.work() as session:
        row = _held(session, person, transfer_id, AGREED, standing=ACCEPTED)
        _step(care, session, row, AGREED, person.actor, detail=why)
        return view_of(row)


def promise_call(care: Care, person: Person, transfer_id: int, by: datetime, why: str) -> View:
    """Call later instead, by a time that the patient is told (R7, R8). Raise NotYours, NotThatState."""
    with care.store.work() as session:
        row = _theirs(session, person, transfer_id)
        if row.ticket_id is None:
            raise NotThatState(row.state, CALLBACK)
        ticket = session.get(Ticket, row.ticket_id)
        _step(care, session, row, CALLBACK, person.actor, detail=why)
        _callback(care, session, row, ticket, by)
        return view_of(row)


def finish(care: Care, person: Person, transfer_id: int, note: str) -> View:
    """End the conversation with the patient and hand it back to the assistant, which says so. The ticket stays open
    until it is resolved. Raise NotYours, NotThatState."""
    with care.store.work() as session:
        row = _held(session, person, transfer_id, CLOSED, standing=CONNECTED)
        _step(care, session, row, CLOSED, person.actor, detail=note)
        desk.note(care, session, session.get(Ticket, row.ticket_id), "handed_back", note, by=person.actor)
        _tell(care, session, row, "utter_transfer_handed_back", f"closed:{row.id}", staff_name=person.name)
        return view_of(row)


def called(care: Care, session: Session, person: Person, ticket: Ticket) -> int:
    """The call was made: what was promised on the ticket is kept, and a transfer that waited for it is closed."""
    kept = watch.keep(care, session, ticket, person.actor, CONTACT)
    for row in session.execute(
        select(Transfer)
        .where(Transfer.ticket_id == ticket.id, Transfer.state.in_((CALLBACK, LOST)))
        .with_for_update(key_share=True)
    ).scalars():
        _step(care, session, row, CLOSED, person.actor, detail="called")
    return kept


def take_ticket(care: Care, session: Session, person: Person, ticket: Ticket) -> bool:
    """Write that somebody has taken a ticket over; False when somebody had."""
    if session.get(TicketWork, ticket.id) is not None:
        return False
    session.add(TicketWork(ticket_id=ticket.id, taken_at=care.now(), taken_by=person.staff_id))
    session.flush()
    desk.note(care, session, ticket, "taken", by=person.actor)
    return True


# The worker's side ------------------------------------------------------------------------------------------------


def keep_waits_honest(care: Care) -> int:
    """Tell everybody who has waited as long as they were told how it stands, before they have to ask; how many.

    Where nobody is at the desk any more, the call that was promised with the ticket takes the place of the wait.
    """
    over = (Transfer.state.in_(WAITING), Transfer.wait_until <= care.now())
    with care.store.reading() as session:
        ids = session.execute(select(Transfer.id).where(*over).order_by(Transfer.id)).scalars().all()
    done = 0
    for transfer_id in ids:
        with care.store.work() as session:
            row = session.execute(
                select(Transfer).where(Transfer.id == transfer_id, *over).with_for_update(key_share=True)
            ).scalar_one_or_none()
            if row is None:
                continue
            done += 1
            if not people_on_duty(care, session, row.queue):
                ticket = session.get(Ticket, row.ticket_id)
                _step(care, session, row, CALLBACK, ASSISTANT, detail="nobody is at the desk")
                _callback(care, session, row, ticket, None)
                continue
            minutes = wait_for(care, session, row.queue).minutes
            row.wait_minutes, row.wait_until = minutes, care.now() + timedelta(minutes=minutes)
            session.flush()
            key = f"longer:{row.id}:{care.now().timestamp():.0f}"
            _tell(care, session, row, "utter_transfer_longer", key, wait=minutes)
    return done


def _callback(care: Care, session: Session, row: Transfer, ticket: Ticket, by: datetime | None) -> None:
    """Promise the call, and tell the patient by when."""
    due_at = by or max(ticket.due_at, desk.due_time(care, ticket.priority, ticket.queue))
    promise = promises.renew(care, session, ticket, CONTACT, due_at)
    desk.note(care, session, ticket, "callback_promised", promise.due_at.isoformat())
    key = f"callback:{row.id}:{_last(session, row).number}"
    _tell(care, session, row, "utter_transfer_callback", key, due_at=promise.due_at)


# Steps ------------------------------------------------------------------------------------------------------------


def _step(
    care: Care,
    session: Session,
    row: Transfer,
    to_state: str,
    actor: str,
    *,
    holder: int | None = None,
    **facts: str | None,
) -> TransferStep:
    """Take one step. Raise NotThatState where it doesn't follow from the last one."""
    last = _last(session, row)
    if to_state not in LEGAL_STEPS[last.to_state]:
        raise NotThatState(last.to_state, to_state)
    consent = session.execute(
        select(TransferStep.number, TransferStep.to_state)
        .where(TransferStep.transfer_id == row.id, TransferStep.to_state.in_((AGREED, CALLBACK)))
        .order_by(TransferStep.number.desc())
        .limit(1)
    ).first()
    step = TransferStep(
        transfer_id=row.id,
        number=last.number + 1,
        before=last.number,
        from_state=last.to_state,
        to_state=to_state,
        at=care.now(),
        actor=actor,
        holder_id=holder,
        from_holder_id=last.holder_id if holder is not None else None,
        consent=None if consent is None else consent[0],
        consent_state=None if consent is None else consent[1],
        **facts,
    )
    with session.no_autoflush:  # the step stands before the state that it leads to
        session.add(step)
        session.flush([step])
        row.state, row.holder_id = to_state, holder
        session.flush()
    return step


def _begin(
    care: Care, session: Session, conversation_id: str, queue: str, inquiry: str, channel: str, language: str
) -> Transfer:
    row = Transfer(
        conversation_id=conversation_id,
        queue=queue,
        inquiry=inquiry,
        channel=channel,
        language=language,
        state=OFFERED,
        opened_at=care.now(),
    )
    session.add(row)
    session.flush()
    session.add(TransferStep(transfer_id=row.id, number=1, to_state=OFFERED, at=care.now(), actor=ASSISTANT))
    session.flush()
    return row


def _offered(care: Care, session: Session, conversation_id: str, ticket: Ticket, known: dict[str, str]) -> Transfer:
    """The offer that is being answered. One that isn't there was made in words that were lost: it is written now."""
    row = _live(session, conversation_id)
    if row is None:
        row = _begin(
            care,
            session,
            conversation_id,
            ticket.queue,
            ticket.inquiry,
            known.get("channel", "rest"),
            known.get("language", "en"),
        )
    if row.state != OFFERED:
        raise NotThatState(row.state, AGREED)
    row.queue = ticket.queue
    return row


def _live(session: Session, conversation_id: str) -> Transfer | None:
    found: Transfer | None = session.execute(
        select(Transfer)
        .where(Transfer.conversation_id == conversation_id, Transfer.state.in_(LIVE))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    return found


def _newest(session: Session, conversation_id: str, lock: bool = False) -> Transfer | None:
    rows = select(Transfer).where(Transfer.conversation_id == conversation_id).order_by(Transfer.id.desc()).limit(1)
    found: Transfer | None = session.execute(
        rows.with_for_update(key_share=True) if lock else rows
    ).scalar_one_or_none()
    return found


def _last(session: Session, row: Transfer) -> TransferStep:
    found: TransferStep = session.execute(
        select(TransferStep).where(TransferStep.transfer_id == row.id).order_by(TransferStep.number.desc()).limit(1)
    ).scalar_one()
    return found


def _theirs(session: Session, person: Person, transfer_id: int) -> Transfer:
    row: Transfer | None = session.execute(
        select(Transfer)
        .where(Transfer.id == transfer_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None or not person.serves(row.queue):
        raise NotYours("no transfer of that number is yours")
    if row.state in (ACCEPTED, CONNECTED) and row.holder_id != person.staff_id:
        raise NotYours("a colleague has it")
    return row


def _held(session: Session, person: Person, transfer_id: int, wanted: str, standing: str | None = None) -> Transfer:
    """A transfer that this person has in hand. `standing`: where it must stand; else a step to `wanted` must follow."""
    row = _theirs(session, person, transfer_id)
    legal = row.state == standing if standing is not None else wanted in LEGAL_STEPS[row.state]
    if not legal:
        raise NotThatState(row.state, wanted)
    if row.holder_id != person.staff_id:
        raise NotYours("whoever takes it has read the brief")
    return row


def _tell(care: Care, session: Session, row: Transfer, response: str, key: str, **facts: Any) -> None:
    """A message into the patient's conversation, where the page can show it."""
    queue = care.organization.queue(row.queue)
    ticket = session.get(Ticket, row.ticket_id)
    outbox.put(
        care,
        session,
        key,
        response,
        conversation_id=row.conversation_id,
        ticket_id=row.ticket_id,
        patient_id=ticket.patient_id,
        team=queue.name_in(row.language),
        queue_phone=display_phone(queue.phone),
        case_number=ticket.case_number,
        **facts,
    )


def view_of(row: Transfer) -> View:
    """A transfer's row as others see it."""
    return View(
        transfer_id=row.id,
        conversation_id=row.conversation_id,
        queue=row.queue,
        inquiry=row.inquiry,
        channel=row.channel,
        language=row.language,
        state=row.state,
        ticket_id=row.ticket_id,
        holder_id=row.holder_id,
        wait_minutes=row.wait_minutes,
        wait_until=row.wait_until,
    )


def under_way(session: Session, queues: Collection[str]) -> list[View]:
    """Every transfer under way in these queues, who waits longest first."""
    rows = session.execute(
        select(Transfer)
        .where(Transfer.queue.in_(list(queues)), Transfer.state.in_((*WAITING, CONNECTED)))
        .order_by(Transfer.opened_at, Transfer.id)
    ).scalars()
    return [view_of(row) for row in rows]
