"""General questions about insurance, which anybody may ask: answered in approved words that are not overdue."""

from __future__ import annotations

from actions.base import Turn
from bedside.care import agenda, approved_answers, identity, insurance_wishes, new_coverage
from bedside.organization import display_phone


def answer_general(turn: Turn, topic: str) -> bool:
    """Say the approved answer; where its review is overdue, say so and who knows. Whether it was given."""
    answer = approved_answers.approved(turn.care, topic)
    if answer is None:
        phone = display_phone(turn.care.organization.queue("insurance").phone)
        turn.say("utter_insurance_answer_overdue", queue_phone=phone)
        return False
    turn.say(answer.response)
    return True


def takes_company(turn: Turn) -> bool:
    """Whether somebody who is not verified asks if we take an insurance by its name; answers it."""
    text = turn.text
    if identity.is_verified(turn.care, turn.conversation_id) or insurance_wishes.says(text, "own"):
        return False
    if not insurance_wishes.says(text, "takes_company"):
        return False
    match = new_coverage.read_payer(turn.care, text)
    if match is None or not match.sure:
        return False
    turn.say("utter_insurance_takes_company", company=match.name)
    return True


def aside(turn: Turn, first: str) -> bool:
    """Answer a general question before any proof is asked for; whether the message was one."""
    if first not in agenda.INSURANCES:
        return False
    topic = insurance_wishes.general_topic(turn.text)
    if topic is not None:
        turn.record(first, acknowledged=True)
        turn.say("utter_insurance_good_question")
        answer_general(turn, topic)
        return True
    if "update_insurance" not in turn.requests and takes_company(turn):
        turn.record(first, acknowledged=True)
        return True
    return False


def acknowledgement(turn: Turn, first: str) -> str:
    """How a request is acknowledged: in full the first time in a talk, shortly when more of it comes (R4)."""
    usual = agenda.TASKS[first].acknowledgement
    if first not in agenda.INSURANCES or not turn.has_said(usual):
        return usual
    return "utter_insurance_afraid" if first == "insurance_denial_appeal" else "utter_insurance_of_course"


def follows_on(turn: Turn) -> str | None:
    """The inquiry that short words take up again, right after its answer: "urgent" behind where a request stands."""
    if turn.tasks or not insurance_wishes.says(turn.text, "urgent"):
        return None
    users = 0
    for event in reversed(turn.tracker.events):
        users += event["event"] == "user"
        if users == 2:
            return None
        if (event.get("metadata") or {}).get("utter_action") == "utter_insurance_auth_hurry":
            return "prior_authorization"
    return None
