"""Claims: where each stands with the insurer and when a decision is to be expected (BRIEF 3.5).

A review usually takes 7 to 14 business days from when the insurer has the claim; configuration and the payer's entry
say. Nothing here says that anything will be paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bedside.care import asking, doubts, payer_port
from bedside.care.bill_requests import Asked, Voice
from bedside.care.context import Care
from bedside.care.follow_ups import follow_up_payer, note_answers
from bedside.care.insurance_dates import Expected, expected_in_days
from bedside.care.insurance_window import Folder, InsuranceError, business_days, open_folder
from bedside.care.payer_port import ClaimStatusRequest, ClaimStatusResponse, PayerPort
from bedside.care.payers.records_payer import RecordsPayer, about_claim
from bedside.records.insurance import Claimed, Policy, Remitted, insurance_for_desk

INQUIRY = "claim_status"
STATUS_CHECK = "claim_check"
SENT, RECEIVED, IN_PROCESS, INFORMATION_REQUESTED, PAID, PARTLY_PAID, DENIED, REVERSED = (
    "sent",
    "received",
    "in_process",
    "information_requested",
    "paid",
    "partly_paid",
    "denied",
    "reversed",
)
STATUSES = (SENT, RECEIVED, IN_PROCESS, INFORMATION_REQUESTED, PAID, PARTLY_PAID, DENIED, REVERSED)
WITH_INSURER = (SENT, RECEIVED, IN_PROCESS, INFORMATION_REQUESTED)
WE_WAIT, WE_ASK, INFORMATION, SEE_BILL, APPEAL, PERSON = (
    "we_wait",
    "we_ask",
    "information",
    "see_bill",
    "appeal",
    "person",
)
NEXT_STEPS = (WE_WAIT, WE_ASK, INFORMATION, SEE_BILL, APPEAL, PERSON)
_NEXT = {
    SENT: WE_WAIT,
    RECEIVED: WE_WAIT,
    IN_PROCESS: WE_WAIT,
    INFORMATION_REQUESTED: INFORMATION,
    PAID: SEE_BILL,
    PARTLY_PAID: SEE_BILL,
    DENIED: APPEAL,
    REVERSED: PERSON,
}


class NoSuchClaim(InsuranceError):
    """The patient has no such claim. Another patient's is no different from one that doesn't exist."""


@dataclass(frozen=True)
class ClaimFacts:
    """Where one claim stands; cents. `expected`: when a decision usually is there, while the insurer has it.

    `remitted` is the payer's last explanation. `denial_id`: its newest denial. `outcome` and `reasons` as in `asking`.
    """

    claim_id: int
    service_date: date
    status: str
    next_step: str
    payer: str | None
    member_phone: str | None
    statement_number: str | None
    billed_cents: int | None
    sent_on: date | None
    received_on: date | None
    decided_on: date | None
    information_asked: tuple[str, ...]
    expected: Expected | None
    remitted: Remitted | None
    charge_ids: tuple[int, ...]
    denial_id: int | None
    outcome: str = asking.ANSWERED
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClaimsChecked:
    """All claims, the newest service first; `follow_up` is there when a payer gave no good answer (R7)."""

    outcome: str
    claims: tuple[ClaimFacts, ...]
    follow_up: Asked | None


def standings(care: Care, conversation_id: str) -> tuple[ClaimFacts, ...]:
    """Every claim as the records have it, the newest service first. Raise ChartClosed when nobody is verified."""
    with open_folder(care, conversation_id, "claim status") as folder:
        return _all(folder, {})


def check(care: Care, conversation_id: str, voice: Voice | None = None, port: PayerPort | None = None) -> ClaimsChecked:
    """Every claim, with the payers asked for those that they have, within `payer_seconds` in all. Raise ChartClosed.

    What a payer says anew is written into the history. Where it gives no good answer, the facts are those on file.
    """
    voice = voice or Voice()
    with open_folder(care, conversation_id, "claim status") as folder:
        whose = folder.patient_id
        policies = {one.coverage_id: one for one in folder.insurance.policies()}
        known = folder.insurance.claims()
        pairs = [
            (one, policies[one.coverage_id])
            for one in known
            if one.status in WITH_INSURER and one.coverage_id in policies
        ]
        questions = [
            ClaimStatusRequest(about_claim(one), folder.member(policy), one.service_date, one.billed_cents, one.number)
            for one, policy in pairs
        ]
    outside = port or payer_port.connected()
    answering: PayerPort = outside or RecordsPayer(claims=known)
    outcomes = asking.ask(
        [lambda question=question: answering.claim_status(question) for question in questions],  # type: ignore[misc]
        care.organization.insurance.payer_seconds,
    )
    outcomes = [
        doubts.judged(outcome, ClaimStatusResponse, lambda said, one=one: doubts.of_claim(one, said))  # type: ignore[misc]
        for outcome, (one, _) in zip(outcomes, pairs, strict=True)
    ]
    with open_folder(care, conversation_id, "claim status", whose) as folder:
        asked = [(question.about, None) for question in questions]
        outcomes = note_answers(folder, asked, outcomes, by_payer=outside is not None)
        by_id = {one.claim_id: outcome for (one, _), outcome in zip(pairs, outcomes, strict=True)}
        for one, policy in pairs:
            outcome = by_id[one.claim_id]
            if outcome.kind == asking.ANSWERED and outcome.response.status != one.status:
                on = outcome.response.decided_on or care.today()
                actor = f"payer: {policy.payer}"[:120]
                folder.insurance.note_claim(one.claim_id, outcome.response.status, care.now(), actor, on)
                if outcome.response.status == DENIED:
                    folder.insurance.write_denial("not_on_file", on, claim_id=one.claim_id)
        facts = _all(folder, by_id)
        follow_up = follow_up_payer(
            folder,
            INQUIRY,
            [
                (question.about, outcome, f"{policy.payer}, care of {one.service_date:%m/%d/%Y}")
                for question, outcome, (one, policy) in zip(questions, outcomes, pairs, strict=True)
            ],
            "Where a claim stands.",
            voice,
        )
    return ClaimsChecked(asking.worst(outcomes), facts, follow_up)


def follow_up(care: Care, conversation_id: str, claim_id: int, voice: Voice) -> Asked:
    """A person asks the insurer where a claim stands, and tells the patient. Raise ChartClosed, or NoSuchClaim."""
    with open_folder(care, conversation_id, "claim status") as folder:
        facts = next((one for one in _all(folder, {}) if one.claim_id == claim_id), None)
        if facts is None:
            raise NoSuchClaim("this patient has no such claim")
        sent = f", sent {facts.sent_on:%m/%d/%Y}" if facts.sent_on else ""
        late = " A decision was to be expected before now." if facts.expected and facts.expected.late else ""
        return folder.errand(
            STATUS_CHECK,
            str(claim_id),
            INQUIRY,
            f"Please ask {facts.payer or 'the insurer'} where the claim stands and tell the patient: care of "
            f"{facts.service_date:%m/%d/%Y}, {facts.status.replace('_', ' ')}{sent}.{late}",
            business_days(care, care.organization.insurance.status_check_business_days),
            voice,
        )[1]


def record(
    care: Care, patient_id: int, claim_id: int, status: str, by: str, on: date, detail: str | None = None
) -> None:
    """Write what became of a claim, by whom. Raise KeyError when the patient has none of that id."""
    if status not in STATUSES:
        raise ValueError(f"a claim is one of {', '.join(STATUSES)}")
    with care.store.work() as session:
        insurance = insurance_for_desk(session, patient_id, by, care.now(), "claim status")
        insurance.note_claim(claim_id, status, care.now(), by, on, detail)


def _all(folder: Folder, outcomes: dict[int, asking.Outcome]) -> tuple[ClaimFacts, ...]:
    policies = {one.coverage_id: one for one in folder.insurance.policies()}
    denials = {one.claim_id: one.denial_id for one in reversed(folder.insurance.denials()) if one.claim_id is not None}
    return tuple(
        _facts(
            folder.care,
            one,
            policies.get(one.coverage_id or 0),
            denials.get(one.claim_id),
            outcomes.get(one.claim_id, asking.Outcome(asking.ANSWERED)),
        )
        for one in folder.insurance.claims()
    )


def _facts(
    care: Care, claim: Claimed, policy: Policy | None, denial_id: int | None, outcome: asking.Outcome
) -> ClaimFacts:
    expected = None
    since = claim.received_on or claim.sent_on
    if claim.status in WITH_INSURER and since is not None:
        own = policy.payer_rules.claim_days if policy and policy.payer_rules else None
        days = own or care.organization.insurance.claim_business_days
        expected = expected_in_days(care.calendar, since, days, care.today())
    next_step = _NEXT.get(claim.status, PERSON)
    if next_step == WE_WAIT and expected is not None and expected.late:
        next_step = WE_ASK
    return ClaimFacts(
        claim_id=claim.claim_id,
        service_date=claim.service_date,
        status=claim.status,
        next_step=next_step,
        payer=claim.payer or (policy.payer if policy else None),
        member_phone=policy.payer_rules.member_phone if policy and policy.payer_rules else None,
        statement_number=claim.statement_number,
        billed_cents=claim.billed_cents,
        sent_on=claim.sent_on,
        received_on=claim.received_on,
        decided_on=claim.decided_on,
        information_asked=claim.information_asked,
        expected=expected,
        remitted=claim.remittances[-1] if claim.remittances else None,
        charge_ids=claim.charge_ids,
        denial_id=denial_id,
        outcome=outcome.kind,
        reasons=outcome.reasons,
    )
