"""What the records say of a patient's insurance, reached through their chart only (R3), as plain values.

Money is integer cents. Nothing here judges: what is active, in network or due is reckoned in `bedside.care`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bedside.records.chart import Chart
from bedside.records.insurance_tables import (
    Appeal,
    AuthorizationEvent,
    BenefitUse,
    ClaimCharge,
    ClaimEvent,
    CoverageDraft,
    CoverageYear,
    Denial,
    Payer,
    PayerInquiry,
    PendingCoverage,
    Plan,
    PlanBenefit,
    PlanNetwork,
    Remittance,
)
from bedside.records.tables import (
    Audit,
    Authorization,
    Claim,
    Coverage,
    Patient,
    Provider,
    Referral,
    Statement,
)

IN, OUT = "in", "out"
_LONG_ENOUGH, _LONG = 6, 8  # characters of a member number: below the first nothing of it is said


@dataclass(frozen=True)
class Benefit:
    """What a plan does for a service, in or out of its network; cents and percent."""

    service: str
    network: str = IN
    covered: bool = True
    copay_cents: int = 0
    coinsurance_percent: int = 0
    deductible_applies: bool = False
    authorization_needed: bool = False
    yearly_limit: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class NetworkRow:
    """One statement about a plan's network; the provider by name."""

    provider: str | None
    location: str | None
    in_network: bool
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class Year:
    """A plan year of a coverage; cents. None: the records don't say."""

    starts_on: date
    ends_on: date
    deductible_cents: int | None = None
    deductible_met_cents: int = 0
    family_deductible_cents: int | None = None
    family_deductible_met_cents: int = 0
    out_of_pocket_cents: int | None = None
    out_of_pocket_met_cents: int = 0
    family_out_of_pocket_cents: int | None = None
    family_out_of_pocket_met_cents: int = 0
    as_of: date | None = None
    used: tuple[tuple[str, int], ...] = ()

    def used_of(self, service: str) -> int:
        """How many limited visits of a service are used."""
        return dict(self.used).get(service, 0)


@dataclass(frozen=True)
class PayerRules:
    """How a payer is reached and what it usually takes; None where the clinic's usual times hold."""

    payer_id: int
    name: str
    kind: str
    member_phone: str | None = None
    reached_by: str = "portal"
    authorization_days: tuple[int, int] | None = None  # business days
    urgent_hours: tuple[int, int] | None = None
    claim_days: tuple[int, int] | None = None  # business days
    appeal_days: int | None = None


@dataclass(frozen=True)
class Policy:
    """A coverage with everything that is known of its plan.

    What is on the card is kept out of `repr`, so that no log can hold it; a sentence has `member_ending` only.
    """

    coverage_id: int
    rank: int
    payer: str
    plan: str
    payer_rules: PayerRules | None = None
    plan_kind: str | None = None
    referral_needed: bool = False
    member_id: str | None = field(default=None, repr=False)
    group_number: str | None = field(default=None, repr=False)
    holder_name: str | None = field(default=None, repr=False)
    holder_relation: str = "self"
    holder_birth_date: date | None = field(default=None, repr=False)
    held_through: str = "unknown"
    large_employer: bool | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    verified_on: date | None = None
    benefits: tuple[Benefit, ...] = ()
    network: tuple[NetworkRow, ...] = ()
    years: tuple[Year, ...] = ()

    @property
    def kind(self) -> str:
        """commercial, medicare, medicaid or marketplace; commercial where the payer isn't described."""
        return self.payer_rules.kind if self.payer_rules else "commercial"

    @property
    def member_ending(self) -> str | None:
        """The last characters of the member number that may be said; None where there are too few (R3)."""
        return ending(self.member_id)

    def year_on(self, day: date) -> Year | None:
        """The plan year of a day, where it is on file."""
        return next((year for year in self.years if year.starts_on <= day <= year.ends_on), None)


@dataclass(frozen=True)
class Step:
    """A line of a history; `at` is when it was written, UTC."""

    status: str
    happened_on: date | None
    at: datetime
    actor: str


