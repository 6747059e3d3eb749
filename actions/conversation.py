"""How a talk begins, goes on, is interrupted, and ends."""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import replace

from actions import insurance_general
from actions.base import BedsideAction, Events, Turn, inquiries_in, set_slots
from actions.clinical import add_to_clinical, clinical_in
from actions.complaint_open import (
    acknowledgement,
    add_to_complaint,
    after_doubt,
    as_complaint,
    hurt_here,
    open_complaint,
    set_aside,
)
from actions.transfer import still_waiting
from actions.visit_facts import in_words, say_aside
from bedside.care import agenda, identity, interactions, scheduling, speaking, wishes
from bedside.care.bill_talk import unmedicated
from bedside.care.coming_back import was_cut_off
from bedside.care.insurance_wishes import of_another as of_anothers_insurance
from bedside.language.answers import read_yes_no
from bedside.language.calls import asks_for_call
from bedside.language.complaints import wants_no_name
from bedside.language.errands import says
from bedside.language.identifiers import first_name, read_identity, read_name
from bedside.records.chart import ChartClosed

NO_CHARGES = "none"
FOR_ANOTHER = {"third_party", "bereavement"}
IN_NEED = ("grieving", "distressed")
TOLD_WORDS = 6  # a message of so many words tells something
IDENTITY_SLOTS = {
    "identity_name": None,
    "identity_birth_date": None,
    "identity_third": None,
    "identity_match": None,
}
TASK_SLOTS = {
    "dispute_words": None,
    "dispute_candidates": None,
    "dispute_charges": None,
    "dispute_call": None,
    "handover_consent": None,
    "handover_reach": None,
    "handover_preference": None,
    "handover_call_at": None,
}
REFILL_SLOTS = {"refill_medicine": None, "refill_pharmacy": None, "refill_case": None}
_OF_A_VISIT = "which time agreed wish shown cursor page waiting patient whose old kinds misses unclear by_person"
VISIT_SLOTS = {f"visit_{name}": None for name in _OF_A_VISIT.split()}
ERRAND_SLOTS = {"errand_at": None, "errand_done": None}
COMPLAINT_SLOTS = {"complaint_at": None, "complaint_case": None, "complaint_done": None}
BILL_SLOTS = {"bill_at": None, "bill_done": None, "bill_by_person": None}
BY_PERSON = ("bill_by_person", "insurance_by_person")
INSURANCE_SLOTS = {"insurance_at": None, "insurance_done": None, "insurance_by_person": None}


def leave_form() -> Events:
    """Put the running form aside; what it has collected stays."""
    return [{"event": "active_loop", "name": None}, *set_slots(requested_slot=None)]


class ProvedAction(BedsideAction):
    """Work on somebody's account. When the proof of identity has run out in the middle, the form is left as it is, and
    the agenda asks for the proof again."""

    def perform(self, turn: Turn) -> Events:
        """Do the work, as far as the proof reaches."""
        try:
            return self.work(turn)
        except ChartClosed:
            return [*leave_form(), *set_slots(**IDENTITY_SLOTS)]

    @abstractmethod
    def work(self, turn: Turn) -> Events:
        """The work itself; raise ChartClosed where there is no live proof."""


def need_proof(turn: Turn) -> None:
    """Raise ChartClosed without a live proof: slots may still hold what was said while there was one."""
    if not identity.is_verified(turn.care, turn.conversation_id):
        raise ChartClosed(str(turn.tracker.active_loop.get("name")))


def learn_from(turn: Turn, *, asked: frozenset[str] = frozenset()) -> Events:
    """Keep whatever identifies the person in this message: the name for the talk, the rest sealed for the proof."""
    given = read_identity(turn.text, turn.care.today(), set(asked))
    if not given.name and (given.birth_dates or given.last4 or given.account):
        # "Robert Hale, 4/12/62, 9035. That bill is wrong": what stands before the first number is the name.
        given = replace(given, name=read_name(re.split(r"\d", turn.text, maxsplit=1)[0], True))
    if not (given.name or given.birth_dates or given.last4 or given.account):
        return []
    if not identity.is_verified(turn.care, turn.conversation_id) and not speaks_for_another(turn):
        identity.give(turn.care, turn.conversation_id, given)
    if given.name and not turn.slot("caller_name"):
        interactions.record(turn.care, turn.conversation_id, turn.channel, name=given.name, language=turn.language)
        return set_slots(caller_name=given.name, name_answer="given")
    return []


