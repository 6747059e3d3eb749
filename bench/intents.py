"""How the pipeline's own classifier does on intent sets that it has never met.

`.venv/bin/python -m bench.intents FOLDER`: for each NAME_train.csv and NAME_test.csv with the columns sentence and
label, accuracy on the test messages whose label is among the trained ones, and the share of the others that stay below
the threshold. No set is part of this project; HINT3 (real messages to live chats) is public in this form.
"""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

from bedside.language.encoder import load_encoder
from bedside.language.intents import IntentModel
from bedside.safety.normalize import readable

THRESHOLD = 0.4


def read(path: Path) -> tuple[list[str], list[str]]:
    """The messages of a file and their labels."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["sentence"], row["label"]) for row in csv.DictReader(file)]
    return [readable(sentence) for sentence, _ in rows], [label for _, label in rows]


def main() -> None:
    """Train and test on every set of the folder."""
    encoder = load_encoder(threads=2)
    print(f"{'set':16}{'intents':>8}{'train':>7}{'test':>6}{'in scope %':>12}{'others below %':>16}{'training, s':>13}")
    for train in sorted(Path(sys.argv[1]).glob("*_train.csv")):
        name = train.name.removesuffix("_train.csv")
        texts, labels = read(train)
        asked, truth = read(train.with_name(f"{name}_test.csv"))
        vectors, test_vectors = encoder.encode(texts), encoder.encode(asked)
        begun = time.perf_counter()
        model = IntentModel()
        model.fit(texts, labels, vectors)
        took = time.perf_counter() - begun
        best = [ranking[0] for ranking in model.predict_many(asked, test_vectors)]
        known = set(labels)
        right = [label == true for (label, _), true in zip(best, truth, strict=True) if true in known]
        low = [share < THRESHOLD for (_, share), true in zip(best, truth, strict=True) if true not in known]
        others = f"{100 * sum(low) / len(low):16.1f}" if low else f"{'':16}"
        accuracy = 100 * sum(right) / len(right)
        print(f"{name:16}{len(known):8}{len(texts):7}{len(right):6}{accuracy:12.1f}{others}{took:13.1f}")


if __name__ == "__main__":
    main()
