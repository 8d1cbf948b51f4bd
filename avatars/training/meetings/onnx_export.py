"""The nets as one ONNX graph with int8 weights, and what belongs to it as JSON."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from avatars.adapters.bert import WIDTH
from avatars.adapters.meeting_model import ABOUT, GRAPH
from avatars.meeting_input import Line, arrange
from avatars.training.meetings.net import INPUTS, Net, Together

MOST_APART = 0.25
"""Log odds by which the written graph may differ from the nets, at the 99th percentile of an example."""
_QUANTISE = """
import sys
from onnxruntime.quantization import QuantType, quantize_dynamic
quantize_dynamic(sys.argv[1], sys.argv[2], weight_type=QuantType.QInt8, per_channel=True)
"""


def write(nets: Sequence[Net], folder: Path, calibrations: Mapping[str, Any]) -> None:
    """Write graph and JSON.

    Raises:
        RuntimeError: the written graph tells something else than the nets.
    """
    together = Together(nets).eval()
    example = _example()
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        count = torch.export.Dim("utterances", min=2)
        torch.onnx.export(
            together, tuple(example), str(whole), input_names=list(INPUTS), output_names=["odds"],
            dynamic_shapes={"inputs": tuple({0: count} for _ in INPUTS)}, dynamo=True, external_data=False,
        )  # fmt: skip
        # A process of its own: one that has exported quantises badly.
        subprocess.run([sys.executable, "-c", _QUANTISE, str(whole), str(folder / GRAPH)], check=True)
    strip(folder / GRAPH)
    _check(together, example, folder / GRAPH)
    about = {
        "model": GRAPH,
        "sha256": hashlib.sha256((folder / GRAPH).read_bytes()).hexdigest(),
        "calibrations": calibrations,
    }
    (folder / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def strip(path: Path) -> None:
    """Take out what the exporter notes of the code that it traced: it names folders of the machine it ran on."""
    import onnx

    model = onnx.load(str(path))
    noted = [model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer]
    for one in [*noted, *model.graph.input, *model.graph.output, *model.functions]:
        del one.metadata_props[:]
        one.doc_string = ""
    onnx.save(model, str(path))


def _example(count: int = 40) -> list[torch.Tensor]:
    chance = np.random.default_rng(0)
    vectors = chance.normal(size=(count, WIDTH)).astype(np.float32)
    lines = [
        Line(
            id=str(number), speaker="ABCD"[number % 3], start=3.0 * number, end=3.0 * number + 2.5,
            text=("so the designer will send it before the next meeting", "okay", "yes and what about the budget")[
                number % 3
            ],
            role=("PM", "ME", None)[number % 3],
        )
        for number in range(count)
    ]  # fmt: skip
    arrays = {
        "vectors": vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        **arrange(lines, whole=True, roles=True).arrays(),
    }
    return [torch.from_numpy(arrays[name]) for name in INPUTS]


def _check(together: Together, example: Sequence[torch.Tensor], path: Path) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(None, {name: one.numpy() for name, one in zip(INPUTS, example, strict=True)})[0]
    with torch.no_grad():
        wanted = together(*example).numpy()
    apart = float(np.quantile(np.abs(found - wanted), 0.99))
    if apart > MOST_APART:
        raise RuntimeError(f"{path.name} tells {apart:.2f} log odds more or less than the nets: do not use it")
