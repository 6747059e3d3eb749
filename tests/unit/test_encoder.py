"""The sentence encoder: its graph against arithmetic of its own, its sense of meaning, its windows and its cache."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
from tokenizers import Tokenizer

from bedside.language import encoder as encoding
from bedside.language.encoder_graph import Array, WeightsError, build_graph, read_safetensors

TEXTS = [
    "Why is my bill so high?",
    "ok",
    "I would like to move my appointment to next Tuesday afternoon, if Dr. Lee has anything open after three.",
]


@pytest.fixture(scope="module")
def weights() -> dict[str, Array]:
    return read_safetensors(encoding.weights_file())


@pytest.fixture(scope="module")
def encoder() -> encoding.Encoder:
    return encoding.load_encoder()


def _norm(x: Array, w: dict[str, Array], name: str) -> Array:
    centered = x - x.mean(-1, keepdims=True)
    return centered / np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-12) * w[f"{name}.weight"] + w[f"{name}.bias"]


def _by_hand(w: dict[str, Array], ids: Sequence[int]) -> tuple[Array, Array]:
    """BERT written anew for one text without padding: token states and the unit mean."""
    erf = np.vectorize(math.erf)
    w = {name: tensor.astype(np.float64) for name, tensor in w.items()}
    x = w["embeddings.word_embeddings.weight"][list(ids)]
    x = x + w["embeddings.position_embeddings.weight"][: len(ids)] + w["embeddings.token_type_embeddings.weight"][0]
    x = _norm(x, w, "embeddings.LayerNorm")
    for number in range(6):
        layer = f"encoder.layer.{number}"

        def dense(x: Array, name: str, layer: str = layer) -> Array:
            return np.asarray(x @ w[f"{layer}.{name}.weight"].T + w[f"{layer}.{name}.bias"])

        q, k, v = (dense(x, f"attention.self.{part}") for part in ("query", "key", "value"))
        heads = []
        for head in range(12):
            part = slice(head * 32, head * 32 + 32)
            scores = q[:, part] @ k[:, part].T / math.sqrt(32)
            shares = np.exp(scores - scores.max(-1, keepdims=True))
            heads.append(shares / shares.sum(-1, keepdims=True) @ v[:, part])
        x = _norm(
            x + dense(np.concatenate(heads, -1), "attention.output.dense"), w, f"{layer}.attention.output.LayerNorm"
        )
        wide = dense(x, "intermediate.dense")
        wide = 0.5 * wide * (1 + erf(wide / math.sqrt(2)))
        x = _norm(x + dense(wide, "output.dense"), w, f"{layer}.output.LayerNorm")
    mean = x.mean(0)
    return x, mean / np.linalg.norm(mean)


def _tokens(text: str) -> list[int]:
    tokenizer = Tokenizer.from_file(str(encoding.tokenizer_file()))
    tokenizer.no_padding()
    return list(tokenizer.encode(text).ids)


def _run(model: bytes, ids: Sequence[int], *outputs: str) -> list[Array]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    row = np.array([ids], dtype=np.int64)
    return [np.asarray(out) for out in session.run(list(outputs), {"input_ids": row, "attention_mask": row * 0 + 1})]


def test_vectors_equal_an_independent_computation_also_in_a_padded_batch(
    weights: dict[str, Array], encoder: encoding.Encoder
) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    for text, vector in zip(TEXTS, vectors, strict=True):
        _, expected = _by_hand(weights, _tokens(text))
        assert float(vector @ expected) > 0.9999
        assert float(np.abs(vector - expected).max()) < 1e-4
        assert abs(float(np.linalg.norm(vector)) - 1) < 1e-5


def test_a_head_is_computed_over_the_mean_or_over_the_first_token(weights: dict[str, Array]) -> None:
    chance = np.random.default_rng(7)
    head = {
        "classifier.weight": chance.normal(size=(3, 384)).astype(np.float32),
        "classifier.bias": np.array([0.1, -0.2, 0.3], dtype=np.float32),
    }
    ids = _tokens(TEXTS[0])
    states, unit = _by_hand(weights, ids)
    over_mean = build_graph({**weights, **head}).SerializeToString()
    vector, logits = _run(over_mean, ids, "vector", "logits")
    assert float(vector[0] @ unit) > 0.9999
    np.testing.assert_allclose(
        logits[0], head["classifier.weight"] @ states.mean(0) + head["classifier.bias"], atol=1e-3
    )

    over_first = build_graph({**weights, **head}, pooled=False, head_over="cls").SerializeToString()
    plain, logits = _run(over_first, ids, "states", "logits")
    np.testing.assert_allclose(plain[0], states, atol=1e-3)
    summary = np.tanh(weights["pooler.dense.weight"] @ states[0] + weights["pooler.dense.bias"])
    np.testing.assert_allclose(logits[0], head["classifier.weight"] @ summary + head["classifier.bias"], atol=1e-3)


def test_a_missing_weight_is_named(weights: dict[str, Array]) -> None:
    lacking = {name: value for name, value in weights.items() if name != "encoder.layer.3.attention.self.key.bias"}
    with pytest.raises(WeightsError, match=r"encoder\.layer\.3\.attention\.self\.key\.bias"):
        build_graph(lacking)


def test_a_weights_file_cut_short_is_refused(tmp_path: Path) -> None:
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    path = tmp_path / "w.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + np.array([1, 2], dtype="<f4").tobytes())
    assert read_safetensors(path)["a"].tolist() == [1.0, 2.0]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(WeightsError, match="cut short"):
        read_safetensors(path)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("Why is my bill so high?", "The amount I was charged is too much", "I need to move my appointment"),
        (
            "I need to see a doctor next week",
            "Can I book a visit with my doctor for Tuesday?",
            "Did the insurance pay my claim?",
        ),
        ("my pills are running out", "I need a refill of my prescription", "your receptionist was rude to me"),
    ],
)
def test_likeness_follows_meaning(encoder: encoding.Encoder, text: str, near: str, far: str) -> None:
    one, close, distant = encoder.encode([text, near, far])
    assert float(one @ close) > float(one @ distant) + 0.15


def test_no_texts_and_an_empty_text_are_served(encoder: encoding.Encoder) -> None:
    assert encoder.encode([]).shape == (0, 384)
    assert abs(float(np.linalg.norm(encoder.encode([""])[0])) - 1) < 1e-5


def test_only_the_first_128_tokens_count_unless_the_whole_is_asked_for(encoder: encoding.Encoder) -> None:
    long = "the weather was lovely " * 40
    ending = long + "and now I want to dispute a charge on my bill"
    plain = encoder.encode([long, ending])
    np.testing.assert_allclose(plain[0], plain[1], atol=1e-5)
    whole = encoder.encode_whole([long, ending, "ok"])
    bill = encoder.encode(["dispute a charge on my bill"])[0]
    assert float(whole[1] @ bill) > float(whole[0] @ bill) + 0.1
    np.testing.assert_allclose(whole[2], encoder.encode(["ok"])[0], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-5)


def test_windows_cover_every_word_in_order_and_overlap(encoder: encoding.Encoder) -> None:
    words = [f"w{number}" for number in range(300)]
    windows = encoder.windows(" ".join(words), size=40, overlap=10)
    cut = [window.split() for window in windows]
    assert len(windows) > 5
    assert [word for window in cut for word in window if word not in words] == []
    assert cut[0][0] == "w0"
    assert cut[-1][-1] == "w299"
    for earlier, later in itertools.pairwise(cut):
        assert words.index(earlier[0]) < words.index(later[0]) <= words.index(earlier[-1])
        assert words.index(later[-1]) > words.index(earlier[-1])
    assert all(len(_tokens(window)) <= 42 for window in windows)
    assert encoder.windows("a short one") == ["a short one"]
    with pytest.raises(ValueError, match="overlap"):
        encoder.windows("x", size=5, overlap=5)


def test_windows_come_with_their_own_vectors(encoder: encoding.Encoder) -> None:
    windows = encoder.encode_windows("please listen to me " * 60)
    assert len(windows) > 2
    np.testing.assert_allclose(windows[1].vector, encoder.encode([windows[1].text])[0], atol=1e-5)


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(encoding.tokenizer_file().read_bytes() + b" ")
    with pytest.raises(encoding.EncoderError, match=r"tokenizer\.json is not the published file"):
        encoding.checked_file(path, encoding.TOKENIZER_SHA256)


def test_a_missing_package_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "PACKAGE", "no_such_package_here")
    with pytest.raises(encoding.EncoderError, match="not installed"):
        encoding.weights_file()


def test_a_damaged_build_is_replaced_and_a_fresh_one_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "encoder.onnx"
    path.write_bytes(b"half a file")
    encoder = encoding.load_encoder(tmp_path)
    assert encoder.encode(["hello"]).shape == (1, 384)
    assert [entry.name for entry in tmp_path.iterdir()] == ["encoder.onnx"]
    written = path.stat().st_mtime_ns
    encoding.load_encoder(tmp_path, threads=2)
    assert path.stat().st_mtime_ns == written


def test_a_build_of_another_version_is_replaced(tmp_path: Path, weights: dict[str, Array]) -> None:
    other = build_graph(
        {**weights, "embeddings.word_embeddings.weight": weights["embeddings.word_embeddings.weight"] * 2}
    )
    (tmp_path / "encoder.onnx").write_bytes(other.SerializeToString())
    np.testing.assert_allclose(
        encoding.load_encoder(tmp_path).encode(TEXTS), encoding.load_encoder().encode(TEXTS), atol=1e-5
    )


class Counting:
    """Counts what reaches it; the vector of a text is its length."""

    def __init__(self, fingerprint: str = "one") -> None:
        self.fingerprint = fingerprint
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.seen += texts
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32).reshape(len(texts), 2)


def test_the_cache_computes_each_text_once_and_survives_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "vectors.npz"
    first = Counting()
    vectors = encoding.CachedEncoder(first, path).encode(["ab", "abc", "ab"])
    assert vectors[:, 0].tolist() == [2, 3, 2]
    assert first.seen == ["ab", "abc"]
    second = Counting()
    assert encoding.CachedEncoder(second, path).encode(["abc", "a"])[:, 0].tolist() == [3, 1]
    assert second.seen == ["a"]
    assert b"abc" not in path.read_bytes()


def test_the_cache_forgets_another_encoders_vectors_and_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "vectors.npz"
    encoding.CachedEncoder(Counting(), path).encode(["ab"])
    other = Counting("two")
    encoding.CachedEncoder(other, path).encode(["ab"])
    assert other.seen == ["ab"]
    path.write_bytes(path.read_bytes()[:-40])
    again = Counting()
    assert encoding.CachedEncoder(again, path).encode(["ab"])[0, 0] == 2
    assert again.seen == ["ab"]
