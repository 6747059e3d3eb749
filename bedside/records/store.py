"""The database and its unit of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

SQLITE_WAIT_SECONDS = 3.0


class Store:
    """One database: SQLite by default, PostgreSQL in production."""

    def __init__(self, url: str, *, wait_seconds: float = SQLITE_WAIT_SECONDS) -> None:
        """`wait_seconds`: how long a writer waits for another one before it gives up (SQLite)."""
        self.url = url
        self.engine = _engine(url, wait_seconds)
        self._sessions = sessionmaker(self.engine, future=True, expire_on_commit=False)

    @contextmanager
    def work(self) -> Iterator[Session]:
        """A unit of work that writes: everything in it is stored together, or nothing is."""
        with self._sessions() as session:
            if self.engine.dialect.name == "sqlite":
                # Take the write lock at the start: a reader that turns writer half-way can't wait for it.
                session.execute(text("BEGIN IMMEDIATE"))
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session to look things up; what is changed in it is not kept."""
        with self._sessions() as session:
            if self.engine.dialect.name == "sqlite":
                session.execute(text("BEGIN"))  # without it each statement would be kept as it is made
            yield session
            session.expunge_all()  # what was read may be used on
            session.rollback()

    def can_write(self) -> bool:
        """Whether a unit of work could be stored right now."""
        try:
            with self.work() as session:
                session.execute(text("SELECT 1"))
        except Exception:
            return False
        return True

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def _engine(url: str, wait_seconds: float) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, future=True, pool_pre_ping=True, connect_args={"connect_timeout": 3})
    # Connections to a file are kept, too: opening one anew for each unit of work costs more than the work.
    engine = create_engine(
        url,
        future=True,
        poolclass=None if ":memory:" in url else QueuePool,
        connect_args={"timeout": wait_seconds, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    return engine
