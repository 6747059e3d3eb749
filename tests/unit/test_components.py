"""The understanding components and the spaCy pipeline inside Rasa."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.nlu.utils.spacy_utils import SpacyNLP
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bedside.language.encoder import CachedEncoder
from bedside.language.intents import IntentModelError
from bedside.rasa.components import BedsideIntentClassifier, ReadingComponent
from bedside.rasa.spacy_pipeline import build_spacy, pipeline

DATA = {
    "billing": [
        "why is my bill so high",
        "explain this charge to me",
        "my bill looks wrong",
        "what is this charge for",
    ],
    "cancel": ["cancel my appointment", "please cancel my visit", "call off my appointment", "cancel it for friday"],
}


@pytest.fixture(autouse=True)
def _vectors_elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training must not write its vectors into the project's own cache."""
    monkeypatch.setattr("bedside.rasa.components.CachedEncoder", _cached_in(tmp_path_factory.mktemp("vectors")))


def _cached_in(folder: Path) -> Any:
    return lambda encoder: CachedEncoder(encoder, folder / "vectors.npz")


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    return LocalModelStorage(tmp_path)


CONTEXT = ExecutionContext(GraphSchema({}), "m")


def _trained(storage: LocalModelStorage, **config: Any) -> BedsideIntentClassifier:
    full = {**BedsideIntentClassifier.get_default_config(), **config}
    fresh = BedsideIntentClassifier.create(full, storage, Resource("intents"), CONTEXT)
    examples = [Message.build(text=text, intent=intent) for intent, texts in DATA.items() for text in texts]
    resource = fresh.train(TrainingData(training_examples=examples))
    return BedsideIntentClassifier.load(full, storage, resource, CONTEXT)


def test_a_trained_classifier_is_stored_and_ranks_intents(storage: LocalModelStorage) -> None:
    message = _trained(storage, ranking_length=1).process([Message.build(text="explain my bill please")])[0]
    assert message.get("intent")["name"] == "billing"
    assert message.get("intent_ranking") == [message.get("intent")]
    assert "also" not in message.data


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_message_ends_in_the_fallback_and_not_in_an_error(storage: LocalModelStorage, text: str) -> None:
    message = Message(data={"text": text})
    _trained(storage).process([message])
    assert message.get("intent") == {"name": None, "confidence": 0.0}
    assert message.get("intent_ranking") == []
    FallbackClassifier({"threshold": 0.4, "ambiguity_threshold": 0.0}).process([message])
    assert message.get("intent")["name"] == "nlu_fallback"


def test_a_second_request_is_reported_beside_the_first(storage: LocalModelStorage) -> None:
    classifier = _trained(storage, also=["billing", "cancel"])
    text = "please cancel my appointment and why is my bill so high"
    message = classifier.process([Message(data={"text": text})])[0]
    both = {message.get("intent")["name"], *(found["name"] for found in message.get("also"))}
    assert both == {"billing", "cancel"}
    assert not message.get("entities")


def test_a_model_of_another_encoder_is_refused(storage: LocalModelStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    _trained(storage)
    monkeypatch.setattr("bedside.language.encoder.Encoder.fingerprint", "another")
    config = BedsideIntentClassifier.get_default_config()
    with pytest.raises(IntentModelError, match="another sentence encoder"):
        BedsideIntentClassifier.load(config, storage, Resource("intents"), CONTEXT)


def test_rasa_trains_again_when_the_encoder_or_the_recipe_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = BedsideIntentClassifier.fingerprint_addon({})
    monkeypatch.setattr("bedside.rasa.components.RECIPE", "changed")
    assert BedsideIntentClassifier.fingerprint_addon({}) != before


def test_mood_and_language_are_read_and_calm_is_no_entity() -> None:
    reader = ReadingComponent(ReadingComponent.get_default_config())
    upset, calm, empty = reader.process(
        [
            Message(data={"text": "I am furious, this is ridiculous and unacceptable", "entities": [{"entity": "x"}]}),
            Message(data={"text": "quiero una cita para el martes por favor"}),
            Message(data={"text": ""}),
        ]
    )
    assert upset.get("reading") == {"mood": "frustrated", "language": "en"}
    assert [entity["entity"] for entity in upset.get("entities")] == ["x", "mood", "language"]
    assert [(entity["entity"], entity["value"]) for entity in calm.get("entities")] == [("language", "es")]
    assert empty.get("reading") == {"mood": "calm", "language": None}
    assert not empty.get("entities")


def test_the_configuration_can_keep_readings_out_of_the_entities() -> None:
    message = ReadingComponent({"entities": []}).process([Message(data={"text": "I am so angry with all of you"})])[0]
    assert message.get("reading")["language"] == "en"
    assert not message.get("entities")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("my account is A-1234567 ok", [("account_number", "A-1234567")]),
        ("a1234567, or A 7654321", [("account_number", "a1234567"), ("account_number", "A 7654321")]),
        ("case C-4839-2075?", [("case_number", "C-4839-2075")]),
        ("c-48392075 and C 4839 2075", [("case_number", "c-48392075"), ("case_number", "C 4839 2075")]),
        ("$1,250.00 and 1200 dollars", [("amount", "$1,250.00"), ("amount", "1200 dollars")]),
        ("me cobraron 500 dólares", [("amount", "500 dólares")]),
        ("claim CLM-88372611", [("claim_number", "CLM-88372611")]),
        ("icn # 12345678", [("claim_number", "icn # 12345678")]),
        ("room 1200, A-123, A 5, C-48, 1234567", []),
    ],
)
def test_numbers_people_quote_are_found(text: str, found: list[tuple[str, str]]) -> None:
    assert [(entity.label_, entity.text) for entity in pipeline()(text).ents] == found


def test_the_built_pipeline_loads_in_rasa_and_replaces_an_older_one(tmp_path: Path) -> None:
    (tmp_path / "spacy_en").mkdir()
    (tmp_path / "spacy_en" / "old").write_text("x")
    path = build_spacy(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["spacy_en"]
    assert not (path / "old").exists()
    model = SpacyNLP.load_model(str(path)).model
    assert [entity.label_ for entity in model("A-1234567").ents] == ["account_number"]
