"""Making the screen's classifier, for `python -m bedside.learning.make` (R2). Nothing here runs while patients write.

Cross-validated over the corpus first, in folds that keep like messages together; the last step and the thresholds are
set on those held-out probabilities; then both readers learn from everything. The files, the figures and what they were
made from go into `model/` with a manifest of SHA-256 sums, which a test and the loader both check.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bedside.language.reader import FOLDER, read_manifest
from bedside.safety import corpus, ngrams
from bedside.safety.classifier import CLASSES, CLEAR, MANIFEST, MODEL, evidence, file_sha256
from bedside.safety.corpus import Message
from bedside.safety.lexicon import ALWAYS, DATA, NOW, Hit, load_lexicon
from bedside.safety.normalize import readable
from bedside.safety.screen import is_emergency

Matrix = npt.NDArray[np.float64]

REGULARITY = 10.0  # scikit-learn's C of the n-gram reader
LAST_STEP_REGULARITY = 0.3
CLINIC = "phrases_clinic.yml"
COMPLAINT_WEIGHT = 2.0  # they are few beside the corpus
RARE = 2  # features of fewer messages are dropped
OUTCOMES = ("protocol", "check", "clear")
PROTOCOL_LIMIT, CHECK_LIMIT = 0.03, 0.12  # shares of the look-alikes that may start the protocol, or a question


def learn_ngrams(texts: Sequence[str], targets: Sequence[int]) -> ngrams.NgramReader:
    """The n-gram reader of these readable texts."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    seen: dict[str, int] = {}
    for text in texts:
        for group in ngrams.features(text):
            for name in group:
                seen[name] = seen.get(name, 0) + 1
    names = tuple(sorted(name for name, count in seen.items() if count >= RARE))
    rarity = np.array([np.log((1 + len(texts)) / (1 + seen[name])) + 1 for name in names], dtype=np.float32)
    empty = np.zeros((len(names), len(CLASSES)), dtype=np.float32)
    reader = ngrams.NgramReader(names, rarity, empty, np.zeros(len(CLASSES)))
    rows = [reader.row(text) for text in texts]
    edges = np.cumsum([0, *(len(places) for places, _ in rows)])
    matrix = csr_matrix(
        (
            np.concatenate([values for _, values in rows]),
            np.concatenate([np.asarray(places, dtype=np.int64) for places, _ in rows]),
            edges,
        ),
        shape=(len(texts), len(names)),
    )
    model = LogisticRegression(C=REGULARITY, max_iter=200).fit(matrix, targets)
    return ngrams.NgramReader(names, rarity, model.coef_.T.astype(np.float32), model.intercept_.astype(np.float64))


def learn_last_step(features: Matrix, targets: Sequence[int], angry: Matrix) -> tuple[Matrix, Matrix]:
    """Weights [features, classes] and bias of the last step. `angry`: the evidence of complaints, which are clear."""
    from sklearn.linear_model import LogisticRegression

    everything = np.concatenate([features, angry])
    goals = [*targets, *([CLEAR] * len(angry))]
    weights = [1.0] * len(features) + [COMPLAINT_WEIGHT] * len(angry)
    model = LogisticRegression(C=LAST_STEP_REGULARITY, max_iter=1000).fit(everything, goals, sample_weight=weights)
    return model.coef_.T, model.intercept_


def held_out_last_step(features: Matrix, targets: Sequence[int], folds: Sequence[int], angry: Matrix) -> Matrix:
    """Each message's probabilities by a last step that has not seen its fold either."""
    marks = np.asarray(folds)
    goals = np.asarray(targets)
    out = np.zeros((len(features), len(CLASSES)))
    for fold in np.unique(marks):
        weights, bias = learn_last_step(features[marks != fold], list(goals[marks != fold]), angry)
        scores = features[marks == fold] @ weights + bias
        shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
        out[marks == fold] = shifted / shifted.sum(axis=1, keepdims=True)
    return out


def _evidence(ngram_shares: Matrix, sentence_shares: Sequence[Matrix], hits: Sequence[Sequence[Hit]]) -> Matrix:
    rows = [
        evidence([ngram_shares[row], *(shares[row] for shares in sentence_shares)], found)
        for row, found in enumerate(hits)
    ]
    return np.stack(rows)