def speaks_for_another(turn: Turn) -> bool:
    """Whether what is told of a person may be somebody else's: then it proves nothing about who is speaking (R3)."""
    return bool(turn.slot("for_other")) or bool({*turn.tasks, *turn.requests} & FOR_ANOTHER)


def for_another(turn: Turn, asked: list[str]) -> list[str]:
    """Who spoke for somebody else, and has proved nothing, goes on speaking for them until they say "my own"."""
    if not turn.slot("for_other") or says(turn.text, "myself") or not asked:
        return asked
    if not agenda.TASKS[asked[0]].needs_identity or identity.is_verified(turn.care, turn.conversation_id):
        return asked
    return ["third_party"]


def go_on(turn: Turn, tasks: list[str], learned: Events | None = None) -> Events:
    """Turn to the next piece of work, or ask what there is to do."""
    known = {event["name"]: event["value"] for event in learned or []}
    step = turn.next_step(
        tasks,
        **{
            name: known[name]
            for name in ("name_answer", "caller_name", "bill_by_person", "insurance_by_person")
            if name in known
        },
    )
    if step is None and tasks:
        turn.say("utter_identity_still_locked")
        return set_slots(agenda=[], next_step=None)
    if step == agenda.IDENTITY_STEP and not turn.slot("identity_name"):
        turn.say("utter_identity_why")
    return set_slots(agenda=tasks, next_step=step)


class Greet(BedsideAction):
    """Open the talk: who is speaking, before anything else (BRIEF 3.1)."""

    action_name = "action_greet"

    def perform(self, turn: Turn) -> Events:
        """Greet, and ask the name when it is not known."""
        if turn.requests:
            return take_up(turn)
        turn.record("greeting")
        learned = learn_from(turn)
        known = {event["name"]: event["value"] for event in learned}
        name = known.get("caller_name") or turn.slot("caller_name")
        if turn.tasks:
            return [*learned, *go_on(turn, turn.tasks, learned)]
        if name:
            turn.say("utter_greet_again", comma_name=speaking.comma_name(name))
            return [*learned, *set_slots(introduced=True, next_step=None)]
        if turn.slot("introduced"):
            turn.say("utter_ask_name_answer")
        else:
            turn.say("utter_opening")
        return set_slots(introduced=True, next_step=None)


class TakeUp(BedsideAction):
    """Take up what the person asks for: acknowledged first (R4), then the name, the proof, the task."""

    action_name = "action_take_up"

    def perform(self, turn: Turn) -> Events:
        """Take it up."""
        return take_up(turn)


