"""The intent model, and the finder of a second request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn import linear_model

from bedside.language import intents
from bedside.language.encoder import load_encoder
from bedside.language.intents import IntentModel, IntentModelError, Ranking
from bedside.language.segments import find_also, requests_in

EXAMPLES = {
    "billing": [
        "why is my bill so high",
        "explain this charge to me",
        "what is this 300 dollar charge",
        "I don't understand my statement",
        "no entiendo mi factura",
        "por que me cobraron tanto",
        "the amount on my bill looks strange",
        "what am I paying for here",
    ],
    "cancel": [
        "cancel my appointment",
        "I can't make it on Friday, please cancel",
        "take me off the schedule for tomorrow",
        "I won't be coming to my visit",
        "quiero cancelar mi cita",
        "no puedo ir a la cita del lunes",
        "scratch my 3 pm visit",
        "please call off my Tuesday appointment",
    ],
    "records": [
        "send my medical records to my new doctor",
        "I need a copy of my chart",
        "how do I get my records",
        "can you fax my file to the other hospital",
        "necesito una copia de mi expediente",
        "como pido mis archivos medicos",
        "please release my history to Dr. Lee",
        "I want all of my documents from last year",
    ],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
LABELS = [label for label, texts in EXAMPLES.items() for _ in texts]
UNSEEN = [
    ("what is this charge on the statement you sent", "billing"),
    ("my bill is much too high", "billing"),
    ("please cancel my Monday visit", "cancel"),
    ("tengo que cancelar la cita", "cancel"),
    ("I'd like a copy of my records", "records"),
    ("una copia de mi expediente por favor", "records"),
]


@pytest.fixture(scope="module")
def model() -> IntentModel:
    trained = IntentModel()
    trained.fit(TEXTS, LABELS, load_encoder().encode(TEXTS))
    return trained


def _classify(model: IntentModel, texts: Sequence[str]) -> list[Ranking]:
    return model.predict_many(texts, load_encoder().encode(texts))


def test_unseen_messages_are_understood(model: IntentModel) -> None:
    for text, label in UNSEEN:
        ranking = model.predict(text, load_encoder().encode([text])[0])
        assert ranking[0][0] == label, text
        assert sorted(name for name, _ in ranking) == sorted(EXAMPLES)
        assert abs(sum(share for _, share in ranking) - 1) < 1e-5
        assert [share for _, share in ranking] == sorted((share for _, share in ranking), reverse=True)


def test_the_dual_solution_is_that_of_plain_ridge_regression() -> None:
    """The same penalized squares over the features themselves, solved by other code, give the same scores."""
    chance = np.random.default_rng(3)
    features = chance.normal(size=(40, 6))
    classes = chance.integers(0, 3, size=40)
    likeness = (features @ features.T).astype(np.float32)
    dual, bias, _ = intents._fit_dual(likeness.copy(), classes, 3, np.arange(0))
    truth = np.eye(3)[classes]
    plain = linear_model.Ridge(alpha=intents.RIDGE, fit_intercept=False).fit(features, truth - truth.mean(axis=0))
    np.testing.assert_allclose(likeness @ dual + bias, plain.predict(features) + truth.mean(axis=0), atol=1e-3)


def test_what_a_left_out_example_scores_is_what_a_model_without_it_says() -> None:
    chance = np.random.default_rng(4)
    features = chance.normal(size=(30, 40))
    classes = chance.integers(0, 3, size=30)
    likeness = (features @ features.T).astype(np.float32)
    _, bias, left_out = intents._fit_dual(likeness.copy(), classes, 3, np.array([2, 7]))
    for row, example in enumerate((2, 7)):
        others = np.arange(30) != example
        goal = np.eye(3)[classes[others]] - bias  # the shift of the whole set
        dual = np.linalg.solve(likeness[np.ix_(others, others)] + intents.RIDGE * np.eye(29), goal)
        np.testing.assert_allclose(left_out[row], likeness[example, others] @ dual + bias, atol=1e-3)


def test_the_ngrams_of_one_text_score_as_the_vectorizers_would(model: IntentModel) -> None:
    for text in ("Why was my bill bill so HIGH??", "qué más señor", "", "zzz"):
        plain = intents.plain(text)
        row = sparse.hstack([vectorizer.transform([plain]) for vectorizer in model._vectorizers], format="csr")
        expected = np.asarray(row @ model._ngram_weights)[0]
        np.testing.assert_allclose(model._ngram_scores(plain), expected, atol=1e-5)


def _softmax(scores: np.ndarray) -> np.ndarray:
    raised = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(raised / raised.sum(1, keepdims=True))


def test_confidence_is_calibrated_on_unseen_examples() -> None:
    chance = np.random.default_rng(5)
    honest = chance.normal(size=(4000, 4)) * 2
    classes = np.array([chance.choice(4, p=row) for row in _softmax(honest)])
    for wrong in (0.5, 1.0, 2.0):
        assert intents._sharpness(honest / wrong, classes) == pytest.approx(wrong, rel=0.1)


def test_the_likeness_of_ngrams_is_their_dot_product(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intents, "FREQUENT", 5)
    features = sparse.random(30, 50, density=0.2, format="csr", random_state=1, dtype=np.float32)
    np.testing.assert_allclose(intents._ngram_likeness(features), (features @ features.T).toarray(), atol=1e-5)


def test_accents_and_case_do_not_matter_to_the_ngrams() -> None:
    assert intents.plain("Cancelación de mi CITA, señor") == "cancelacion de mi cita, senor"
    assert intents.plain("don\u2019t") == "don't"


def test_a_saved_model_answers_as_before(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = IntentModel.load(tmp_path)
    texts = [text for text, _ in UNSEEN]
    for before, after in zip(_classify(model, texts), _classify(loaded, texts), strict=True):
        assert [label for label, _ in before] == [label for label, _ in after]
        np.testing.assert_allclose([share for _, share in before], [share for _, share in after], atol=0.01)


def test_a_saved_model_of_another_version_or_none_is_refused(
    model: IntentModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(IntentModelError, match="train one"):
        IntentModel.load(tmp_path)
    model.save(tmp_path)
    monkeypatch.setattr(intents, "RECIPE", intents.RECIPE + 1)
    with pytest.raises(IntentModelError, match="another version"):
        IntentModel.load(tmp_path)


def test_training_needs_two_intents_and_matching_lengths() -> None:
    vectors = np.eye(2, 384, dtype=np.float32)
    with pytest.raises(IntentModelError, match="two intents"):
        IntentModel().fit(["a", "b"], ["x", "x"], vectors)
    with pytest.raises(IntentModelError, match="one label"):
        IntentModel().fit(["a", "b"], ["x"], vectors)
    with pytest.raises(IntentModelError, match="not trained"):
        IntentModel().predict("a", vectors[0])


def test_repeated_examples_with_different_labels_can_be_trained() -> None:
    texts = ["the very same words"] * 4
    model = IntentModel()
    model.fit(texts, ["a", "a", "a", "b"], np.eye(1, 384, dtype=np.float32).repeat(4, axis=0))
    label, share = model.predict(texts[0], np.eye(1, 384, dtype=np.float32)[0])[0]
    assert label == "a"
    assert 0.6 < share < 0.9


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("cancel Friday and why is my bill so high", ["cancel Friday", "why is my bill so high"]),
        ("I need a refill. Also can I move my visit?", ["I need a refill.", "Also can I move my visit?"]),
        ("mi cita es el lunes y también quiero pagar", ["mi cita es el lunes", "quiero pagar"]),
        ("Cancele mi cita ¿cuánto debo?", ["Cancele mi cita", "¿cuánto debo?"]),
        ("I saw Dr. Lee and Dr. Cho", ["I saw Dr. Lee", "Dr. Cho"]),
        ("my appointment is at 3 p.m. on Friday", ["my appointment is at 3 p.m. on Friday"]),
        ("hot and cold", ["hot and cold"]),
        ("I owe $12.50 right", ["I owe $12.50 right"]),
        ("cancel it, and by the way I moved house", ["cancel it", "I moved house"]),
        ("...", []),
    ],
)
def test_clauses_that_may_carry_a_request(text: str, clauses: list[str]) -> None:
    assert requests_in(text) == clauses


@given(st.text(max_size=200))
def test_clauses_stand_in_the_text_in_order(text: str) -> None:
    position = 0
    for clause in requests_in(text):
        assert clause
        position = text.index(clause, position) + len(clause)


def test_a_second_request_is_found_and_the_first_is_not_repeated(model: IntentModel) -> None:
    text = "please cancel my appointment on Friday and why is my bill so high"
    found = find_also(text, "cancel", lambda clauses: _classify(model, clauses), EXAMPLES)
    assert [label for label, _ in found] == ["billing"]
    assert find_also(text, "cancel", lambda clauses: _classify(model, clauses), {"records"}) == []


def test_a_single_request_has_no_second(model: IntentModel) -> None:
    for text, label in UNSEEN:
        assert find_also(text, label, lambda clauses: _classify(model, clauses), EXAMPLES) == []


def test_an_unsure_clause_is_no_request() -> None:
    def unsure(clauses: Sequence[str]) -> list[Ranking]:
        return [[("billing", 0.45), ("records", 0.4)] for _ in clauses]

    text = "cancel my visit and the other thing"
    assert find_also(text, "cancel", unsure, EXAMPLES) == []
    assert find_also(text, "cancel", unsure, EXAMPLES, threshold=0.4) == [("billing", 0.45)]
