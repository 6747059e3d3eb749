"""What every action shares: the clinic, one turn of a talk, and work that runs off the event loop."""

from __future__ import annotations

import asyncio
import gc
from abc import ABC, abstractmethod
from collections.abc import Collection
from functools import lru_cache
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bedside.care import agenda, bill_talk, identity, insurance_wishes, interactions, speaking, wishes
from bedside.care.context import Care, open_care
from bedside.care.refills import Refill
from bedside.language.calls import is_driving
from bedside.language.complaints import is_own_matter
from bedside.language.errands import is_adolescent, is_of_the_dead
from bedside.language.medicines import asks_for_more, asks_something, read_medicines, read_pharmacy
from bedside.organization import display_phone

Events = list[dict[str, Any]]
# Slots that tell that what was said so far stands in a ticket, or was not to be passed on.
WRITTEN = ("dispute_case", "handover_reach", "refill_case")


@lru_cache(maxsize=1)
def clinic() -> Care:
    """The clinic of this process. What was loaded until now stays: looking through it for garbage, again and again,
    cost single turns a tenth of a second."""
    care = open_care()
    gc.collect()
    gc.freeze()
    return care


class Turn:
    """One turn: what was said, what is known, and a voice."""

    def __init__(self, care: Care, tracker: Tracker, dispatcher: CollectingDispatcher) -> None:
        """Made anew for each action."""
        self.care = care
        self.tracker = tracker
        self.dispatcher = dispatcher
        self.conversation_id = str(tracker.sender_id)
        self.text = str(tracker.latest_message.get("text") or "")
        self.intent = str((tracker.latest_message.get("intent") or {}).get("name") or "")
        self.channel = str(tracker.get_latest_input_channel() or "rest")

    def slot(self, name: str) -> Any:
        """The value of a slot."""
        return self.tracker.get_slot(name)

    @property
    def mood(self) -> str:
        """How the person feels, as far as their words tell."""
        return str(self.slot("mood") or "calm")

    @property
    def language(self) -> str:
        """The language that is spoken."""
        return str(self.slot("language") or "en")

    @property
    def requests(self) -> list[str]:
        """The inquiries in the latest message: the first, and any second one."""
        return inquiries_in(self.tracker.latest_message)

    @property
    def tasks(self) -> list[str]:
        """What is still to be done; what is being done stands first."""
        return list(self.slot("agenda") or [])

    @property
    def requested(self) -> str | None:
        """What the last question was about."""
        return self.slot("requested_slot")  # type: ignore[no-any-return]

    def say(self, response: str, **facts: Any) -> None:
        """Say a response of domain/. Facts that every sentence may use are there already."""
        organization = self.care.organization
        common = {
            "organization": organization.name,
            "assistant": organization.assistant_name,
            "phone": display_phone(organization.phones.main),
            "comma_name": speaking.comma_name(self.slot("caller_name")),
        }
        self.dispatcher.utter_message(response=response, **{**common, **facts})

    def due(self, at: Any) -> str:
        """A moment as it is said."""
        return speaking.due(self.care, at, self.language)

    def just_said(self, *requested: str | None, about: Collection[str] = ()) -> str:
        """The person's words of this task: what they said when nothing, or one of `requested`, had been asked.

        What a ticket has taken along is not told again to others, except where it was also `about` this. What was said
        in an emergency stands in the emergency's own tickets, and only a nurse reads it beside other words (R3).
        """
        for_nurse = not set(about).isdisjoint(agenda.CLINICAL)
        of_visits = bool(about) and set(about) <= set(agenda.VISITS)
        of_insurance = bool(about) and set(about) <= set(agenda.INSURANCES)
        wanted: set[str | None] = {*requested, None}
        asked: str | None = None
        heard = ""
        said: list[tuple[str, list[str]]] = []
        for event in self.tracker.events:
            if event["event"] == "slot" and event["name"] == "requested_slot":
                asked = event["value"]
            elif event["event"] == "slot" and event["name"] == "visit_numbers" and event["value"]:
                said = [] if of_visits else said  # that visit is settled: its words say nothing of the next one
            elif event["event"] == "slot" and event["name"] == "insurance_done" and event["value"]:
                said = [] if of_insurance else said  # and that question is answered
            elif event["event"] == "slot" and event["name"] in WRITTEN and event["value"]:
                said = [(text, asks) for text, asks in said if not set(about).isdisjoint(asks)]
            elif event["event"] == "user" and event.get("text"):
                asks = inquiries_in(event.get("parse_data") or {})
                meant = not set(about).isdisjoint(asks)
                of_card = asked == "insurance_done" or "update_insurance" in asks
                heard = insurance_wishes.without_numbers(event["text"]) if of_card else event["text"]
                if asked in requested or meant or (asked in wanted | {"name_answer"} and asks):
                    said.append((heard, asks))
            elif not for_nurse and said and said[-1][0] == heard and _is_of_an_emergency(event):
                said.pop()
        return " / ".join(dict.fromkeys(text for text, _ in said))

    def last_about(self, inquiry: str, *, with_numbers: bool = False) -> str:
        """The latest message that asked for this; numbers of an insurance card only where they are wanted."""
        for event in reversed(self.tracker.events):
            if event["event"] == "user" and inquiry in inquiries_in(event.get("parse_data") or {}):
                text = str(event.get("text") or "")
                return text if with_numbers else insurance_wishes.without_numbers(text)
        return ""

    def refill_so_far(self) -> Refill:
        """The refill that is asked for, from the answers, or from the words that asked for it."""
        words = self.just_said("refill_medicine", "refill_pharmacy", about=("medication_refill",))
        medicine = self.slot("refill_medicine") or ", ".join(read_medicines(words))
        return Refill(medicine or None, self.slot("refill_pharmacy") or read_pharmacy(words))

    def record(self, inquiry: str, *, acknowledged: bool = False) -> None:
        """Note in the talk's record what it is about, and how the person feels."""
        interactions.record(
            self.care,
            self.conversation_id,
            self.channel,
            inquiry=agenda.REPORTED_AS.get(inquiry, inquiry),
            mood=self.mood,
            acknowledged=acknowledged,
            language=self.language,
        )

    def mind_the_road(self) -> bool:
        """Ask somebody who writes at the wheel to stop writing, once a talk; whether they are driving."""
        if not is_driving(self.text):
            return False
        if not self.has_said("utter_driving"):
            self.say("utter_driving")
        return True

    def has_said(self, response: str) -> bool:
        """Whether this response was said before in this talk."""
        return any((event.get("metadata") or {}).get("utter_action") == response for event in self.tracker.events)

    def next_step(self, tasks: list[str] | None = None, **known: Any) -> str | None:
        """The form that runs next, from the records and not from the talk where that matters."""
        return agenda.next_step(
            self.tasks if tasks is None else tasks,
            name_answered=bool(known.get("name_answered", self.slot("name_answer"))),
            has_name=bool(known.get("caller_name", self.slot("caller_name"))),
            verified=identity.is_verified(self.care, self.conversation_id),
            locked=identity.is_locked(self.care, self.conversation_id),
            collected=bool(self.slot("refill_medicine") and self.slot("refill_pharmacy")),
            by_person=self._by_person(self.tasks if tasks is None else tasks, known),
        )

    def _by_person(self, tasks: list[str], known: dict[str, Any]) -> bool:
        """Whether the first task is for the staff: a visit that can't be settled here, or the bill that is meant."""
        for slot, of_kind in (("bill_by_person", agenda.BILLS), ("insurance_by_person", agenda.INSURANCES)):
            if tasks[:1] and tasks[0] in of_kind:
                return bool(known.get(slot, self.slot(slot)) == tasks[0])
        return bool(known.get("visit_by_person", self.slot("visit_by_person")))


