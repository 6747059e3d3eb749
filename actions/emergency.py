"""What is written down in an emergency. What is said then needs no action server: see the safety policy (R2)."""

from __future__ import annotations

from actions.base import BedsideAction, Events, Turn
from bedside.care import emergencies, interactions


class ReportEmergency(BedsideAction):
    """Write the words down, tell the staff, close it when the person is safe."""

    action_name = "action_report_emergency"

    def perform(self, turn: Turn) -> Events:
        """Idempotent: the intake writes it too, should this process be down."""
        stage = turn.slot("emergency_stage")
        kind = str(turn.slot("emergency_kind") or "medical")
        if stage is None:
            emergencies.safe(turn.care, turn.conversation_id, turn.text, resumed=bool(turn.tasks))
            return []
        inquiry = emergencies.inquiry_of(kind)
        interactions.record(
            turn.care, turn.conversation_id, turn.channel, inquiry=inquiry, mood="distressed", language=turn.language
        )
        emergencies.report(
            turn.care,
            turn.conversation_id,
            kind,
            _words(turn),
            str(stage),
            suspended=turn.tasks[0] if turn.tasks else None,
            language=turn.language,
        )
        return []


def _words(turn: Turn) -> str:
    """What they said; after a question of ours also the words that made us ask it."""
    said: list[str] = []
    asked = False
    for event in turn.tracker.events:
        if event["event"] == "user" and event.get("text"):
            said = [*(said if asked else []), str(event["text"])]
            asked = False
        elif event["event"] == "bot" and (event.get("metadata") or {}).get("utter_action") == "utter_emergency_check":
            asked = True
    return " / ".join(said)
