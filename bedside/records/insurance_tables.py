"""The tables of insurance: payers and their plans, what a plan covers, where requests and claims stand, and appeals.

Money is integer cents, shares of a price are whole percents. Histories (`…Event`, `Remittance`, `PayerInquiry`) only
ever grow: the ORM refuses to change or delete one. `bedside.records.tables` loads this module, so that the metadata is
complete whichever is imported first.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    event,
    text,
)

from bedside.records.tables import Base
from bedside.records.types import Instant, Listing, Sealed

_PENDING = text("status = 'pending'")


class HistoryError(RuntimeError):
    """Somebody tried to change or delete a line of a history."""


# Payers and what their plans cover -------------------------------------------------------------------------------


class Payer(Base):
    """An insurer or program that pays for care. Times that are left out are the clinic's usual ones."""

    __tablename__ = "payers"
    id = Column(Integer, primary_key=True)
    name = Column(String(120), nullable=False, unique=True)
    also_called = Column(Listing, nullable=False, default=list)
    kind = Column(String(20), nullable=False)  # commercial | medicare | medicaid | marketplace
    member_phone = Column(String(20))  # the number for members, E.164
    reached_by = Column(String(20), nullable=False, default="portal")  # portal | clearinghouse | phone | fax
    authorization_days_least = Column(Integer)  # business days
    authorization_days_most = Column(Integer)
    urgent_hours_least = Column(Integer)
    urgent_hours_most = Column(Integer)
    claim_days_least = Column(Integer)  # business days
    claim_days_most = Column(Integer)
    appeal_days = Column(Integer)  # calendar days from the notice, for the first appeal
    __table_args__ = (
        CheckConstraint("authorization_days_least <= authorization_days_most", name="authorization_in_order"),
        CheckConstraint("urgent_hours_least <= urgent_hours_most", name="urgent_in_order"),
        CheckConstraint("claim_days_least <= claim_days_most", name="claim_in_order"),
    )


class Plan(Base):
    """A plan of a payer."""

    __tablename__ = "plans"
    id = Column(Integer, primary_key=True)
    payer_id = Column(ForeignKey("payers.id"), nullable=False, index=True)
    name = Column(String(120), nullable=False)
    kind = Column(String(20), nullable=False)
    referral_needed = Column(Boolean, nullable=False, default=False)  # for specialists
    __table_args__ = (UniqueConstraint("payer_id", "name"),)


class PlanNetwork(Base):
    """Who is in a plan's network: a provider, a location, or a provider at a location. The narrowest row decides."""

    __tablename__ = "plan_networks"
    id = Column(Integer, primary_key=True)
    plan_id = Column(ForeignKey("plans.id"), nullable=False, index=True)
    provider_id = Column(ForeignKey("providers.id"))
    location = Column(String(80))
    in_network = Column(Boolean, nullable=False, default=True)
    starts_on = Column(Date)
    ends_on = Column(Date)
    __table_args__ = (
        CheckConstraint("provider_id IS NOT NULL OR location IS NOT NULL", name="names_somebody"),
        CheckConstraint("starts_on <= ends_on", name="in_order"),
    )


class PlanBenefit(Base):
    """What a plan does for one kind of visit or service, in or out of its network."""

    __tablename__ = "plan_benefits"
    id = Column(Integer, primary_key=True)
    plan_id = Column(ForeignKey("plans.id"), nullable=False, index=True)
    service = Column(String(80), nullable=False)  # a visit type, or a service such as imaging
    network = Column(String(5), nullable=False, default="in")  # in | out
    covered = Column(Boolean, nullable=False, default=True)  # False: an exclusion
    copay_cents = Column(Integer, nullable=False, default=0)
    coinsurance_percent = Column(Integer, nullable=False, default=0)
    deductible_applies = Column(Boolean, nullable=False, default=False)
    authorization_needed = Column(Boolean, nullable=False, default=False)
    yearly_limit = Column(Integer)  # visits in a plan year; None: no limit
    starts_on = Column(Date)
    ends_on = Column(Date)
    __table_args__ = (
        CheckConstraint("copay_cents >= 0", name="copay"),
        CheckConstraint("coinsurance_percent >= 0 AND coinsurance_percent <= 100", name="percent"),
        CheckConstraint("yearly_limit >= 0", name="limit"),
        CheckConstraint("starts_on <= ends_on", name="in_order"),
        CheckConstraint("network IN ('in', 'out')", name="network"),
    )


