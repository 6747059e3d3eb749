"""Insurance: payers, plans and what they cover, where requests and claims stand, denials, appeals, coverage to verify.

Three tables change. They are made anew under their own names instead of altered, so that every database has the same
tables whichever way it came; what they held is carried over, and their histories begin with the state they had.
"""

from __future__ import annotations

from datetime import datetime, timezone

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# What each table held, and what the columns that may not be empty say of rows that knew nothing of them.
CARRIED = {
    "coverages": (
        "id, patient_id, payer, plan, member_id, rank, starts_on, ends_on",
        ("holder_relation, held_through", "'self', 'unknown'"),
    ),
    "authorizations": (
        "id, patient_id, service, status, sent_on, decided_on",
        ("urgent, information_asked", "false, '[]'"),
    ),
    "claims": ("id, patient_id, service_date, sent_on, status", ("information_asked", "'[]'")),
}


def upgrade() -> None:
    for name in CARRIED:
        op.execute(f"CREATE TABLE kept_{name} AS SELECT * FROM {name}")
        op.drop_table(name)
    _create()
    for name, (columns, (new, values)) in CARRIED.items():
        op.execute(f"INSERT INTO {name} ({columns}, {new}) SELECT {columns}, {values} FROM kept_{name}")
        op.drop_table(f"kept_{name}")
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), coalesce(max(id), 0) + 1, false) FROM {name}"
            )
    _begin_histories()


def _begin_histories() -> None:
    """Each request and claim has the state in which it was carried over as its first event, and a no as a denial."""
    at = sa.bindparam("at", datetime.now(timezone.utc), type_=sa.DateTime(timezone=True))
    for name, key, day in (
        ("authorization", "authorization_id", "coalesce(decided_on, sent_on)"),
        ("claim", "claim_id", "sent_on"),
    ):
        op.get_bind().execute(
            sa.text(
                f"INSERT INTO {name}_events ({key}, at, happened_on, actor, status) "
                f"SELECT id, :at, {day}, 'migration', status FROM {name}s ORDER BY id"
            ).bindparams(at)
        )
    op.execute(
        "INSERT INTO denials (patient_id, authorization_id, reason, noticed_on) "
        "SELECT patient_id, id, 'not_on_file', decided_on FROM authorizations "
        "WHERE status = 'denied' AND decided_on IS NOT NULL ORDER BY id"
    )


