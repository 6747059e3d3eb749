"""What makes a payer's answer unclear: that it disagrees with the records, with itself, or with an hour ago.

An unclear answer is never said as a fact: a person asks the payer, and the patient hears by when (R6, R7). That
something has moved on, such as a request that was pending and is approved, is news and no doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bedside.care.asking import ANSWERED, UNCLEAR, Outcome
from bedside.care.payer_port import (
    AuthorizationResponse,
    BenefitAnswer,
    ClaimStatusResponse,
    EligibilityRequest,
    EligibilityResponse,
)
from bedside.care.plan_rules import active_on, benefit_for, network_of
from bedside.records.clinic_file import AUTHORIZATION_STATUSES, CLAIM_STATUSES
from bedside.records.insurance import Claimed, Policy, Requested

NOT_KNOWN_THERE = "not_known_there"
INCOMPLETE = "incomplete"
ACTIVE_HERE_ENDED_THERE, ENDED_HERE_ACTIVE_THERE = "active_here_ended_there", "ended_here_active_there"
OTHER_PLAN, OTHER_NETWORK, OTHER_BENEFIT = "other_plan", "other_network", "other_benefit"
OTHER_DECISION = "other_decision"
ANSWERS_DIFFER = "answers_differ"
REASONS = (
    NOT_KNOWN_THERE,
    INCOMPLETE,
    ACTIVE_HERE_ENDED_THERE,
    ENDED_HERE_ACTIVE_THERE,
    OTHER_PLAN,
    OTHER_NETWORK,
    OTHER_BENEFIT,
    OTHER_DECISION,
    ANSWERS_DIFFER,
)

_NEVER_SENT = ("not_needed", "needed", "being_prepared")
_DECIDED_REQUESTS = ("approved", "denied")
_DECIDED_CLAIMS = ("paid", "partly_paid", "denied", "reversed")


def judged(outcome: Outcome, kind: type, doubts: Callable[[Any], tuple[str, ...]]) -> Outcome:
    """The outcome, unclear where its answer raises doubts or is no answer at all to what was asked."""
    if outcome.kind != ANSWERED:
        return outcome
    found = doubts(outcome.response) if isinstance(outcome.response, kind) else (INCOMPLETE,)
    return replace(outcome, kind=UNCLEAR, reasons=found) if found else outcome


def again(outcome: Outcome, digest: str, earlier: Sequence[str]) -> Outcome:
    """The outcome, unclear where the same question had another answer earlier that day."""
    if outcome.kind == ANSWERED and earlier and earlier[-1] != digest:
        return replace(outcome, kind=UNCLEAR, reasons=(ANSWERS_DIFFER,))
    return outcome


def essence(response: Any) -> str | None:
    """What of an answer must not change within a day, whatever service was asked about; None where all of it may."""
    if not isinstance(response, EligibilityResponse):
        return None
    return repr((response.known, response.active, (response.plan or "").casefold()))


def of_eligibility(policy: Policy, request: EligibilityRequest, response: EligibilityResponse) -> tuple[str, ...]:
    """What is doubtful about a payer's word on a coverage."""
    if not response.known:
        return (NOT_KNOWN_THERE,)
    if response.active is None:
        return (INCOMPLETE,)
    found = []
    here = active_on(policy, request.service_date)
    if here != response.active:
        found.append(ACTIVE_HERE_ENDED_THERE if here else ENDED_HERE_ACTIVE_THERE)
    if response.plan is not None and response.plan.casefold() != policy.plan.casefold():
        found.append(OTHER_PLAN)
    network = network_of(policy, request.provider, request.location, request.service_date)
    if response.in_network is not None and network in ("in", "out") and response.in_network != (network == "in"):
        found.append(OTHER_NETWORK)
    seen: dict[tuple[str, str], BenefitAnswer] = {}
    for answer in response.benefits:
        if seen.setdefault((answer.service, answer.network), answer) != answer:
            found.append(ANSWERS_DIFFER)
        known = benefit_for(policy, answer.service, answer.network, request.service_date)
        if known is not None and any(
            said is not None and said != mine
            for said, mine in (
                (answer.covered, known.covered),
                (answer.copay_cents, known.copay_cents),
                (answer.coinsurance_percent, known.coinsurance_percent),
                (answer.authorization_needed, known.authorization_needed),
            )
        ):
            found.append(OTHER_BENEFIT)
    return tuple(dict.fromkeys(found))


def of_authorization(request: Requested, response: AuthorizationResponse) -> tuple[str, ...]:
    """What is doubtful about a payer's word on a prior authorization."""
    if not response.known:
        return () if request.status in _NEVER_SENT else (NOT_KNOWN_THERE,)
    if response.status not in AUTHORIZATION_STATUSES:
        return (INCOMPLETE,)
    return _moved_back(request.status, response.status, _DECIDED_REQUESTS, ("expired",))


def of_claim(claim: Claimed, response: ClaimStatusResponse) -> tuple[str, ...]:
    """What is doubtful about a payer's word on a claim."""
    if not response.known:
        return (NOT_KNOWN_THERE,)
    if response.status not in CLAIM_STATUSES:
        return (INCOMPLETE,)
    return _moved_back(claim.status, response.status, _DECIDED_CLAIMS, ("reversed",))


def _moved_back(here: str, there: str, decided: Sequence[str], may_follow: Sequence[str]) -> tuple[str, ...]:
    """A decision on file stays one: another decision there, or none yet, is a contradiction."""
    if here in decided and there != here and there not in may_follow:
        return (OTHER_DECISION,)
    return ()
