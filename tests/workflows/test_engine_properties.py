"""Whatever happens to a task, it stays legal and its history whole."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.errors import WorkflowError
from workflows.library.action_item import ACTION_ITEM
from workflows.machine import begin, step
from workflows.run import Event
from workflows.task import TaskDraft, draft_data, task_of
from workflows.tasks import TaskList

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
DAYS = st.integers(0, 40).map(lambda days: (NOW + timedelta(days=days)).date())
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(max_size=20),
        "owner_name": st.none() | st.text(max_size=10),
        "due": st.none() | DAYS.map(str) | st.just("soon"),
    },
)
EVENTS = st.tuples(
    st.sampled_from(["accept", "done", "decline", "reopen", "edit", "deadline", "unknown"]),
    EDITS,
    st.integers(0, 12),
)


@given(due=st.none() | DAYS, events=st.lists(EVENTS, max_size=30))
def test_any_events_keep_a_run_legal(due: object, events: list[tuple[str, dict[str, object], int]]) -> None:
    draft = TaskDraft(text="Send it", due=due)  # type: ignore[arg-type]
    now = NOW
    run = begin(ACTION_ITEM, run_id="r", key="k", data=draft_data(draft), actor="a", now=now).run
    for name, data, days in events:
        now += timedelta(days=days)
        event = Event(name=name, actor="a", data=data if name == "edit" else {})
        try:
            taken = step(ACTION_ITEM, run, event, now)
        except WorkflowError:
            assert name == "edit"
            continue
        assert taken.run.state in ACTION_ITEM.by_name
        legal = {(t.source, t.event, t.target or t.source) for t in ACTION_ITEM.transitions}
        if taken.entry is not None:
            assert taken.refused or (run.state, name, taken.run.state) in legal
            assert taken.run.version == run.version + 1 == taken.entry.seq
            assert taken.run.updated_at >= run.updated_at
        else:
            assert taken.run == run
            assert taken.effects == ()
        run = taken.run
        assert task_of(run).text


@settings(max_examples=15, deadline=None)
@given(events=st.lists(st.tuples(st.sampled_from("xyz"), EVENTS), max_size=12))
def test_any_events_leave_the_history_as_long_as_the_version(
    events: list[tuple[str, tuple[str, dict[str, object], int]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_live(Path(folder) / "office.db", events))


async def _live(path: Path, events: list[tuple[str, tuple[str, dict[str, object], int]]]) -> None:
    store = await SqlStore.open(path)
    try:
        engine = Engine(store, timezone=ZoneInfo("Europe/Berlin"))
        tasks = TaskList(engine, store)
        now = NOW
        for key, (name, data, days) in events:
            now += timedelta(days=days)
            draft = TaskDraft(text=f"Do {key}", due=NOW.date() + timedelta(days=5))
            task = (await tasks.add(draft, key=key, now=now)).task
            if name == "deadline":
                await engine.due(now)
                continue
            try:
                await tasks.send(task.id, name, data if name == "edit" else {}, actor="a", now=now)
            except WorkflowError:
                assert await tasks.get(task.id) == task
        known = await tasks.all()
        assert len(known) == len({key for key, _ in events})
        for task in known:
            history = await tasks.history(task.id)
            assert [entry.seq for entry in history] == list(range(1, task.version + 1))
            assert history[-1].to_state == task.state
            assert all(a.to_state == b.from_state for a, b in pairwise(history))
        assert len(await store.audit()) == sum(task.version for task in known)
        assert await store.audit_fault() is None
    finally:
        await store.close()
