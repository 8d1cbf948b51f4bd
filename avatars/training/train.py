"""Train the heads on generated talk, score them on held-out clauses, write model card and report.

    python -m avatars.training.train                      # needs only what the office itself needs
    python -m avatars.training.train --ami dev.jsonl      # also write scores for the AMI scorer

The same seed gives the same heads.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from avatars.adapters.bert import WIDTH, Encoder
from avatars.cues import NAMES, cues, plain
from avatars.grammar import read
from avatars.heads import KINDS, Heads
from avatars.intent import IntentKind
from avatars.recognizer import Present
from avatars.training import card
from avatars.training.card import scores
from avatars.training.channel import Channel
from avatars.training.talk import ADA, Example, Talk
from avatars.veto import may_be_decision, may_be_task
from avatars.words import tokenise

HERE = Path(__file__).parent
MODELS = HERE.parents[1] / "assets" / "models" / "understanding"
MOMENT = datetime(2026, 11, 18, 10, 0)
"""Training clauses are read as of this Wednesday; the day does not matter to the heads."""
HELD_OUT_PEOPLE = ("Bo", "Lin", "Ana", "Marek", "Priya", "Tom")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """How the heads are trained."""

    seed: int = 7
    clauses: int = 24_000
    units: int = 48
    epochs: int = 14
    batch: int = 64
    rate: float = 1.5e-3
    weight_decay: float = 1e-4
    dropout: float = 0.25
    """Share of inputs switched off in each step."""
    vector_scale: float = 8.0
    """Sentence vectors have length 1; their entries are this much smaller than the cues."""
    label_smoothing: float = 0.06


Matrix = NDArray[np.float32]


class Inputs(Protocol):
    """A table (examples, width) of which some rows are asked for at a time."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(examples, width)."""

    def __getitem__(self, chosen: NDArray[np.int64], /) -> Matrix:
        """(chosen, width)."""


def joined(examples: Sequence[Example], encoder: Encoder, batch: int = 64) -> Matrix:
    """(examples, WIDTH + cues) float32."""
    rows: list[Matrix] = []
    for begin in range(0, len(examples), batch):
        part = examples[begin : begin + batch]
        texts, extra = [], []
        for example in part:
            tokens = tokenise(example.text)
            reading = read(tokens, example.present, MOMENT)
            texts.append(plain(reading, example.present))
            extra.append(cues(reading, tokens, example.present))
        rows.append(np.concatenate([encoder.encode(texts), np.stack(extra)], axis=1))
    return np.concatenate(rows)


def allowed(examples: Sequence[Example]) -> Matrix:
    """(examples, kinds): 0 where the grammar forbids an action item or a decision, else 1."""
    mask = np.ones((len(examples), len(KINDS)), dtype=np.float32)
    for row, example in enumerate(examples):
        reading = read(tokenise(example.text), example.present, MOMENT)
        mask[row, KINDS.index(IntentKind.ACTION_ITEM)] = may_be_task(reading)
        mask[row, KINDS.index(IntentKind.DECISION)] = may_be_decision(reading)
    return mask


class _Adam:
    """Steps of Adam on one table, in place: most of the time of a small net goes into copies otherwise."""

    def __init__(self, weight: Matrix, decay: float) -> None:
        self._weight = weight
        self._decay = decay
        self._first, self._second, self._free = (np.zeros_like(weight) for _ in range(3))

    def step(self, gradient: Matrix, rate: float, number: int) -> None:
        """Move the weights by a gradient, which is spent by it; `number` counts from 1."""
        first, second, free = self._first, self._second, self._free
        first *= 0.9
        np.multiply(gradient, 0.1, out=free)
        first += free
        second *= 0.999
        gradient *= gradient
        gradient *= 0.001
        second += gradient
        np.multiply(second, 1 / (1 - 0.999**number), out=free)
        np.sqrt(free, out=free)
        free += 1e-8
        np.divide(first, free, out=free)
        free *= rate / (1 - 0.9**number)
        self._weight *= 1 - rate * self._decay
        self._weight -= free


