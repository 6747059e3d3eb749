"""What Alembic runs: the migrations on a connection it is handed, or on the database of the environment."""

from __future__ import annotations

import os
from logging.config import fileConfig
from typing import Any

from alembic import context
from sqlalchemy.engine import Connection

from bedside.records.migrate import exclusively
from bedside.records.store import Store
from bedside.records.tables import metadata
from bedside.records.types import Instant, Listing, Sealed
from bedside.settings import read_settings

# A migration keeps its meaning when the code moves on, so it names the plain types that the columns have.
PLAIN = {Instant: "sa.DateTime(timezone=True)", Sealed: "sa.Text()", Listing: "sa.Text()"}


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """How a generated migration writes the records' own types."""
    return PLAIN.get(type(item), False) if kind == "type" else False


def run(connection: Connection) -> None:
    """Run the migrations in the transaction that is open on the connection."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


handed: Connection | None = context.config.attributes.get("connection")
if handed is not None:
    run(handed)
else:
    if context.config.config_file_name:
        fileConfig(context.config.config_file_name, disable_existing_loggers=False)
    url = read_settings(os.environ).database_url
    if context.is_offline_mode():
        context.configure(url=url, target_metadata=metadata, literal_binds=True, dialect_opts={"paramstyle": "named"})
        with context.begin_transaction():
            context.run_migrations()
    else:
        store = Store(url)
        try:
            with exclusively(store.engine) as connection:
                run(connection)
        finally:
            store.close()
