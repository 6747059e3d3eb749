"""Messages that leave by themselves: written with what they tell of, sent later, each once (R7).

A notice names a sentence of domain/ and the facts in it; moments are kept as they are, and said as they stand when it
leaves. How it leaves is a `Sender`'s to know. The web chat is one: the message lies in the patient's own conversation,
and an open page shows it at once. Notices that no sender takes wait until one does, or until they are of no use.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bedside.care import speaking
from bedside.care.context import Care
from bedside.records.desk_tables import ChatPush, Notice
from bedside.records.tables import Interaction, Message, Patient

WAITING, SENT, DROPPED = "waiting", "sent", "dropped"
LEASE = timedelta(minutes=2)
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=10), timedelta(minutes=30)
AT_ONCE = 100
_MOMENT = "_at"


class NotNow(Exception):
    """A sender could not send it at this moment; it is tried again."""


@dataclass(frozen=True)
class Leaving:
    """A notice that a sender may take. `key` is the same whenever it is tried again: a sender sends each key once."""

    key: str
    text: str
    response: str
    facts: Mapping[str, Any]
    language: str
    patient_id: int | None
    conversation_id: str | None


class Sender(Protocol):
    """A way to reach a patient."""

    name: str

    def takes(self, care: Care, notice: Leaving) -> bool:
        """Whether this patient can be reached this way, with this message."""

    def send(self, care: Care, notice: Leaving) -> None:
        """Send it; raise NotNow when it could not be sent."""


def put(
    care: Care,
    session: Session,
    key: str,
    response: str,
    *,
    patient_id: int | None = None,
    conversation_id: str | None = None,
    ticket_id: int | None = None,
    expires_at: datetime | None = None,
    **facts: Any,
) -> Notice:
    """Write a notice in the unit of work that it tells of; the one there is, when the key was written before.

    Facts whose name ends in `_at` are moments (UTC), and are said under their name without it.
    """
    known: Notice | None = session.execute(select(Notice).where(Notice.key == key)).scalar_one_or_none()
    if known is not None:
        return known
    plain = {name: at.isoformat() if isinstance(at, datetime) else at for name, at in facts.items()}
    notice = Notice(
        key=key,
        response=response,
        facts=json.dumps(plain, ensure_ascii=False),
        language=_language(session, patient_id, conversation_id),
        patient_id=patient_id,
        conversation_id=conversation_id,
        ticket_id=ticket_id,
        made_at=care.now(),
        next_try_at=care.now(),
        expires_at=expires_at,
        status=WAITING,
    )
    session.add(notice)
    session.flush()
    return notice


def send_due(care: Care, senders: Sequence[Sender], at_once: int = AT_ONCE) -> int:
    """Send what waits, the oldest first; how many left. What is of no use any more is dropped."""
    now = care.now()
    _drop_expired(care, now)
    sent = 0
    with care.store.reading() as session:
        waiting = session.execute(
            select(Notice)
            .where(Notice.status == WAITING, Notice.next_try_at <= now)
            .where(or_(Notice.lease_until.is_(None), Notice.lease_until <= now))
            .order_by(Notice.id)
            .limit(at_once)
        ).scalars()
        leaving = [(row.id, _leaving(care, row)) for row in waiting.all()]
    for notice_id, notice in leaving:
        sender = next((one for one in senders if one.takes(care, notice)), None)
        if sender is not None and _claim(care, notice_id, now):
            sent += _send(care, notice_id, notice, sender)
    return sent


def _send(care: Care, notice_id: int, notice: Leaving, sender: Sender) -> bool:
    try:
        sender.send(care, notice)
    except NotNow:
        with care.store.work() as session:
            row = session.get(Notice, notice_id)
            row.lease_until, row.tries = None, row.tries + 1
            row.next_try_at = care.now() + min(FIRST_RETRY * 2 ** min(row.tries, 20), LONGEST_RETRY)
        return False
    with care.store.work() as session:
        row = session.get(Notice, notice_id)
        row.status, row.sent_by, row.ended_at, row.lease_until = SENT, sender.name, care.now(), None
    return True


def _claim(care: Care, notice_id: int, now: datetime) -> bool:
    with care.store.work() as session:
        claimed = session.execute(
            update(Notice)
            .where(Notice.id == notice_id, Notice.status == WAITING)
            .where(or_(Notice.lease_until.is_(None), Notice.lease_until <= now))
            .values(lease_until=now + LEASE)
            .execution_options(synchronize_session=False)
        )
        return bool(claimed.rowcount)


def _drop_expired(care: Care, now: datetime) -> None:
    over = (Notice.status == WAITING, Notice.expires_at <= now)
    with care.store.reading() as session:
        if session.execute(select(Notice.id).where(*over).limit(1)).first() is None:
            return
    with care.store.work() as session:
        session.execute(
            update(Notice)
            .where(*over)
            .values(status=DROPPED, ended_at=now)
            .execution_options(synchronize_session=False)
        )


def _leaving(care: Care, row: Notice) -> Leaving:
    facts = json.loads(row.facts)
    said = {
        name.removesuffix(_MOMENT) if name.endswith(_MOMENT) else name: (
            speaking.due(care, datetime.fromisoformat(fact), row.language) if name.endswith(_MOMENT) else fact
        )
        for name, fact in facts.items()
    }
    if "queue" in facts:
        said["team"] = care.organization.queue(facts["queue"]).name_in(row.language)
    said |= {"organization": care.organization.name, "assistant": care.organization.assistant_name}
    text = speaking.sentences(care).say(row.response, {"language": row.language}, **said)
    return Leaving(row.key, text, row.response, facts, row.language, row.patient_id, row.conversation_id)


def _language(session: Session, patient_id: int | None, conversation_id: str | None) -> str:
    if conversation_id is not None:
        spoken = session.execute(select(Interaction.language).where(Interaction.conversation_id == conversation_id))
        found = spoken.scalar_one_or_none()
        if found is not None:
            return str(found)
    if patient_id is None:
        return "en"
    return str(session.execute(select(Patient.language).where(Patient.id == patient_id)).scalar_one())


# The web chat -------------------------------------------------------------------------------------------------------


class ChatSender:
    """Puts a message into the patient's own web conversation."""

    name = "web"

    def takes(self, care: Care, notice: Leaving) -> bool:
        """Only where a conversation of the web page is known."""
        return notice.conversation_id is not None and is_web(care, notice.conversation_id)

    def send(self, care: Care, notice: Leaving) -> None:
        """Write it; once for each key."""
        assert notice.conversation_id is not None
        with care.store.work() as session:
            push(care, session, notice.conversation_id, "bedside", notice.text, key=notice.key)


