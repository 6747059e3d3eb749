"""What a patient's insurance does for a visit: active, network, referral, copay, deductible, order (BRIEF 3.5).

Facts come from the records; a payer behind the port confirms them. Where it doesn't, the facts are still there, marked
as not confirmed, and a person follows up by a stated time. An amount is an estimate, never a promise of payment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bedside.care import asking, doubts, payer_port
from bedside.care.bill_requests import Asked, Voice
from bedside.care.context import Care
from bedside.care.cost_shares import Share, Together, share, with_second
from bedside.care.follow_ups import follow_up_payer, note_answers
from bedside.care.insurance_window import Folder, open_folder
from bedside.care.payer_order import Order, order
from bedside.care.payer_port import EligibilityRequest, EligibilityResponse, PayerPort
from bedside.care.payers.records_payer import RecordsPayer, about_coverage
from bedside.care.plan_rules import (
    DEPENDS,
    NOT_ON_FILE,
    WITHOUT_OUT_OF_NETWORK,
    Left,
    active_on,
    asks_referral,
    benefit_for,
    left_of_year,
    network_of,
    visits_left,
)
from bedside.records.insurance import OUT, Benefit, Policy, Requested, Unverified, Year

ELIGIBILITY = "insurance_coverage"
NEEDED, REFERRAL_ON_FILE, NOT_NEEDED, UNKNOWN = "needed", "on_file", "not_needed", "unknown"
NO_CHARGE, NO_COVERAGE, NO_BENEFIT, NO_NETWORK, NO_DEDUCTIBLE, NO_ORDER, NOT_CONFIRMED, MORE_THAN_TWO, REFUSED = (
    "no_charge_given",
    "no_active_coverage",
    "no_benefit_on_file",
    "network_not_known",
    "deductible_not_on_file",
    "order_not_certain",
    "not_confirmed",
    "more_than_two",
    "authorization_refused",
)


@dataclass(frozen=True)
class Question:
    """What is asked. `on` is today when left out; `service` a visit type or a service such as imaging.

    `charge_cents` is the price agreed between clinic and insurer, where an estimate is wanted.
    """

    on: date | None = None
    service: str | None = None
    provider: str | None = None
    location: str | None = None
    charge_cents: int | None = None


@dataclass(frozen=True)
class PolicyFacts:
    """One coverage on the day in question. None: the records don't say.

    `network` is in, out, not_on_file, or depends_on_location. `authorization` is the status of the newest request on
    file for the service, whatever `authorization_needed` says. `outcome` is how asking the payer ended (`asking`), and
    `reasons` why it is unclear (`doubts`). `left` is the payer's own figure where it gave one.
    """

    coverage_id: int
    rank: int
    payer: str
    plan: str
    plan_kind: str | None
    member_ending: str | None
    member_phone: str | None
    starts_on: date | None
    ends_on: date | None
    active: bool
    network: str
    benefit: Benefit | None
    covers_out_of_network: bool | None
    visits_left: int | None
    year: Year | None
    left: Left
    referral: str
    authorization_needed: bool | None
    authorization: str | None
    outcome: str
    reasons: tuple[str, ...]

    @property
    def confirmed(self) -> bool:
        """Whether these facts may be said as they are."""
        return self.outcome == asking.ANSWERED


@dataclass(frozen=True)
class Estimate:
    """Who would pay how much of a charge: the first plan's share, the second one's part, and the patient's; cents.

    Not `complete`: the most to pay in the year, or how many limited visits are used, isn't on file and was left out.
    `if_authorized`: it holds only if the insurer says yes beforehand, which it has not yet.
    """

    charge_cents: int
    first_coverage_id: int
    first: Share
    second_coverage_id: int | None
    second_pays_cents: int
    patient_cents: int
    complete: bool
    if_authorized: bool


@dataclass(frozen=True)
class Checked:
    """The answer. `outcome` is the worst of the payers'. `follow_up` is there when a person asks on (R7).

    `estimate` is None for the reason in `no_estimate`. `policies` has the active ones by rank; where none is active,
    the ones that are not.
    """

    on: date
    outcome: str
    policies: tuple[PolicyFacts, ...]
    order: Order
    estimate: Estimate | None
    no_estimate: str | None
    unverified: tuple[Unverified, ...]
    follow_up: Asked | None

    @property
    def active(self) -> bool:
        """Whether any coverage is active that day."""
        return any(one.active for one in self.policies)


def check(
    care: Care,
    conversation_id: str,
    question: Question | None = None,
    voice: Voice | None = None,
    port: PayerPort | None = None,
) -> Checked:
    """What the insurance of whoever is verified here does that day. Raise ChartClosed when nobody is.

    The payer has `payer_seconds` in all. Whatever it does, the answer is a value.
    """
    question, voice = question or Question(), voice or Voice()
    on = question.on or care.today()
    with open_folder(care, conversation_id, "insurance coverage") as folder:
        whose = folder.patient_id
        known = folder.insurance.policies()
        unverified = tuple(folder.insurance.unverified())
        active = [one for one in known if active_on(one, on)]
        policies = active or known
        referrals = {one.coverage_id: _referral(folder, one, question, on) for one in policies}
        before = folder.insurance.requests()
        asked_before = {one.coverage_id: _newest_request(before, one, question, on) for one in policies}
        requests = [
            EligibilityRequest(
                about_coverage(one), folder.member(one), on, question.service, question.provider, question.location
            )
            for one in policies
        ]
    outside = port or payer_port.connected()
    answering: PayerPort = outside or RecordsPayer(policies)
    outcomes = asking.ask(
        [lambda request=request: answering.eligibility(request) for request in requests],  # type: ignore[misc]
        care.organization.insurance.payer_seconds,
    )
    outcomes = [
        doubts.judged(
            outcome,
            EligibilityResponse,
            lambda said, policy=policy, request=request: doubts.of_eligibility(policy, request, said),  # type: ignore[misc]
        )
        for outcome, policy, request in zip(outcomes, policies, requests, strict=True)
    ]
    with open_folder(care, conversation_id, "insurance coverage", whose) as folder:
        outcomes = note_answers(folder, [(one.about, on) for one in requests], outcomes, by_payer=outside is not None)
        facts = tuple(
            _facts(policy, outcome, question, on, referrals[policy.coverage_id], asked_before[policy.coverage_id])
            for policy, outcome in zip(policies, outcomes, strict=True)
        )
        follow_up = follow_up_payer(
            folder,
            ELIGIBILITY,
            [
                (request.about, outcome, f"{policy.payer}, {policy.plan}")
                for request, outcome, policy in zip(requests, outcomes, policies, strict=True)
            ],
            f"Coverage on {on:%m/%d/%Y}{f' for {question.service}' if question.service else ''}.",
            voice,
        )
    ordered = order(active)
    estimate, why_not = _estimate(question, facts, ordered, active)
    return Checked(on, asking.worst(outcomes), facts, ordered, estimate, why_not, unverified, follow_up)


def network_by_place(
    care: Care, conversation_id: str, places: Sequence[str], provider: str | None = None, on: date | None = None
) -> dict[str, str]:
    """Whether each place is in the network of the insurance that pays first that day, as the records say; no insurer is
    asked. Empty where none is active. Raise ChartClosed."""
    on = on or care.today()
    with open_folder(care, conversation_id, "insurance coverage") as folder:
        active = [one for one in folder.insurance.policies() if active_on(one, on)]
        return {place: network_of(active[0], provider, place, on) for place in places} if active else {}


def _referral(folder: Folder, policy: Policy, question: Question, on: date) -> str:
    if question.service is None:
        return UNKNOWN
    asked = asks_referral(folder.care.organization, policy, question.service)
    if asked is None:
        return UNKNOWN
    if not asked:
        return NOT_NEEDED
    kind = folder.care.organization.visit_type(question.service)
    assert kind is not None
    return REFERRAL_ON_FILE if folder.insurance.has_referral(kind.specialties, on) else NEEDED


def _newest_request(requests: Sequence[Requested], policy: Policy, question: Question, on: date) -> str | None:
    """The status of the newest request for the service with this coverage; one that holds on other days is expired."""
    for one in requests:
        if question.service in (one.service_kind, one.service) and one.coverage_id == policy.coverage_id:
            holds = (one.valid_from is None or one.valid_from <= on) and (one.valid_to is None or on <= one.valid_to)
            return one.status if holds or one.status != "approved" else "expired"
    return None


def _facts(
    policy: Policy, outcome: asking.Outcome, question: Question, on: date, referral: str, authorization: str | None
) -> PolicyFacts:
    network = network_of(policy, question.provider, question.location, on)
    benefit = benefit_for(policy, question.service, network, on) if question.service else None
    year = policy.year_on(on)
    return PolicyFacts(
        coverage_id=policy.coverage_id,
        rank=policy.rank,
        payer=policy.payer,
        plan=policy.plan,
        plan_kind=policy.plan_kind,
        member_ending=policy.member_ending,
        member_phone=policy.payer_rules.member_phone if policy.payer_rules else None,
        starts_on=policy.starts_on,
        ends_on=policy.ends_on,
        active=active_on(policy, on),
        network=network,
        benefit=benefit,
        covers_out_of_network=_covers_out(policy, question.service, on),
        visits_left=visits_left(benefit, year) if benefit else None,
        year=year,
        left=_left(year, outcome),
        referral=referral,
        authorization_needed=benefit.authorization_needed if benefit else None,
        authorization=authorization if question.service else None,
        outcome=outcome.kind,
        reasons=outcome.reasons,
    )


def _covers_out(policy: Policy, service: str | None, on: date) -> bool | None:
    if service is not None and benefit_for(policy, service, OUT, on) is not None:
        return True
    return False if policy.plan_kind in WITHOUT_OUT_OF_NETWORK else None


def _left(year: Year | None, outcome: asking.Outcome) -> Left:
    """What is left in the year: as the payer says now, and else as the records say."""
    here = left_of_year(year)
    if outcome.kind != asking.ANSWERED:
        return here
    there = outcome.response
    return Left(
        here.deductible_cents if there.deductible_left_cents is None else there.deductible_left_cents,
        here.out_of_pocket_cents if there.out_of_pocket_left_cents is None else there.out_of_pocket_left_cents,
    )


def _estimate(
    question: Question, facts: Sequence[PolicyFacts], ordered: Order, active: Sequence[Policy]
) -> tuple[Estimate | None, str | None]:
    """The estimate, or why there is none."""
    if question.charge_cents is None:
        return None, NO_CHARGE
    if not active:
        return None, NO_COVERAGE
    if len(active) > 2:
        return None, MORE_THAN_TWO
    if not (ordered.certain and ordered.agrees):
        return None, NO_ORDER
    by_id = {one.coverage_id: one for one in facts}
    mine = [by_id[key] for key in ordered.coverage_ids]
    for one in mine:
        if not one.confirmed:
            return None, NOT_CONFIRMED
        if one.network in (NOT_ON_FILE, DEPENDS):
            return None, NO_NETWORK
        if one.benefit is None:
            return None, NO_BENEFIT
        if one.authorization == "denied":
            return None, REFUSED
    first, *rest = mine
    assert first.benefit is not None
    try:
        of_first = share(question.charge_cents, first.benefit, first.left, limit_reached=first.visits_left == 0)
        if not rest:
            alone = Estimate(
                question.charge_cents,
                first.coverage_id,
                of_first,
                None,
                0,
                of_first.patient_cents,
                _complete(first),
                _if_authorized(mine),
            )
            return alone, None
        second = rest[0]
        assert second.benefit is not None
        both: Together = with_second(
            of_first, second.plan_kind, second.benefit, second.left, limit_reached=second.visits_left == 0
        )
    except ValueError:
        return None, NO_DEDUCTIBLE
    estimate = Estimate(
        question.charge_cents,
        first.coverage_id,
        of_first,
        second.coverage_id,
        both.second_pays_cents,
        both.patient_cents,
        _complete(first) and _complete(second),
        _if_authorized(mine),
    )
    return estimate, None


def _if_authorized(facts: Sequence[PolicyFacts]) -> bool:
    return any(one.authorization_needed and one.authorization not in ("approved", "not_needed") for one in facts)


def _complete(facts: PolicyFacts) -> bool:
    limited = facts.benefit is not None and facts.benefit.yearly_limit is not None
    return facts.left.out_of_pocket_cents is not None and (facts.visits_left is not None or not limited)
