"""Somebody who asks for another, an adolescent who asks for themself, a family after a death (BRIEF 3.2, 3.10).

A person of the staff does the work; here they are heard, told what is possible, and never told anything of a record.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from actions.base import BedsideAction, Events, Turn, set_slots
from actions.clinical import facts_of
from bedside.care import agenda, desk, errands
from bedside.language import complaints as reading
from bedside.language.answers import read_reach, read_yes_no
from bedside.language.errands import language_in, records_kind, says

ASK, WHOSE, REACH, DETAIL = "ask", "whose", "reach", "detail"
LONGEST_NAME = 12  # words of an answer that names somebody
# Two words with capitals in the middle of a sentence.
_A_NAME = re.compile(r"(?<=[a-z,] )[A-ZÁÉÍÓÚÑ][\w'’-]+(?: [A-ZÁÉÍÓÚÑ]\.?)? [A-ZÁÉÍÓÚÑ][\w'’-]+")
_ASIDE = ("bot_challenge", "repeat", "help", "hold_on", "stop", "greeting")
_WHY = ("utter_other_why", "utter_other_why_again")


class ValidateErrand(BedsideAction):
    """One question at a time, each answer in its own words."""

    action_name = "validate_errand_form"

    def perform(self, turn: Turn) -> Events:
        """Where the talk stands decides what an answer means."""
        topic = turn.tasks[0] if turn.tasks else "third_party"
        if turn.requested is None:
            at = turn.slot("errand_at")
            return _to(at if isinstance(at, dict) and at.get("topic") == topic else _begun(turn, topic))
        if turn.intent in _ASIDE and read_yes_no(turn.text) is None:
            return []
        elsewhere = [name for name in turn.requests if name not in (topic, "distress")]
        if any(agenda.is_for_nurse(name) for name in elsewhere) and topic != "adolescent":
            return []
        if turn.intent == "human_request" or (set(elsewhere) & set(agenda.COMPLAINTS) and topic != "third_party"):
            return []
        return _TOPICS[topic](turn, dict(turn.slot("errand_at") or {"topic": topic, "stage": ASK}))


def _begun(turn: Turn, topic: str) -> dict[str, Any]:
    """Where to begin: what was told already is not asked again."""
    words = turn.just_said(about=(topic,))
    if topic == "medical_records":
        kind = records_kind(words)
        return {"topic": topic, "kind": kind, "stage": DETAIL if kind else ASK}
    if topic == "interpreter":
        if says(words, "family_interprets"):
            turn.say("utter_interpreter_not_family")
        named = language_in(words) or ("Spanish" if turn.language == "es" else None)
        return {"topic": topic, "named": named, "stage": DETAIL if named else ASK}
    return {"topic": topic, "stage": ASK}


def _to(at: dict[str, Any], stage: str | None = None) -> Events:
    return set_slots(errand_at={**at, "stage": stage or at["stage"]}, errand_done=None)


def _done() -> Events:
    return set_slots(errand_done="done")


def _answer(turn: Turn) -> bool | None:
    answer = read_yes_no(turn.text)
    if answer is None and turn.intent in ("affirm", "deny", "refuse") and not turn.text.rstrip().endswith("?"):
        return turn.intent == "affirm"
    return False if answer is None and reading.is_finished(turn.text) else answer


def _write(turn: Turn, what: str, queue: str, *, inquiry: str, priority: str, reach: str | None = None) -> errands.Done:
    words = " / ".join(
        str(event["text"]) for event in turn.tracker.events if event["event"] == "user" and event.get("text")
    )
    return errands.ask(
        turn.care,
        turn.conversation_id,
        errands.Asked(
            what=what,
            words=words,
            name=turn.slot("caller_name"),
            mood=turn.mood,
            language=turn.language,
            inquiry=inquiry,
            queue=queue,
            priority=priority,
            reach=reach,
        ),
    )


def _facts(turn: Turn, done: errands.Done) -> dict[str, object]:
    return {**facts_of(turn, done.queue, done.due_at), "case_number": done.case_number}


# Somebody else's matter -------------------------------------------------------------------------------------------


def _records(turn: Turn, reach: str | None = None) -> errands.Done:
    return _write(
        turn, errands.AUTHORIZATION, "medical_records", inquiry="third_party", priority=desk.STANDARD, reach=reach
    )


def _of_another(turn: Turn, at: dict[str, Any]) -> Events:
    """How leave is given, how to pay without being told anything, a person; never a word on any account (R3)."""
    organization = turn.care.organization
    if says(turn.text, "myself") and set(turn.requests) - {"third_party"}:
        return []  # and what about mine?
    reach, answer = read_reach(turn.text), _answer(turn)
    if reach.number is not None:
        turn.say("utter_other_done", **_facts(turn, _records(turn, turn.text)))
        return _done()
    if at["stage"] == REACH:
        done = _records(turn, turn.text)
        turn.say("utter_other_done_no_call" if answer is False else "utter_other_done", **_facts(turn, done))
        return _done()
    asks = turn.text.rstrip().endswith("?")
    if says(turn.text, "pay") and (asks or answer is None):
        turn.say("utter_other_pay", link=organization.billing.payment_link)
        return _to(at)
    if says(turn.text, "form") and (asks or answer is not False):
        known = _facts(turn, _records(turn))
        turn.say("utter_other_form", link=organization.records_requests.authorization_form, **known)
        return _to({**at, "form": True})
    if answer:
        return _to(at, REACH)
    if answer is False:
        turn.say("utter_other_declined", **facts_of(turn, "medical_records", turn.care.now()))
        return _done()
    unsaid = next((sentence for sentence in _WHY if not turn.has_said(sentence)), None)
    if unsaid is None:
        return []
    turn.say(unsaid)
    return _to(at)


# After a death ----------------------------------------------------------------------------------------------------


def _of_the_dead(turn: Turn, at: dict[str, Any]) -> Events:
    """One person sees to all of it; the family explains it once."""
    answer = _answer(turn)
    reach = read_reach(turn.text)

    def write(reach: str | None = None) -> errands.Done:
        return _write(
            turn,
            errands.BEREAVEMENT,
            "patient_advocate",
            inquiry="third_party",
            priority=desk.URGENT,
            reach=reach,
        )

    if at["stage"] == ASK:
        if answer is False:
            turn.say("utter_bereaved_declined")
            return _done()
        if answer is None and not says(turn.text, "notices") and not _names(turn):
            turn.say("utter_bereaved_slowly")
            return _to(at)
        write()
        return _to(at, REACH if _names(turn) or _named_before(turn) else WHOSE)
    if at["stage"] == WHOSE:
        write()
        return _to(at, REACH)
    call = reach.number is not None or (answer is not False and not reading.wants_no_call(turn.text))
    done = write(turn.text if call else "no call wanted")
    turn.say("utter_bereaved_done" if call else "utter_bereaved_done_no_call", **_facts(turn, done))
    return _done()


def _named_before(turn: Turn) -> bool:
    """Whether the one who died was named already, in what was said before: nobody is asked that twice."""
    own = str(turn.slot("caller_name") or "")
    words = turn.just_said(about=("bereavement", "third_party"))
    return any(found != own for found in _A_NAME.findall(words))


def _names(turn: Turn) -> bool:
    """Whether an answer gives a name: few words, two of them with capitals."""
    words = turn.text.split()
    return len(words) <= LONGEST_NAME and sum(word[:1].isupper() for word in words[1:]) >= 2


# An adolescent, in their own right --------------------------------------------------------------------------------


def _of_an_adolescent(turn: Turn, at: dict[str, Any]) -> Events:
    """A private way to reach them; what is on file may be a parent's."""
    answer = _answer(turn)
    clinical = [name for name in (*turn.requests, *turn.tasks) if name in agenda.CLINICAL]
    said = " ".join(str(event["text"]) for event in turn.tracker.events if event["event"] == "user" and event["text"])
    queue, inquiry, priority = "medical_records", "minor", desk.STANDARD
    if clinical:
        queue, inquiry, priority = "nurse_line", clinical[0], desk.IMMEDIATE
    elif says(said, "about_visit"):
        queue = "scheduling"
    if read_reach(turn.text).number is not None or "@" in turn.text:
        done = _write(turn, errands.CONFIDENTIAL, queue, inquiry=inquiry, priority=priority, reach=turn.text)
        turn.say("utter_teen_done", **_facts(turn, done))
        return _done()
    if answer is False or reading.wants_no_call(turn.text):
        done = _write(turn, errands.CONFIDENTIAL, queue, inquiry=inquiry, priority=priority, reach="they will call us")
        turn.say("utter_teen_will_call", **_facts(turn, done))
        return _done()
    if turn.has_said("utter_teen_private"):
        if turn.has_said("utter_teen_noted"):
            return []
        turn.say("utter_teen_noted")
        return _to(at)
    turn.say("utter_teen_private")
    return _to(at)


