"""Brings a database to the tables of this version, from any directory and without a configuration file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from bedside.records.store import Store
from bedside.settings import ROOT

SCRIPTS = ROOT / "migrations"
_LOCK = 0x62656473  # any number that nothing else in the database locks by


class MigrationError(RuntimeError):
    """The database can't be brought to this version; the message says why and never holds its address."""


def upgrade(target: Store | str) -> None:
    """Run every migration that the database lacks, all of them or none. `target`: a store, or the URL of one.

    Processes that start together take turns. Raise MigrationError when the database belongs to a newer version, or
    when a migration would break a reference between its rows.
    """
    store = Store(target) if isinstance(target, str) else target
    try:
        with exclusively(store.engine) as connection:
            unknown = set(_revisions(connection)) - _known()
            if unknown:
                raise MigrationError(
                    f"The database has the migration {', '.join(sorted(unknown))}, which this version of Bedside does "
                    "not know. Run the version that made it, or a newer one."
                )
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        if store is not target:
            store.close()


def is_current(engine: Engine) -> bool:
    """Whether the database has exactly the migrations of this version."""
    with engine.connect() as connection:
        return set(_revisions(connection)) == set(_scripts().get_heads())


@contextmanager
def exclusively(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that only one migrating process has at a time; committed at the end.

    SQLite changes a table by making it anew, so its references are checked at the end instead of at each step.
    """
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            connection.execute(text("PRAGMA foreign_keys=OFF"))  # has no effect inside a transaction
            connection.execute(text("BEGIN IMMEDIATE"))
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        try:
            yield connection
            if sqlite and connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
                raise MigrationError("A migration would leave rows that refer to nothing; nothing was changed.")
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        finally:
            if sqlite:
                connection.execute(text("PRAGMA foreign_keys=ON"))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _known() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}


def _revisions(connection: Connection) -> tuple[str, ...]:
    return MigrationContext.configure(connection).get_current_heads()
