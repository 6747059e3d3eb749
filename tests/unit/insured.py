"""Insured patients of any shape for tests, and a strict stand-in for an insurer: slow, failing or contradicting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from bedside.care.payer_port import (
    AuthorizationRequest,
    AuthorizationResponse,
    ClaimStatusRequest,
    ClaimStatusResponse,
    EligibilityRequest,
    EligibilityResponse,
    Receipt,
    Submission,
)
from bedside.records.insurance_tables import (
    BenefitUse,
    CoverageYear,
    Payer,
    Plan,
    PlanBenefit,
    PlanNetwork,
)
from bedside.records.tables import Authorization, Claim, Coverage, Patient, Provider
from tests.unit.bills import Bills


class StandInPayer:
    """An insurer that does as it is told, and refuses a question that no clearinghouse would take.

    `answer` makes the answer of a question; it may raise, or wait on `never` for as long as a test runs.
    """

    def __init__(self, answer: Callable[[Any], Any]) -> None:
        self._answer = answer
        self.asked: list[Any] = []
        self.never = threading.Event()

    def eligibility(self, request: EligibilityRequest) -> EligibilityResponse:
        return self._take(request, EligibilityRequest)  # type: ignore[no-any-return]

    def authorization_status(self, request: AuthorizationRequest) -> AuthorizationResponse:
        return self._take(request, AuthorizationRequest)  # type: ignore[no-any-return]

    def claim_status(self, request: ClaimStatusRequest) -> ClaimStatusResponse:
        return self._take(request, ClaimStatusRequest)  # type: ignore[no-any-return]

    def submit(self, submission: Submission) -> Receipt:
        return self._take(submission, Submission)  # type: ignore[no-any-return]

    def _take(self, request: Any, kind: type) -> Any:
        assert type(request) is kind
        member = request.member
        assert member.payer
        assert member.plan
        assert member.member_id, "a clearinghouse refuses a question without a member number"
        assert member.full_name
        assert isinstance(member.birth_date, date)
        for secret in (member.member_id, member.full_name):
            assert secret not in repr(request), "what is on the card must not be in a log"
        self.asked.append(request)
        return self._answer(request)


# A patient's insurance of any shape ------------------------------------------------------------------------------


@dataclass(frozen=True)
class MadeBenefit:
    """A generated benefit."""

    service: str = "primary care visit"
    network: str = "in"
    covered: bool = True
    copay: int = 0
    percent: int = 0
    deductible: bool = False
    limit: int | None = None
    used: int = 0
    authorization: bool = False


@dataclass(frozen=True)
class MadeYear:
    """A generated plan year."""

    starts: date = date(2026, 1, 1)
    ends: date = date(2026, 12, 31)
    deductible: int | None = 0
    deductible_met: int = 0
    family: int | None = None
    family_met: int = 0
    maximum: int | None = None
    maximum_met: int = 0


@dataclass(frozen=True)
class MadeCoverage:
    """A generated coverage with its payer, plan, network, benefits and years."""

    kind: str = "commercial"
    plan_kind: str = "ppo"
    rank: int = 1
    starts: date | None = date(2026, 1, 1)
    ends: date | None = None
    member_id: str = "W123456789"
    relation: str = "self"
    born: date | None = None
    through: str = "active_job"
    large: bool | None = None
    referral: bool = False
    network: Sequence[tuple[str | None, str | None, bool]] = ((None, "riverside", True),)
    benefits: Sequence[MadeBenefit] = field(default_factory=lambda: (MadeBenefit(),))
    years: Sequence[MadeYear] = field(default_factory=lambda: (MadeYear(),))


def write_coverage(session: Any, patient_id: int, made: MadeCoverage) -> int:
    """Write it; returns the id of the coverage."""
    payer = Payer(name="to be named", kind=made.kind, also_called=[])
    session.add(payer)
    session.flush()
    payer.name = f"Payer {payer.id}"
    plan = Plan(payer_id=payer.id, name="Plan", kind=made.plan_kind, referral_needed=made.referral)
    session.add(plan)
    session.flush()
    for provider, location, inside in made.network:
        provider_id = None
        if provider is not None:
            provider_id = session.execute(select(Provider.id).where(Provider.name == provider)).scalar_one()
        session.add(PlanNetwork(plan_id=plan.id, provider_id=provider_id, location=location, in_network=inside))
    for one in made.benefits:
        session.add(
            PlanBenefit(
                plan_id=plan.id,
                service=one.service,
                network=one.network,
                covered=one.covered,
                copay_cents=one.copay,
                coinsurance_percent=one.percent,
                deductible_applies=one.deductible,
                authorization_needed=one.authorization,
                yearly_limit=one.limit,
            )
        )
    coverage = Coverage(
        patient_id=patient_id,
        payer=payer.name,
        plan="Plan",
        plan_id=plan.id,
        member_id=made.member_id,
        holder_relation=made.relation,
        holder_name=None if made.relation == "self" else "Holly Example",
        holder_birth_date=made.born.isoformat() if made.born else None,
        held_through=made.through,
        large_employer=made.large,
        rank=made.rank,
        starts_on=made.starts,
        ends_on=made.ends,
    )
    session.add(coverage)
    session.flush()
    for year in made.years:
        row = CoverageYear(
            coverage_id=coverage.id,
            starts_on=year.starts,
            ends_on=year.ends,
            deductible_cents=year.deductible,
            deductible_met_cents=year.deductible_met,
            family_deductible_cents=year.family,
            family_deductible_met_cents=year.family_met,
            out_of_pocket_cents=year.maximum,
            out_of_pocket_met_cents=year.maximum_met,
        )
        session.add(row)
        session.flush()
        used = {one.service: one.used for one in made.benefits if one.used}
        session.add_all([BenefitUse(year_id=row.id, service=name, used=count) for name, count in used.items()])
    session.flush()
    return int(coverage.id)


def key_of(bills: Bills, table: Any, reference: str) -> int:
    """The first row of a patient's in a table."""
    with bills.care.store.reading() as session:
        found = session.execute(
            select(table.id)
            .join(Patient, table.patient_id == Patient.id)
            .where(Patient.reference == reference)
            .order_by(table.id)
        ).scalars()
        return int(found.first())  # type: ignore[arg-type]


__all__ = [
    "Authorization",
    "Claim",
    "MadeBenefit",
    "MadeCoverage",
    "MadeYear",
    "StandInPayer",
    "key_of",
    "write_coverage",
]
