"""What people made of what was heard, week by week."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.work.feedback import LATE_DAYS, WEEKS, feedback
from workflows.task import Heard, Task, TaskId, TaskState, Verdict

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
KEPT = Task(
    id=TaskId("t"),
    text="Send it",
    owner_id="bo",
    owner_name="Bo",
    due=None,
    due_phrase=None,
    state=TaskState.OPEN,
    source_words="Bo sends it",
    source_utterance="u",
    confidence=0.9,
    meeting_id=None,
    created_by="ada",
    created_at=NOW,
    updated_at=NOW,
    version=2,
    heard=Heard(text="Send it", owner_id="bo", due=None),
)


def test_tasks_are_counted_in_the_week_in_which_they_were_heard() -> None:
    week_before = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)  # a Sunday there, and Sunday evening in Berlin
    monday = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # half past midnight on Monday in Berlin
    tasks = [
        KEPT,
        replace(KEPT, text="Send all of it"),
        replace(KEPT, state=TaskState.REJECTED, created_at=monday),
        replace(KEPT, state=TaskState.PROPOSED, created_at=week_before),
        replace(KEPT, heard=None),
        replace(KEPT, created_at=NOW - timedelta(weeks=WEEKS + 1)),
    ]
    found = feedback(tasks, NOW)
    assert [week.start for week in found.weeks][-2:] == [date(2026, 11, 16), date(2026, 11, 23)]
    assert len(found.weeks) == WEEKS
    assert found.weeks[-1].verdicts == {Verdict.KEPT: 1, Verdict.CHANGED: 1, Verdict.REJECTED: 1}
    assert found.weeks[-2].verdicts == {Verdict.WAITING: 1}
    assert (found.judged, found.wrong) == (3, 2)


def test_scores_of_late_are_compared_with_those_of_before() -> None:
    older = NOW - timedelta(days=LATE_DAYS + 1)
    tasks = [replace(KEPT, confidence=0.97, created_at=older)] * 40 + [replace(KEPT, confidence=0.55)] * 40
    scores = feedback(tasks, NOW).scores
    assert (scores.before[-2], scores.late[1]) == (40, 40)
    assert scores.index is not None
    assert scores.index > 1.0


def test_an_office_without_tasks_has_empty_weeks() -> None:
    found = feedback([], NOW)
    assert (found.judged, found.wrong, found.scores.index) == (0, 0, None)
    assert not any(week.verdicts for week in found.weeks)


def test_what_an_office_learns_is_no_change_of_what_it_hears() -> None:
    older = NOW - timedelta(days=LATE_DAYS + 1)
    corrected = replace(KEPT, confidence=0.55, heard_with=0.97)
    scores = feedback([replace(KEPT, confidence=0.97, created_at=older)] * 40 + [corrected] * 40, NOW).scores
    assert scores.before == scores.late
    assert scores.index == 0.0
