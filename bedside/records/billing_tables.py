"""The tables of money beside the statements: who paid what, why the rest is the patient's, and what was agreed.

Money is integer cents. What the database can hold to, it does: the parts of a patient's share are exactly that share,
what a payer was asked for is what was taken off, paid and left, a plan's dates and amounts can't change silently.
`bedside.records.tables` loads this module, so that the metadata is complete whichever is imported first.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)

from bedside.records.tables import Base, Charge
from bedside.records.types import Instant, Listing, Sealed

_ACTIVE = text("status = 'active'")
_RUNNING = text("status IN ('active', 'paused')")
_OPEN = text("status = 'open'")
_UNDECIDED = text("status IN ('open', 'submitted')")

# What a share refers to: a charge together with its patient's part, so that the two can't drift apart.
Index("charges_with_patient_part", Charge.id, Charge.patient_cents, unique=True)


# What a line of a statement says ---------------------------------------------------------------------------------


class ChargeDetail(Base):
    """Where the care of a charge was given, by whom, and in which kind of visit, as a patient knows them."""

    __tablename__ = "charge_details"
    id = Column(Integer, primary_key=True)
    charge_id = Column(ForeignKey("charges.id"), nullable=False, unique=True)
    provider = Column(String(120))
    place = Column(String(120))
    visit_type = Column(String(80))


class ChargeShare(Base):
    """Why the patient's part of a charge is theirs. The reasons add up to exactly that part."""

    __tablename__ = "charge_shares"
    id = Column(Integer, primary_key=True)
    charge_id = Column(Integer, nullable=False, unique=True)
    patient_cents = Column(Integer, nullable=False)
    deductible_cents = Column(Integer, nullable=False, default=0)
    copay_cents = Column(Integer, nullable=False, default=0)
    coinsurance_cents = Column(Integer, nullable=False, default=0)
    not_covered_cents = Column(Integer, nullable=False, default=0)
    __table_args__ = (
        ForeignKeyConstraint(
            ["charge_id", "patient_cents"],
            ["charges.id", "charges.patient_cents"],
            name="fk_charge_shares_charge_id_charges",
        ),
        CheckConstraint(
            "patient_cents = deductible_cents + copay_cents + coinsurance_cents + not_covered_cents", name="adds_up"
        ),
        CheckConstraint(
            "deductible_cents >= 0 AND copay_cents >= 0 AND coinsurance_cents >= 0 AND not_covered_cents >= 0",
            name="not_negative",
        ),
    )


class Adjustment(Base):
    """What was taken off a charge before it was billed: the price agreed with an insurer, or a discount of ours."""

    __tablename__ = "adjustments"
    id = Column(Integer, primary_key=True)
    charge_id = Column(ForeignKey("charges.id"), nullable=False, index=True)
    kind = Column(String(20), nullable=False)  # agreed_price | discount | courtesy
    amount_cents = Column(Integer, nullable=False)
    __table_args__ = (CheckConstraint("amount_cents > 0", name="positive"),)


class PayerPayment(Base):
    """One line of a payer's explanation of benefits, matched to the charge; `rank` 1 was asked first.

    `asked_cents` is what that payer was asked for: the charge, or what the payer before it left. `says_owed_cents` is
    what the explanation itself calls the patient's part, where it does.
    """

    __tablename__ = "payer_payments"
    id = Column(Integer, primary_key=True)
    charge_id = Column(ForeignKey("charges.id"), nullable=False, index=True)
    payer = Column(String(120), nullable=False)
    rank = Column(Integer, nullable=False)
    asked_cents = Column(Integer, nullable=False)
    adjusted_cents = Column(Integer, nullable=False, default=0)
    paid_cents = Column(Integer, nullable=False)
    left_cents = Column(Integer, nullable=False)
    says_owed_cents = Column(Integer)
    explained_on = Column(Date)
    reached_maximum = Column(Boolean, nullable=False, default=False)  # the year's out-of-pocket maximum
    __table_args__ = (
        UniqueConstraint("charge_id", "rank"),
        CheckConstraint("asked_cents = adjusted_cents + paid_cents + left_cents", name="adds_up"),
        CheckConstraint(
            "asked_cents >= 0 AND adjusted_cents >= 0 AND paid_cents >= 0 AND left_cents >= 0", name="not_negative"
        ),
        CheckConstraint("rank >= 1", name="in_order"),
    )


# What happened after the bill ------------------------------------------------------------------------------------


class Credit(Base):
    """What a person at the clinic took off the patient's part after the bill was sent."""

    __tablename__ = "credits"
    id = Column(Integer, primary_key=True)
    charge_id = Column(ForeignKey("charges.id"), nullable=False, index=True)
    kind = Column(String(20), nullable=False)  # correction | assistance | courtesy | waiver
    amount_cents = Column(Integer, nullable=False)
    made_on = Column(Date, nullable=False)
    made_by = Column(String(120), nullable=False)
    __table_args__ = (CheckConstraint("amount_cents > 0", name="positive"),)


