"""Handing over to a person: asked first, with a time, a direct number and a case number (R8, BRIEF 3.9)."""

from __future__ import annotations

from datetime import datetime

from actions.base import BedsideAction, Events, Turn, set_slots
from actions.clinical import (
    INTERRUPTIONS,
    REFILL,
    clinical_in,
    facts_of,
    inquiry_of,
    is_clinical,
    refill_told,
    request_of,
)
from actions.conversation import leave_form, take_up
from actions.transfer import still_waiting
from bedside.care import agenda, handover, identity, transfers
from bedside.language.answers import read_reach, read_yes_no
from bedside.language.calls import asks_for_call, read_wait
from bedside.language.medicines import asks_something

NO = "no"


def _facts(turn: Turn, wait: int | None = None) -> dict[str, object]:
    inquiry = inquiry_of(turn)
    return facts_of(turn, handover.queue_for(turn.care, inquiry), handover.due_for(turn.care, inquiry), wait)


class AskConsent(BedsideAction):
    """Nothing moves until the person agrees."""

    action_name = "action_ask_handover_consent"

    def perform(self, turn: Turn) -> Events:
        """Say to whom, why, how long, and ask; asked again, shortly."""
        inquiry = inquiry_of(turn)
        queue = handover.queue_for(turn.care, inquiry)
        offered = transfers.offer(turn.care, turn.conversation_id, queue, inquiry, turn.channel, turn.language)
        facts = _facts(turn, offered.wait.minutes)
        if turn.language == "es" and not turn.has_said("utter_handover_in_spanish"):
            turn.say("utter_handover_in_spanish")
        if offered.can_join:
            turn.say("utter_transfer_offer", **facts)
        elif turn.requested == "handover_consent" and is_clinical(turn):
            turn.say("utter_handover_offer_again", **facts)
        elif turn.care.calendar.is_open(turn.care.now()):
            turn.say("utter_handover_offer", **facts)
        elif is_clinical(turn):
            turn.say("utter_handover_offer_clinical_closed", **facts)
        else:
            turn.say("utter_handover_offer_closed", **facts)
        return []


class AskReach(BedsideAction):
    """Where the staff can reach the person."""

    action_name = "action_ask_handover_reach"

    def perform(self, turn: Turn) -> Events:
        """The number on file is offered only to somebody whose identity is proved; nobody is asked for a time twice."""
        if identity.number_on_file(turn.care, turn.conversation_id):
            turn.say("utter_ask_reach_on_file")
        else:
            turn.say("utter_ask_reach_number" if turn.slot("handover_preference") else "utter_ask_reach")
        return []


class ValidateHandover(BedsideAction):
    """Read consent and how to be reached; then write the ticket and the promise."""

    action_name = "validate_handover_form"

    def perform(self, turn: Turn) -> Events:
        """Consent first, then the number, then the work."""
        if turn.requested == "handover_consent":
            return self._consent(turn)
        if turn.requested == "handover_reach":
            return self._reach(turn)
        return []

    def _consent(self, turn: Turn) -> Events:
        answer = _agrees(turn)
        if answer is None:
            return _hold(turn, "handover_consent")
        if not answer:
            transfers.decline(turn.care, turn.conversation_id, turn.text)
            turn.say("utter_handover_declined", queue_phone=_facts(turn)["queue_phone"])
            return set_slots(handover_consent=NO, handover_reach="declined")
        wish = _wish(turn)
        wants_call = asks_for_call(turn.text) or read_reach(turn.text).number is not None or "handover_call_at" in wish
        if not wants_call and transfers.joinable(turn.care, turn.conversation_id):
            return [*set_slots(handover_consent=turn.text), *_write(turn, turn.text, {}, stays=True)]
        on_file = asks_for_call(turn.text) and identity.number_on_file(turn.care, turn.conversation_id)
        if read_reach(turn.text).number or on_file:
            return [*set_slots(handover_consent=turn.text), *_write(turn, turn.text, wish)]
        turn.mind_the_road()
        return set_slots(handover_consent=turn.text, **wish)

    def _reach(self, turn: Turn) -> Events:
        reach = read_reach(turn.text)
        answer = read_yes_no(turn.text)
        pressing = clinical_in(turn) and not any(character.isdigit() for character in turn.text)
        if pressing and not asks_for_call(turn.text) and answer is None:
            return _hold(turn, "handover_reach")
        on_file = answer and identity.number_on_file(turn.care, turn.conversation_id)
        if reach.number or reach.time_words or on_file or turn.intent == "refuse" or answer is False:
            return _write(turn, turn.slot("handover_consent") or turn.text, _wish(turn))
        return []


def _agrees(turn: Turn) -> bool | None:
    """Yes, no, or neither. Asking to be called is a yes; a request that presses for an answer is none."""
    reach = read_reach(turn.text)
    answer = read_yes_no(turn.text)
    asks = turn.text.rstrip().endswith("?")
    if answer is None and (reach.number or asks_for_call(turn.text)):
        return True
    if answer is None and turn.intent == "human_request":
        return True
    if answer is None and turn.intent in ("affirm", "deny", "refuse") and not clinical_in(turn) and not asks:
        agreed = turn.intent == "affirm"
        return True if agreed else None if is_clinical(turn) else False  # a nurse is declined in plain words only
    return answer


