"""Fine-tuning the sentence net on the corpus, and writing it as a quarter-sized ONNX file. Needs TensorFlow; only the
training imports this.

The net is MiniLM (six layers). Its embeddings and lower three layers stay as published, so each text passes them once;
the upper three and a linear head over the mean of the words learn. That takes half the time of tuning everything.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bedside.safety.classifier import CLASSES, SentenceReader

Array = npt.NDArray[Any]

LAYERS, TUNED, HEADS, SIZE = 6, 3, 12, 384
EPOCHS, BATCH, RATE, WARM_UP = 3, 32, 1.5e-4, 0.1
HEAD_RATE = 10.0  # the head starts from nothing and learns this much faster
DROPOUT, SMOOTHING = 0.1, 0.05
SEED = 1
CALIBRATION = 64  # texts read at once when nothing is learned

logger = logging.getLogger(__name__)


class _Net:
    """MiniLM's layers over TensorFlow variables, named as in the published weights."""

    def __init__(self, tf: Any, weights: dict[str, Array]) -> None:
        self.tf = tf
        random = np.random.RandomState(SEED)
        given = dict(weights)
        given["classifier.weight"] = random.normal(0, 0.02, (len(CLASSES), SIZE)).astype(np.float32)
        given["classifier.bias"] = np.zeros(len(CLASSES), dtype=np.float32)
        self.values = {name: tf.Variable(np.asarray(value, dtype=np.float32)) for name, value in given.items()}

    def norm(self, states: Any, name: str) -> Any:
        mean, variance = self.tf.nn.moments(states, [-1], keepdims=True)
        scaled = (states - mean) * self.tf.math.rsqrt(variance + 1e-12)
        return scaled * self.values[f"{name}.weight"] + self.values[f"{name}.bias"]

    def dense(self, states: Any, name: str) -> Any:
        weight = self.values[f"{name}.weight"]
        flat = self.tf.matmul(self.tf.reshape(states, [-1, weight.shape[1]]), weight, transpose_b=True)
        shape = self.tf.concat([self.tf.shape(states)[:-1], [weight.shape[0]]], 0)
        return self.tf.reshape(flat + self.values[f"{name}.bias"], shape)

    def layer(self, states: Any, hidden: Any, number: int, drop: Callable[[Any], Any]) -> Any:
        tf, name = self.tf, f"encoder.layer.{number}"
        rows, width = tf.shape(states)[0], tf.shape(states)[1]

        def headed(part: str) -> Any:
            projected = self.dense(states, f"{name}.attention.self.{part}")
            return tf.transpose(tf.reshape(projected, [rows, width, HEADS, SIZE // HEADS]), [0, 2, 1, 3])

        scores = tf.matmul(headed("query"), headed("key"), transpose_b=True) / np.sqrt(SIZE // HEADS).astype(np.float32)
        shares = drop(tf.nn.softmax(scores + hidden))
        mixed = tf.reshape(tf.transpose(tf.matmul(shares, headed("value")), [0, 2, 1, 3]), [rows, width, SIZE])
        states = self.norm(
            states + drop(self.dense(mixed, f"{name}.attention.output.dense")), f"{name}.attention.output.LayerNorm"
        )
        wide = self.dense(states, f"{name}.intermediate.dense")
        wide = 0.5 * wide * (1 + tf.math.erf(wide / np.sqrt(2.0).astype(np.float32)))
        return self.norm(states + drop(self.dense(wide, f"{name}.output.dense")), f"{name}.output.LayerNorm")

    def lower(self, ids: Any, mask: Any) -> Any:
        words = self.tf.gather(self.values["embeddings.word_embeddings.weight"], ids)
        places = self.values["embeddings.position_embeddings.weight"][: self.tf.shape(ids)[1]]
        states = self.norm(
            words + places + self.values["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm"
        )
        for number in range(LAYERS - TUNED):
            states = self.layer(states, _hidden(mask), number, lambda value: value)
        return states

    def upper(self, states: Any, mask: Any, learning: bool) -> Any:
        def drop(value: Any) -> Any:
            return self.tf.nn.dropout(value, DROPOUT) if learning else value

        for number in range(LAYERS - TUNED, LAYERS):
            states = self.layer(states, _hidden(mask), number, drop)
        column = mask[:, :, None]
        mean = self.tf.reduce_sum(states * column, 1) / self.tf.reduce_sum(column, 1)
        return self.dense(drop(mean), "classifier")

    def tuned(self) -> list[str]:
        """The names of what learns."""
        beginnings = (*(f"encoder.layer.{number}." for number in range(LAYERS - TUNED, LAYERS)), "classifier.")
        return [name for name in self.values if name.startswith(beginnings)]


def _hidden(mask: Any) -> Any:
    return (1 - mask)[:, None, None, :] * -1e4


def _published() -> tuple[dict[str, Array], str]:
    """The published weights without the pooler, and the tokenizer's JSON."""
    from bedside.language.encoder import tokenizer_file, weights_file
    from bedside.language.encoder_graph import read_safetensors

    weights = {
        name: value
        for name, value in read_safetensors(weights_file()).items()
        if not name.startswith("pooler") and not name.endswith("position_ids")
    }
    return weights, tokenizer_file().read_text(encoding="utf-8")


def _tensorflow() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    return tf


def _tokens(texts: Sequence[str], tokenizer_json: str) -> list[list[int]]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(tokenizer_json)
    tokenizer.no_padding()
    tokenizer.enable_truncation(SentenceReader.TOKEN_LIMIT)
    return [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]


def _padded(rows: Sequence[Array]) -> tuple[Array, Array]:
    width = max(len(row) for row in rows)
    first = np.asarray(rows[0])
    values = np.zeros((len(rows), width, *first.shape[1:]), dtype=first.dtype)
    mask = np.zeros((len(rows), width), dtype=np.float32)
    for place, row in enumerate(rows):
        values[place, : len(row)] = row
        mask[place, : len(row)] = 1
    return values, mask


def _lower_states(tf: Any, weights: dict[str, Array], tokens: Sequence[list[int]]) -> list[Array]:
    """Every text after the layers that do not learn."""
    net = _Net(tf, weights)
    signature = [tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None, None])]
    run = tf.function(net.lower, input_signature=signature, autograph=False)
    out: list[Array] = [np.zeros(0)] * len(tokens)
    by_length = sorted(range(len(tokens)), key=lambda index: len(tokens[index]))
    for start in range(0, len(tokens), CALIBRATION):
        rows = by_length[start : start + CALIBRATION]
        ids, mask = _padded([np.asarray(tokens[index], dtype=np.int32) for index in rows])
        states = run(ids, mask).numpy()
        for place, index in enumerate(rows):
            out[index] = states[place, : len(tokens[index])].copy()
    return out


def _batches(
    lengths: Sequence[int], members: Sequence[int], size: int, random: np.random.RandomState | None
) -> Iterator[list[int]]:
    """Batches of messages of like length, in random order when something is to be learned."""
    order = list(members)
    if random is not None:
        random.shuffle(order)
    reach = size * 40 if random is not None else max(len(order), 1)
    batches = []
    for start in range(0, len(order), reach):
        near = sorted(order[start : start + reach], key=lambda index: lengths[index])
        batches += [near[at : at + size] for at in range(0, len(near), size)]
    if random is not None:
        random.shuffle(batches)
    yield from batches


def _fit(
    tf: Any, weights: dict[str, Array], states: Sequence[Array], targets: Sequence[int], members: Sequence[int]
) -> _Net:
    """A net whose upper layers have learned the `members`."""
    tf.random.set_seed(SEED)
    random = np.random.RandomState(SEED)
    net = _Net(tf, weights)
    names = net.tuned()
    variables = [net.values[name] for name in names]
    first = [tf.Variable(tf.zeros_like(each)) for each in variables]
    second = [tf.Variable(tf.zeros_like(each)) for each in variables]
    step = tf.Variable(0.0)
    total = float(EPOCHS * -(-len(members) // BATCH))
    goals = np.asarray(targets, dtype=np.int32)

    def learn(given: Any, mask: Any, wanted: Any) -> Any:
        with tf.GradientTape() as tape:
            smooth = tf.one_hot(wanted, len(CLASSES)) * (1 - SMOOTHING) + SMOOTHING / len(CLASSES)
            logits = net.upper(given, mask, True)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(smooth, logits))
        slopes, _ = tf.clip_by_global_norm(tape.gradient(loss, variables), 1.0)
        step.assign_add(1.0)
        rate = RATE * tf.minimum(step / (WARM_UP * total), tf.maximum(0.0, (total - step) / ((1 - WARM_UP) * total)))
        for name, variable, mean, square, slope in zip(names, variables, first, second, slopes, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=mean.handle,
                v=square.handle,
                beta1_power=tf.pow(0.9, step),
                beta2_power=tf.pow(0.999, step),
                lr=rate * HEAD_RATE if name.startswith("classifier.") else rate,
                beta1=0.9,
                beta2=0.999,
                epsilon=1e-7,
                grad=slope,
            )
        return loss

    run = tf.function(
        learn,
        autograph=False,
        input_signature=[
            tf.TensorSpec([None, None, SIZE]),
            tf.TensorSpec([None, None]),
            tf.TensorSpec([None], tf.int32),
        ],
    )
    lengths = [len(each) for each in states]
    for epoch in range(EPOCHS):
        losses = []
        for batch in _batches(lengths, members, BATCH, random):
            values, mask = _padded([states[index] for index in batch])
            losses.append(float(run(values, mask, goals[batch])))
        logger.info("Epoch %d of %d: loss %.3f.", epoch + 1, EPOCHS, np.mean(losses))
    return net


def held_out(texts: Sequence[str], targets: Sequence[int], folds: Sequence[int]) -> npt.NDArray[np.float64]:
    """Each readable text's probabilities by a net that has not seen its fold."""
    tf = _tensorflow()
    weights, tokenizer_json = _published()
    states = _lower_states(tf, weights, _tokens(texts, tokenizer_json))
    lengths = [len(each) for each in states]
    out = np.zeros((len(texts), len(CLASSES)))
    for fold in sorted(set(folds)):
        net = _fit(tf, weights, states, targets, [index for index, each in enumerate(folds) if each != fold])
        for batch in _batches(lengths, [i for i, each in enumerate(folds) if each == fold], CALIBRATION, None):
            values, mask = _padded([states[index] for index in batch])
            out[batch] = tf.nn.softmax(net.upper(values, mask, False)).numpy()
        logger.info("Fold %d is done.", fold)
    return out


def write_net(texts: Sequence[str], targets: Sequence[int], folder: Path) -> None:
    """Learn from everything; write `net.onnx` (8-bit weights, about 23 MB)."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from bedside.language.encoder_graph import build_graph

    tf = _tensorflow()
    weights, tokenizer_json = _published()
    states = _lower_states(tf, weights, _tokens(texts, tokenizer_json))
    net = _fit(tf, weights, states, targets, list(range(len(texts))))
    learned = {name: value.numpy() for name, value in net.values.items()}
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "full.onnx"
        full.write_bytes(build_graph(learned).SerializeToString())
        quantize_dynamic(full, folder / "net.onnx", weight_type=QuantType.QInt8, per_channel=True)
