"""The sentence encoder as an ONNX graph, written straight from its published weights.

MiniLM is a small BERT. Writing its graph here takes a second and a few hundred megabytes, and asks for no framework:
neither at set-up nor when the assistant runs. A fine-tuned variant is the same graph with its own weights and a head.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

Array = npt.NDArray[Any]
HeadOver = Literal["mean", "cls"]

OPSET = 17  # the first with LayerNormalization
HEAD_SIZE = 32  # MiniLM: 384 / 12
EPSILON = 1e-12
MASKED = -1e4  # added to the attention scores of padding; its exponential is 0 in float32

_SAFETENSOR_TYPES = {"F32": np.float32, "F16": np.float16, "F64": np.float64, "I64": np.int64, "I32": np.int32}


class WeightsError(ValueError):
    """A weights file that is not what it should be, in one sentence."""


def read_safetensors(path: Path) -> dict[str, Array]:
    """The tensors of a safetensors file: 8 bytes of header length, a JSON header, the raw data.

    Raise WeightsError when the file is cut short or holds a type that BERT weights never have.
    """
    raw = path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    try:
        header = json.loads(raw[8 : 8 + length])
    except ValueError as error:
        raise WeightsError(f"{path.name} has no readable header.") from error
    tensors: dict[str, Array] = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        if entry["dtype"] not in _SAFETENSOR_TYPES:
            raise WeightsError(f"{path.name}: {name} has the unexpected type {entry['dtype']}.")
        start, end = entry["data_offsets"]
        kind = np.dtype(_SAFETENSOR_TYPES[entry["dtype"]]).newbyteorder("<")
        data = raw[8 + length + start : 8 + length + end]
        if len(data) != end - start:
            raise WeightsError(f"{path.name} is cut short at {name}.")
        tensors[name] = np.frombuffer(data, dtype=kind).reshape(entry["shape"])
    return tensors


class _Graph:
    """Collects nodes and constants; each method returns the name of what it computes."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self.weights = weights
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def constant(self, name: str, value: Array) -> str:
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.array(value, order="C"), name)
        return name

    def weight(self, name: str, *, transposed: bool = False) -> str:
        if name not in self.weights:
            raise WeightsError(f"The weights lack {name}.")
        value = np.asarray(self.weights[name], dtype=np.float32)
        return self.constant(f"{name}.t", value.T) if transposed else self.constant(name, value)

    def integers(self, *values: int) -> str:
        return self.constant("i_" + "_".join(map(str, values)), np.array(values, dtype=np.int64))

    def number(self, value: float) -> str:
        return self.constant(f"f_{value}", np.array(value, dtype=np.float32))

    def op(self, kind: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        name = output or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=f"{kind}_{len(self.nodes)}", **attributes))
        return name

    def dense(self, value: str, layer: str, *, output: str | None = None) -> str:
        product = self.op("MatMul", value, self.weight(f"{layer}.weight", transposed=True))
        return self.op("Add", product, self.weight(f"{layer}.bias"), output=output)

    def norm(self, value: str, layer: str) -> str:
        scale, shift = self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias")
        return self.op("LayerNormalization", value, scale, shift, axis=-1, epsilon=EPSILON)

    def gelu(self, value: str) -> str:
        error = self.op("Erf", self.op("Div", value, self.number(float(np.sqrt(2.0)))))
        return self.op("Mul", self.op("Mul", value, self.op("Add", error, self.number(1.0))), self.number(0.5))


def _embeddings(graph: _Graph) -> str:
    words = graph.op("Gather", graph.weight("embeddings.word_embeddings.weight"), "input_ids")
    # One segment only, so its type embedding is part of each position's.
    places = np.asarray(graph.weights["embeddings.position_embeddings.weight"], dtype=np.float32)
    kinds = np.asarray(graph.weights["embeddings.token_type_embeddings.weight"], dtype=np.float32)
    table = graph.constant("positions", places + kinds[0])
    length = graph.op("Slice", graph.op("Shape", "input_ids"), graph.integers(1), graph.integers(2))
    here = graph.op("Slice", table, graph.integers(0), length, graph.integers(0))
    return graph.norm(graph.op("Add", words, here), "embeddings.LayerNorm")


def _attention(graph: _Graph, states: str, bias: str, layer: str, heads: int) -> str:
    size = heads * HEAD_SIZE
    split = graph.integers(0, 0, heads, HEAD_SIZE)

    def headed(part: str, order: list[int]) -> str:
        projected = graph.dense(states, f"{layer}.attention.self.{part}")
        return graph.op("Transpose", graph.op("Reshape", projected, split), perm=order)

    query, key = headed("query", [0, 2, 1, 3]), headed("key", [0, 2, 3, 1])
    value = headed("value", [0, 2, 1, 3])
    scores = graph.op("Div", graph.op("MatMul", query, key), graph.number(float(np.sqrt(HEAD_SIZE))))
    shares = graph.op("Softmax", graph.op("Add", scores, bias), axis=-1)
    mixed = graph.op("Transpose", graph.op("MatMul", shares, value), perm=[0, 2, 1, 3])
    joined = graph.op("Reshape", mixed, graph.integers(0, 0, size))
    return graph.dense(joined, f"{layer}.attention.output.dense")


