"""The emergency protocol (R2, BRIEF 3.8) as a table-like state machine: what is said next, and what holds until safe.

It knows nothing of Rasa: the policy of the dialogue and the intake that answers while the model is down both ask it.
"""

from __future__ import annotations

from dataclasses import dataclass

CLEAR, CHECK = "clear", "check"
MEDICAL, MENTAL_HEALTH, HARM_TO_OTHERS = "medical", "mental_health", "harm_to_others"

# Stages. None means that no emergency is open.
ASKED = "asked"  # one short question was asked: is it happening now?
URGED = "urged"  # told to get help; nothing else runs
URGED_AGAIN = "urged_again"  # ... and asked whether someone has called
HELP_CALLED = "help_called"
HELP_CALLED_AGAIN = "help_called_again"  # ... and asked whether help is there
HELP_THERE = "help_there"
CONFIRMING = "confirming"  # asked whether they are safe and cared for

# Readings of a reply inside the protocol (bedside.safety.replies).
YES, NO, SAFE, CALLED, THERE, OTHER = "yes", "no", "safe", "called", "there", "other"
_STAYING = (URGED, URGED_AGAIN, HELP_CALLED, HELP_CALLED_AGAIN, CONFIRMING)


@dataclass(frozen=True)
class Step:
    """One turn of the protocol. `ended`: the emergency is over, and earlier work may go on."""

    response: str
    stage: str | None
    kind: str | None
    report: bool = True
    ended: bool = False


def kind_of(decision: str, harm_to_others: bool = False) -> str:
    """The kind of protocol that a decision of the screen asks for."""
    if harm_to_others:
        return HARM_TO_OTHERS
    return MENTAL_HEALTH if decision == "emergency_mental_health" else MEDICAL


def next_step(
    stage: str | None, kind: str | None, decision: str, reply: str, *, harm_to_others: bool = False
) -> Step | None:
    """What the protocol does with a message; None when there is no emergency and none was open.

    `decision` is the screen's, of this message alone; `reply` is how it reads as an answer inside the protocol.
    """
    alarm = decision not in (CLEAR, CHECK)
    fresh = kind_of(decision, harm_to_others)
    if stage is None:
        if alarm:
            return Step(_first(fresh), URGED, fresh)
        if decision == CHECK:
            return Step("utter_emergency_check", ASKED, fresh, report=False)
        return None
    if alarm and _worse(kind, fresh, stage):
        return Step(_first(fresh), URGED, fresh)
    kind = kind or fresh
    if stage == ASKED:
        if reply in (NO, SAFE) and not alarm:
            return Step("utter_emergency_not_now", None, None, report=False, ended=True)
        return Step(_first(kind), URGED, kind)
    if stage == CONFIRMING:
        if reply in (YES, SAFE, THERE):
            return Step("utter_emergency_safe", None, None, ended=True)
        if reply == NO or alarm:
            return Step("utter_emergency_stay", URGED_AGAIN, kind)
        return Step("utter_emergency_confirm_safe", CONFIRMING, kind)
    if reply == YES and not alarm:  # the answer to what was asked last
        reply = {URGED_AGAIN: CALLED, HELP_CALLED_AGAIN: THERE}.get(stage, reply)
    if reply == THERE:
        if stage == HELP_THERE:
            return Step("utter_emergency_confirm_safe", CONFIRMING, kind)
        return Step("utter_emergency_help_there", HELP_THERE, kind)
    if reply == SAFE:
        return Step("utter_emergency_confirm_safe", CONFIRMING, kind)
    if stage == HELP_THERE and not alarm:
        return Step("utter_emergency_confirm_safe", CONFIRMING, kind)
    if reply == CALLED:
        return Step("utter_emergency_help_called", HELP_CALLED, kind)
    if stage in (HELP_CALLED, HELP_CALLED_AGAIN) and not alarm:
        return Step("utter_emergency_help_called_stay", HELP_CALLED_AGAIN, kind)
    return Step("utter_emergency_stay", URGED_AGAIN, kind)


def _first(kind: str) -> str:
    return f"utter_emergency_{kind}"


def _worse(kind: str | None, fresh: str, stage: str) -> bool:
    """A new kind of danger starts over; the same kind goes on, so that the words stay fresh."""
    return stage == ASKED or (kind is not None and fresh != kind and stage not in _STAYING)
