"""Prior authorizations: needed or not, where each stands, what happens next and by when (BRIEF 3.5).

3 to 7 business days as a rule, 24 to 72 hours where it is urgent: the clinic's configuration and the payer's entry say.
Status words are keys; content says them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bedside.care import asking, desk, doubts, payer_port
from bedside.care.bill_requests import Asked, Voice
from bedside.care.context import Care
from bedside.care.follow_ups import follow_up_payer, note_answers
from bedside.care.insurance_dates import Expected, expected_in_days, expected_in_hours
from bedside.care.insurance_window import Folder, InsuranceError, business_days, open_folder
from bedside.care.payer_port import AuthorizationRequest, AuthorizationResponse, PayerPort
from bedside.care.payers.records_payer import RecordsPayer, about_request
from bedside.care.plan_rules import active_on, benefit_for, network_of
from bedside.records.insurance import Policy, Requested, insurance_for_desk
from bedside.records.visits import Visit

INQUIRY = "prior_authorization"
STATUS_CHECK, START, URGENT_REQUEST = "authorization_check", "authorization_start", "authorization_urgent"
NOT_NEEDED, NEEDED, BEING_PREPARED, SENT, PENDING, PENDING_INFORMATION, APPROVED, DENIED, EXPIRED = (
    "not_needed",
    "needed",
    "being_prepared",
    "sent",
    "pending",
    "pending_information",
    "approved",
    "denied",
    "expired",
)
UNKNOWN = "unknown"
WITH_INSURER = (SENT, PENDING, PENDING_INFORMATION)
WE_PREPARE, WE_SEND, WE_WAIT, WE_ASK, INFORMATION, NOTHING, APPEAL, ASK_AGAIN = (
    "we_prepare",
    "we_send",
    "we_wait",
    "we_ask",  # it is late: a person asks the insurer
    "information",  # the insurer wants to know more
    "nothing",
    "appeal",
    "ask_again",
)
NEXT_STEPS = (WE_PREPARE, WE_SEND, WE_WAIT, WE_ASK, INFORMATION, NOTHING, APPEAL, ASK_AGAIN)
_NEXT = {
    NOT_NEEDED: NOTHING,
    NEEDED: WE_PREPARE,
    BEING_PREPARED: WE_SEND,
    SENT: WE_WAIT,
    PENDING: WE_WAIT,
    PENDING_INFORMATION: INFORMATION,
    APPROVED: NOTHING,
    DENIED: APPEAL,
    EXPIRED: ASK_AGAIN,
}


class NoSuchAuthorization(InsuranceError):
    """The patient has no such request. Another patient's is no different from one that doesn't exist."""


@dataclass(frozen=True)
class AuthorizationFacts:
    """Where one request stands. `visit`: the coming visit it is for.

    `expected`: when the insurer's decision usually is there, while it has the request. `visit_before_decision`: the
    visit may come before that, so that the urgent route is worth asking for. `outcome` and `reasons` as in `asking`.
    """

    authorization_id: int
    service: str
    service_kind: str | None
    status: str
    next_step: str
    urgent: bool
    payer: str | None
    member_phone: str | None
    provider: str | None
    visit: Visit | None
    sent_on: date | None
    decided_on: date | None
    valid_from: date | None
    valid_to: date | None
    information_asked: tuple[str, ...]
    information_due_on: date | None
    expected: Expected | None
    visit_before_decision: bool
    outcome: str = asking.ANSWERED
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuthorizationsChecked:
    """All requests, the newest first; `follow_up` is there when a payer gave no good answer (R7)."""

    outcome: str
    requests: tuple[AuthorizationFacts, ...]
    follow_up: Asked | None


@dataclass(frozen=True)
class Need:
    """Whether a service needs the insurer's yes: NEEDED, NOT_NEEDED or UNKNOWN, and the request on file for it."""

    answer: str
    service: str
    payer: str | None
    on_file: AuthorizationFacts | None


# What the patient hears ------------------------------------------------------------------------------------------


def standings(care: Care, conversation_id: str) -> tuple[AuthorizationFacts, ...]:
    """Every request as the records have it, the newest first. Raise ChartClosed when nobody is verified."""
    with open_folder(care, conversation_id, "prior authorization") as folder:
        policies = {one.coverage_id: one for one in folder.insurance.policies()}
        return tuple(_facts(folder, one, policies.get(one.coverage_id or 0)) for one in folder.insurance.requests())