class Refund(Base):
    """Money given back to the patient for a charge."""

    __tablename__ = "refunds"
    id = Column(Integer, primary_key=True)
    charge_id = Column(ForeignKey("charges.id"), nullable=False, index=True)
    refunded_on = Column(Date, nullable=False)
    amount_cents = Column(Integer, nullable=False)
    __table_args__ = (CheckConstraint("amount_cents > 0", name="positive"),)


class Fee(Base):
    """That a charge is a fee of the clinic's own, not care."""

    __tablename__ = "fees"
    id = Column(Integer, primary_key=True)
    charge_id = Column(ForeignKey("charges.id"), nullable=False, unique=True)
    kind = Column(String(20), nullable=False)  # no_show | late_cancellation | late_payment | form


class FeeReview(Base):
    """A patient asks to have a fee looked at again; a person decides."""

    __tablename__ = "fee_reviews"
    id = Column(Integer, primary_key=True)
    fee_id = Column(ForeignKey("fees.id"), nullable=False, index=True)
    ticket_id = Column(ForeignKey("tickets.id"), nullable=False)
    words = Column(Sealed, nullable=False)
    opened_at = Column(Instant, nullable=False)
    status = Column(String(20), nullable=False, default="open")  # open | kept | waived
    ended_at = Column(Instant)
    ended_by = Column(String(120))
    __table_args__ = (
        Index("one_open_review_per_fee", "fee_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        CheckConstraint(
            "status = 'open' OR (ended_at IS NOT NULL AND ended_by IS NOT NULL)", name="never_ends_silently"
        ),
    )


class CollectionStatus(Base):
    """What happened to a statement on its way to a collection agency. Rows are only added; the last one holds."""

    __tablename__ = "collection_statuses"
    id = Column(Integer, primary_key=True)
    statement_id = Column(ForeignKey("statements.id"), nullable=False, index=True)
    status = Column(String(20), nullable=False)  # final_notice | referred | pause_asked | paused | recalled | settled
    since = Column(Date, nullable=False)
    agency = Column(String(120))
    actor = Column(String(120), nullable=False)


class DisputeOutcome(Base):
    """How a dispute ended, by whom, and why; a dispute without one is open."""

    __tablename__ = "dispute_outcomes"
    id = Column(Integer, primary_key=True)
    dispute_id = Column(ForeignKey("disputes.id"), nullable=False, unique=True)
    outcome = Column(String(20), nullable=False)  # corrected | stands | withdrawn
    ended_at = Column(Instant, nullable=False)
    ended_by = Column(String(120), nullable=False)
    reason = Column(Sealed, nullable=False)


# Payment plans ---------------------------------------------------------------------------------------------------


class PaymentPlan(Base):
    """What a patient has agreed to pay, by when. Other terms are a new plan; this one then says who replaced it."""

    __tablename__ = "payment_plans"
    id = Column(Integer, primary_key=True)
    patient_id = Column(ForeignKey("patients.id"), nullable=False, index=True)
    conversation_id = Column(String(80), index=True)
    ticket_id = Column(ForeignKey("tickets.id"), nullable=False)
    months = Column(Integer, nullable=False)
    total_cents = Column(Integer, nullable=False)
    agreed_words = Column(Sealed)
    agreed_at = Column(Instant, nullable=False)
    status = Column(String(20), nullable=False, default="active")  # active | paused | replaced | finished | ended
    changed_at = Column(Instant)
    changed_by = Column(String(120))
    change_reason = Column(Sealed)
    replaces_id = Column(ForeignKey("payment_plans.id"))
    __table_args__ = (
        Index(
            "one_running_plan_per_patient", "patient_id", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING
        ),
        CheckConstraint("total_cents > 0 AND months > 0", name="positive"),
        CheckConstraint(
            "status = 'active' OR (changed_at IS NOT NULL AND changed_by IS NOT NULL AND change_reason IS NOT NULL)",
            name="never_ends_silently",
        ),
    )


class PlanCharge(Base):
    """A charge that a plan pays off, and how much of it."""

    __tablename__ = "plan_charges"
    id = Column(Integer, primary_key=True)
    plan_id = Column(ForeignKey("payment_plans.id"), nullable=False, index=True)
    charge_id = Column(ForeignKey("charges.id"), nullable=False, index=True)
    amount_cents = Column(Integer, nullable=False)
    __table_args__ = (
        UniqueConstraint("plan_id", "charge_id"),
        CheckConstraint("amount_cents > 0", name="positive"),
    )