def _is_of_an_emergency(event: dict[str, Any]) -> bool:
    spoken = str((event.get("metadata") or {}).get("utter_action"))
    return event["event"] == "bot" and spoken.startswith("utter_emergency_")


def inquiries_in(message: dict[str, Any]) -> list[str]:
    """The inquiries of a message that are work: the first, then any second one."""
    also = [found["name"] for found in message.get("also") or []]
    names = [name for name in [(message.get("intent") or {}).get("name"), *also] if name in agenda.TASKS]
    text = str(message.get("text") or "")
    special = _special(text)
    if special:
        kept = [name for name in names if special == "adolescent" and name in agenda.CLINICAL]
        return [special, *kept]
    if wishes.declines_visit(text) and set(names) & set(agenda.VISITS):
        names = [name for name in names if name not in agenda.VISITS] or ["complaint_service"]
    own = wishes.visit_task(text) if wishes.is_own_visit(text) else None
    if own and names[:1] in (["minor"], ["third_party"]):
        names = [own, *(name for name in names[1:] if name != own)]  # a grandson's recital is only the reason
    names = _about_the_bill(insurance_wishes.meant(bill_talk.meant(names, text), text), text)
    # To name a medicine is not yet both to ask for it and to ask about it. Either way the words reach the same nurse.
    if names[:1] == ["medication_refill"] and not asks_something(text):
        return [name for name in names if name != "medication_question"]
    if names[:1] == ["medication_question"] and not asks_for_more(text):
        return [name for name in names if name != "medication_refill"]
    return names


def _special(text: str) -> str | None:
    """What is heard as itself, whatever else it was taken for: a death in the family, an adolescent's own question."""
    if is_of_the_dead(text):
        return "bereavement"
    return "adolescent" if is_adolescent(text, clinic().organization.adolescent_consent_age) else None


def _about_the_bill(names: list[str], text: str) -> list[str]:
    """That nobody called back about a disputed bill is part of the dispute; how they were treated is a complaint."""
    if "billing_dispute" not in names:
        return names
    if not is_own_matter(text):
        return [name for name in names if name != "complaint_service"]
    return names if set(names) & set(agenda.COMPLAINTS) else [*names, "complaint_service"]


class BedsideAction(Action, ABC):
    """An action whose work runs in a thread, so that one slow record never holds up other patients."""

    action_name: ClassVar[str]

    def name(self) -> str:
        """The name in domain.yml."""
        return self.action_name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """Do the work. What fails here is told to the patient by the intake, honestly."""
        turn = Turn(clinic(), tracker, dispatcher)
        return await asyncio.get_running_loop().run_in_executor(None, self.perform, turn)

    @abstractmethod
    def perform(self, turn: Turn) -> Events:
        """The work of this action."""


def set_slots(**values: Any) -> Events:
    """Slot events."""
    return [SlotSet(name, value) for name, value in values.items()]