def check(
    care: Care, conversation_id: str, voice: Voice | None = None, port: PayerPort | None = None
) -> AuthorizationsChecked:
    """Every request with the payer asked where it has one, within `payer_seconds` in all. Raise ChartClosed.

    What the payer says anew is written into the history. Where it gives no good answer, the facts are those on file.
    """
    voice = voice or Voice()
    with open_folder(care, conversation_id, "prior authorization") as folder:
        whose = folder.patient_id
        policies = {one.coverage_id: one for one in folder.insurance.policies()}
        known = folder.insurance.requests()
        pairs = [
            (one, policies[one.coverage_id])
            for one in known
            if one.status in WITH_INSURER and one.coverage_id in policies
        ]
        questions = [
            AuthorizationRequest(about_request(one), folder.member(policy), one.service, one.sent_on, one.number)
            for one, policy in pairs
        ]
    outside = port or payer_port.connected()
    answering: PayerPort = outside or RecordsPayer(requests=known)
    outcomes = asking.ask(
        [lambda question=question: answering.authorization_status(question) for question in questions],  # type: ignore[misc]
        care.organization.insurance.payer_seconds,
    )
    outcomes = [
        doubts.judged(outcome, AuthorizationResponse, lambda said, one=one: doubts.of_authorization(one, said))  # type: ignore[misc]
        for outcome, (one, _) in zip(outcomes, pairs, strict=True)
    ]
    with open_folder(care, conversation_id, "prior authorization", whose) as folder:
        asked = [(question.about, None) for question in questions]
        outcomes = note_answers(folder, asked, outcomes, by_payer=outside is not None)
        by_id = {one.authorization_id: outcome for (one, _), outcome in zip(pairs, outcomes, strict=True)}
        for one, policy in pairs:
            outcome = by_id[one.authorization_id]
            if outcome.kind == asking.ANSWERED and outcome.response.known and outcome.response.status != one.status:
                on = outcome.response.decided_on or care.today()
                folder.insurance.note_request(
                    one.authorization_id, outcome.response.status, care.now(), f"payer: {policy.payer}"[:120], on
                )
                if outcome.response.status == DENIED:
                    folder.insurance.write_denial("not_on_file", on, authorization_id=one.authorization_id)
        facts = tuple(
            _facts(
                folder,
                one,
                policies.get(one.coverage_id or 0),
                by_id.get(one.authorization_id, asking.Outcome(asking.ANSWERED)),
            )
            for one in folder.insurance.requests()
        )
        follow_up = follow_up_payer(
            folder,
            INQUIRY,
            [
                (question.about, outcome, f"{policy.payer}, {one.service}")
                for question, outcome, (one, policy) in zip(questions, outcomes, pairs, strict=True)
            ],
            "Where a prior authorization stands.",
            voice,
        )
    return AuthorizationsChecked(asking.worst(outcomes), facts, follow_up)


def need(
    care: Care,
    conversation_id: str,
    service: str,
    on: date | None = None,
    provider: str | None = None,
    location: str | None = None,
) -> Need:
    """Whether the insurance that pays first wants to be asked before a service. Raise ChartClosed."""
    on = on or care.today()
    with open_folder(care, conversation_id, "prior authorization") as folder:
        policies = [one for one in folder.insurance.policies() if active_on(one, on)]
        on_file = next(
            (
                one
                for one in folder.insurance.requests()
                if service in (one.service_kind, one.service) and (one.valid_to is None or on <= one.valid_to)
            ),
            None,
        )
        mine = {one.coverage_id: one for one in policies}
        facts = _facts(folder, on_file, mine.get(on_file.coverage_id or 0)) if on_file else None
        if not policies:
            return Need(UNKNOWN, service, None, facts)
        first = policies[0]
        benefit = benefit_for(first, service, network_of(first, provider, location, on), on)
        if benefit is None:
            either = {one.authorization_needed for one in first.benefits if one.service == service}
            answer = UNKNOWN if len(either) != 1 else NEEDED if either.pop() else NOT_NEEDED
        else:
            answer = NEEDED if benefit.authorization_needed else NOT_NEEDED
        return Need(answer, service, first.payer, facts)


def follow_up(care: Care, conversation_id: str, authorization_id: int, voice: Voice) -> Asked:
    """A person asks the insurer where a request stands, and tells the patient; the same day where a visit is near.

    Raise ChartClosed, or NoSuchAuthorization.
    """
    with open_folder(care, conversation_id, "prior authorization") as folder:
        facts = _one(folder, authorization_id)
        near = _near(folder, facts)
        due_at = business_days(care, care.organization.insurance.status_check_business_days)
        return folder.errand(
            STATUS_CHECK,
            str(authorization_id),
            INQUIRY,
            f"Please ask {facts.payer or 'the insurer'} where the request stands and tell the patient: "
            f"{_named(folder, facts)}",
            desk.due_time(care, desk.URGENT) if near else due_at,
            voice,
            priority=desk.URGENT if near else desk.STANDARD,
        )[1]


def ask_urgent(care: Care, conversation_id: str, authorization_id: int, voice: Voice) -> Asked:
    """A person sees whether the request can be made urgent, which the doctor has to ask for; on the same day.

    Raise ChartClosed, or NoSuchAuthorization.
    """
    with open_folder(care, conversation_id, "prior authorization") as folder:
        facts = _one(folder, authorization_id)
        return folder.errand(
            URGENT_REQUEST,
            str(authorization_id),
            INQUIRY,
            f"Asks for the urgent route. The ordering doctor has to ask for it: {_named(folder, facts)}",
            desk.due_time(care, desk.URGENT),
            voice,
            priority=desk.URGENT,
        )[1]