# Records, and an interpreter --------------------------------------------------------------------------------------


def _of_records(turn: Turn, at: dict[str, Any]) -> Events:
    """A right under the law: taken down as it is said, with the time that the law gives."""
    if at["stage"] == ASK:
        kind = records_kind(turn.text)
        if kind is None and at.get("asked"):
            kind = "copies"
        return _to({**at, "kind": kind, "asked": True}, DETAIL if kind else ASK)
    what = errands.RECORDS[at["kind"]]
    done = _write(turn, what, "medical_records", inquiry="medical_records", priority=desk.STANDARD)
    turn.say(_RECORDS_DONE[at["kind"]], **_facts(turn, done))
    return _done()


_RECORDS_DONE = {
    "copies": "utter_records_done_copies",
    "amendment": "utter_records_done_amendment",
    "restriction": "utter_records_done_restriction",
    "disclosures": "utter_records_done_disclosures",
}


def _of_interpreter(turn: Turn, at: dict[str, Any]) -> Events:
    """Somebody trained, booked with the visit; never family for clinical or billing matters."""
    if says(turn.text, "family_interprets") and not turn.has_said("utter_interpreter_not_family"):
        turn.say("utter_interpreter_not_family")
    if at["stage"] == ASK:
        return _to({**at, "named": language_in(turn.text) or turn.text.strip()[:40]}, DETAIL)
    done = _write(
        turn, errands.INTERPRETER, "interpreter", inquiry="interpreter", priority=desk.STANDARD, reach=turn.text
    )
    turn.say("utter_interpreter_done", **_facts(turn, done))
    return _done()


