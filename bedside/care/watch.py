"""Promises and tickets on their way (R7): staff are reminded, the patient is told before a promise is missed, and the
supervisor hears of what is late, once for each thing, at the minute it becomes late.

Each row is looked at again in a unit of work of its own; the records' constraints hold each step to happen once.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bedside.care import desk, disputes, outbox, promises
from bedside.care.agenda import CLINICAL_QUEUES
from bedside.care.context import Care
from bedside.organization import display_phone
from bedside.records.desk_tables import CommitmentWatch, Escalation, TicketWork
from bedside.records.tables import Commitment, Ticket

WORKER = "worker"
TO_STAFF = (disputes.HOLD_REVIEW,)
"""Promises that the house made to itself; no patient waits for them."""
_LOOK_AHEAD = timedelta(days=6)  # over a long weekend
OPEN, KEPT, MISSED = "open", "kept", "missed"


# When -------------------------------------------------------------------------------------------------------------


def remind_at(care: Care, promise: Commitment) -> datetime:
    """When the staff are reminded (UTC): some time before it is due, at half of the way at the earliest, and while
    somebody is there."""
    early = timedelta(minutes=care.organization.desk.remind_minutes_before)
    moment: datetime = promise.due_at - min(early, (promise.due_at - promise.made_at) / 2)
    if care.organization.queue(promise.owner).always or care.calendar.is_open(moment):
        return moment
    tz = care.organization.tz
    day = moment.astimezone(tz).date()
    while True:  # the last time somebody was there before that
        if care.calendar.is_business_day(day) and care.calendar.closing(day) <= moment:
            before = (care.calendar.closing(day) - early).astimezone(timezone.utc)
            return max(before, promise.made_at)
        day -= timedelta(days=1)
        if day < promise.made_at.astimezone(tz).date():
            return moment


def tell_at(care: Care, promise: Commitment) -> datetime:
    """When the patient is told that it may be late (UTC): before it is due, however short the promise is."""
    early = timedelta(minutes=care.organization.desk.tell_minutes_before)
    moment: datetime = promise.due_at - min(early, (promise.due_at - promise.made_at) / 4)
    return moment


# The worker's jobs ------------------------------------------------------------------------------------------------


def remind_staff(care: Care) -> int:
    """Remind whoever owes a promise, before it is due; how many."""
    done = 0
    for promise_id in _open_until(care, care.now() + _LOOK_AHEAD, CommitmentWatch.reminded_at.is_(None)):
        with care.store.work() as session:
            promise, watch = _look(session, promise_id)
            if promise.status != OPEN or watch.reminded_at is not None or remind_at(care, promise) > care.now():
                continue
            watch.reminded_at = care.now()
            if promise.due_at > care.now():
                ticket = session.get(Ticket, promise.ticket_id)
                desk.note(care, session, ticket, "reminder", f"{promise.what} by {promise.due_at.isoformat()}", WORKER)
                done += 1
    return done


def tell_patients(care: Care) -> int:
    """Tell every patient whose promise is about to be missed, and promise anew; how many were told."""
    longest = timedelta(minutes=care.organization.desk.tell_minutes_before)
    done = 0
    for promise_id in _open_until(care, care.now() + longest, CommitmentWatch.told_at.is_(None)):
        with care.store.work() as session:
            promise, watch = _look(session, promise_id)
            if promise.status == OPEN and watch.told_at is None and tell_at(care, promise) <= care.now():
                _tell(care, session, promise, watch)
                done += 1
    return done


def escalate_promises(care: Care) -> int:
    """Write down what was missed, and tell the supervisor; how many. Who wasn't told before is told first."""
    done = 0
    for promise_id in _open_until(care, care.now(), CommitmentWatch.missed_at.is_(None)):
        with care.store.work() as session:
            promise, watch = _look(session, promise_id)
            if promise.status != OPEN or promise.due_at > care.now():
                continue
            if watch.told_at is None:
                _tell(care, session, promise, watch)
            watch.missed_at = care.now()
            session.flush()
            promise.status = MISSED
            ticket = session.get(Ticket, promise.ticket_id)
            _escalate(care, session, ticket, promise.due_at, promise)
            desk.note(care, session, ticket, "promise_missed", promise.what, WORKER)
            done += 1
    return done


