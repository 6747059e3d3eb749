"""Making the sentence net and everything measured with it: `python -m bedside.learning.make`.

Cross-validated first, in folds that keep like texts together: nets of the shipped precision read texts that they have
not learned, and on those held-out readings the screen's last step, its thresholds and the weight of the net's vote
about inquiries are set. Then the net learns from everything. Held-out readings are kept in `.build/learning` under a
hash of the data, so that an interrupted run goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize

from bedside.build import BUILD
from bedside.care import agenda
from bedside.language.encoder import CachedEncoder, load_encoder
from bedside.language.intents import IntentModel
from bedside.language.reader import FOLDER, MANIFEST, NET, Reader, Votes, file_sha256, read_manifest, softmax
from bedside.learning import lessons, net
from bedside.learning.lessons import FOLDS, Example, Teacher
from bedside.safety import corpus, training
from bedside.safety.classifier import CLEAR
from bedside.safety.normalize import readable
from bedside.understanding import INQUIRIES

Array = npt.NDArray[Any]
SCRIPTS = ("lessons.py", "net.py")  # how the net learns
ALSO_PRECISION = 0.85  # a second inquiry is believed from the share on at which it is right this often
CLINICAL = frozenset(agenda.CLINICAL)
NEAR_CLINICAL = CLINICAL | {
    "emergency_medical",
    "emergency_mental_health",
    "safety_incident",
    "distress",
    "complaint_clinical_staff",
}
CLINICAL_ALARMS = 0.05  # share of the other messages that may be offered a nurse in vain, beside what they asked for

logger = logging.getLogger(__name__)


def gather() -> list[Example]:
    """Every example, its text made readable as the assistant does before it reads."""
    found = [*lessons.read_corpus(), *lessons.read_nlu()]
    return [
        Example(readable(each.text), each.language, each.danger, each.inquiry, each.also, each.source, each.place)
        for each in found
    ]


def data_hash(examples: Sequence[Example]) -> str:
    """One SHA-256 over all that the net learns from, and how."""
    digest = hashlib.sha256()
    for each in examples:
        digest.update(f"{each.text}\0{each.danger}\0{each.inquiry}\0{each.also}\n".encode())
    for name in SCRIPTS:
        digest.update(file_sha256(Path(__file__).parent / name).encode())
    return digest.hexdigest()


def sources(examples: Sequence[Example]) -> dict[str, str]:
    """What the net is made from. The screen is bound to its corpus; the dialogue's examples may grow before the net
    learns them."""
    return {
        kind: data_hash([each for each in examples if each.source == source])
        for kind, source in (("corpus", "corpus"), ("examples", "nlu"))
    }


def _learn(examples: Sequence[Example], labels: Sequence[str], path: Path, epochs: int) -> None:
    tf = net.tensorflow()
    weights, tokenizer_json = net.published()
    teacher = Teacher(examples, labels)
    learned = net.fit(tf, weights, tokenizer_json, teacher.sizes, teacher.epoch, epochs=epochs)
    net.write_small(net.weights_of(learned), path)


def held_out(
    examples: Sequence[Example], labels: Sequence[str], folds: Sequence[int], wanted: Sequence[int], epochs: int
) -> dict[str, Array]:
    """The scores of each example of the wanted folds by a net that has not learned its fold; NaN elsewhere."""
    kept = BUILD / "learning" / data_hash(examples)[:16]
    kept.mkdir(parents=True, exist_ok=True)
    out: dict[str, Array] = {}
    for fold in wanted:
        path = kept / f"fold{fold}.npz"
        members = [index for index, each in enumerate(folds) if each == fold]
        if not path.is_file():
            rest = [each for each, its in zip(examples, folds, strict=True) if its != fold]
            small = kept / f"fold{fold}.onnx"
            if not small.is_file():
                _learn(rest, labels, small, epochs)
            reader = Reader(small, labels, Votes(1, 1, 1, 1))
            readings = [reader.read(examples[index].text) for index in members]
            np.savez(path, **{head: np.stack([getattr(each, head) for each in readings]) for head in net.HEAD_NAMES})
            logger.info("Fold %d is done.", fold)
        with np.load(path) as stored:
            for head in net.HEAD_NAMES:
                values = stored[head]
                out.setdefault(head, np.full((len(examples), values.shape[1]), np.nan))[members] = values
    return out


def set_screen(examples: Sequence[Example], folds: Sequence[int], wanted: Sequence[int], danger: Array) -> None:
    """The screen's n-gram reader, last step, thresholds and figures."""
    messages = corpus.read_corpus()
    chosen = [index for index, fold in enumerate(folds[: len(messages)]) if fold in wanted]
    calm = [index for index, each in enumerate(examples) if each.source == "nlu" and each.danger == CLEAR]
    training.make(
        messages,
        [examples[index].text for index in range(len(messages))],
        list(folds[: len(messages)]),
        chosen,
        softmax(danger[: len(messages)][chosen]),
        [examples[index].text for index in calm],
        [folds[index] for index in calm],
    )