@dataclass(frozen=True)
class Requested:
    """A prior authorization."""

    authorization_id: int
    service: str
    service_kind: str | None
    status: str
    urgent: bool
    coverage_id: int | None
    provider: str | None
    appointment_id: int | None
    number: str | None = field(repr=False)
    information_asked: tuple[str, ...] = ()
    information_due_on: date | None = None
    sent_on: date | None = None
    decided_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Remitted:
    """A payer's explanation of a whole claim; cents."""

    explained_on: date
    billed_cents: int
    paid_cents: int
    adjusted_cents: int
    patient_cents: int


@dataclass(frozen=True)
class Claimed:
    """A claim. `charge_ids`: the lines of the statement that it asks payment for."""

    claim_id: int
    service_date: date
    status: str
    coverage_id: int | None
    payer: str | None
    statement_number: str | None
    number: str | None = field(repr=False)
    billed_cents: int | None = None
    information_asked: tuple[str, ...] = ()
    sent_on: date | None = None
    received_on: date | None = None
    decided_on: date | None = None
    charge_ids: tuple[int, ...] = ()
    steps: tuple[Step, ...] = ()
    remittances: tuple[Remitted, ...] = ()


@dataclass(frozen=True)
class Appealed:
    """An appeal at one level."""

    appeal_id: int
    level: str
    status: str
    expedited: bool
    noticed_on: date
    file_by: date
    filed_on: date | None
    decided_on: date | None
    appointment_id: int | None
    ticket_id: int | None


@dataclass(frozen=True)
class Denied:
    """A payer's no. `appointment_id`: the visit that the refused request was for."""

    denial_id: int
    reason: str
    noticed_on: date
    appeal_days: int | None
    authorization_id: int | None
    claim_id: int | None
    coverage_id: int | None
    service: str | None
    service_date: date | None
    appointment_id: int | None
    appeals: tuple[Appealed, ...] = ()


@dataclass(frozen=True)
class Unverified:
    """A coverage as the patient gave it, waiting for a person."""

    pending_id: int
    payer: str
    plan: str | None
    member_ending: str | None
    starts_on: date | None
    said_at: datetime
    ticket_id: int


def ending(member_id: str | None) -> str | None:
    """The last 4 characters of a member number, 3 of a short one, and nothing of one shorter than 6 (R3)."""
    plain = "".join(sign for sign in member_id or "" if sign.isalnum())
    if len(plain) < _LONG_ENOUGH:
        return None
    return plain[-4:] if len(plain) >= _LONG else plain[-3:]


