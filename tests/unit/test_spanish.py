"""Whoever writes in Spanish is answered in Spanish to the end: every sentence, every day and hour, and staff know it."""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from ruamel.yaml import YAML
from sqlalchemy import select

from actions.base import Turn
from actions.dispute import AskDisputeCharges, ValidateDispute
from actions.handover import AskConsent
from bedside.care import billing, emergencies, handover, identity, interactions, speaking
from bedside.care.context import Care, open_care
from bedside.language.answers import read_yes_no
from bedside.language.detect import detect_language
from bedside.language.identifiers import read_identity
from bedside.records import keys, migrate
from bedside.records.loading import load_file
from bedside.records.tables import Interaction, Ticket
from bedside.sentences import load_sentences

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = load_sentences(ROOT / "domain")
STATES = {
    "mood": ("calm", "anxious", "frustrated", "distressed", "grieving"),
    "emergency_about": ("self", "other"),
    "emergency_kind": ("medical", "mental_health", "harm_to_others"),
}
TALK = "talk-in-spanish"


def states_of(name: str) -> Iterator[dict[str, str]]:
    """Every state of a talk that the variations of a response tell apart, but for the language."""
    used = {c["name"] for v in SENTENCES.responses[name] for c in v.get("condition", [])} - {"language"}
    assert used <= STATES.keys()
    for values in itertools.product(*(STATES[slot] for slot in sorted(used))):
        yield dict(zip(sorted(used), values, strict=True))


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def chosen(name: str, state: dict[str, str]) -> dict[str, Any]:
    """The variation that is said in a state."""
    facts = {fact: f"{{{fact}}}" for v in SENTENCES.responses[name] for fact in placeholders(v["text"])}
    said = SENTENCES.say(name, state, None, **facts)
    return next(v for v in SENTENCES.responses[name] if v["text"] == said)


# Sentences ----------------------------------------------------------------------------------------------------------


def has_words(name: str) -> bool:
    """Whether there is anything to translate: some pieces are only facts and marks."""
    return any(re.search(r"[^\W\d_]", re.sub(r"\{\w+\}", "", v["text"])) for v in SENTENCES.responses[name])


@pytest.mark.parametrize("name", sorted(filter(has_words, SENTENCES.responses)))
def test_in_every_state_a_spanish_talk_hears_spanish(name: str) -> None:
    for state in states_of(name):
        spanish = chosen(name, {**state, "language": "es"})
        english = chosen(name, {**state, "language": "en"})
        assert {"type": "slot", "name": "language", "value": "es"} in spanish.get("condition", []), state
        assert all(c["value"] != "es" for c in english.get("condition", [])), state
        assert placeholders(spanish["text"]) == placeholders(english["text"]), state
        assert len(spanish.get("buttons", [])) == len(english.get("buttons", [])), state
        assert spanish["text"].count("?") == spanish["text"].count("\u00bf") <= 1
        assert detect_language(re.sub(r"\{\w+\}", "", spanish["text"])) != "en"


def test_the_answers_on_spanish_buttons_are_understood() -> None:
    for name, answers in {
        "utter_handover_offer": (True, False),
        "utter_handover_offer_closed": (True, False),
        "utter_handover_offer_clinical_closed": (True, False),
        "utter_handover_offer_again": (True, False),
        "utter_dispute_confirm_one": (True, False),
    }.items():
        buttons = chosen(name, {"language": "es"})["buttons"]
        assert tuple(read_yes_no(button["payload"]) for button in buttons) == answers
    for variations in SENTENCES.responses.values():
        for button in [b for v in variations for b in v.get("buttons", [])]:
            assert button["title"] == button["payload"]


@pytest.mark.parametrize("name", ["Jos\u00e9 N\u00fa\u00f1ez", "Mar\u00eda Delgado-Ruiz", "Mar\u00eda de la Cruz"])
def test_a_name_alone_is_of_no_language(name: str) -> None:
    assert detect_language(name) is None
    assert detect_language(f"me llamo {name}") == "es"


