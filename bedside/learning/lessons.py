"""What the sentence net learns from: the screen's corpus and the dialogue's own examples, and how they are varied."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from ruamel.yaml import YAML

from bedside.learning.net import Lesson, Sizes
from bedside.safety import corpus
from bedside.safety.classifier import CLASSES, CLEAR, MEDICAL_CLASS, SELF_HARM_CLASS
from bedside.settings import ROOT
from bedside.understanding import INQUIRIES

Array = npt.NDArray[Any]

NLU = ROOT / "data" / "nlu"
FOLDS = 3
_ALIKE = 0.5  # share of common words from which two texts are kept in the same fold
# What is said of the screen in a message of these intents depends on the message: it teaches nothing about danger.
OPEN_TO_DANGER = frozenset(
    "clinical_symptom medication_question medication_refill test_results safety_incident distress vent safe_now "
    "help_is_coming hold_on complaint_clinical_staff minor third_party human_request".split()
)
DANGER_OF = {"emergency_medical": MEDICAL_CLASS, "emergency_mental_health": SELF_HARM_CLASS}
# Intents that can be joined to a second request when lessons are varied.
ACTS_ALONE = frozenset(
    "greeting goodbye bot_challenge affirm deny thanks stop hold_on repeat help inform correct give_name refuse "
    "ask_why safe_now help_is_coming vent open_chat out_of_scope emergency_medical emergency_mental_health".split()
)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Example:
    """A text of either source. `danger` is a class of the screen, `inquiry` an intent; None where nothing is known."""

    text: str
    danger: int | None
    inquiry: str | None
    also: tuple[str, ...]
    source: str  # "corpus" or "nlu"
    place: str


def read_nlu(folder: Path = NLU) -> list[Example]:
    """The dialogue's examples, second requests included (`metadata: {also: [...]}`)."""
    yaml = YAML(typ="safe")
    found = []
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.load(path.read_text(encoding="utf-8")).get("nlu", []):
            intent, given = block.get("intent"), block.get("examples")
            if not intent or not given:
                continue
            if isinstance(given, str):
                rows = [(line.strip()[2:].strip(), ()) for line in given.splitlines() if line.strip().startswith("- ")]
            else:
                rows = [
                    (str(row["text"]).strip().removeprefix("- "), tuple((row.get("metadata") or {}).get("also", ())))
                    for row in given
                ]
            for number, (text, also) in enumerate(rows, 1):
                alarms = [DANGER_OF[name] for name in (intent, *also) if name in DANGER_OF]
                known = not ({intent, *also} & OPEN_TO_DANGER)
                danger = alarms[0] if alarms else CLEAR if known else None
                found.append(Example(text, danger, intent, also, "nlu", f"{path.name}:{intent}:{number}"))
    return found


def read_corpus() -> list[Example]:
    """The screen's corpus; its emergencies are also inquiries."""
    return [
        Example(
            message.text,
            message.target,
            message.label if message.label.startswith("emergency") else None,
            (),
            "corpus",
            message.place,
        )
        for message in corpus.read_corpus()
    ]


def folds(texts: Sequence[str], count: int = FOLDS) -> list[int]:
    """A fold for each text, the same on every machine; texts that are alike share theirs."""
    leader = list(range(len(texts)))

    def lead(index: int) -> int:
        while leader[index] != index:
            leader[index] = leader[leader[index]]
            index = leader[index]
        return index

    for later, earlier in corpus.alike(texts, _ALIKE):
        leader[max(lead(later), lead(earlier))] = min(lead(later), lead(earlier))
    return [
        int(hashlib.sha256(f"s1{texts[lead(index)]}".encode()).hexdigest(), 16) % count for index in range(len(texts))
    ]


def labels_of(examples: Sequence[Example]) -> list[str]:
    """Every intent there is an example of, sorted."""
    return sorted({example.inquiry for example in examples if example.inquiry})