def start(care: Care, conversation_id: str, service: str, voice: Voice, appointment_id: int | None = None) -> Asked:
    """A person begins a request that a service needs and nobody has made; the same day where the visit is near."""
    with open_folder(care, conversation_id, "prior authorization") as folder:
        visit = folder.coming_visit(appointment_id)
        near = visit is not None and _days_to(folder, visit) <= care.organization.insurance.treatment_near_days
        subject = care.keyring.digest("authorization start", service.casefold())[:16]
        return folder.errand(
            START,
            subject,
            INQUIRY,
            f"No prior authorization is on file for: {service}. {_visit(folder, visit)}",
            desk.due_time(care, desk.URGENT if near else desk.STANDARD),
            voice,
            priority=desk.URGENT if near else desk.STANDARD,
        )[1]


# What a person at the desk does ----------------------------------------------------------------------------------


def record(
    care: Care, patient_id: int, authorization_id: int, status: str, by: str, on: date, detail: str | None = None
) -> None:
    """Write what became of a request, by whom. Raise KeyError when the patient has none of that id."""
    if status not in _NEXT:
        raise ValueError(f"a prior authorization is one of {', '.join(_NEXT)}")
    with care.store.work() as session:
        insurance = insurance_for_desk(session, patient_id, by, care.now(), "prior authorization")
        insurance.note_request(authorization_id, status, care.now(), by, on, detail)


# How the facts are made ------------------------------------------------------------------------------------------


def _facts(
    folder: Folder, request: Requested, policy: Policy | None, outcome: asking.Outcome | None = None
) -> AuthorizationFacts:
    today = folder.care.today()
    status = request.status
    if status == APPROVED and request.valid_to is not None and request.valid_to < today:
        status = EXPIRED
    expected = _expected(folder.care, request, policy, today)
    visit = folder.coming_visit(request.appointment_id)
    next_step = _NEXT.get(status, WE_ASK)
    if expected is not None and expected.late and status in (SENT, PENDING):
        next_step = WE_ASK
    return AuthorizationFacts(
        authorization_id=request.authorization_id,
        service=request.service,
        service_kind=request.service_kind,
        status=status,
        next_step=next_step,
        urgent=request.urgent,
        payer=policy.payer if policy else None,
        member_phone=policy.payer_rules.member_phone if policy and policy.payer_rules else None,
        provider=request.provider,
        visit=visit,
        sent_on=request.sent_on,
        decided_on=request.decided_on,
        valid_from=request.valid_from,
        valid_to=request.valid_to,
        information_asked=request.information_asked,
        information_due_on=request.information_due_on,
        expected=expected,
        visit_before_decision=bool(visit and expected and _day(folder, visit) <= expected.latest),
        outcome=outcome.kind if outcome else asking.ANSWERED,
        reasons=outcome.reasons if outcome else (),
    )


def _expected(care: Care, request: Requested, policy: Policy | None, today: date) -> Expected | None:
    if request.status not in WITH_INSURER or request.sent_on is None:
        return None
    usual, own = care.organization.insurance, policy.payer_rules if policy else None
    if request.urgent:
        hours = (own.urgent_hours if own else None) or usual.authorization_urgent_hours
        return expected_in_hours(request.sent_on, hours, today)
    days = (own.authorization_days if own else None) or usual.authorization_business_days
    return expected_in_days(care.calendar, request.sent_on, days, today)


def _one(folder: Folder, authorization_id: int) -> AuthorizationFacts:
    policies = {one.coverage_id: one for one in folder.insurance.policies()}
    for one in folder.insurance.requests():
        if one.authorization_id == authorization_id:
            return _facts(folder, one, policies.get(one.coverage_id or 0))
    raise NoSuchAuthorization("this patient has no such request")


def _near(folder: Folder, facts: AuthorizationFacts) -> bool:
    near = folder.care.organization.insurance.treatment_near_days
    return facts.visit is not None and _days_to(folder, facts.visit) <= near


def _day(folder: Folder, visit: Visit) -> date:
    return visit.starts_at.astimezone(folder.care.organization.tz).date()


def _days_to(folder: Folder, visit: Visit) -> int:
    return (_day(folder, visit) - folder.care.today()).days


def _named(folder: Folder, facts: AuthorizationFacts) -> str:
    sent = f", sent {facts.sent_on:%m/%d/%Y}" if facts.sent_on else ""
    return f"{facts.service}, {facts.status.replace('_', ' ')}{sent}. {_visit(folder, facts.visit)}"


def _visit(folder: Folder, visit: Visit | None) -> str:
    if visit is None:
        return "No visit is linked."
    local = visit.starts_at.astimezone(folder.care.organization.tz)
    return f"For the visit ({visit.visit_type}) on {local:%m/%d/%Y at %H:%M} with {visit.provider}."
