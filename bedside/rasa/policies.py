"""Three small policies: safety above all, the agenda after each piece of work, a last resort against silence."""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from bedside.language.detect import spoken_language
from bedside.rasa.screening import read_screening, screen_text
from bedside.safety import protocol
from bedside.safety.replies import read_reply

RULES_PRIORITY = 4
NAMES = {"name_answer", "identity_name"}
REPORT, RESUME = "action_report_emergency", "action_resume"
# After these the agenda decides which form runs next.
ROUTERS = {
    "action_greet",
    "action_take_up",
    "action_continue",
    "action_proceed",
    "action_resume",
    "action_stop_task",
    "action_not_understood",
    "action_offer_person",
    "action_hear",
}
# The understanding of the whole message is one more net under the screen: doubt becomes a question, never silence.
ALARMING_INTENTS = {"emergency_medical", "emergency_mental_health"}
ALARM_CONFIDENCE = 0.7


class RulelikePolicy(Policy):
    """A policy that needs no training and decides from the tracker alone."""

    @staticmethod
    def supported_data() -> SupportedData:
        """Trained on nothing; works with rules and stories alike."""
        return SupportedData.ML_AND_RULE_DATA

    def train(
        self,
        training_trackers: list[TrackerWithCachedStates],
        domain: Domain,
        **kwargs: Any,
    ) -> Resource:
        """Nothing to learn."""
        return self._resource

    @classmethod
    def _metadata_filename(cls) -> str:
        return f"{cls.__name__}.json"

    def _certain(
        self, action: str, domain: Domain, events: list[Event] | None = None, confidence: float = 1.0
    ) -> PolicyPrediction:
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action(action)] = confidence
        return self._prediction(probabilities, optional_events=events or [], is_no_user_prediction=confidence == 1.0)

    def _silent(self, domain: Domain) -> PolicyPrediction:
        return self._prediction(self._default_predictions(domain), is_no_user_prediction=False)


def about(found: str) -> str:
    """Who is in danger, as the sentences know it: the writer, unless another person is plainly meant."""
    return "other" if found == "other" else "self"


def actions_since_user(tracker: DialogueStateTracker) -> list[str]:
    """What has run since the person last wrote, in order."""
    done: list[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name and event.action_name != ACTION_LISTEN_NAME:
            done.append(event.action_name)
    return done[::-1]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class SafetyPolicy(RulelikePolicy):
    """Emergencies come before everything (R2). What is said needs no action server; what is written follows it."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Above the rules and the agenda."""
        return {"priority": RULES_PRIORITY + 4}

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The protocol's next step, or silence."""
        done = actions_since_user(tracker)
        if tracker.latest_action_name == ACTION_LISTEN_NAME:
            return self._answer(tracker, domain)
        spoken = next((name for name in done if name.startswith("utter_emergency_")), None)
        if spoken is None or RESUME in done:
            return self._silent(domain)
        return self._certain(self._after(spoken, done), domain)

    def _answer(self, tracker: DialogueStateTracker, domain: Domain) -> PolicyPrediction:
        message = tracker.latest_message
        if message is None or not (message.text or message.intent_name):
            return self._silent(domain)
        screened = read_screening(message.metadata) or screen_text(message.text or "")
        decision = screened["decision"]
        stage = tracker.get_slot("emergency_stage")
        if decision == protocol.CLEAR and stage is None and _sounds_alarming(message):
            decision = protocol.CHECK
        step = protocol.next_step(
            stage,
            tracker.get_slot("emergency_kind"),
            decision,
            read_reply(message.text or "") if stage else protocol.OTHER,
            harm_to_others=screened["harm_to_others"],
        )
        if step is None:
            return self._silent(domain)
        events: list[Event] = [SlotSet("emergency_stage", step.stage)]
        if step.kind:
            kind = protocol.MENTAL_HEALTH if step.stage == protocol.ASKED and _sounds_desperate(message) else step.kind
            events.append(SlotSet("emergency_kind", kind))
        starts = stage is None or step.response == f"utter_emergency_{step.kind}"
        if starts and (stage is None or decision not in (protocol.CLEAR, protocol.CHECK)):
            events.append(SlotSet("emergency_about", about(screened["about"])))
        return self._certain(step.response, domain, events)

    @staticmethod
    def _after(spoken: str, done: list[str]) -> str:
        over = spoken in ("utter_emergency_safe", "utter_emergency_not_now")
        quiet = spoken in ("utter_emergency_check", "utter_emergency_not_now")
        if not quiet and REPORT not in done:
            return REPORT
        return RESUME if over else ACTION_LISTEN_NAME


def _sounds_desperate(message: UserUttered) -> bool:
    """Whether a doubt is about despair: then an unclear answer leads to 988, not to the emergency room."""
    return (message.intent or {}).get("name") in ("emergency_mental_health", "distress")


def _sounds_alarming(message: UserUttered) -> bool:
    intent = message.intent or {}
    return intent.get("name") in ALARMING_INTENTS and float(intent.get("confidence") or 0) >= ALARM_CONFIDENCE


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class ReadingPolicy(RulelikePolicy):
    """Carries what was read off the message, mood and language, into the slots that the wording follows (R4).

    It never chooses an action. As entities the same facts would make every end-to-end story fail for want of
    annotations.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """It never competes."""
        return {"priority": 1}

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Only events: a mood stays until another one is heard, and calm alone does not undo distress."""
        events: list[Event] = []
        message = tracker.latest_message
        if tracker.latest_action_name == ACTION_LISTEN_NAME and message is not None:
            reading = (message.parse_data or {}).get("reading") or {}
            mood = reading.get("mood")
            earlier = sum(isinstance(event, UserUttered) and bool(event.text) for event in tracker.events) > 1
            language = spoken_language(
                message.text or "",
                tracker.get_slot("language") if earlier else None,
                a_name_was_asked=tracker.get_slot("requested_slot") in NAMES,
            )
            if mood and mood != "calm" and mood != tracker.get_slot("mood"):
                events.append(SlotSet("mood", mood))
            if language and language != tracker.get_slot("language"):
                events.append(SlotSet("language", language))
        return self._prediction(self._default_predictions(domain), events=events, is_no_user_prediction=False)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class AgendaPolicy(RulelikePolicy):
    """After an action that decided what comes next, run the form that it named in `next_step`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Above the rules, below safety."""
        return {"priority": RULES_PRIORITY + 2}

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The form to run, or silence."""
        step = tracker.get_slot("next_step")
        if step in domain.form_names and tracker.latest_action_name in ROUTERS:
            return self._certain(step, domain)
        return self._silent(domain)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class LastResortPolicy(RulelikePolicy):
    """When nobody else knows: say that it wasn't understood, then listen. Keeps every form as it is."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Below everything."""
        return {"priority": 0}

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """A weak word that any other prediction overrules."""
        heard = tracker.latest_action_name == ACTION_LISTEN_NAME and tracker.latest_message is not None
        return self._certain("action_not_understood" if heard else ACTION_LISTEN_NAME, domain, confidence=0.1)