class Teacher:
    """Turns examples into lessons, each epoch a little differently: misspelled, joined with others, shuffled."""

    JOINED, MISSPELLED, BURIED = 0.22, 0.15, 0.15

    def __init__(self, examples: Sequence[Example], labels: Sequence[str], seed: int = 1) -> None:
        """`labels` are the inquiry head's answers in order."""
        self._examples = list(examples)
        self._labels = list(labels)
        self._place = {label: place for place, label in enumerate(labels)}
        self._seed = seed
        self._joinable = [
            index
            for index, each in enumerate(self._examples)
            if each.inquiry in INQUIRIES and each.inquiry not in ACTS_ALONE and not each.also and len(each.text) < 220
        ]
        self._calm = [
            index for index, each in enumerate(self._examples) if each.danger == CLEAR and len(each.text) < 300
        ]

    @property
    def sizes(self) -> Sizes:
        """How many answers each head has."""
        return Sizes(len(CLASSES), len(self._labels))

    def epoch(self, number: int) -> list[Lesson]:
        """The lessons of one epoch."""
        random = np.random.RandomState(self._seed * 1000 + number)
        lessons = []
        for example in self._examples:
            lesson = self._plain(example)
            draw = random.rand()
            if draw < self.JOINED and example.inquiry and example.inquiry not in ACTS_ALONE and not example.also:
                if example.source == "nlu" and len(example.text) < 220 and number > 0:
                    lesson = self._joined(example, random)
            elif draw < self.BURIED and example.source == "corpus" and number > 0:
                lesson = self._buried(example, random)
            if random.rand() < self.MISSPELLED:
                lesson = Lesson(_misspell(lesson.text, random), lesson.danger, lesson.inquiry, lesson.carried)
            lessons.append(lesson)
        return lessons

    def _danger(self, target: int | None) -> Array | None:
        return None if target is None else np.eye(len(CLASSES), dtype=np.float32)[target]

    def _carried(self, names: Sequence[str]) -> Array:
        out = np.zeros(len(self._labels), dtype=np.float32)
        for name in names:
            out[self._place[name]] = 1
        return out

    def _plain(self, example: Example) -> Lesson:
        if example.inquiry is None:
            return Lesson(example.text, self._danger(example.danger), None, None)
        carried = self._carried([example.inquiry, *example.also])
        inquiry = carried * 0.3 / max(len(example.also), 1)
        inquiry[self._place[example.inquiry]] = 0.7 if example.also else 1.0
        return Lesson(example.text, self._danger(example.danger), inquiry, carried)

    def _joined(self, example: Example, random: np.random.RandomState) -> Lesson:
        other = self._examples[self._joinable[random.randint(len(self._joinable))]]
        if example.inquiry is None or other.inquiry is None or other.inquiry == example.inquiry:
            return self._plain(example)
        spanish = bool(re.search(r"[áéíóúñ¿¡]", example.text + other.text))
        joints = [". ", ", ", " and ", " also ", " and also ", "\n", " - ", ". oh and ", " plus ", "; ", "? ", " btw "]
        if spanish:
            joints = [". ", ", ", " y ", " y también ", " ademas ", ". otra cosa, ", " y de paso "]
        joint = joints[random.randint(len(joints))]
        text = example.text.rstrip(".!? ") + joint + other.text
        carried = self._carried([example.inquiry, other.inquiry])
        inquiry = carried * 0.3
        inquiry[self._place[example.inquiry]] = 0.7
        both_clear = example.danger == CLEAR and other.danger == CLEAR
        return Lesson(text, self._danger(CLEAR if both_clear else None), inquiry, carried)

    def _buried(self, example: Example, random: np.random.RandomState) -> Lesson:
        """The same message with an everyday one before or after it: what it says of danger stays true."""
        plain = self._plain(example)
        other = self._examples[self._calm[random.randint(len(self._calm))]].text
        parts = [other, example.text] if random.rand() < 0.5 else [example.text, other]
        carried = plain.carried if example.danger != CLEAR else None
        return Lesson((" ", ". ", "\n", ", ")[random.randint(4)].join(parts), plain.danger, plain.inquiry, carried)


def _misspell(text: str, random: np.random.RandomState) -> str:
    """One or two slips of the finger in longer words."""
    words = text.split(" ")
    long = [index for index, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
    for index in random.permutation(long)[: 1 + random.randint(2)]:
        word = words[index]
        at = 1 + random.randint(len(word) - 2)
        kind = random.randint(4)
        if kind == 0:
            word = word[:at] + word[at + 1 :]
        elif kind == 1:
            word = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
        elif kind == 2:
            word = word[:at] + word[at] + word[at:]
        else:
            word = word[:at] + "abcdefghijklmnopqrstuvwxyz"[random.randint(26)] + word[at + 1 :]
        words[index] = word
    return " ".join(words)
