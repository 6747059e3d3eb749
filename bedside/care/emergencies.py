"""What is written down about an emergency: words, times, a nurse's ticket, a supervisor who knows (R2, BRIEF 3.8).

Every function may be called again with the same words: nothing is written twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.care import desk
from bedside.care.context import Care
from bedside.care.speaking import LANGUAGES
from bedside.records.tables import Emergency, EmergencyEvent

SUPERVISOR_MINUTES = 5


def inquiry_of(kind: str) -> str:
    """The inquiry type that an emergency of this kind is reported under (BRIEF 2)."""
    return "emergency_medical" if kind == "medical" else "emergency_mental_health"


def report(
    care: Care,
    conversation_id: str,
    kind: str,
    words: str,
    stage: str,
    *,
    suspended: str | None = None,
    language: str = "en",
) -> str:
    """Write down a message of an emergency; the first one opens the tickets. Returns the case number."""
    with care.store.work() as session:
        now = care.now()
        emergency = _open_one(session, conversation_id)
        if emergency is None:
            emergency = Emergency(
                conversation_id=conversation_id, kind=kind, words=words, seen_at=now, suspended=suspended
            )
            session.add(emergency)
            session.flush()
            emergency.ticket_id = _tell_staff(care, session, emergency, words, language)
        ticket = session.get(desk.Ticket, emergency.ticket_id)
        latest = session.execute(
            select(EmergencyEvent)
            .where(EmergencyEvent.emergency_id == emergency.id)
            .order_by(EmergencyEvent.id.desc())
            .limit(1)
        ).scalar_one_or_none()
        if latest is None or (latest.words, latest.stage, latest.at) != (words, stage, now):
            session.add(EmergencyEvent(emergency_id=emergency.id, at=now, stage=stage, words=words))
            if latest is not None:
                desk.note(care, session, ticket, f"emergency_{stage}", words)
        return str(ticket.case_number)


def is_written(care: Care, conversation_id: str, since: datetime) -> bool:
    """Whether an emergency of this conversation was written down at or after `since`."""
    with care.store.reading() as session:
        return (
            session.execute(
                select(EmergencyEvent.id)
                .join(Emergency, EmergencyEvent.emergency_id == Emergency.id)
                .where(Emergency.conversation_id == conversation_id, EmergencyEvent.at >= since)
            ).first()
            is not None
        )


def safe(care: Care, conversation_id: str, words: str, *, resumed: bool) -> None:
    """The person said that they are safe."""
    with care.store.work() as session:
        emergency = _open_one(session, conversation_id)
        if emergency is None:
            return
        now = care.now()
        emergency.safe_at = now
        emergency.resumed_at = now if resumed else None
        session.add(EmergencyEvent(emergency_id=emergency.id, at=now, stage="safe", words=words))
        desk.note(care, session, session.get(desk.Ticket, emergency.ticket_id), "emergency_safe", words)


def _open_one(session: Session, conversation_id: str) -> Emergency | None:
    row: Emergency | None = (
        session.execute(
            select(Emergency)
            .where(Emergency.conversation_id == conversation_id, Emergency.safe_at.is_(None))
            .order_by(Emergency.id.desc())
        )
        .scalars()
        .first()
    )
    return row


def _tell_staff(care: Care, session: Session, emergency: Emergency, words: str, language: str) -> int:
    now = care.now()
    open_now = care.calendar.is_open(now)
    inquiry = inquiry_of(str(emergency.kind))
    brief = (
        f"EMERGENCY ({emergency.kind.replace('_', ' ')}) in chat. Language: {LANGUAGES.get(language, language)}. "
        f"Their words: {words} "
        f"They were told to get help at once. Work that was interrupted: {emergency.suspended or 'none'}."
    )

    def work(queue: str) -> desk.Work:
        return desk.Work(
            queue=queue,
            priority=desk.IMMEDIATE,
            inquiry=inquiry,
            matter=f"emergency:{emergency.id}:{queue}",
            brief=brief,
            conversation_id=emergency.conversation_id,
        )

    clinical, _ = desk.open_ticket(care, session, work("nurse_line" if open_now else "on_call"))
    desk.promise(care, session, clinical, "emergency_contact", clinical.due_at)
    if open_now:
        desk.open_ticket(care, session, work("on_call"))
    desk.open_ticket(care, session, work("supervisor"), due_at=now + timedelta(minutes=SUPERVISOR_MINUTES))
    return int(clinical.id)
