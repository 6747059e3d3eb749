"""A no from an insurer: why, what can be done, by when; and an appeal set in motion (BRIEF 3.5, 3.9).

A first appeal to the insurer, then a review by somebody outside. Days count from the notice. A denial that stands in
the way of treatment about to happen is urgent: the appeals team on the same day, the care team told, the visit left
as it is. Whether to come is not said here (R1): the care team does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bedside.care import desk
from bedside.care.bill_requests import Asked, Voice
from bedside.care.context import Care
from bedside.care.insurance_dates import Deadline, Expected, days_after, months_after, on_day
from bedside.care.insurance_window import Folder, InsuranceError, open_folder
from bedside.care.ledger import note_by
from bedside.records.insurance import Appealed, Denied, Insurance, Policy, insurance_for_desk, owner_of_appeal
from bedside.records.tables import Ticket
from bedside.records.visits import Visit

INQUIRY = "insurance_denial_appeal"
APPEAL_REVIEW, CARE_TEAM_TOLD, DENIAL_REVIEW = "appeal_review", "care_team_told", "denial_review"
INTERNAL_1, INTERNAL_2, EXTERNAL = "internal_1", "internal_2", "external"
LEVELS = (INTERNAL_1, INTERNAL_2, EXTERNAL)
ASKED, FILED, WON, PARTLY_WON, LOST, WITHDRAWN = "asked", "filed", "won", "partly_won", "lost", "withdrawn"
OUTCOMES = (WON, PARTLY_WON, LOST, WITHDRAWN)
_RUNNING = (ASKED, FILED)
_WITH_EXTERNAL_REVIEW = ("commercial", "marketplace")


class NoSuchDenial(InsuranceError):
    """The patient has no such denial. Another patient's is no different from one that doesn't exist."""


class NoSuchAppeal(InsuranceError):
    """There is no such appeal that runs."""


@dataclass(frozen=True)
class AppealFacts:
    """Where an appeal stands. `decision_expected`: once it is filed. `case_number`: the ticket it runs under."""

    level: str
    status: str
    expedited: bool
    deadline: Deadline
    filed_on: date | None
    decided_on: date | None
    decision_expected: Expected | None
    case_number: str | None


@dataclass(frozen=True)
class DenialFacts:
    """A denial and the way from here.

    `reason` is a key of content. `level` is what can be asked for now, with its `deadline`; None where an appeal runs
    (`running`) or where the next step is for a person to say: after the last level, and after the first with Medicare
    and Medicaid, whose levels are their own. `decision_days` and `expedited_hours` are how long decisions take.
    `visit` stands in its way and is to come; `urgent`: it is near, or the last day is. `business_days_before` are the
    days left to work on it, today among them while it is open; `closed_before` the holidays in between, by name.
    """

    denial_id: int
    reason: str
    noticed_on: date
    payer: str | None
    payer_kind: str | None
    member_phone: str | None
    service: str | None
    service_date: date | None
    authorization_id: int | None
    claim_id: int | None
    level: str | None
    deadline: Deadline | None
    decision_days: tuple[int, int]
    expedited_hours: int
    can_be_expedited: bool
    visit: Visit | None
    visit_in_days: int | None
    urgent: bool
    business_days_before: tuple[date, ...]
    closed_before: tuple[tuple[date, str], ...]
    running: AppealFacts | None
    appeals: tuple[AppealFacts, ...]


@dataclass(frozen=True)
class Opened:
    """What was set in motion: the case, whose it is, by when (UTC), and the care team's case where they were told.

    `joined`: the same appeal was asked for before, and this was added to it. `appeal_id` is None where no appeal could
    be written, because its last day is over or the level is for a person to say: a person looks all the same.
    """

    case_number: str
    queue: str
    urgent: bool
    due_at: datetime
    joined: bool
    appeal_id: int | None
    level: str | None
    deadline: Deadline | None
    visit: Visit | None
    care_team_case: str | None
    care_team_queue: str | None
    care_team_due_at: datetime | None


# What the patient hears ------------------------------------------------------------------------------------------


def standings(care: Care, conversation_id: str) -> tuple[DenialFacts, ...]:
    """Every denial, the most urgent first, then the newest notice. Raise ChartClosed when nobody is verified."""
    with open_folder(care, conversation_id, "denial") as folder:
        found = [_facts(folder, one) for one in folder.insurance.denials()]
    return tuple(sorted(found, key=lambda one: (not one.urgent, _won(one), -one.noticed_on.toordinal())))


def open_appeal(care: Care, conversation_id: str, denial_id: int, voice: Voice) -> Opened:
    """Set the next appeal in motion: ticket, promise, the row with its last day, and the care team where it is urgent.

    Asked again, for example after a connection broke, it is the same case. Raise ChartClosed, or NoSuchDenial.
    """
    with open_folder(care, conversation_id, "denial") as folder:
        denied = next((one for one in folder.insurance.denials() if one.denial_id == denial_id), None)
        if denied is None:
            raise NoSuchDenial("this patient has no such denial")
        facts = _facts(folder, denied)
        level = facts.running.level if facts.running else facts.level
        deadline = facts.running.deadline if facts.running else facts.deadline
        priority = desk.URGENT if facts.urgent else desk.STANDARD
        ticket, asked = folder.errand(
            APPEAL_REVIEW,
            f"{denial_id}:{level or 'person'}",
            INQUIRY,
            _brief(folder, facts, level, deadline),
            desk.due_time(care, priority),
            voice,
            priority=priority,
        )
        appeal_id = _write(folder, denied, facts, level, deadline, ticket, voice)
        told = _tell_care_team(folder, facts, asked, voice) if facts.urgent and facts.visit else None
        return Opened(
            case_number=asked.case_number,
            queue=asked.queue,
            urgent=ticket.priority == desk.URGENT,
            due_at=asked.due_at,
            joined=asked.joined,
            appeal_id=appeal_id,
            level=level,
            deadline=deadline,
            visit=facts.visit,
            care_team_case=told.case_number if told else None,
            care_team_queue=told.queue if told else None,
            care_team_due_at=told.due_at if told else None,
        )


def report(care: Care, conversation_id: str, voice: Voice, appointment_id: int | None = None) -> Opened:
    """A denial that the patient tells of and the records don't have: the appeals team looks; the same day where the
    visit it stands in the way of is near. Raise ChartClosed.
    """
    with open_folder(care, conversation_id, "denial") as folder:
        visit = folder.coming_visit(appointment_id)
        in_days = _days_to(folder, visit)
        urgent = in_days is not None and in_days <= care.organization.insurance.treatment_near_days
        priority = desk.URGENT if urgent else desk.STANDARD
        what = f"Says that their insurer said no. No such denial is on file. {_of_visit(folder, visit)}"
        _, asked = folder.errand(
            DENIAL_REVIEW,
            str(appointment_id or "none"),
            INQUIRY,
            what,
            desk.due_time(care, priority),
            voice,
            priority=priority,
        )
        told = _notify(folder, visit, what, asked.case_number, voice) if urgent and visit else None
        return Opened(
            case_number=asked.case_number,
            queue=asked.queue,
            urgent=urgent,
            due_at=asked.due_at,
            joined=asked.joined,
            appeal_id=None,
            level=None,
            deadline=None,
            visit=visit,
            care_team_case=told.case_number if told else None,
            care_team_queue=told.queue if told else None,
            care_team_due_at=told.due_at if told else None,
        )


# What a person at the desk does ----------------------------------------------------------------------------------


def file_appeal(care: Care, appeal_id: int, by: str, on: date, *, expedited: bool | None = None) -> None:
    """Write that an appeal was sent. Raise NoSuchAppeal when none of that id waits to be sent."""
    with care.store.work() as session:
        insurance, appeal = _appeal_at_desk(care, session, appeal_id, by, (ASKED,))
        sent: dict[str, Any] = {"status": FILED, "filed_on": on}
        if expedited is not None:
            sent["expedited"] = expedited
        insurance.change_appeal(appeal.appeal_id, **sent)
        _note(care, session, appeal, by, "appeal_filed")


def decide_appeal(care: Care, appeal_id: int, by: str, outcome: str, on: date) -> None:
    """Write how an appeal ended, one of OUTCOMES, by the day of the notice. Raise NoSuchAppeal when it doesn't run."""
    if outcome not in OUTCOMES:
        raise ValueError(f"an appeal ends with one of {', '.join(OUTCOMES)}")
    if not by.strip():
        raise ValueError("an appeal is ended by somebody")
    with care.store.work() as session:
        insurance, appeal = _appeal_at_desk(care, session, appeal_id, by, _RUNNING)
        insurance.change_appeal(appeal.appeal_id, status=outcome, decided_on=on, ended_by=by)
        _note(care, session, appeal, by, f"appeal_{outcome}")


