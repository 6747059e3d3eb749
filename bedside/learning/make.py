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
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from ruamel.yaml import YAML
from scipy import optimize

from bedside.build import BUILD
from bedside.care import agenda
from bedside.language.encoder import CachedEncoder, load_encoder
from bedside.language.intents import IntentModel, Ranking
from bedside.language.reader import FOLDER, MANIFEST, NET, Reader, Votes, combine, file_sha256, read_manifest, softmax
from bedside.language.second import Second
from bedside.language.segments import in_clauses
from bedside.learning import lessons, net
from bedside.learning.lessons import FOLDS, Example, Teacher
from bedside.safety import corpus, training
from bedside.safety.classifier import CLEAR, grouped
from bedside.safety.normalize import readable
from bedside.settings import ROOT
from bedside.understanding import INQUIRIES

Array = npt.NDArray[Any]
SCRIPTS = ("lessons.py", "net.py")  # how the net learns
IN_VAIN = 0.1  # share of the messages with one inquiry that may be thought to carry another
CLINICAL = frozenset(agenda.CLINICAL)
NEAR_CLINICAL = CLINICAL | {
    "emergency_medical",
    "emergency_mental_health",
    "safety_incident",
    "distress",
    "complaint_clinical_staff",
}
COMPLAINTS = frozenset({"complaint_service", "complaint_clinical_staff", "privacy_breach", "legal_threat"})
SAID_BESIDE = {"human_request", "minor", "third_party"}  # what a complaint may carry and stay one
MAY_ALARM = frozenset(lessons.DANGER_OF) | (lessons.OPEN_TO_DANGER - COMPLAINTS - SAID_BESIDE)
CLINICAL_ALARMS = 0.05  # share of the other messages that may be offered a nurse in vain, beside what they asked for

logger = logging.getLogger(__name__)


