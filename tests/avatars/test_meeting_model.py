"""The model that is shipped: whole, or named with what to do; and what holds for whatever it reads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from avatars.adapters.meeting_model import ABOUT, GRAPH, MeetingModel
from avatars.errors import ModelError
from avatars.meeting_input import Line
from server.assets import assets_dir

FOLDER = assets_dir() / "models" / "understanding"
SAID = ("so for the next meeting you will prepare the budget", "", "yes I will", "okay", "that was a nice lunch")
LINES = [
    Line(id=str(at), speaker="AB"[at % 2], start=3.0 * at, end=3.0 * at + 2, text=text)
    for at, text in enumerate(SAID)
]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The model's files, to be broken."""
    for path in FOLDER.iterdir():
        shutil.copy(path, tmp_path)
    return tmp_path


def test_what_is_remembered_tells_the_same_as_what_is_read_anew() -> None:
    model, forgetful = MeetingModel(FOLDER), MeetingModel(FOLDER, keep=1)
    first = model.read(LINES, recognised=True, known=False)
    for other in (model, forgetful, forgetful):
        assert other.read(LINES, recognised=True, known=False).told == first.told
    assert [told.id for told in first.told] == [line.id for line in LINES]
    assert first.seconds > 0


def test_a_meeting_without_a_word_is_read() -> None:
    found = MeetingModel(FOLDER).read([], recognised=True, known=True)
    assert (found.told, found.model, len(found.sha256)) == ((), GRAPH, 64)


@pytest.mark.parametrize("name", [GRAPH, ABOUT, "encoder.onnx"])
def test_a_missing_file_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(ModelError, match=f"{name}.*is missing"):
        MeetingModel(copied)


def test_a_graph_that_the_thresholds_were_not_made_for_is_refused(copied: Path) -> None:
    with (copied / GRAPH).open("ab") as file:
        file.write(b"more")
    with pytest.raises(ModelError, match="is not the one"):
        MeetingModel(copied)


def test_what_is_no_json_is_named(copied: Path) -> None:
    (copied / ABOUT).write_text("{")
    with pytest.raises(ModelError, match="cannot be loaded"):
        MeetingModel(copied)


def test_what_is_shipped_names_no_folder_of_the_machine_that_made_it() -> None:
    held = (FOLDER / GRAPH).read_bytes()
    assert b"/avatars/training" not in held
    assert b"site-packages" not in held