def _appeal_at_desk(
    care: Care, session: Session, appeal_id: int, by: str, statuses: Collection[str]
) -> tuple[Insurance, Appealed]:
    try:
        patient_id = owner_of_appeal(session, appeal_id)
    except KeyError:
        raise NoSuchAppeal("there is no such appeal") from None
    insurance = insurance_for_desk(session, patient_id, by, care.now(), "appeal")
    found = next(one for denial in insurance.denials() for one in denial.appeals if one.appeal_id == appeal_id)
    if found.status not in statuses:
        raise NoSuchAppeal("this appeal is at another step")
    return insurance, found


def _note(care: Care, session: Session, appeal: Appealed, by: str, kind: str) -> None:
    if appeal.ticket_id is not None:
        note_by(care, session, session.get(Ticket, appeal.ticket_id), by, kind)


# How the facts are made ------------------------------------------------------------------------------------------


def _facts(folder: Folder, denied: Denied) -> DenialFacts:
    care, rules = folder.care, folder.care.organization.insurance
    policy = next((one for one in folder.insurance.policies() if one.coverage_id == denied.coverage_id), None)
    appeals = tuple(_appeal_facts(folder, one) for one in denied.appeals)
    running = next((one for one in reversed(appeals) if one.status in _RUNNING), None)
    level, deadline = (None, None) if running else _next(folder, denied, policy)
    visit = folder.coming_visit(denied.appointment_id)
    in_days = _days_to(folder, visit)
    last_day = running.deadline if running and running.status == ASKED else deadline
    near_deadline = last_day is not None and 0 <= last_day.days_left <= rules.deadline_near_days
    won = any(one.status == WON for one in appeals)
    near_visit = in_days is not None and in_days <= rules.treatment_near_days
    return DenialFacts(
        denial_id=denied.denial_id,
        reason=denied.reason,
        noticed_on=denied.noticed_on,
        payer=policy.payer if policy else None,
        payer_kind=policy.kind if policy else None,
        member_phone=policy.payer_rules.member_phone if policy and policy.payer_rules else None,
        service=denied.service,
        service_date=denied.service_date,
        authorization_id=denied.authorization_id,
        claim_id=denied.claim_id,
        level=level,
        deadline=deadline,
        decision_days=rules.appeal_decision_days,
        expedited_hours=rules.expedited_decision_hours,
        can_be_expedited=denied.authorization_id is not None and not won,
        visit=visit,
        visit_in_days=in_days,
        urgent=not won and (near_visit or near_deadline),
        business_days_before=_business_days_before(care, visit),
        closed_before=_closed_before(care, visit),
        running=running,
        appeals=appeals,
    )


