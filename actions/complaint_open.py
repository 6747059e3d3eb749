"""Where a talk meets a complaint: written down at the first words that tell something, whatever comes next (R7)."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Events, Turn, set_slots
from actions.calm import say_calm
from actions.clinical import facts_of
from bedside.care import agenda, bill_talk, complaints
from bedside.language.complaints import is_bait, is_own_matter, kinds_in, wants_no_name

_ACKNOWLEDGED = {
    complaints.LEGAL: "utter_acknowledge_complaint_legal",
    complaints.THREAT: "utter_acknowledge_complaint_threat",
    complaints.INJURY: "utter_acknowledge_complaint_safety",
    complaints.SAFETY: "utter_acknowledge_complaint_safety",
    complaints.CLINICAL_STAFF: "utter_acknowledge_complaint_staff",
    complaints.DISCRIMINATION: "utter_acknowledge_complaint_discrimination",
    complaints.PRIVACY: "utter_acknowledge_complaint_privacy",
    complaints.GRIEVANCE: "utter_acknowledge_complaint_grievance",
}


def told(turn: Turn, words: str, inquiries: Sequence[str]) -> complaints.Told:
    """What was said, for the record."""
    return complaints.Told(
        words=words,
        inquiries=inquiries,
        name=turn.slot("caller_name"),
        mood=turn.mood,
        language=turn.language,
        anonymous=wants_no_name(words),
    )


def facts(turn: Turn, standing: complaints.Standing) -> dict[str, object]:
    """What the sentences about a complaint may name."""
    return {**facts_of(turn, standing.queue, standing.due_at), "case_number": standing.case_number}


def as_complaint(turn: Turn, asked: list[str]) -> list[str]:
    """What a message asks for, where a complaint is part of it: one that only says again what the disputed bill at
    hand is about belongs to the bill."""
    if "billing_dispute" in turn.tasks and not is_own_matter(turn.text):
        return [inquiry for inquiry in asked if inquiry != "complaint_service"]
    if asked and asked[0] in agenda.COMPLAINTS and not bill_talk.says(turn.text, "a_bill"):
        asked = [inquiry for inquiry in asked if inquiry not in agenda.BILLS]  # lost pay is no payment plan
    return hurt_here(asked, turn.text)


def hurt_here(asked: list[str], words: str) -> list[str]:
    """Who was hurt at the clinic and asks nothing is offered a nurse inside the complaint, before anything else."""
    kinds = kinds_in(words)
    if not set(asked) & set(agenda.COMPLAINTS) or not kinds & {complaints.INJURY, complaints.SAFETY} or "?" in words:
        return asked
    return [inquiry for inquiry in asked if inquiry != "clinical_symptom"]


def open_complaint(turn: Turn, asked: Sequence[str]) -> Events:
    """Write a complaint of this message down; one that only says that there is one waits for the first words."""
    about = [inquiry for inquiry in asked if inquiry in agenda.COMPLAINTS]
    if not about:
        return []
    said = told(turn, turn.text, about)
    known = complaints.standing(turn.care, turn.conversation_id)
    few = len(turn.text.split()) < complaints.ENOUGH_WORDS
    if known is None and few and not complaints.is_pressing(said):
        return []
    standing = complaints.hear(turn.care, turn.conversation_id, said)
    return set_slots(complaint_case=standing.case_number)


def acknowledgement(turn: Turn, inquiry: str, words: str | None = None) -> str:
    """The sentence that fits what happened, in this message or in `words` (R4)."""
    if inquiry not in agenda.COMPLAINTS:
        return agenda.TASKS[inquiry].acknowledgement
    kinds = complaints.kinds_of(told(turn, words or turn.text, [inquiry]))
    lead = next(kind for kind in complaints.KINDS if kind in kinds)
    return _ACKNOWLEDGED.get(lead, agenda.TASKS["complaint_service"].acknowledgement)


def add_to_complaint(turn: Turn, asked: Sequence[str]) -> bool:
    """More about a complaint that was settled in this talk joins it; whether there is one."""
    about = [inquiry for inquiry in asked if inquiry in agenda.COMPLAINTS]
    if not about or turn.slot("complaint_case") or set(turn.tasks) & set(agenda.COMPLAINTS):
        return False
    if complaints.standing(turn.care, turn.conversation_id) is None:
        return False
    standing = complaints.hear(turn.care, turn.conversation_id, told(turn, turn.text, about))
    for inquiry in about:
        turn.record(inquiry, acknowledged=True)
    again = turn.has_said("utter_complaint_added")
    turn.say("utter_complaint_added_again" if again else "utter_complaint_added", **facts(turn, standing))
    return True


def after_doubt(turn: Turn, asked: Sequence[str], words: str) -> Events:
    """What was said when we asked whether it is happening now, and it was not: acknowledged, and written down."""
    about = [inquiry for inquiry in asked if inquiry in agenda.COMPLAINTS]
    known = complaints.standing(turn.care, turn.conversation_id)
    if not words or not (about or (known is not None and set(turn.tasks) & set(agenda.COMPLAINTS))):
        return []
    events: Events = []
    if known is None:
        turn.say(acknowledgement(turn, about[0], words))
        for inquiry in about:
            turn.record(inquiry, acknowledged=True)
        if not turn.slot("introduced"):
            turn.say("utter_introduction")
            events += set_slots(introduced=True)
    here = turn.slot("complaint_at")
    if is_bait(words):
        say_calm(turn)
    elif isinstance(here, dict) and here.get("stage") == "hear":
        events += set_slots(complaint_at={**here, "stage": "more"})
    standing = complaints.hear(turn.care, turn.conversation_id, told(turn, words, about))
    return [*events, *set_slots(complaint_case=standing.case_number)]


def set_aside(turn: Turn) -> bool:
    """A complaint is put aside in the middle: what was told stays, and is read. Whether anything was told."""
    standing = complaints.standing(turn.care, turn.conversation_id)
    if standing is None:
        return False
    complaints.note(turn.care, turn.conversation_id, "set_aside", turn.text)
    turn.say("utter_complaint_kept", **facts(turn, standing))
    return True