def is_web(care: Care, conversation_id: str) -> bool:
    """Whether a conversation is held on the web page."""
    with care.store.reading() as session:
        channel = select(Interaction.channel).where(Interaction.conversation_id == conversation_id)
        return session.execute(channel).scalar_one_or_none() == "web"


def push(care: Care, session: Session, conversation_id: str, sender: str, text: str, key: str | None = None) -> None:
    """Write a message into a conversation, for the open page to show at once. A key is written once."""
    if key is not None:
        seen = select(Message.id).where(Message.conversation_id == conversation_id, Message.client_id == key)
        if session.execute(seen).first() is not None:
            return
    message = Message(
        conversation_id=conversation_id, sender=sender, client_id=key, text=text, extra=None, at=care.now()
    )
    session.add(message)
    session.flush()
    session.add(ChatPush(message_id=message.id, conversation_id=conversation_id))


def take_pushes(care: Care, conversations: Sequence[str] | None = None) -> list[Message]:
    """The messages that open pages haven't been handed yet, the oldest first; each is given once.

    `conversations`: only those, where a process serves some of them.
    """
    wanted = select(ChatPush.message_id).order_by(ChatPush.message_id).limit(AT_ONCE)
    if conversations is not None:
        wanted = wanted.where(ChatPush.conversation_id.in_(list(conversations)))
    with care.store.reading() as session:
        if session.execute(wanted.limit(1)).first() is None:
            return []
    with care.store.work() as session:
        ids = [
            row.message_id for row in session.execute(select(ChatPush).where(ChatPush.message_id.in_(wanted))).scalars()
        ]
        found = []
        for message_id in sorted(ids):
            row = session.get(ChatPush, message_id, with_for_update=True)
            if row is not None:
                session.delete(row)
                message = session.get(Message, message_id)
                message.delivered_at = care.now()
                found.append(message)
        session.flush()
        return found