class Insurance:
    """The insurance of the patient whose chart is open."""

    def __init__(self, session: Session, chart: Chart) -> None:
        self._session = session
        self._chart = chart

    @property
    def patient_id(self) -> int:
        """Whose it is."""
        return self._chart.patient_id

    def birth_date(self) -> date:
        """The patient's date of birth, which decides who pays first for some."""
        found: date = self._session.execute(
            select(Patient.birth_date).where(Patient.id == self.patient_id)
        ).scalar_one()
        return found

    # Coverage ----------------------------------------------------------------------------------------------------

    def policies(self) -> list[Policy]:
        """Every coverage on file, by rank, then the newest first."""
        rows = self._session.execute(
            select(Coverage, Plan, Payer)
            .outerjoin(Plan, Coverage.plan_id == Plan.id)
            .outerjoin(Payer, Plan.payer_id == Payer.id)
            .where(Coverage.patient_id == self.patient_id)
            .order_by(Coverage.rank, Coverage.id.desc())
            .execution_options(populate_existing=True)
        ).all()
        plans = [plan.id for _, plan, _ in rows if plan is not None]
        benefits, networks = self._benefits(plans), self._networks(plans)
        years = self._years([coverage.id for coverage, _, _ in rows])
        by_name = self._payers_by_name([coverage.payer for coverage, _, _ in rows])
        return [
            Policy(
                coverage_id=coverage.id,
                rank=coverage.rank,
                payer=coverage.payer,
                plan=coverage.plan,
                payer_rules=_rules(payer or by_name.get(coverage.payer)),
                plan_kind=plan.kind if plan else None,
                referral_needed=bool(plan and plan.referral_needed),
                member_id=coverage.member_id,
                group_number=coverage.group_number,
                holder_name=coverage.holder_name,
                holder_relation=coverage.holder_relation,
                holder_birth_date=(
                    date.fromisoformat(coverage.holder_birth_date) if coverage.holder_birth_date else None
                ),
                held_through=coverage.held_through,
                large_employer=coverage.large_employer,
                starts_on=coverage.starts_on,
                ends_on=coverage.ends_on,
                verified_on=coverage.verified_on,
                benefits=tuple(benefits[plan.id]) if plan else (),
                network=tuple(networks[plan.id]) if plan else (),
                years=tuple(years[coverage.id]),
            )
            for coverage, plan, payer in rows
        ]

    def unverified(self) -> list[Unverified]:
        """Coverages that the patient gave in chat and nobody has verified yet, the newest first."""
        rows = self._session.execute(
            select(PendingCoverage)
            .where(PendingCoverage.patient_id == self.patient_id, PendingCoverage.status == "pending")
            .order_by(PendingCoverage.id.desc())
        ).scalars()
        return [
            Unverified(
                row.id,
                row.payer_said,
                row.plan_said,
                ending(row.member_id),
                row.starts_on,
                row.said_at,
                row.ticket_id,
            )
            for row in rows
        ]

    def has_referral(self, specialties: Iterable[str], on: date) -> bool:
        """Whether a referral to one of these specialties is on file that holds on that day."""
        found = select(Referral.id).where(
            Referral.patient_id == self.patient_id,
            Referral.specialty.in_(list(specialties)),
            or_(Referral.starts_on.is_(None), Referral.starts_on <= on),
            or_(Referral.ends_on.is_(None), Referral.ends_on >= on),
        )
        return self._session.execute(found.limit(1)).first() is not None

    # Requests, claims, denials -----------------------------------------------------------------------------------

    def requests(self) -> list[Requested]:
        """Every prior authorization, the newest first."""
        rows = self._session.execute(
            select(Authorization, Provider.name)
            .outerjoin(Provider, Authorization.provider_id == Provider.id)
            .where(Authorization.patient_id == self.patient_id)
            .order_by(Authorization.id.desc())
            .execution_options(populate_existing=True)
        ).all()
        steps = self._steps(AuthorizationEvent, AuthorizationEvent.authorization_id, [row.id for row, _ in rows])
        return [
            Requested(
                authorization_id=row.id,
                service=row.service,
                service_kind=row.service_kind,
                status=row.status,
                urgent=row.urgent,
                coverage_id=row.coverage_id,
                provider=provider,
                appointment_id=row.appointment_id,
                number=row.number,
                information_asked=tuple(row.information_asked),
                information_due_on=row.information_due_on,
                sent_on=row.sent_on,
                decided_on=row.decided_on,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                steps=tuple(steps[row.id]),
            )
            for row, provider in rows
        ]

    def claims(self) -> list[Claimed]:
        """Every claim, the newest service first."""
        rows = self._session.execute(
            select(Claim, Statement.number)
            .outerjoin(Statement, Claim.statement_id == Statement.id)
            .where(Claim.patient_id == self.patient_id)
            .order_by(Claim.service_date.desc(), Claim.id.desc())
            .execution_options(populate_existing=True)
        ).all()
        keys = [row.id for row, _ in rows]
        steps = self._steps(ClaimEvent, ClaimEvent.claim_id, keys)
        charges, remittances = defaultdict(list), defaultdict(list)
        for row in self._of(ClaimCharge, ClaimCharge.claim_id, keys):
            charges[row.claim_id].append(row.charge_id)
        for row in self._of(Remittance, Remittance.claim_id, keys):
            remittances[row.claim_id].append(
                Remitted(row.explained_on, row.billed_cents, row.paid_cents, row.adjusted_cents, row.patient_cents)
            )
        return [
            Claimed(
                claim_id=row.id,
                service_date=row.service_date,
                status=row.status,
                coverage_id=row.coverage_id,
                payer=row.payer,
                statement_number=number,
                number=row.number,
                billed_cents=row.billed_cents,
                information_asked=tuple(row.information_asked),
                sent_on=row.sent_on,
                received_on=row.received_on,
                decided_on=row.decided_on,
                charge_ids=tuple(charges[row.id]),
                steps=tuple(steps[row.id]),
                remittances=tuple(remittances[row.id]),
            )
            for row, number in rows
        ]

    def denials(self) -> list[Denied]:
        """Every denial with its appeals, the newest notice first."""
        rows = (
            self._session.execute(
                select(Denial)
                .where(Denial.patient_id == self.patient_id)
                .order_by(Denial.noticed_on.desc(), Denial.id.desc())
            )
            .scalars()
            .all()
        )
        requests = {one.authorization_id: one for one in self.requests()}
        claims = {one.claim_id: one for one in self.claims()}
        appeals = defaultdict(list)
        for row in self._of(Appeal, Appeal.denial_id, [row.id for row in rows]):
            appeals[row.denial_id].append(_appealed(row))
        found = []
        for row in rows:
            request, claim = requests.get(row.authorization_id), claims.get(row.claim_id)
            coverage = request.coverage_id if request else claim.coverage_id if claim else None
            found.append(
                Denied(
                    denial_id=row.id,
                    reason=row.reason,
                    noticed_on=row.noticed_on,
                    appeal_days=row.appeal_days,
                    authorization_id=row.authorization_id,
                    claim_id=row.claim_id,
                    coverage_id=coverage,
                    service=request.service if request else None,
                    service_date=claim.service_date if claim else None,
                    appointment_id=request.appointment_id if request else None,
                    appeals=tuple(appeals[row.id]),
                )
            )
        return found

    # Writing -----------------------------------------------------------------------------------------------------

    def note_request(
        self, authorization_id: int, status: str, at: datetime, actor: str, on: date, detail: str | None = None
    ) -> None:
        """Bring one of this patient's requests to a status, and its history with it. Raise KeyError otherwise."""
        row = self._own(Authorization, authorization_id)
        row.status = status
        if status == "sent":
            row.sent_on = on
        if status in ("approved", "denied"):
            row.decided_on = on
        self._session.add(
            AuthorizationEvent(
                authorization_id=row.id, at=at, happened_on=on, actor=actor, status=status, detail=detail
            )
        )
        self._session.flush()

    def note_claim(
        self, claim_id: int, status: str, at: datetime, actor: str, on: date, detail: str | None = None
    ) -> None:
        """Bring one of this patient's claims to a status, and its history with it. Raise KeyError otherwise."""
        row = self._own(Claim, claim_id)
        row.status = status
        if status in ("paid", "partly_paid", "denied", "reversed"):
            row.decided_on = on
        if status == "received":
            row.received_on = on
        self._session.add(ClaimEvent(claim_id=row.id, at=at, happened_on=on, actor=actor, status=status, detail=detail))
        self._session.flush()

    def write_denial(
        self,
        reason: str,
        noticed_on: date,
        *,
        authorization_id: int | None = None,
        claim_id: int | None = None,
        appeal_days: int | None = None,
    ) -> int:
        """Write a payer's no to one of this patient's requests or claims; its id. Raise KeyError otherwise."""
        if authorization_id is not None:
            self._own(Authorization, authorization_id)
        if claim_id is not None:
            self._own(Claim, claim_id)
        row = Denial(
            patient_id=self.patient_id,
            authorization_id=authorization_id,
            claim_id=claim_id,
            reason=reason,
            noticed_on=noticed_on,
            appeal_days=appeal_days,
        )
        self._session.add(row)
        self._session.flush()
        return int(row.id)

    def write_appeal(self, denial_id: int, **values: Any) -> int:
        """Write an appeal against one of this patient's denials; its id. Raise KeyError otherwise."""
        self._own(Denial, denial_id)
        row = Appeal(denial_id=denial_id, **values)
        self._session.add(row)
        self._session.flush()
        return int(row.id)

    def change_appeal(self, appeal_id: int, **values: Any) -> None:
        """Write what happened to one of this patient's appeals. Raise KeyError otherwise."""
        row = self._session.get(Appeal, appeal_id)
        if row is None:
            raise KeyError("there is no such appeal")
        self._own(Denial, row.denial_id)
        for key, value in values.items():
            setattr(row, key, value)
        self._session.flush()

    def draft(self, conversation_id: str, since: datetime) -> str | None:
        """What this patient has given of a new insurance in a conversation since a moment, as it was kept."""
        row = self._session.get(CoverageDraft, conversation_id)
        if row is None or row.patient_id != self.patient_id or row.updated_at < since:
            return None
        return str(row.given)

    def keep_draft(self, conversation_id: str, given: str, at: datetime) -> None:
        """Keep what this patient has given of a new insurance in a conversation."""
        row = self._session.get(CoverageDraft, conversation_id)
        if row is None:
            row = CoverageDraft(conversation_id=conversation_id)
            self._session.add(row)
        row.patient_id, row.given, row.updated_at = self.patient_id, given, at
        self._session.flush()

    def forget_draft(self, conversation_id: str) -> None:
        """Forget what was given in a conversation."""
        row = self._session.get(CoverageDraft, conversation_id)
        if row is not None:
            self._session.delete(row)
            self._session.flush()

    def pending_with(self, member_digest: str) -> Any | None:
        """The row of an unverified coverage with that member number."""
        return self._session.execute(
            select(PendingCoverage).where(
                PendingCoverage.patient_id == self.patient_id,
                PendingCoverage.member_digest == member_digest,
                PendingCoverage.status == "pending",
            )
        ).scalar_one_or_none()

    def write_pending(self, **values: Any) -> int:
        """Write a coverage as the patient gave it; its id."""
        row = PendingCoverage(patient_id=self.patient_id, status="pending", **values)
        self._session.add(row)
        self._session.flush()
        return int(row.id)

    def end_pending(self, pending_id: int, status: str, at: datetime, by: str, coverage_id: int | None = None) -> None:
        """Say what became of one of this patient's unverified coverages. Raise KeyError otherwise."""
        row = self._own(PendingCoverage, pending_id)
        row.status, row.ended_at, row.ended_by, row.coverage_id = status, at, by, coverage_id
        self._session.flush()

    def pending_row(self, pending_id: int) -> Any:
        """An unverified coverage of this patient, for a person who verifies it. Raise KeyError otherwise."""
        return self._own(PendingCoverage, pending_id)

    def write_coverage(self, **values: Any) -> int:
        """Write a coverage that a person has verified; its id."""
        row = Coverage(patient_id=self.patient_id, **values)
        self._session.add(row)
        self._session.flush()
        return int(row.id)

    def change_coverage(self, coverage_id: int, **values: Any) -> None:
        """Change the rank or the dates of one of this patient's coverages. Raise KeyError otherwise."""
        row = self._own(Coverage, coverage_id)
        for key, value in values.items():
            setattr(row, key, value)
        self._session.flush()

    def note_inquiry(self, conversation_id: str, **values: Any) -> None:
        """Write that a payer was asked something about this patient."""
        self._session.add(PayerInquiry(patient_id=self.patient_id, conversation_id=conversation_id, **values))
        self._session.flush()

    def answers_since(self, about: str, since: datetime) -> list[str]:
        """The digests of what a payer has answered to a question since a moment, the oldest first."""
        rows = self._session.execute(
            select(PayerInquiry.answer_digest)
            .where(
                PayerInquiry.patient_id == self.patient_id,
                PayerInquiry.about == about,
                PayerInquiry.asked_at >= since,
                PayerInquiry.answer_digest.is_not(None),
            )
            .order_by(PayerInquiry.id)
        ).scalars()
        return list(rows)

    # How the parts are read ---------------------------------------------------------------------------------------

    def _own(self, table: Any, key: int) -> Any:
        row = self._session.get(table, key)
        if row is None or row.patient_id != self.patient_id:
            raise KeyError("this patient has no such record")
        return row

    def _of(self, table: Any, column: Any, keys: Iterable[int]) -> list[Any]:
        rows = select(table).where(column.in_(list(keys))).order_by(table.id)
        return list(self._session.execute(rows.execution_options(populate_existing=True)).scalars())

    def _steps(self, table: Any, column: Any, keys: Iterable[int]) -> dict[int, list[Step]]:
        found: dict[int, list[Step]] = defaultdict(list)
        for row in self._of(table, column, keys):
            found[getattr(row, column.key)].append(Step(row.status, row.happened_on, row.at, row.actor))
        return found

    def _benefits(self, plan_ids: Iterable[int]) -> dict[int, list[Benefit]]:
        found: dict[int, list[Benefit]] = defaultdict(list)
        for row in self._of(PlanBenefit, PlanBenefit.plan_id, plan_ids):
            found[row.plan_id].append(_copied(Benefit, row))
        return found

    def _networks(self, plan_ids: Iterable[int]) -> dict[int, list[NetworkRow]]:
        rows = self._session.execute(
            select(PlanNetwork, Provider.name)
            .outerjoin(Provider, PlanNetwork.provider_id == Provider.id)
            .where(PlanNetwork.plan_id.in_(list(plan_ids)))
            .order_by(PlanNetwork.id)
        )
        found: dict[int, list[NetworkRow]] = defaultdict(list)
        for row, provider in rows:
            found[row.plan_id].append(NetworkRow(provider, row.location, row.in_network, row.starts_on, row.ends_on))
        return found

    def _years(self, coverage_ids: Iterable[int]) -> dict[int, list[Year]]:
        rows = self._of(CoverageYear, CoverageYear.coverage_id, coverage_ids)
        used: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for use in self._of(BenefitUse, BenefitUse.year_id, [row.id for row in rows]):
            used[use.year_id].append((use.service, use.used))
        found: dict[int, list[Year]] = defaultdict(list)
        for row in rows:
            found[row.coverage_id].append(_copied(Year, row, used=tuple(used[row.id])))
        return found

    def _payers_by_name(self, names: Iterable[str]) -> dict[str, Any]:
        rows = self._session.execute(select(Payer).where(Payer.name.in_(list(names)))).scalars()
        return {row.name: row for row in rows}


