"""Refill requests: which medicine, which pharmacy, for a clinician to decide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refill_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=80), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("medicine", sa.Text(), nullable=False),
        sa.Column("pharmacy", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_refill_requests_patient_id_patients")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_refill_requests_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refill_requests")),
    )
    op.create_index(op.f("ix_refill_requests_conversation_id"), "refill_requests", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_refill_requests_patient_id"), "refill_requests", ["patient_id"], unique=False)
    op.create_index(op.f("ix_refill_requests_ticket_id"), "refill_requests", ["ticket_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("Refill requests are records of care: going back would delete them.")