def fit(
    inputs: Inputs,
    labels: NDArray[np.int64],
    settings: TrainingSettings,
    *,
    kinds: int = len(KINDS),
    vectors: int = WIDTH,
) -> Heads:
    """Adam on the cross entropy, in NumPy.

    Args:
        inputs: (examples, width), sentence vectors first; made as they are needed where they are many.
        labels: (examples,) 0 to `kinds`.
        settings: of the training.
        kinds: how many there are.
        vectors: how many of the inputs are entries of vectors of length 1.
    """
    chance = np.random.default_rng(settings.seed)
    width = inputs.shape[1]
    scale = np.ones(width, dtype=np.float32)
    scale[:vectors] = settings.vector_scale
    weights = [
        chance.normal(0, np.sqrt(2 / width), (width, settings.units)).astype(np.float32),
        np.zeros(settings.units, dtype=np.float32),
        chance.normal(0, np.sqrt(1 / settings.units), (settings.units, kinds)).astype(np.float32),
        np.zeros(kinds, dtype=np.float32),
    ]
    steps = settings.epochs * (len(labels) // settings.batch)
    adam = [_Adam(weight, settings.weight_decay) for weight in weights]
    off = round(256 * settings.dropout)
    kept = scale * np.float32(256 / (256 - off))
    even = np.float32(settings.label_smoothing / kinds)
    step = 0
    for _ in range(settings.epochs):
        order = chance.permutation(len(labels))
        for begin in range(0, len(order) - settings.batch + 1, settings.batch):
            step += 1
            chosen = order[begin : begin + settings.batch]
            x = inputs[chosen] * kept
            x *= np.frombuffer(chance.bytes(x.size), dtype=np.uint8).reshape(x.shape) >= off
            units = np.maximum(x @ weights[0] + weights[1], 0)
            scores = units @ weights[2] + weights[3]
            fault = np.exp(scores - scores.max(axis=1, keepdims=True))
            fault /= fault.sum(axis=1, keepdims=True)
            fault -= even
            fault[np.arange(settings.batch), labels[chosen]] -= 1 - settings.label_smoothing
            fault /= settings.batch
            back = fault @ weights[2].T * (units > 0)
            gradients = [x.T @ back, back.sum(axis=0), units.T @ fault, fault.sum(axis=0)]
            rate = settings.rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            for one, gradient in zip(adam, gradients, strict=True):
                one.step(gradient, rate, step)
    return Heads(scale=scale, hidden=weights[0], hidden_bias=weights[1], output=weights[2], output_bias=weights[3])


def held_out(path: Path) -> dict[str, list[Example]]:
    """The clauses written by hand, by sheet ("first", "second")."""
    present = (*(Present(id=name.lower(), name=name) for name in HELD_OUT_PEOPLE), ADA)
    sheets: dict[str, list[Example]] = {}
    sheet: list[Example] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# sheet: "):
            sheet = sheets.setdefault(line.removeprefix("# sheet: ").split()[0], [])
        elif line and not line.startswith("#"):
            kind, _, text = line.partition("\t")
            sheet.append(Example(text=text, kind=IntentKind(kind), present=present))
    return sheets


def labels_of(examples: Sequence[Example]) -> NDArray[np.int64]:
    """(examples,) places in `KINDS`."""
    return np.array([KINDS.index(example.kind) for example in examples], dtype=np.int64)


def best_temperature(heads: Heads, inputs: Matrix, labels: NDArray[np.int64]) -> float:
    """The temperature with the lowest log loss on clauses the heads were not trained on."""

    def loss(temperature: float) -> float:
        tempered = Heads(
            scale=heads.scale, hidden=heads.hidden, hidden_bias=heads.hidden_bias, output=heads.output,
            output_bias=heads.output_bias, temperature=temperature,
        )  # fmt: skip
        shares = tempered.probabilities(inputs)
        return float(-np.log(shares[np.arange(len(labels)), labels] + 1e-9).mean())

    return min((float(value) for value in np.arange(0.5, 2.05, 0.1)), key=loss)


def main() -> None:
    """Train, score, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--models", type=Path, default=MODELS, help="folder with the encoder; heads go there too")
    parser.add_argument("--seed", type=int, default=TrainingSettings().seed)
    parser.add_argument("--clauses", type=int, default=TrainingSettings().clauses)
    parser.add_argument("--ami", type=Path, help="utterances of the AMI corpus as JSON lines (id, text), to score")
    parser.add_argument("--predictions", type=Path, default=Path("ami_predictions.jsonl"))
    parser.add_argument("--faults", action="store_true", help="list held-out clauses that are told wrongly")
    arguments = parser.parse_args()
    settings = TrainingSettings(seed=arguments.seed, clauses=arguments.clauses)
    encoder = Encoder(arguments.models)
    started = time.monotonic()
    channel = Channel.load()
    training = Talk(settings.seed, channel=channel).examples(settings.clauses)
    check = Talk(settings.seed + 1000, channel=channel).examples(2000)
    heads = fit(joined(training, encoder), labels_of(training), settings)
    check_inputs = joined(check, encoder)
    heads = Heads(
        scale=heads.scale, hidden=heads.hidden, hidden_bias=heads.hidden_bias, output=heads.output,
        output_bias=heads.output_bias, temperature=best_temperature(heads, check_inputs, labels_of(check)),
    )  # fmt: skip
    heads.save(arguments.models / "heads.npz")
    heads = Heads.load(arguments.models / "heads.npz", WIDTH + len(NAMES))
    generated = heads.probabilities(check_inputs) * allowed(check)
    tables = {"generated": scores(labels_of(check), generated.argmax(axis=1))}
    for sheet, examples in held_out(HERE / "heldout.tsv").items():
        shares = heads.probabilities(joined(examples, encoder)) * allowed(examples)
        found = shares.argmax(axis=1)
        tables[sheet] = scores(labels_of(examples), found)
        if arguments.faults:
            for example, place, row in zip(examples, found, shares, strict=True):
                if KINDS[place] is not example.kind:
                    told = f"{example.kind.value} told as {KINDS[place].value} ({row[place]:.2f})"
                    print(f"  {sheet}: {told}: {example.text}")
    print(f"{len(training)} clauses, {time.monotonic() - started:.0f} s, temperature {heads.temperature:.1f}")
    text = card.table(tables)
    print(text)
    report = {
        "seed": settings.seed,
        "clauses": settings.clauses,
        "temperature": round(heads.temperature, 2),
        "scores": {name: [card.rounded(score) for score in table] for name, table in tables.items()},
    }
    (arguments.models / "report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (arguments.models / "README.md").write_text(
        card.write(settings.clauses, settings.seed, text), encoding="utf-8"
    )
    if arguments.ami:
        predict_ami(arguments.ami, arguments.predictions, encoder, heads)


def predict_ami(path: Path, target: Path, encoder: Encoder, heads: Heads) -> None:
    """Write {"id", "score"} of the action head for each utterance of the corpus."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    examples = [Example(text=row["text"], kind=IntentKind.NONE, present=()) for row in rows if row["text"].strip()]
    kept = [row for row in rows if row["text"].strip()]
    with target.open("w", encoding="utf-8") as file:
        for begin in range(0, len(kept), 512):
            part = examples[begin : begin + 512]
            shares = heads.probabilities(joined(part, encoder)) * allowed(part)
            for row, share in zip(kept[begin : begin + 512], shares, strict=True):
                score = round(float(share[KINDS.index(IntentKind.ACTION_ITEM)]), 4)
                file.write(json.dumps({"id": row["id"], "score": score}) + "\n")


if __name__ == "__main__":
    main()