def set_votes(
    examples: Sequence[Example],
    labels: Sequence[str],
    folds: Sequence[int],
    wanted: Sequence[int],
    scores: dict[str, Array],
) -> dict[str, Any]:
    """How much the net's vote counts beside the examples' own, and how good both are together on held-out texts."""
    spoken = [index for index, each in enumerate(examples) if each.source == "nlu"]
    encoder = CachedEncoder(load_encoder(threads=2))
    texts = [examples[index].text for index in spoken]
    vectors = encoder.encode(texts)
    column = {label: place for place, label in enumerate(labels)}
    ours, truth, where = [], [], []
    for fold in wanted:
        rest = [place for place, index in enumerate(spoken) if folds[index] != fold]
        here = [place for place, index in enumerate(spoken) if folds[index] == fold]
        model = IntentModel()
        model.fit([texts[p] for p in rest], [str(examples[spoken[p]].inquiry) for p in rest], vectors[rest])
        for place, ranking in zip(here, model.predict_many([texts[p] for p in here], vectors[here]), strict=True):
            row = np.full(len(labels), 1e-6)
            for label, share in ranking:
                row[column[label]] = max(share, 1e-6)
            ours.append(np.log(row))
            truth.append(column[str(examples[spoken[place]].inquiry)])
            where.append(spoken[place])
    theirs = np.log(softmax(scores["inquiry"][where]))
    mine, goal = np.stack(ours), np.asarray(truth)

    def surprise(weights: Array) -> float:
        mixed = softmax(weights[0] * theirs + weights[1] * mine)
        return float(-np.log(np.maximum(mixed[np.arange(len(goal)), goal], 1e-9)).mean())

    best = optimize.minimize(surprise, np.array([0.5, 0.5]), method="Nelder-Mead").x
    mixed = softmax(best[0] * theirs + best[1] * mine)
    guess = mixed.argmax(axis=1)
    asked = np.array([labels[place] in INQUIRIES for place in goal])
    figures: dict[str, Any] = {
        "texts": len(goal),
        "examples_alone": round(float((mine.argmax(1) == goal).mean()), 4),
        "net_alone": round(float((theirs.argmax(1) == goal).mean()), 4),
        "together": round(float((guess == goal).mean()), 4),
        "together_inquiries": round(float((guess == goal)[asked].mean()), 4),
    }
    by: dict[str, list[bool]] = {}
    for place, right in zip(goal, guess == goal, strict=True):
        by.setdefault(labels[place], []).append(bool(right))
    figures["by_intent"] = {name: round(float(np.mean(each)), 3) for name, each in sorted(by.items())}
    carried = 1 / (1 + np.exp(-scores["carried"][where]))
    doubles = []
    for row, index, first in zip(carried, where, guess, strict=True):
        truly = {str(examples[index].inquiry), *examples[index].also}
        for place, share in enumerate(row):
            if place != first and labels[place] in INQUIRIES and share > 0.05:
                doubles.append((float(share), labels[place] in truly))
    doubles.sort(reverse=True)
    right = np.cumsum([each[1] for each in doubles])
    precise = [
        doubles[count][0]
        for count in range(len(doubles))
        if count >= 20 and right[count] / (count + 1) >= ALSO_PRECISION
    ]
    figures["also_from"] = round(min(precise, default=0.5), 3)
    beside = [column[label] for label in labels if label in CLINICAL]
    other = np.array(
        [not ({str(examples[index].inquiry), *examples[index].also} & NEAR_CLINICAL) for index in where], dtype=bool
    )
    doubt = carried[:, beside].max(axis=1)
    ranked = np.sort(doubt[other])[::-1]
    figures["clinical_from"] = round(float(min(ranked[int(CLINICAL_ALARMS * len(ranked))], figures["also_from"])), 3)
    clinical = np.array([bool({str(examples[i].inquiry), *examples[i].also} & CLINICAL) for i in where])
    noticed = (doubt >= figures["clinical_from"]) | np.isin(guess, beside)
    figures["clinical_noticed"] = round(float(noticed[clinical].mean()), 4)
    figures["clinical_in_vain"] = round(float(noticed[other].mean()), 4)
    np.savez(BUILD / "learning" / "confusion.npz", truth=goal, guess=guess, labels=np.array(labels))
    return {
        "votes": {
            "net": round(float(best[0]), 4),
            "examples": round(float(best[1]), 4),
            "also": figures["also_from"],
            "clinical": figures["clinical_from"],
        },
        "figures": figures,
    }


def main() -> None:
    """Make the net, or only what is set on held-out readings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", default=",".join(map(str, range(FOLDS))), help="which folds to hold out")
    parser.add_argument("--epochs", type=int, default=net.EPOCHS)
    parser.add_argument("--no-net", action="store_true", help="keep the shipped net; set only what is measured with it")
    parser.add_argument("--ship-fold", type=int, help="ship the net of this fold, the very one that was measured")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    wanted = [int(each) for each in given.folds.split(",")]
    examples = gather()
    labels = lessons.labels_of(examples)
    folds = lessons.folds([each.text for each in examples])
    logger.info("%d texts, %d intents.", len(examples), len(labels))
    scores = held_out(examples, labels, folds, wanted, given.epochs)
    FOLDER.mkdir(exist_ok=True)
    if given.ship_fold is not None:
        shutil.copyfile(BUILD / "learning" / data_hash(examples)[:16] / f"fold{given.ship_fold}.onnx", FOLDER / NET)
    elif not given.no_net:
        _learn(examples, labels, FOLDER / NET, given.epochs)
        logger.info("The net is written.")
    measured = set_votes(examples, labels, folds, wanted, scores)
    content = {
        "sha256": file_sha256(FOLDER / NET),
        "made_from": read_manifest()["made_from"] if given.no_net else sources(examples),
        "epochs": given.epochs,
        "held_out_folds": f"{len(wanted)} of {FOLDS}",
        "learned_from": "everything" if given.ship_fold is None else f"all but fold {given.ship_fold}",
        "inquiries": labels,
        "votes": measured["votes"],
        "figures": measured["figures"],
    }
    (FOLDER / MANIFEST).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    logger.info("Votes: %s", measured["votes"])
    set_screen(examples, folds, wanted, scores["danger"])


if __name__ == "__main__":
    main()