class CoverageYear(Base):
    """A plan year of one coverage: the deductible and the most to pay in the year, and how much is met. Cents.

    None: the records don't say. `as_of` is the day on which the payer said so.
    """

    __tablename__ = "coverage_years"
    id = Column(Integer, primary_key=True)
    coverage_id = Column(ForeignKey("coverages.id"), nullable=False, index=True)
    starts_on = Column(Date, nullable=False)
    ends_on = Column(Date, nullable=False)
    deductible_cents = Column(Integer)
    deductible_met_cents = Column(Integer, nullable=False, default=0)
    family_deductible_cents = Column(Integer)
    family_deductible_met_cents = Column(Integer, nullable=False, default=0)
    out_of_pocket_cents = Column(Integer)
    out_of_pocket_met_cents = Column(Integer, nullable=False, default=0)
    family_out_of_pocket_cents = Column(Integer)
    family_out_of_pocket_met_cents = Column(Integer, nullable=False, default=0)
    as_of = Column(Date)
    __table_args__ = (
        UniqueConstraint("coverage_id", "starts_on"),
        CheckConstraint("starts_on <= ends_on", name="in_order"),
        CheckConstraint(
            "deductible_met_cents >= 0 AND family_deductible_met_cents >= 0"
            " AND out_of_pocket_met_cents >= 0 AND family_out_of_pocket_met_cents >= 0",
            name="not_negative",
        ),
        CheckConstraint("deductible_met_cents <= deductible_cents", name="deductible"),
        CheckConstraint("family_deductible_met_cents <= family_deductible_cents", name="family_deductible"),
        CheckConstraint("out_of_pocket_met_cents <= out_of_pocket_cents", name="out_of_pocket"),
        CheckConstraint("family_out_of_pocket_met_cents <= family_out_of_pocket_cents", name="family_out_of_pocket"),
    )


class BenefitUse(Base):
    """How many of a year's limited visits are used."""

    __tablename__ = "benefit_uses"
    id = Column(Integer, primary_key=True)
    year_id = Column(ForeignKey("coverage_years.id"), nullable=False, index=True)
    service = Column(String(80), nullable=False)
    used = Column(Integer, nullable=False)
    __table_args__ = (UniqueConstraint("year_id", "service"), CheckConstraint("used >= 0", name="not_negative"))


# Where requests and claims stand ---------------------------------------------------------------------------------


class AuthorizationEvent(Base):
    """A step of a prior authorization: its status from then on. `happened_on` where another day than the writing."""

    __tablename__ = "authorization_events"
    id = Column(Integer, primary_key=True)
    authorization_id = Column(ForeignKey("authorizations.id"), nullable=False, index=True)
    at = Column(Instant, nullable=False)
    happened_on = Column(Date)
    actor = Column(String(120), nullable=False)
    status = Column(String(30), nullable=False)
    detail = Column(Sealed)


class ClaimEvent(Base):
    """A step of a claim: its status from then on."""

    __tablename__ = "claim_events"
    id = Column(Integer, primary_key=True)
    claim_id = Column(ForeignKey("claims.id"), nullable=False, index=True)
    at = Column(Instant, nullable=False)
    happened_on = Column(Date)
    actor = Column(String(120), nullable=False)
    status = Column(String(30), nullable=False)
    detail = Column(Sealed)


class ClaimCharge(Base):
    """A charge that a claim asks payment for."""

    __tablename__ = "claim_charges"
    id = Column(Integer, primary_key=True)
    claim_id = Column(ForeignKey("claims.id"), nullable=False, index=True)
    charge_id = Column(ForeignKey("charges.id"), nullable=False, index=True)
    __table_args__ = (UniqueConstraint("claim_id", "charge_id"),)


class Remittance(Base):
    """What a payer's explanation says of a whole claim; cents that add up to what was billed."""

    __tablename__ = "remittances"
    id = Column(Integer, primary_key=True)
    claim_id = Column(ForeignKey("claims.id"), nullable=False, index=True)
    explained_on = Column(Date, nullable=False)
    billed_cents = Column(Integer, nullable=False)
    paid_cents = Column(Integer, nullable=False)
    adjusted_cents = Column(Integer, nullable=False, default=0)
    patient_cents = Column(Integer, nullable=False)
    __table_args__ = (
        CheckConstraint("billed_cents = paid_cents + adjusted_cents + patient_cents", name="adds_up"),
        CheckConstraint("paid_cents >= 0 AND adjusted_cents >= 0 AND patient_cents >= 0", name="not_negative"),
    )


class Denial(Base):
    """A payer's no, to a request or to a claim. `reason` is a key that content says in plain words.

    `appeal_days`: calendar days from the notice for the first appeal, as the notice says; None: the payer's usual.
    """

    __tablename__ = "denials"
    id = Column(Integer, primary_key=True)
    patient_id = Column(ForeignKey("patients.id"), nullable=False, index=True)
    authorization_id = Column(ForeignKey("authorizations.id"), index=True)
    claim_id = Column(ForeignKey("claims.id"), index=True)
    reason = Column(String(40), nullable=False)
    noticed_on = Column(Date, nullable=False)
    appeal_days = Column(Integer)
    __table_args__ = (
        CheckConstraint("(authorization_id IS NULL) <> (claim_id IS NULL)", name="of_one_thing"),
        CheckConstraint("appeal_days > 0", name="appeal_days"),
    )


