"""Complaints in the patients' words, and what happened to them, which is only ever added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_REFUSED = "what happened to a complaint is only ever added to"


def upgrade() -> None:
    op.create_table(
        "complaints",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=80), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(length=120), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.CheckConstraint("NOT anonymous OR patient_id IS NULL", name=op.f("ck_complaints_anonymous_has_no_patient")),
        sa.CheckConstraint(
            "status = 'open' OR (resolved_at IS NOT NULL AND resolved_by IS NOT NULL AND resolution IS NOT NULL)",
            name=op.f("ck_complaints_never_ends_silently"),
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_complaints_patient_id_patients")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_complaints_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaints")),
        sa.UniqueConstraint("case_number", name=op.f("uq_complaints_case_number")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_complaints_conversation_id")),
    )
    op.create_index(op.f("ix_complaints_patient_id"), "complaints", ["patient_id"])
    op.create_index(op.f("ix_complaints_ticket_id"), "complaints", ["ticket_id"])
    op.create_table(
        "complaint_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_events_complaint_id_complaints")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_events")),
    )
    op.create_index(op.f("ix_complaint_events_complaint_id"), "complaint_events", ["complaint_id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER complaint_events_stand BEFORE UPDATE ON complaint_events\n"
            f"BEGIN\nSELECT RAISE(ABORT, '{_REFUSED}');\nEND"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION complaint_events_stand() RETURNS trigger AS $$\n"
        f"BEGIN\nRAISE EXCEPTION '{_REFUSED}';\nEND\n$$ LANGUAGE plpgsql"
    )
    op.execute(
        "CREATE TRIGGER complaint_events_stand BEFORE UPDATE ON complaint_events\n"
        "FOR EACH ROW EXECUTE FUNCTION complaint_events_stand()"
    )


def downgrade() -> None:
    raise RuntimeError("Complaints are records that are kept: going back would delete them.")
