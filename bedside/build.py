"""What has to be built before the first chat, and whether it is still fresh: decided by a hash of our own.

`rasa train` takes half a minute to find out that nothing has changed; a hash over the files takes a moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from bedside.sentences import load_sentences
from bedside.settings import ROOT

BUILD = ROOT / ".build"
MODELS = ROOT / "models"
# What a model is made from. Code that only runs beside it (policies, actions, channels) needs no new training, and of
# the sentences only their names: what they say is read when the server starts (bedside/rasa/sentences.py).
SENTENCES = "domain"
MODEL_INPUTS = (
    "config.yml",
    "domain.yml",
    "data/**/*.yml",
    "bedside/language/encoder.py",
    "bedside/language/encoder_graph.py",
    "bedside/language/intents.py",
    "bedside/rasa/components.py",
    "bedside/rasa/spacy_pipeline.py",
)


def fingerprint(patterns: Iterable[str], root: Path = ROOT) -> str:
    """A short hash over the names and contents of the files that `patterns` find, and over the names of all sentences.
    Raise SentenceError when a sentence stands in two files."""
    digest = hashlib.sha256(" ".join(sorted(load_sentences(root / SENTENCES).responses)).encode())
    for path in sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()}):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def model_path() -> Path:
    """Where the model of the present files is, or will be."""
    return MODELS / f"bedside-{fingerprint(MODEL_INPUTS)}.tar.gz"


def build_parts() -> None:
    """Build the encoder's graph and the spaCy pipeline where they are missing (seconds)."""
    from bedside.language.encoder import load_encoder
    from bedside.rasa.spacy_pipeline import build_spacy

    load_encoder(BUILD)
    build_spacy(BUILD)


def train(force: bool = False) -> Path:
    """Train, unless the model of these very files is there. Returns its path; raises RuntimeError when it fails."""
    target = model_path()
    if target.exists() and not force:
        return target
    build_parts()
    from rasa.model_training import train as rasa_train

    MODELS.mkdir(exist_ok=True)
    result = rasa_train(
        domain=str(ROOT / "domain.yml"),
        config=str(ROOT / "config.yml"),
        training_files=[str(ROOT / "data")],
        output=str(MODELS),
        fixed_model_name=target.name.removesuffix(".tar.gz"),
        force_training=True,
    )
    if result.code != 0 or not target.exists():
        raise RuntimeError("Training failed; what Rasa said about it stands above.")
    for old in MODELS.glob("bedside-*.tar.gz"):
        if old != target:
            old.unlink()
    return target
