"""Where a talk about insurance stands: one slot of plain data, which never holds a number of a card; and its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actions.base import Events, Turn, set_slots
from actions.clinical import facts_of
from actions.conversation import leave_form
from bedside.care import agenda
from bedside.care.bill_requests import Asked, Voice
from bedside.care.insurance_lines import InsuranceWords
from bedside.care.insurance_wishes import says, without_numbers
from bedside.language.answers import read_yes_no

DONE = "done"
SHORT = 6  # words
Answer = Callable[[Turn], "Events | None"]
"""Reads the answer to a question; None when the message is none."""
Opener = Callable[[Turn, "dict[str, Any]"], Events]
"""Begins a topic, with what is known of it."""


class Stage:
    """What the last question was about."""

    WHICH_CARE = "which_care"
    OFFER_NEW = "offer_new"
    AUTH_CHASE, AUTH_URGENT, AUTH_START, CLAIM_CHASE = "auth_chase", "auth_urgent", "auth_start", "claim_chase"
    WHICH_DENIAL, CONNECT, REPORT, REACH = "which_denial", "connect", "report", "reach"
    PAYER, PAYER_WHICH, PLAN, MEMBER_ID, GROUP, HOLDER, HOLDER_NAME, STARTS_ON, REPLACES, PAYS_FIRST, READ_BACK, FIX = (
        "payer",
        "payer_which",
        "plan",
        "member_id",
        "group",
        "holder",
        "holder_name",
        "starts_on",
        "replaces",
        "pays_first",
        "read_back",
        "fix",
    )
    GIVING = (
        PAYER,
        PAYER_WHICH,
        PLAN,
        MEMBER_ID,
        GROUP,
        HOLDER,
        HOLDER_NAME,
        STARTS_ON,
        REPLACES,
        PAYS_FIRST,
        READ_BACK,
        FIX,
    )
    PLAIN = (PAYER_WHICH, MEMBER_ID, GROUP, HOLDER, STARTS_ON, REPLACES, PAYS_FIRST, "reach")
    OF_DENIAL = (WHICH_DENIAL, CONNECT, REPORT, REACH)


def misheard(turn: Turn) -> tuple[str, ...]:
    """What a message may be taken for without saying it: a person is asked for in words, not by "choice ppo"."""
    return () if says(turn.text, "a_person") else ("human_request",)


def at(turn: Turn) -> dict[str, Any]:
    """Where the talk stands; nowhere when nothing is known."""
    here = turn.slot("insurance_at")
    return dict(here) if isinstance(here, dict) and "stage" in here else {"stage": None, "task": ""}


def to(turn: Turn, stage: str, **known: Any) -> Events:
    """Go to a stage; what is known stays, but for the questions that were not answered."""
    return set_slots(insurance_at={**at(turn), "misses": 0, **known, "stage": stage}, insurance_done=None)


def stay(turn: Turn, **known: Any) -> Events:
    """Ask the same again."""
    return set_slots(insurance_at={**at(turn), **known}, insurance_done=None)


def done() -> Events:
    """This matter is settled."""
    return set_slots(insurance_done=DONE)


def words_of(turn: Turn) -> InsuranceWords:
    """The sentences about insurance in the language that is spoken."""
    return InsuranceWords(turn.care, turn.language)


def leave(**slots: Any) -> Events:
    """Put the form aside, with these slots set."""
    return [*leave_form(), *set_slots(**slots)]


def by_person(turn: Turn) -> Events:
    """Step out of the form; the agenda hands this matter to the insurance team, asked first."""
    task = next((one for one in turn.tasks if one in agenda.INSURANCES), "insurance_coverage")
    others = [one for one in turn.tasks if one != task]
    asked: dict[str, Any] = {"handover_consent": None, "handover_reach": None}
    return leave(insurance_by_person=task, insurance_at=None, agenda=[task, *others], **asked)


def declined(turn: Turn) -> Events:
    """Nothing is done, at the person's wish."""
    turn.say("utter_insurance_left_as_it_is")
    return done()


def yes_no(turn: Turn, *, writes: bool = False) -> bool | None:
    """A yes or no. Where a yes `writes` something it has to be clear; else the understanding of short words decides."""
    answer = read_yes_no(turn.text)
    if answer is None and turn.intent in ("affirm", "deny") and len(turn.text.split()) <= SHORT:
        answer = turn.intent == "affirm"
        return None if answer and writes else answer
    if answer is None and len(turn.text.split()) <= SHORT and says(turn.text, "nothing"):
        return False
    return answer


def voice(turn: Turn, *, story: bool = True) -> Voice:
    """How the patient says it: what they came with and what they added, without any number of a card."""
    here = at(turn)
    said = [here.get("words"), *(here.get("added") or []), turn.text if read_yes_no(turn.text) is None else None]
    words = " / ".join(dict.fromkeys(filter(None, said))) if story else str(here.get("words") or "")
    mood = "anxious" if here.get("shaken") and turn.mood == "calm" else turn.mood
    return Voice(without_numbers(words), mood, turn.language)


def asked_facts(turn: Turn, asked: Asked) -> dict[str, Any]:
    """What is said of a request that was written down."""
    return {"case_number": asked.case_number, **facts_of(turn, asked.queue, asked.due_at)}
