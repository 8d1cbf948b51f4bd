"""Timers in the store are absolute: changes of the clocks, jumps, leap days and 2038 ring each of them once."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.core.play import NOW, definition
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.task import TaskDraft, TaskState
from workflows.tasks import TaskList

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("noted", "due", "midnight"),
    [
        ("2026-03-27T12:00", "2026-03-28", "2026-03-28T23:00"),
        ("2026-03-27T12:00", "2026-03-29", "2026-03-29T22:00"),  # the clocks go forward: 23 hours
        ("2026-03-29T00:59", "2026-03-29", "2026-03-29T22:00"),  # a minute before they do
        ("2026-10-23T12:00", "2026-10-24", "2026-10-24T22:00"),
        ("2026-10-23T12:00", "2026-10-25", "2026-10-25T23:00"),  # they go back: 25 hours
        ("2026-10-25T00:30", "2026-10-25", "2026-10-25T23:00"),  # the first half past two
        ("2026-10-25T01:30", "2026-10-25", "2026-10-25T23:00"),  # the second
        ("2028-02-28T12:00", "2028-02-29", "2028-02-29T23:00"),
        ("2026-11-20T12:00", "2038-01-19", "2038-01-19T23:00"),
        ("2038-01-19T03:14", "2040-02-29", "2040-02-29T23:00"),
    ],
)
async def test_a_task_is_overdue_when_its_day_has_ended_in_the_office_and_not_before(
    tasks: TaskList, engine: Engine, noted: str, due: str, midnight: str
) -> None:
    draft = TaskDraft(text="Send it", due=date.fromisoformat(due))
    end = datetime.fromisoformat(midnight).replace(tzinfo=UTC)
    task = (await tasks.add(draft, key="k", now=datetime.fromisoformat(noted).replace(tzinfo=UTC))).task
    assert await engine.next_due() == end
    assert await engine.due(end - SECOND) == []
    assert [run.state for run in await engine.due(end)] == [TaskState.OVERDUE]
    assert await engine.due(end + HOUR) == await engine.due(end - HOUR) == []
    assert (await tasks.get(task.id)).version == 2


async def test_while_an_hour_comes_twice_a_timer_rings_once(store: SqlStore) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    engine = Engine(store, timezone=berlin, library={"wait": WAIT})
    started = datetime(2026, 10, 25, 2, 15, tzinfo=berlin)
    run = (await engine.start("wait", {}, key="k", actor="ana", now=started)).run
    rung = []
    for fold in (0, 1):
        for minute in (15, 30, 44, 45, 59):
            now = datetime(2026, 10, 25, 2, minute, fold=fold, tzinfo=berlin)
            rung += [(fold, minute) for _ in await engine.due(now)]
    assert rung == [(0, 45)]
    assert [one.event for one in await engine.history(run.id)] == ["start", "ring"]


WAIT = definition(
    """
    name: wait
    initial: a
    states: {a: {on: {ring: {do: "log = [data.log, event.name]"}, later: {do: "log = [data.log, event.name]"}}}}
    deadlines: {short: {in: a, after: 30 min, event: ring}, long: {in: a, after: 1 day, event: later}}
    """
)
JUMPS = st.lists(
    st.sampled_from([-24 * 60, -60, -1, 0, 1, 15, 30, 60, 24 * 60]).map(
        lambda minutes: timedelta(minutes=minutes)
    ),
    max_size=15,
)


@settings(max_examples=25)
@given(JUMPS)
def test_however_the_clock_is_set_each_timer_rings_once_as_soon_as_its_instant_has_come(
    jumps: list[timedelta],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_jumping(Path(folder) / "office.db", jumps))


async def _jumping(path: Path, jumps: list[timedelta]) -> None:
    store = await SqlStore.open(path)
    try:
        engine = Engine(store, timezone=ZoneInfo("UTC"), library={"wait": WAIT})
        run = (await engine.start("wait", {}, key="k", actor="ana", now=NOW)).run
        left = {"ring": NOW + timedelta(minutes=30), "later": NOW + timedelta(days=1)}
        expected, now = ["start"], NOW
        for jump in jumps:
            now += jump
            await engine.due(now)
            come = [event for event, at in left.items() if at <= now]
            for event in come:
                del left[event]
            expected += come
            history = await engine.history(run.id)
            assert [one.event for one in history] == expected
            assert await engine.next_due() == min(left.values(), default=None)
            assert all(one.at <= two.at for one, two in pairwise(history))
    finally:
        await store.close()
