"""Scheduling: the providers' weeks, visits with their history, holds, the waitlist, reminders, referrals.

Four tables change. They are made anew under their own names instead of altered, so that every database has the same
tables whichever way it came; what they held is carried over.
"""

from __future__ import annotations

import os
from datetime import timezone

import sqlalchemy as sa
from alembic import op

from bedside.organization import load_organization
from bedside.settings import read_settings

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What each table held, in the order in which rows may refer to one another.
CARRIED = {
    "representatives": "id, patient_id, full_name, relation, kinds, starts_on, ends_on",
    "providers": "id, name, specialty",
    "openings": "id, provider_id, starts_at, minutes, location, visit_type",
    "appointments": "id, patient_id, provider_id, starts_at, location, visit_type, status",
}
# What the new columns say of rows that knew nothing of them. An opening gets its place in the clinic's day below.
FILLED = {
    "representatives": "",
    "providers": ", other_specialties, accepting_new, telehealth",
    "openings": ", day, minute",
    "appointments": ", minutes",
}
FILLING = {
    "representatives": "",
    "providers": ", '[]', true, false",
    "openings": ", 0, 0",
    "appointments": ", 30",
}


def upgrade() -> None:
    for name in CARRIED:
        op.execute(f"CREATE TABLE kept_{name} AS SELECT * FROM {name}")
    for name in reversed(CARRIED):
        op.drop_table(name)
    _create()
    for name, columns in CARRIED.items():
        op.execute(f"INSERT INTO {name} ({columns}{FILLED[name]}) SELECT {columns}{FILLING[name]} FROM kept_{name}")
        op.drop_table(f"kept_{name}")
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), coalesce(max(id), 0) + 1, false) FROM {name}"
            )
    _place_openings()


def _place_openings() -> None:
    """Write each opening's day and minute on the clinic's clock, which are new."""
    openings = sa.table(
        "openings",
        sa.column("id", sa.Integer()),
        sa.column("starts_at", sa.DateTime(timezone=True)),
        sa.column("day", sa.Integer()),
        sa.column("minute", sa.Integer()),
    )
    rows = op.get_bind().execute(sa.select(openings.c.id, openings.c.starts_at)).all()
    if not rows:
        return
    tz = load_organization(read_settings(os.environ).organization_file).tz
    for key, starts_at in rows:
        moment = starts_at.replace(tzinfo=timezone.utc) if starts_at.tzinfo is None else starts_at
        local = moment.astimezone(tz)
        op.execute(
            openings.update()
            .where(openings.c.id == key)
            .values(day=local.toordinal(), minute=local.hour * 60 + local.minute)
        )


