"""The report on understanding: `make understand`. Held-out accuracy, the weakest types by name, a picture of what is
taken for what (`docs/confusion.png`). Reads what `bedside.learning.make` measured; nothing is trained here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bedside.build import BUILD
from bedside.language.reader import read_manifest
from bedside.settings import ROOT

Array = npt.NDArray[Any]
WEAKEST = 12
MEASURED = BUILD / "learning" / "confusion.npz"
PICTURE = ROOT / "docs" / "confusion.png"


def confusions(truth: Array, guess: Array, labels: Array) -> list[tuple[str, str, int]]:
    """Which intent is taken for which other, how often, the most frequent first."""
    counts: dict[tuple[str, str], int] = {}
    for meant, heard in zip(truth, guess, strict=True):
        if meant != heard:
            pair = (str(labels[meant]), str(labels[heard]))
            counts[pair] = counts.get(pair, 0) + 1
    return sorted(((*pair, count) for pair, count in counts.items()), key=lambda row: -row[2])


def draw(truth: Array, guess: Array, labels: Array, path: Path) -> None:
    """The shares of each intent's messages by what they were taken for, as an image."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    shares = np.zeros((len(labels), len(labels)))
    np.add.at(shares, (truth, guess), 1)
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1)
    figure, axes = pyplot.subplots(figsize=(15, 14))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=8)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.set_xlabel("taken for")
    axes.set_ylabel("meant")
    axes.set_title("Held-out messages: what is taken for what (share of each row)")
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    pyplot.close(figure)


def main() -> None:
    """Print the figures and draw the picture, where the measurement is at hand."""
    manifest = read_manifest()
    figures = manifest["figures"]
    print(f"Held-out folds: {manifest['held_out_folds']}; {figures['texts']} messages.")
    print(f"Right: {figures['together']:.1%} of all, {figures['together_inquiries']:.1%} of the inquiry types.")
    print(f"Examples alone {figures['examples_alone']:.1%}, the sentence net alone {figures['net_alone']:.1%}.")
    weakest = sorted(figures["by_intent"].items(), key=lambda row: row[1])[:WEAKEST]
    print("Weakest:", ", ".join(f"{name} {share:.0%}" for name, share in weakest))
    if not MEASURED.is_file():
        print("The single messages behind it are not on this machine; `python -m bedside.learning.make` measures anew.")
        return
    with np.load(MEASURED, allow_pickle=False) as stored:
        truth, guess, labels = stored["truth"], stored["guess"], stored["labels"]
    for meant, heard, count in confusions(truth, guess, labels)[:WEAKEST]:
        print(f"  {meant} taken for {heard}: {count}")
    draw(truth, guess, labels, PICTURE)
    print(f"The picture is in {PICTURE.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
