"""Fine-tuning the sentence net. Needs TensorFlow; only the making of the model imports this.

The net is MiniLM (six layers) with three linear heads over the mean of its words: how dangerous a message is, which
inquiry it carries first, and which it carries at all. All layers learn, the word pieces too: that is what makes room
for Spanish in a net that was taught English.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

LAYERS, HEADS, SIZE = 6, 12, 384
TOKEN_LIMIT = 128
EPOCHS, BATCH, RATE, WARM_UP = 7, 32, 1.2e-4, 0.06
HEAD_RATE = 10.0  # the heads start from nothing and learn this much faster
DROPOUT, SMOOTHING = 0.1, 0.05
READ_AT_ONCE = 64  # texts, when nothing is learned
HEAD_NAMES = ("danger", "inquiry", "carried")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lesson:
    """One text as the net learns it. Targets are shares that sum to 1, or None where nothing is known.

    `carried` marks each inquiry that the text carries, with 1 or 0.
    """

    text: str
    danger: Array | None
    inquiry: Array | None
    carried: Array | None


@dataclass(frozen=True)
class Sizes:
    """How many answers each head has."""

    danger: int
    inquiry: int

    def of(self, head: str) -> int:
        """The number of answers of a head."""
        return self.danger if head == "danger" else self.inquiry


class Net:
    """MiniLM's layers and the heads over TensorFlow variables, named as in the published weights."""

    def __init__(self, tf: Any, weights: dict[str, Array], sizes: Sizes, seed: int) -> None:
        """`weights` are the published ones; the heads start near nothing."""
        self.tf = tf
        random = np.random.RandomState(seed)
        given = dict(weights)
        for head in HEAD_NAMES:
            given[f"{head}.weight"] = random.normal(0, 0.02, (sizes.of(head), SIZE)).astype(np.float32)
            given[f"{head}.bias"] = np.zeros(sizes.of(head), dtype=np.float32)
        self.values = {name: tf.Variable(np.asarray(value, dtype=np.float32)) for name, value in given.items()}

    def _norm(self, states: Any, name: str) -> Any:
        mean, variance = self.tf.nn.moments(states, [-1], keepdims=True)
        scaled = (states - mean) * self.tf.math.rsqrt(variance + 1e-12)
        return scaled * self.values[f"{name}.weight"] + self.values[f"{name}.bias"]

    def _dense(self, states: Any, name: str) -> Any:
        """A linear layer. The product is made in 16 bits, which takes half the time and changes no figure that counts;
        weights and sums stay in 32."""
        tf, weight = self.tf, self.values[f"{name}.weight"]
        flat = tf.cast(tf.reshape(states, [-1, weight.shape[1]]), tf.bfloat16)
        product = tf.cast(tf.matmul(flat, tf.cast(weight, tf.bfloat16), transpose_b=True), tf.float32)
        shape = tf.concat([tf.shape(states)[:-1], [weight.shape[0]]], 0)
        return tf.reshape(product + self.values[f"{name}.bias"], shape)

    def _layer(self, states: Any, hidden: Any, number: int, drop: Callable[[Any], Any]) -> Any:
        tf, name = self.tf, f"encoder.layer.{number}"
        rows, width = tf.shape(states)[0], tf.shape(states)[1]

        def headed(part: str) -> Any:
            projected = self._dense(states, f"{name}.attention.self.{part}")
            return tf.transpose(tf.reshape(projected, [rows, width, HEADS, SIZE // HEADS]), [0, 2, 1, 3])

        scores = tf.matmul(headed("query"), headed("key"), transpose_b=True) / np.sqrt(SIZE // HEADS).astype(np.float32)
        shares = drop(tf.nn.softmax(scores + hidden))
        mixed = tf.reshape(tf.transpose(tf.matmul(shares, headed("value")), [0, 2, 1, 3]), [rows, width, SIZE])
        states = self._norm(
            states + drop(self._dense(mixed, f"{name}.attention.output.dense")), f"{name}.attention.output.LayerNorm"
        )
        wide = self._dense(states, f"{name}.intermediate.dense")
        wide = 0.5 * wide * (1 + tf.math.erf(wide / np.sqrt(2.0).astype(np.float32)))
        return self._norm(states + drop(self._dense(wide, f"{name}.output.dense")), f"{name}.output.LayerNorm")

    def read(self, ids: Any, mask: Any, learning: bool) -> dict[str, Any]:
        """The raw scores of every head for a batch of token ids [rows, width] and their mask."""
        tf = self.tf

        def drop(value: Any) -> Any:
            return tf.nn.dropout(value, DROPOUT) if learning else value

        words = tf.gather(self.values["embeddings.word_embeddings.weight"], ids)
        places = self.values["embeddings.position_embeddings.weight"][: tf.shape(ids)[1]]
        kinds = self.values["embeddings.token_type_embeddings.weight"][0]
        states = drop(self._norm(words + places + kinds, "embeddings.LayerNorm"))
        hidden = (1 - mask)[:, None, None, :] * -1e4
        for number in range(LAYERS):
            states = self._layer(states, hidden, number, drop)
        column = mask[:, :, None]
        mean = tf.reduce_sum(states * column, 1) / tf.reduce_sum(column, 1)
        return {head: self._dense(drop(mean), head) for head in HEAD_NAMES}


def published() -> tuple[dict[str, Array], str]:
    """The published weights without the pooler, and the tokenizer's JSON."""
    from bedside.language.encoder import tokenizer_file, weights_file
    from bedside.language.encoder_graph import read_safetensors

    weights = {
        name: value
        for name, value in read_safetensors(weights_file()).items()
        if not name.startswith("pooler") and not name.endswith("position_ids")
    }
    return weights, tokenizer_file().read_text(encoding="utf-8")


def tensorflow() -> Any:
    """TensorFlow, quiet."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    return tf


def _tokens(texts: Sequence[str], tokenizer_json: str) -> list[list[int]]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(tokenizer_json)
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKEN_LIMIT)
    return [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]


def _padded(rows: Sequence[Sequence[int]]) -> tuple[Array, Array]:
    width = max(len(row) for row in rows)
    ids = np.zeros((len(rows), width), dtype=np.int32)
    mask = np.zeros((len(rows), width), dtype=np.float32)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
        mask[place, : len(row)] = 1
    return ids, mask


def _batches(lengths: Sequence[int], size: int, random: np.random.RandomState | None) -> Iterator[list[int]]:
    """Batches of texts of like length, in random order when something is to be learned."""
    order = list(range(len(lengths)))
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


def _targets(lessons: Sequence[Lesson], head: str, size: int) -> tuple[Array, Array]:
    goals = np.zeros((len(lessons), size), dtype=np.float32)
    known = np.zeros(len(lessons), dtype=np.float32)
    for place, lesson in enumerate(lessons):
        goal = getattr(lesson, head)
        if goal is not None:
            goals[place], known[place] = goal, 1
    return goals, known


def fit(
    tf: Any,
    weights: dict[str, Array],
    tokenizer_json: str,
    sizes: Sizes,
    epoch_of: Callable[[int], Sequence[Lesson]],
    *,
    epochs: int = EPOCHS,
    seed: int = 1,
) -> Net:
    """A net that has learned. `epoch_of(n)` gives the lessons of epoch n, varied as the caller likes."""
    tf.random.set_seed(seed)
    random = np.random.RandomState(seed)
    net = Net(tf, weights, sizes, seed)
    names = sorted(net.values)
    variables = [net.values[name] for name in names]
    first = [tf.Variable(tf.zeros_like(each)) for each in variables]
    second = [tf.Variable(tf.zeros_like(each)) for each in variables]
    step = tf.Variable(0.0)
    lessons = epoch_of(0)
    total = float(epochs * -(-len(lessons) // BATCH))

    def learn(ids: Any, mask: Any, *answers: Any) -> Any:
        given = dict(zip(HEAD_NAMES, zip(answers[::2], answers[1::2], strict=True), strict=True))
        with tf.GradientTape() as tape:
            scores = net.read(ids, mask, True)
            loss = 0.0
            for head in ("danger", "inquiry"):
                goal, known = given[head]
                smooth = goal * (1 - SMOOTHING) + SMOOTHING / sizes.of(head)
                each = tf.nn.softmax_cross_entropy_with_logits(smooth, scores[head])
                loss += tf.reduce_sum(each * known) / BATCH
            goal, known = given["carried"]
            each = tf.nn.sigmoid_cross_entropy_with_logits(goal, scores["carried"])
            loss += tf.reduce_sum(tf.reduce_sum(each, 1) * known) / BATCH
        slopes = [tf.convert_to_tensor(slope) for slope in tape.gradient(loss, variables)]
        slopes, _ = tf.clip_by_global_norm(slopes, 1.0)
        step.assign_add(1.0)
        rate = RATE * tf.minimum(step / (WARM_UP * total), tf.maximum(0.0, (total - step) / ((1 - WARM_UP) * total)))
        for name, variable, mean, square, slope in zip(names, variables, first, second, slopes, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=mean.handle,
                v=square.handle,
                beta1_power=tf.pow(0.9, step),
                beta2_power=tf.pow(0.999, step),
                lr=rate * HEAD_RATE if name.split(".")[0] in HEAD_NAMES else rate,
                beta1=0.9,
                beta2=0.999,
                epsilon=1e-7,
                grad=slope,
            )
        return loss

    signature = [tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None, None])]
    for head in HEAD_NAMES:
        signature += [tf.TensorSpec([None, sizes.of(head)]), tf.TensorSpec([None])]
    run = tf.function(learn, autograph=False, input_signature=signature)
    for epoch in range(epochs):
        lessons = lessons if epoch == 0 else epoch_of(epoch)
        tokens = _tokens([lesson.text for lesson in lessons], tokenizer_json)
        losses = []
        for batch in _batches([len(each) for each in tokens], BATCH, random):
            members = [lessons[index] for index in batch]
            answers = [part for head in HEAD_NAMES for part in _targets(members, head, sizes.of(head))]
            losses.append(float(run(*_padded([tokens[index] for index in batch]), *answers)))
        logger.info("Epoch %d of %d: loss %.3f.", epoch + 1, epochs, np.mean(losses))
    return net


def scores_of(net: Net, texts: Sequence[str], tokenizer_json: str) -> dict[str, Array]:
    """The raw scores of every head for texts it may never have seen."""
    tf = net.tf
    tokens = _tokens(texts, tokenizer_json)
    signature = [tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None, None])]
    run = tf.function(lambda ids, mask: net.read(ids, mask, False), autograph=False, input_signature=signature)
    out: dict[str, Array] = {}
    for batch in _batches([len(each) for each in tokens], READ_AT_ONCE, None):
        for head, values in run(*_padded([tokens[index] for index in batch])).items():
            out.setdefault(head, np.zeros((len(texts), values.shape[1])))[batch] = values.numpy()
    return out


def weights_of(net: Net) -> dict[str, Array]:
    """The learned weights as plain arrays."""
    return {name: np.asarray(value.numpy()) for name, value in net.values.items()}


def write_small(learned: dict[str, Array], path: Path) -> None:
    """Write the net with 8-bit weights (about 23 MB)."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from bedside.language.encoder_graph import build_graph

    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "full.onnx"
        full.write_bytes(build_graph(learned, heads=HEAD_NAMES).SerializeToString())
        quantize_dynamic(full, path, weight_type=QuantType.QInt8, per_channel=True)