def take_up(turn: Turn, heard: list[str] | None = None) -> Events:
    """Acknowledge, note, and set the next step. `heard`: what is asked for, where the understanding has no word."""
    if was_cut_off(turn.text) and turn.slot("introduced"):
        return come_back(turn)
    asked = as_complaint(turn, heard or for_another(turn, for_family(turn, turn.requests))) or turn.tasks[:1]
    first = agenda.add([], asked)[0]
    events = leave_form()
    if add_to_complaint(turn, asked):
        tasks = agenda.add(turn.tasks, [inquiry for inquiry in asked if inquiry not in agenda.COMPLAINTS])
        if tasks:
            return [*events, *go_on(turn, tasks)]
        turn.say("utter_anything_else")
        return [*events, *set_slots(agenda=[], next_step=None)]
    if insurance_general.aside(turn, first):
        rest = [other for other in asked if other != first]
        tasks = agenda.add(turn.tasks, rest)
        events += [*set_slots(insurance_done="aside"), *set_slots(insurance_done=None)]
        if tasks:
            return [*events, *go_on(turn, tasks)]
        turn.say("utter_anything_else")
        return [*events, *set_slots(agenda=[], next_step=None, introduced=True)]
    questions = clinical_in(turn)
    if first in questions and add_to_clinical(turn, questions):
        # The nurse has it already: what else was asked for, or was under way, goes on.
        tasks = agenda.add(turn.tasks, [inquiry for inquiry in asked if inquiry not in questions])
        tasks = [task for task in tasks if task not in questions]
        if tasks:
            return [*events, *go_on(turn, tasks)]
        turn.say("utter_anything_else")
        return [*events, *set_slots(agenda=[], next_step=None)]
    if first == "appointment_prep" and turn.slot("visit_which") and turn.tasks[:1] != [first]:
        turn.record(first, acknowledged=True)
        say_aside(turn)
        return [*events, *go_on(turn, agenda.add(turn.tasks, [other for other in asked if other != first]))]
    under_way = turn.tasks
    if first in agenda.VISITS and turn.slot("visit_which"):
        # Another wish about visits takes the place of the one that was being worked on.
        scheduling.release(turn.care, turn.conversation_id)
        under_way = [task for task in under_way if task not in agenda.VISITS]
        events += set_slots(**VISIT_SLOTS)
    pressed = first in questions and any(task in agenda.CLINICAL for task in turn.tasks)
    hinted = first == "medication_question" and not set(asked).isdisjoint(agenda.BILLS) and unmedicated(turn.text)
    usual = insurance_general.acknowledgement if first in agenda.INSURANCES else acknowledgement
    fitting = "utter_bill_medicine_first" if hinted else usual(turn, first)
    turn.say("utter_clinical_hold" if pressed else fitting)
    complaint = open_complaint(turn, asked)
    if first in FOR_ANOTHER:
        events += set_slots(for_other=True)
        if not turn.slot("for_other"):
            identity.forget(turn.care, turn.conversation_id)
    elif says(turn.text, "myself"):
        events += set_slots(for_other=None)
    if first == "third_party" and of_anothers_insurance(turn.text):
        turn.say("utter_insurance_not_anothers")
    turn.mind_the_road()
    for inquiry in asked:
        turn.record(inquiry, acknowledged=inquiry == first)
    if not turn.slot("introduced"):
        turn.say("utter_introduction")
        events += set_slots(introduced=True)
    if "minor" in turn.requests and "minor" not in asked:
        events += set_slots(visit_whose="child")
        if not identity.is_verified(turn.care, turn.conversation_id):
            turn.say("utter_visit_child_proof")
    learned = learn_from(turn)
    if complaint and wants_no_name(turn.text) and not turn.slot("name_answer"):
        learned += set_slots(name_answer="refused")  # a complaint needs no name
    if not turn.tasks or turn.tasks[0] != first:
        events += set_slots(handover_consent=None, handover_reach=None)
    return [*events, *complaint, *learned, *go_on(turn, agenda.add(under_way, asked), learned)]


def go_back(turn: Turn) -> None:
    """Somebody was cut off: nothing is told twice, and what was promised is said again with its times (BRIEF 3.9)."""
    lines = summary_lines(turn)
    turn.say("utter_back_with_cases" if lines else "utter_back", lines="\n".join(lines))


def come_back(turn: Turn) -> Events:
    """Go on where the talk broke off."""
    go_back(turn)
    if turn.tasks:
        return [*leave_form(), *go_on(turn, turn.tasks)]
    turn.say("utter_anything_else")
    return [*leave_form(), *set_slots(next_step=None)]


def for_family(turn: Turn, asked: list[str]) -> list[str]:
    """A parent for whom a record says whose visits they may see to is served like anybody else, once they have proved
    who they are; whose visit it is, the form finds out. Everybody else who asks about a child goes to the staff."""
    wanted = wishes.visit_task(turn.text)
    if "minor" not in asked or wanted is None or identity.is_locked(turn.care, turn.conversation_id):
        return asked
    if not identity.is_verified(turn.care, turn.conversation_id):
        return [wanted if each == "minor" else each for each in asked]
    try:
        family = len(scheduling.people(turn.care, turn.conversation_id)) > 1
    except ChartClosed:
        family = False
    return [wanted if each == "minor" and family else each for each in asked]


