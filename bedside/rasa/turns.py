"""What went wrong inside a turn, and the few places where Rasa is made faster or told our time.

Rasa logs a failed action or store and goes on as if nothing had happened. The intake must know, to be honest about it:
each turn carries a report that these hooks write to.
"""

from __future__ import annotations

import asyncio
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import rasa
import structlog
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.core.processor import MessageProcessor
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from bedside.clock import Clock

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

    # Rasa checks a constant schema anew on every call: two thirds of a form's turn. The shape is checked here, and the
    # events once more when Rasa makes objects of them.
    def check(_self: RemoteAction, result: Any) -> bool:
        shaped = isinstance(result, dict) and all(
            isinstance(result.get(part, []), list) and all(isinstance(item, dict) for item in result.get(part, []))
            for part in ("events", "responses")
        )
        if not shaped:
            raise RasaException("The action server answered in another shape than expected.")
        return True

    RemoteAction._validate_action_result = check  # type: ignore[method-assign]
    RemoteAction._action_call_format = _call  # type: ignore[method-assign]
    EndpointConfig.session = _session  # type: ignore[method-assign]
    DaskGraphRunner.run = _run_graph  # type: ignore[method-assign]
    MessageProcessor._has_session_expired = _has_session_expired  # type: ignore[method-assign]


_clock: Clock | None = None


def _call(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    """What an action is told: the talk without the rankings of every message, and no copy of the whole domain.

    Both were most of what went over the wire, at each call, and no action of ours reads them.
    """
    state = tracker.current_state(EventVerbosity.ALL)
    for happened in state["events"]:
        if happened.get("parse_data"):
            happened["parse_data"] = _brief(happened["parse_data"])
    state["latest_message"] = _brief(state["latest_message"])
    return {"next_action": self.name(), "sender_id": tracker.sender_id, "tracker": state, "version": rasa.__version__}


_NOT_TOLD = ("intent_ranking", "text_tokens", "response_selector")


def _brief(parsed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parsed.items() if name not in _NOT_TOLD}


def _run_graph(
    self: DaskGraphRunner, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
) -> dict[str, Any]:
    """Run the nodes of the graph one after the other, which is what they are: a turn runs it four or five times, and a
    scheduler that is set up anew each time cost it two milliseconds. Raise ValueError when an input is named as a
    node's output is."""
    wanted = tuple(targets or self._graph_schema.target_names)
    orders = self.__dict__.setdefault("bedside_orders", {})
    if wanted not in orders:
        orders[wanted] = _order_of(self._graph_schema.minimal_graph_schema(list(wanted)).nodes)
    done: dict[str, Any] = {}
    for name, value in (inputs or {}).items():
        if isinstance(value, str) and value in orders[wanted]:
            raise ValueError(f"The input {name} has the name of a node as its value.")
        done[name] = (name, value)
    for name, needs in orders[wanted].items():
        if name not in done:
            done[name] = self._instantiated_nodes[name](*(done.get(need, need) for need in needs))
    return dict(done[name] for name in wanted)


def _order_of(nodes: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The nodes, each after those that it needs, with the names of what it needs."""
    ordered: dict[str, tuple[str, ...]] = {}

    def place(name: str) -> None:
        if name not in nodes or name in ordered:
            return
        needs = tuple(nodes[name].needs.values())
        for need in needs:
            place(need)
        ordered[name] = needs

    for name in nodes:
        place(name)
    return ordered


class _Kept:
    """The one HTTP session of an event loop: a new connection for each call to the action server costs milliseconds."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self._session

    async def __aexit__(self, *_fault: object) -> None:
        return None


_sessions: WeakKeyDictionary[Any, aiohttp.ClientSession] = WeakKeyDictionary()
KEEP_ALIVE_SECONDS = 2.0  # shorter than the action server's own 5, so that no call meets a connection being closed


def _session(self: EndpointConfig) -> Any:
    if self.basic_auth:
        return _own_session(self)
    loop = asyncio.get_running_loop()
    session = _sessions.get(loop)
    if session is None or session.closed:
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(keepalive_timeout=KEEP_ALIVE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
        )
        _sessions[loop] = session
    return _Kept(session)


_own_session = EndpointConfig.session


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
