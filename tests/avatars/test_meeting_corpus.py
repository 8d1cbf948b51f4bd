"""The corpus as it is read, what of it is learnt from, and how told labels are scored."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avatars.calibration import Calibration
from avatars.training.meetings.corpus import LABELS, Meeting, read_split
from avatars.training.meetings.score import joined, judged, score
from avatars.training.owners import cross_validate, fit, read_items
from avatars.training.owners import score as score_owners

EVEN = Calibration(slope=1.0, shift=0.0, threshold=0.5)


def row(meeting: str, at: int, **more: Any) -> dict[str, Any]:
    """An utterance."""
    return {
        "id": f"{meeting}.{at}", "meeting": meeting, "i": at, "speaker": "AB"[at % 2],
        "role": ("PM", "ID")[at % 2], "start": 2.0 * at, "end": 2.0 * at + 1,
        "text": f"words {at}", "asr": f"birds {at}", **more,
    }  # fmt: skip


def corpus(folder: Path, split: str, meetings: dict[str, dict[int, dict[str, Any]]], length: int = 9) -> Path:
    """Write meetings of some length, where at some places annotators said more."""
    with gzip.open(folder / f"{split}.jsonl.gz", "wt", encoding="utf-8") as file:
        for name, marked in meetings.items():
            for at in range(length):
                file.write(json.dumps(row(name, at, **marked.get(at, {}))) + "\n")
    with (folder / f"{split}_meetings.jsonl").open("w", encoding="utf-8") as file:
        for name, marked in meetings.items():
            linked = [f"{name}.{at}" for at, more in marked.items() if more.get("actions")]
            sentences = [{"id": f"{name}.s", "utterances": linked, "owner_roles": ["ID"]}] if linked else []
            file.write(json.dumps({"id": name, "sections": {"actions": sentences}}) + "\n")
    return folder


@pytest.fixture
def meetings(tmp_path: Path) -> list[Meeting]:
    """One with an action at the fourth utterance, and one where nobody linked anything."""
    return read_split(
        corpus(tmp_path, "train", {"X1a": {4: {"actions": ["s"], "extractive": 1}}, "X1b": {}}), "train"
    )


def test_written_and_recognised_text_are_apart(meetings: list[Meeting]) -> None:
    assert [(meeting.id, meeting.group, len(meeting.rows)) for meeting in meetings] == [
        ("X1a", "X1", 9),
        ("X1b", "X1", 9),
    ]
    assert meetings[0].lines("text")[3].text == "words 3"
    assert meetings[0].lines("asr")[3].text == "birds 3"
    assert meetings[0].lines("asr")[3].role == "ID"


def test_neighbours_and_meetings_without_links_are_no_certain_negatives(meetings: list[Meeting]) -> None:
    linked, other = meetings
    actions, extractive = LABELS.index("actions"), LABELS.index("extractive")
    assert linked.gold()[:, actions].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert linked.weights()[:, actions].tolist() == [1, 1, 0, 0, 1, 0, 0, 1, 1]
    assert linked.weights()[:, extractive].tolist() == [1] * 9
    assert other.weights()[:, actions].tolist() == [0] * 9


def test_only_meetings_with_links_are_scored(meetings: list[Meeting]) -> None:
    told = {name: np.full((9, len(LABELS)), -4.0, np.float32) for name in ("X1a", "X1b")}
    told["X1a"][[1, 4], 0] = 4.0
    told["X1b"][:, 0] = 4.0
    found = score(meetings, "actions", *judged(told, "actions", EVEN))
    assert (found.precision, found.recall, found.coverage, found.shown) == (0.5, 1.0, 1.0, 2.0)
    assert found.f1 == pytest.approx(2 / 3)
    odds, gold = joined(meetings, told, "actions")
    assert (len(odds), gold.sum()) == (9, 1)


def test_nothing_found_is_no_success(meetings: list[Meeting]) -> None:
    told = {name: np.full((9, len(LABELS)), -4.0, np.float32) for name in ("X1a", "X1b")}
    found = score(meetings, "actions", *judged(told, "actions", EVEN))
    assert (found.precision, found.recall, found.f1, found.coverage) == (0.0, 0.0, 0.0, 0.0)


def test_a_missing_part_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_split(corpus(tmp_path, "train", {"X1a": {}}), "dev")


def test_owners_are_learnt_and_scored(tmp_path: Path) -> None:
    said: dict[int, dict[str, Any]] = {
        4: {"actions": ["s"], "text": "you will do it"},
        5: {"text": "okay I will"},
    }
    items = read_items(corpus(tmp_path, "train", {f"X{number}a": said for number in range(10)}), "train")
    assert [(item.places, item.owner) for item in items] == [([4], "ID")] * 10
    weights = fit(items)
    assert score_owners(items, weights).accuracy == 1.0
    apart = cross_validate(items)
    assert (apart.told, apart.right, apart.items, apart.recall) == (10, 10, 10, 1.0)
