"""Functions of definitions that break on what somebody does: told, kept, and nothing half done."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.workflows.core.play import NOW, definition
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.errors import FunctionBroke
from workflows.parts import Rules
from workflows.run import Data, Event, Run, Status
from workflows.store import RunFilter


@pytest.fixture
def engine(store: SqlStore) -> Engine:
    return Engine(store, timezone=ZoneInfo("Europe/Berlin"), library={})


async def start(engine: Engine, name: str) -> Run:
    return (await engine.start(name, {}, key="k", actor="ana", now=NOW)).run


class Broken:
    """Breaks until it is mended."""

    def __init__(self) -> None:
        self.mended = False

    def __call__(self, data: Data, event: Event, now: datetime) -> Data:
        if not self.mended:
            raise KeyError("amount")
        return {**data, "done": True}


WHY = "a function of 'frail' failed with KeyError: 'amount'"


@pytest.fixture
def frail(engine: Engine) -> Broken:
    """Definitions all of whose functions break."""
    broken = Broken()
    text = """
    name: frail
    initial: a
    owner: clerk
    states:
      a:
        asks: {q: {title: x, role: r}}
        on: {go: {do: break, to: b}, approve.q: {do: break, to: b}, stay: a}
      b: {final: true}
    """
    engine.put(definition(text, Rules(changes={"break": broken})))
    engine.put(
        definition("{name: stillborn, initial: a, states: {a: {entry: break}}}", Rules(changes={"break": broken}))
    )
    children = "children: {k: {definition: stillborn}}"
    engine.put(
        definition(f"{{name: mother, initial: a, states: {{a: {{{children}, on: {{failed.k: b}}}}, b: {{}}}}}}")
    )
    return broken


async def test_an_event_of_somebody_whose_function_breaks_is_told_kept_and_taken_when_it_is_mended(
    engine: Engine, store: SqlStore, frail: Broken
) -> None:
    run = await start(engine, "frail")
    with pytest.raises(FunctionBroke) as broke:
        await engine.send(run.id, "go", {"x": 1}, actor="bo", now=NOW, key="once")
    assert str(broke.value) == (
        f"the workflow 'frail' cannot take 'go': {WHY}; "
        "the run waits for clerk, who can have it tried again or skipped"
    )
    assert isinstance(broke.value.__cause__, KeyError)
    stuck = await engine.get(run.id)
    assert (stuck.status, stuck.trouble, stuck.steward, stuck.state) == (Status.STUCK, WHY, "clerk", "a")
    assert [held.name for held in stuck.held] == ["go"]
    entries = [(one.event, one.outcome.value) for one in await engine.history(run.id)]
    assert entries == [("start", "taken"), ("go", "held")]
    repeated = await engine.send(run.id, "go", {"x": 1}, actor="bo", now=NOW, key="once")
    assert (repeated.changed, repeated.run) == (False, stuck)
    frail.mended = True
    moved = await engine.operate(run.id, "retry", reason="mended", actor="cem", now=NOW)
    assert (moved.run.state, moved.run.data, moved.run.status) == ("b", {"done": True}, Status.DONE)


async def test_a_start_whose_function_breaks_starts_nothing(
    engine: Engine, store: SqlStore, frail: Broken
) -> None:
    with pytest.raises(FunctionBroke, match=r"'stillborn' cannot take 'start': .*; nothing was started"):
        await start(engine, "stillborn")
    assert await store.find(RunFilter(definitions=("stillborn",))) == []
    parent = await start(engine, "mother")
    assert (parent.state, await store.find(RunFilter(parent=parent.id))) == ("b", [])


async def test_a_decision_whose_function_breaks_is_not_made(
    engine: Engine, store: SqlStore, frail: Broken
) -> None:
    run = await start(engine, "frail")
    subject = run.open["q"].subject
    with pytest.raises(FunctionBroke, match="nothing was decided"):
        await engine.decide(run.id, "q", "approve", subject=subject, actor="bo", roles=("r",), now=NOW)
    assert await engine.get(run.id) == run
    frail.mended = True
    decided = await engine.decide(run.id, "q", "approve", subject=subject, actor="bo", roles=("r",), now=NOW)
    assert decided.run.status is Status.DONE
