"""Which inquiry a message carries, by kernel ridge regression over n-grams and the sentence vector.

The likeness of two messages is a sum of three parts, each between 0 and its weight: shared characters (TF-IDF of 2 to
4 within words), shared words (one and two), and nearness of the sentence vectors (Gaussian). Characters carry typos and
Spanish, the vector carries meaning. Least squares over that likeness have a closed solution, one factorization for all
intents, and the answer that each example would get if it had not been learned comes with it: from those answers the
confidence is set. Logistic regression over the same likeness was no better and took ten times as long.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize, sparse
from sklearn.feature_extraction.text import TfidfVectorizer

Vectors = npt.NDArray[np.float32]
Ranking = list[tuple[str, float]]  # labels with their confidence, the best first; confidences sum to 1

RECIPE = 3  # raise it when a saved model no longer fits this code
NGRAM_WEIGHT = 0.5  # of characters and of words, each
VECTOR_WEIGHT = 2.0
VECTOR_SHARPNESS = 2.0  # the likeness of two vectors is exp(-sharpness * (1 - cosine))
RIDGE = 0.1  # the penalty on the weights of the examples
FREQUENT = 2000  # this many of the most frequent n-grams are multiplied densely
CALIBRATION_EXAMPLES = 200  # with fewer there is nothing to learn about confidence
CALIBRATION_AT_MOST = 1000  # more change the sharpness little
SHARPEST = 60.0
FEW_EXAMPLES_SHARPNESS = 3.0

FILE_WEIGHTS = "intents.npz"
FILE_WORDS = "intents.json"


class IntentModelError(ValueError):
    """A model that cannot be trained, or a saved one that does not fit this code."""


def plain(text: str) -> str:
    """Lower case without accents, as the n-grams see it: people who text leave accents out."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("\u2019", "'"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _vectorizers() -> list[TfidfVectorizer]:
    shared: dict[str, Any] = {"sublinear_tf": True, "lowercase": False, "dtype": np.float32}
    words = {"token_pattern": r"(?u)\b\w+\b"}
    return [
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), **shared),
        TfidfVectorizer(analyzer="word", ngram_range=(1, 2), **words, **shared),
    ]


def _vector_likeness(left: Vectors, right: Vectors) -> Vectors:
    return np.asarray(VECTOR_WEIGHT * np.exp(-VECTOR_SHARPNESS * (1.0 - left @ right.T)), dtype=np.float32)


def _ngram_likeness(features: sparse.csr_matrix) -> Vectors:
    """features @ features.T; the few n-grams that nearly all texts share would make it slow as sparse."""
    frequent = np.zeros(features.shape[1], dtype=bool)
    frequent[np.argsort(-np.bincount(features.indices, minlength=features.shape[1]))[:FREQUENT]] = True
    dense = features[:, frequent].toarray()
    rare = features[:, ~frequent]
    return np.asarray(dense @ dense.T + (rare @ rare.T).toarray(), dtype=np.float32)


def _fit_dual(
    likeness: Vectors, classes: npt.NDArray[np.intp], count: int, judged: npt.NDArray[np.intp]
) -> tuple[Vectors, Vectors, Vectors]:
    """Weights of the examples [examples, count], biases [count], and what the `judged` examples would have scored if
    they had not been among them [judged, count]. The likeness is overwritten."""
    examples = len(classes)
    truth = np.eye(count, dtype=np.float32)[classes]
    bias = truth.mean(axis=0)
    likeness[np.diag_indices(examples)] += np.float32(RIDGE)
    factor = linalg.cho_factor(likeness, lower=True, overwrite_a=True, check_finite=False)
    dual = np.asarray(linalg.cho_solve(factor, truth - bias, check_finite=False), dtype=np.float32)
    # The diagonal of the inverse, where it is wanted, from the columns of the inverted factor.
    alone = np.zeros((examples, len(judged)), dtype=np.float32)
    alone[judged, np.arange(len(judged))] = 1
    inverted = linalg.solve_triangular(factor[0], alone, lower=True, check_finite=False)
    left_out = truth[judged] - dual[judged] / np.square(inverted).sum(axis=0)[:, None]
    return dual, bias.astype(np.float32), np.asarray(left_out, dtype=np.float32)


def _softmax(scores: Vectors) -> Vectors:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _sharpness(scores: Vectors, classes: npt.NDArray[np.intp]) -> float:
    """What to multiply scores of unseen examples with, so that the confidence is how often they are right."""

    def surprise(sharpness: float) -> float:
        shares = _softmax(scores * sharpness)[np.arange(len(classes)), classes]
        return float(-np.log(np.maximum(shares, 1e-12)).mean())

    return float(optimize.minimize_scalar(surprise, bounds=(0.2, SHARPEST), method="bounded").x)


def _judged(count: int) -> npt.NDArray[np.intp]:
    """The examples that the confidence is set on, drawn at random; none when there are few."""
    if count < CALIBRATION_EXAMPLES:
        return np.zeros(0, dtype=np.intp)
    return np.sort(np.random.default_rng(0).permutation(count)[:CALIBRATION_AT_MOST])


