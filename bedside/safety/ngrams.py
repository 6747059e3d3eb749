"""The smaller of the classifier's two readers: logistic regression over words and pieces of words.

It knows spelling, slang and Spanish where the sentence net, taught on English, only guesses. Pure numpy: the same few
lines make its features in training and when it runs.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Probabilities = npt.NDArray[np.float64]

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_PIECES = (2, 3, 4, 5)
_PHRASES = (1, 2, 3)


def pieces(words: list[str]) -> Counter[str]:
    """Runs of 2 to 5 letters within words, their edges marked by a space."""
    found: Counter[str] = Counter()
    for word in words:
        padded = f" {word} "
        for size in _PIECES:
            if len(padded) < size:
                break
            for start in range(len(padded) - size + 1):
                found[padded[start : start + size]] += 1
    return found


def phrases(words: list[str]) -> Counter[str]:
    """Runs of one to three words, joined by `_` and led by `_`, so that they never equal a piece."""
    found: Counter[str] = Counter()
    for size in _PHRASES:
        for start in range(len(words) - size + 1):
            found["_" + "_".join(words[start : start + size])] += 1
    return found


def features(text: str) -> tuple[Counter[str], Counter[str]]:
    """Pieces and phrases of an already readable text."""
    words = [word.replace("'", "")[:30] for word in _WORD.findall(text.lower())]
    return pieces(words), phrases(words)


@dataclass(frozen=True)
class NgramReader:
    """Weights by feature. `weights` [features, classes], `bias` [classes], `rarity` (idf) [features]."""

    names: tuple[str, ...]
    rarity: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float64]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    def row(self, text: str) -> tuple[list[int], list[float]]:
        """The text's features: places and values; pieces and phrases are scaled to length one each."""
        places: list[int] = []
        values: list[float] = []
        for group in features(text):
            known = [(self._places[name], count) for name, count in group.items() if name in self._places]
            scaled = np.array([1 + np.log(count) for _, count in known]) * self.rarity[[place for place, _ in known]]
            length = float(np.sqrt((scaled**2).sum()))
            if length:
                places += [place for place, _ in known]
                values += (scaled / length).tolist()
        return places, values

    def probabilities(self, text: str) -> Probabilities:
        """The classes' probabilities for one readable text."""
        places, values = self.row(text)
        scores = self.bias + np.asarray(values) @ self.weights[places] if places else self.bias.copy()
        shifted = np.exp(scores - scores.max())
        return np.asarray(shifted / shifted.sum(), dtype=np.float64)

    def alarm_of_words(self, words: list[str], calm: int = 0) -> list[float]:
        """How far each single word speaks against class `calm`: a cheap way to find where a long text burns."""
        out = []
        for word in words:
            place = self._places.get("_" + word)
            out.append(0.0 if place is None else -float(self.weights[place, calm] * self.rarity[place]))
        return out

    def save(self, path: Path) -> None:
        """Write a plain npz: names as one text, weights in half precision."""
        np.savez_compressed(
            path,
            names=np.frombuffer("\n".join(self.names).encode(), dtype=np.uint8),
            rarity=self.rarity.astype(np.float16),
            weights=self.weights.astype(np.float16),
            bias=self.bias,
        )

    @classmethod
    def load(cls, path: Path) -> NgramReader:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            parts: dict[str, Any] = {name: stored[name] for name in stored.files}
        return cls(
            tuple(parts["names"].tobytes().decode().split("\n")),
            parts["rarity"].astype(np.float32),
            parts["weights"].astype(np.float32),
            parts["bias"].astype(np.float64),
        )
