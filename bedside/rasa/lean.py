"""Where Rasa does needless work in each turn, and what is done instead, with the same results (docs/decisions/0004).

Each piece stands alone and is put in place by `install`. None of them changes what is decided or said.
"""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import logging
from functools import lru_cache
from types import ModuleType, SimpleNamespace
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import aiohttp
import rasa
from rasa.core.actions import forms
from rasa.core.actions.action import RemoteAction
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.core.policies import memoization, rule_policy
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

T = TypeVar("T")
# Modules that copy deeply, and only to write what they copied into their debug log.
COPY_FOR_THE_LOG: tuple[ModuleType, ...] = (memoization, rule_policy, forms)


def install() -> None:
    """Put everything in place; once for a process, later calls change nothing."""
    RemoteAction._validate_action_result = _check_shape  # type: ignore[method-assign]
    RemoteAction._action_call_format = _call  # type: ignore[method-assign]
    EndpointConfig.session = _session  # type: ignore[method-assign]
    DaskGraphRunner.run = _run_graph  # type: ignore[method-assign]
    DialogueStateTracker.past_states = _past_states  # type: ignore[method-assign]
    rule_policy.RulePolicy._get_possible_keys = _possible_keys  # type: ignore[method-assign]
    Event.resolve_by_type = staticmethod(_event_class)  # type: ignore[method-assign,assignment]
    for module in COPY_FOR_THE_LOG:
        module.copy = SimpleNamespace(deepcopy=_copy_for_the_log)  # type: ignore[attr-defined]


@lru_cache(maxsize=1)
def keep_what_is_loaded() -> None:
    """When the first message comes: the model and the libraries stay, and are no longer looked through for garbage,
    which cost single turns a tenth of a second."""
    gc.collect()
    gc.freeze()


def _check_shape(_self: RemoteAction, result: Any) -> bool:
    """Rasa checks a constant schema anew on every call: two thirds of a form's turn. The shape is checked here, and the
    events once more when Rasa makes objects of them."""
    shaped = isinstance(result, dict) and all(
        isinstance(result.get(part, []), list) and all(isinstance(item, dict) for item in result.get(part, []))
        for part in ("events", "responses")
    )
    if not shaped:
        raise RasaException("The action server answered in another shape than expected.")
    return True


def _copy_for_the_log(value: T) -> T:
    return copy.deepcopy(value) if logging.getLogger().isEnabledFor(logging.DEBUG) else value


_resolve_by_type = Event.resolve_by_type
_classes: dict[str, type[Event]] = {}


def _event_class(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    """The class of an event's name. Rasa walks over all classes for each event of each answer."""
    if type_name not in _classes:
        found = _resolve_by_type(type_name, default)
        if found is None or found.type_name != type_name:
            return found
        _classes[type_name] = found
    return _classes[type_name]


def _past_states(
    self: DialogueStateTracker,
    domain: Domain,
    omit_unset_slots: bool = False,
    ignore_rule_only_turns: bool = False,
    rule_only_data: dict[str, Any] | None = None,
) -> list[State]:
    """The states that a talk went through. Two policies ask for the same ones up to three times a prediction, each time
    replaying the whole talk: they are kept until an event is added, and copied, because policies cut them about."""
    now = (len(self.events), id(self.events[-1]) if self.events else 0, id(domain))
    kept = self.__dict__.get("bedside_states")
    if kept is None or kept[0] != now:
        kept = self.__dict__["bedside_states"] = (now, {})
    asked = (omit_unset_slots, ignore_rule_only_turns)
    if asked not in kept[1]:
        kept[1][asked] = domain.states_for_tracker_history(
            self,
            omit_unset_slots=omit_unset_slots,
            ignore_rule_only_turns=ignore_rule_only_turns,
            rule_only_data=rule_only_data,
        )
    return [{part: dict(features) for part, features in state.items()} for state in kept[1][asked]]


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


class _Rules:
    """The rules of one table, parsed once and laid out by what must be true of the newest state at least."""

    def __init__(self, table: dict[str, str]) -> None:
        self.size = len(table)
        self._by_newest: dict[tuple[str | None, str | None], list[tuple[str, list[State]]]] = {}
        self._at_the_start: list[tuple[str, list[State]]] = []
        for key in table:
            states: list[State] = json.loads(key)[::-1]
            if states and not states[0].get(PREVIOUS_ACTION):
                self._at_the_start.append((key, states))
                continue
            newest = states[0] if states else {}
            asked = (_named(newest, PREVIOUS_ACTION, "action_name"), _named(newest, USER, "intent"))
            self._by_newest.setdefault(asked, []).append((key, states))

    def near(self, newest: State) -> list[tuple[str, list[State]]]:
        """The rules that may apply after this state: those about its action and intent, and those open in either. At
        the start of a talk nothing but its being the start counts."""
        if not newest.get(PREVIOUS_ACTION):
            return self._at_the_start
        action, intent = _named(newest, PREVIOUS_ACTION, "action_name"), _named(newest, USER, "intent")
        places = dict.fromkeys([(action, intent), (action, None), (None, intent), (None, None)])
        return [rule for place in places for rule in self._by_newest.get(place, ())]


def _named(state: State, part: str, name: str) -> str | None:
    value = (state.get(part) or {}).get(name)
    return value if isinstance(value, str) and value != rule_policy.SHOULD_NOT_BE_SET else None


def _possible_keys(self: rule_policy.RulePolicy, lookup: dict[str, str], states: list[State]) -> set[str]:
    """The rules that apply after these states, as far back as both go. Rasa tries every rule of its tables on every
    state."""
    tables: dict[int, _Rules] = self.__dict__.setdefault("bedside_rules", {})
    rules = tables.get(id(lookup))
    if rules is None or rules.size != len(lookup):
        rules = tables[id(lookup)] = _Rules(lookup)
    backwards = states[::-1]
    if not backwards:
        return set(lookup)
    return {
        key
        for key, wanted in rules.near(backwards[0])
        if all(_applies(want, state) for want, state in zip(wanted, backwards, strict=False))
    }


def _applies(rule_state: State, state: State) -> bool:
    """What Rasa's `_is_rule_applicable` says of a rule's state and the talk's state of the same turn."""
    ours, theirs = state.get(PREVIOUS_ACTION), rule_state.get(PREVIOUS_ACTION)
    if not ours or not theirs:
        return not ours and not theirs
    return rule_policy.RulePolicy._does_rule_match_state(rule_state, state)
