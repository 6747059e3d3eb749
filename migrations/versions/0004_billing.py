"""Billing: what each payer paid and why the rest is the patient's, plans, assistance, fees, collections, links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A share refers to the charge together with its patient's part: the index comes first.
    op.create_index("charges_with_patient_part", "charges", ["id", "patient_cents"], unique=True)
    op.create_table(
        "assistance_programs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_es", sa.String(length=120), nullable=False),
        sa.Column("income_up_to_percent", sa.Integer(), nullable=True),
        sa.Column("full_help_up_to_percent", sa.Integer(), nullable=True),
        sa.Column("insurance", sa.String(length=20), nullable=False),
        sa.Column("counties", sa.Text(), nullable=False),
        sa.Column("least_household", sa.Integer(), nullable=True),
        sa.Column("least_balance_cents", sa.Integer(), nullable=True),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "full_help_up_to_percent <= income_up_to_percent", name=op.f("ck_assistance_programs_in_order")
        ),
        sa.CheckConstraint("income_up_to_percent > 0", name=op.f("ck_assistance_programs_income_limit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistance_programs")),
        sa.UniqueConstraint("key", name=op.f("uq_assistance_programs_key")),
    )
    op.create_table(
        "assistance_applications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("program_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=80), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'submitted') OR (decided_at IS NOT NULL AND decided_by IS NOT NULL)",
            name=op.f("ck_assistance_applications_never_ends_silently"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_assistance_applications_patient_id_patients")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"],
            ["assistance_programs.id"],
            name=op.f("fk_assistance_applications_program_id_assistance_programs"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_assistance_applications_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistance_applications")),
        sa.UniqueConstraint("case_number", name=op.f("uq_assistance_applications_case_number")),
    )
    op.create_index(
        op.f("ix_assistance_applications_conversation_id"), "assistance_applications", ["conversation_id"], unique=False
    )
    op.create_index(
        op.f("ix_assistance_applications_patient_id"), "assistance_applications", ["patient_id"], unique=False
    )
    op.create_index(
        "one_undecided_application_per_program",
        "assistance_applications",
        ["patient_id", "program_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('open', 'submitted')"),
        postgresql_where=sa.text("status IN ('open', 'submitted')"),
    )
    op.create_table(
        "collection_statuses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("agency", sa.String(length=120), nullable=True),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.id"], name=op.f("fk_collection_statuses_statement_id_statements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_statuses")),
    )
    op.create_index(op.f("ix_collection_statuses_statement_id"), "collection_statuses", ["statement_id"], unique=False)
    op.create_table(
        "payment_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=80), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=False),
        sa.Column("agreed_words", sa.Text(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.String(length=120), nullable=True),
        sa.Column("change_reason", sa.Text(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status = 'active' OR (changed_at IS NOT NULL AND changed_by IS NOT NULL AND change_reason IS NOT NULL)",
            name=op.f("ck_payment_plans_never_ends_silently"),
        ),
        sa.CheckConstraint("total_cents > 0 AND months > 0", name=op.f("ck_payment_plans_positive")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_payment_plans_patient_id_patients")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["payment_plans.id"], name=op.f("fk_payment_plans_replaces_id_payment_plans")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_payment_plans_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_plans")),
    )
    op.create_index(op.f("ix_payment_plans_conversation_id"), "payment_plans", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_payment_plans_patient_id"), "payment_plans", ["patient_id"], unique=False)
    op.create_index(
        "one_running_plan_per_patient",
        "payment_plans",
        ["patient_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('active', 'paused')"),
        postgresql_where=sa.text("status IN ('active', 'paused')"),
    )
    op.create_table(
        "secure_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status = 'active' OR ended_at IS NOT NULL", name=op.f("ck_secure_links_ends_with_a_time")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_secure_links_patient_id_patients")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.id"], name=op.f("fk_secure_links_statement_id_statements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secure_links")),
        sa.UniqueConstraint("digest", name=op.f("uq_secure_links_digest")),
    )
    op.create_index(op.f("ix_secure_links_conversation_id"), "secure_links", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_secure_links_patient_id"), "secure_links", ["patient_id"], unique=False)
    op.create_index(
        "one_active_link_per_purpose",
        "secure_links",
        ["patient_id", "purpose"],
        unique=True,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "adjustments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("charge_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_adjustments_positive")),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_adjustments_charge_id_charges")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustments")),
    )
    op.create_index(op.f("ix_adjustments_charge_id"), "adjustments", ["charge_id"], unique=False)
    op.create_table(
        "application_documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status = 'needed' OR changed_at IS NOT NULL", name=op.f("ck_application_documents_changes_with_a_time")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["assistance_applications.id"],
            name=op.f("fk_application_documents_application_id_assistance_applications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_documents")),
        sa.UniqueConstraint(
            "application_id", "document", name=op.f("uq_application_documents_application_id_document")
        ),
    )
    op.create_index(
        op.f("ix_application_documents_application_id"), "application_documents", ["application_id"], unique=False
    )
    op.create_table(
        "charge_details",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("charge_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=120), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=True),
        sa.Column("visit_type", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_charge_details_charge_id_charges")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge_details")),
        sa.UniqueConstraint("charge_id", name=op.f("uq_charge_details_charge_id")),
    )
    op.create_table(
        "charge_shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("charge_id", sa.Integer(), nullable=False),
        sa.Column("patient_cents", sa.Integer(), nullable=False),
        sa.Column("deductible_cents", sa.Integer(), nullable=False),
        sa.Column("copay_cents", sa.Integer(), nullable=False),
        sa.Column("coinsurance_cents", sa.Integer(), nullable=False),
        sa.Column("not_covered_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "deductible_cents >= 0 AND copay_cents >= 0 AND coinsurance_cents >= 0 AND not_covered_cents >= 0",
            name=op.f("ck_charge_shares_not_negative"),
        ),
        sa.CheckConstraint(
            "patient_cents = deductible_cents + copay_cents + coinsurance_cents + not_covered_cents",
            name=op.f("ck_charge_shares_adds_up"),
        ),
        sa.ForeignKeyConstraint(
            ["charge_id", "patient_cents"],
            ["charges.id", "charges.patient_cents"],
            name="fk_charge_shares_charge_id_charges",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge_shares")),
        sa.UniqueConstraint("charge_id", name=op.f("uq_charge_shares_charge_id")),
    )
    op.create_table(
        "credits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("charge_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_credits_positive")),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_credits_charge_id_charges")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credits")),
    )
    op.create_index(op.f("ix_credits_charge_id"), "credits", ["charge_id"], unique=False)
    op.create_table(
        "dispute_outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dispute_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_outcomes_dispute_id_disputes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_outcomes")),
        sa.UniqueConstraint("dispute_id", name=op.f("uq_dispute_outcomes_dispute_id")),
    )
    op.create_table(
        "fees",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("charge_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_fees_charge_id_charges")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fees")),
        sa.UniqueConstraint("charge_id", name=op.f("uq_fees_charge_id")),
    )
    op.create_table(
        "payer_payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("charge_id", sa.Integer(), nullable=False),
        sa.Column("payer", sa.String(length=120), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("asked_cents", sa.Integer(), nullable=False),
        sa.Column("adjusted_cents", sa.Integer(), nullable=False),
        sa.Column("paid_cents", sa.Integer(), nullable=False),
        sa.Column("left_cents", sa.Integer(), nullable=False),
        sa.Column("says_owed_cents", sa.Integer(), nullable=True),
        sa.Column("explained_on", sa.Date(), nullable=True),
        sa.Column("reached_maximum", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "asked_cents = adjusted_cents + paid_cents + left_cents", name=op.f("ck_payer_payments_adds_up")
        ),
        sa.CheckConstraint(
            "asked_cents >= 0 AND adjusted_cents >= 0 AND paid_cents >= 0 AND left_cents >= 0",
            name=op.f("ck_payer_payments_not_negative"),
        ),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_payer_payments_in_order")),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_payer_payments_charge_id_charges")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_payments")),
        sa.UniqueConstraint("charge_id", "rank", name=op.f("uq_payer_payments_charge_id_rank")),
    )
    op.create_index(op.f("ix_payer_payments_charge_id"), "payer_payments", ["charge_id"], unique=False)
    op.create_table(
        "plan_charges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("charge_id", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_plan_charges_positive")),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_plan_charges_charge_id_charges")),
        sa.ForeignKeyConstraint(["plan_id"], ["payment_plans.id"], name=op.f("fk_plan_charges_plan_id_payment_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_charges")),
        sa.UniqueConstraint("plan_id", "charge_id", name=op.f("uq_plan_charges_plan_id_charge_id")),
    )
    op.create_index(op.f("ix_plan_charges_charge_id"), "plan_charges", ["charge_id"], unique=False)
    op.create_index(op.f("ix_plan_charges_plan_id"), "plan_charges", ["plan_id"], unique=False)
    op.create_table(
        "plan_instalments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("paid_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "amount_cents > 0 AND paid_cents >= 0 AND paid_cents <= amount_cents",
            name=op.f("ck_plan_instalments_within"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["payment_plans.id"], name=op.f("fk_plan_instalments_plan_id_payment_plans")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_instalments")),
        sa.UniqueConstraint("plan_id", "due_on", name=op.f("uq_plan_instalments_plan_id_due_on")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_plan_instalments_plan_id_number")),
    )
    op.create_index(op.f("ix_plan_instalments_plan_id"), "plan_instalments", ["plan_id"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("charge_id", sa.Integer(), nullable=False),
        sa.Column("refunded_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_refunds_positive")),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_refunds_charge_id_charges")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
    )
    op.create_index(op.f("ix_refunds_charge_id"), "refunds", ["charge_id"], unique=False)
    op.create_table(
        "fee_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fee_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "status = 'open' OR (ended_at IS NOT NULL AND ended_by IS NOT NULL)",
            name=op.f("ck_fee_reviews_never_ends_silently"),
        ),
        sa.ForeignKeyConstraint(["fee_id"], ["fees.id"], name=op.f("fk_fee_reviews_fee_id_fees")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_fee_reviews_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_reviews")),
    )
    op.create_index(op.f("ix_fee_reviews_fee_id"), "fee_reviews", ["fee_id"], unique=False)
    op.create_index(
        "one_open_review_per_fee",
        "fee_reviews",
        ["fee_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )


def downgrade() -> None:
    raise RuntimeError("Agreements and money are records that are kept: going back would delete them.")
