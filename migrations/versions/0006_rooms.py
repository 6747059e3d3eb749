"""Rooms: where at a location a visit is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("provider_templates", "openings", "appointments")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("room", sa.String(length=40), nullable=True))


def downgrade() -> None:
    raise RuntimeError("Where visits were is a record that is kept: going back would delete it.")