def plan_key(session: Session, payer_id: int | None, plan: str | None) -> int | None:
    """The key of a payer's plan of that name, whatever its capitals; None where the clinic doesn't know it."""
    if payer_id is None or not plan:
        return None
    found: int | None = session.execute(
        select(Plan.id).where(Plan.payer_id == payer_id, func.lower(Plan.name) == plan.lower())
    ).scalar_one_or_none()
    return found


def owner_of_appeal(session: Session, appeal_id: int) -> int:
    """Whose appeal it is, for the desk. Raise KeyError when there is none."""
    found: int | None = session.execute(
        select(Denial.patient_id).join(Appeal, Appeal.denial_id == Denial.id).where(Appeal.id == appeal_id)
    ).scalar_one_or_none()
    if found is None:
        raise KeyError("there is no such appeal")
    return found


def owner_of_pending(session: Session, pending_id: int) -> int:
    """Whose unverified coverage it is, for the desk. Raise KeyError when there is none."""
    row = session.get(PendingCoverage, pending_id)
    if row is None:
        raise KeyError("there is no such coverage")
    return int(row.patient_id)


def insurance_for_desk(session: Session, patient_id: int, actor: str, at: datetime, purpose: str) -> Insurance:
    """The insurance of a patient for a member of staff at work on it, who is named in the audit log (R3)."""
    if not actor.strip():
        raise ValueError("a chart is opened by somebody")
    patient = session.get(Patient, patient_id)
    if patient is None:
        raise KeyError("there is no such patient")
    session.add(Audit(at=at, actor=actor, patient_id=patient_id, event="chart_opened_by_staff", detail=purpose))
    return Insurance(session, Chart(session, patient))