class Continue(BedsideAction):
    """Answer a message that is no request: go on with what is open, close when all is done, or ask what to do."""

    action_name = "action_continue"

    def perform(self, turn: Turn) -> Events:
        """Go on from here; a request beside the name is not lost."""
        if turn.requests or was_cut_off(turn.text):
            return take_up(turn)
        if asks_for_call(turn.text) and not turn.tasks:
            called = still_waiting(turn)
            if called is not None:
                return called
        follows = insurance_general.follows_on(turn)
        if follows is not None:
            return take_up(turn, [follows])
        learned = learn_from(turn, asked=frozenset({"name"}) if not turn.slot("name_answer") else frozenset())
        in_proof = turn.tracker.active_loop.get("name") == agenda.IDENTITY_STEP
        if in_proof and turn.intent == "refuse" and last_said(turn) != "utter_identity_reason":
            turn.say("utter_identity_reason")
            return set_slots(next_step=None)
        if turn.tasks and turn.tracker.active_loop.get("name") and not learned:
            return not_understood(turn)  # an answer, but not to what was asked
        if turn.tasks:
            return [*learned, *go_on(turn, turn.tasks, learned)]
        known = {event["name"]: event["value"] for event in learned}
        if known.get("caller_name"):
            turn.say("utter_thanks_for_name", name=first_name(str(known["caller_name"])))
            turn.say("utter_ask_what_brings_you")
            return [*learned, *set_slots(next_step=None)]
        if turn.intent == "refuse" and not turn.slot("name_answer"):
            turn.say("utter_name_refused")
            turn.say("utter_ask_what_brings_you")
            return set_slots(name_answer="refused", next_step=None)
        if identity.is_locked(turn.care, turn.conversation_id):
            turn.say("utter_identity_still_locked")
            return set_slots(next_step=None)
        if turn.intent == "deny" and turn.slot("name_answer"):
            return close(turn)
        if not turn.slot("introduced"):
            turn.say("utter_opening")
            return [*learned, *set_slots(introduced=True, next_step=None)]
        turn.say("utter_ask_what_brings_you" if turn.slot("name_answer") else "utter_ask_name_answer")
        return [*learned, *set_slots(next_step=None)]


def last_said(turn: Turn) -> str | None:
    """The response before the last question, of the turn before this one."""
    spoken = [str((e.get("metadata") or {}).get("utter_action")) for e in turn.tracker.events if e["event"] == "bot"]
    return spoken[-2] if len(spoken) > 1 else None