def escalate_tickets(care: Care) -> int:
    """Tell the supervisor of every ticket that nobody took over in time; how many."""
    raised = (
        select(Escalation.id)
        .where(
            Escalation.ticket_id == Ticket.id, Escalation.commitment_id.is_(None), Escalation.due_at == Ticket.due_at
        )
        .exists()
    )
    taken = select(TicketWork.ticket_id).where(TicketWork.ticket_id == Ticket.id).exists()
    late = (Ticket.status == desk.OPEN, Ticket.due_at <= care.now(), ~taken, ~raised)
    with care.store.reading() as session:
        ids = list(session.execute(select(Ticket.id).where(*late).order_by(Ticket.due_at, Ticket.id)).scalars())
    done = 0
    for ticket_id in ids:
        with care.store.work() as session:
            still = select(Ticket).where(Ticket.id == ticket_id, *late).with_for_update(key_share=True)
            ticket = session.execute(still).scalar_one_or_none()
            if ticket is not None:
                _escalate(care, session, ticket, ticket.due_at)
                desk.note(care, session, ticket, "escalated", f"Not taken over by {ticket.due_at.isoformat()}.", WORKER)
                done += 1
    return done


def keep(care: Care, session: Session, ticket: Ticket, by: str, what: str | None = None) -> int:
    """Write that what was promised on a ticket was done: one kind of promise, or every one; how many were open."""
    rows = select(Commitment).where(Commitment.ticket_id == ticket.id, Commitment.status == OPEN)
    if what is not None:
        rows = rows.where(or_(Commitment.what == what, Commitment.what.like(f"{what}.%")))
    found = session.execute(rows.order_by(Commitment.id)).scalars().all()
    for promise in found:
        _, watch = _look(session, promise.id)
        promise.status, watch.kept_at, watch.kept_by = KEPT, care.now(), by
        desk.note(care, session, ticket, "promise_kept", promise.what, by)
    return len(found)


# How --------------------------------------------------------------------------------------------------------------


def _open_until(care: Care, until: datetime, *conditions: object) -> list[int]:
    with care.store.reading() as session:
        rows = (
            select(Commitment.id)
            .outerjoin(CommitmentWatch, CommitmentWatch.commitment_id == Commitment.id)
            .where(Commitment.status == OPEN, Commitment.due_at <= until)
            .where(or_(CommitmentWatch.commitment_id.is_(None), *conditions))
            .order_by(Commitment.due_at, Commitment.id)
        )
        return list(session.execute(rows).scalars())


def _look(session: Session, promise_id: int) -> tuple[Commitment, CommitmentWatch]:
    """A promise as it stands now, locked, and what was done about it."""
    promise = session.execute(
        select(Commitment)
        .where(Commitment.id == promise_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one()
    watch = session.get(CommitmentWatch, promise_id)
    if watch is None:
        watch = CommitmentWatch(commitment_id=promise_id)
        session.add(watch)
        session.flush()
    return promise, watch


def _tell(care: Care, session: Session, promise: Commitment, watch: CommitmentWatch) -> None:
    """Promise anew for a later time, and tell the patient of both times. Where nobody can be told, that is noted."""
    ticket = session.get(Ticket, promise.ticket_id)
    kind = promise.what.partition(".")[0]
    watch.told_at = care.now()
    if kind in TO_STAFF:
        return
    again = _renewed(care, session, ticket, promise, kind)
    conversation_id = promise.conversation_id or ticket.conversation_id
    if conversation_id is None and ticket.patient_id is None:
        desk.note(care, session, ticket, "nobody_to_tell", promise.what, WORKER)
        return
    queue = care.organization.queue(ticket.queue)
    response = "utter_notice_late_clinical" if ticket.queue in CLINICAL_QUEUES else "utter_notice_late"
    notice = outbox.put(
        care,
        session,
        f"late:{promise.id}",
        response,
        patient_id=ticket.patient_id,
        conversation_id=conversation_id,
        ticket_id=ticket.id,
        case_number=ticket.case_number,
        queue=ticket.queue,
        queue_phone=display_phone(queue.phone),
        due_at=again.due_at,
    )
    watch.notice_id = notice.id
    desk.note(care, session, ticket, "patient_told", f"{promise.what}: now by {again.due_at.isoformat()}", WORKER)


def _renewed(care: Care, session: Session, ticket: Ticket, promise: Commitment, kind: str) -> Commitment:
    """The promise that takes the place of one that may be missed; each time twice as much later."""
    earlier = promises.all_of(session, ticket, kind)
    rules, times = care.organization.desk, 2 ** min(len(earlier) - 1, 4)
    start = max(promise.due_at, care.now())
    if ticket.priority == desk.IMMEDIATE or care.organization.queue(ticket.queue).always:
        due_at = start + timedelta(minutes=rules.renew_immediate_minutes * times)
    else:
        due_at = care.calendar.add_business_minutes(start, rules.renew_minutes * times)
    return desk.promise(care, session, ticket, f"{kind}.{len(earlier) + 1}", due_at, promise.preference)


def _escalate(
    care: Care, session: Session, ticket: Ticket, due_at: datetime, promise: Commitment | None = None
) -> None:
    session.add(
        Escalation(
            ticket_id=ticket.id,
            commitment_id=None if promise is None else promise.id,
            due_at=due_at,
            at=care.now(),
        )
    )
    session.flush()
