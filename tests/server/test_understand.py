"""`atrium understand`: a file of utterances in, confidences out; what cannot be read is named with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.__main__ import main

ROW = {"id": "a", "meeting": "m", "speaker": "A", "start": 0.0, "end": 1.5, "text": "I will send it to Bo"}
TALK = (
    ("A", "so what is next"), ("B", "the budget"),
    ("A", "okay so for the next meeting you will prepare the budget"),
    ("B", "yes I will send it to everybody"), ("C", "mm hmm"), ("A", "we decided to take the small battery"),
    ("C", "that was a nice lunch"),
)  # fmt: skip


def written(path: Path, rows: list[Any]) -> Path:
    """A file with these as lines."""
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n")
    return path


def talk(meeting: str, field: str = "text") -> list[dict[str, Any]]:
    """A short meeting."""
    return [
        {
            "id": f"{meeting}{at}", "meeting": meeting, "i": at, "speaker": speaker, "role": None,
            "start": 3.0 * at, "end": 3.0 * at + 2, field: text,
        }
        for at, (speaker, text) in enumerate(TALK)
    ]  # fmt: skip


def understood(folder: Path, rows: list[Any], *more: str) -> list[dict[str, Any]]:
    """What the command writes for these."""
    source, target = written(folder / "in.jsonl", rows), folder / "out.jsonl"
    assert main(["understand", "--input", str(source), "--output", str(target), *more]) == 0
    return [json.loads(line) for line in target.read_text().splitlines()]


def test_every_utterance_has_a_confidence_for_each_task(tmp_path: Path) -> None:
    found = understood(tmp_path, [*talk("one"), *talk("two")])
    assert [row["id"] for row in found if row["task"] == "actions"] == [
        f"{meeting}{at}" for meeting in ("one", "two") for at in range(len(TALK))
    ]
    assert {row["task"] for row in found} == {"actions", "decisions", "problems"}
    assert all(0 <= row["score"] <= 1 and row["label"] in (0, 1) and row["sha256"] for row in found)
    scores = {row["id"]: row["score"] for row in found if row["task"] == "actions"}
    assert scores["one2"] > 5 * scores["one6"], "work for the next meeting, and lunch"
    assert scores["one2"] == scores["two2"], "the same words in the same place"


def test_only_words_leave_out_place_and_role(tmp_path: Path) -> None:
    whole, words = understood(tmp_path, talk("m")), understood(tmp_path, talk("m"), "--words-only")
    assert [row["score"] for row in whole] != [row["score"] for row in words]
    roles = [{**row, "role": "PM"} for row in talk("m")]
    assert understood(tmp_path, roles, "--words-only") == words


def test_recognised_text_is_read_where_there_is_no_other(tmp_path: Path) -> None:
    assert understood(tmp_path, talk("m", "asr")) == understood(tmp_path, talk("m", "asr"), "--field", "asr")
    silent = understood(tmp_path, talk("m", "asr"), "--field", "text")
    assert len(silent) == 3 * len(TALK)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([ROW, "{"], "line 2: this is no JSON"),
        ([["a"]], "line 1: an object is expected"),
        ([{**ROW, "start": "soon"}], "line 1: start is missing, or is no float"),
        ([{**ROW, "end": True}], "line 1: end is missing"),
        ([{key: value for key, value in ROW.items() if key != "speaker"}], "line 1: speaker is missing"),
        ([{**ROW, "role": ["PM"]}], "line 1: role is no str"),
        ([{**ROW, "text": None}], 'line 1: neither "text" nor "asr"'),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[Any], words: str
) -> None:
    source, target = written(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl"
    assert main(["understand", "--input", str(source), "--output", str(target)]) == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [source]


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["understand", "--input", str(tmp_path / "no.jsonl"), "--output", str(tmp_path / "out")]) == 2
    assert "there is no file" in capsys.readouterr().err


def test_an_empty_file_gives_an_empty_one(tmp_path: Path) -> None:
    assert understood(tmp_path, [""]) == []