def decisions(probabilities: Matrix, hits: Sequence[Sequence[Hit]], thresholds: Mapping[str, float]) -> list[str]:
    """`protocol`, `check` or `clear` for each message, by the rules of the screen."""
    out = []
    for row, found in zip(probabilities, hits, strict=True):
        if is_emergency(found, float(row[2:].sum()), thresholds):
            out.append("protocol")
        else:
            out.append("check" if 1 - row[CLEAR] >= thresholds["check"] else "clear")
    return out


def rates(messages: Sequence[Message], decided: Sequence[str]) -> dict[str, dict[str, float]]:
    """Shares by group of messages: how many, and what was decided about them."""

    def share(group: Sequence[str]) -> dict[str, float]:
        count = len(group)
        return {"messages": count} | {each: round(group.count(each) / count, 4) for each in OUTCOMES}

    groups: dict[str, list[str]] = {}
    for message, verdict in zip(messages, decided, strict=True):
        if message.label == "clear":
            kind = "everyday" if message.category in corpus.EVERYDAY else "look_alikes"
        else:
            kind = "emergencies" if message.label.startswith("emergency") else "check"
        for name in {kind, f"{kind}_{message.language}", f"{message.label}_{message.language}"}:
            groups.setdefault(name, []).append(verdict)
    return {name: share(group) for name, group in sorted(groups.items())}


def choose_thresholds(
    probabilities: Matrix, hits: Sequence[Sequence[Hit]], messages: Sequence[Message]
) -> dict[str, float]:
    """The thresholds that keep the look-alikes within their limits, and no stricter: every alarm they leave room for is
    spent on noticing emergencies."""
    calm = np.array([message.label == "clear" and message.category not in corpus.EVERYDAY for message in messages])
    quiet = np.array([not any(hit.level in (ALWAYS, NOW) for hit in found) for found in hits])
    emergency = probabilities[:, 2:].sum(axis=1)
    danger = 1 - probabilities[:, CLEAR]

    def passed(values: Matrix, group: npt.NDArray[np.bool_], share: float) -> float:
        """The value that at most `share` of all look-alikes pass within the group."""
        ranked = np.sort(values[calm & group])[::-1]
        return float(ranked[min(int(share * calm.sum()), len(ranked) - 1)])

    everyone = np.ones_like(quiet)
    return {
        "protocol": round(passed(emergency, quiet, PROTOCOL_LIMIT / 3), 3),
        "protocol_with_phrase": round(passed(emergency, ~quiet, PROTOCOL_LIMIT * 2 / 3), 3),
        "check": round(passed(danger, everyone, PROTOCOL_LIMIT + CHECK_LIMIT), 3),
    }


def genuine_words(vocabulary: Iterable[str]) -> list[str]:
    """Real words, of a `vocabulary` and of the calm corpus, that the lexicon would take for misspelled ones."""
    lexicon = load_lexicon()
    words = {word for word in vocabulary if word.isascii() and word.isalpha()}
    for message in corpus.read_corpus():
        if message.label == "clear":
            words.update(re.findall(r"[a-z]+", readable(message.text).lower().replace("'", "")))
    return sorted(word for word in words if lexicon.mistaken(word))


def sources() -> dict[str, str]:
    """What a model is made from, by SHA-256: the corpus, the phrases that ship, and the scripts."""
    here = Path(__file__).parent
    scripts = {name: file_sha256(here / name) for name in ("ngrams.py", "training.py")}
    scripts["net"] = str(read_manifest(FOLDER)["sha256"])
    return {"corpus": fingerprint(corpus.FOLDER, "*.tsv"), "lexicon": fingerprint(DATA, "*")} | scripts


