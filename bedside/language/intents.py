"""Which inquiry a message carries, by a kernel logistic regression over n-grams and the sentence vector.

The likeness of two messages is a sum of three parts, each between 0 and its weight: shared characters (TF-IDF of 2 to
4 within words), shared words (one and two), and nearness of the sentence vectors (Gaussian). Characters carry typos and
Spanish, the vector carries meaning. Multinomial logistic regression over that likeness is a convex problem; it is
solved in the space of the examples: seconds, where the usual solvers over the features take minutes.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize, sparse
from sklearn.feature_extraction.text import TfidfVectorizer

Vectors = npt.NDArray[np.float32]
Ranking = list[tuple[str, float]]  # labels with their confidence, the best first; confidences sum to 1

RECIPE = 2  # raise it when a saved model no longer fits this code
C = 30.0  # inverse strength of the penalty, as in scikit-learn's LogisticRegression
NGRAM_WEIGHT = 0.5  # of characters and of words, each
VECTOR_WEIGHT = 2.0
VECTOR_SHARPNESS = 2.0  # the likeness of two vectors is exp(-sharpness * (1 - cosine))
FREQUENT = 2000  # this many of the most frequent n-grams are multiplied densely
JITTER = 1e-4  # keeps the likeness of repeated examples invertible
STEPS = 80  # more change no ranking
CALIBRATION_EXAMPLES = 200  # with fewer there is nothing to learn about confidence
CALIBRATION_FOLDS = 5  # one of them is held out
CALIBRATION_AT_MOST = 3000  # the cost grows with the square; more examples change the sharpness little

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


def _fit_dual(likeness: Vectors, classes: npt.NDArray[np.intp], count: int) -> tuple[Vectors, Vectors]:
    """Weights of the examples [examples, count] and biases [count] of multinomial logistic regression."""
    examples = len(classes)
    exact = likeness.astype(np.float64)
    exact[np.diag_indices(examples)] += JITTER
    # Rows of the Cholesky factor have exactly these likenesses as dot products: ordinary regression over them.
    factor = linalg.cholesky(exact, lower=True, overwrite_a=True, check_finite=False)
    rows = factor.astype(np.float32)
    columns = np.ascontiguousarray(rows.T)
    truth = np.eye(count, dtype=np.float32)[classes]

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = flat.reshape(examples + 1, count).astype(np.float32)
        scores = rows @ weights[:-1] + weights[-1]
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        totals = shares.sum(axis=1, keepdims=True)
        surprise = np.log(totals[:, 0]) - scores[np.arange(examples), classes]
        error = (shares / totals - truth) * np.float32(C)
        gradient = np.concatenate([columns @ error + weights[:-1], error.sum(axis=0, keepdims=True)])
        penalty = 0.5 * float(np.square(weights[:-1], dtype=np.float64).sum())
        return C * float(surprise.sum(dtype=np.float64)) + penalty, gradient.ravel().astype(np.float64)

    start = np.zeros((examples + 1) * count)
    options = {"maxiter": STEPS, "ftol": 1e-6, "gtol": 1e-3}
    best = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x.reshape(examples + 1, count)
    dual = linalg.solve_triangular(factor, best[:-1], lower=True, trans="T", check_finite=False)
    return dual.astype(np.float32), best[-1].astype(np.float32)


def _softmax(scores: Vectors) -> Vectors:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _sharpness(scores: Vectors, classes: npt.NDArray[np.intp]) -> float:
    """What to multiply scores of unseen examples with, so that the confidence is how often they are right."""

    def surprise(sharpness: float) -> float:
        shares = _softmax(scores * sharpness)[np.arange(len(classes)), classes]
        return float(-np.log(np.maximum(shares, 1e-12)).mean())

    return float(optimize.minimize_scalar(surprise, bounds=(0.2, 5.0), method="bounded").x)


def _calibrate(likeness: Vectors, classes: npt.NDArray[np.intp], count: int) -> float:
    """The sharpness, from a fifth of the examples that a model of the others has not seen; 1 with few examples."""
    if len(classes) < CALIBRATION_EXAMPLES:
        return 1.0
    order = np.random.default_rng(0).permutation(len(classes))[:CALIBRATION_AT_MOST]
    likeness, classes = likeness[np.ix_(order, order)], classes[order]
    held_out = np.arange(len(order)) % CALIBRATION_FOLDS == 0
    dual, bias = _fit_dual(likeness[np.ix_(~held_out, ~held_out)], classes[~held_out], count)
    return _sharpness(likeness[np.ix_(held_out, ~held_out)] @ dual + bias, classes[held_out])


class IntentModel:
    """Ranks the labels it was trained on for a text and its sentence vector."""

    def __init__(self) -> None:
        """An untrained model; call `fit` or `load`."""
        self.labels: list[str] = []
        self.encoder_fingerprint = ""
        self._vectorizers = _vectorizers()
        self._ngram_weights: Vectors = np.zeros((0, 0), dtype=np.float32)
        self._examples: Vectors = np.zeros((0, 0), dtype=np.float32)
        self._dual: Vectors = np.zeros((0, 0), dtype=np.float32)
        self._bias: Vectors = np.zeros(0, dtype=np.float32)
        self._sharpness = 1.0

    def fit(self, texts: Sequence[str], labels: Sequence[str], vectors: Vectors) -> None:
        """Train on texts, their labels and their L2-normalized vectors [texts, size].

        4,000 texts take 25 s of processor time, spread over the cores. Raise IntentModelError with fewer than two
        labels or when the three differ in length.
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
        self._sharpness = _calibrate(likeness, classes, len(names))
        self._dual, self._bias = _fit_dual(likeness, classes, len(names))
        self._ngram_weights = np.asarray(features.T @ self._dual * np.sqrt(NGRAM_WEIGHT), dtype=np.float32)

    def predict_many(self, texts: Sequence[str], vectors: Vectors) -> list[Ranking]:
        """A ranking of all labels for each text; raise IntentModelError when untrained."""
        if not self.labels:
            raise IntentModelError("The intent model is not trained.")
        if not len(texts):
            return []
        cleaned = [plain(text) for text in texts]
        features = sparse.hstack([vectorizer.transform(cleaned) for vectorizer in self._vectorizers], format="csr")
        near = _vector_likeness(np.asarray(vectors, dtype=np.float32), self._examples)
        scores = features @ self._ngram_weights + near @ self._dual + self._bias
        shares = _softmax(np.asarray(scores * self._sharpness, dtype=np.float32))
        order = np.argsort(-shares, axis=1)
        return [
            [(self.labels[column], float(row[column])) for column in columns]
            for row, columns in zip(shares, order, strict=True)
        ]

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