def _next(folder: Folder, denied: Denied, policy: Policy | None) -> tuple[str | None, Deadline | None]:
    """The level that can be asked for now, and until when; nothing where a person has to say."""
    care, rules = folder.care, folder.care.organization.insurance
    last = denied.appeals[-1] if denied.appeals else None
    if last is None or last.status == WITHDRAWN:
        own = policy.payer_rules.appeal_days if policy and policy.payer_rules else None
        days = denied.appeal_days or own or rules.appeal_days
        level = INTERNAL_1 if last is None else None
        return level, days_after(care.calendar, denied.noticed_on, days, care.today())
    outside = policy is None or policy.kind in _WITH_EXTERNAL_REVIEW
    if last.status in (LOST, PARTLY_WON) and last.level != EXTERNAL and outside and last.decided_on is not None:
        months = rules.external_review_months
        return EXTERNAL, months_after(care.calendar, last.decided_on, months, care.today())
    return None, None


def _appeal_facts(folder: Folder, appeal: Appealed) -> AppealFacts:
    care, rules = folder.care, folder.care.organization.insurance
    expected = None
    if appeal.status == FILED and appeal.filed_on is not None:
        hours = rules.expedited_decision_hours
        days = (1, -(-hours // 24)) if appeal.expedited else rules.appeal_decision_days
        latest = appeal.filed_on + timedelta(days=days[1])
        expected = Expected(appeal.filed_on + timedelta(days=days[0]), latest, latest < care.today())
    ticket = folder.session.get(Ticket, appeal.ticket_id) if appeal.ticket_id is not None else None
    return AppealFacts(
        level=appeal.level,
        status=appeal.status,
        expedited=appeal.expedited,
        deadline=on_day(care.calendar, appeal.file_by, care.today()),
        filed_on=appeal.filed_on,
        decided_on=appeal.decided_on,
        decision_expected=expected,
        case_number=ticket.case_number if ticket is not None else None,
    )


def _won(facts: DenialFacts) -> bool:
    return any(one.status == WON for one in facts.appeals)


def _day(folder: Folder, visit: Visit) -> date:
    return visit.starts_at.astimezone(folder.care.organization.tz).date()


def _days_to(folder: Folder, visit: Visit | None) -> int | None:
    return None if visit is None else (_day(folder, visit) - folder.care.today()).days


def _business_days_before(care: Care, visit: Visit | None) -> tuple[date, ...]:
    if visit is None:
        return ()
    today, day = care.today(), visit.starts_at.astimezone(care.organization.tz).date()
    days = (today + timedelta(days=number) for number in range((day - today).days))
    return tuple(
        one
        for one in days
        if care.calendar.is_business_day(one) and (one > today or care.now() < care.calendar.closing(one))
    )


def _closed_before(care: Care, visit: Visit | None) -> tuple[tuple[date, str], ...]:
    if visit is None:
        return ()
    today, day = care.today(), visit.starts_at.astimezone(care.organization.tz).date()
    days = [today + timedelta(days=number) for number in range((day - today).days)]
    named = [(one, care.calendar.holiday_name(one)) for one in days]
    return tuple((one, name) for one, name in named if name is not None)


# Rows and briefs -------------------------------------------------------------------------------------------------


def _write(
    folder: Folder,
    denied: Denied,
    facts: DenialFacts,
    level: str | None,
    deadline: Deadline | None,
    ticket: Ticket,
    voice: Voice,
) -> int | None:
    if facts.running is not None:
        known = next(one for one in denied.appeals if one.level == facts.running.level)
        if known.ticket_id is None:
            folder.insurance.change_appeal(known.appeal_id, ticket_id=ticket.id)
        return known.appeal_id
    if level is None or deadline is None or deadline.over:
        return None
    noticed_on = denied.noticed_on if level == INTERNAL_1 else denied.appeals[-1].decided_on
    return folder.insurance.write_appeal(
        denied.denial_id,
        level=level,
        status=ASKED,
        expedited=facts.urgent and facts.can_be_expedited and facts.visit is not None,
        noticed_on=noticed_on,
        file_by=deadline.last_day,
        asked_at=folder.care.now(),
        appointment_id=facts.visit.appointment_id if facts.visit else None,
        ticket_id=ticket.id,
        conversation_id=folder.conversation_id,
        words=voice.words or None,
    )


def _tell_care_team(folder: Folder, facts: DenialFacts, asked: Asked, voice: Voice) -> Asked:
    assert facts.visit is not None
    what = f"{facts.payer or 'The insurer'} said no to: {facts.service or 'care'} ({facts.reason.replace('_', ' ')})."
    return _notify(folder, facts.visit, what, asked.case_number, voice)


def _notify(folder: Folder, visit: Visit, what: str, case_number: str, voice: Voice) -> Asked:
    care = folder.care
    queue = "nurse_line" if care.calendar.is_open(care.now()) else "on_call"
    return folder.errand(
        CARE_TEAM_TOLD,
        str(visit.appointment_id),
        INQUIRY,
        f"{what} The visit is still booked: {_of_visit(folder, visit)} The appeal runs under {case_number}. "
        "An expedited appeal needs the ordering doctor to ask for it. Please tell the patient what this means "
        "for the visit.",
        desk.due_time(care, desk.URGENT),
        voice,
        priority=desk.URGENT,
        queue=queue,
    )[1]


def _brief(folder: Folder, facts: DenialFacts, level: str | None, deadline: Deadline | None) -> str:
    parts = [
        f"Wants to appeal. {facts.payer or 'The insurer'} said no on {facts.noticed_on:%m/%d/%Y} to "
        f"{facts.service or 'a claim'}{f' of {facts.service_date:%m/%d/%Y}' if facts.service_date else ''}, reason on "
        f"file: {facts.reason.replace('_', ' ')}."
    ]
    if level is None:
        parts.append("Which level comes next is for you to say.")
    else:
        parts.append(f"Level: {level.replace('_', ' ')}.")
    if deadline is not None:
        over = " That day is over." if deadline.over else ""
        parts.append(
            f"Last day by the notice: {deadline.last_day:%m/%d/%Y}, send by {deadline.send_by:%m/%d/%Y}.{over}"
        )
    parts.append(_of_visit(folder, facts.visit))
    if facts.urgent and facts.can_be_expedited:
        parts.append("Please look at the expedited route with the ordering doctor.")
    return " ".join(parts)


def _of_visit(folder: Folder, visit: Visit | None) -> str:
    if visit is None:
        return "No coming visit is linked."
    local = visit.starts_at.astimezone(folder.care.organization.tz)
    return f"{visit.visit_type} on {local:%m/%d/%Y at %H:%M} with {visit.provider} (visit {visit.appointment_id})."
