"""The door to insurers: what is asked, what comes back, and what becomes of a question that gets no good answer.

Behind it stand the clinic's own records (`bedside.care.payers.records_payer`) or, in production, a clearinghouse. The
messages are shaped after HL7 FHIR R4 and the X12 transactions that clearinghouses speak, so that an adapter only
renames fields; each docstring says which. `asking` waits for answers, so that nothing here ever keeps a patient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol


@dataclass(frozen=True)
class Member:
    """Who is insured, and with whom. Nothing of it is in `repr`, so that no log can hold it.

    FHIR: Coverage.payor, .subscriberId, .class[group], .relationship, and Patient. X12 270/276/278: NM1*PR (the payer),
    NM103/NM104 of the subscriber or dependent (the name), NM109 (the member number), DMG02 (born), INS02 (relation),
    REF*6P (the group).
    """

    payer: str
    plan: str
    member_id: str | None = field(repr=False)
    group_number: str | None = field(repr=False)
    full_name: str = field(repr=False)
    birth_date: date = field(repr=False)
    holder_relation: str = "self"


@dataclass(frozen=True)
class EligibilityRequest:
    """Is this coverage in force that day, and what does it do for this service?

    FHIR CoverageEligibilityRequest: .insurance.coverage, .servicedDate, .purpose (validation and benefits),
    .item.category and .item.provider. X12 270: DTP*291 (the day), EQ01/EQ02 (the service type or procedure), loop 2100B
    (the provider). `about` names the coverage in our own records and is not sent.
    """

    about: str
    member: Member
    service_date: date
    service: str | None = None
    provider: str | None = None
    location: str | None = None


@dataclass(frozen=True)
class BenefitAnswer:
    """What a payer says of one service, in or out of its network; cents and percent, None where it doesn't say.

    FHIR CoverageEligibilityResponse.insurance.item: .network, .excluded, .benefit[copay, coinsurance, deductible],
    .authorizationRequired. X12 271: EB01 = B with EB07 (copay), A with EB08 (coinsurance, a fraction there), I
    (not covered); EB12 (in network); EB11 (authorization).
    """

    service: str
    network: str
    covered: bool | None = None
    copay_cents: int | None = None
    coinsurance_percent: int | None = None
    authorization_needed: bool | None = None


@dataclass(frozen=True)
class EligibilityResponse:
    """What a payer says of a coverage on a day.

    FHIR CoverageEligibilityResponse: .insurance.inforce, .insurance.benefitPeriod, .error, and
    .insurance.item.benefit with .allowed and .used. X12 271: EB01 = 1 (active), 6 (inactive), C (deductible) and G (out
    of pocket) with EB06 = 29 (what remains), DTP*346/347 (plan begins and ends), AAA03 = 72 or 75 (no such member:
    `known` False).
    `deductible_left_cents` and `out_of_pocket_left_cents` are what is left of them.
    """

    known: bool
    active: bool | None
    plan: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    in_network: bool | None = None
    benefits: tuple[BenefitAnswer, ...] = ()
    deductible_left_cents: int | None = None
    out_of_pocket_left_cents: int | None = None


@dataclass(frozen=True)
class AuthorizationRequest:
    """Where does a prior authorization stand?

    FHIR: Claim with .use = preauthorization, read again by .identifier or .preAuthRef. X12 278 inquiry (X215): TRN02,
    REF*BB (the number), UM01/UM02, SV1/SV2 (the service), DTP*472.
    """

    about: str
    member: Member
    service: str
    sent_on: date | None = None
    number: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class AuthorizationResponse:
    """A payer's word on a prior authorization; `status` is one of ours.

    FHIR ClaimResponse: .outcome (queued: pending; complete or partial), .adjudication and .disposition, .preAuthRef,
    .preAuthPeriod. X12 278: HCR01 = A1, A2 or A6 (approved, wholly, in part or changed), A3 (denied), A4 (pending; or
    pending_information, where HCR03 says that more is wanted), CT (ask by phone: known, and the status None); HCR02
    (the number).
    """

    known: bool
    status: str | None
    number: str | None = field(default=None, repr=False)
    decided_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    information_asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClaimStatusRequest:
    """Where does a claim stand?

    FHIR: Claim.identifier, .created, .item.servicedDate, .total, read back as ClaimResponse. X12 276: TRN02, REF*1K
    (the payer's number), AMT*T3 (billed), DTP*472 (the day of service).
    """

    about: str
    member: Member
    service_date: date
    billed_cents: int | None = None
    number: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ClaimStatusResponse:
    """A payer's word on a claim; `status` is one of ours.

    FHIR ClaimResponse: .outcome, .payment.amount and .date, .disposition. X12 277, the category in STC01-1: A1 and A2
    (received), P0 to P2 (in_process), P3, P4 and R (information_requested), F1 (paid), F2 (denied), A4 (not found:
    `known` False); STC05 (paid, in dollars there); STC02 (the day).
    """

    known: bool
    status: str | None
    paid_cents: int | None = None
    decided_on: date | None = None
    information_asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submission:
    """Something to send to a payer: a request beforehand, or an appeal of a denial.

    FHIR: Claim with .use = preauthorization (and .related for an appeal), .priority = stat where urgent. X12 278
    request: UM02 = I (first), 1 (appeal, immediate) or 2 (appeal, standard), UM06 = U where urgent.
    """

    about: str
    member: Member
    kind: str  # authorization | appeal
    service: str
    urgent: bool = False
    documents: Sequence[str] = ()


@dataclass(frozen=True)
class Receipt:
    """Whether a payer took a submission. FHIR ClaimResponse.outcome and .identifier; X12 278 HCR, or AAA where not.

    `by_hand`: nothing can be sent this way, and a person does it.
    """

    accepted: bool
    by_hand: bool = False
    number: str | None = field(default=None, repr=False)


class PayerPort(Protocol):
    """An insurer, or somebody who speaks for many. A call may take long or raise anything: `asking` is how to call.

    Calls come from several threads at once. An adapter gives up by itself after a while, and logs nothing of a member.
    """

    def eligibility(self, request: EligibilityRequest) -> EligibilityResponse:
        """What the payer says of a coverage (270/271)."""

    def authorization_status(self, request: AuthorizationRequest) -> AuthorizationResponse:
        """Where a prior authorization stands (278 inquiry)."""

    def claim_status(self, request: ClaimStatusRequest) -> ClaimStatusResponse:
        """Where a claim stands (276/277)."""

    def submit(self, submission: Submission) -> Receipt:
        """Send a request or an appeal (278 request)."""


_connected: PayerPort | None = None


def connect(port: PayerPort | None) -> None:
    """Put a clearinghouse behind the door for this process; None: the clinic's own records answer."""
    global _connected
    _connected = port


def connected() -> PayerPort | None:
    """What stands behind the door beside the records, if anything does."""
    return _connected
