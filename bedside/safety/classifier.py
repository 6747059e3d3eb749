"""The trained classifier: two readers of the text and the lexicon's findings, weighed into five probabilities (R2).

Its files lie in `model/` with a manifest that names each by SHA-256, the corpus and the lexicon they were made from
included; `bedside.safety.training` makes them. A file that does not match is refused: no screen is better than
one that nobody measured, because the assistant does not start without it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bedside.language import reader
from bedside.language.reader import Reader, ReaderError, file_sha256, load_reader, softmax
from bedside.safety.lexicon import ASK, HARM_OTHERS, MEDICAL, SELF_HARM, SET_ASIDE, Hit
from bedside.safety.ngrams import NgramReader, Probabilities

MODEL = Path(__file__).parent / "model"
MANIFEST = reader.MANIFEST

CLASSES = ("clear", "check", "emergency_medical", "self_harm", "harm_others")
CLEAR, CHECK, MEDICAL_CLASS, SELF_HARM_CLASS, HARM_OTHERS_CLASS = range(5)

# What the sentence net takes the message for, besides how dangerous: the second opinion of its other head.
GROUPS = (
    ("emergency_medical",),
    ("emergency_mental_health",),
    ("clinical_symptom", "medication_refill", "medication_question", "test_results"),
    ("distress", "vent", "safety_incident"),
    ("out_of_scope", "greeting", "goodbye", "thanks", "bot_challenge"),
    ("complaint_service", "complaint_clinical_staff", "privacy_breach", "legal_threat"),
)

WINDOW_WORDS = 60  # about the longest of the corpus; longer texts are read in overlapping stretches
WINDOW_STEP = 40
WINDOWS_READ = 4  # of a long text: its most alarming stretches, and its last
_WORD = re.compile(r"\S+")


class ModelError(RuntimeError):
    """A model file is missing or is not the one that was measured; the message names it."""


def _centered_logs(probabilities: Probabilities) -> npt.NDArray[np.float64]:
    logs = np.log(np.clip(probabilities, 1e-4, 1.0))
    return np.asarray(logs - logs.mean(), dtype=np.float64)


def lexicon_signs(hits: Sequence[Hit]) -> npt.NDArray[np.float64]:
    """The lexicon's findings as numbers: phrases that say `now` by kind, how many, questions, what was set aside."""
    now = [hit for hit in hits if hit.level not in (ASK, SET_ASIDE)]
    kinds = {hit.concept.kind for hit in now}
    return np.array(
        [
            float(MEDICAL in kinds),
            float(SELF_HARM in kinds),
            float(HARM_OTHERS in kinds),
            min(len({hit.concept.code for hit in now}), 3) / 3,
            float(any(hit.level == ASK for hit in hits)),
            float(any(hit.level == SET_ASIDE for hit in hits)),
        ]
    )


def grouped(inquiries: Sequence[str], shares: Probabilities) -> Probabilities:
    """The shares of GROUPS, and of everything else, from those of single inquiries along the last axis."""
    place = {name: number for number, names in enumerate(GROUPS) for name in names}
    belongs = np.zeros((len(inquiries), len(GROUPS) + 1))
    for row, name in enumerate(inquiries):
        belongs[row, place.get(name, len(GROUPS))] = 1
    return np.asarray(shares @ belongs, dtype=np.float64)


def evidence(readers: Sequence[Probabilities], hits: Sequence[Hit]) -> npt.NDArray[np.float64]:
    """What the last step weighs: each reader's shares as centered logarithms, then the lexicon's signs."""
    return np.concatenate([*(_centered_logs(each) for each in readers), lexicon_signs(hits)])


def windows(text: str) -> list[str]:
    """The text whole, or in overlapping stretches of at most WINDOW_WORDS words and 600 characters."""
    places = [(found.start(), found.end()) for found in _WORD.finditer(text)]
    if len(places) <= WINDOW_WORDS and len(text) <= 600:
        return [text]
    out, first = [], 0
    while first < len(places):
        last = min(first + WINDOW_WORDS, len(places)) - 1
        while last > first and places[last][1] - places[first][0] > 600:
            last -= 1
        start, end = places[first][0], places[last][1]
        out += (
            [text[at : min(at + 600, end)] for at in range(start, end, 500)] if end - start > 600 else [text[start:end]]
        )
        if last + 1 == len(places):
            break
        first = max(first + 1, last + 1 - (WINDOW_WORDS - WINDOW_STEP))
    return out


@dataclass(frozen=True)
class Classifier:
    """Both readers and the weights of the last step. `thresholds` are on summed probabilities."""

    ngrams: NgramReader
    sentences: Reader
    weights: npt.NDArray[np.float64]
    bias: npt.NDArray[np.float64]
    thresholds: dict[str, float]

    def probabilities(self, text: str, hits: Sequence[Hit]) -> Probabilities:
        """The five classes' probabilities for a readable text and the lexicon's hits in it.

        Of a long text the most alarming stretch counts.
        """
        parts = windows(text)
        if len(parts) > WINDOWS_READ:
            parts = self._most_alarming(parts)
        verdicts = [self._weigh(part, hits) for part in parts]
        return min(verdicts, key=lambda verdict: float(verdict[CLEAR]))

    def _weigh(self, text: str, hits: Sequence[Hit]) -> Probabilities:
        reading = self.sentences.read(text)
        readers = [
            self.ngrams.probabilities(text),
            softmax(reading.danger),
            grouped(self.sentences.inquiries, softmax(reading.inquiry)),
        ]
        return softmax(evidence(readers, hits) @ self.weights + self.bias)

    def _most_alarming(self, parts: list[str]) -> list[str]:
        def alarm(part: str) -> float:
            words = [word.strip(".,!?;:").replace("'", "") for word in part.lower().split()]
            return sum(sorted(self.ngrams.alarm_of_words(words), reverse=True)[:4])

        return [*sorted(parts[:-1], key=alarm, reverse=True)[: WINDOWS_READ - 1], parts[-1]]


def read_manifest(folder: Path = MODEL) -> dict[str, Any]:
    """The manifest beside the model's files; raise ModelError when it is missing."""
    return reader.read_manifest(folder, ModelError, "the screen's model folder")


def load_classifier(folder: Path = MODEL) -> Classifier:
    """The classifier that ships with the assistant; raise ModelError when a file is missing or not the measured one."""
    manifest = read_manifest(folder)
    for name, expected in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise ModelError(f"{name} is missing from the screen's model folder.")
        if file_sha256(path) != expected:
            raise ModelError(f"{name} is not the file that was measured (SHA-256 differs from the manifest).")
    try:
        sentences = load_reader()
    except ReaderError as error:
        raise ModelError(str(error)) from error
    if sentences.fingerprint != manifest["made_from"]["net"]:
        raise ModelError("The screen was not measured with this sentence net.")
    return Classifier(
        NgramReader.load(folder / "ngrams.npz"),
        sentences,
        np.array(manifest["last_step"]["weights"], dtype=np.float64),
        np.array(manifest["last_step"]["bias"], dtype=np.float64),
        {name: float(value) for name, value in manifest["thresholds"].items()},
    )