class IntentModel:
    """Ranks the labels it was trained on for a text and its sentence vector."""

    def __init__(self) -> None:
        """An untrained model; call `fit` or `load`."""
        self.labels: list[str] = []
        self.encoder_fingerprint = ""
        self._vectorizers = _vectorizers()
        self._analyzers: list[tuple[dict[str, int], Any, Vectors]] = []  # n-grams, what makes them, their rarity
        self._ngram_weights: Vectors = np.zeros((0, 0), dtype=np.float32)
        self._examples: Vectors = np.zeros((0, 0), dtype=np.float32)
        self._dual: Vectors = np.zeros((0, 0), dtype=np.float32)
        self._bias: Vectors = np.zeros(0, dtype=np.float32)
        self._sharpness = 1.0

    def fit(self, texts: Sequence[str], labels: Sequence[str], vectors: Vectors) -> None:
        """Train on texts, their labels and their L2-normalized vectors [texts, size].

        10,000 texts take about 10 s of processor time, spread over the cores. Raise IntentModelError with fewer than
        two labels or when the three differ in length.
        """
        if not len(texts) == len(labels) == len(vectors):
            raise IntentModelError("Each text needs one label and one vector.")
        names, classes = np.unique(np.asarray(labels), return_inverse=True)
        if len(names) < 2:
            raise IntentModelError("There must be examples of at least two intents.")
        self.labels = [str(name) for name in names]
        self._examples = np.asarray(vectors, dtype=np.float32)
        cleaned = [plain(text) for text in texts]
        parts = [vectorizer.fit_transform(cleaned) for vectorizer in self._vectorizers]
        features = (sparse.hstack(parts, format="csr") * np.sqrt(NGRAM_WEIGHT)).astype(np.float32)
        likeness = _ngram_likeness(features) + _vector_likeness(self._examples, self._examples)
        judged = _judged(len(texts))
        self._dual, self._bias, left_out = _fit_dual(likeness, classes, len(names), judged)
        self._sharpness = _sharpness(left_out, classes[judged]) if len(judged) else FEW_EXAMPLES_SHARPNESS
        self._ngram_weights = np.asarray(features.T @ self._dual * np.sqrt(NGRAM_WEIGHT), dtype=np.float32)

    def predict_many(self, texts: Sequence[str], vectors: Vectors) -> list[Ranking]:
        """A ranking of all labels for each text; raise IntentModelError when untrained."""
        if not self.labels:
            raise IntentModelError("The intent model is not trained.")
        if not len(texts):
            return []
        near = _vector_likeness(np.asarray(vectors, dtype=np.float32), self._examples)
        scores = near @ self._dual + self._bias
        for number, text in enumerate(texts):
            scores[number] += self._ngram_scores(plain(text))
        shares = _softmax(np.asarray(scores * self._sharpness, dtype=np.float32))
        order = np.argsort(-shares, axis=1)
        return [
            [(self.labels[column], float(row[column])) for column in columns]
            for row, columns in zip(shares, order, strict=True)
        ]

    def _ngram_scores(self, text: str) -> Vectors:
        """What the n-grams of one plain text say. The same as transforming it with the vectorizers and multiplying
        with the weights, without the matrices, which cost a turn several milliseconds."""
        if not self._analyzers:
            self._analyzers = [(each.vocabulary_, each.build_analyzer(), each.idf_) for each in self._vectorizers]
        scores, first = np.zeros(len(self.labels), dtype=np.float32), 0
        for vocabulary, analyzer, rarity in self._analyzers:
            counts = Counter(vocabulary[gram] for gram in analyzer(text) if gram in vocabulary)
            if counts:
                columns = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
                times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
                values = (1 + np.log(times)) * rarity[columns]
                scores += (values / np.linalg.norm(values)).astype(np.float32) @ self._ngram_weights[columns + first]
            first += len(vocabulary)
        return scores

    def predict(self, text: str, vector: Vectors) -> Ranking:
        """All labels with their confidence, the best first; raise IntentModelError when untrained."""
        return self.predict_many([text], np.asarray(vector).reshape(1, -1))[0]

    def save(self, folder: Path) -> None:
        """Write the model into an existing folder: arrays as npz and words as JSON, nothing that could carry code."""
        words = [
            sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__) for vectorizer in self._vectorizers
        ]
        description = {
            "recipe": RECIPE,
            "encoder": self.encoder_fingerprint,
            "labels": self.labels,
            "sharpness": self._sharpness,
            "ngrams": words,
        }
        (folder / FILE_WORDS).write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
        np.savez(
            folder / FILE_WEIGHTS,
            idf_0=self._vectorizers[0].idf_,
            idf_1=self._vectorizers[1].idf_,
            ngrams=self._ngram_weights.astype(np.float16),
            examples=self._examples.astype(np.float16),
            dual=self._dual,
            bias=self._bias,
        )

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read a model that `save` wrote; raise IntentModelError when it is missing or of another version."""
        try:
            description = json.loads((folder / FILE_WORDS).read_text(encoding="utf-8"))
            with np.load(folder / FILE_WEIGHTS, allow_pickle=False) as stored:
                arrays = dict(stored)
        except FileNotFoundError as error:
            raise IntentModelError(f"There is no intent model in {folder}; train one.") from error
        if description.get("recipe") != RECIPE:
            raise IntentModelError("The intent model was trained by another version; train again.")
        model = cls()
        model.labels = description["labels"]
        model.encoder_fingerprint = description["encoder"]
        model._sharpness = description["sharpness"]
        model._vectorizers = []
        for number, (vectorizer, words) in enumerate(zip(_vectorizers(), description["ngrams"], strict=True)):
            vectorizer.set_params(vocabulary={word: index for index, word in enumerate(words)})
            vectorizer.idf_ = arrays[f"idf_{number}"]
            model._vectorizers.append(vectorizer)
        # Row by row in memory: the product with one sparse row would copy the whole otherwise.
        model._ngram_weights = np.ascontiguousarray(arrays["ngrams"], dtype=np.float32)
        model._examples = np.ascontiguousarray(arrays["examples"], dtype=np.float32)
        model._dual, model._bias = arrays["dual"], arrays["bias"]
        return model
