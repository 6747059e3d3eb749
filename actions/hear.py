"""Anger that asks for nothing, wherever it comes (BRIEF 3.6)."""

from __future__ import annotations

from actions.base import BedsideAction, Events, Turn, set_slots
from actions.calm import FIRST, PATIENCE, say_calm, without_progress
from actions.conversation import leave_form, take_up
from actions.handover import offer_person
from bedside.care import agenda


class Hear(BedsideAction):
    """Anger that asks for nothing: heard, and the work goes on."""

    action_name = "action_hear"

    def perform(self, turn: Turn) -> Events:
        """Calm words; the second time in a row a person is offered."""
        if set(turn.requests) & set(agenda.REPORTED_AS):
            return take_up(turn)
        times = without_progress(turn) + 1
        if turn.has_said(FIRST):
            say_calm(turn)
        else:
            turn.say(FIRST)
        if times < PATIENCE:
            return set_slots(next_step=None)
        refused = {} if turn.slot("name_answer") else {"name_answer": "refused"}  # nobody is asked for a name for it
        if turn.tasks and turn.tasks[0] in agenda.COMPLAINTS:
            at = turn.slot("complaint_at") or {}
            to_person = {**at, "back": at.get("stage") or "hear", "stage": "person"}
            return [*leave_form(), *set_slots(complaint_at=to_person, next_step=agenda.COMPLAINT_STEP, **refused)]
        events = offer_person(turn, "human_request", acknowledge=False)
        return [*events, *set_slots(next_step=agenda.HANDOVER_STEP, **refused)]