def gather() -> list[Example]:
    """Every example, its text made readable as the assistant does before it reads."""
    found = [*lessons.read_corpus(), *lessons.read_nlu()]
    return [
        Example(readable(each.text), each.danger, each.inquiry, each.also, each.source, each.place) for each in found
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
            reader = Reader(small, labels)
            readings = [reader.read(examples[index].text) for index in members]
            np.savez(path, **{head: np.stack([getattr(each, head) for each in readings]) for head in net.HEAD_NAMES})
            logger.info("Fold %d is done.", fold)
        with np.load(path) as stored:
            for head in net.HEAD_NAMES:
                values = stored[head]
                out.setdefault(head, np.full((len(examples), values.shape[1]), np.nan))[members] = values
    return out


def set_screen(
    examples: Sequence[Example],
    labels: Sequence[str],
    folds: Sequence[int],
    wanted: Sequence[int],
    scores: dict[str, Array],
) -> None:
    """The screen's n-gram reader, last step, thresholds and figures."""
    messages = corpus.read_corpus()
    chosen = [index for index, fold in enumerate(folds[: len(messages)]) if fold in wanted]
    complaints = [index for index, each in enumerate(examples) if _only_complains(each)]
    calm = [index for index, each in enumerate(examples) if each.source == "nlu" and each.danger == CLEAR] + complaints
    told = [index for index in complaints if folds[index] in wanted]

    def shares(those: Sequence[int]) -> list[Array]:
        return [softmax(scores["danger"][those]), grouped(labels, softmax(scores["inquiry"][those]))]

    training.make(
        messages,
        [examples[index].text for index in range(len(messages))],
        list(folds[: len(messages)]),
        chosen,
        shares(chosen),
        [examples[index].text for index in calm],
        [folds[index] for index in calm],
        [examples[index].text for index in told],
        [folds[index] for index in told],
        shares(told),
    )


def _only_complains(example: Example) -> bool:
    """Whether it is a complaint and carries nothing that may be an emergency: anger must not sound an alarm."""
    return example.inquiry in COMPLAINTS and example.danger is None and not set(example.also) & MAY_ALARM


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
    models: dict[int, IntentModel] = {}
    for fold in wanted:
        rest = [place for place, index in enumerate(spoken) if folds[index] != fold]
        here = [place for place, index in enumerate(spoken) if folds[index] == fold]
        model = models[fold] = IntentModel()
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
    np.savez(BUILD / "learning" / "confusion.npz", truth=goal, guess=guess, labels=np.array(labels))
    votes = Votes(round(float(best[0]), 4), round(float(best[1]), 4))
    weighed, found = set_second(examples, labels, folds, where, mixed, scores, models, votes)
    return {"votes": vars(votes), "second": weighed, "figures": {**figures, **found}}


def set_second(
    examples: Sequence[Example],
    labels: Sequence[str],
    folds: Sequence[int],
    where: Sequence[int],
    mixed: Array,
    scores: dict[str, Array],
    models: dict[int, IntentModel],
    votes: Votes,
) -> tuple[dict[str, Any], dict[str, float]]:
    """From which shares on a second inquiry is believed, by held-out messages, and how good that is there."""
    config = YAML(typ="safe").load((ROOT / "config.yml").read_text(encoding="utf-8"))
    allowed = next(part["also"] for part in config["pipeline"] if "also" in part)
    kept = BUILD / "learning" / data_hash(examples)[:16]
    encoder = load_encoder(threads=2)
    readers = {fold: Reader(kept / f"fold{fold}.onnx", labels) for fold in models}
    signs: list[tuple[str, dict[str, float], dict[str, float]]] = []  # of each message: main, clauses, carried
    for place, index in enumerate(where):
        text, fold = examples[index].text, folds[index]

        def classify(clauses: Sequence[str], fold: int = fold) -> list[Ranking]:
            rankings = models[fold].predict_many(clauses, encoder.encode(clauses))
            together = (
                combine(dict(ranking), readers[fold].inquiry_shares(clause), votes)
                for clause, ranking in zip(clauses, rankings, strict=True)
            )
            return [sorted(each.items(), key=lambda entry: -entry[1]) for each in together]

        main = labels[int(mixed[place].argmax())]
        carried = dict(zip(labels, (1 / (1 + np.exp(-scores["carried"][index]))).tolist(), strict=True))
        signs.append((main, dict(in_clauses(text, main, classify, allowed, 0.0)), carried))
    truth = [{str(examples[index].inquiry), *examples[index].also} for index in where]
    double = [place for place, index in enumerate(where) if examples[index].also]
    single = [place for place, index in enumerate(where) if not examples[index].also]

    def told(place: int, rule: Second) -> set[str]:
        main, clauses, carried = signs[place]
        return {main, *rule.among(allowed, main, clauses, carried, CLINICAL)}

    def judged(rule: Second) -> tuple[float, float]:
        both = float(np.mean([truth[place] <= told(place, rule) for place in double]))
        vain = float(np.mean([bool(told(place, rule) - truth[place] - {signs[place][0]}) for place in single]))
        return both, vain

    rules = [
        Second(clause, carried, clause_with, carried_with, 2.0)
        for clause in (0.6, 0.7, 0.8)
        for carried in (0.5, 0.7, 0.9)
        for clause_with in (0.2, 0.3, 0.4)
        for carried_with in (0.05, 0.1, 0.15, 0.2)
    ]
    figures = {rule: judged(rule) for rule in rules}
    within = [rule for rule in rules if figures[rule][1] <= IN_VAIN] or rules
    best = max(within, key=lambda rule: figures[rule][0])
    # Doubt goes to the nurse (R6), as often as the limit lets it.
    others = [place for place in range(len(where)) if not truth[place] & NEAR_CLINICAL]
    doubt = [max(signs[place][2][label] for label in labels if label in CLINICAL) for place in others]
    clinical_from = sorted(doubt, reverse=True)[int(CLINICAL_ALARMS * len(doubt))]
    best = replace(best, clinical=round(float(clinical_from), 4))
    clinical = [place for place in range(len(where)) if truth[place] & CLINICAL]
    both, vain = judged(best)
    return vars(best), {
        "both_of_two": round(both, 4),
        "second_in_vain": round(vain, 4),
        "clinical_noticed": round(float(np.mean([bool(told(place, best) & CLINICAL) for place in clinical])), 4),
        "clinical_in_vain": round(float(np.mean([bool(told(place, best) & CLINICAL) for place in others])), 4),
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
        "second": measured["second"],
        "figures": measured["figures"],
    }
    (FOLDER / MANIFEST).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    logger.info("Votes: %s", measured["votes"])
    set_screen(examples, labels, folds, wanted, scores)


if __name__ == "__main__":
    main()
