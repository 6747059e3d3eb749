"""The corpus the classifier learns from: `corpus/*.tsv`, one message a line: label, language, category, text.

Written for this project from imagination; no patient's words are in it (R3).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bedside.safety.classifier import CHECK, CLEAR, HARM_OTHERS_CLASS, MEDICAL_CLASS, SELF_HARM_CLASS

FOLDER = Path(__file__).parent / "corpus"
LABELS = ("emergency_medical", "emergency_mental_health", "check", "clear")
LANGUAGES = ("en", "es")
TOWARD_OTHERS = frozenset({"homicidal", "threat", "harm_others"})  # categories of emergency_mental_health
EVERYDAY = frozenset({"everyday"})  # plain front-desk traffic; every other category of `clear` is a look-alike
FOLDS = 5
_DUPLICATE = 0.8
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Message:
    """A line of the corpus."""

    label: str
    language: str
    category: str
    text: str
    place: str

    @property
    def target(self) -> int:
        """The classifier's class."""
        if self.label == "emergency_mental_health":
            return HARM_OTHERS_CLASS if self.category in TOWARD_OTHERS else SELF_HARM_CLASS
        return {"clear": CLEAR, "check": CHECK, "emergency_medical": MEDICAL_CLASS}[self.label]


def problems(folder: Path = FOLDER) -> list[str]:
    """What is wrong with the corpus, each with file and line: fields, labels, languages, repeated messages."""
    found: list[str] = []
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.tsv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            place = f"{path.name}:{number}"
            fields = line.split("\t")
            if len(fields) != 4 or not all(field.strip() for field in fields):
                found.append(f"{place}: needs label, language, category and text.")
                continue
            label, language, _, text = fields
            if label not in LABELS:
                found.append(f"{place}: unknown label {label}.")
            if language not in LANGUAGES:
                found.append(f"{place}: unknown language {language}.")
            key = " ".join(_WORD.findall(text.lower()))
            if key and key in seen:
                found.append(f"{place}: the same message as {seen[key]}.")
            seen[key] = place
    return found


def read_corpus(folder: Path = FOLDER) -> list[Message]:
    """Every message; raise ValueError with the first problem when there is one."""
    wrong = problems(folder)
    if wrong:
        raise ValueError(wrong[0])
    messages = []
    for path in sorted(folder.glob("*.tsv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            label, language, category, text = line.split("\t")
            messages.append(Message(label, language, category, text, f"{path.name}:{number}"))
    return messages


def alike(texts: Sequence[str], share: float) -> list[tuple[int, int]]:
    """Pairs of texts (later, earlier) whose word sets overlap by at least `share` (Jaccard)."""
    words = [frozenset(_WORD.findall(text.lower())) for text in texts]
    spread = Counter(word for mine in words for word in mine)
    holders: dict[str, list[int]] = {}
    pairs = []
    for later, mine in enumerate(words):
        # Sets that overlap by `share` have a word in common among so many of their rarest ones.
        rarest = sorted(mine, key=lambda word: (spread[word], word))[: len(mine) - math.ceil(share * len(mine)) + 1]
        near = {earlier for word in rarest for earlier in holders.get(word, ())}
        for word in rarest:
            holders.setdefault(word, []).append(later)
        pairs += [
            (later, earlier)
            for earlier in sorted(near)
            if len(mine & words[earlier]) >= share * len(mine | words[earlier])
        ]
    return pairs


def near_duplicates(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """Places of messages of five words or more that say nearly the same in nearly the same words."""
    long = [message for message in messages if len(_WORD.findall(message.text)) >= 5]
    return [
        (long[later].place, long[earlier].place)
        for later, earlier in alike([message.text for message in long], _DUPLICATE)
    ]
