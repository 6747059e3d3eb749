"""The sentence net: bound to what it was made from, fair to intents it never met, blind to nothing in a long text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.language.reader import (
    FOLDER,
    MANIFEST,
    NET,
    ReaderError,
    Votes,
    combine,
    file_sha256,
    load_reader,
    read_manifest,
    stretches,
)

VOTES = Votes(0.5, 0.5)
shares = st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 1.0), min_size=1, max_size=6)


def _whole(given: dict[str, float]) -> dict[str, float]:
    total = sum(given.values())
    return {label: share / total for label, share in given.items()}


def test_the_net_is_the_one_that_was_measured_and_made_from_this_corpus() -> None:
    from bedside.learning import make

    manifest = read_manifest()
    assert file_sha256(FOLDER / NET) == manifest["sha256"]
    assert manifest["made_from"]["corpus"] == make.sources(make.gather())["corpus"]


def test_an_altered_net_is_refused(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text((FOLDER / MANIFEST).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / NET).write_bytes(b"another net")
    with pytest.raises(ReaderError, match=r"net\.onnx"):
        load_reader(tmp_path)
    with pytest.raises(ReaderError, match="manifest"):
        load_reader(tmp_path / "nowhere")


@given(shares, shares)
def test_the_joint_confidence_is_whole_and_leaves_unknown_labels_alone(
    mine: dict[str, float], theirs: dict[str, float]
) -> None:
    examples, net = _whole(mine), _whole(theirs)
    joint = combine(examples, net, VOTES)
    assert sum(joint.values()) == pytest.approx(1.0)
    for label in set(examples) - set(net):
        assert joint[label] == pytest.approx(examples[label])


def test_the_nets_vote_can_turn_a_close_call_and_not_a_clear_one() -> None:
    net = {"a": 0.05, "b": 0.95}
    assert combine({"a": 0.55, "b": 0.45}, net, VOTES)["b"] > 0.5
    assert combine({"a": 0.999, "b": 0.001}, net, VOTES)["a"] > 0.5


@given(st.integers(0, 700))
def test_stretches_cover_every_word(count: int) -> None:
    words = [f"w{number}" for number in range(count)]
    parts = stretches(" ".join(words))
    assert list(dict.fromkeys(word for part in parts for word in part.split())) == words


def test_the_same_text_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = load_reader()
    first = reader.read("a message that nobody has sent before, 4711")
    monkeypatch.setattr(reader, "_session", None)
    assert reader.read("a message that nobody has sent before, 4711") is first


def test_readings_are_shares_of_known_inquiries() -> None:
    reader = load_reader()
    first = reader.inquiry_shares("my card was charged two times for one visit")
    assert set(first) == set(reader.inquiries)
    assert sum(first.values()) == pytest.approx(1.0)
    carried = reader.carried_shares("word " * 400)
    assert np.all([0 <= share <= 1 for share in carried.values()])
