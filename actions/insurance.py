"""Insurance: what it does, where a request or a claim stands, what a no means, new insurance (BRIEF 3.5).

What is said lives in domain/insurance.yml, what is so in bedside/care; here is only what comes when. Where the talk
stands is one slot of plain data (`insurance_at`), whose `stage` says what the last question was about.
"""

from __future__ import annotations

from typing import Any

from actions import insurance_cover, insurance_denials, insurance_new, insurance_requests
from actions.base import Events, Turn, set_slots
from actions.clinical import clinical_in
from actions.conversation import ProvedAction, go_back, leave_form, need_proof
from actions.insurance_general import answer_general
from actions.insurance_state import SHORT, Answer, Opener, Stage, at, by_person, misheard, stay
from bedside.care import agenda, insurance_wishes, new_coverage
from bedside.care.coming_back import was_cut_off
from bedside.language.answers import read_yes_no

INTERRUPTIONS = ("repeat", "help", "bot_challenge", "ask_why", "hold_on", "vent", "thanks", "goodbye")
TRIES = 2  # questions that may go unanswered before a person is offered (R6)


class ValidateInsurance(ProvedAction):
    """Read what is wanted of an insurance, and do the next piece of it; write only what was agreed to."""

    action_name = "validate_insurance_form"

    def work(self, turn: Turn) -> Events:
        """Read the answer, and what else was asked for with it."""
        need_proof(turn)
        if turn.requested is None:
            return begin(turn)
        if was_cut_off(turn.text):
            go_back(turn)
            return stay(turn)
        answered = _plain_answer(turn)
        if answered is not None:
            return answered
        if clinical_in(turn) and not _names_care(turn):
            return []  # a nurse hears of it first; the open question comes again afterwards
        if insurance_wishes.of_another(turn.text):
            return of_another(turn)
        return _answer(turn)


def _plain_answer(turn: Turn) -> Events | None:
    """A few words that plainly answer the question, whatever else they may be taken for: "yes", "it replaces it"."""
    stage = at(turn)["stage"]
    if len(turn.text.split()) > SHORT or turn.text.rstrip().endswith("?"):
        return None
    plain = read_yes_no(turn.text) is not None or insurance_wishes.says(turn.text, "nothing")
    plain = plain or (stage in Stage.GIVING and turn.intent in misheard(turn))
    if stage in Stage.PLAIN or (stage in _ANSWERS and plain):
        return _ANSWERS[stage](turn)
    return None


def _names_care(turn: Turn) -> bool:
    """Whether clinical words only name the care that is asked about: "an MRI of my knee"; or a fear of a denial."""
    stage = at(turn)["stage"]
    if stage in Stage.OF_DENIAL and insurance_wishes.says(turn.text, "to_come"):
        return True
    return stage == Stage.WHICH_CARE and len(turn.text.split()) <= 2 * SHORT and "?" not in turn.text


def _answer(turn: Turn) -> Events:
    """What this message leads to: an answer to the question, another wish about insurance, or nothing."""
    stage = at(turn)["stage"]
    if stage in Stage.GIVING and insurance_wishes.says(turn.text, "photo"):
        turn.say("utter_insurance_no_photo")
        return stay(turn)
    heard = insurance_denials.beside(turn)
    if heard is not None:
        return heard
    if turn.intent == "stop" and not _is_short_answer(turn, stage):
        if stage in Stage.GIVING:
            new_coverage.forget(turn.care, turn.conversation_id)
        return []
    if turn.intent in INTERRUPTIONS and not _is_short_answer(turn, stage):
        return []
    if turn.intent == "human_request" and stage not in (Stage.CONNECT, Stage.REPORT, Stage.REACH):
        turn.say(agenda.TASKS["human_request"].acknowledgement)
        turn.record("human_request", acknowledged=True)
        return by_person(turn)
    answered = _ANSWERS[stage](turn) if stage in _ANSWERS else None
    if answered is not None:
        return [*answered, *_also_asked(turn, answered)]
    term = insurance_wishes.term_in(turn.text) or insurance_wishes.general_topic(turn.text)
    if term is not None:
        answer_general(turn, term)
        return stay(turn)
    topic = _other_wish(turn)
    return go_to(turn, topic) if topic is not None else missed(turn)


def _is_short_answer(turn: Turn, stage: str | None) -> bool:
    """Whether short words that mean something else elsewhere answer this question: "skip", "no idea"."""
    if _other_requests(turn) or len(turn.text.split()) > SHORT:
        return False
    return stage in Stage.GIVING and insurance_wishes.says(turn.text, "unknown")


def _other_requests(turn: Turn) -> list[str]:
    """What the message asks for that is not about insurance."""
    return [name for name in turn.requests if name not in (*agenda.INSURANCES, *misheard(turn))]


def _also_asked(turn: Turn, answered: Events) -> Events:
    """Something else that was asked for in the same breath is kept for afterwards."""
    tasks = next((event["value"] for event in reversed(answered) if event.get("name") == "agenda"), turn.tasks)
    known = (*tasks, *agenda.INSURANCES, "human_request", "distress", "third_party")
    others = [name for name in turn.requests if name not in known]
    if not others or len(turn.text.split()) <= SHORT or at(turn)["stage"] in Stage.GIVING:
        return []
    for inquiry in others:
        turn.record(inquiry)
    return set_slots(agenda=[*tasks, *others])