class Proceed(BedsideAction):
    """After a form: the next step of the same task, or the next task, or the question what else there is."""

    action_name = "action_proceed"

    def perform(self, turn: Turn) -> Events:
        """Decide from what the form has left behind."""
        tasks = turn.tasks
        if not tasks:
            if identity.is_locked(turn.care, turn.conversation_id):
                return set_slots(next_step=None)
            if turn.slot("name_answer") and not turn.slot("dispute_case"):
                turn.say("utter_ask_what_brings_you")
            else:
                turn.say("utter_anything_else")
            return set_slots(next_step=None)
        task = agenda.TASKS[tasks[0]]
        if task.step == "dispute_form" and turn.slot("dispute_charges") == NO_CHARGES:
            turn.say("utter_dispute_no_charges")
            to_staff = set_slots(bill_by_person="billing_explain")
            rest = agenda.add(tasks[1:], ["billing_explain"])
            return [*set_slots(**TASK_SLOTS), *to_staff, *go_on(turn, rest, to_staff)]
        handed_over = turn.slot("handover_consent") and turn.slot("handover_reach")
        done = (
            (task.step == "dispute_form" and turn.slot("dispute_call"))
            or (task.step == agenda.VISIT_STEP and turn.slot("visit_agreed"))
            or (task.step == agenda.BILL_STEP and turn.slot("bill_done"))
            or (task.step == agenda.INSURANCE_STEP and turn.slot("insurance_done"))
            or (task.step == agenda.REFILL_STEP and turn.slot("refill_case"))
            or (task.step == agenda.COMPLAINT_STEP and turn.slot("complaint_done"))
            or (task.step == agenda.ERRAND_STEP and turn.slot("errand_done"))
            or handed_over
        )
        if not done:
            return go_on(turn, tasks)
        rest = agenda.after_handover(tasks) if handed_over else tasks[1:]
        cleared = set_slots(**TASK_SLOTS)
        if task.step == agenda.REFILL_STEP or turn.slot("refill_case"):
            rest = [inquiry for inquiry in rest if agenda.TASKS[inquiry].step != agenda.REFILL_STEP]
            cleared += set_slots(**REFILL_SLOTS)
        if task.step == agenda.VISIT_STEP:
            cleared += set_slots(**VISIT_SLOTS)
        if task.step == agenda.BILL_STEP:
            cleared += set_slots(**BILL_SLOTS)
        if task.step == agenda.ERRAND_STEP:
            rest = [inquiry for inquiry in rest if not (tasks[0] == "adolescent" and inquiry in agenda.CLINICAL)]
            cleared += set_slots(**ERRAND_SLOTS)
        if task.step == agenda.COMPLAINT_STEP:
            rest = [inquiry for inquiry in rest if inquiry not in agenda.COMPLAINTS]
            cleared += set_slots(**COMPLAINT_SLOTS)
        if task.step == agenda.INSURANCE_STEP:
            cleared += set_slots(**INSURANCE_SLOTS)
        if rest:
            turn.say("utter_next_request")
            return [*cleared, *go_on(turn, rest)]
        turn.say("utter_anything_else")
        return [*cleared, *set_slots(agenda=[], next_step=None)]


class Resume(BedsideAction):
    """Go back to what was interrupted, exactly where it was; the proof of identity is asked again if it has expired."""

    action_name = "action_resume"

    def perform(self, turn: Turn) -> Events:
        """Take the top of the agenda up again, or what was set aside by a question about safety."""
        asked, words = _before_the_question(turn)
        questions = [name for name in asked if agenda.is_for_nurse(name)]
        if questions and add_to_clinical(turn, questions, words):
            asked = [name for name in asked if name not in questions]
        asked = hurt_here(asked, words)
        complaint = after_doubt(turn, asked, words)
        tasks = agenda.add(turn.tasks, asked)
        if not tasks:
            turn.say("utter_anything_else")
            return [*leave_form(), *set_slots(next_step=None)]
        if not (complaint and not turn.tasks):
            turn.say("utter_goes_on")
        events = [*leave_form(), *complaint]
        step = turn.next_step(tasks)
        if step == agenda.IDENTITY_STEP and identity.was_verified(turn.care, turn.conversation_id):
            turn.say("utter_identity_again")
            events += set_slots(**IDENTITY_SLOTS)
            return [*events, *set_slots(agenda=tasks, next_step=step)]
        return [*events, *go_on(turn, tasks)]


def _before_the_question(turn: Turn) -> tuple[list[str], str]:
    """What the person had asked for in the message that made us ask whether it is happening now, and its words."""
    spoken = [event["name"] for event in turn.tracker.events if event["event"] == "action"]
    if "utter_emergency_not_now" not in spoken[-2:]:
        return [], ""
    messages = [event for event in turn.tracker.events if event["event"] == "user" and event.get("text")]
    if len(messages) < 2:
        return [], ""
    asked = inquiries_in(messages[-2].get("parse_data") or {})
    return [name for name in asked if name not in turn.tasks], str(messages[-2]["text"])


