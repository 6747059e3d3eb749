"""Understanding inside Rasa: the intent classifier, and what else can be read off a message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bedside.care.agenda import CLINICAL
from bedside.language.detect import detect_language
from bedside.language.encoder import FINGERPRINT, CachedEncoder, Encoder, load_encoder
from bedside.language.intents import RECIPE, IntentModel, IntentModelError, Ranking
from bedside.language.mood import read_mood
from bedside.language.reader import Reader, combine, load_reader
from bedside.language.segments import ALSO_CONFIDENCE, find_also, in_clauses, in_reasons
from bedside.safety.normalize import readable

INTENT_RANKING = "intent_ranking"
ALSO = "also"
READING = "reading"
CALM = "calm"
TRAINING_THREADS = 2
NET_KNOWS = 0.8  # share of the trained intents that the net must have met, or its vote does not count


def _add_facts(message: Message, facts: list[tuple[str, str]], extractor: str) -> None:
    """Append entities that are true of the whole message, as Rasa's mappings and conditions want them."""
    text = message.get(TEXT) or ""
    entities = [
        {"entity": kind, "value": value, "start": 0, "end": len(text), "confidence": 1.0, "extractor": extractor}
        for kind, value in facts
    ]
    message.set(ENTITIES, [*(message.get(ENTITIES) or []), *entities], add_to_output=True)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class BedsideIntentClassifier(GraphComponent, IntentClassifier):
    """Ranks the intents of a message with `IntentModel`; an empty message gets no intent at confidence 0.

    Second inquiries in the same message become `also` in the parse result, when the
    configuration lists the intents that may be one.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`ranking_length`: intents to report; `also`: intents worth reporting as a second inquiry, none by default."""
        return {"ranking_length": 10, "also": [], "also_confidence": ALSO_CONFIDENCE}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Train again when the encoder or the model's recipe changes, which Rasa does not see."""
        return f"{FINGERPRINT}:{RECIPE}"

    @staticmethod
    def required_packages() -> list[str]:
        """What Rasa checks before it starts."""
        return ["sklearn", "onnxruntime"]

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Use `create` or `load`."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model: IntentModel | None = None
        self._encoder: Encoder | None = None
        self._reader: Reader | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> BedsideIntentClassifier:
        """An untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> BedsideIntentClassifier:
        """The trained classifier; raise IntentModelError when it was trained with another encoder."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            model = IntentModel.load(folder)
        component._encoder = load_encoder()
        if model.encoder_fingerprint != component._encoder.fingerprint:
            raise IntentModelError("The intent model was trained with another sentence encoder; train again.")
        component._model = model
        reader = load_reader()
        if len(set(model.labels) & set(reader.inquiries)) >= NET_KNOWS * len(model.labels):
            component._reader = reader
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Fit and store the model; raise IntentModelError when the data has fewer than two intents."""
        examples = [example for example in training_data.intent_examples if (example.get(TEXT) or "").strip()]
        texts = [str(example.get(TEXT)) for example in examples]
        encoder = CachedEncoder(load_encoder(threads=TRAINING_THREADS))
        model = IntentModel()
        model.encoder_fingerprint = encoder.fingerprint
        model.fit(texts, [str(example.get(INTENT)) for example in examples], encoder.encode(texts))
        with self._model_storage.write_to(self._resource) as folder:
            model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `intent` and `intent_ranking` on every message, and what else it asks for."""
        for message in messages:
            text = (message.get(TEXT) or "").strip()
            ranking = self._rank([text])[0] if text else []
            named = [{"name": label, "confidence": share} for label, share in ranking]
            best = named[0] if named else {"name": None, "confidence": 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set(INTENT_RANKING, named[: self._config["ranking_length"]], add_to_output=True)
            if self._config["also"]:
                self._set_also(message, text, ranking)
        return messages

    def _rank(self, texts: Sequence[str]) -> list[Ranking]:
        """The examples' opinion and, for intents that it has learned, the sentence net's."""
        if self._model is None or self._encoder is None:
            raise IntentModelError("The intent classifier is not trained.")
        rankings = self._model.predict_many(texts, self._encoder.encode_whole(texts))
        if self._reader is None:
            return rankings
        votes = self._reader.votes
        return [
            sorted(
                combine(dict(ranking), self._reader.inquiry_shares(readable(text)), votes).items(),
                key=lambda entry: -entry[1],
            )
            for text, ranking in zip(texts, rankings, strict=True)
        ]

    def _set_also(self, message: Message, text: str, ranking: Ranking) -> None:
        wanted, main = self._config["also"], ranking[0][0] if ranking else ""
        if self._reader is None or not ranking:
            found = dict(find_also(text, main, self._rank, wanted, self._config["also_confidence"]))
        else:
            clauses = dict(in_clauses(text, main, self._rank, wanted, 0.0))
            carried = self._reader.carried_shares(readable(text))
            found = self._reader.second.among(wanted, main, clauses, carried, frozenset(CLINICAL))
            found.update(in_reasons(text, main, self._rank, wanted))
        named = sorted(found.items(), key=lambda entry: -entry[1])
        message.set(ALSO, [{"name": label, "confidence": share} for label, share in named], add_to_output=True)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ReadingComponent(GraphComponent, EntityExtractorMixin):
    """Reads mood and language off a message, for the wording that follows them (R4).

    Both stand in the parse result under `reading`. As entities they cover the whole message and fill slots: `mood`
    unless calm, `language` when it is certain. Rasa's end-to-end story tests count an entity that the story does not
    annotate as an error, so the configuration can name fewer of them.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`entities`: which readings also become entities."""
        return {"entities": ["mood", "language"]}

    def __init__(self, config: dict[str, Any]) -> None:
        """Use `create`."""
        self._config = config

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ReadingComponent:
        """The component; nothing is trained."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the readings of each message."""
        for message in messages:
            text = (message.get(TEXT) or "").strip()
            mood = read_mood(text) if text else CALM
            language = detect_language(text) if text else None
            message.set(READING, {"mood": mood, "language": language}, add_to_output=True)
            facts = [("mood", mood)] if mood and mood != CALM else []
            if language:
                facts.append(("language", language))
            wanted = [(kind, value) for kind, value in facts if kind in self._config["entities"]]
            if wanted:
                _add_facts(message, wanted, type(self).__name__)
        return messages
