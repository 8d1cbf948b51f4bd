"""A float32 BERT graph -> whole numbers of one byte, with a scale of its own for each row of what is multiplied.

ONNX Runtime's dynamic quantisation takes one scale for all that is in a batch: the same words then mean a little
something else beside other words, and a batch cannot be told from its lines. With a scale a token (as in Dettmers
et al., "LLM.int8()", 2022) a line has the same vector alone and in any company, and is closer to the original.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WEIGHT_MOST = 63
"""Of a weight. Processors without VNNI add two products in 16 bits: 2 · 255 · 63 fits there."""
ROW_MOST = 127
"""Of what is multiplied, as a distance from `ROW_ZERO`."""
ROW_ZERO = 128
TABLE = 1_000_000
"""Numbers from which on a table of embeddings is stored in bytes."""
LEAST = 1e-12
"""A row of zeros has this scale: nothing is divided by nothing."""


def quantise(source: Path, target: Path) -> None:
    """Rewrite a graph.

    Args:
        source: float32 graph whose matrices are constants on the right of a MatMul.
        target: where the other goes.
    """
    import onnx

    model = onnx.load(str(source))
    _Rewriting(model.graph).run()
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


class _Rewriting:
    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self._constants = {one.name: one for one in graph.initializer}
        self._nodes: list[Any] = []
        self._rows: dict[str, tuple[str, str]] = {}
        """What is multiplied -> the names of its bytes and of their scales: three matrices share one input."""

    def run(self) -> None:
        self._constant("row_most", np.float32(ROW_MOST))
        self._constant("row_shift", np.float32(ROW_ZERO + 0.5))
        self._constant("row_zero", np.uint8(ROW_ZERO))
        self._constant("row_least", np.float32(LEAST))
        for node in list(self._graph.node):
            if node.op_type == "MatMul" and node.input[1] in self._constants:
                self._product(node)
            elif node.op_type == "Gather" and self._size(node.input[0]) >= TABLE:
                self._table(node)
            else:
                self._nodes.append(node)
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)

    def _size(self, name: str) -> int:
        return int(np.prod(self._constants[name].dims)) if name in self._constants else 0

    def _product(self, node: Any) -> None:
        """x @ W = (bytes of x @ bytes of W) · scale of the row · scale of the column."""
        bytes_, scale = self._by_row(node.input[0])
        matrix = self._take(node.input[1])
        columns = np.maximum(np.abs(matrix).max(axis=0) / WEIGHT_MOST, LEAST).astype(np.float32)
        name = node.output[0]
        weights = self._constant(f"{name}_weights", np.round(matrix / columns).astype(np.int8))
        self._add("MatMulInteger", [bytes_, weights, "row_zero"], f"{name}_whole")
        self._add("Cast", [f"{name}_whole"], f"{name}_float", to=1)
        self._add("Mul", [f"{name}_float", scale], f"{name}_row")
        self._add("Mul", [f"{name}_row", self._constant(f"{name}_columns", columns)], name)

    def _by_row(self, name: str) -> tuple[str, str]:
        if name not in self._rows:
            self._add("Abs", [name], f"{name}_size")
            self._add("ReduceMax", [f"{name}_size"], f"{name}_most", axes=[-1], keepdims=1)
            self._add("Div", [f"{name}_most", "row_most"], f"{name}_some")
            self._add("Max", [f"{name}_some", "row_least"], f"{name}_scale")
            self._add("Div", [name, f"{name}_scale"], f"{name}_share")
            # Casting cuts off: with a half added to it, it rounds.
            self._add("Add", [f"{name}_share", "row_shift"], f"{name}_shifted")
            self._add("Cast", [f"{name}_shifted"], f"{name}_bytes", to=2)
            self._rows[name] = f"{name}_bytes", f"{name}_scale"
        return self._rows[name]

    def _table(self, node: Any) -> None:
        """A table of embeddings, with a scale for each of its rows."""
        table, (found, places) = self._take(node.input[0]), (node.output[0], node.input[1])
        scales = np.maximum(np.abs(table).max(axis=1, keepdims=True) / ROW_MOST, LEAST).astype(np.float32)
        rows = self._constant(f"{found}_table", np.round(table / scales).astype(np.int8))
        self._add("Gather", [rows, places], f"{found}_bytes", axis=0)
        self._add("Cast", [f"{found}_bytes"], f"{found}_float", to=1)
        self._add("Gather", [self._constant(f"{found}_scales", scales), places], f"{found}_scale", axis=0)
        self._add("Mul", [f"{found}_float", f"{found}_scale"], found)

    def _take(self, name: str) -> NDArray[np.float32]:
        import onnx

        one = self._constants.pop(name)
        self._graph.initializer.remove(one)
        taken: NDArray[np.float32] = onnx.numpy_helper.to_array(one)
        return taken

    def _constant(self, name: str, values: Any) -> str:
        import onnx

        self._graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(values), name))
        return name

    def _add(self, kind: str, inputs: list[str], output: str, **settings: Any) -> None:
        import onnx

        self._nodes.append(onnx.helper.make_node(kind, inputs, [output], **settings))
