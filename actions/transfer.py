"""Who waits in the chat for somebody of the staff: told how it stands, or called instead, whichever they like (R8)."""

from __future__ import annotations

from actions.base import Events, Turn, set_slots
from actions.clinical import facts_of
from bedside.care import transfers
from bedside.language.calls import asks_for_call


def still_waiting(turn: Turn) -> Events | None:
    """Answer somebody who asks for a person while one is on the way; None when nobody is."""
    view = transfers.current(turn.care, turn.conversation_id)
    if view is None or view.state not in transfers.WAITING or view.wait_until is None:
        return None
    if asks_for_call(turn.text):
        promised = transfers.call_instead(turn.care, turn.conversation_id, turn.text)
        if promised is not None:
            facts = facts_of(turn, promised.queue, promised.due_at)
            turn.say("utter_transfer_call_instead", case_number=promised.case_number, **facts)
            return set_slots(next_step=None)
    facts = facts_of(turn, view.queue, view.wait_until, view.wait_minutes)
    turn.say("utter_transfer_still_coming", case_number=transfers.case_of(turn.care, view), **facts)
    return set_slots(next_step=None)
