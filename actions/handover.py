"""Handing over to a person: asked first, with a time, a direct number and a case number (R8, BRIEF 3.9)."""

from __future__ import annotations

from actions.base import BedsideAction, Events, Turn, set_slots
from actions.conversation import leave_form
from bedside.care import agenda, desk, identity, interactions
from bedside.language.answers import read_reach, read_yes_no
from bedside.organization import display_phone

NO, YES = "no", "yes"


def _queue(turn: Turn) -> tuple[str, str, str]:
    """The queue, priority and inquiry of the task in hand; clinical work goes to the clinician on call after hours."""
    inquiry = turn.tasks[0] if turn.tasks else "human_request"
    task = agenda.TASKS[inquiry]
    queue = task.queue
    if queue == "nurse_line" and not turn.care.calendar.is_open(turn.care.now()):
        queue = "on_call"
    return queue, task.priority, inquiry


def _facts(turn: Turn) -> dict[str, object]:
    queue, priority, _ = _queue(turn)
    details = turn.care.organization.queue(queue)
    return {
        "team": details.display_name,
        "queue_phone": display_phone(details.phone),
        "wait": details.typical_wait_minutes,
        "on_call_phone": display_phone(turn.care.organization.queue("on_call").phone),
        "due": turn.due(desk.due_time(turn.care, priority)),
    }


class AskConsent(BedsideAction):
    """Nothing moves until the person agrees."""

    action_name = "action_ask_handover_consent"

    def perform(self, turn: Turn) -> Events:
        """Say to whom, why, how long, and ask."""
        queue, _, _ = _queue(turn)
        if turn.care.calendar.is_open(turn.care.now()):
            turn.say("utter_handover_offer", **_facts(turn))
        elif queue in agenda.CLINICAL_QUEUES:
            turn.say("utter_handover_offer_clinical_closed", **_facts(turn))
        else:
            turn.say("utter_handover_offer_closed", **_facts(turn))
        return []


class AskReach(BedsideAction):
    """Where the staff can reach the person."""

    action_name = "action_ask_handover_reach"

    def perform(self, turn: Turn) -> Events:
        """The number on file is offered only to somebody whose identity is proved."""
        verified = identity.is_verified(turn.care, turn.conversation_id)
        turn.say("utter_ask_reach_on_file" if verified else "utter_ask_reach")
        return []


class ValidateHandover(BedsideAction):
    """Read consent and how to be reached; then write the ticket and the promise."""

    action_name = "validate_handover_form"

    def perform(self, turn: Turn) -> Events:
        """Consent first, then the number, then the work."""
        asked = turn.requested
        if asked == "handover_consent":
            reach = read_reach(turn.text)
            answer = read_yes_no(turn.text)
            if answer is None and turn.intent in ("affirm", "deny", "human_request", "refuse"):
                answer = turn.intent in ("affirm", "human_request")
            if answer is None and reach.number:
                answer = True
            if answer is None:
                return []
            if not answer:
                turn.say("utter_handover_declined", queue_phone=_facts(turn)["queue_phone"])
                return set_slots(handover_consent=NO, handover_reach="declined")
            if reach.number:
                return [*set_slots(handover_consent=YES), *self._write(turn)]
            return set_slots(handover_consent=YES)
        if asked == "handover_reach":
            reach = read_reach(turn.text)
            answer = read_yes_no(turn.text)
            if reach.number or reach.time_words or (answer and identity.is_verified(turn.care, turn.conversation_id)):
                return self._write(turn)
            if turn.intent == "refuse" or answer is False:
                return self._write(turn)
            return []
        return []

    def _write(self, turn: Turn) -> Events:
        care = turn.care
        queue, priority, inquiry = _queue(turn)
        said = turn.just_said("handover_consent", "handover_reach")
        name = turn.slot("caller_name") or "not given"
        with care.store.work() as session:
            due_at = desk.due_time(care, priority)
            verified = identity.patient_here(care, session, turn.conversation_id)
            ticket, _ = desk.open_ticket(
                care,
                session,
                desk.Work(
                    queue=queue,
                    priority=priority,
                    inquiry=inquiry,
                    matter=f"{inquiry}:{turn.conversation_id}:{care.now().isoformat()}",
                    brief=f"Called themself: {name}. Identity: {'verified in chat' if verified else 'not verified'}. "
                    f"Asks about: {inquiry.replace('_', ' ')}. Feeling: {turn.mood}. In their words: {said}",
                    conversation_id=turn.conversation_id,
                    patient_id=verified,
                ),
                due_at=due_at,
            )
            desk.promise(care, session, ticket, "staff_contact", due_at, preference=turn.text)
            number = ticket.case_number
        interactions.record(care, turn.conversation_id, turn.channel, inquiry=inquiry, mood=turn.mood)
        turn.say("utter_handover_done", case_number=number, **{**_facts(turn), "due": turn.due(due_at)})
        return set_slots(handover_reach="given")


class OfferPerson(BedsideAction):
    """The person asks for a person, or needs one."""

    action_name = "action_offer_person"

    def perform(self, turn: Turn) -> Events:
        """Acknowledge, and ask whether to pass it on. A name is welcome, not required."""
        inquiry = turn.intent if turn.intent in agenda.TASKS else "human_request"
        turn.say(agenda.TASKS[inquiry].acknowledgement)
        interactions.record(
            turn.care, turn.conversation_id, turn.channel, inquiry=inquiry, mood=turn.mood, acknowledged=True
        )
        events = [*leave_form(), *set_slots(handover_consent=None, handover_reach=None)]
        if not turn.slot("introduced"):
            turn.say("utter_introduction")
            events += set_slots(introduced=True)
        tasks = agenda.add([task for task in turn.tasks if task != inquiry], [inquiry])
        tasks.sort(key=lambda task: task != inquiry)
        return [*events, *set_slots(agenda=tasks, next_step=turn.next_step(tasks))]
