"""Builds the ONNX graph of all-MiniLM-L6-v2 from its weights; knows nothing of files or hashes.

The graph takes the token ids of ONE text (no padding, so every token counts), and gives the means
of the last two layers as vectors of unit length.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LAYERS, WIDTH, HEADS = 6, 384, 12
LAYER_NORM_EPSILON = 1e-12
OPSET = 17
IR_VERSION = 8

Weights = Mapping[str, np.ndarray]


def build_sentence_graph(weights: Weights) -> onnx.ModelProto:
    """Return the model with input `input_ids` (1, tokens) and output `embeddings` (2, 384).

    The first row is the last layer's, as the published model gives it; the second is that of the
    layer below, which keeps more of the wording.

    Raises:
        KeyError: A weight is missing.
    """
    return _Builder(weights).build()


class _Builder:
    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: dict[str, onnx.TensorProto] = {}

    def build(self) -> onnx.ModelProto:
        hidden = self._embed("input_ids")
        means: list[str] = []
        for layer in range(LAYERS):
            hidden = self._layer(hidden, f"encoder.layer.{layer}")
            if layer >= LAYERS - 2:
                means.insert(0, self._add("ReduceMean", [hidden], axes=[1], keepdims=0))
        rows = self._add("Concat", means, axis=0)
        self._add("LpNormalization", [rows], output="embeddings", axis=1, p=2)
        graph = helper.make_graph(
            self._nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])],
            [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, [2, WIDTH])],
            list(self._initializers.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model)
        return model

    def _add(self, op: str, inputs: list[str], output: str | None = None, **attributes) -> str:
        output = output or f"{op}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def _constant(self, name: str, value: np.ndarray) -> str:
        if name not in self._initializers:
            self._initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name].astype(np.float32))

    def _embed(self, ids: str) -> str:
        words = self._add("Gather", [self._weight("embeddings.word_embeddings.weight"), ids])
        shape = self._add("Shape", [ids])
        zero, one = self._axis(0), self._axis(1)
        length = self._add("Slice", [shape, one, self._axis(2), zero])
        table = self._weight("embeddings.position_embeddings.weight")
        positions = self._add("Slice", [table, zero, length, zero])
        kinds = self._weights["embeddings.token_type_embeddings.weight"][0]
        kind = self._constant("token_type", kinds.astype(np.float32))
        placed = self._add("Add", [self._add("Add", [words, positions]), kind])
        return self._layer_norm(placed, "embeddings.LayerNorm")

    def _axis(self, value: int) -> str:
        return self._constant(f"axis_{value}", np.array([value], dtype=np.int64))

    def _layer(self, hidden: str, prefix: str) -> str:
        attended = self._attention(hidden, f"{prefix}.attention")
        hidden = self._layer_norm(
            self._add("Add", [attended, hidden]), f"{prefix}.attention.output.LayerNorm"
        )
        inner = self._gelu(self._linear(hidden, f"{prefix}.intermediate.dense"))
        outer = self._linear(inner, f"{prefix}.output.dense")
        return self._layer_norm(self._add("Add", [outer, hidden]), f"{prefix}.output.LayerNorm")

    def _attention(self, hidden: str, prefix: str) -> str:
        query, key, value = self._queries_keys_values(hidden, f"{prefix}.self")
        query = self._heads(query, [0, 2, 1, 3])
        key = self._heads(key, [0, 2, 3, 1])
        value = self._heads(value, [0, 2, 1, 3])
        scale = self._constant("scale", np.array((WIDTH // HEADS) ** 0.5, dtype=np.float32))
        scores = self._add("Div", [self._add("MatMul", [query, key]), scale])
        shares = self._add("Softmax", [scores], axis=-1)
        mixed = self._add("Transpose", [self._add("MatMul", [shares, value])], perm=[0, 2, 1, 3])
        whole = self._constant("whole", np.array([1, -1, WIDTH], dtype=np.int64))
        return self._linear(self._add("Reshape", [mixed, whole]), f"{prefix}.output.dense")

    def _queries_keys_values(self, hidden: str, prefix: str) -> list[str]:
        """One product for the three, to the bit what three give, and a little faster."""
        names = [f"{prefix}.{name}" for name in ("query", "key", "value")]
        rows = np.concatenate([self._weights[f"{name}.weight"] for name in names])
        bias = np.concatenate([self._weights[f"{name}.bias"] for name in names])
        matrix = self._constant(f"{prefix}.weight.T", rows.astype(np.float32).T)
        product = self._add("MatMul", [hidden, matrix])
        added = self._constant(f"{prefix}.bias", bias.astype(np.float32))
        together = self._add("Add", [product, added])
        thirds = self._constant("thirds", np.array([WIDTH] * 3, dtype=np.int64))
        self._nodes.append(
            helper.make_node("Split", [together, thirds], names, name=f"{prefix}.split", axis=2)
        )
        return names

    def _heads(self, hidden: str, order: list[int]) -> str:
        split = self._constant("split", np.array([1, -1, HEADS, WIDTH // HEADS], dtype=np.int64))
        parted = self._add("Reshape", [hidden, split])
        return self._add("Transpose", [parted], perm=order)

    def _linear(self, hidden: str, prefix: str) -> str:
        matrix = self._constant(
            f"{prefix}.weight.T", self._weights[f"{prefix}.weight"].astype(np.float32).T
        )
        product = self._add("MatMul", [hidden, matrix])
        return self._add("Add", [product, self._weight(f"{prefix}.bias")])

    def _layer_norm(self, hidden: str, prefix: str) -> str:
        inputs = [hidden, self._weight(f"{prefix}.weight"), self._weight(f"{prefix}.bias")]
        return self._add("LayerNormalization", inputs, axis=-1, epsilon=LAYER_NORM_EPSILON)

    def _gelu(self, hidden: str) -> str:
        root_two = self._constant("root_two", np.array(2**0.5, dtype=np.float32))
        one = self._constant("one", np.array(1.0, dtype=np.float32))
        half = self._constant("half", np.array(0.5, dtype=np.float32))
        error = self._add("Erf", [self._add("Div", [hidden, root_two])])
        scaled = self._add("Mul", [hidden, self._add("Add", [error, one])])
        return self._add("Mul", [scaled, half])
