"""Train the heads that read requests on generated ones, score them on the sheets, write weights and report.

    python -m avatars.training requests             # about four minutes on one core
    python -m avatars.training requests --seeds 5   # heads of five seeds; the tuning sheet says which are kept

The same seed gives the same heads. Heads are kept in `--work`, with a mark of what they were learnt from: who
asks for them again waits no more. What `avatars.training.train` writes stays as it is.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from avatars import labelling
from avatars.adapters.bert import MODEL as ENCODER
from avatars.adapters.bert import TOKENIZER, WIDTH, Encoder
from avatars.adapters.request_model import Encoded, RequestReader, encode
from avatars.heads import Heads
from avatars.requests import REQUESTS, SLOTS_OF, Found
from avatars.training import request_card as card
from avatars.training.channel import FILE, Channel
from avatars.training.made_of import code_of, mark
from avatars.training.request_scores import Result, Sheet, Wanted, read_sheet, score
from avatars.training.requests import PHRASES, Asked, Requests
from avatars.training.train import HERE, MODELS, Matrix, TrainingSettings, best_temperature, fit

TUNING = HERE / "requests_dev.tsv"
FIRST = HERE / "requests_heldout.tsv"
SECOND = HERE / "requests_second.tsv"
REPORT = "requests-report.json"
TELLING = frozenset({"card.py", "request_card.py", "request_scores.py"})
"""Code that says how good heads are, and has no part in them."""
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
"""Share of words in slots whose own vector the labeller does not see."""
PLAIN = 0.1
"""The same of other words."""
INTENT = TrainingSettings(units=48, epochs=7, dropout=0.45, batch=128, rate=2e-3)
LABEL = TrainingSettings(units=144, epochs=5, dropout=0.3, batch=256, rate=2e-3)


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


def train(seed: int, encoder: Encoder, held_back: Sheets, channel: Channel, number: int = NUMBER) -> RequestReader:
    """Fit intent and label heads.

    Args:
        seed: of the generated requests and of the heads.
        encoder: that gives the vectors.
        held_back: what is too like one of their lines is not learnt from.
        channel: through which a share of the requests passes.
        number: of requests.
    """
    asked = unlike(Requests(seed, channel).examples(number), held_back)
    seen = encode(encoder, [(item.text, item.around) for item in asked])
    kinds = np.array([REQUESTS.index(item.kind) for item in asked], dtype=np.int64)
    vectors = np.stack([item.vector for item in seen])
    last = len(asked) - CHECK
    intents = joined(
        [
            fit(vectors[:last], kinds[:last], settings(INTENT, seed + place), kinds=len(REQUESTS))
            for place in range(HEADS)
        ]
    )
    intents = tempered(intents, best_temperature(intents, vectors[last:], kinds[last:]))
    shares = intents.probabilities(vectors)
    chance = np.random.default_rng(seed)
    open_slots = [place for place, item in enumerate(asked) if item.kind in SLOTS_OF]
    labels = [labels_of(asked[place], seen[place]) for place in open_slots]
    rows = WordRows(
        [hidden(seen[place].rows, row, chance) for place, row in zip(open_slots, labels, strict=True)],
        [seen[place].flags for place in open_slots],
        shares[open_slots],
    )
    label = joined(
        [
            fit(
                rows,
                np.concatenate(labels),
                settings(LABEL, seed + place),
                kinds=labelling.LABELS,
                vectors=(2 * labelling.NEAR + 1) * WIDTH,
            )
            for place in range(HEADS)
        ]
    )
    reader = RequestReader(encoder, intents, label, labelling.moves_of(labels), THRESHOLD)
    return as_stored(reader, encoder)


def as_stored(reader: RequestReader, encoder: Encoder) -> RequestReader:
    """The same as it is after it was written and read: weights are rounded there."""
    with tempfile.TemporaryDirectory() as folder:
        reader.save(Path(folder))
        return RequestReader.load(Path(folder), encoder)


class WordRows:
    """What the labeller sees of each word of many requests, put together when it is asked for: it is five times
    as large as what it is made of."""

    def __init__(self, vectors: Sequence[Matrix], marks: Sequence[Matrix], shares: Matrix) -> None:
        """Keep these.

        Args:
            vectors: of each request (words, length).
            marks: of each request (words, labelling.FLAGS).
            shares: (requests, kinds).
        """
        self._vectors, self._near = _beside(vectors, labelling.NEAR)
        self._marks, self._around = _beside(marks, labelling.AROUND)
        self._shares = shares
        self._request = np.repeat(np.arange(len(vectors)), [len(rows) for rows in vectors])

    @property
    def shape(self) -> tuple[int, int]:
        """(words, width)."""
        return len(self._request), labelling.width(self._vectors.shape[1], self._shares.shape[1])

    def __getitem__(self, chosen: NDArray[np.int64]) -> Matrix:
        """(chosen, width): the same as `labelling.inputs` of their requests has there."""
        near = self._vectors[self._near[chosen]].reshape(len(chosen), -1)
        around = self._marks[self._around[chosen]].reshape(len(chosen), -1)
        return np.concatenate([near, around, self._shares[self._request[chosen]]], axis=1)


def _beside(tables: Sequence[Matrix], steps: int) -> tuple[Matrix, NDArray[np.int64]]:
    """All rows below a row of zeros, and (rows, 2 steps + 1) the places of those beside each in its own table."""
    places, begin = [], 1
    for table in tables:
        beside = np.arange(len(table))[:, None] + np.arange(-steps, steps + 1)
        inside = (beside >= 0) & (beside < len(table))
        places.append(np.where(inside, beside + begin, 0))
        begin += len(table)
    return np.concatenate([np.zeros_like(tables[0][:1]), *tables]), np.concatenate(places)


def hidden(rows: Matrix, labels: NDArray[np.int64], chance: np.random.Generator) -> Matrix:
    """(words, WIDTH) with a word hidden here and there, so that a strange word is told by those around it."""
    shares = np.where(labels > 0, UNKNOWN, PLAIN)
    return np.where((chance.random(len(rows)) < shares)[:, None], np.float32(0), rows)


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
    return replace(base, seed=seed)


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


def heads_of(
    seed: int, encoder: Encoder, work: Path, number: int = NUMBER, models: Path = MODELS
) -> RequestReader:
    """The heads of a seed; they are trained where they are not kept yet.

    Args:
        seed: of the training.
        encoder: that gives the vectors.
        work: folder in which heads are kept.
        number: of requests.
        models: folder of the encoder.
    """
    folder = work / f"requests-{seed}-{number}-{made_from(models)}"
    if not (folder / "requests.npz").is_file():
        reader = train(seed, encoder, sheets(), Channel.load(), number)
        folder.mkdir(parents=True, exist_ok=True)
        reader.save(folder)
    return RequestReader.load(folder, encoder)


def evaluate(seed: int, work: Path, models: Path = MODELS) -> dict[str, float]:
    """Score heads of a seed on both held-out sheets.

    Args:
        seed: of the training.
        work: as for `heads_of`.
        models: folder with the encoder.

    Returns:
        "intent_macro_f1", "slot_f1", "calibration_error", each 0..1.
    """
    return score(heads_of(seed, Encoder(models), work, models=models), sheets().held_out).numbers()


@cache
def made_from(models: Path = MODELS) -> str:
    """A mark of all that heads are made from: code, phrases, sheets, channel, encoder.

    Found once: a file that changes while heads learn has no part in them.
    """
    files = (PHRASES, FILE, TUNING, FIRST, SECOND, models / ENCODER, models / TOKENIZER)
    return mark(code_of("avatars.training.requests_train", TELLING), files)


def shipped(models: Path = MODELS) -> dict[str, float]:
    """The same numbers as `evaluate` gives, of the heads that are shipped."""
    return score(RequestReader.load(models, Encoder(models)), sheets().held_out).numbers()


def shipped_seed(models: Path = MODELS) -> int:
    """The seed of the heads that are shipped."""
    return int(json.loads((models / REPORT).read_text(encoding="utf-8"))["seed"])


def main() -> None:
    """Train, score, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--models", type=Path, default=MODELS, help="folder with the encoder; weights go there too"
    )
    parser.add_argument("--work", type=Path, default=Path("build/understanding"), help="heads are kept here")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--seeds", type=int, default=1, help="how many, from that on; the best on the tuning sheet"
    )
    parser.add_argument("--requests", type=int, default=NUMBER)
    parser.add_argument("--tuning", action="store_true", help="score the tuning sheet, list faults, write nothing")
    arguments = parser.parse_args()
    parts, encoder = sheets(), Encoder(arguments.models)
    seeds = range(arguments.seed, arguments.seed + arguments.seeds)
    readers: dict[int, RequestReader] = {}
    tuned: dict[int, Result] = {}
    for seed in seeds:
        started = time.monotonic()
        readers[seed] = heads_of(seed, encoder, arguments.work, arguments.requests, arguments.models)
        tuned[seed] = score(readers[seed], parts.tuning)
        print(f"seed {seed}: {time.monotonic() - started:.0f} s; {card.line('tuning', tuned[seed])}", flush=True)
    best = max(seeds, key=lambda seed: tuned[seed].intent_macro_f1 + tuned[seed].slot_f1)
    if arguments.tuning:
        print("\n".join(tuned[best].faults), card.by_slot(tuned[best]), f"best: seed {best}", sep="\n")
        return
    runs = []
    for seed in seeds:
        kept = {"heldout": parts.held_out, "first": parts.first, "second": parts.second}
        runs.append({"tuning": tuned[seed]} | {name: score(readers[seed], sheet) for name, sheet in kept.items()})
    chosen = runs[seeds.index(best)]
    for name, result in chosen.items():
        print(card.line(name, result))
    readers[best].save(arguments.models)
    report = card.report(best, seeds, arguments.requests, runs, chosen["heldout"])
    (arguments.models / REPORT).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (arguments.models / "requests.md").write_text(card.write(report), encoding="utf-8")
    print(card.intervals(report))


if __name__ == "__main__":
    main()