class StopTask(BedsideAction):
    """Drop what is being done, at the person's wish. What is already promised stays."""

    action_name = "action_stop_task"

    def perform(self, turn: Turn) -> Events:
        """Set the task aside and say what stays."""
        events = [
            *leave_form(),
            *set_slots(
                **{
                    **TASK_SLOTS,
                    **REFILL_SLOTS,
                    **VISIT_SLOTS,
                    **BILL_SLOTS,
                    **COMPLAINT_SLOTS,
                    **ERRAND_SLOTS,
                    **INSURANCE_SLOTS,
                    "agenda": turn.tasks[1:],
                    "next_step": None,
                }
            ),
        ]
        in_visit = bool(turn.tasks) and turn.tasks[0] in agenda.VISITS and turn.slot("visit_which")
        if in_visit:
            scheduling.release(turn.care, turn.conversation_id)
            turn.say("utter_visit_kept" if turn.slot("visit_old") else "utter_visit_not_booked")
        elif turn.tasks and turn.slot("dispute_case") and turn.slot("dispute_charges"):
            turn.say("utter_stop_kept", case_number=turn.slot("dispute_case"))
        elif turn.tasks and turn.tasks[0] in agenda.COMPLAINTS and set_aside(turn):
            pass
        else:
            turn.say("utter_stopped" if turn.tasks else "utter_nothing_to_stop")
        turn.say("utter_anything_else")
        return events


class Repeat(BedsideAction):
    """Say the last answer again."""

    action_name = "action_repeat"

    def perform(self, turn: Turn) -> Events:
        """Repeat; inside a form the question comes again by itself, so only what stood before it is repeated."""
        if was_cut_off(turn.text):
            return come_back(turn)
        said: list[str] = []
        users = 0
        for event in reversed(turn.tracker.events):
            if event["event"] == "user" and event.get("text"):
                users += 1
                if users == 2:
                    break
            elif event["event"] == "bot" and event.get("text") and users == 1:
                said.insert(0, event["text"])
        if turn.tracker.active_loop.get("name") and said:
            said = said[:-1]
        for text in said:
            turn.dispatcher.utter_message(text=text)
        if not said and not turn.tracker.active_loop.get("name"):
            turn.say("utter_repeat_nothing")
        return []


def summary_lines(turn: Turn, promises: list[interactions.Promise] | None = None) -> list[str]:
    """Every open promise of this talk, a line each with its case and its time."""
    care = turn.care
    words = speaking.sentences(care)
    return [
        words.say(
            f"utter_summary_line_{promise.what.partition('.')[0]}",
            {"language": turn.language},
            case_number=promise.case_number,
            due=turn.due(promise.due_at),
            team=care.organization.queue(promise.owner).name_in(turn.language),
        )
        for promise in (interactions.promises(care, turn.conversation_id) if promises is None else promises)
    ]


def close(turn: Turn) -> Events:
    """Sum up every promise, and close warmly (R7, R10)."""
    care = turn.care
    promises = interactions.close(care, turn.conversation_id, turn.channel)
    words = speaking.sentences(care)
    lines = [
        words.say("utter_summary_visit", {"language": turn.language}, visit=in_words(turn, each), number=each["number"])
        for each in (turn.slot("visit_numbers") or [] if identity.is_verified(care, turn.conversation_id) else [])
    ]
    lines += summary_lines(turn, promises)
    if lines:
        turn.say("utter_summary", lines="\n".join(lines))
    turn.say("utter_close")
    cleared = {
        **TASK_SLOTS,
        **REFILL_SLOTS,
        **VISIT_SLOTS,
        **BILL_SLOTS,
        **COMPLAINT_SLOTS,
        **ERRAND_SLOTS,
        **INSURANCE_SLOTS,
    }
    return [*leave_form(), *set_slots(agenda=[], next_step=None, dispute_case=None, visit_numbers=None, **cleared)]


class Close(BedsideAction):
    """End the talk: a summary with case numbers and times, a human close, a complete record (BRIEF 3.11)."""

    action_name = "action_close"

    def perform(self, turn: Turn) -> Events:
        """Close."""
        return close(turn)


