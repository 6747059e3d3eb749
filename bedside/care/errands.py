"""What staff do for somebody who asks for another, for a family after a death, for an adolescent in their own right
(BRIEF 3.2, 3.10): one ticket, one promise with a time (R7), and nothing said of any record (R3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bedside.care import bill_requests, desk, identity, promises
from bedside.care.context import Care
from bedside.care.handover import queue_for
from bedside.care.speaking import LANGUAGES
from bedside.records.tables import Ticket

AUTHORIZATION, BEREAVEMENT, CONFIDENTIAL = "authorization_help", "bereavement_care", "confidential_contact"
_BRIEFS = {
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


@dataclass(frozen=True)
class Done:
    """The case, whose work it is, by when (UTC)."""

    case_number: str
    queue: str
    due_at: datetime


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
            patient_id if asked.what == CONFIDENTIAL else None,
            bill_requests.Errand(
                promise=asked.what,
                subject=conversation_id,
                inquiry=asked.inquiry,
                brief=brief,
                due_at=desk.due_time(care, asked.priority),
                queue=queue,
                priority=asked.priority,
            ),
        )
        if done.joined and brief not in ticket.brief:
            ticket.brief = f"{ticket.brief}\n{brief}"
        if asked.reach:
            promises.renew(care, session, session.get(Ticket, ticket.id), asked.what, done.due_at, asked.reach)
        return Done(done.case_number, done.queue, done.due_at)
