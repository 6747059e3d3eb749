"""Where a talk meets a clinical question: what every action does about one (R1)."""

from __future__ import annotations

from datetime import datetime

from actions.base import Turn
from bedside.care import agenda, handover
from bedside.language.medicines import read_medicines, read_pharmacy
from bedside.organization import display_phone

# What is answered by its own rule, and then the question comes again.
INTERRUPTIONS = (
    "stop", "repeat", "help", "bot_challenge", "hold_on", "greeting", "thanks", "goodbye", "correct", "give_name",
    "ask_why",
)  # fmt: skip

REFILL = "medication_refill"


def refill_told(text: str) -> dict[str, str]:
    """The slots of a refill that a message tells by names that are known."""
    told = {"refill_medicine": ", ".join(read_medicines(text)), "refill_pharmacy": read_pharmacy(text)}
    return {slot: said for slot, said in told.items() if said}


def inquiry_of(turn: Turn) -> str:
    """What is handed over: the task in hand."""
    return turn.tasks[0] if turn.tasks else "human_request"


def is_clinical(turn: Turn) -> bool:
    """Whether the task in hand is for a nurse."""
    return inquiry_of(turn) in agenda.CLINICAL


def clinical_in(turn: Turn) -> list[str]:
    """The clinical questions of this message that no form answers."""
    return [name for name in turn.requests if agenda.is_for_nurse(name)]


def facts_of(turn: Turn, queue: str, due_at: datetime, wait: int | None = None) -> dict[str, object]:
    """What the sentences about a hand-over may name. `wait`: minutes, as the queue's own figures say."""
    details = turn.care.organization.queue(queue)
    return {
        "team": details.name_in(turn.language),
        "queue_phone": display_phone(details.phone),
        "wait": wait or details.typical_wait_minutes,
        "on_call_phone": display_phone(turn.care.organization.queue("on_call").phone),
        "due": turn.due(due_at),
    }


def request_of(turn: Turn, inquiries: list[str], words: str, **more: object) -> handover.Request:
    """What the staff are told."""
    return handover.Request(
        inquiries=inquiries,
        words=words,
        name=turn.slot("caller_name"),
        mood=turn.mood,
        language=turn.language,
        **more,  # type: ignore[arg-type]
    )


def add_to_clinical(turn: Turn, inquiries: list[str], words: str | None = None) -> bool:
    """Clinical questions of this message join the nurse's ticket that is still open; whether there is one (R1)."""
    done = handover.add_to_clinical(turn.care, turn.conversation_id, request_of(turn, inquiries, words or turn.text))
    if done is None:
        return False
    for inquiry in inquiries:
        turn.record(inquiry, acknowledged=True)
    turn.say("utter_clinical_added", case_number=done.case_number, **facts_of(turn, done.queue, done.due_at))
    return True
