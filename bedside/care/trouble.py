"""When something on our side fails: a ticket for the staff, and what could not be stored kept until it can be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bedside.care import desk, emergencies
from bedside.care.context import Care
from bedside.records.spool import Spool
from bedside.records.tables import Message


def spool_of(care: Care) -> Spool:
    """The installation's spool."""
    return Spool(care.settings.var / "spool.sealed", care.keyring)


def report(care: Care, conversation_id: str, words: str) -> None:
    """A message that could not be worked on becomes a ticket; or waits in the spool when even that fails."""
    try:
        _ticket(care, conversation_id, words)
    except SQLAlchemyError:
        spool_of(care).keep("trouble", care.now(), conversation_id=conversation_id, words=words)


def report_emergency(care: Care, conversation_id: str, kind: str, words: str, stage: str, language: str = "en") -> None:
    """An emergency that the action server did not write down."""
    try:
        emergencies.report(care, conversation_id, kind, words, stage, language=language)
    except SQLAlchemyError:
        spool_of(care).keep(
            "emergency",
            care.now(),
            conversation_id=conversation_id,
            words=words,
            emergency=kind,
            stage=stage,
            language=language,
        )


def journal(
    care: Care,
    conversation_id: str,
    sender: str,
    text: str,
    *,
    client_id: str | None = None,
) -> bool:
    """Write down what was said; False when this very message was written before."""
    with care.store.work() as session:
        if client_id is not None:
            seen = select(Message.id).where(Message.conversation_id == conversation_id, Message.client_id == client_id)
            if session.execute(seen).first() is not None:
                return False
        session.add(
            Message(
                conversation_id=conversation_id,
                sender=sender,
                client_id=client_id,
                text=text,
                at=care.now(),
            )
        )
    return True


def keep_said(care: Care, conversation_id: str, said: list[tuple[str, str]]) -> None:
    """Write down the assistant's answers of one turn: text, and buttons and flags as JSON."""
    with care.store.work() as session:
        for text, extra in said:
            session.add(
                Message(conversation_id=conversation_id, sender="bedside", text=text, extra=extra, at=care.now())
            )


def take_in(care: Care) -> int:
    """Take in what the spool has kept; returns how many."""

    def take(kept: dict[str, Any]) -> None:
        if kept["kind"] == "trouble":
            _ticket(care, kept["conversation_id"], kept["words"], datetime.fromisoformat(kept["at"]))
        elif kept["kind"] == "emergency":
            emergencies.report(
                care,
                kept["conversation_id"],
                kept["emergency"],
                kept["words"],
                kept["stage"],
                language=kept.get("language", "en"),
            )
        elif kept["kind"] == "message":
            journal(care, kept["conversation_id"], "patient", kept["words"], client_id=kept.get("client_id"))

    return spool_of(care).drain(take)


def _ticket(care: Care, conversation_id: str, words: str, at: datetime | None = None) -> None:
    when = at or care.now()
    with care.store.work() as session:
        desk.open_ticket(
            care,
            session,
            desk.Work(
                queue="patient_advocate",
                priority=desk.URGENT,
                inquiry="human_request",
                matter=f"trouble:{conversation_id}:{when.date()}",
                brief=f"The assistant could not work on this message, and told the patient so. Their words: {words}",
                conversation_id=conversation_id,
            ),
        )
