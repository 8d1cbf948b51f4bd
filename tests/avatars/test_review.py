"""A meeting read as a whole: what was agreed and nobody noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from avatars.adapters.bert import Encoder
from avatars.adapters.reviewer import Reviewer
from avatars.meeting_input import Line
from avatars.review import clean, strongest_lines, unnoted
from avatars.reviewing import ACTIONS, Spoken
from avatars.training.train import MODELS

SAID = (
    ("ana", "okay so that is about it for the remote control"),
    ("ana", "so the next meeting is in half an hour"),
    ("ana", "for the next meeting the industrial designer will be working on the working design"),
    ("ana", "and you will be looking at the user interface by friday"),
    ("bo", "okay"),
    ("ana", "and the marketing expert does the trend watching"),
    ("cy", "mm-hmm"),
    ("bo", "the weather was lovely at the lake"),
)
LINES = tuple(
    Line(id=f"u{at}", speaker=who, start=4.0 * at, end=4.0 * at + 3, text=text)
    for at, (who, text) in enumerate(SAID)
)
MEETING = Spoken(
    lines=LINES, began=datetime(2026, 11, 16, 9, 0, tzinfo=UTC), names={"ana": "Ana", "bo": "Bo", "cy": "Cy"}
)


@pytest.fixture(scope="module")
def reviewer() -> Reviewer:
    return Reviewer(MODELS, Encoder(MODELS))


def test_work_that_is_handed_out_over_several_lines_is_found_once_each(reviewer: Reviewer) -> None:
    found = reviewer.review(MEETING)
    by_line = {item.line: item for item in found.actions}
    assert set(by_line) == {"u2", "u3", "u5"}
    interface = by_line["u3"]
    assert interface.text == "You will be looking at the user interface by friday"
    assert interface.words == SAID[3][1]
    assert (interface.owner, str(interface.due), interface.due_phrase) == ("bo", "2026-11-20", "by friday")
    assert all(0.4 <= item.confidence <= 1.0 for item in found.actions)
    assert len(found.sha256) == 64
    assert found.seconds > 0.0


def test_what_was_noted_is_not_found_again(reviewer: Reviewer) -> None:
    by_source = replace(MEETING, sources={ACTIONS: frozenset({"u3"})})
    assert {item.line for item in reviewer.review(by_source).actions} == {"u2", "u5"}
    by_text = replace(MEETING, noted={ACTIONS: ("Look at the user interface",)})
    assert "u3" not in {item.line for item in reviewer.review(by_text).actions}


def test_an_empty_meeting_agrees_on_nothing_and_is_about_nothing(reviewer: Reviewer) -> None:
    empty = replace(MEETING, lines=())
    assert reviewer.review(empty).actions == ()
    digest = reviewer.digest(empty)
    assert (digest.topics, digest.summary) == ((), ())


def test_a_digest_names_lines_of_the_meeting(reviewer: Reviewer) -> None:
    reviewer.prepare([line.text for line in LINES])
    digest = reviewer.digest(MEETING)
    assert digest.topics[0].lines == tuple(line.id for line in LINES)
    assert set(digest.summary) <= {line.id for line in LINES}
    assert digest.summary
    assert digest.model == "encoder.onnx"


def spoken(texts: Sequence[str]) -> list[Line]:
    return [Line(id=str(at), speaker="a", start=at, end=at + 1, text=text) for at, text in enumerate(texts)]


ALIKE = np.array([[1, 0], [1, 0], [0, 1], [1, 0], [0, 1]], np.float32)
TEXTS = ["send the yearly budget", "the budget goes to finance", "repair the broken printer", "yes", "order toner"]


@pytest.mark.parametrize(
    ("confidences", "places"),
    [
        ([0.0, 0.0, 0.0, 0.0, 0.0], []),
        ([0.5, 0.9, 0.0, 0.0, 0.0], [1]),
        ([0.9, 0.9, 0.0, 0.0, 0.0], [0]),
        ([0.9, 0.0, 0.5, 0.0, 0.0], [0, 2]),
        ([0.0, 0.0, 0.5, 0.9, 0.0], [3]),
        ([0.9, 0.0, 0.0, 0.0, 0.39], [0]),
    ],
)
def test_finds_that_speak_of_the_same_are_one(confidences: list[float], places: list[int]) -> None:
    assert strongest_lines(confidences, spoken(TEXTS), ALIKE) == places


def test_of_two_places_that_say_the_same_one_is_kept() -> None:
    lines = spoken(["send the budget to finance", *["hm"] * 6, "so send the budget to finance then"])
    assert unnoted([0, 7], lines, np.eye(8, dtype=np.float32), frozenset(), ()) == [0]


def test_next_to_what_was_noted_only_what_says_something_else_is_new() -> None:
    lines = spoken(TEXTS)
    assert unnoted([0, 1, 2, 3], lines, ALIKE, {"0"}, ()) == [2, 3]
    assert unnoted([0, 1, 2], lines, ALIKE, {"3"}, ()) == [0]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("um so okay we order the chairs", "We order the chairs"),
        ("okay", "Okay"),
        ("  send   it ", "Send it"),
        ("word " * 100, f"{'Word ' + 'word ' * 38}word …"),
    ],
)
def test_a_text_begins_with_what_it_says(said: str, text: str) -> None:
    assert clean(said) == text
