"""Scoring: words, tasks, owners and dates."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.demo.score import TaskFacts, likeness, normalise, score_tasks, word_error_rate

FRIDAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I\u2019ll send it, OK?", "i'll send it ok"),
        ("By the 27th at 10:30.", "by the twenty seventh at ten thirty"),
        ("10:00", "ten"),
        ("1,200 people, 5%", "one thousand two hundred people five percent"),
        ("3.5", "three point five"),
        ("twenty-seven 'quoted'", "twenty seven quoted"),
    ],
)
def test_words_are_compared_as_they_are_said(text: str, words: str) -> None:
    got = [word for word in normalise(text) if word != "and"]
    assert got == words.split()


def test_where_utterances_are_cut_does_not_matter() -> None:
    spoken = {"Ben": ["Send it by the 27th.", "Thank you."], "Maya": ["Sure."]}
    heard = {"ben": ["send it by", "the twenty seventh thank you"], "maya": ["sure"]}
    assert word_error_rate(spoken, heard) == 0.0


def test_wrong_missing_and_added_words_count() -> None:
    assert word_error_rate({"Ben": ["one two three four"]}, {"Ben": ["one too three"]}) == 0.5
    assert word_error_rate({"Ben": ["one two"]}, {}) == 1.0
    assert word_error_rate({"Ben": ["one two"]}, {"Ben": ["one two"], "Ada": ["hello"]}) == 0.5
    assert word_error_rate({}, {}) == 0.0


def test_a_task_in_other_words_is_the_same_task() -> None:
    assert likeness("Send the budget to the finance team", "Sends budget to finance") > 0.5
    assert likeness("Book the meeting room", "Call the printer") == 0.0
    assert likeness("Do it", "Do it") == 1.0


def test_tasks_are_matched_best_first_and_each_once() -> None:
    expected = [
        TaskFacts(text="Book the room for the workshop", owner="Ben", due=FRIDAY),
        TaskFacts(text="Write the agenda for the workshop", owner="Maya", due=None),
    ]
    found = [
        TaskFacts(text="write agenda for the workshop", owner="maya", due=FRIDAY),
        TaskFacts(text="book the room for the workshop", owner="Ben", due=FRIDAY),
        TaskFacts(text="book the room for the workshop", owner="Ben", due=FRIDAY),
    ]
    score = score_tasks(expected, found)
    assert (score.expected, score.found, score.wrong) == (2, 2, 1)
    assert score.owner_accuracy == 1.0
    assert score.due_accuracy == 0.5
    assert score.pairs == ((0, 1), (1, 0))


def test_nothing_expected_and_nothing_found_is_right() -> None:
    score = score_tasks([], [])
    assert (score.owner_accuracy, score.due_accuracy, score.wrong) == (1.0, 1.0, 0)
    assert score_tasks([TaskFacts(text="x", owner=None, due=None)], []).owner_accuracy == 0.0


texts = st.lists(st.sampled_from(["send", "book", "call", "the", "a", "budget"]), max_size=5).map(" ".join)


@given(st.lists(st.builds(TaskFacts, text=texts, owner=st.none(), due=st.none()), max_size=6))
def test_a_list_matches_itself_whole(tasks: list[TaskFacts]) -> None:
    said = [task for task in tasks if normalise(task.text)]
    score = score_tasks(said, said)
    assert (score.found, score.wrong) == (len(said), 0)


@given(st.lists(st.text(max_size=30), max_size=4))
def test_normalising_twice_changes_nothing(texts: list[str]) -> None:
    once = normalise(" ".join(texts))
    assert normalise(" ".join(once)) == once
