"""Tasks: what a draft, an edit and a run say, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.core.play import NOW, definition
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.errors import TaskError
from workflows.library import LIBRARY
from workflows.library.action_item import ACTION_ITEM
from workflows.machine import begin
from workflows.task import (
    EDITABLE,
    LATER,
    NAME_LIMIT,
    TEXT_LIMIT,
    WORDS_LIMIT,
    Quote,
    TaskDraft,
    TaskState,
    Verdict,
    draft_data,
    edited,
    later_data,
    said_later,
    task_of,
)
from workflows.tasks import TaskList

DRAFT = TaskDraft(text="Send it", owner_name="Bo", due=date(2026, 11, 27), due_phrase="by Friday")


@given(
    st.builds(
        TaskDraft,
        text=st.text(min_size=1, max_size=50).filter(lambda text: bool(text.split())),
        owner_id=st.none() | st.text(max_size=5),
        owner_name=st.none() | st.text(max_size=20),
        due=st.none() | st.dates(),
        due_phrase=st.none() | st.text(max_size=5),
        source_utterance=st.none() | st.text(max_size=5),
        source_words=st.text(max_size=20),
        confidence=st.floats(0, 1),
        heard_with=st.none() | st.floats(0, 1),
        meeting_id=st.none() | st.text(max_size=5),
        created_by=st.text(max_size=5),
    )
)
def test_a_task_says_what_its_draft_said(draft: TaskDraft) -> None:
    run = begin(ACTION_ITEM, run_id="r", key="k", data=draft_data(draft), actor="ana", now=NOW).run
    task = task_of(run)
    assert (task.id, task.state, task.version, task.created_at) == ("r", TaskState.OPEN, 1, NOW)
    for name in (
        "text", "owner_id", "owner_name", "due", "due_phrase", "source_utterance", "source_words", "confidence",
        "heard_with", "meeting_id", "created_by",
    ):  # fmt: skip
        assert getattr(task, name) == getattr(draft, name), name
    assert " ".join(draft.text.split()) == draft.text


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"text": " \n"}, "text: a task needs a text; say what is to be done"),
        ({"text": "x" * (TEXT_LIMIT + 1)}, f"text: at most {TEXT_LIMIT} characters, this has {TEXT_LIMIT + 1}"),
        ({"owner_name": "x" * (NAME_LIMIT + 1)}, f"owner_name: at most {NAME_LIMIT} characters"),
        ({"confidence": 1.1}, "confidence: must lie between 0 and 1, not 1.1"),
        ({"confidence": -0.1}, "confidence: must lie between 0 and 1"),
        ({"heard_with": 1.1}, "heard_with: must lie between 0 and 1, not 1.1"),
    ],
)
def test_a_draft_that_cannot_be_a_task_is_refused(values: dict[str, Any], error: str) -> None:
    usual: dict[str, Any] = {"text": "Send it"}
    with pytest.raises(TaskError) as refused:
        TaskDraft(**(usual | values))
    assert str(refused.value).startswith(error)
    assert refused.value.field == next(iter(values))


def test_words_are_tidied_and_the_quotation_is_cut() -> None:
    draft = TaskDraft(text="  Send\n it ", owner_name="  ", source_words="x" * (WORDS_LIMIT + 5))
    assert (draft.text, draft.owner_name, len(draft.source_words)) == ("Send it", None, WORDS_LIMIT)


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        ({"text": " Send\nthat"}, {"text": "Send that"}),
        ({"owner_name": " Ana "}, {"owner_name": "Ana"}),
        ({"owner_name": ""}, {"owner_name": None}),
        ({"owner_id": "ana"}, {"owner_id": "ana"}),
        ({"owner_id": None}, {"owner_id": None}),
        ({"due": "2026-11-27"}, {"due": "2026-11-27", "due_phrase": "by Friday"}),
        ({"due": date(2026, 12, 1)}, {"due": "2026-12-01", "due_phrase": None}),
        ({"due": "20261201"}, {"due": "2026-12-01", "due_phrase": None}),
        ({"due": ""}, {"due": None, "due_phrase": None}),
        ({"due": None, "due_phrase": "some day"}, {"due": None, "due_phrase": "some day"}),
    ],
)
def test_an_edit_sets_its_fields_and_leaves_all_others(
    changes: dict[str, object], after: dict[str, object]
) -> None:
    data = draft_data(DRAFT)
    assert edited(data, changes) == {**data, **after}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"state": "done", "zeal": 1}, "state: cannot be edited; editable are due, due_phrase, owner_id"),
        ({"text": 5}, "text: must be a text, not int"),
        ({"text": None}, "text: a task needs a text"),
        ({"owner_id": ["ana"]}, "owner_id: must be a text, not list"),
        ({"due": "soon"}, "due: 'soon' is not a date; write it as YYYY-MM-DD"),
        ({"due": "2027-02-29"}, "due: '2027-02-29' is not a date"),
        ({"due": datetime(2026, 11, 27, tzinfo=UTC)}, "is not a date; write it as YYYY-MM-DD"),
        ({"due": 5}, "due: 5 is not a date"),
    ],
)
def test_an_edit_that_cannot_be_taken_is_refused(changes: dict[str, object], error: str) -> None:
    with pytest.raises(TaskError) as refused:
        edited(draft_data(DRAFT), changes)
    assert error in str(refused.value)
    assert set(EDITABLE) >= {"text", "due"}


def test_what_an_older_run_lacks_is_empty() -> None:
    run = begin(ACTION_ITEM, run_id="r", key="k", data={"text": 5}, actor="ana", now=NOW).run
    task = task_of(replace(run, state="done"))
    assert (task.text, task.due, task.owner_id, task.confidence, task.source_words) == ("5", None, None, 0.0, "")
    assert task.state is TaskState.DONE


async def test_only_tasks_are_told_of_as_tasks(store: SqlStore) -> None:
    other = definition("{name: other, initial: a, states: {a: {}}}")
    engine = Engine(store, timezone=ZoneInfo("UTC"), library={**LIBRARY, "other": other})
    tasks = TaskList(engine, store)
    told: list[str] = []
    tasks.on_change(lambda task: told.append(task.text))
    await engine.start("other", {}, key="k", actor="ana", now=NOW)
    await tasks.add(DRAFT, key="k", now=NOW)
    assert told == ["Send it"]
    assert [task.text for task in await tasks.all()] == ["Send it"]


@pytest.mark.parametrize(("heard_with", "heard"), [(None, 0.5), (0.75, 0.75), (0.0, 0.0)])
def test_a_task_keeps_the_confidence_before_it_was_corrected(heard_with: float | None, heard: float) -> None:
    data = draft_data(replace(DRAFT, confidence=0.5, heard_with=heard_with))
    task = task_of(begin(ACTION_ITEM, run_id="r", key="k", data=data, actor="ana", now=NOW).run)
    assert (task.confidence, task.heard_with, task.heard_confidence) == (0.5, heard_with, heard)


def test_what_was_said_later_of_a_task_stands_behind_what_was_said_before() -> None:
    begun = replace(DRAFT, later=(Quote(utterance="u1", words="Monday"),))
    data = said_later(draft_data(begun), later_data("u2", "x" * (WORDS_LIMIT + 1)))
    task = task_of(begin(ACTION_ITEM, run_id="r", key="k", data=data, actor="ana", now=NOW).run)
    assert task.later == (
        Quote(utterance="u1", words="Monday"),
        Quote(utterance="u2", words="x" * WORDS_LIMIT),
    )
    assert said_later(data, None) is data


def test_words_that_were_erased_are_no_quotation() -> None:
    assert said_later({LATER: [{"utterance": "u1", "words": ""}]}, later_data("u2", "No"))[LATER] == [
        {"utterance": "u2", "words": "No"}
    ]


@pytest.mark.parametrize("later", ["Monday", ["Monday"], {"words": "Monday"}])
def test_what_was_said_later_is_a_list_of_quotations(later: object) -> None:
    with pytest.raises(TaskError, match="said_later: must be a list"):
        said_later({}, later)


@pytest.mark.parametrize(
    ("state", "dropped", "verdict"),
    [
        ("rejected", True, Verdict.WAITING),
        ("rejected", False, Verdict.REJECTED),
        ("proposed", False, Verdict.WAITING),
    ],
)
def test_what_was_dropped_says_nothing_of_how_it_was_heard(state: str, dropped: bool, verdict: Verdict) -> None:
    data = {**draft_data(replace(DRAFT, source_words="Bo sends it", proposed=True)), "dropped": dropped}
    run = begin(ACTION_ITEM, run_id="r", key="k", data=data, actor="ada", now=NOW).run
    assert task_of(replace(run, state=state)).verdict is verdict
