"""What steps did, in the store: requests and who works on them, children and parents, timers, definitions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.workflows.core.play import NOW, definition
from workflows.adapters import tables
from workflows.adapters.sql_store import SqlStore
from workflows.definition import Definition
from workflows.engine import Changes, Engine
from workflows.errors import (
    CannotUpgrade,
    DefinitionError,
    Fenced,
    NotAllowed,
    NotFound,
    NotPossible,
    TaskError,
)
from workflows.parts import Rules
from workflows.recording import Nobody
from workflows.run import Data, Event, Outcome, Run, Status
from workflows.store import Claimed, RunFilter, Timer

CALL = definition(
    """
    name: call
    initial: a
    owner: clerk
    states:
      a:
        calls: {c: {action: test.do, with: {x: "{data.x}"}, save: got, retry: {attempts: 3, jitter: 0}}}
        on: {done.c: b, leave: b}
      b: {final: true}
    """
)
PARENT = definition(
    """
    name: parent
    initial: a
    states:
      a:
        children: {k: {definition: child, with: {x: "{data.x}"}, save: got}}
        on: {done.k: b, failed.k: c, leave: d}
      b: {}
      c: {}
      d: {}
    """
)
CHILD = definition("{name: child, initial: a, states: {a: {on: {end: b, skip: c}}, b: {final: true}, c: {}}}")
NEST = definition(
    "{name: nest, initial: a, states: {a: {children: {n: {definition: nest}}, on: {failed.n: b}}, b: {}}}"
)
LOST = definition(
    "{name: lost, initial: a, states: {a: {children: {n: {definition: gone}}, on: {failed.n: b}}, b: {}}}"
)
ASK = definition(
    "{name: ask, initial: a, states: {a: {asks: {q: {title: x, role: r}}, on: {approve.q: b}}, b: {final: true}}}"
)
LIBRARY = {one.name: one for one in (CALL, PARENT, CHILD, NEST, LOST, ASK)}


def unwilling(data: Data, event: Event, now: datetime) -> Data:
    raise TaskError("result", "cannot be taken")


class Hands:
    """A worker with room for so many requests, that remembers what it was given and does nothing."""

    name = "hands"

    def __init__(self, room: int) -> None:
        self.room = room
        self.got: list[Claimed] = []

    def reserve(self, tenant: str) -> bool:
        if self.room == 0:
            return False
        self.room -= 1
        return True

    def release(self, tenant: str) -> None:
        self.room += 1

    def given(self, claimed: Sequence[Claimed]) -> None:
        self.got += claimed


@pytest.fixture
def engine(store: SqlStore) -> Engine:
    return Engine(store, timezone=ZoneInfo("Europe/Berlin"), library=LIBRARY)


async def start(engine: Engine, name: str, data: Mapping[str, Any] | None = None, *, key: str = "k") -> Run:
    return (await engine.start(name, data or {}, key=key, actor="ana", now=NOW, tenant="hq")).run


async def children(store: SqlStore, run: Run) -> list[Run]:
    return await store.find(RunFilter(parent=run.id))


async def outline(engine: Engine, run: Run) -> list[tuple[str, str]]:
    return [(one.event, one.outcome.value) for one in await engine.history(run.id)]


# --- requests ----------------------------------------------------------------------------------------------------


async def test_a_worker_with_room_is_given_what_is_kept_and_the_rest_waits(
    engine: Engine, store: SqlStore
) -> None:
    hands = Hands(1)
    engine.employ(hands)
    told: list[tuple[int, bool]] = []
    engine.listeners.append(lambda changes: told.append((len(changes.claimed), changes.waiting)))
    one = await start(engine, "call", {"x": 5})
    two = await start(engine, "call", key="other")
    (claimed,) = hands.got
    assert (claimed.action, claimed.params, claimed.attempt, claimed.tenant) == ("test.do", {"x": 5}, 1, "hq")
    assert (claimed.lease.run, claimed.lease.owner, claimed.lease.fence) == (one.id, "hands", 1)
    assert claimed.lease.until == NOW + timedelta(seconds=30)
    assert claimed.key == f"{one.id}:1:c"
    assert told == [(1, False), (0, True)]
    assert [record.status for record in await store.requests(one.id)] == ["running"]
    assert [record.status for record in await store.requests(two.id)] == ["waiting"]


async def test_without_anybody_all_of_it_waits_in_the_outbox(engine: Engine, store: SqlStore) -> None:
    nobody = Nobody()
    assert not nobody.reserve("hq")
    nobody.release("hq")
    nobody.given(())
    run = await start(engine, "call")
    assert [record.status for record in await store.requests(run.id)] == ["waiting"]


async def test_a_result_moves_the_run_once(engine: Engine, store: SqlStore) -> None:
    hands = Hands(1)
    engine.employ(hands)
    run = await start(engine, "call")
    (claimed,) = hands.got
    done = await engine.done(claimed, {"id": 7}, NOW)
    assert (done.run.state, done.run.data["got"], done.run.status) == ("b", {"id": 7}, Status.DONE)
    for late in (engine.done(claimed, 8, NOW), engine.failed(claimed, "no", NOW)):
        with pytest.raises(Fenced, match="comes too late"):
            await late
    assert await outline(engine, run) == [("start", "taken"), ("done.c", "taken")]
    assert (await store.requests(run.id))[0].result == {"id": 7}


async def test_what_fails_is_tried_again_until_it_has_failed_for_good(engine: Engine, store: SqlStore) -> None:
    run = await start(engine, "call")
    waits, now = [], NOW
    for attempt in (1, 2, 3):
        (claimed,) = await store.claim("me", now, now + timedelta(seconds=30), {"hq": 5})
        assert claimed.attempt == attempt
        again = await engine.failed(claimed, f"reason {attempt}", now)
        due = await store.next_request()
        if again and due is not None:
            waits.append((due - now).total_seconds())
            now = due
    assert waits == [1, 2]
    stuck = await engine.get(run.id)
    assert (stuck.status, stuck.trouble, stuck.steward) == (Status.STUCK, "c: reason 3", "clerk")
    (record,) = await store.requests(run.id)
    assert [one["reason"] for one in record.errors] == ["reason 1", "reason 2", "reason 3"]
    assert await outline(engine, run) == [("start", "taken"), ("failed.c", "taken")]


async def test_a_connector_may_ask_to_be_left_alone_for_longer_or_give_up_at_once(
    engine: Engine, store: SqlStore
) -> None:
    run = await start(engine, "call")
    (claimed,) = await store.claim("me", NOW, NOW + timedelta(seconds=30), {"hq": 5})
    assert await engine.failed(claimed, "busy", NOW, after=90)
    assert await store.next_request() == NOW + timedelta(seconds=90)
    later = NOW + timedelta(seconds=90)
    (claimed,) = await store.claim("me", later, later + timedelta(seconds=30), {"hq": 5})
    assert not await engine.failed(claimed, "no such address", later, final=True)
    assert (await engine.get(run.id)).trouble == "c: no such address"


async def test_what_is_not_wanted_any_more_is_withdrawn(engine: Engine, store: SqlStore) -> None:
    hands = Hands(1)
    engine.employ(hands)
    run = await start(engine, "call")
    await engine.send(run.id, "leave", actor="bo", now=NOW)
    assert [record.status for record in await store.requests(run.id)] == ["withdrawn"]
    with pytest.raises(Fenced):
        await engine.done(hands.got[0], None, NOW)


async def test_room_that_was_kept_for_what_was_not_is_given_back(engine: Engine) -> None:
    hands = Hands(1)
    engine.employ(hands)
    with pytest.raises(TypeError, match="no JSON value"):
        await start(engine, "call", {"x": object()})
    assert (hands.room, hands.got) == (1, [])


# --- children ----------------------------------------------------------------------------------------------------


async def test_a_child_starts_with_its_parent_and_its_end_moves_it(engine: Engine, store: SqlStore) -> None:
    parent = await start(engine, "parent", {"x": [1]})
    (child,) = await children(store, parent)
    assert (child.data, child.started_by, child.tenant, child.slot) == ({"x": [1]}, "ana", "hq", "k")
    ended = await engine.send(child.id, "end", actor="bo", now=NOW)
    assert ended.run.status is Status.DONE
    moved = await engine.get(parent.id)
    assert (moved.state, moved.data["got"]) == ("b", {"x": [1]})


async def test_a_child_that_is_cancelled_has_failed(engine: Engine, store: SqlStore) -> None:
    parent = await start(engine, "parent")
    (child,) = await children(store, parent)
    await engine.operate(child.id, "cancel", reason="no", actor="bo", now=NOW)
    assert (await engine.get(parent.id)).state == "c"


async def test_a_parent_that_goes_on_cancels_its_child_once(engine: Engine, store: SqlStore) -> None:
    parent = await start(engine, "parent")
    (child,) = await children(store, parent)
    await engine.send(parent.id, "leave", actor="bo", now=NOW)
    cancelled = await engine.get(child.id)
    assert cancelled.status is Status.CANCELLED
    assert (await engine.history(child.id))[-1].data == {"reason": f"{parent.id} does not want it any more"}
    assert await outline(engine, parent) == [("start", "taken"), ("leave", "taken"), ("failed.k", "ignored")]
    other = await start(engine, "parent", key="other")
    (child,) = await children(store, other)
    await engine.send(child.id, "end", actor="bo", now=NOW)
    await engine.operate(other.id, "rewind", reason="again", actor="bo", now=NOW, state="a")
    await engine.operate(other.id, "cancel", reason="no", actor="bo", now=NOW)
    assert {one.status for one in await children(store, other)} == {Status.DONE, Status.CANCELLED}


@pytest.mark.parametrize("gone", ["parent", "child"])
async def test_who_is_told_and_is_not_there_is_not_missed(engine: Engine, store: SqlStore, gone: str) -> None:
    parent = await start(engine, "parent")
    (child,) = await children(store, parent)
    lost = parent.id if gone == "parent" else child.id
    other = child.id if gone == "parent" else parent.id
    await _forget(store, lost)
    moved = await engine.send(other, "end" if gone == "parent" else "leave", actor="bo", now=NOW)
    assert moved.changed
    with pytest.raises(NotFound):
        await engine.get(lost)


async def _forget(store: SqlStore, run_id: str) -> None:
    """Take a run out of the database, as a purge does."""

    def work(connection: sa.Connection) -> None:
        for table in (tables.asked, tables.human_task, tables.request, tables.timer, tables.event):
            connection.execute(sa.delete(table).where(table.c.run == run_id))
        connection.execute(sa.delete(tables.run).where(tables.run.c.id == run_id))

    await store.database.write(work)


@pytest.mark.parametrize(
    ("name", "reason"), [("lost", "there is no definition 'gone'"), ("nest", "runs are nested too deeply")]
)
async def test_a_child_that_cannot_be_started_has_failed(
    engine: Engine, store: SqlStore, name: str, reason: str
) -> None:
    run = await start(engine, name)
    while below := await children(store, run):
        assert run.state == "a"
        (run,) = below
    assert run.state == "b"
    assert (await engine.history(run.id))[-1].data["reason"] == reason


async def test_a_child_that_cannot_begin_with_its_data_has_failed(store: SqlStore) -> None:
    child = definition("{name: child, initial: a, states: {a: {entry: take}}}", Rules(changes={"take": unwilling}))
    engine = Engine(store, timezone=ZoneInfo("UTC"), library={"parent": PARENT, "child": child})
    run = await engine.get((await start(engine, "parent")).id)
    assert (run.state, await children(store, run)) == ("c", [])
    assert (await engine.history(run.id))[-1].data == {"number": 1, "reason": "result: cannot be taken"}


# --- people ------------------------------------------------------------------------------------------------------


async def test_people_decide_and_delegate(engine: Engine, store: SqlStore) -> None:
    run = await start(engine, "ask")
    (task,) = await store.human_tasks(run=run.id)
    await engine.delegate(run.id, "q", "zoe", actor="bo", roles=["r"], now=NOW)
    (task,) = await store.human_tasks(run=run.id)
    assert task.people == ("zoe",)
    decided = await engine.decide(
        run.id, "q", "approve", subject=task.subject, form={"x": 1}, actor="zoe", now=NOW
    )
    assert decided.run.status is Status.DONE
    (task,) = await store.human_tasks(run=run.id)
    assert (task.status, task.decision, task.decided_by) == ("decided", "approve", "zoe")
    assert await store.human_tasks(run=run.id, only_open=True) == []


@pytest.mark.parametrize(
    ("operation", "reason", "error"),
    [
        ("explode", "x", "there is no such operation; known are cancel, pause, resume, retry, skip"),
        ("upgrade", "x", "there is no such operation"),
        ("pause", "  ", "say why: the reason is kept with it"),
    ],
)
async def test_an_operation_is_known_and_has_a_reason(
    engine: Engine, operation: str, reason: str, error: str
) -> None:
    run = await start(engine, "ask")
    with pytest.raises(NotPossible, match=error):
        await engine.operate(run.id, operation, reason=reason, actor="eva", now=NOW)
    assert await engine.get(run.id) == run


async def test_an_operation_is_recorded_with_its_reason(engine: Engine) -> None:
    run = await start(engine, "ask")
    await engine.operate(run.id, "reassign", reason=" away ", actor="eva", now=NOW, task="q", to="bo", state=None)
    assert (await engine.history(run.id))[-1].data == {"reason": "away", "task": "q", "to": "bo"}


async def test_what_nothing_waits_for_is_refused_or_recorded_as_ignored(engine: Engine) -> None:
    run = await start(engine, "child")
    with pytest.raises(NotAllowed, match="'fly' is not possible while the task is a; possible is: end, skip"):
        await engine.send(run.id, "fly", actor="bo", now=NOW)
    ignored = await engine.send(run.id, "fly", actor="bo", now=NOW, strict=False)
    assert ignored.run.version == 2
    assert (await engine.history(run.id))[-1].outcome is Outcome.IGNORED


# --- definitions -------------------------------------------------------------------------------------------------


def newer_child(text: str = "{on: {end: b}}") -> Definition:
    return definition(f"{{name: child, initial: a, states: {{a: {text}, b: {{final: true}}}}}}")


async def test_a_run_is_moved_to_a_newer_version_or_refused_with_the_reasons(
    engine: Engine, store: SqlStore
) -> None:
    one, two = await start(engine, "child"), await start(engine, "child", key="other")
    over = await start(engine, "child", key="over")
    over = (await engine.send(over.id, "end", actor="bo", now=NOW)).run
    await engine.send(two.id, "skip", actor="bo", now=NOW)
    assert not (await engine.upgrade(one.id, actor="eva", now=NOW)).changed
    newer = newer_child()
    engine.put(newer)
    assert engine.library["child"] is newer
    tried = await engine.upgrade(one.id, actor="eva", now=NOW, dry=True)
    assert (tried.changed, await engine.get(one.id)) == (True, one)
    upgraded = await engine.upgrade(one.id, actor="eva", now=NOW)
    assert (upgraded.run.definition_hash, upgraded.run.version) == (newer.hash, 2)
    with pytest.raises(CannotUpgrade, match="it stands in c"):
        await engine.upgrade(two.id, actor="eva", now=NOW)
    moved = await engine.upgrade(two.id, renamed={"c": "a"}, actor="eva", now=NOW)
    assert moved.run.state == "a"
    assert not (await engine.upgrade(over.id, actor="eva", now=NOW)).changed


async def test_what_is_taken_out_goes_on_and_is_not_started_any_more(engine: Engine, store: SqlStore) -> None:
    run = await start(engine, "child")
    assert engine.current("child") is CHILD
    engine.take_out("child")
    engine.take_out("child")
    with pytest.raises(DefinitionError, match="there is none"):
        engine.current("child")
    with pytest.raises(DefinitionError, match="there is none"):
        await start(engine, "child", key="another")
    assert (await engine.send(run.id, "end", actor="bo", now=NOW)).run.status is Status.DONE


async def test_timers_are_listed_until_they_ring(store: SqlStore) -> None:
    library = {"ring": definition(NAMING.replace("FUNCTION", "data.x"))}
    engine = Engine(store, timezone=ZoneInfo("UTC"), library=library)
    runs = [await start(engine, "ring", key=key) for key in "ab"]
    assert await engine.timers_until(NOW + timedelta(minutes=59), 10) == []
    found = await engine.timers_until(NOW + timedelta(hours=1), 10)
    assert {timer.run for timer in found} == {run.id for run in runs}
    assert len(await engine.timers_until(NOW + timedelta(hours=1), 1)) == 1


async def test_the_version_that_a_run_follows_is_found_again(engine: Engine, store: SqlStore) -> None:
    run = await start(engine, "child")
    assert await engine.definition_of(run) == CHILD
    for library in ({"child": newer_child()}, {}):
        later = Engine(store, timezone=ZoneInfo("UTC"), library=library)
        assert await later.definition_of(run) == CHILD
        assert await later.definition_of(run) is await later.definition_of(run), "it is read once"
    lost = Engine(store, timezone=ZoneInfo("UTC"), library={})
    unknown = replace(run, definition_hash="0000")
    with pytest.raises(DefinitionError, match=f"its version 0000, that of the run {run.id}, was not kept"):
        await lost.definition_of(unknown)


NAMING = """
    name: ring
    initial: a
    states: {a: {on: {ring: {to: b, if: FUNCTION}}}, b: {final: true}}
    deadlines: {late: {in: a, after: 1 h, event: ring}}
    """


async def test_a_run_whose_version_names_a_function_that_is_no_more_is_stuck_and_stops_nothing_else(
    store: SqlStore,
) -> None:
    rules = Rules(guards={"gone": lambda data, event, now: True})
    before = Engine(
        store, timezone=ZoneInfo("UTC"), library={"ring": definition(NAMING.replace("FUNCTION", "gone"), rules)}
    )
    run, over = await start(before, "ring"), await start(before, "ring", key="over")
    over = (await before.send(over.id, "ring", actor="bo", now=NOW)).run
    later = Engine(
        store, timezone=ZoneInfo("UTC"), library={"ring": definition(NAMING.replace("FUNCTION", "data.x"))}
    )
    other = await start(later, "ring", {"x": True}, key="other")
    moved = {one.id: one for one in await later.due(NOW + timedelta(hours=1))}
    assert moved[other.id].status is Status.DONE
    stuck = moved[run.id]
    assert (stuck.status, stuck.steward, [one.name for one in stuck.held]) == (Status.STUCK, "owner", ["ring"])
    assert "there is no guard 'gone'" in stuck.trouble
    with pytest.raises(DefinitionError, match="there is no guard 'gone'"):
        await later.send(run.id, "ring", actor="bo", now=NOW)
    late = Timer(run=over.id, name="late", at=NOW, event="ring", fence=1)
    await store.transact(lambda tx: tx.set_timer(late))
    assert await later.due(NOW) == []
    assert await later.get(over.id) == over


# --- timers ------------------------------------------------------------------------------------------------------


async def test_who_asks_and_goes_away_before_the_answer_keeps_nobody_else_from_hearing(store: SqlStore) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(data: Data, event: Event, now: datetime) -> bool:
        begun.set()
        return go.wait(30)

    text = "{name: call, initial: a, states: {a: {on: {go: {to: b, if: slow}}}, b: {calls: {c: {action: t.do}}}}}"
    library = {"call": definition(text, Rules(guards={"slow": slow}))}
    engine = Engine(store, timezone=ZoneInfo("UTC"), library=library)
    hands, told = Hands(1), asyncio.Event()
    engine.employ(hands)
    run = await start(engine, "call")
    engine.listeners.append(lambda changes: told.set())
    asking = asyncio.create_task(engine.send(run.id, "go", actor="bo", now=NOW))
    await asyncio.to_thread(begun.wait, 30)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    go.set()
    async with asyncio.timeout(30):
        await told.wait()
    assert [one.action for one in hands.got] == ["t.do"]
    assert (await engine.get(run.id)).state == "b"


async def test_a_function_that_breaks_makes_its_run_stuck_and_stops_no_other_timer(store: SqlStore) -> None:
    def broken(data: Data, event: Event, now: datetime) -> bool:
        raise KeyError("amount")

    rules = Rules(guards={"broken": broken})
    library = {"ring": definition(NAMING.replace("FUNCTION", "broken"), rules)}
    engine = Engine(store, timezone=ZoneInfo("UTC"), library=library)
    runs = [await start(engine, "ring", key=key) for key in "ab"]
    moved = {one.id: one for one in await engine.due(NOW + timedelta(hours=1))}
    for run in runs:
        stuck = moved[run.id]
        assert (stuck.status, stuck.trouble) == (
            Status.STUCK, "a function of 'ring' failed with KeyError: 'amount'",
        )  # fmt: skip


async def test_a_run_that_cannot_take_what_comes_of_itself_is_stuck_where_people_see_it(store: SqlStore) -> None:
    rules = definition(
        "{name: picky, initial: a, states: {a: {calls: {c: {action: t.do}}, on: {done.c: {do: take}}}}}",
        Rules(changes={"take": unwilling}),
    )
    engine = Engine(store, timezone=ZoneInfo("UTC"), library={"picky": rules})
    hands = Hands(1)
    engine.employ(hands)
    run = await start(engine, "picky")
    stuck = (await engine.done(hands.got[0], 5, NOW)).run
    assert (stuck.status, stuck.trouble, stuck.steward) == (Status.STUCK, "result: cannot be taken", "owner")
    assert [one.name for one in stuck.held] == ["done.c"]
    assert await engine.get(run.id) == stuck
    assert await outline(engine, run) == [("start", "taken"), ("done.c", "held")]
    assert (await store.requests(run.id))[0].status == "done", "what was done is not done again"


RING = definition(
    """
    name: ring
    initial: a
    states: {a: {on: {ring: b, again: c}}, b: {}, c: {on: {back: a}}}
    deadlines: {late: {in: a, after: 1 h, event: ring}}
    """
)


@pytest.fixture
def ringing(store: SqlStore) -> Engine:
    return Engine(store, timezone=ZoneInfo("UTC"), library={"ring": RING})


async def test_a_timer_that_was_set_anew_does_not_ring_as_the_old_one(ringing: Engine, store: SqlStore) -> None:
    run = await start(ringing, "ring")
    (old,) = await store.timers(run.id)
    for event in ("again", "back"):
        await ringing.send(run.id, event, actor="bo", now=NOW)
    (new,) = await store.timers(run.id)
    assert new.fence == 3
    assert await ringing.ring([old], old.at) == []
    assert await store.timers(run.id) == [new]
    (rung,) = await ringing.ring([new], new.at)
    assert rung.state == "b"
    assert await ringing.ring([new], new.at) == [], "and each rings once"


async def test_a_timer_of_a_run_that_is_not_there_is_forgotten(ringing: Engine, store: SqlStore) -> None:
    run = await start(ringing, "ring")
    (timer,) = await store.timers(run.id)
    recorder, changes = ringing._recorder, Changes()

    class Purged:
        """A unit of work in which the run is gone, and its timer is not yet."""

        def __init__(self) -> None:
            self.cleared: list[tuple[str, str]] = []

        def timer(self, run_id: str, name: str) -> Timer:
            return timer

        def clear_timer(self, run_id: str, name: str) -> None:
            self.cleared.append((run_id, name))

        def run(self, run_id: str) -> None:
            return None

    purged = Purged()
    recorder.ring(purged, timer, timer.at, changes, circling=False)  # type: ignore[arg-type]
    assert purged.cleared == [(run.id, "late")]
    assert changes.moved == []


async def test_a_timer_that_nobody_takes_is_recorded_and_gone(store: SqlStore) -> None:
    """The event's guard does not agree, and no deadline of the data says to come again."""
    rules = definition(
        """
        name: ring
        initial: a
        states: {a: {on: {ring: {to: b, if: data.ready}}}, b: {}}
        deadlines:
          other: {in: a, at: data.other, event: ring}
          due: {in: a, at: data.due, event: ring}
        """
    )
    engine = Engine(store, timezone=ZoneInfo("UTC"), library={"ring": rules})
    run = await start(engine, "ring", {"due": "2026-11-20T15:00Z", "other": "2026-11-21T15:00Z"})
    (rung,) = await engine.due(NOW + timedelta(hours=1))
    assert (rung.state, rung.version) == ("a", 2)
    assert await outline(engine, run) == [("start", "taken"), ("ring", "ignored")]
    assert [timer.name for timer in await store.timers(run.id)] == ["other"]


async def test_a_timer_that_rings_while_the_run_is_paused_is_held(ringing: Engine) -> None:
    run = await start(ringing, "ring")
    await ringing.operate(run.id, "pause", reason="x", actor="eva", now=NOW)
    (held,) = await ringing.due(NOW + timedelta(hours=1))
    assert (held.state, [one.name for one in held.held]) == ("a", ["ring"])
    resumed = await ringing.operate(run.id, "resume", reason="x", actor="eva", now=NOW + timedelta(hours=2))
    assert resumed.run.state == "b"
    assert await ringing.next_due() is None
