"""Complaints: written down in full, passed to whoever must know at their speed, with one promise to the patient of who
answers and by when (BRIEF 3.6, R7).

One talk makes one complaint. It is written at the first words that tell something, so that whoever leaves in the middle
is heard all the same; what is said later is added.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.care import desk, identity
from bedside.care.context import Care
from bedside.care.speaking import LANGUAGES
from bedside.language import complaints as reading
from bedside.language.past import read_past_day
from bedside.records.complaint_tables import Complaint, ComplaintEvent
from bedside.records.tables import Commitment, Ticket

SERVICE, LEGAL, THREAT, INJURY, SAFETY = "service", "legal", "threat", "injury", "safety"
CLINICAL_STAFF, DISCRIMINATION, PRIVACY = "clinical_staff", "discrimination", "privacy"
GRIEVANCE, MEDIA = "grievance", "media"

# What each kind of complaint sets in motion: whose work it is, how fast. The first of them answers to the patient;
# of several kinds, the one that stands first here leads.
ROUTES: dict[str, tuple[tuple[str, str], ...]] = {
    LEGAL: (("supervisor", desk.IMMEDIATE), ("risk", desk.IMMEDIATE)),
    THREAT: (("supervisor", desk.IMMEDIATE), ("risk", desk.IMMEDIATE)),
    INJURY: (("supervisor", desk.IMMEDIATE),),
    SAFETY: (("supervisor", desk.IMMEDIATE),),
    CLINICAL_STAFF: (("supervisor", desk.URGENT),),
    DISCRIMINATION: (("supervisor", desk.URGENT), ("compliance", desk.URGENT)),
    PRIVACY: (("compliance", desk.URGENT),),
    GRIEVANCE: (("patient_advocate", desk.STANDARD),),
    SERVICE: (("practice_manager", desk.STANDARD),),
    MEDIA: (("media", desk.STANDARD),),
}
KINDS = tuple(ROUTES)
KIND_OF = {
    "complaint_service": SERVICE,
    "complaint_clinical_staff": CLINICAL_STAFF,
    "safety_incident": SAFETY,
    "legal_threat": LEGAL,
    "privacy_breach": PRIVACY,
}
CALL, REVIEW, WRITTEN_ANSWER, SUPERVISOR_TOLD = (
    "complaint_call",
    "complaint_review",
    "complaint_written_answer",
    "supervisor_told",
)
_SPEED = (desk.IMMEDIATE, desk.URGENT, desk.STANDARD)
ENOUGH_WORDS = 6  # so many tell something; fewer only say that there is a complaint


@dataclass(frozen=True)
class Told:
    """What was said, and by whom, as far as they said it."""

    words: str
    inquiries: Collection[str] = ()
    name: str | None = None
    mood: str = "calm"
    language: str = "en"
    anonymous: bool = False


@dataclass(frozen=True)
class Standing:
    """Where a complaint stands: its case, who answers, what was promised and by when (UTC)."""

    case_number: str
    words: str
    queue: str
    promise: str
    due_at: datetime
    about: tuple[str, ...]
    anonymous: bool
    occurred_on: date | None
    place: str | None
    written_answer_due: datetime | None
    hurt: bool  # somebody was hurt, and a nurse is to be offered
    unhurt: bool  # they say that nobody was


def kinds_of(told: Told) -> frozenset[str]:
    """What it is about, by its words and by what the understanding made of it; never empty."""
    found = set(reading.kinds_in(told.words)) | {KIND_OF[one] for one in told.inquiries if one in KIND_OF}
    if SAFETY in found and INJURY in found:
        found.discard(SAFETY)
    return frozenset(found - {SERVICE} if found - {SERVICE, MEDIA} else found | {SERVICE})


def is_pressing(told: Told) -> bool:
    """Whether somebody must hear of it today."""
    return any(speed != desk.STANDARD for kind in kinds_of(told) for _, speed in ROUTES[kind])


def hear(care: Care, conversation_id: str, told: Told) -> Standing:
    """Write down what was said, and pass it to whoever must know. The first words open the complaint."""
    with care.store.work() as session:
        complaint = _of(session, conversation_id)
        if complaint is None:
            complaint = _open(care, session, conversation_id, told)
        else:
            _add(care, session, complaint, told)
        _place(care, session, complaint, told.words)
        _pass_on(care, session, complaint, told)
        return _standing(session, complaint)


def standing(care: Care, conversation_id: str) -> Standing | None:
    """The complaint of this talk; None when there is none."""
    with care.store.reading() as session:
        complaint = _of(session, conversation_id)
        return None if complaint is None else _standing(session, complaint)


def reach(care: Care, conversation_id: str, words: str, *, call: bool, name: str | None = None) -> Standing | None:
    """How they would like to be reached, in their words. Without `call` nobody calls: it is read and acted on.

    Somebody who has proved who they are is named to the staff from then on. None when there is no complaint.
    """
    with care.store.work() as session:
        complaint = _of(session, conversation_id)
        if complaint is None:
            return None
        complaint.anonymous = complaint.anonymous and not call
        if not complaint.anonymous:
            complaint.patient_id = identity.patient_here(care, session, conversation_id)
            for ticket in _tickets(session, complaint):
                ticket.patient_id = complaint.patient_id
        _event(care, session, complaint, "reach", words)
        who = "verified in chat" if complaint.patient_id is not None else "not verified"
        if not complaint.anonymous:
            who = f"called themself {name or 'nothing'}, identity {who}"
        for ticket in _tickets(session, complaint):
            ticket.brief = f"{ticket.brief}\nHow to reach them: {words if call else 'no call wanted'}; {who}."
            desk.note(care, session, ticket, "reach", words)
        _promise(care, session, complaint, CALL if call else REVIEW, words if call else None)
        return _standing(session, complaint)


def note(care: Care, conversation_id: str, kind: str, words: str | None = None) -> None:
    """Write down what happened to a complaint of this talk: asked for a person, stopped in the middle."""
    with care.store.work() as session:
        complaint = _of(session, conversation_id)
        if complaint is None:
            return
        _event(care, session, complaint, kind, words)
        desk.note(care, session, session.get(Ticket, complaint.ticket_id), kind, words)


def resolve(care: Care, case_number: str, by: str, resolution: str) -> None:
    """A person has dealt with a complaint. Raise LookupError when none of this case is open."""
    if not by.strip() or not resolution.strip():
        raise ValueError("a complaint is resolved by somebody, with an answer")
    with care.store.work() as session:
        complaint = session.execute(
            select(Complaint).where(Complaint.case_number == case_number, Complaint.status == "open")
        ).scalar_one_or_none()
        if complaint is None:
            raise LookupError("no complaint of this case is open")
        complaint.status, complaint.resolved_at = "resolved", care.now()
        complaint.resolved_by, complaint.resolution = by, resolution
        _event(care, session, complaint, "resolved", resolution, actor=by)


# What the words become --------------------------------------------------------------------------------------------


def _open(care: Care, session: Session, conversation_id: str, told: Told) -> Complaint:
    about = _ordered(kinds_of(told))
    queue, speed = ROUTES[about[0]][0]
    patient_id = None if told.anonymous else identity.patient_here(care, session, conversation_id)
    ticket, _ = desk.open_ticket(
        care, session, _work(conversation_id, queue, speed, told.words and _brief(told, about), about, patient_id)
    )
    complaint = Complaint(
        case_number=ticket.case_number,
        ticket_id=ticket.id,
        conversation_id=conversation_id,
        patient_id=patient_id,
        about=list(about),
        words=told.words,
        anonymous=told.anonymous,
        opened_at=care.now(),
    )
    session.add(complaint)
    session.flush()
    _event(care, session, complaint, "told", told.words)
    return complaint


def _add(care: Care, session: Session, complaint: Complaint, told: Told) -> None:
    """More words: to the complaint, and below the brief of every ticket, so that one reading tells it all."""
    if told.anonymous and not complaint.anonymous:
        complaint.anonymous, complaint.patient_id = True, None
        for ticket in _tickets(session, complaint):
            ticket.patient_id = None
    if told.words in complaint.words.split("\n"):
        return
    complaint.words = f"{complaint.words}\n{told.words}"
    _event(care, session, complaint, "told", told.words)
    added = f"Added at {care.now().astimezone(care.organization.tz):%H:%M}: {told.words}"
    for ticket in _tickets(session, complaint):
        ticket.brief = f"{ticket.brief}\n{added}"
        desk.note(care, session, ticket, "added", added)
    fresh = (kinds_of(told) if is_pressing(told) else reading.kinds_in(told.words)) - set(complaint.about)
    if fresh:
        complaint.about = list(_ordered({*complaint.about, *fresh}))
        _event(care, session, complaint, "about", ", ".join(sorted(fresh)))


def _place(care: Care, session: Session, complaint: Complaint, words: str) -> None:
    if complaint.occurred_on is None:
        complaint.occurred_on = read_past_day(words, care.today())
        if complaint.occurred_on is not None:
            _event(care, session, complaint, "dated", complaint.occurred_on.isoformat())
    place = reading.read_place(words, [one.name for one in care.organization.locations])
    if place and place not in (complaint.place or ""):
        complaint.place = ", ".join(filter(None, [complaint.place, place]))[:120]
        _event(care, session, complaint, "placed", place)


def _pass_on(care: Care, session: Session, complaint: Complaint, told: Told) -> None:
    """A ticket for each queue that must know, the promise to the patient, a supervisor who knows of what presses."""
    lead = session.get(Ticket, complaint.ticket_id)
    routes: dict[str, str] = {}
    for kind in complaint.about:
        for queue, speed in ROUTES[kind]:
            routes[queue] = min(routes.get(queue, speed), speed, key=_SPEED.index)
    known = {ticket.queue: ticket for ticket in _tickets(session, complaint)}
    for queue, speed in routes.items():
        if queue in known:
            _hurry(care, session, known[queue], speed)
            continue
        brief = f"{_brief(told, complaint.about)}\nAll they said so far: {complaint.words}"
        work = _work(complaint.conversation_id, queue, speed, brief, complaint.about, complaint.patient_id)
        known[queue], _ = desk.open_ticket(care, session, work)
        desk.note(care, session, known[queue], "linked", lead.case_number)
        _event(care, session, complaint, "passed_on", f"{queue}, {speed}")
    answering = known[ROUTES[complaint.about[0]][0][0]]
    if answering.id != complaint.ticket_id:
        complaint.ticket_id = answering.id
        _event(care, session, complaint, "answered_by", answering.queue)
    _promise(care, session, complaint, REVIEW if complaint.anonymous else _kept_kind(session, complaint))
    if any(speed != desk.STANDARD for speed in routes.values()):
        _tell_supervisor(care, session, known.get("supervisor") or answering)
    if GRIEVANCE in complaint.about:
        _promise_in_writing(care, session, known["patient_advocate"])


def _hurry(care: Care, session: Session, ticket: Ticket, speed: str) -> None:
    if _SPEED.index(speed) < _SPEED.index(ticket.priority):
        ticket.priority, ticket.due_at = speed, min(ticket.due_at, desk.due_time(care, speed))
        desk.note(care, session, ticket, "hurried", speed)


def _tell_supervisor(care: Care, session: Session, ticket: Ticket) -> None:
    """Within minutes, once for a complaint."""
    told = select(Commitment.id).where(
        Commitment.conversation_id == ticket.conversation_id, Commitment.what == SUPERVISOR_TOLD
    )
    if session.execute(told).first() is None:
        minutes = care.organization.complaints.supervisor_minutes
        made = desk.promise(care, session, ticket, SUPERVISOR_TOLD, care.now() + timedelta(minutes=minutes))
        made.owner = "supervisor"


def _promise_in_writing(care: Care, session: Session, ticket: Ticket) -> None:
    day = care.today() + timedelta(days=care.organization.complaints.written_answer_days)
    while not care.calendar.is_business_day(day):
        day -= timedelta(days=1)  # the time that was set is not exceeded
    desk.promise(care, session, ticket, WRITTEN_ANSWER, care.calendar.closing(day))


def _kept_kind(session: Session, complaint: Complaint) -> str:
    known = _promised(session, complaint)
    return known.what if known is not None else REVIEW  # a call is promised once it is known where


def _promised(session: Session, complaint: Complaint) -> Commitment | None:
    found: Commitment | None = (
        session.execute(
            select(Commitment)
            .where(
                Commitment.conversation_id == complaint.conversation_id,
                Commitment.what.in_((CALL, REVIEW)),
                Commitment.status == "open",
            )
            .order_by(Commitment.id.desc())
        )
        .scalars()
        .first()
    )
    return found


def _promise(
    care: Care, session: Session, complaint: Complaint, what: str, preference: str | None = None
) -> Commitment:
    """The one promise that holds: whoever answers, by when. One that it takes the place of is marked as replaced."""
    ticket = session.get(Ticket, complaint.ticket_id)
    known = _promised(session, complaint)
    if known is not None and known.what == what and known.ticket_id == ticket.id:
        known.preference = preference or known.preference
        return known
    if known is not None:
        known.status = "replaced"
        preference = preference or (known.preference if what == CALL else None)
    speed = desk.STANDARD if ticket.priority == desk.STANDARD else desk.URGENT
    made = desk.promise(care, session, ticket, what, desk.due_time(care, speed), preference)
    made.status = "open"
    _event(care, session, complaint, "promised", f"{what}: {ticket.queue}, by {made.due_at.isoformat()}")
    return made


# Rows -------------------------------------------------------------------------------------------------------------


def _of(session: Session, conversation_id: str) -> Complaint | None:
    found: Complaint | None = session.execute(
        select(Complaint).where(Complaint.conversation_id == conversation_id)
    ).scalar_one_or_none()
    return found


def _tickets(session: Session, complaint: Complaint) -> list[Ticket]:
    matter = f"complaint:{complaint.conversation_id}:"
    rows = select(Ticket).where(Ticket.matter.startswith(matter, autoescape=True)).order_by(Ticket.id)
    return list(session.execute(rows).scalars())


def _standing(session: Session, complaint: Complaint) -> Standing:
    ticket = session.get(Ticket, complaint.ticket_id)
    promise = _promised(session, complaint)
    written = session.execute(
        select(Commitment.due_at).where(
            Commitment.conversation_id == complaint.conversation_id, Commitment.what == WRITTEN_ANSWER
        )
    ).scalar_one_or_none()
    return Standing(
        case_number=complaint.case_number,
        words=complaint.words,
        queue=ticket.queue,
        promise=promise.what if promise is not None else REVIEW,
        due_at=promise.due_at if promise is not None else ticket.due_at,
        about=tuple(complaint.about),
        anonymous=complaint.anonymous,
        occurred_on=complaint.occurred_on,
        place=complaint.place,
        written_answer_due=written,
        hurt=bool({INJURY, SAFETY} & set(complaint.about)) and reading.is_hurt(complaint.words) is True,
        unhurt=reading.is_hurt(complaint.words) is False,
    )


def _event(
    care: Care,
    session: Session,
    complaint: Complaint,
    kind: str,
    detail: str | None = None,
    actor: str = desk.ASSISTANT,
) -> None:
    session.add(ComplaintEvent(complaint_id=complaint.id, at=care.now(), actor=actor, kind=kind, detail=detail))


def _ordered(kinds: Collection[str]) -> tuple[str, ...]:
    return tuple(kind for kind in KINDS if kind in kinds)


_INQUIRY_OF = {
    SERVICE: "complaint_service",
    CLINICAL_STAFF: "complaint_clinical_staff",
    SAFETY: "safety_incident",
    INJURY: "safety_incident",
    LEGAL: "legal_threat",
    THREAT: "safety_incident",
    PRIVACY: "privacy_breach",
    MEDIA: "media_inquiry",
}


def _work(
    conversation_id: str, queue: str, speed: str, brief: str, about: Collection[str], patient_id: int | None
) -> desk.Work:
    return desk.Work(
        queue=queue,
        priority=speed,
        inquiry=_INQUIRY_OF.get(next(iter(about)), "complaint_service"),
        matter=f"complaint:{conversation_id}:{queue}",
        brief=brief,
        conversation_id=conversation_id,
        patient_id=patient_id,
    )


_NAMED = {
    DISCRIMINATION: "DISCRIMINATION",
    GRIEVANCE: "FORMAL GRIEVANCE",
    LEGAL: "LEGAL ACTION",
    THREAT: "THREAT",
    INJURY: "INJURY",
    SAFETY: "SAFETY INCIDENT",
    PRIVACY: "POSSIBLE PRIVACY BREACH",
    CLINICAL_STAFF: "licensed clinical staff",
    MEDIA: "speaks of the media",
    SERVICE: "service",
}


def _brief(told: Told, about: Collection[str]) -> str:
    who = "asked to stay anonymous" if told.anonymous else f"called themself: {told.name or 'not given'}"
    named = ", ".join(_NAMED[kind] for kind in about)
    return (
        f"Complaint ({named}); {who}. Language: {LANGUAGES.get(told.language, told.language)}. Feeling: {told.mood}. "
        f"In their words: {told.words}"
    )
