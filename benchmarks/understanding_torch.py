"""The same encoder in PyTorch, eager, on one thread: a peer of `benchmarks.understanding`.

Reads {"sentences": [...], "batch": n} from its standard input, and prints {"per_second": x}.
"""

from __future__ import annotations

import json
import sys
import time

import torch
from transformers import AutoModel, AutoTokenizer

from avatars.training.export import model_folder


def main() -> None:
    """Encode all sentences, the first batch once more before."""
    torch.set_num_threads(1)
    asked = json.load(sys.stdin)
    sentences, size = asked["sentences"], asked["batch"]
    folder = model_folder()
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    batches = [sentences[begin : begin + size] for begin in range(0, len(sentences), size)]
    began = 0.0
    with torch.no_grad():
        for number, batch in enumerate([batches[0], *batches]):
            if number == 1:
                began = time.perf_counter()
            tokens = tokenizer(batch, padding=True, truncation=True, max_length=64, return_tensors="pt")
            hidden, mask = model(**tokens).last_hidden_state, tokens["attention_mask"][..., None]
            torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)
    print(json.dumps({"per_second": len(sentences) / (time.perf_counter() - began)}))


if __name__ == "__main__":
    main()
