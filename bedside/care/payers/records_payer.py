"""The payer that is built in: it answers from what the records say, which was read through the patient's chart."""

from __future__ import annotations

from collections.abc import Sequence

from bedside.care.payer_port import (
    AuthorizationRequest,
    AuthorizationResponse,
    BenefitAnswer,
    ClaimStatusRequest,
    ClaimStatusResponse,
    EligibilityRequest,
    EligibilityResponse,
    Receipt,
    Submission,
)
from bedside.care.plan_rules import active_on, benefit_for, left_of_year, network_of
from bedside.records.insurance import Claimed, Policy, Requested


def about_coverage(policy: Policy) -> str:
    """How a coverage is named in a question."""
    return f"eligibility:{policy.coverage_id}"


def about_request(request: Requested) -> str:
    """How a prior authorization is named in a question."""
    return f"authorization:{request.authorization_id}"


def about_claim(claim: Claimed) -> str:
    """How a claim is named in a question."""
    return f"claim:{claim.claim_id}"


class RecordsPayer:
    """Answers for one patient, from values that were read beforehand: it opens nothing itself (R3)."""

    def __init__(
        self,
        policies: Sequence[Policy] = (),
        requests: Sequence[Requested] = (),
        claims: Sequence[Claimed] = (),
    ) -> None:
        self._policies = {about_coverage(one): one for one in policies}
        self._requests = {about_request(one): one for one in requests}
        self._claims = {about_claim(one): one for one in claims}

    def eligibility(self, request: EligibilityRequest) -> EligibilityResponse:
        """What the records say of a coverage."""
        policy = self._policies.get(request.about)
        if policy is None:
            return EligibilityResponse(known=False, active=None)
        network = network_of(policy, request.provider, request.location, request.service_date)
        benefit = benefit_for(policy, request.service, network, request.service_date) if request.service else None
        left = left_of_year(policy.year_on(request.service_date))
        said = (
            ()
            if benefit is None
            else (
                BenefitAnswer(
                    benefit.service,
                    benefit.network,
                    benefit.covered,
                    benefit.copay_cents,
                    benefit.coinsurance_percent,
                    benefit.authorization_needed,
                ),
            )
        )
        return EligibilityResponse(
            known=True,
            active=active_on(policy, request.service_date),
            plan=policy.plan,
            starts_on=policy.starts_on,
            ends_on=policy.ends_on,
            in_network={"in": True, "out": False}.get(network),
            benefits=said,
            deductible_left_cents=left.deductible_cents,
            out_of_pocket_left_cents=left.out_of_pocket_cents,
        )

    def authorization_status(self, request: AuthorizationRequest) -> AuthorizationResponse:
        """Where the records say that a request stands."""
        known = self._requests.get(request.about)
        if known is None:
            return AuthorizationResponse(known=False, status=None)
        return AuthorizationResponse(
            known=True,
            status=known.status,
            number=known.number,
            decided_on=known.decided_on,
            valid_from=known.valid_from,
            valid_to=known.valid_to,
            information_asked=known.information_asked,
        )

    def claim_status(self, request: ClaimStatusRequest) -> ClaimStatusResponse:
        """Where the records say that a claim stands."""
        known = self._claims.get(request.about)
        if known is None:
            return ClaimStatusResponse(known=False, status=None)
        paid = sum(one.paid_cents for one in known.remittances) if known.remittances else None
        return ClaimStatusResponse(True, known.status, paid, known.decided_on, known.information_asked)

    def submit(self, submission: Submission) -> Receipt:
        """Nothing is sent from the records: a person does it."""
        return Receipt(accepted=False, by_hand=True)
