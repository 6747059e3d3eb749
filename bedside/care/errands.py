"""What staff do for somebody who asks for another, for a family after a death, for an adolescent in their own right
(BRIEF 3.2, 3.10): one ticket, one promise with a time (R7), and nothing said of any record (R3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bedside.care import bill_requests, desk, identity, promises
from bedside.care.context import Care
from bedside.care.handover import queue_for
from bedside.care.speaking import LANGUAGES
from bedside.records.tables import Ticket

AUTHORIZATION, BEREAVEMENT, CONFIDENTIAL = "authorization_help", "bereavement_care", "confidential_contact"
INTERPRETER = "interpreter_booked"
COPIES, AMENDMENT, RESTRICTION, DISCLOSURES = (
    "records_copies",
    "records_amendment",
    "records_restriction",
    "records_list",
)
RECORDS = {"copies": COPIES, "amendment": AMENDMENT, "restriction": RESTRICTION, "disclosures": DISCLOSURES}
_BRIEFS = {
    INTERPRETER: "Wants an interpreter, to be booked with the visit. No family or friends for clinical or billing "
    "matters.",
    COPIES: "Asks for copies of their records (HIPAA right of access).",
    AMENDMENT: "Asks to have their record amended (HIPAA). A denial needs reasons in writing.",
    RESTRICTION: "Asks for a restriction on how their information is shared (HIPAA).",
    DISCLOSURES: "Asks for an accounting of disclosures (HIPAA).",
    AUTHORIZATION: "Asks about somebody else. Nothing was said about any record, nor whether there is one. Was told "
    "of the blank form, and that the patient can agree by telephone with staff.",
    BEREAVEMENT: "Tells of a death. Please find the record, and see to it as one person that visits, reminders, "
    "letters, bills and calls in that name stop; then tell scheduling and billing. Nothing was said about any record.",
    CONFIDENTIAL: "CONFIDENTIAL: an adolescent asks in their own right. Do not use the telephone, address or portal on "
    "file, and do not tell a parent; only the contact below. Go over mail, messages and bills with them first.",
}


@dataclass(frozen=True)
class Asked:
    """Who asks, in which words, and how to reach them, in their words."""

    what: str  # one of AUTHORIZATION, BEREAVEMENT, CONFIDENTIAL
    words: str
    name: str | None
    mood: str
    language: str
    inquiry: str
    queue: str
    priority: str = desk.STANDARD
    reach: str | None = None
    subject: str = ""


@dataclass(frozen=True)
class Done:
    """The case, whose work it is, by when (UTC)."""

    case_number: str
    queue: str
    due_at: datetime


def due_for(care: Care, asked: Asked) -> datetime:
    """By when, UTC: within the days of the law for what is asked of records, else by the service level.

    A last day on which the clinic is closed moves to the one before, so that the time of the law is kept.
    """
    law = care.organization.records_requests
    days = {
        COPIES: law.copies_days,
        AMENDMENT: law.amendment_days,
        RESTRICTION: law.restriction_days,
        DISCLOSURES: law.disclosures_days,
    }.get(asked.what)
    if days is None:
        return desk.due_time(care, asked.priority)
    day = care.today() + timedelta(days=days)
    while not care.calendar.is_business_day(day):
        day -= timedelta(days=1)
    return care.calendar.closing(day)


def ask(care: Care, conversation_id: str, asked: Asked) -> Done:
    """Write the ticket and the promise; asking again in the same talk adds to them."""
    queue = queue_for(care, asked.inquiry) if asked.queue == "nurse_line" else asked.queue
    reach = f" How to reach them: {asked.reach}." if asked.reach else ""
    brief = (
        f"{_BRIEFS[asked.what]} Called themself: {asked.name or 'not given'}. "
        f"Language: {LANGUAGES.get(asked.language, asked.language)}. Feeling: {asked.mood}. "
        f"In their words: {asked.words}{reach}"
    )
    with care.store.work() as session:
        patient_id = identity.patient_here(care, session, conversation_id)
        ticket, done = bill_requests.run(
            care,
            session,
            conversation_id,
            None if asked.what in (AUTHORIZATION, BEREAVEMENT) else patient_id,
            bill_requests.Errand(
                promise=asked.what,
                subject=f"{conversation_id}:{asked.subject}",
                inquiry=asked.inquiry,
                brief=brief,
                due_at=due_for(care, asked),
                queue=queue,
                priority=asked.priority,
            ),
        )
        if done.joined and brief not in ticket.brief:
            ticket.brief = f"{ticket.brief}\n{brief}"
        if asked.reach:
            promises.renew(care, session, session.get(Ticket, ticket.id), asked.what, done.due_at, asked.reach)
        return Done(done.case_number, done.queue, done.due_at)