def _create() -> None:
    op.create_table(
        "payers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("also_called", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("member_phone", sa.String(length=20), nullable=True),
        sa.Column("reached_by", sa.String(length=20), nullable=False),
        sa.Column("authorization_days_least", sa.Integer(), nullable=True),
        sa.Column("authorization_days_most", sa.Integer(), nullable=True),
        sa.Column("urgent_hours_least", sa.Integer(), nullable=True),
        sa.Column("urgent_hours_most", sa.Integer(), nullable=True),
        sa.Column("claim_days_least", sa.Integer(), nullable=True),
        sa.Column("claim_days_most", sa.Integer(), nullable=True),
        sa.Column("appeal_days", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "authorization_days_least <= authorization_days_most", name=op.f("ck_payers_authorization_in_order")
        ),
        sa.CheckConstraint("claim_days_least <= claim_days_most", name=op.f("ck_payers_claim_in_order")),
        sa.CheckConstraint("urgent_hours_least <= urgent_hours_most", name=op.f("ck_payers_urgent_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payers")),
        sa.UniqueConstraint("name", name=op.f("uq_payers_name")),
    )
    op.create_table(
        "payer_inquiries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=80), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("answer_digest", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_payer_inquiries_patient_id_patients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_inquiries")),
    )
    op.create_index(op.f("ix_payer_inquiries_patient_id"), "payer_inquiries", ["patient_id"], unique=False)
    op.create_index("payer_inquiries_by_subject", "payer_inquiries", ["about", "asked_at"], unique=False)
    op.create_table(
        "plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("referral_needed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["payer_id"], ["payers.id"], name=op.f("fk_plans_payer_id_payers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("payer_id", "name", name=op.f("uq_plans_payer_id_name")),
    )
    op.create_index(op.f("ix_plans_payer_id"), "plans", ["payer_id"], unique=False)
    op.create_table(
        "coverages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("payer", sa.String(length=120), nullable=False),
        sa.Column("plan", sa.String(length=120), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("member_id", sa.Text(), nullable=True),
        sa.Column("group_number", sa.Text(), nullable=True),
        sa.Column("holder_name", sa.Text(), nullable=True),
        sa.Column("holder_relation", sa.String(length=20), nullable=False),
        sa.Column("holder_birth_date", sa.Text(), nullable=True),
        sa.Column("held_through", sa.String(length=20), nullable=False),
        sa.Column("large_employer", sa.Boolean(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_coverages_in_order")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_coverages_patient_id_patients")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_coverages_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverages")),
    )
    op.create_index(op.f("ix_coverages_patient_id"), "coverages", ["patient_id"], unique=False)
    op.create_index(op.f("ix_coverages_plan_id"), "coverages", ["plan_id"], unique=False)
    op.create_table(
        "plan_benefits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("network", sa.String(length=5), nullable=False),
        sa.Column("covered", sa.Boolean(), nullable=False),
        sa.Column("copay_cents", sa.Integer(), nullable=False),
        sa.Column("coinsurance_percent", sa.Integer(), nullable=False),
        sa.Column("deductible_applies", sa.Boolean(), nullable=False),
        sa.Column("authorization_needed", sa.Boolean(), nullable=False),
        sa.Column("yearly_limit", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("network IN ('in', 'out')", name=op.f("ck_plan_benefits_network")),
        sa.CheckConstraint(
            "coinsurance_percent >= 0 AND coinsurance_percent <= 100", name=op.f("ck_plan_benefits_percent")
        ),
        sa.CheckConstraint("copay_cents >= 0", name=op.f("ck_plan_benefits_copay")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_plan_benefits_in_order")),
        sa.CheckConstraint("yearly_limit >= 0", name=op.f("ck_plan_benefits_limit")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_benefits_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_benefits")),
    )
    op.create_index(op.f("ix_plan_benefits_plan_id"), "plan_benefits", ["plan_id"], unique=False)
    op.create_table(
        "plan_networks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("location", sa.String(length=80), nullable=True),
        sa.Column("in_network", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "provider_id IS NOT NULL OR location IS NOT NULL", name=op.f("ck_plan_networks_names_somebody")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_plan_networks_in_order")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_networks_plan_id_plans")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_plan_networks_provider_id_providers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_networks")),
    )
    op.create_index(op.f("ix_plan_networks_plan_id"), "plan_networks", ["plan_id"], unique=False)
    op.create_table(
        "authorizations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("coverage_id", sa.Integer(), nullable=True),
        sa.Column("service", sa.String(length=200), nullable=False),
        sa.Column("service_kind", sa.String(length=80), nullable=True),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("information_asked", sa.Text(), nullable=False),
        sa.Column("information_due_on", sa.Date(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_authorizations_valid_in_order")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_authorizations_appointment_id_appointments")
        ),
        sa.ForeignKeyConstraint(
            ["coverage_id"], ["coverages.id"], name=op.f("fk_authorizations_coverage_id_coverages")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_authorizations_patient_id_patients")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_authorizations_provider_id_providers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorizations")),
    )
    op.create_index(op.f("ix_authorizations_appointment_id"), "authorizations", ["appointment_id"], unique=False)
    op.create_index(op.f("ix_authorizations_coverage_id"), "authorizations", ["coverage_id"], unique=False)
    op.create_index(op.f("ix_authorizations_patient_id"), "authorizations", ["patient_id"], unique=False)
    op.create_table(
        "claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("coverage_id", sa.Integer(), nullable=True),
        sa.Column("statement_id", sa.Integer(), nullable=True),
        sa.Column("payer", sa.String(length=120), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("billed_cents", sa.Integer(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("information_asked", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.CheckConstraint("billed_cents >= 0", name=op.f("ck_claims_not_negative")),
        sa.ForeignKeyConstraint(["coverage_id"], ["coverages.id"], name=op.f("fk_claims_coverage_id_coverages")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_claims_patient_id_patients")),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_claims_statement_id_statements")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_coverage_id"), "claims", ["coverage_id"], unique=False)
    op.create_index(op.f("ix_claims_patient_id"), "claims", ["patient_id"], unique=False)
    op.create_index(op.f("ix_claims_statement_id"), "claims", ["statement_id"], unique=False)
    op.create_table(
        "coverage_years",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coverage_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("deductible_cents", sa.Integer(), nullable=True),
        sa.Column("deductible_met_cents", sa.Integer(), nullable=False),
        sa.Column("family_deductible_cents", sa.Integer(), nullable=True),
        sa.Column("family_deductible_met_cents", sa.Integer(), nullable=False),
        sa.Column("out_of_pocket_cents", sa.Integer(), nullable=True),
        sa.Column("out_of_pocket_met_cents", sa.Integer(), nullable=False),
        sa.Column("family_out_of_pocket_cents", sa.Integer(), nullable=True),
        sa.Column("family_out_of_pocket_met_cents", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.CheckConstraint("deductible_met_cents <= deductible_cents", name=op.f("ck_coverage_years_deductible")),
        sa.CheckConstraint(
            "deductible_met_cents >= 0 AND family_deductible_met_cents >= 0"
            " AND out_of_pocket_met_cents >= 0 AND family_out_of_pocket_met_cents >= 0",
            name=op.f("ck_coverage_years_not_negative"),
        ),
        sa.CheckConstraint(
            "family_deductible_met_cents <= family_deductible_cents", name=op.f("ck_coverage_years_family_deductible")
        ),
        sa.CheckConstraint(
            "family_out_of_pocket_met_cents <= family_out_of_pocket_cents",
            name=op.f("ck_coverage_years_family_out_of_pocket"),
        ),
        sa.CheckConstraint(
            "out_of_pocket_met_cents <= out_of_pocket_cents", name=op.f("ck_coverage_years_out_of_pocket")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_coverage_years_in_order")),
        sa.ForeignKeyConstraint(
            ["coverage_id"], ["coverages.id"], name=op.f("fk_coverage_years_coverage_id_coverages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_years")),
        sa.UniqueConstraint("coverage_id", "starts_on", name=op.f("uq_coverage_years_coverage_id_starts_on")),
    )
    op.create_index(op.f("ix_coverage_years_coverage_id"), "coverage_years", ["coverage_id"], unique=False)
    op.create_table(
        "pending_coverages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=80), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=True),
        sa.Column("payer_said", sa.Text(), nullable=False),
        sa.Column("plan_said", sa.Text(), nullable=True),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("member_digest", sa.String(length=64), nullable=False),
        sa.Column("group_number", sa.Text(), nullable=True),
        sa.Column("holder_name", sa.Text(), nullable=True),
        sa.Column("holder_relation", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("pays_first", sa.Boolean(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("coverage_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "status <> 'verified' OR coverage_id IS NOT NULL", name=op.f("ck_pending_coverages_verified_becomes_one")
        ),
        sa.CheckConstraint(
            "status = 'pending' OR (ended_at IS NOT NULL AND ended_by IS NOT NULL)",
            name=op.f("ck_pending_coverages_never_ends_silently"),
        ),
        sa.ForeignKeyConstraint(
            ["coverage_id"], ["coverages.id"], name=op.f("fk_pending_coverages_coverage_id_coverages")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_pending_coverages_patient_id_patients")),
        sa.ForeignKeyConstraint(["payer_id"], ["payers.id"], name=op.f("fk_pending_coverages_payer_id_payers")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["coverages.id"], name=op.f("fk_pending_coverages_replaces_id_coverages")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_pending_coverages_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_coverages")),
    )
    op.create_index(
        op.f("ix_pending_coverages_conversation_id"), "pending_coverages", ["conversation_id"], unique=False
    )
    op.create_index(op.f("ix_pending_coverages_patient_id"), "pending_coverages", ["patient_id"], unique=False)
    op.create_index(
        "one_pending_coverage_per_card",
        "pending_coverages",
        ["patient_id", "member_digest"],
        unique=True,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "authorization_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("authorization_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["authorization_id"],
            ["authorizations.id"],
            name=op.f("fk_authorization_events_authorization_id_authorizations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorization_events")),
    )
    op.create_index(
        op.f("ix_authorization_events_authorization_id"), "authorization_events", ["authorization_id"], unique=False
    )
    op.create_table(
        "benefit_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_benefit_uses_not_negative")),
        sa.ForeignKeyConstraint(
            ["year_id"], ["coverage_years.id"], name=op.f("fk_benefit_uses_year_id_coverage_years")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit_uses")),
        sa.UniqueConstraint("year_id", "service", name=op.f("uq_benefit_uses_year_id_service")),
    )
    op.create_index(op.f("ix_benefit_uses_year_id"), "benefit_uses", ["year_id"], unique=False)
    op.create_table(
        "claim_charges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("charge_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_claim_charges_charge_id_charges")),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_charges_claim_id_claims")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_charges")),
        sa.UniqueConstraint("claim_id", "charge_id", name=op.f("uq_claim_charges_claim_id_charge_id")),
    )
    op.create_index(op.f("ix_claim_charges_charge_id"), "claim_charges", ["charge_id"], unique=False)
    op.create_index(op.f("ix_claim_charges_claim_id"), "claim_charges", ["claim_id"], unique=False)
    op.create_table(
        "claim_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_events_claim_id_claims")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_events")),
    )
    op.create_index(op.f("ix_claim_events_claim_id"), "claim_events", ["claim_id"], unique=False)
    op.create_table(
        "denials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("authorization_id", sa.Integer(), nullable=True),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("noticed_on", sa.Date(), nullable=False),
        sa.Column("appeal_days", sa.Integer(), nullable=True),
        sa.CheckConstraint("(authorization_id IS NULL) <> (claim_id IS NULL)", name=op.f("ck_denials_of_one_thing")),
        sa.CheckConstraint("appeal_days > 0", name=op.f("ck_denials_appeal_days")),
        sa.ForeignKeyConstraint(
            ["authorization_id"], ["authorizations.id"], name=op.f("fk_denials_authorization_id_authorizations")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_denials_claim_id_claims")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_denials_patient_id_patients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denials")),
    )
    op.create_index(op.f("ix_denials_authorization_id"), "denials", ["authorization_id"], unique=False)
    op.create_index(op.f("ix_denials_claim_id"), "denials", ["claim_id"], unique=False)
    op.create_index(op.f("ix_denials_patient_id"), "denials", ["patient_id"], unique=False)
    op.create_table(
        "remittances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("explained_on", sa.Date(), nullable=False),
        sa.Column("billed_cents", sa.Integer(), nullable=False),
        sa.Column("paid_cents", sa.Integer(), nullable=False),
        sa.Column("adjusted_cents", sa.Integer(), nullable=False),
        sa.Column("patient_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "billed_cents = paid_cents + adjusted_cents + patient_cents", name=op.f("ck_remittances_adds_up")
        ),
        sa.CheckConstraint(
            "paid_cents >= 0 AND adjusted_cents >= 0 AND patient_cents >= 0", name=op.f("ck_remittances_not_negative")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_remittances_claim_id_claims")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittances")),
    )
    op.create_index(op.f("ix_remittances_claim_id"), "remittances", ["claim_id"], unique=False)
    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("denial_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("expedited", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("noticed_on", sa.Date(), nullable=False),
        sa.Column("file_by", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("conversation_id", sa.String(length=80), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.CheckConstraint("level IN ('internal_1', 'internal_2', 'external')", name=op.f("ck_appeals_level")),
        sa.CheckConstraint("status <> 'filed' OR filed_on IS NOT NULL", name=op.f("ck_appeals_filed_with_a_day")),
        sa.CheckConstraint(
            "status IN ('asked', 'filed') OR (decided_on IS NOT NULL AND ended_by IS NOT NULL)",
            name=op.f("ck_appeals_never_ends_silently"),
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_appeals_appointment_id_appointments")
        ),
        sa.ForeignKeyConstraint(["denial_id"], ["denials.id"], name=op.f("fk_appeals_denial_id_denials")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_appeals_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("denial_id", "level", name=op.f("uq_appeals_denial_id_level")),
    )
    op.create_index(op.f("ix_appeals_appointment_id"), "appeals", ["appointment_id"], unique=False)
    op.create_index(op.f("ix_appeals_conversation_id"), "appeals", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_appeals_denial_id"), "appeals", ["denial_id"], unique=False)
    op.create_index(op.f("ix_appeals_ticket_id"), "appeals", ["ticket_id"], unique=False)
    op.create_table(
        "coverage_drafts",
        sa.Column("conversation_id", sa.String(length=80), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_coverage_drafts_patient_id_patients")),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_coverage_drafts")),
    )
    op.create_index(op.f("ix_coverage_drafts_patient_id"), "coverage_drafts", ["patient_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("Claims, denials and appeals are records that are kept: going back would delete them.")