@pytest.mark.parametrize("text", ["Ay\u00fadenme Por Favor", "Me Duele El Pecho", "Buenos D\u00edas", "Hola"])
def test_capitals_do_not_hide_spanish(text: str) -> None:
    assert detect_language(text) == "es"


# Days and hours -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo clinic, to be copied."""
    folder = tmp_path_factory.mktemp("spanish")
    migrate.upgrade(f"sqlite:///{folder}/bedside.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_installed", None)
        clinic = opened(folder)
        load_file(clinic, ROOT / "demo" / "riverbend.yml")
        clinic.store.close()
    return folder


def opened(folder: Path) -> Care:
    secret = "a secret of the tests, long enough to be one"
    return open_care({"BEDSIDE_VAR": str(folder), "BEDSIDE_SECRET": secret, "BEDSIDE_NOW": "2026-11-24T10:15"})


@pytest.fixture
def care(loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Care]:
    monkeypatch.setattr(keys, "_installed", None)
    shutil.copy(loaded / "bedside.db", tmp_path / "bedside.db")
    clinic = opened(tmp_path)
    yield clinic
    clinic.store.close()


@pytest.mark.parametrize(
    ("moment", "english", "spanish"),
    [
        ("2026-11-24T17:00", "5:00 PM today, Tuesday, November 24", "a las 5:00 PM de hoy, martes 24 de noviembre"),
        (
            "2026-11-25T17:00",
            "5:00 PM tomorrow, Wednesday, November 25",
            "a las 5:00 PM de ma\u00f1ana, mi\u00e9rcoles 25 de noviembre",
        ),
        ("2026-11-30T13:05", "1:05 PM on Monday, November 30", "a la 1:05 PM del lunes 30 de noviembre"),
        ("2027-01-02T00:30", "12:30 AM on Saturday, January 2", "a las 12:30 AM del s\u00e1bado 2 de enero"),
    ],
)
def test_due_times(care: Care, moment: str, english: str, spanish: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=care.organization.tz)
    assert speaking.due(care, at) == speaking.due(care, at, "en") == english
    assert speaking.due(care, at, "es") == spanish


def test_days() -> None:
    assert speaking.full_day(date(2026, 9, 18)) == "September 18, 2026"
    assert speaking.full_day(date(2026, 9, 18), "es") == "18 de septiembre de 2026"
    assert speaking.day(date(2026, 12, 1), "es") == "martes 1 de diciembre"


# What staff are told ------------------------------------------------------------------------------------------------


def verified(care: Care) -> None:
    words = "Maria Delgado-Ruiz, 6/14/1958, A-2204417"
    given = read_identity(words, care.today(), {"name", "birth_date", "third"})
    assert identity.give(care, TALK, given).outcome == identity.MATCHED


def briefs(care: Care) -> list[str]:
    with care.store.reading() as session:
        return [str(ticket.brief) for ticket in session.execute(select(Ticket)).scalars()]


def test_the_brief_of_a_dispute_names_the_language(care: Care) -> None:
    verified(care)
    lines = billing.open_charges(care, TALK)
    guess = billing.guess_charges("me cobraron dos veces", lines)
    assert len(guess.charges) == 2
    billing.open_dispute(
        care, TALK, "me cobraron dos veces", [line.charge_id for line in guess.charges], "frustrated", "es"
    )
    assert ["Language: Spanish." in brief for brief in briefs(care)] == [True]


def test_the_brief_of_a_hand_over_names_the_language(care: Care) -> None:
    handover.hand_over(care, TALK, handover.Request(["clinical_symptom"], "me siento mareada", language="es"))
    assert ["Language: Spanish." in brief for brief in briefs(care)] == [True]


def test_the_briefs_of_an_emergency_name_the_language(care: Care) -> None:
    emergencies.report(care, TALK, "medical", "me duele el pecho", "urged", language="es")
    assert briefs(care)
    assert all("Language: Spanish." in brief for brief in briefs(care))


