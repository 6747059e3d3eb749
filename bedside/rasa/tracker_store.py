"""Rasa's SQL tracker store, sealed: the words are encrypted, the conversation's name is a keyed hash."""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import declarative_base
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

from bedside.rasa import turns
from bedside.records import keys
from bedside.records.types import Sealed
from bedside.settings import read_settings

TALKS_AT_HAND = 500
# Asked once a turn: as plain SQL it costs a fifth of the same query built from objects.
_STORED = sa.text(
    "SELECT max(events.id), count(events.id) FROM events,"
    " (SELECT max(timestamp) AS began FROM events WHERE sender_id = :talk AND type_name = 'session_started') AS latest"
    " WHERE events.sender_id = :talk AND (events.timestamp >= latest.began OR latest.began IS NULL)"
)


class Pseudonym(TypeDecorator):  # type: ignore[type-arg]
    """A conversation id as a keyed hash: findable, not readable."""

    impl = sa.String(64)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else keys.installed().digest("conversation", value)


@dataclass
class _Known:
    """A talk's present session: how many events the database holds of it, the newest one's id once it was looked up."""

    count: int
    events: list[Event]
    newest: int | None = None


class SealedTrackerStore(SQLTrackerStore):
    """Stores events sealed, and reports a failure to the turn instead of hiding it in memory."""

    Base = declarative_base()
    engine: Any

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
        self._known: OrderedDict[str, _Known] = OrderedDict()
        if self.engine.dialect.name == "sqlite":
            self.engine = sa.create_engine(
                settings.conversations_url,
                poolclass=QueuePool,
                connect_args={"timeout": 3.0, "check_same_thread": False},
            )
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            self.sessionmaker = sa.orm.session.sessionmaker(bind=self.engine)

    @staticmethod
    def get_db_url(*_args: Any, **_kwargs: Any) -> Any:
        """The installation's own address."""
        return read_settings(os.environ).conversations_url

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Raise, and note it, rather than start the talk over from nothing."""
        try:
            known = self._known.get(sender_id)
            if known is not None and self.domain:
                with self.engine.connect() as connection:
                    newest, count = _stored(connection, sender_id)
                if count == known.count and known.newest in (None, newest):
                    known.newest = newest
                    return DialogueStateTracker.from_events(sender_id, known.events, self.domain.slots)
            self._known.pop(sender_id, None)
            return await super().retrieve(sender_id)
        except Exception:
            turns.failed("tracker_store.retrieve")
            raise

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Raise, and note it, rather than keep the talk in memory only."""
        try:
            if self.event_broker:
                await self.stream_events(tracker)
            known = self._known.get(tracker.sender_id)  # as it was read at the start of this turn
            with self.engine.begin() as connection:
                count = known.count if known else _stored(connection, tracker.sender_id)[1]
                rows = [self._row(tracker.sender_id, each) for each in islice(tracker.events, count, None)]
                if rows:
                    connection.execute(sa.insert(self.SQLEvent.__table__), rows)  # one statement for all of a turn
                if any(row["type_name"] == SessionStarted.type_name for row in rows):
                    count = _stored(connection, tracker.sender_id)[1]
                else:
                    count += len(rows)
        except Exception:
            self._known.pop(tracker.sender_id, None)
            turns.failed("tracker_store.save")
            raise
        # Unsealing every event of a talk at each message would be most of a turn: what was just stored is kept at
        # hand, and used only while the database still holds exactly that.
        self._known.pop(tracker.sender_id, None)
        if 0 < count <= len(tracker.events):
            self._known[tracker.sender_id] = _Known(count, list(tracker.events)[-count:])
            while len(self._known) > TALKS_AT_HAND:
                self._known.popitem(last=False)

    @staticmethod
    def _row(sender_id: str, happened: Event) -> dict[str, Any]:
        data = happened.as_dict()
        return {
            "sender_id": sender_id,
            "type_name": happened.type_name,
            "timestamp": data.get("timestamp"),
            "intent_name": ((data.get("parse_data") or {}).get("intent") or {}).get("name"),
            "action_name": data.get("name"),
            "data": json.dumps(data),
        }

    async def keys(self) -> Iterable[str]:
        """Conversations can't be listed: their names are hashed."""
        return []


def _stored(connection: sa.engine.Connection, sender_id: str) -> tuple[int | None, int]:
    """The newest event of the talk's present session in the database, and how many there are."""
    newest, count = connection.execute(_STORED, {"talk": keys.installed().digest("conversation", sender_id)}).one()
    return newest, int(count)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=3000")
    cursor.close()