class Appeal(Base):
    """An appeal against a denial at one level: asked for, filed, decided. It never ends silently.

    `file_by` is the last day to file it; `noticed_on` the notice it is counted from. `appointment_id`: the visit that
    the denial stands in the way of, which stays booked.
    """

    __tablename__ = "appeals"
    id = Column(Integer, primary_key=True)
    denial_id = Column(ForeignKey("denials.id"), nullable=False, index=True)
    level = Column(String(20), nullable=False)  # internal_1 | internal_2 | external
    expedited = Column(Boolean, nullable=False, default=False)
    status = Column(String(20), nullable=False, default="asked")  # asked | filed | won | partly_won | lost | withdrawn
    noticed_on = Column(Date, nullable=False)
    file_by = Column(Date, nullable=False)
    asked_at = Column(Instant)
    filed_on = Column(Date)
    decided_on = Column(Date)
    ended_by = Column(String(120))
    appointment_id = Column(ForeignKey("appointments.id"), index=True)
    ticket_id = Column(ForeignKey("tickets.id"), index=True)
    conversation_id = Column(String(80), index=True)
    words = Column(Sealed)
    __table_args__ = (
        UniqueConstraint("denial_id", "level"),
        CheckConstraint("level IN ('internal_1', 'internal_2', 'external')", name="level"),
        CheckConstraint("status <> 'filed' OR filed_on IS NOT NULL", name="filed_with_a_day"),
        CheckConstraint(
            "status IN ('asked', 'filed') OR (decided_on IS NOT NULL AND ended_by IS NOT NULL)",
            name="never_ends_silently",
        ),
    )


# What a patient says, and what payers were asked -----------------------------------------------------------------


class PendingCoverage(Base):
    """An insurance as a patient gave it in chat, until a person has verified it; it covers nothing by itself.

    `replaces_id`: the coverage it takes the place of. All that the patient typed is sealed.
    """

    __tablename__ = "pending_coverages"
    id = Column(Integer, primary_key=True)
    patient_id = Column(ForeignKey("patients.id"), nullable=False, index=True)
    conversation_id = Column(String(80), nullable=False, index=True)
    ticket_id = Column(ForeignKey("tickets.id"), nullable=False)
    payer_id = Column(ForeignKey("payers.id"))
    payer_said = Column(Sealed, nullable=False)
    plan_said = Column(Sealed)
    member_id = Column(Sealed, nullable=False)
    member_digest = Column(String(64), nullable=False)
    group_number = Column(Sealed)
    holder_name = Column(Sealed)
    holder_relation = Column(String(20), nullable=False, default="self")
    starts_on = Column(Date)
    pays_first = Column(Boolean)  # None: the patient doesn't know
    replaces_id = Column(ForeignKey("coverages.id"))
    said_at = Column(Instant, nullable=False)
    status = Column(String(20), nullable=False, default="pending")  # pending | verified | rejected | replaced
    coverage_id = Column(ForeignKey("coverages.id"))  # what it became
    ended_at = Column(Instant)
    ended_by = Column(String(120))
    __table_args__ = (
        Index(
            "one_pending_coverage_per_card",
            "patient_id",
            "member_digest",
            unique=True,
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        CheckConstraint(
            "status = 'pending' OR (ended_at IS NOT NULL AND ended_by IS NOT NULL)", name="never_ends_silently"
        ),
        CheckConstraint("status <> 'verified' OR coverage_id IS NOT NULL", name="verified_becomes_one"),
    )


class CoverageDraft(Base):
    """What a verified patient has given so far of a new insurance; sealed, and emptied once it is used."""

    __tablename__ = "coverage_drafts"
    conversation_id = Column(String(80), primary_key=True)
    patient_id = Column(ForeignKey("patients.id"), nullable=False, index=True)
    given = Column(Sealed, nullable=False)
    updated_at = Column(Instant, nullable=False)


class PayerInquiry(Base):
    """That a payer was asked something, how it ended, and how long it took; never what was asked about whom in words.

    `answer_digest` tells whether two answers of one day were the same.
    """

    __tablename__ = "payer_inquiries"
    id = Column(Integer, primary_key=True)
    patient_id = Column(ForeignKey("patients.id"), nullable=False, index=True)
    conversation_id = Column(String(80), nullable=False)
    about = Column(String(40), nullable=False)  # eligibility:7 | authorization:3 | claim:12
    service_date = Column(Date)
    asked_at = Column(Instant, nullable=False)
    took_ms = Column(Integer, nullable=False)
    outcome = Column(String(20), nullable=False)  # answered | no_answer | failed | unclear
    reasons = Column(Listing, nullable=False)
    answer_digest = Column(String(64))
    __table_args__ = (Index("payer_inquiries_by_subject", "about", "asked_at"),)


def _refuse(_mapper: Any, _connection: Any, target: Any) -> None:
    raise HistoryError(f"a line of {target.__tablename__} is written once")


for _table in (AuthorizationEvent, ClaimEvent, ClaimCharge, Remittance, PayerInquiry):
    event.listen(_table, "before_update", _refuse)
    event.listen(_table, "before_delete", _refuse)
for _table in (Denial, Appeal, PendingCoverage):
    event.listen(_table, "before_delete", _refuse)