_TOPICS: dict[str, Callable[[Turn, dict[str, Any]], Events]] = {
    "third_party": _of_another,
    "bereavement": _of_the_dead,
    "adolescent": _of_an_adolescent,
    "medical_records": _of_records,
    "interpreter": _of_interpreter,
}
_QUESTIONS = {
    ("third_party", ASK): ("utter_other_ask", "utter_other_ask_again"),
    ("third_party", REACH): ("utter_other_ask_reach",),
    ("bereavement", ASK): ("utter_bereaved_ask", "utter_bereaved_ask_again"),
    ("bereavement", WHOSE): ("utter_bereaved_ask_whose",),
    ("bereavement", REACH): ("utter_bereaved_ask_reach",),
    ("medical_records", ASK): ("utter_records_ask", "utter_records_ask_again"),
    ("interpreter", ASK): ("utter_interpreter_ask_language",),
    ("interpreter", DETAIL): ("utter_interpreter_ask_visit",),
    ("adolescent", ASK): ("utter_teen_ask", "utter_teen_ask_again"),
}


_RECORDS_ASK = {
    "copies": "utter_records_ask_copies",
    "amendment": "utter_records_ask_amendment",
    "restriction": "utter_records_ask_restriction",
    "disclosures": "utter_records_ask_disclosures",
}


class AskErrand(BedsideAction):
    """The question of the stage, in fresh words when it comes again."""

    action_name = "action_ask_errand_done"

    def perform(self, turn: Turn) -> Events:
        """Ask it."""
        at = turn.slot("errand_at") or {"topic": "third_party", "stage": ASK}
        if at["topic"] == "medical_records" and at["stage"] == DETAIL:
            questions: tuple[str, ...] = (_RECORDS_ASK[at["kind"]],)
        else:
            questions = _QUESTIONS[at["topic"], at["stage"]]
        question = next((one for one in questions if not turn.has_said(one)), None)
        if question is None and at["topic"] == "third_party":
            return []  # the offer was made twice and stands; what was asked has just been answered
        question = question or questions[-1]
        queue = agenda.TASKS[at["topic"]].queue
        turn.say(question, **facts_of(turn, queue, desk.due_time(turn.care, agenda.TASKS[at["topic"]].priority)))
        return []