def _rules(row: Any) -> PayerRules | None:
    if row is None:
        return None
    return PayerRules(
        payer_id=row.id,
        name=row.name,
        kind=row.kind,
        member_phone=row.member_phone,
        reached_by=row.reached_by,
        authorization_days=_pair(row.authorization_days_least, row.authorization_days_most),
        urgent_hours=_pair(row.urgent_hours_least, row.urgent_hours_most),
        claim_days=_pair(row.claim_days_least, row.claim_days_most),
        appeal_days=row.appeal_days,
    )


def _pair(least: int | None, most: int | None) -> tuple[int, int] | None:
    known = [number for number in (least, most) if number is not None]
    return (known[0], known[-1]) if known else None


def _appealed(row: Any) -> Appealed:
    return Appealed(
        appeal_id=row.id,
        level=row.level,
        status=row.status,
        expedited=row.expedited,
        noticed_on=row.noticed_on,
        file_by=row.file_by,
        filed_on=row.filed_on,
        decided_on=row.decided_on,
        appointment_id=row.appointment_id,
        ticket_id=row.ticket_id,
    )


def _copied(kind: Any, row: Any, **also: Any) -> Any:
    """A plain value of a row whose columns have the same names."""
    names = [name for name in kind.__dataclass_fields__ if name not in also]
    return kind(**{name: getattr(row, name) for name in names}, **also)
