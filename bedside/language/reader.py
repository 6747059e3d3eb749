"""The fine-tuned sentence net when it runs: how dangerous a message is, and which inquiries it carries.

One reading serves the emergency screen and the understanding alike. The net's files lie in `net/` with a manifest that
names each by SHA-256 and says what it was made from; `bedside.learning.make` makes them. A file that does not match is
refused.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bedside.language.at_hand import AtHand
from bedside.language.second import NOTHING, Second

Scores = npt.NDArray[np.float64]

FOLDER = Path(__file__).parent / "net"
NET, MANIFEST = "net.onnx", "manifest.json"
TOKEN_LIMIT = 128
LONG_WORDS = 90  # a longer text is read in overlapping stretches, so that all of it counts
STRIDE_WORDS = 60


class ReaderError(RuntimeError):
    """A file of the net is missing or is not the one that was measured; the message names it."""


@dataclass(frozen=True)
class Votes:
    """How the net's opinion about inquiries is weighed: both weights are on logarithms of confidence."""

    net: float
    examples: float


@dataclass(frozen=True)
class Reading:
    """Raw scores of one text, in the order of the manifest's lists."""

    danger: Scores
    inquiry: Scores
    carried: Scores


class Reader:
    """The net on onnxruntime, one thread a call; may be shared by threads."""

    def __init__(
        self,
        net: Path,
        inquiries: Sequence[str],
        votes: Votes = Votes(1.0, 1.0),
        second: Second = NOTHING,
        fingerprint: str = "",
    ) -> None:
        """Load the net; `inquiries` are the answers of its inquiry heads in order."""
        from tokenizers import Tokenizer

        from bedside.language.encoder import open_session, tokenizer_file

        self.inquiries = tuple(inquiries)
        self.votes = votes
        self.second = second
        self.fingerprint = fingerprint
        self._session = open_session(net)
        self._tokenizer = Tokenizer.from_str(tokenizer_file().read_text(encoding="utf-8"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(TOKEN_LIMIT)
        self._at_hand: AtHand[Reading] = AtHand()

    def read(self, text: str) -> Reading:
        """The scores of one readable text; only its first 128 tokens count. The newest readings are kept at hand,
        under a hash of the text, because screen and understanding ask for the same one."""
        return self._at_hand.get(text, lambda: self._read(text))

    def _read(self, text: str) -> Reading:
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        danger, inquiry, carried = (
            np.asarray(part[0], dtype=np.float64)
            for part in self._session.run(
                ["danger", "inquiry", "carried"], {"input_ids": ids, "attention_mask": np.ones_like(ids)}
            )
        )
        return Reading(danger, inquiry, carried)

    def inquiry_shares(self, text: str) -> dict[str, float]:
        """Which inquiry comes first, as shares that sum to 1; all of a long text counts."""
        scores = np.mean([self.read(part).inquiry for part in stretches(text)], axis=0)
        shares = softmax(scores)
        return dict(zip(self.inquiries, shares.tolist(), strict=True))

    def carried_shares(self, text: str) -> dict[str, float]:
        """For each inquiry the share with which the text carries it, alone or beside others."""
        scores = np.max([self.read(part).carried for part in stretches(text)], axis=0)
        shares = 1 / (1 + np.exp(-scores))
        return dict(zip(self.inquiries, shares.tolist(), strict=True))


def softmax(scores: Scores) -> Scores:
    """Shares that sum to 1 along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float64)


def stretches(text: str) -> list[str]:
    """The text whole, or in overlapping stretches of words when it is long."""
    words = text.split()
    if len(words) <= LONG_WORDS:
        return [text]
    starts = range(0, max(1, len(words) - LONG_WORDS + STRIDE_WORDS), STRIDE_WORDS)
    return [" ".join(words[start : start + LONG_WORDS]) for start in starts]


def combine(examples: Mapping[str, float], net: Mapping[str, float], votes: Votes) -> dict[str, float]:
    """The confidence of each label from both opinions. A label that the net has never met keeps what the examples
    give it; the others share the rest, weighed together."""
    known = [label for label in examples if label in net]
    if not known:
        return dict(examples)
    free = sum(share for label, share in examples.items() if label not in net)
    inside = np.array([max(examples[label], 1e-6) for label in known])
    opinion = np.array([max(net[label], 1e-6) for label in known])
    shares = softmax(votes.examples * np.log(inside / inside.sum()) + votes.net * np.log(opinion / opinion.sum()))
    out = dict(examples)
    out.update({label: float(share) * (1 - free) for label, share in zip(known, shares, strict=True)})
    return out


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_manifest(
    folder: Path = FOLDER, fault: type[RuntimeError] = ReaderError, place: str = "the sentence net's folder"
) -> dict[str, Any]:
    """The manifest in a folder of measured files; raise `fault` when it is missing from `place`."""
    path = folder / MANIFEST
    if not path.is_file():
        raise fault(f"{path.name} is missing from {place}.")
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


@functools.lru_cache(maxsize=2)
def load_reader(folder: Path = FOLDER) -> Reader:
    """The net that ships with the assistant, one a process; raise ReaderError when it is not the measured one."""
    manifest = read_manifest(folder)
    path = folder / NET
    if not path.is_file() or file_sha256(path) != manifest["sha256"]:
        raise ReaderError(f"{NET} is not the net that was measured (SHA-256 differs from the manifest).")
    return Reader(
        path,
        manifest["inquiries"],
        Votes(**manifest["votes"]),
        Second(**manifest["second"]),
        manifest["sha256"],
    )