def _other_wish(turn: Turn) -> str | None:
    """Another thing about insurance than the one that was asked about."""
    asked = turn.requests
    if any(name not in agenda.INSURANCES for name in asked):
        return None  # the rules take it up, and this waits
    topic = insurance_wishes.first_topic(asked[0], turn.text) if asked else insurance_wishes.topic_in(turn.text)
    if topic is None or topic == at(turn).get("topic") or not (asked or len(turn.text.split()) <= 2 * SHORT):
        return None
    return topic


# Where it begins ------------------------------------------------------------------------------------------------------


def begin(turn: Turn) -> Events:
    """What was interrupted goes on where it was; else what the words asked for comes first."""
    task = next((one for one in turn.tasks if one in agenda.INSURANCES), "insurance_coverage")
    here = turn.slot("insurance_at")
    if isinstance(here, dict) and here.get("task") == task and here.get("stage"):
        return stay(turn)
    words = turn.just_said(about=agenda.INSURANCES) or turn.last_about(task)
    if insurance_wishes.says(turn.text, "urgent") and turn.text not in words:
        words = f"{words} / {turn.text}"
    if insurance_wishes.of_another(words):
        return of_another(turn)
    return open_topic(turn, insurance_wishes.first_topic(task, words), task=task, words=words)


def of_another(turn: Turn) -> Events:
    """Somebody else's insurance: nothing is said of it, and the staff can explain how leave is given (R3)."""
    turn.say("utter_insurance_not_anothers")
    turn.record("third_party", acknowledged=True)
    tasks = ["third_party", *(one for one in turn.tasks if one not in (*agenda.INSURANCES, "third_party"))]
    cleared = set_slots(insurance_at=None, insurance_done=None, handover_consent=None, handover_reach=None)
    return [*leave_form(), *cleared, *set_slots(agenda=tasks)]


def go_to(turn: Turn, topic: str) -> Events:
    """Turn to another thing about insurance, at the person's wish; a denial is heard first."""
    if topic == insurance_wishes.SPECIALIST:
        return by_person(turn)
    inquiry = insurance_wishes.INQUIRY_OF[topic]
    if topic == insurance_wishes.DENIAL and not turn.has_said("utter_acknowledge_denial"):
        turn.say("utter_acknowledge_denial")
    turn.record(inquiry, acknowledged=True)
    first, *rest = turn.tasks or [inquiry]
    waiting = [first, *(one for one in rest if one != inquiry)]
    events = open_topic(turn, topic, task=first, words=turn.text)
    return [*events, *set_slots(agenda=waiting)]


def open_topic(turn: Turn, topic: str, **kept: Any) -> Events:
    """Say what there is to say first about a topic, and set what is asked next."""
    return _OPENERS[topic](turn, {**kept, "topic": topic})


def missed(turn: Turn) -> Events:
    """Not an answer: another request is taken up; else it is asked again once, then a person is offered (R6)."""
    if _other_requests(turn) or turn.intent in ("out_of_scope", "distress"):
        return []
    times = int(at(turn).get("misses") or 0) + 1
    if times >= TRIES:
        turn.say("utter_insurance_by_person")
        return by_person(turn)
    turn.say("utter_insurance_say_again")
    return stay(turn, misses=times)


_ANSWERS: dict[str, Answer] = {
    **insurance_cover.ANSWERS,
    **insurance_requests.ANSWERS,
    **insurance_denials.ANSWERS,
    **insurance_new.ANSWERS,
}
_OPENERS: dict[str, Opener] = {
    **insurance_cover.OPENERS,
    **insurance_requests.OPENERS,
    **insurance_denials.OPENERS,
    **insurance_new.OPENERS,
}
_PLAIN_QUESTIONS = {
    Stage.OFFER_NEW: "utter_insurance_ask_offer_new",
    Stage.WHICH_CARE: "utter_insurance_ask_which_care",
    Stage.AUTH_URGENT: "utter_insurance_ask_urgent",
    Stage.AUTH_CHASE: "utter_insurance_ask_chase",
    Stage.AUTH_START: "utter_insurance_ask_start",
    Stage.CLAIM_CHASE: "utter_insurance_ask_chase",
    Stage.REPORT: "utter_insurance_ask_report",
}


class AskInsurance(ProvedAction):
    """The question that is open, as the stage says."""

    action_name = "action_ask_insurance_done"

    def work(self, turn: Turn) -> Events:
        """One question."""
        stage = at(turn)["stage"]
        if stage in _PLAIN_QUESTIONS:
            turn.say(_PLAIN_QUESTIONS[stage])
        elif stage == Stage.WHICH_DENIAL:
            turn.say("utter_insurance_ask_which_denial", lines=insurance_denials.lines(turn))
        elif stage == Stage.CONNECT:
            insurance_denials.ask_connect(turn)
        elif stage == Stage.REACH:
            insurance_denials.ask_reach(turn)
        elif stage in Stage.GIVING:
            insurance_new.ask(turn, stage)
        else:
            turn.say("utter_insurance_ask_which_care")
        return []
