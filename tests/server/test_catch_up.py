"""What somebody missed in a meeting, in a few lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.catch_up import HIGHLIGHTS, catch_up, weight
from server.exports.record import Line, MeetingRecord, Note
from workflows.task import Task, TaskId, TaskState

START = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
RICH = "The supplier delivers forty panels before Christmas"


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def line(id: str, text: str, minutes: float, speaker: str = "Bo", seconds: float = 3.0) -> Line:
    return Line(
        id=id,
        speaker_id=speaker.lower(),
        speaker_name=speaker,
        text=text,
        started_at=at(minutes),
        seconds=seconds,
        engine="test",
    )


def note(id: str, utterance: str | None) -> Note:
    return Note(id=id, text=id, utterance_id=utterance, confidence=0.9)


def task(id: str, utterance: str | None, minutes: float) -> Task:
    return Task(
        id=TaskId(id), text=id, owner_id=None, owner_name=None, due=None, due_phrase=None, state=TaskState.OPEN,
        source_words="", source_utterance=utterance, confidence=0.9, meeting_id="m", created_by="ada",
        created_at=at(minutes), updated_at=at(minutes), version=1,
    )  # fmt: skip


def record(*lines: Line, **changes: object) -> MeetingRecord:
    made = MeetingRecord(
        id="m", title="Weekly", room="hq", zone="cedar", zone_name="Cedar", facilitator_id="bo",
        facilitator_name="Bo", started_at=START, utterances=lines,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def test_only_the_last_minutes_count() -> None:
    meeting = record(line("u1", RICH, 0), line("u2", RICH, 14), line("u3", RICH, 16), line("u4", "Yeah", 19))
    summary = catch_up(meeting, minutes=5, now=at(20))
    assert [one.id for one in summary.lines] == ["u3", "u4"]
    assert (summary.since, summary.until) == (at(15), at(20))


def test_of_a_meeting_that_is_over_the_minutes_before_its_end_count() -> None:
    meeting = record(line("u1", RICH, 3), line("u2", RICH, 9), ended_at=at(10))
    assert [one.id for one in catch_up(meeting, minutes=5, now=at(600)).lines] == ["u2"]


def test_what_was_noted_comes_with_its_line() -> None:
    meeting = record(
        line("u0", RICH, 1),
        line("u1", "Ship it", 16),
        line("u2", "When", 17),
        line("u3", "I do", 18),
        line("u4", RICH, 19),
        decisions=(note("old", "u0"), note("d", "u1"), note("by hand", None)),
        questions=(note("q", "u2"),),
        tasks=(task("past", "u0", 1), task("t", "u3", 18), task("typed", None, 19)),
    )
    summary = catch_up(meeting, minutes=5, now=at(20))
    assert [one.id for one in summary.decisions] == ["d"]
    assert [one.id for one in summary.questions] == ["q"]
    assert [one.id for one in summary.tasks] == ["t", "typed"]
    assert [one.id for one in summary.highlights] == ["u1", "u2", "u3"]


def test_then_the_lines_that_say_most_are_picked_in_their_order() -> None:
    meeting = record(
        line("u1", "Yeah, I think that would be really good", 16),
        line("u2", RICH, 17),
        line("u3", "Panels panels panels panels panels", 18),
        line("u4", "Invoices arrive Monday, customs wants originals", 19),
    )
    assert [one.id for one in catch_up(meeting, minutes=5, now=at(20)).highlights] == ["u2", "u4"]


def test_who_spoke_how_long_counts_what_lies_in_the_time() -> None:
    meeting = record(
        line("u1", RICH, 14.5, "Lin", seconds=60),
        line("u2", RICH, 16, "Bo", seconds=20),
        line("u3", RICH, 17, "Bo", seconds=25),
    )
    spoke = catch_up(meeting, minutes=5, now=at(20)).speakers
    assert [(one.name, one.seconds) for one in spoke] == [("Bo", 45.0), ("Lin", 30.0)]


def test_where_nothing_was_said_there_is_nothing() -> None:
    summary = catch_up(record(), minutes=5, now=at(20))
    assert (summary.lines, summary.highlights, summary.speakers) == ((), (), ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("Yeah, okay.", 0), ("Budget budget BUDGET!", 1), ("It's what they\u2019re about", 0), (RICH, 6)],
)
def test_a_line_weighs_its_different_words_that_say_something(text: str, expected: int) -> None:
    assert weight(text) == expected


@given(
    st.lists(st.tuples(st.floats(0, 30), st.sampled_from([RICH, "Yeah", "Ship panels Monday"])), max_size=12),
    st.floats(0.1, 40),
    st.sets(st.integers(0, 11)),
)
def test_highlights_are_few_in_order_and_among_what_was_said(
    said: list[tuple[float, str]], minutes: float, noted: set[int]
) -> None:
    lines = [line(f"u{k:02}", text, when) for k, (when, text) in enumerate(sorted(said))]
    decisions = tuple(note(f"d{k}", f"u{k:02}") for k in noted if k < len(lines))
    summary = catch_up(record(*lines, decisions=decisions), minutes=minutes, now=at(30))
    assert len(summary.highlights) <= HIGHLIGHTS
    picked = [one.id for one in summary.highlights]
    everything = [one.id for one in summary.lines]
    assert picked == [id for id in everything if id in set(picked)]
    missed = {one.utterance_id for one in summary.decisions} - set(picked)
    assert not missed or len(picked) == HIGHLIGHTS
