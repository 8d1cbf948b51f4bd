"""The labelled sheet and how models are scored on it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.behaviour import Label, Verdict
from avatars.errors import ModelError
from avatars.sheet import Labelled, read_sheet, score

FILE = Path(__file__).parents[2] / "assets" / "models" / "understanding" / "sheet.tsv"
SHEET = read_sheet(FILE.read_text(encoding="utf-8"))
SMALL = read_sheet("A\taction\tI will call\nB\ttalk\tgood\n\n# a remark\nA\tdecision\twe take it\n")


def told(sheet: tuple[Labelled, ...], wrong: frozenset[int] = frozenset()) -> list[list[Verdict]]:
    """What a model tells that is right, but for some turns, of which it tells nothing."""
    number, meetings = 0, []
    for meeting in sheet:
        verdicts = []
        for label in meeting.labels:
            found = frozenset({label}) if label is not None and number not in wrong else frozenset[Label]()
            verdicts.append(Verdict(action=float(Label.ACTION in found), found=found))
            number += 1
        meetings.append(verdicts)
    return meetings


def test_the_sheet_that_is_shipped_has_enough_of_each_label() -> None:
    counts = Counter(label for meeting in SHEET for label in meeting.labels)
    assert counts.total() >= 120
    assert min(counts[label] for label in Label) >= 15
    assert counts[None] >= 60
    texts = [turn.text for meeting in SHEET for turn in meeting.conversation.turns]
    assert len(set(texts)) == len(texts)


def test_a_meeting_is_asked_for_whole_and_knows_everybody() -> None:
    first = SMALL[0]
    assert first.conversation.asked == (0, 1)
    assert first.conversation.whole
    assert first.labels == (Label.ACTION, None)
    assert first.conversation.names == ("A", "B")
    assert len(SMALL) == 2


def test_whoever_is_right_has_one_and_whoever_is_silent_has_none() -> None:
    assert [one.f1 for one in score(SHEET, told(SHEET), Label)] == [1.0, 1.0, 1.0]
    silent = score(SHEET, told(SHEET, frozenset(range(1000))), Label)
    assert [one.f1 for one in silent] == [0.0, 0.0, 0.0]
    assert all(one.failing and one.number for one in silent)


def test_labels_that_a_model_does_not_tell_are_talk_to_it() -> None:
    (only,) = score(SMALL, told(SMALL), [Label.ACTION])
    assert (only.label, only.f1, only.number, only.failing) == (Label.ACTION, 1.0, 1, ())


def test_what_is_told_wrongly_is_shown() -> None:
    action = frozenset({Label.ACTION})
    found = [[Verdict(action=0.0), Verdict(action=0.9, found=action)], [Verdict(action=0.0)]]
    (only,) = score(SMALL, found, [Label.ACTION])
    assert only.f1 == 0.0
    assert only.failing == ('"I will call" was not told', '"good" was told, and is not labelled so')


@given(st.frozensets(st.integers(0, 150)))
def test_f1_is_that_of_the_textbook(wrong: frozenset[int]) -> None:
    gold = [label for meeting in SHEET for label in meeting.labels]
    for one in score(SHEET, told(SHEET, wrong), Label):
        number = sum(label is one.label for label in gold)
        hits = sum(label is one.label and place not in wrong for place, label in enumerate(gold))
        recall = hits / number
        assert one.f1 == pytest.approx(2 * recall / (1 + recall) if hits else 0.0), "precision is 1"


def test_meetings_that_were_not_told_are_a_fault() -> None:
    with pytest.raises(ValueError, match="zip"):
        score(SHEET, told(SHEET)[1:], Label)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no utterance"),
        ("# nothing\n\n", "holds no utterance"),
        ("A\taction", "line 1: has to be speaker, tab"),
        ("A\ttalk\tyes\nA\ttalk\t ", "line 2: has to be speaker, tab"),
        ("A\tmaybe\tyes", "'maybe' is no label; these are: action, decision, question, talk"),
    ],
)
def test_what_is_no_sheet_is_named_with_its_line(text: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        read_sheet(text)
