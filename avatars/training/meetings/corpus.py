"""The AMI meetings with gold links, in the format that `docs/howto/train-understanding.md` describes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avatars.meeting_input import Line

LABELS = ("actions", "decisions", "problems", "extractive")
"""What the model tells of an utterance, in the order of its outputs. The last only helps it to learn."""
FIELDS = ("text", "asr")
"""As people wrote it down; as a recogniser heard it."""
NEAR = 2
"""Neighbours of an action that are often just as good: they are no certain negatives, and not learnt from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One meeting with what annotators said of it."""

    id: str
    rows: Sequence[Mapping[str, Any]]
    known: Mapping[str, bool]
    """By label: annotators linked something, so that what is not linked counts as negative."""

    @property
    def group(self) -> str:
        """Meetings of a group share speakers, and never part in cross-validation."""
        return self.id[:-1]

    def lines(self, field: str) -> list[Line]:
        """The utterances with their written or recognised text."""
        return [
            Line(
                id=row["id"], speaker=row["speaker"], start=row["start"], end=row["end"],
                text=row.get(field) or "", role=row.get("role"),
            )
            for row in self.rows
        ]  # fmt: skip

    def gold(self) -> NDArray[np.float32]:
        """(utterances, LABELS) 1 where the annotators linked or chose it."""
        return np.array(
            [[bool(row.get(label)) for label in LABELS] for row in self.rows], dtype=np.float32
        ).reshape(-1, len(LABELS))

    def weights(self) -> NDArray[np.float32]:
        """(utterances, LABELS) 0 where it is not certain whether it is negative."""
        gold = self.gold()
        weights = np.ones_like(gold)
        for column, label in enumerate(LABELS):
            if not self.known.get(label, True):
                weights[:, column] = 0
        for place in np.flatnonzero(gold[:, 0]):
            around = slice(max(0, place - NEAR), place + NEAR + 1)
            weights[around, 0] *= gold[around, 0]
        return weights


def read_split(folder: Path, split: str) -> list[Meeting]:
    """Read the meetings of a split ("train", "dev").

    Raises:
        OSError: a file is missing.
        ValueError: a line is no JSON.
    """
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in _rows(folder, split):
        rows.setdefault(row["meeting"], []).append(row)
    sections = read_sections(folder, split)
    return [
        Meeting(
            id=name,
            rows=of_it,
            known={
                label: any(item.get("utterances") for item in sections[name].get(label, []))
                for label in LABELS
                if label != "extractive"
            },
        )
        for name, of_it in rows.items()
    ]


def read_sections(folder: Path, split: str) -> Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]:
    """The human summaries of a split: meeting -> section -> sentences with the `utterances` they are linked to.

    Raises:
        OSError: the file is missing.
    """
    return {one["id"]: one["sections"] for one in _lines(folder / f"{split}_meetings.jsonl")}


def _rows(folder: Path, split: str) -> Iterator[Mapping[str, Any]]:
    plain = folder / f"{split}.jsonl"
    return _lines(plain if plain.is_file() else plain.with_name(plain.name + ".gz"))


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
