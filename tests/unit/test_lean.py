"""What is done instead of Rasa's own work comes to the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bedside.rasa import lean

RASAS_OWN = RulePolicy.__dict__["_get_possible_keys"]
PAST_STATES = DialogueStateTracker.__dict__["past_states"]

_ACTIONS = st.sampled_from(["action_listen", "action_greet", "visit_form", ""])
_INTENTS = st.sampled_from(["greeting", "thanks", ""])
_SLOTS = st.dictionaries(st.sampled_from(["mood", "agenda"]), st.sampled_from([[1.0], [0.0], "should_not_be_set"]))


@st.composite
def _state(draw: st.DrawFn, *, of_a_rule: bool) -> dict[str, Any]:
    state: dict[str, Any] = {}
    action, intent, slots = draw(_ACTIONS), draw(_INTENTS), draw(_SLOTS)
    if action:
        state["prev_action"] = {"action_name": action}
    if intent:
        state["user"] = {"intent": intent}
    if slots:
        state["slots"] = (
            slots if of_a_rule else {name: tuple(v) if isinstance(v, list) else v for name, v in slots.items()}
        )
    if of_a_rule and draw(st.booleans()):
        state["active_loop"] = {"name": draw(st.sampled_from(["visit_form", "should_not_be_set"]))}
    elif draw(st.booleans()):
        state["active_loop"] = {"name": "visit_form"}
    return state


@given(
    st.lists(st.lists(_state(of_a_rule=True), min_size=1, max_size=3), max_size=14),
    st.lists(_state(of_a_rule=False), max_size=4),
)
def test_the_same_rules_apply_as_by_trying_each(rules: list[list[dict[str, Any]]], talk: list[dict[str, Any]]) -> None:
    table = {json.dumps(rule, sort_keys=True): "action" for rule in rules}
    policy = RulePolicy.__new__(RulePolicy)
    assert lean._possible_keys(policy, table, talk) == RASAS_OWN(policy, table, talk)


def test_the_states_are_made_anew_after_an_event_and_may_be_cut_about() -> None:
    domain = Domain.from_dict(
        {
            "intents": ["greeting"],
            "actions": ["action_greet"],
            "slots": {"mood": {"type": "text", "mappings": [{"type": "custom"}]}},
        }
    )
    tracker = DialogueStateTracker("t", domain.slots)
    for event in (
        ActionExecuted("action_listen"),
        UserUttered("hi", {"name": "greeting", "confidence": 1.0}),
        ActionExecuted("action_greet"),
    ):
        tracker.update(event)
    first = lean._past_states(tracker, domain)
    assert first == PAST_STATES(tracker, domain)
    first[-1]["user"].clear()  # as a policy does that looks at the text only
    assert lean._past_states(tracker, domain) == PAST_STATES(tracker, domain)
    tracker.update(SlotSet("mood", "anxious"))
    assert lean._past_states(tracker, domain) == PAST_STATES(tracker, domain)


def test_an_events_class_is_found_as_by_rasa() -> None:
    assert lean._event_class("user") is UserUttered
    assert lean._event_class("user") is UserUttered
    assert lean._event_class("topic") is None
    assert lean._event_class("nonsense", SlotSet) is SlotSet
    with pytest.raises(ValueError, match="nonsense"):
        lean._event_class("nonsense")