def _wish(turn: Turn) -> dict[str, str]:
    """When and where they would like to be called: their words, and the moment, when they said in how long."""
    kept = [turn.slot("handover_preference")] if turn.requested == "handover_reach" else []
    telling = turn.requested == "handover_reach" or asks_for_call(turn.text) or read_reach(turn.text).number is not None
    wait = read_wait(turn.text)
    words = " / ".join(filter(None, [*kept, turn.text if telling or wait else None]))
    wish = {"handover_preference": words} if words else {}
    if wait is not None:
        wish["handover_call_at"] = (turn.care.now() + wait).isoformat()
    return wish


def _hold(turn: Turn, asked: str) -> Events:
    """Neither yes nor no. A question to the nurse gets kindness and the nurse, never an answer (R1)."""
    if turn.mind_the_road():
        return set_slots(**{asked: None})
    known = (*turn.tasks, *clinical_in(turn), "distress")
    if not is_clinical(turn) or turn.intent in INTERRUPTIONS or any(name not in known for name in turn.requests):
        return []
    if REFILL in turn.tasks and not asks_something(turn.text):
        told = refill_told(turn.text)
        if told:
            turn.say("utter_refill_noted")
            return set_slots(**told, **{asked: None})
    for inquiry in turn.requests:
        turn.record(inquiry, acknowledged=True)
    turn.say("utter_acknowledge_distress" if turn.intent == "distress" else "utter_clinical_hold")
    return set_slots(**{asked: None})


def _write(turn: Turn, consent: str, wish: dict[str, str], *, stays: bool = False) -> Events:
    """Write it all down, then say so. `consent`: the words in which they agreed; `stays`: they wait in this chat."""
    care, inquiry = turn.care, inquiry_of(turn)
    inquiries, refill = [inquiry], None
    asked = ["handover_consent", "handover_reach"]
    if inquiry in agenda.CLINICAL:
        inquiries = list(dict.fromkeys([inquiry, *(t for t in turn.tasks if t in agenda.CLINICAL), *clinical_in(turn)]))
        asked += ["refill_medicine", "refill_pharmacy"]
    if REFILL in inquiries:
        refill = turn.refill_so_far()
    call_at = wish.get("handover_call_at") or turn.slot("handover_call_at")
    done = handover.hand_over(
        care,
        turn.conversation_id,
        request_of(
            turn,
            inquiries,
            turn.just_said(*asked, about=inquiries),
            preference=None if stays else wish.get("handover_preference") or turn.text,
            consent=consent,
            channel=turn.channel,
            stays=stays,
            call_at=datetime.fromisoformat(call_at) if call_at else None,
            refill=refill,
        ),
    )
    for name in inquiries:
        turn.record(name)
    said = "utter_transfer_agreed" if stays else "utter_handover_done"
    turn.say(said, case_number=done.case_number, **facts_of(turn, done.queue, done.due_at, done.wait_minutes))
    turn.mind_the_road()
    taken = set_slots(refill_case=done.case_number) if refill is not None and refill.complete else []
    return [*taken, *set_slots(handover_reach="given")]


class OfferPerson(BedsideAction):
    """The person asks for a person, or needs one."""

    action_name = "action_offer_person"

    def perform(self, turn: Turn) -> Events:
        """Acknowledge, and ask whether to pass it on. A name is welcome, not required."""
        if set(turn.requests) & set(agenda.REPORTED_AS):
            return take_up(turn)
        waiting = still_waiting(turn)
        if waiting is not None:
            return waiting
        return offer_person(turn, turn.intent if turn.intent in agenda.TASKS else "human_request")


def offer_person(turn: Turn, inquiry: str, *, acknowledge: bool = True) -> Events:
    """Acknowledge, unless that was done, and ask whether to pass it on."""
    if acknowledge:
        turn.say(agenda.TASKS[inquiry].acknowledgement)
    turn.record(inquiry, acknowledged=True)
    events = [*leave_form(), *set_slots(handover_consent=None, handover_reach=None)]
    if not turn.slot("introduced"):
        turn.say("utter_introduction")
        events += set_slots(introduced=True)
    if inquiry == "human_request" and turn.tasks and turn.tasks[0] in agenda.INSURANCES:
        events += set_slots(insurance_by_person=turn.tasks[0])  # the insurance team is the person who can act
        return [*events, *set_slots(agenda=turn.tasks, next_step=agenda.HANDOVER_STEP)]
    if any(task in agenda.CLINICAL for task in turn.tasks):
        # Who waits for a nurse and asks for a person, or can't bear it any longer, reaches the nurse, and at once.
        tasks = sorted(turn.tasks, key=lambda task: task not in agenda.CLINICAL)
    else:
        tasks = agenda.add([task for task in turn.tasks if task != inquiry], [inquiry])
        tasks.sort(key=lambda task: task != inquiry)
    return [*events, *set_slots(agenda=tasks, next_step=turn.next_step(tasks))]