def test_the_record_keeps_the_language_last_spoken(care: Care) -> None:
    for language in ("en", "es", None):
        interactions.record(care, TALK, "rest", inquiry="greeting", language=language)
    with care.store.reading() as session:
        assert session.execute(select(Interaction.language)).scalars().all() == ["es"]


@pytest.mark.parametrize("words", ["el 18 de septiembre", "18 septiembre", "9/18", "September 18"])
def test_a_day_is_understood_in_either_language(care: Care, words: str) -> None:
    verified(care)
    guess = billing.guess_charges(words, billing.open_charges(care, TALK))
    assert guess.sure
    assert {line.service_date for line in guess.charges} == {date(2026, 9, 18)}


# What the actions say -----------------------------------------------------------------------------------------------


def turn_of(care: Care, text: str = "", events: list[dict[str, Any]] | None = None, **slots: Any) -> Turn:
    message = {"text": text, "intent": {"name": "inform"}}
    tracker = Tracker(TALK, {"mood": "calm", **slots}, message, events or [], False, None, {}, "action_listen")
    return Turn(care, tracker, CollectingDispatcher())


def said(turn: Turn) -> list[str]:
    return [str(message["response"]) for message in turn.dispatcher.messages]


def test_somebody_who_speaks_spanish_is_offered_once(care: Care) -> None:
    first = turn_of(care, agenda=["billing_explain"], language="es")
    AskConsent().perform(first)
    assert said(first) == ["utter_handover_in_spanish", "utter_handover_offer"]
    offered: dict[str, Any] = {"event": "bot", "metadata": {"utter_action": "utter_handover_in_spanish"}}
    again = turn_of(care, events=[offered], agenda=["billing_explain"], language="es")
    AskConsent().perform(again)
    english = turn_of(care, agenda=["billing_explain"], language="en")
    AskConsent().perform(english)
    assert said(again) == said(english) == ["utter_handover_offer"]
    assert first.dispatcher.messages[1]["team"] == "equipo de especialistas en facturaci\u00f3n"
    assert first.dispatcher.messages[1]["due"] == "a las 5:00 PM de ma\u00f1ana, mi\u00e9rcoles 25 de noviembre"
    assert english.dispatcher.messages[0]["due"] == "5:00 PM tomorrow, Wednesday, November 25"
    assert "hable espa\u00f1ol" in SENTENCES.say("utter_handover_in_spanish", {"language": "es"})


def test_charges_are_listed_with_their_day_in_spanish(care: Care) -> None:
    verified(care)
    for language, wanted in (("es", "del 18 de septiembre de 2026: $710.00"), ("en", ", September 18, 2026: $710.00")):
        turn = turn_of(care, language=language)
        AskDisputeCharges().perform(turn)
        assert turn.dispatcher.messages[0]["lines"].count(wanted) == 2


def test_the_button_that_wants_no_call_is_obeyed(care: Care) -> None:
    verified(care)
    line = billing.open_charges(care, TALK)[0]
    made = billing.open_dispute(care, TALK, "no es m\u00edo", [line.charge_id], "calm", "es")
    asked = chosen("utter_dispute_ask_call_on_file", {"language": "es"})["buttons"]
    for button, wanted in zip(asked, ("utter_dispute_call_noted", "utter_dispute_no_call"), strict=True):
        turn = turn_of(
            care,
            button["payload"],
            requested_slot="dispute_call",
            dispute_case=made.case_number,
            language="es",
        )
        ValidateDispute().perform(turn)
        assert said(turn) == [wanted]


def test_every_queue_has_a_spanish_name() -> None:
    queues = YAML(typ="safe").load((ROOT / "organization.yml").read_text(encoding="utf-8"))["queues"]
    assert all(queue["display_name_es"] != queue["display_name"] for queue in queues.values())
