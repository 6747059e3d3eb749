"""What went wrong inside a turn, and where Rasa is told our time.

Rasa logs a failed action or store and goes on as if nothing had happened. The intake must know, to be honest about it:
each turn carries a report that these hooks write to.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bedside.clock import Clock
from bedside.rasa import lean

LONG_SESSION_EVENTS = 400
log = structlog.get_logger("bedside.turns")


@dataclass
class TurnReport:
    """What failed during one turn, by the names of our own parts; no words of the patient."""

    failures: list[str] = field(default_factory=list)


_report: ContextVar[TurnReport | None] = ContextVar("bedside_turn", default=None)


def begin() -> TurnReport:
    """A report for the turn of this task."""
    report = TurnReport()
    _report.set(report)
    return report


def failed(part: str) -> None:
    """Note that a part failed in this turn."""
    report = _report.get()
    if report is not None:
        report.failures.append(part)
    log.warning("turn.part_failed", part=part)


def install(clock: Clock) -> None:
    """Put the hooks in place; calling it again changes only the clock."""
    global _clock
    _clock = clock
    if getattr(RemoteAction.run, "bedside", False):
        return
    original = RemoteAction.run

    async def run(self: RemoteAction, *args: Any, **kwargs: Any) -> Any:
        try:
            return await original(self, *args, **kwargs)
        except ActionExecutionRejection:
            raise
        except Exception:
            failed(self.name())
            raise

    run.bedside = True  # type: ignore[attr-defined]
    RemoteAction.run = run  # type: ignore[method-assign]

    lean.install()
    MessageProcessor._has_session_expired = _has_session_expired  # type: ignore[method-assign]


_clock: Clock | None = None


def _has_session_expired(self: MessageProcessor, tracker: DialogueStateTracker) -> bool:
    """A session ends when the person has been away for long or the talk has grown long, but never with work open.

    Time is the clinic's clock, which tests can move, stamped on each message by the intake.
    """
    if tracker.active_loop_name or tracker.get_slot("agenda") or tracker.get_slot("emergency_stage"):
        return False
    latest = tracker.get_last_event_for(UserUttered)
    if latest is None:
        return False
    if len(tracker.events) > LONG_SESSION_EVENTS:
        return True
    now = _clock().timestamp() if _clock else time.time()
    stamped = (latest.metadata or {}).get("at")
    then = datetime.fromisoformat(stamped).timestamp() if stamped else latest.timestamp
    return (now - then) / 60 > self.domain.session_config.session_expiration_time
