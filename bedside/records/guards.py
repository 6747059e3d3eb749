"""What the database itself refuses, whoever asks: rows of a history that change, states that no step led to.

The migrations hold the same words; a test compares the two. Emptying a demo's records lifts the guards for as long as
that unit of work, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import DDL, event, text
from sqlalchemy.orm import Session

APPEND_ONLY = ("ticket_events", "transfer_steps")
_STATE = (
    "NEW.state = (SELECT to_state FROM transfer_steps WHERE transfer_id = NEW.id ORDER BY number DESC LIMIT 1) "
    "AND NEW.conversation_id = OLD.conversation_id"
)
_TOLD = (
    "EXISTS (SELECT 1 FROM commitment_watches WHERE commitment_id = NEW.id AND told_at IS NOT NULL "
    "AND missed_at IS NOT NULL)"
)


def _sqlite() -> dict[str, tuple[str, str]]:
    """Trigger name to its table and text."""
    found = {}
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            name = f"{table}_never_{verb}"
            found[name] = (
                table,
                f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} are only added'); END",
            )
    found["transfers_state_is_a_step"] = (
        "transfers",
        f"CREATE TRIGGER transfers_state_is_a_step BEFORE UPDATE ON transfers WHEN NOT COALESCE({_STATE}, FALSE) "
        "BEGIN SELECT RAISE(ABORT, 'no step led there'); END",
    )
    found["transfers_begin_with_an_offer"] = (
        "transfers",
        "CREATE TRIGGER transfers_begin_with_an_offer BEFORE INSERT ON transfers WHEN NEW.state <> 'offered' "
        "BEGIN SELECT RAISE(ABORT, 'a transfer begins with an offer'); END",
    )
    found["commitments_told_before_missed"] = (
        "commitments",
        "CREATE TRIGGER commitments_told_before_missed BEFORE UPDATE OF status ON commitments "
        f"WHEN NEW.status = 'missed' AND NOT {_TOLD} "
        "BEGIN SELECT RAISE(ABORT, 'nobody was told'); END",
    )
    return found


def _postgresql() -> dict[str, tuple[str, str]]:
    """Trigger name to its table and text: a function and the trigger that calls it."""

    def made(name: str, table: str, when: str, fault: str, refuse: str | None = None) -> str:
        body = f"RAISE EXCEPTION '{fault}' USING ERRCODE = 'check_violation';"
        if refuse is not None:
            body = f"IF {refuse} THEN {body} END IF; RETURN NEW;"
        return (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$; "
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )

    found = {}
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            name = f"{table}_never_{verb}"
            found[name] = (table, made(name, table, verb.upper(), f"{table} are only added"))
    name = "transfers_state_is_a_step"
    found[name] = (
        "transfers",
        made(name, "transfers", "UPDATE", "no step led there", f"NOT COALESCE({_STATE}, FALSE)"),
    )
    name = "transfers_begin_with_an_offer"
    found[name] = (
        "transfers",
        made(name, "transfers", "INSERT", "a transfer begins with an offer", "NEW.state <> 'offered'"),
    )
    name = "commitments_told_before_missed"
    found[name] = (
        "commitments",
        made(name, "commitments", "UPDATE", "nobody was told", f"NEW.status = 'missed' AND NOT {_TOLD}"),
    )
    return found


GUARDS = {"sqlite": _sqlite(), "postgresql": _postgresql()}


def attach() -> None:
    """Have the guards made with the tables, where tables are made without migrations (tests)."""
    from bedside.records.tables import metadata

    for dialect, guards in GUARDS.items():
        for _table, words in guards.values():
            event.listen(metadata, "after_create", DDL(words.replace("%", "%%")).execute_if(dialect=dialect))


@contextmanager
def lifted(session: Session) -> Iterator[None]:
    """Lift the guards inside this unit of work, and put them back; undone with it when it fails."""
    dialect = session.get_bind().dialect.name
    guards: dict[str, tuple[str, str]] = GUARDS[dialect]
    for name, (table, _words) in guards.items():
        on: Any = "" if dialect == "sqlite" else f" ON {table}"
        session.execute(text(f"DROP TRIGGER {name}{on}"))
        if dialect != "sqlite":
            session.execute(text(f"DROP FUNCTION {name}()"))
    yield
    session.flush()
    for _table, words in guards.values():
        session.connection().exec_driver_sql(words)
