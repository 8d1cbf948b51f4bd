"""Every call is one transaction."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from workflows.adapters.sql_store import SqlStore
from workflows.definition import Definition
from workflows.engine import Engine
from workflows.errors import Conflict, DefinitionError, NotAllowed, NotFound, TaskError
from workflows.library.action_item import ACTION_ITEM, RULES
from workflows.task import TaskDraft, TaskState
from workflows.tasks import TaskList

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
DRAFT = TaskDraft(
    text="Send the budget",
    owner_id="bo",
    owner_name="Bo",
    due=date(2026, 11, 27),
    due_phrase="by Friday",
    source_utterance="u1",
    source_words="Bo will send the budget by Friday",
    confidence=0.9,
    meeting_id="m1",
    created_by="ada",
)


async def test_a_task_is_kept_as_it_was_noted(tasks: TaskList) -> None:
    task = (await tasks.add(DRAFT, key="u1", now=NOW)).task
    assert await tasks.get(task.id) == task
    assert (task.text, task.owner_name, task.due, task.confidence) == ("Send the budget", "Bo", DRAFT.due, 0.9)
    assert task.created_at == NOW
    assert (await tasks.history(task.id))[0].data["source_words"] == DRAFT.source_words


async def test_the_same_key_never_makes_two(tasks: TaskList) -> None:
    outcomes = await asyncio.gather(*(tasks.add(DRAFT, key="u1", now=NOW) for _ in range(10)))
    assert len({outcome.task.id for outcome in outcomes}) == 1
    assert [outcome.changed for outcome in outcomes].count(True) == 1
    assert len(await tasks.all()) == 1


async def test_an_unknown_definition_is_refused(engine: Engine) -> None:
    with pytest.raises(DefinitionError, match="known are action_item"):
        await engine.start("holiday", {}, key="k", actor="a", now=NOW)


async def test_of_two_who_saw_the_same_version_one_wins(tasks: TaskList) -> None:
    task = (await tasks.add(DRAFT, key="k", now=NOW)).task
    results = await asyncio.gather(
        *(tasks.send(task.id, event, actor=event, expected_version=1, now=NOW) for event in ("accept", "decline")),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Outcome"]
    conflict = next(result for result in results if isinstance(result, Conflict))
    assert "look at it again" in str(conflict)
    assert (await tasks.get(task.id)).version == 2


async def test_refusals_leave_no_trace(tasks: TaskList, store: SqlStore) -> None:
    task = (await tasks.add(DRAFT, key="k", now=NOW)).task
    with pytest.raises(NotAllowed, match="possible is: accept, done, decline, edit"):
        await tasks.send(task.id, "reopen", actor="bo", now=NOW)
    with pytest.raises(TaskError):
        await tasks.send(task.id, "edit", {"text": ""}, actor="bo", now=NOW)
    with pytest.raises(NotFound):
        await tasks.send("nobody's", "accept", actor="bo", now=NOW)
    with pytest.raises(NotFound):
        await tasks.get("nobody's")
    assert len(await tasks.history(task.id)) == len(await store.audit()) == 1


async def test_a_repeated_event_with_its_key_is_taken_once(tasks: TaskList) -> None:
    task = (await tasks.add(DRAFT, key="k", now=NOW)).task
    first = await tasks.send(task.id, "accept", actor="bo", now=NOW, key="click-1")
    again = await tasks.send(task.id, "accept", actor="bo", now=NOW, key="click-1")
    assert (first.changed, again.changed) == (True, False)
    assert first.task == again.task


async def test_an_edit_that_says_nothing_new_is_not_announced(tasks: TaskList) -> None:
    task = (await tasks.add(DRAFT, key="k", now=NOW)).task
    outcome = await tasks.send(task.id, "edit", {"text": DRAFT.text}, actor="bo", now=NOW)
    assert not outcome.changed
    assert outcome.task.version == 1


async def test_tasks_become_overdue_at_midnight_in_the_office(tasks: TaskList, engine: Engine) -> None:
    task = (await tasks.add(DRAFT, key="k", now=NOW)).task
    midnight = datetime(2026, 11, 27, 23, 0, tzinfo=UTC)  # in Berlin
    assert await engine.next_due() == midnight
    assert await engine.due(midnight - timedelta(seconds=1)) == []
    late = await engine.due(midnight)
    assert [(run.id, run.state) for run in late] == [(task.id, TaskState.OVERDUE)]
    assert await engine.due(midnight + timedelta(days=1)) == []
    assert await engine.next_due() is None


async def test_a_moved_date_moves_the_deadline(tasks: TaskList, engine: Engine) -> None:
    task = (await tasks.add(DRAFT, key="k", now=NOW)).task
    await tasks.send(task.id, "edit", {"due": "2026-12-01"}, actor="bo", now=NOW)
    assert await engine.due(datetime(2026, 11, 30, tzinfo=UTC)) == []
    assert len(await engine.due(datetime(2026, 12, 2, tzinfo=UTC))) == 1


async def test_a_task_can_be_late_twice(tasks: TaskList, engine: Engine) -> None:
    task = (await tasks.add(DRAFT, key="k", now=NOW)).task
    await engine.due(datetime(2026, 11, 28, tzinfo=UTC))
    moved = await tasks.send(
        task.id, "edit", {"due": "2026-12-01"}, actor="bo", now=datetime(2026, 11, 28, tzinfo=UTC)
    )
    assert moved.task.state is TaskState.OPEN
    assert len(await engine.due(datetime(2026, 12, 2, tzinfo=UTC))) == 1


async def test_a_timer_that_rings_too_early_is_set_anew(store: SqlStore) -> None:
    tokyo = Engine(store, timezone=ZoneInfo("Asia/Tokyo"))
    task = (await TaskList(tokyo, store).add(DRAFT, key="k", now=NOW)).task
    lima = Engine(store, timezone=ZoneInfo("America/Lima"))  # the office has moved: its days end later
    rung = await tokyo.next_due()
    assert rung is not None
    assert await lima.due(rung) == []
    assert await lima.next_due() == datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
    assert len(await lima.due(datetime(2026, 11, 28, 5, 0, tzinfo=UTC))) == 1
    assert len(await lima.history(task.id)) == 2


async def test_many_deadlines_ring_in_one_call(tasks: TaskList, engine: Engine) -> None:
    for number in range(205):
        await tasks.add(DRAFT, key=str(number), now=NOW)
    assert len(await engine.due(NOW + timedelta(days=30))) == 205


async def test_tasks_are_listed_by_meeting_and_state(tasks: TaskList) -> None:
    one = (await tasks.add(DRAFT, key="1", now=NOW)).task
    two = (await tasks.add(TaskDraft(text="Other"), key="2", now=NOW)).task
    await tasks.send(two.id, "done", actor="bo", now=NOW)
    assert [task.id for task in await tasks.all(meeting_id="m1")] == [one.id]
    assert [task.id for task in await tasks.all(states=(TaskState.DONE,))] == [two.id]


async def test_whoever_listens_is_told_of_what_is_kept_and_of_nothing_else(tasks: TaskList) -> None:
    told: list[tuple[str, int]] = []
    tasks.on_change(lambda task: told.append((task.state, task.version)))
    task = (await tasks.add(DRAFT, key="1", now=NOW)).task
    await tasks.add(DRAFT, key="1", now=NOW)
    await tasks.send(task.id, "done", actor="bo", now=NOW)
    with pytest.raises(NotAllowed):
        await tasks.send(task.id, "accept", actor="bo", now=NOW)
    assert told == [("open", 1), ("done", 2)]


async def test_a_run_stays_with_the_definition_it_began_with(store: SqlStore) -> None:
    before = TaskList(Engine(store, timezone=ZoneInfo("UTC")), store)
    task = (await before.add(DRAFT, key="k", now=NOW)).task
    document = ACTION_ITEM.to_document()
    del document["states"]["open"]["on"]["decline"]
    newer = Definition.from_document(document, RULES)
    now_running = TaskList(Engine(store, timezone=ZoneInfo("UTC"), library={"action_item": newer}), store)
    declined = await now_running.send(task.id, "decline", actor="bo", now=NOW)
    assert declined.task.state is TaskState.DECLINED
    other = (await now_running.add(DRAFT, key="other", now=NOW)).task
    with pytest.raises(NotAllowed):
        await now_running.send(other.id, "decline", actor="bo", now=NOW)
