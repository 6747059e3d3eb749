"""Rasa's SQL tracker store, sealed: the words are encrypted, the conversation's name is a keyed hash."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import declarative_base
from sqlalchemy.types import TypeDecorator

from bedside.rasa import turns
from bedside.records import keys
from bedside.records.types import Sealed
from bedside.settings import read_settings


class Pseudonym(TypeDecorator):  # type: ignore[type-arg]
    """A conversation id as a keyed hash: findable, not readable."""

    impl = sa.String(64)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else keys.installed().digest("conversation", value)


class SealedTrackerStore(SQLTrackerStore):
    """Stores events sealed, and reports a failure to the turn instead of hiding it in memory."""

    Base = declarative_base()

    class SQLEvent(Base):  # type: ignore[misc, valid-type]
        """One event; what was said is in `data`, sealed."""

        __tablename__ = "events"
        id = sa.Column(sa.Integer, primary_key=True)
        sender_id = sa.Column(Pseudonym, nullable=False, index=True)
        type_name = sa.Column(sa.String(255), nullable=False)
        timestamp = sa.Column(sa.Float)
        intent_name = sa.Column(sa.String(255))
        action_name = sa.Column(sa.String(255))
        data = sa.Column(Sealed)

    def __init__(self, domain: Domain | None = None, event_broker: EventBroker | None = None, **kwargs: Any) -> None:
        """The address comes from BEDSIDE_CONVERSATIONS_URL; the secret from the installation."""
        settings = read_settings(os.environ)
        keys.install(keys.Keyring(settings.secret))
        super().__init__(domain, event_broker=event_broker)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            self.engine.dispose()

    @staticmethod
    def get_db_url(*_args: Any, **_kwargs: Any) -> Any:
        """The installation's own address."""
        return read_settings(os.environ).conversations_url

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Raise, and note it, rather than start the talk over from nothing."""
        try:
            return await super().retrieve(sender_id)
        except Exception:
            turns.failed("tracker_store.retrieve")
            raise

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Raise, and note it, rather than keep the talk in memory only."""
        try:
            await super().save(tracker)
        except Exception:
            turns.failed("tracker_store.save")
            raise

    async def keys(self) -> Iterable[str]:
        """Conversations can't be listed: their names are hashed."""
        return []


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=3000")
    cursor.close()
