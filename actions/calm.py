"""The same calm message, kept up in fresh words; after two turns without progress a person is offered (BRIEF 3.6, R10).

Strong language is no reason to stop helping.
"""

from __future__ import annotations

from typing import Any

from actions.base import Turn

CALM = (
    "utter_calm_1", "utter_calm_2", "utter_calm_3", "utter_calm_4",
    "utter_calm_5", "utter_calm_6", "utter_calm_7", "utter_calm_8",
)  # fmt: skip
FIRST = "utter_hear_you"
PATIENCE = 2  # turns without progress, then a person is offered


def say_calm(turn: Turn) -> None:
    """The next of the calm sentences; none is said twice before all were."""
    said = [name for name in _spoken(turn.tracker.events) if name in CALM]
    turn.say(CALM[len(said) % len(CALM)])


def without_progress(turn: Turn) -> int:
    """How many messages before this one, without a break, were answered by calm words and led no further."""
    count = 0
    answers: list[set[str]] = []
    for event in turn.tracker.events:
        if event["event"] == "user" and event.get("text"):
            answers.append(set())
        elif event["event"] == "bot" and answers:
            answers[-1].add(str((event.get("metadata") or {}).get("utter_action")))
    for said in reversed(answers[:-1]):
        if not said & {FIRST, *CALM} or said & {"utter_handover_offer", "utter_complaint_ask_person"}:
            break
        count += 1
    return count


def _spoken(events: list[dict[str, Any]]) -> list[str]:
    return [str((event.get("metadata") or {}).get("utter_action")) for event in events if event["event"] == "bot"]