def _create() -> None:
    op.create_table(
        "representatives",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_representatives_patient_id_patients")),
        sa.ForeignKeyConstraint(["person_id"], ["patients.id"], name=op.f("fk_representatives_person_id_patients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representatives")),
    )
    op.create_index(op.f("ix_representatives_patient_id"), "representatives", ["patient_id"], unique=False)
    op.create_index(op.f("ix_representatives_person_id"), "representatives", ["person_id"], unique=False)
    op.create_table(
        "providers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("specialty", sa.String(length=80), nullable=False),
        sa.Column("other_specialties", sa.Text(), nullable=False),
        sa.Column("accepting_new", sa.Boolean(), nullable=False),
        sa.Column("telehealth", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_providers")),
        sa.UniqueConstraint("name", name=op.f("uq_providers_name")),
    )
    op.create_table(
        "provider_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.Text(), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(length=80), nullable=False),
        sa.Column("visit_type", sa.String(length=80), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("laid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_provider_templates_minutes")),
        sa.CheckConstraint("starts < ends", name=op.f("ck_provider_templates_in_order")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_provider_templates_provider_id_providers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_templates")),
    )
    op.create_index(op.f("ix_provider_templates_provider_id"), "provider_templates", ["provider_id"], unique=False)
    op.create_table(
        "provider_absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_provider_absences_in_order")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_provider_absences_provider_id_providers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_absences")),
    )
    op.create_index(op.f("ix_provider_absences_provider_id"), "provider_absences", ["provider_id"], unique=False)
    op.create_table(
        "openings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(length=80), nullable=False),
        sa.Column("visit_type", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_openings_minutes")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_openings_provider_id_providers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openings")),
        sa.UniqueConstraint("provider_id", "starts_at", name=op.f("uq_openings_provider_id_starts_at")),
    )
    op.create_index("openings_by_provider", "openings", ["provider_id", "day", "minute"], unique=False)
    op.create_index("openings_by_time", "openings", ["day", "minute"], unique=False)
    op.create_index("openings_by_visit_type", "openings", ["visit_type", "day", "minute"], unique=False)
    op.create_table(
        "appointments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("opening_id", sa.Integer(), nullable=True),
        sa.Column("first_id", sa.Integer(), nullable=True),
        sa.Column("moved_from_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(length=80), nullable=False),
        sa.Column("visit_type", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_appointments_minutes")),
        sa.ForeignKeyConstraint(["first_id"], ["appointments.id"], name=op.f("fk_appointments_first_id_appointments")),
        sa.ForeignKeyConstraint(
            ["moved_from_id"], ["appointments.id"], name=op.f("fk_appointments_moved_from_id_appointments")
        ),
        sa.ForeignKeyConstraint(["opening_id"], ["openings.id"], name=op.f("fk_appointments_opening_id_openings")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_appointments_patient_id_patients")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_appointments_provider_id_providers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.UniqueConstraint("moved_from_id", name=op.f("uq_appointments_moved_from_id")),
    )
    op.create_index(op.f("ix_appointments_first_id"), "appointments", ["first_id"], unique=False)
    op.create_index(op.f("ix_appointments_patient_id"), "appointments", ["patient_id"], unique=False)
    op.create_index(
        "one_open_appointment_per_opening",
        "appointments",
        ["opening_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('booked', 'confirmed')"),
        postgresql_where=sa.text("status IN ('booked', 'confirmed')"),
    )
    op.create_index(
        "one_open_appointment_per_time",
        "appointments",
        ["provider_id", "starts_at"],
        unique=True,
        sqlite_where=sa.text("status IN ('booked', 'confirmed')"),
        postgresql_where=sa.text("status IN ('booked', 'confirmed')"),
    )
    op.create_table(
        "appointment_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("conversation_id", sa.String(length=80), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("fee_cents", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_appointment_events_appointment_id_appointments")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["appointments.id"], name=op.f("fk_appointment_events_other_id_appointments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_events")),
    )
    op.create_index(
        op.f("ix_appointment_events_appointment_id"), "appointment_events", ["appointment_id"], unique=False
    )
    op.create_table(
        "opening_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opening_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=80), nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status = 'active' OR ended_at IS NOT NULL", name=op.f("ck_opening_holds_ends_with_a_time")),
        sa.ForeignKeyConstraint(["opening_id"], ["openings.id"], name=op.f("fk_opening_holds_opening_id_openings")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_opening_holds_patient_id_patients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_holds")),
    )
    op.create_index(op.f("ix_opening_holds_conversation_id"), "opening_holds", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_opening_holds_opening_id"), "opening_holds", ["opening_id"], unique=False)
    op.create_index(op.f("ix_opening_holds_patient_id"), "opening_holds", ["patient_id"], unique=False)
    op.create_index(
        "one_active_hold_per_opening",
        "opening_holds",
        ["opening_id"],
        unique=True,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "referrals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("specialty", sa.String(length=80), nullable=False),
        sa.Column("referred_by", sa.String(length=120), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_referrals_patient_id_patients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
    )
    op.create_index(op.f("ix_referrals_patient_id"), "referrals", ["patient_id"], unique=False)
    op.create_table(
        "waitlist_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=80), nullable=True),
        sa.Column("visit_type", sa.String(length=80), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("location", sa.String(length=80), nullable=True),
        sa.Column("telehealth", sa.Boolean(), nullable=True),
        sa.Column("first_day", sa.Integer(), nullable=True),
        sa.Column("last_day", sa.Integer(), nullable=True),
        sa.Column("first_minute", sa.Integer(), nullable=True),
        sa.Column("last_minute", sa.Integer(), nullable=True),
        sa.Column("excluded_weekdays", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'offered') OR ended_at IS NOT NULL",
            name=op.f("ck_waitlist_entries_ends_with_a_time"),
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_waitlist_entries_appointment_id_appointments")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_waitlist_entries_patient_id_patients")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_waitlist_entries_provider_id_providers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_entries")),
    )
    op.create_index(op.f("ix_waitlist_entries_patient_id"), "waitlist_entries", ["patient_id"], unique=False)
    op.create_index(op.f("ix_waitlist_entries_visit_type"), "waitlist_entries", ["visit_type"], unique=False)
    op.create_index(
        "one_place_in_line_per_visit_type",
        "waitlist_entries",
        ["patient_id", "visit_type"],
        unique=True,
        sqlite_where=sa.text("status IN ('waiting', 'offered')"),
        postgresql_where=sa.text("status IN ('waiting', 'offered')"),
    )
    op.create_table(
        "waitlist_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("opening_id", sa.Integer(), nullable=False),
        sa.Column("hold_id", sa.Integer(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status = 'open' OR answered_at IS NOT NULL", name=op.f("ck_waitlist_offers_ends_with_a_time")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_waitlist_offers_appointment_id_appointments")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["waitlist_entries.id"], name=op.f("fk_waitlist_offers_entry_id_waitlist_entries")
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["opening_holds.id"], name=op.f("fk_waitlist_offers_hold_id_opening_holds")
        ),
        sa.ForeignKeyConstraint(["opening_id"], ["openings.id"], name=op.f("fk_waitlist_offers_opening_id_openings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_offers")),
        sa.UniqueConstraint("entry_id", "opening_id", name=op.f("uq_waitlist_offers_entry_id_opening_id")),
    )
    op.create_index(op.f("ix_waitlist_offers_entry_id"), "waitlist_offers", ["entry_id"], unique=False)
    op.create_index(op.f("ix_waitlist_offers_expires_at"), "waitlist_offers", ["expires_at"], unique=False)
    op.create_index(op.f("ix_waitlist_offers_opening_id"), "waitlist_offers", ["opening_id"], unique=False)
    op.create_index(
        "one_open_offer_per_entry",
        "waitlist_offers",
        ["entry_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "one_open_offer_per_opening",
        "waitlist_offers",
        ["opening_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status = 'due' OR ended_at IS NOT NULL", name=op.f("ck_reminders_ends_with_a_time")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_reminders_appointment_id_appointments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint("appointment_id", "days_before", name=op.f("uq_reminders_appointment_id_days_before")),
    )
    op.create_index(op.f("ix_reminders_due_at"), "reminders", ["due_at"], unique=False)


def downgrade() -> None:
    raise RuntimeError("Visits and their history are records of care: going back would delete them.")
