"""Builds the ONNX graphs of multilingual-e5-small straight from its weights, without torch.

A graph takes `input_ids` and `attention_mask`, int64 (batch, length), and gives `embedding`, float32 (batch, 384), of
unit norm: pooling and normalising are inside; and `tokens`, float32 (batch, length, numbers), the vector of each token
(`e5_tokens`). Three kinds of matrix product:

* `blocks`: the file's own 4-bit weights, unchanged, decoded while multiplying; activations stay float32;
* `blocks_int8`: the same weights; activations become int8 per block of 32. Cosine to `blocks` 0.99995;
* `int8`: weights become int8 per output channel (7 bits, so that processors without VNNI cannot overflow),
  activations uint8 per product. The fastest for a short text, and the least exact.

The query graph uses `int8` but for the second feed-forward product, whose inputs have outliers: `blocks_int8` there
takes the mean cosine to float32 from 0.9968 to 0.9989 for a seventh more time. Measured on 820 questions in three
sets, nDCG@10 then differs from float32 by +0.001, -0.004 and -0.001 (each within its 95 % interval, 0.005 to 0.009);
with `int8` everywhere one set loses 0.018, beyond its interval. `blocks_int8` everywhere loses nothing, for a third
more time. The word table stays in 4-bit blocks in every graph (54 MB; as float32 it would be 384 MB).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from knowledge.e5_tokens import LAYERS, Reduction
from knowledge.e5_weights import BLOCK, E5Weights

Product = Literal["blocks", "blocks_int8", "int8"]
Step = Literal["attention_in", "attention_out", "feed_forward_in", "feed_forward_out"]
Plan = Mapping[Step, Product]

PASSAGE_PLAN: Plan = MappingProxyType(
    dict.fromkeys(("attention_in", "attention_out", "feed_forward_in", "feed_forward_out"), "blocks")
)
INT8_PASSAGE_PLAN: Plan = MappingProxyType(dict.fromkeys(PASSAGE_PLAN, "blocks_int8"))
QUERY_PLAN: Plan = MappingProxyType({**dict.fromkeys(PASSAGE_PLAN, "int8"), "feed_forward_out": "blocks_int8"})

_CONTRIBUTED = "com.microsoft"
_FLOAT32_LEVEL, _INT8_LEVEL = 1, 4
_INT8_LIMIT = 63
_OPSET, _IR = 18, 10


def build_graph(weights: E5Weights, plan: Plan, reduction: Reduction) -> ModelProto:
    """The encoder with the products that `plan` names for each step of a layer."""
    graph = _Graph()
    shape = weights.shape
    hidden = _embed(graph, weights)
    mask = graph.standard("Cast", ["attention_mask"], to=TensorProto.INT32)
    states = []
    for number in range(shape.layers):
        hidden = _Layer(graph, weights, plan, f"l{number}.").apply(hidden, mask)
        if number + 1 in LAYERS:
            states.append(hidden)
    _pool(graph, hidden)
    _reduce(graph, states, reduction)
    ids, attended = (
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    )
    embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", shape.hidden])
    tokens = helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["batch", "length", len(reduction.bias)])
    return helper.make_model(
        helper.make_graph(graph.nodes, "multilingual-e5-small", [ids, attended], [embedding, tokens], graph.constants),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIBUTED, 1)],
        ir_version=_IR,
    )


@dataclass(slots=True)
class _Graph:
    """Collects nodes and constants; names are given in order, so that equal weights give equal bytes."""

    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def constant(self, array: NDArray[Any]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def standard(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        """A node of the ONNX standard with one output."""
        return self._node(operator, inputs, "", attributes)

    def contributed(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        """A node that onnxruntime adds to the standard, with one output."""
        return self._node(operator, inputs, _CONTRIBUTED, attributes)

    def thirds(self, name: str) -> list[str]:
        """A (batch, length, 3 x n) tensor cut into three along its last axis."""
        outputs = [f"{name}.{part}" for part in range(3)]
        self.nodes.append(helper.make_node("Split", [name], outputs, axis=2, num_outputs=3))
        return outputs

    def _node(self, operator: str, inputs: Sequence[str], domain: str, attributes: dict[str, Any]) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], domain=domain, **attributes))
        return name


@dataclass(frozen=True, slots=True)
class _Layer:
    """One encoder layer; `prefix` is how the weights file names it."""

    graph: _Graph
    weights: E5Weights
    plan: Plan
    prefix: str

    def apply(self, hidden: str, mask: str) -> str:
        graph, sizes = self.graph, self.weights.shape
        joined = self._product("attention_in", hidden, ("q.w", "k.w", "v.w"), sizes.hidden)
        attended = graph.contributed(
            "MultiHeadAttention",
            [*graph.thirds(joined), self._floats("q.b", "k.b", "v.b"), mask],
            num_heads=sizes.heads,
        )
        mixed = self._product("attention_out", attended, ("ao.w",), sizes.hidden)
        hidden = self._add_and_normalise(mixed, hidden, "aln", "ao.b")
        wide = self._product("feed_forward_in", hidden, ("fi.w",), sizes.hidden)
        active = graph.contributed("BiasGelu", [wide, self._floats("fi.b")])
        narrow = self._product("feed_forward_out", active, ("fo.w",), sizes.feed_forward)
        return self._add_and_normalise(narrow, hidden, "oln", "fo.b")

    def _floats(self, *names: str) -> str:
        return self.graph.constant(np.concatenate([self.weights.floats(self.prefix + name) for name in names]))

    def _add_and_normalise(self, new: str, old: str, norm: str, bias: str) -> str:
        constants = [self._floats(f"{norm}.w"), self._floats(f"{norm}.b"), self._floats(bias)]
        epsilon = self.weights.shape.epsilon
        return self.graph.contributed("SkipLayerNormalization", [new, old, *constants], epsilon=epsilon)

    def _product(self, step: Step, left: str, names: Sequence[str], columns: int) -> str:
        """`left` times the transpose of the matrices named, stacked; each is stored (outputs, inputs)."""
        parts = [self.weights.blocks(self.prefix + name, columns) for name in names]
        scales = np.concatenate([part[0] for part in parts])
        values = np.concatenate([part[1] for part in parts])
        product = self.plan[step]
        if product == "int8":
            return _int8_product(self.graph, left, scales, values)
        level = _INT8_LEVEL if product == "blocks_int8" else _FLOAT32_LEVEL
        return _block_product(self.graph, left, scales, values, level)


def _block_product(graph: _Graph, left: str, scales: NDArray[np.float32], values: NDArray[np.uint8], level: int) -> str:
    outputs, columns = values.shape
    packed = _pack(values).reshape(outputs, columns // BLOCK, BLOCK // 2)
    return graph.contributed(
        "MatMulNBits",
        [left, graph.constant(packed), graph.constant(scales)],
        K=columns,
        N=outputs,
        bits=4,
        block_size=BLOCK,
        accuracy_level=level,
    )


def _int8_product(graph: _Graph, left: str, scales: NDArray[np.float32], values: NDArray[np.uint8]) -> str:
    decoded = (values.astype(np.float32) - 8) * np.repeat(scales, BLOCK, axis=1)
    steps = np.abs(decoded).max(axis=1) / _INT8_LIMIT
    rounded = np.rint(decoded / steps[:, None]).astype(np.int8)
    zeros = np.zeros(len(steps), np.int8)
    constants = [graph.constant(rounded.T), graph.constant(steps), graph.constant(zeros)]
    return graph.contributed("DynamicQuantizeMatMul", [left, *constants])


def _pack(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """4-bit values two to a byte, the first of a pair in the low half, as onnxruntime reads them."""
    packed: NDArray[np.uint8] = values[..., 0::2] | np.left_shift(values[..., 1::2], 4, dtype=np.uint8)
    return packed


def _embed(graph: _Graph, weights: E5Weights) -> str:
    """Word, position and (always the first) token type, added and normalised."""
    width = weights.shape.hidden
    scales, values = weights.blocks("emb.word", width)
    word = graph.contributed(
        "GatherBlockQuantized",
        [graph.constant(_pack(values)), "input_ids", graph.constant(scales)],
        bits=4,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
    )
    places = weights.floats("emb.pos").reshape(-1, width) + weights.floats("emb.type")[:width]
    first = graph.constant(np.zeros(1, np.int64))
    length = graph.standard("Shape", ["input_ids"], start=1, end=2)
    place = graph.standard("Slice", [graph.constant(places), first, length, first])
    wide_place = graph.standard("Expand", [place, graph.standard("Shape", [word])])
    norm = [graph.constant(weights.floats(name)) for name in ("emb.ln.w", "emb.ln.b")]
    epsilon = weights.shape.epsilon
    return graph.contributed("SkipLayerNormalization", [word, wide_place, *norm], epsilon=epsilon)


def _pool(graph: _Graph, hidden: str) -> None:
    """Sum over the attended tokens, scaled to unit length (which makes dividing by their number needless)."""
    axis = graph.constant(np.ones(1, np.int64))
    mask = graph.standard("Unsqueeze", [graph.standard("Cast", ["attention_mask"], to=TensorProto.FLOAT), axis])
    summed = graph.standard("Squeeze", [graph.standard("MatMul", [mask, hidden]), axis])
    graph.nodes.append(helper.make_node("LpNormalization", [summed], ["embedding"], axis=1, p=2))


def _reduce(graph: _Graph, states: Sequence[str], reduction: Reduction) -> None:
    """The states of a token side by side, then one matrix."""
    joined = graph.standard("Concat", states, axis=2)
    product = graph.standard("MatMul", [joined, graph.constant(reduction.weight)])
    graph.nodes.append(helper.make_node("Add", [product, graph.constant(reduction.bias)], ["tokens"]))