def fingerprint(folder: Path, pattern: str) -> str:
    """One SHA-256 over the files of a folder, names and contents; a clinic's own phrases do not count."""
    digest = hashlib.sha256()
    for path in sorted(each for each in folder.glob(pattern) if each.name != CLINIC):
        digest.update(f"{path.name}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()


def make(
    messages: Sequence[Message],
    texts: Sequence[str],
    folds: Sequence[int],
    chosen: Sequence[int],
    sentence_shares: Sequence[Matrix],
    calm: Sequence[str],
    calm_folds: Sequence[int],
    complaints: Sequence[str],
    complaint_folds: Sequence[int],
    complaint_shares: Sequence[Matrix],
) -> None:
    """Set the last step and the thresholds on the `chosen` messages, whose `sentence_shares` (danger, then groups of
    inquiries) come from a net that has not learned them; then let the n-gram reader learn from everything, and write
    it all down.

    `calm` are texts of the dialogue's own examples that are no emergencies: more everyday traffic to learn from. The
    last step learns from `complaints` too, held out like the `chosen`: in the corpus hardly anybody is only angry.
    """
    targets = [message.target for message in messages]
    lexicon = load_lexicon()
    hits = [lexicon.search(texts[index])[1] for index in chosen]
    place = {index: row for row, index in enumerate(chosen)}
    ngram_shares = np.zeros((len(chosen), len(CLASSES)))
    angry_shares = np.zeros((len(complaints), len(CLASSES)))
    for fold in sorted({folds[index] for index in chosen}):
        rest = [index for index, each in enumerate(folds) if each != fold]
        others = [text for text, each in zip(calm, calm_folds, strict=True) if each != fold]
        reader = learn_ngrams(
            [*(texts[i] for i in rest), *others], [*(targets[i] for i in rest), *([CLEAR] * len(others))]
        )
        for index in chosen:
            if folds[index] == fold:
                ngram_shares[place[index]] = reader.probabilities(texts[index])
        for row, its in enumerate(complaint_folds):
            if its == fold:
                angry_shares[row] = reader.probabilities(complaints[row])
    features = _evidence(ngram_shares, sentence_shares, hits)
    angry = _evidence(angry_shares, complaint_shares, [lexicon.search(text)[1] for text in complaints])
    goals = [targets[index] for index in chosen]
    # Within what is held out, the last step is judged on parts that it has not seen either.
    parts = [int(hashlib.sha256(f"last{texts[index]}".encode()).hexdigest(), 16) % corpus.FOLDS for index in chosen]
    probabilities = held_out_last_step(features, goals, parts, angry)
    judged = [messages[index] for index in chosen]
    thresholds = choose_thresholds(probabilities, hits, judged)
    figures = rates(judged, decisions(probabilities, hits, thresholds))
    weights, bias = learn_last_step(features, goals, angry)

    MODEL.mkdir(exist_ok=True)
    learn_ngrams([*texts, *calm], [*targets, *([CLEAR] * len(calm))]).save(MODEL / "ngrams.npz")
    (MODEL / "crossvalidation.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    write_manifest(["ngrams.npz", "crossvalidation.json"], thresholds, weights, bias)
    np.savez(
        MODEL.parents[2] / ".build" / "learning" / "screen.npz", probabilities=probabilities, chosen=np.array(chosen)
    )
    print(json.dumps({"thresholds": dict(thresholds), **figures}, indent=1))


def write_manifest(names: Sequence[str], thresholds: Mapping[str, float], weights: Matrix, bias: Matrix) -> None:
    """Bind the model's files, what they were made from, the last step and the thresholds together."""
    content: dict[str, Any] = {
        "classes": list(CLASSES),
        "files": {name: file_sha256(MODEL / name) for name in names},
        "made_from": sources(),
        "thresholds": dict(thresholds),
        "last_step": {"weights": np.round(weights, 5).tolist(), "bias": np.round(bias, 5).tolist()},
    }
    (MODEL / MANIFEST).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Check the corpus, or make the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="look for problems and near-duplicates in the corpus")
    parser.add_argument("--genuine", action="store_true", help="write lexicon/genuine.txt anew, after new phrases")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if given.check:
        found = corpus.problems()
        found += [
            f"{later}: nearly the same as {earlier}." for later, earlier in corpus.near_duplicates(corpus.read_corpus())
        ]
        print("\n".join(found) or "The corpus is in order.")
        raise SystemExit(bool(found))
    if given.genuine:
        from bedside.language.encoder import tokenizer_file

        pieces = json.loads(tokenizer_file().read_text(encoding="utf-8"))["model"]["vocab"]
        (DATA / "genuine.txt").write_text("\n".join(genuine_words(pieces)) + "\n", encoding="utf-8")
        return
    parser.error("say --check or --genuine; the model itself is made by `python -m bedside.learning.make`")


if __name__ == "__main__":
    main()