def _layer(graph: _Graph, states: str, bias: str, number: int, heads: int) -> str:
    layer = f"encoder.layer.{number}"
    attended = _attention(graph, states, bias, layer, heads)
    states = graph.norm(graph.op("Add", attended, states), f"{layer}.attention.output.LayerNorm")
    wide = graph.gelu(graph.dense(states, f"{layer}.intermediate.dense"))
    narrow = graph.dense(wide, f"{layer}.output.dense")
    return graph.norm(graph.op("Add", narrow, states), f"{layer}.output.LayerNorm")


def _mean(graph: _Graph, states: str, mask: str) -> str:
    column = graph.op("Unsqueeze", mask, graph.integers(2))
    total = graph.op("ReduceSum", graph.op("Mul", states, column), graph.integers(1), keepdims=0)
    count = graph.op("ReduceSum", column, graph.integers(1), keepdims=0)
    return graph.op("Div", total, graph.op("Max", count, graph.number(1.0)))


def _unit(graph: _Graph, vectors: str, output: str) -> str:
    norm = graph.op("ReduceL2", vectors, axes=[1], keepdims=1)
    return graph.op("Div", vectors, graph.op("Max", norm, graph.number(1e-12)), output=output)


def build_graph(
    weights: Mapping[str, Array],
    pooled: bool = True,
    *,
    head_over: HeadOver = "mean",
    heads: Sequence[str] = (),
    recipe: str = "",
) -> ModelProto:
    """The encoder's graph: int64 inputs `input_ids` and `attention_mask`, both [batch, tokens].

    `weights` are named as in the published BERT files; the number of layers is read from them. With `pooled` the
    output is `vector` [batch, size]: the mean over the mask, L2-normalized; without it `states` [batch, tokens, size].
    With `classifier.weight` [labels, size] and `classifier.bias` among the weights there is a further output `logits`
    [batch, labels], a linear head over the plain mean, or, with `head_over="cls"`, over BERT's pooler of the first
    token (tanh). Each of `heads` is a linear head over the plain mean, named as its weights and as its output.
    `recipe` is kept as metadata, so that a file knows what it was made from.
    Raise WeightsError when a weight is missing.
    """
    graph = _Graph(weights)
    if "embeddings.word_embeddings.weight" not in weights:
        raise WeightsError("The weights lack embeddings.word_embeddings.weight.")
    size = weights["embeddings.word_embeddings.weight"].shape[1]
    layers = 0
    while f"encoder.layer.{layers}.output.dense.weight" in weights:
        layers += 1
    if size % HEAD_SIZE or not layers:
        raise WeightsError(f"These are not the weights of a MiniLM: size {size}, {layers} layers.")

    mask = graph.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    hidden = graph.op("Mul", graph.op("Sub", graph.number(1.0), mask), graph.number(MASKED))
    bias = graph.op("Unsqueeze", hidden, graph.integers(1, 2))
    states = _embeddings(graph)
    for number in range(layers):
        states = _layer(graph, states, bias, number, size // HEAD_SIZE)

    outputs = []
    if pooled:
        _unit(graph, _mean(graph, states, mask), "vector")
        outputs.append(helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", size]))
    else:
        graph.op("Identity", states, output="states")
        outputs.append(helper.make_tensor_value_info("states", TensorProto.FLOAT, ["batch", "tokens", size]))
    if "classifier.weight" in weights:
        labels = weights["classifier.weight"].shape[0]
        if head_over == "cls":
            first = graph.op("Gather", states, graph.constant("first", np.array(0, dtype=np.int64)), axis=1)
            summary = graph.op("Tanh", graph.dense(first, "pooler.dense"))
        else:
            summary = _mean(graph, states, mask)
        graph.dense(summary, "classifier", output="logits")
        outputs.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", labels]))

    if heads:
        summary = _mean(graph, states, mask)
        for head in heads:
            graph.dense(summary, head, output=head)
            count = weights[f"{head}.weight"].shape[0]
            outputs.append(helper.make_tensor_value_info(head, TensorProto.FLOAT, ["batch", count]))

    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    body = helper.make_graph(graph.nodes, "encoder", inputs, outputs, list(graph.constants.values()))
    model = helper.make_model(body, producer_name="bedside", opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 8
    if recipe:
        helper.set_model_props(model, {"recipe": recipe})
    checker.check_model(model)
    return model
