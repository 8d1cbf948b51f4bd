"""Train the heads that read requests on generated ones, score them on the sheets, write weights and report.

    python -m avatars.training requests             # about six minutes on one core
    python -m avatars.training requests --seeds 3   # also score heads of other seeds, for the interval

The same seed gives the same heads. What `avatars.training.train` writes stays as it is.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from avatars import labelling
from avatars.adapters.bert import WIDTH, Encoder
from avatars.adapters.request_model import Encoded, RequestReader, encode
from avatars.heads import Heads
from avatars.requests import REQUESTS, Found
from avatars.training import request_card as card
from avatars.training.request_scores import Sheet, Wanted, read_sheet, score
from avatars.training.requests import Asked, Requests
from avatars.training.train import HERE, MODELS, TrainingSettings, best_temperature, fit

TUNING = HERE / "requests_dev.tsv"
FIRST = HERE / "requests_heldout.tsv"
SECOND = HERE / "requests_second.tsv"
SEED = 7
NUMBER = 30_000
CHECK = 2_000
"""Generated requests that fit the temperature."""
HEADS = 3
"""Heads whose scores are averaged."""
ALIKE = 0.8
"""Share of letters in common, from which on a generated request is too like a held-out line, slots aside."""
SHORT = 3
"""Words of a line that everybody says alike ("never mind"): only the very same text is left out."""
THRESHOLD = 0.2
"""Below it nothing was asked for: with 19 kinds, an even guess has 0.05."""
UNKNOWN = 0.25
"""Share of words whose own vector the labeller does not see."""
INTENT = TrainingSettings(units=48, epochs=7, dropout=0.45)
LABEL = TrainingSettings(units=192, epochs=5, dropout=0.3, batch=128)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheets:
    """Requests written by hand."""

    tuning: Sheet
    first: Sheet
    """Held out; its scores by kind were looked at along the way."""
    second: Sheet
    """Held out, and written by somebody who had not seen the patterns."""

    @property
    def held_out(self) -> Sheet:
        """Both."""
        return [*self.first, *self.second]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """Heads of one seed."""

    reader: RequestReader
    temperature: float


def train(seed: int, encoder: Encoder, held_back: Sheets, number: int = NUMBER) -> Trained:
    """Fit intent and label heads.

    Args:
        seed: of the generated requests and of the heads.
        encoder: that gives the vectors.
        held_back: what is too like one of their lines is not learnt from.
        number: of requests.
    """
    asked = unlike(Requests(seed).examples(number), held_back)
    seen = [encode(encoder, item.text, item.around) for item in asked]
    kinds = np.array([REQUESTS.index(item.kind) for item in asked], dtype=np.int64)
    vectors = np.stack([item.vector for item in seen])
    last = len(asked) - CHECK
    intents = joined(
        [
            fit(vectors[:last], kinds[:last], settings(INTENT, seed + place), kinds=len(REQUESTS))
            for place in range(HEADS)
        ]
    )
    temperature = best_temperature(intents, vectors[last:], kinds[last:])
    intents = tempered(intents, temperature)
    shares = intents.probabilities(vectors)
    chance = np.random.default_rng(seed)
    rows = np.concatenate(
        [
            labelling.inputs(hidden(item.rows, chance), item.flags, share)
            for item, share in zip(seen, shares, strict=True)
        ]
    )
    labels = np.concatenate([labels_of(item, words) for item, words in zip(asked, seen, strict=True)])
    near = (2 * labelling.NEAR + 1) * WIDTH
    label = joined(
        [
            fit(rows, labels, settings(LABEL, seed + place), kinds=labelling.LABELS, vectors=near)
            for place in range(HEADS)
        ]
    )
    return Trained(
        reader=as_stored(RequestReader(encoder, intents, label, THRESHOLD), encoder), temperature=temperature
    )


def as_stored(reader: RequestReader, encoder: Encoder) -> RequestReader:
    """The same as it is after it was written and read: weights are rounded there."""
    with tempfile.TemporaryDirectory() as folder:
        reader.save(Path(folder))
        return RequestReader.load(Path(folder), encoder)


def hidden(rows: NDArray[np.float32], chance: np.random.Generator) -> NDArray[np.float32]:
    """(words, WIDTH) with a word hidden here and there, so that a strange word is told by those around it."""
    return np.where(chance.random((len(rows), 1)) < UNKNOWN, np.float32(0), rows)


def unlike(asked: Sequence[Asked], sheets: Sheets) -> list[Asked]:
    """Those that are no line of a sheet, nor nearly a held-out one with other words in its slots.

    Args:
        asked: generated requests.
        sheets: of the one for tuning only whole texts are left out.
    """
    known = texts((sheets.tuning, sheets.held_out))
    patterns = [pattern for item in sheets.held_out if len((pattern := open_slots(item)).split()) > SHORT]
    kept = []
    for item in asked:
        bare = item.text
        for name, (start, end) in sorted(item.slots.items(), key=lambda pair: -pair[1][0]):
            bare = f"{bare[:start]}<{name.value}>{bare[end:]}"
        near = process.extractOne(bare, patterns, scorer=Indel.normalized_similarity, score_cutoff=ALIKE)
        if item.text not in known and near is None:
            kept.append(item)
    return kept


def open_slots(wanted: Wanted) -> str:
    """A line of a sheet with the names of its slots in place of their words."""
    text = wanted.text
    for name, words in sorted(wanted.slots.items(), key=lambda pair: -len(pair[1])):
        text = text.replace(words, f"<{name.value}>", 1)
    return text


def labels_of(asked: Asked, seen: Encoded) -> NDArray[np.int64]:
    """(words,) the labels that a generated request should get."""
    found = []
    for name, (start, end) in asked.slots.items():
        inside = [at for at, piece in enumerate(seen.words) if piece.start >= start and piece.end <= end]
        if inside:
            found.append(Found(name=name, start=inside[0], end=inside[-1] + 1))
    return labelling.row_of(len(seen.words), found)


def settings(base: TrainingSettings, seed: int) -> TrainingSettings:
    """The same with another seed."""
    return TrainingSettings(
        seed=seed, units=base.units, epochs=base.epochs, dropout=base.dropout, batch=base.batch
    )


def joined(heads: Sequence[Heads]) -> Heads:
    """One head whose scores are the mean of several: their hidden layers side by side."""
    return Heads(
        scale=heads[0].scale,
        hidden=np.concatenate([head.hidden for head in heads], axis=1),
        hidden_bias=np.concatenate([head.hidden_bias for head in heads]),
        output=(np.concatenate([head.output for head in heads]) / len(heads)).astype(np.float32),
        output_bias=np.mean([head.output_bias for head in heads], axis=0).astype(np.float32),
    )


def tempered(heads: Heads, temperature: float) -> Heads:
    """The same at another temperature."""
    return Heads(
        scale=heads.scale, hidden=heads.hidden, hidden_bias=heads.hidden_bias, output=heads.output,
        output_bias=heads.output_bias, temperature=temperature,
    )  # fmt: skip


def sheets() -> Sheets:
    """All of them."""
    return Sheets(tuning=read_sheet(TUNING), first=read_sheet(FIRST), second=read_sheet(SECOND))


def texts(parts: Sequence[Sheet]) -> frozenset[str]:
    """All requests on these sheets."""
    return frozenset(item.text for part in parts for item in part)


def evaluate(seed: int, kept: Path, models: Path = MODELS) -> dict[str, float]:
    """Score heads of a seed on both held-out sheets; they are trained where they are not kept yet.

    Args:
        seed: of the training.
        kept: folder for heads of seeds that are not shipped.
        models: folder with the encoder.

    Returns:
        "intent_macro_f1", "slot_f1", "calibration_error", each 0..1.
    """
    parts, encoder = sheets(), Encoder(models)
    folder = kept / f"requests-{seed}-{_fingerprint()}"
    if not (folder / "requests.npz").is_file():
        reader = train(seed, encoder, parts).reader
        folder.mkdir(parents=True, exist_ok=True)
        reader.save(folder)
    return score(RequestReader.load(folder, encoder), parts.held_out).numbers()


def _fingerprint() -> str:
    """Of what heads are made from; heads of before are not taken for those of now."""
    told = ("request_card.py", "request_scores.py")
    made = [
        path.read_bytes() for path in sorted(HERE.glob("request*")) if path.is_file() and path.name not in told
    ]
    return hashlib.sha256(b"".join(made)).hexdigest()[:8]


def shipped(models: Path = MODELS) -> dict[str, float]:
    """The same numbers of the heads that are shipped."""
    return score(RequestReader.load(models, Encoder(models)), sheets().held_out).numbers()


def main() -> None:
    """Train, score, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--models", type=Path, default=MODELS, help="folder with the encoder; weights go there too"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds are scored; the first one's are kept")
    parser.add_argument("--requests", type=int, default=NUMBER)
    parser.add_argument(
        "--tuning", action="store_true", help="score only the tuning sheet, list faults, keep nothing"
    )
    arguments = parser.parse_args()
    parts = sheets()
    encoder = Encoder(arguments.models)
    if arguments.tuning:
        trained = train(arguments.seed, encoder, parts, arguments.requests)
        result = score(trained.reader, parts.tuning)
        print("\n".join(result.faults))
        print(card.line("tuning", result), f"temperature {trained.temperature:.1f}")
        return
    runs: list[dict[str, dict[str, float]]] = []
    for seed in range(arguments.seed, arguments.seed + arguments.seeds):
        started = time.monotonic()
        trained = train(seed, encoder, parts, arguments.requests)
        results = {
            "tuning": score(trained.reader, parts.tuning),
            "heldout": score(trained.reader, parts.held_out),
            "first": score(trained.reader, parts.first),
            "second": score(trained.reader, parts.second),
        }
        runs.append({name: result.numbers() for name, result in results.items()})
        print(f"seed {seed}: {time.monotonic() - started:.0f} s, temperature {trained.temperature:.1f}")
        for name, result in results.items():
            print(card.line(name, result))
        if seed == arguments.seed:
            trained.reader.save(arguments.models)
            kept = results
    report = card.report(arguments.seed, arguments.requests, runs, kept["heldout"])
    (arguments.models / "requests-report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (arguments.models / "requests.md").write_text(card.write(report), encoding="utf-8")
    print(card.intervals(report))


if __name__ == "__main__":
    main()