class Thanked(BedsideAction):
    """Thanks; with "no, that's it" beside it, and nothing left to do, it is also the end."""

    action_name = "action_thanked"

    def perform(self, turn: Turn) -> Events:
        """Welcome them, or close."""
        declines = read_yes_no(turn.text) is False or re.match(r"\s*(no|nope|nah)\b", turn.text, re.IGNORECASE)
        if not turn.tasks and turn.slot("name_answer") and declines:
            return close(turn)
        turn.say("utter_welcome")
        return []


class NotUnderstood(BedsideAction):
    """Not understood: ask once in other words; the second time in a row, offer a person (R6)."""

    action_name = "action_not_understood"

    def perform(self, turn: Turn) -> Events:
        """A name that stands alone is no misunderstanding; everything else is."""
        if was_cut_off(turn.text):
            return come_back(turn)
        follows = insurance_general.follows_on(turn)
        if follows is not None:
            return take_up(turn, [follows])
        if not turn.slot("name_answer") and turn.slot("introduced") and not turn.tasks:
            learned = learn_from(turn, asked=frozenset({"name"}))
            known = {event["name"]: event["value"] for event in learned}
            if known.get("caller_name"):
                turn.say("utter_thanks_for_name", name=first_name(str(known["caller_name"])))
                turn.say("utter_ask_what_brings_you")
                return [*learned, *set_slots(next_step=None)]
        if set(turn.requests) & set(agenda.REPORTED_AS):
            return take_up(turn)
        if not turn.tasks and turn.mood in IN_NEED and len(turn.text.split()) >= TOLD_WORDS:
            # Somebody tells of a death, or is at the end of their strength: a person, whatever it is about (R6).
            return take_up(turn, ["distress"])
        told = len(turn.text.split()) >= TOLD_WORDS
        if told and not turn.tasks and add_to_complaint(turn, ["complaint_service"]):
            turn.say("utter_anything_else")
            return set_slots(next_step=None)
        return not_understood(turn)


def not_understood(turn: Turn) -> Events:
    """Count, ask again, or offer."""
    times = _in_a_row(turn) + 1
    limit = turn.care.organization.conversation.misunderstandings_before_person
    if not turn.slot("introduced") and not turn.tasks:
        turn.say("utter_opening")
        return set_slots(introduced=True, next_step=None, misunderstood=times)
    clinical = bool(turn.tasks) and turn.tasks[0] in agenda.CLINICAL
    if times < limit:
        turn.say("utter_clinical_hold" if clinical else "utter_not_understood")
        return set_slots(next_step=None)
    turn.say("utter_clinical_hold" if clinical else "utter_not_understood_again")
    if any(task in agenda.CLINICAL for task in turn.tasks):
        # Somebody who waits for a nurse is not sent to anybody else.
        tasks = sorted(turn.tasks, key=lambda task: task not in agenda.CLINICAL)
        cleared = set_slots(handover_consent=None, handover_reach=None)
        return [*leave_form(), *cleared, *set_slots(agenda=tasks, next_step=agenda.HANDOVER_STEP)]
    tasks = agenda.add([inquiry for inquiry in turn.tasks if inquiry != "human_request"], ["human_request"])
    turn.record("human_request")
    return [
        *leave_form(),
        *set_slots(handover_consent=None, handover_reach=None, agenda=tasks, next_step="handover_form"),
    ]


def _is_not_understood(event: dict[str, object]) -> bool:
    metadata = event.get("metadata")
    return isinstance(metadata, dict) and metadata.get("utter_action") in (
        "utter_not_understood",
        "utter_clinical_hold",
        "utter_out_of_scope",
    )


def _in_a_row(turn: Turn) -> int:
    """How many messages just before this one were not understood."""
    failed: list[bool] = []
    for event in turn.tracker.events:
        if event["event"] == "user" and event.get("text"):
            failed.append(False)
        elif event["event"] == "bot" and failed and _is_not_understood(event):
            failed[-1] = True
    earlier = failed[:-1]
    return len(earlier) - max((i + 1 for i, not_understood in enumerate(earlier) if not not_understood), default=0)