class PlanInstalment(Base):
    """One payment of a plan: how much, due when, and what has come in for it."""

    __tablename__ = "plan_instalments"
    id = Column(Integer, primary_key=True)
    plan_id = Column(ForeignKey("payment_plans.id"), nullable=False, index=True)
    number = Column(Integer, nullable=False)
    due_on = Column(Date, nullable=False)
    amount_cents = Column(Integer, nullable=False)
    paid_cents = Column(Integer, nullable=False, default=0)
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        UniqueConstraint("plan_id", "due_on"),
        CheckConstraint("amount_cents > 0 AND paid_cents >= 0 AND paid_cents <= amount_cents", name="within"),
    )


# Financial assistance --------------------------------------------------------------------------------------------


class AssistanceProgram(Base):
    """A way to get help with a bill, with its rules as data. What is left empty asks nothing."""

    __tablename__ = "assistance_programs"
    id = Column(Integer, primary_key=True)
    key = Column(String(40), nullable=False, unique=True)
    name = Column(String(120), nullable=False)
    name_es = Column(String(120), nullable=False)
    income_up_to_percent = Column(Integer)  # of the poverty line for the household
    full_help_up_to_percent = Column(Integer)  # up to here it takes the whole bill off
    insurance = Column(String(20), nullable=False, default="any")  # any | insured | uninsured
    counties = Column(Listing, nullable=False)
    least_household = Column(Integer)
    least_balance_cents = Column(Integer)
    documents = Column(Listing, nullable=False)
    starts_on = Column(Date)
    ends_on = Column(Date)
    __table_args__ = (
        CheckConstraint("income_up_to_percent > 0", name="income_limit"),
        CheckConstraint("full_help_up_to_percent <= income_up_to_percent", name="in_order"),
    )


class AssistanceApplication(Base):
    """A patient asks for help under a program; a counselor takes it on, and a person decides."""

    __tablename__ = "assistance_applications"
    id = Column(Integer, primary_key=True)
    case_number = Column(String(20), nullable=False, unique=True)
    patient_id = Column(ForeignKey("patients.id"), nullable=False, index=True)
    program_id = Column(ForeignKey("assistance_programs.id"), nullable=False)
    conversation_id = Column(String(80), nullable=False, index=True)
    ticket_id = Column(ForeignKey("tickets.id"), nullable=False)
    answers = Column(Sealed, nullable=False)  # what the patient said about household, income range, insurance, county
    opened_at = Column(Instant, nullable=False)
    status = Column(String(20), nullable=False, default="open")  # open | submitted | approved | denied | withdrawn
    decided_at = Column(Instant)
    decided_by = Column(String(120))
    __table_args__ = (
        Index(
            "one_undecided_application_per_program",
            "patient_id",
            "program_id",
            unique=True,
            sqlite_where=_UNDECIDED,
            postgresql_where=_UNDECIDED,
        ),
        CheckConstraint(
            "status IN ('open', 'submitted') OR (decided_at IS NOT NULL AND decided_by IS NOT NULL)",
            name="never_ends_silently",
        ),
    )


class ApplicationDocument(Base):
    """A document that an application needs, and whether it is there."""

    __tablename__ = "application_documents"
    id = Column(Integer, primary_key=True)
    application_id = Column(ForeignKey("assistance_applications.id"), nullable=False, index=True)
    document = Column(String(40), nullable=False)
    status = Column(String(20), nullable=False, default="needed")  # needed | received | not_needed
    changed_at = Column(Instant)
    __table_args__ = (
        UniqueConstraint("application_id", "document"),
        CheckConstraint("status = 'needed' OR changed_at IS NOT NULL", name="changes_with_a_time"),
    )


# Paying ----------------------------------------------------------------------------------------------------------


class SecureLink(Base):
    """A link to a page outside the chat, for one purpose and a short time. The token itself is not kept."""

    __tablename__ = "secure_links"
    id = Column(Integer, primary_key=True)
    patient_id = Column(ForeignKey("patients.id"), nullable=False, index=True)
    conversation_id = Column(String(80), nullable=False, index=True)
    purpose = Column(String(20), nullable=False)  # payment
    statement_id = Column(ForeignKey("statements.id"))  # None: the whole account
    digest = Column(String(64), nullable=False, unique=True)
    made_at = Column(Instant, nullable=False)
    expires_at = Column(Instant, nullable=False)
    status = Column(String(20), nullable=False, default="active")  # active | used | replaced | expired
    ended_at = Column(Instant)
    __table_args__ = (
        Index(
            "one_active_link_per_purpose",
            "patient_id",
            "purpose",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        CheckConstraint("status = 'active' OR ended_at IS NOT NULL", name="ends_with_a_time"),
    )
