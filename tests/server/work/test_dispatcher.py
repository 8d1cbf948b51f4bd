"""The dispatcher on a clock that is moved: turns, limits, leases, attempts, connectors that are down, the end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from server.work.lanes import LaneSettings
from tests.server.work.clock_loop import on_a_clock, the_loop
from tests.server.work.world import World
from workflows.connector import Did, Refuse, TryAgain
from workflows.errors import StoreError
from workflows.store import Claimed, Lease

ONE = LaneSettings(most_together=1)
AWAY = StoreError("the disk is full")


# --- turns and limits -------------------------------------------------------------------------------------------


@on_a_clock
async def test_tenants_take_turns_however_much_one_has() -> None:
    world = World()
    async with world.working(world.dispatcher(lane=ONE)):
        for key in ("a1", "a2", "a3", "a4", "b1", "b2", "c1"):
            await world.start(key, tenant=key[0])
        while world.hand.under_way:
            await world.hand.answer(world.hand.under_way[0])
    assert world.hand.order == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


@on_a_clock
async def test_a_connector_gets_only_so_many_calls_at_a_time() -> None:
    world = World()
    async with world.working(world.dispatcher(lane=LaneSettings(most_together=3))):
        for number in range(8):
            await world.start(f"{number}")
            assert len(world.hand.under_way) <= 3
        assert len(world.hand.under_way) == 3
        while world.hand.under_way:
            assert len(world.hand.under_way) <= 3
            await world.hand.answer(world.hand.under_way[0])
    assert len(world.hand.calls) == 8


@on_a_clock
async def test_what_does_not_fit_into_the_window_waits_in_the_outbox() -> None:
    world = World()
    dispatcher = world.dispatcher(window=3, lane=ONE)
    async with world.working(dispatcher):
        runs = [await world.start(f"{number}", tenant="a") for number in range(7)]
        statuses = [(await world.request(run)).status for run in runs]
        assert statuses == ["running"] * 3 + ["waiting"] * 4
        other = await world.start("other", tenant="b")
        assert (await world.request(other)).status == "running"
        while world.hand.under_way:
            await world.hand.answer(world.hand.under_way[0])
            assert sum(dispatcher.waiting.values()) <= 3
        assert {await world.state(run) for run in runs} == {"good"}
    assert len(world.hand.calls) == 8


# --- attempts ---------------------------------------------------------------------------------------------------


@on_a_clock
async def test_waits_between_attempts_grow_up_to_the_longest_and_the_key_stays() -> None:
    world = World()
    async with world.working(world.dispatcher()):
        run = await world.start("k", "stubborn")
        for wait in (1, 2, 4, 5):
            await world.hand.answer(world.hand.under_way[0], TryAgain(reason="not now"))
            await the_loop().forward(wait - 0.01)
            assert world.hand.under_way == []
            await the_loop().forward(0.01)
        await world.hand.answer(world.hand.under_way[0], TryAgain(reason="never"))
        assert await world.state(run) == "bad"
    assert [round(call.at, 3) for call in world.hand.calls] == [0, 1, 3, 7, 12]
    assert len({call.key for call in world.hand.calls}) == 1
    request = await world.request(run)
    assert (request.status, request.attempts) == ("failed", 5)
    assert [error["reason"] for error in request.errors] == ["not now"] * 4 + ["never"]


@on_a_clock
async def test_a_connector_may_ask_to_be_left_alone_for_longer() -> None:
    world = World()
    async with world.working(world.dispatcher()):
        await world.start("k", "stubborn")
        await world.hand.answer(world.hand.under_way[0], TryAgain(reason="busy", after=90))
        await the_loop().forward(89.9)
        assert world.hand.under_way == []
        await the_loop().forward(0.1)
        assert len(world.hand.under_way) == 1


@on_a_clock
async def test_a_refusal_is_not_tried_again() -> None:
    world = World()
    async with world.working(world.dispatcher()):
        run = await world.start("k")
        await world.hand.answer(world.hand.calls[0], Refuse(reason="no such account"))
        assert await world.state(run) == "bad"
    assert (await world.request(run)).attempts == 1


@on_a_clock
async def test_an_answer_that_does_not_come_in_time_is_given_up_and_asked_for_again() -> None:
    world = World()
    async with world.working(world.dispatcher()):
        run = await world.start("k", "stubborn")
        await the_loop().forward(19.9)
        assert not world.hand.calls[0].given_up
        await the_loop().forward(0.1)
        assert world.hand.calls[0].given_up
        await the_loop().forward(1)
        await world.hand.answer(world.hand.under_way[0])
        assert await world.state(run) == "good"
    assert [error["reason"] for error in (await world.request(run)).errors] == ["no answer within 20 s"]


@on_a_clock
async def test_a_connector_that_raises_is_tried_again_and_its_words_are_kept() -> None:
    world = World()
    async with world.working(world.dispatcher()):
        run = await world.start("k", "raising")
        await the_loop().forward(1)
        assert await world.state(run) == "bad"
    assert [error["reason"] for error in (await world.request(run)).errors] == ["there is a fault in it"] * 2


@on_a_clock
async def test_a_connector_that_nobody_has_is_refused_by_name() -> None:
    world = World()
    async with world.working(world.dispatcher()):
        run = await world.start("k", "unknown")
        assert await world.state(run) == "bad"
    [error] = (await world.request(run)).errors
    assert error["reason"] == "there is no connector 'nowhere'; known are hand, raising"


# --- a connector that is down -----------------------------------------------------------------------------------


@on_a_clock
async def test_a_connector_that_is_down_is_left_alone_then_tried_by_one_call_and_taken_up_again() -> None:
    world = World()
    dispatcher = world.dispatcher(lane=LaneSettings(most_together=2, failures=3, rest_seconds=5))
    async with world.working(dispatcher):
        for number in range(9):
            await world.start(f"{number}")
        for _ in range(3):
            await world.hand.answer(world.hand.under_way[0], TryAgain(reason="down"))
        await world.hand.answer(world.hand.under_way[0], TryAgain(reason="down"))  # it was under way already
        assert dispatcher.resting == ["hand"]
        assert world.hand.under_way == []
        rest = 10
        await the_loop().forward(rest - 0.1)
        assert world.hand.under_way == []
        await the_loop().forward(0.1)
        assert len(world.hand.under_way) == 1
        await world.hand.answer(world.hand.under_way[0], TryAgain(reason="still down"))
        await the_loop().forward(2 * rest - 0.1)
        assert world.hand.under_way == []
        await the_loop().forward(0.1)
        await world.hand.answer(world.hand.under_way[0])
        assert dispatcher.resting == []
        assert len(world.hand.under_way) == 2


# --- leases -----------------------------------------------------------------------------------------------------


@on_a_clock
async def test_leases_are_kept_alive_while_requests_wait_for_their_turn() -> None:
    world = World()
    dispatcher = world.dispatcher(lane=ONE, lease_seconds=30)
    async with world.working(dispatcher):
        runs = [await world.start(f"{number}") for number in range(12)]
        for _ in runs:
            await the_loop().forward(10)
            assert await world.store.release_dead(world.wall()) == 0
            await world.hand.answer(world.hand.under_way[0])
        assert {await world.state(run) for run in runs} == {"good"}
    assert dispatcher.counters.fenced == 0
    assert len(world.hand.calls) == 12


@on_a_clock
async def test_who_lost_a_lease_stops_what_runs_and_never_begins_what_waits() -> None:
    world = World()
    dispatcher = world.dispatcher(lane=ONE, lease_seconds=30, exclusive=False)
    async with world.working(dispatcher):
        running, waiting = await world.start("running"), await world.start("waiting")
        await world.store.release_dead(world.wall() + timedelta(seconds=31))
        taken = await world.store.claim(
            "another", world.wall(), world.wall() + timedelta(seconds=60), {"running": 1, "waiting": 1}
        )
        await the_loop().forward(10)
        assert world.hand.calls[0].given_up
        assert dispatcher.counters.fenced == 2
        assert dict(dispatcher.waiting) == {"hand": 0}
        for claimed in taken:
            await world.engine.done(claimed, None, world.wall())
        assert {await world.state(run) for run in (running, waiting)} == {"good"}
    assert world.hand.order == ["running"]


@on_a_clock
async def test_the_result_of_one_who_lost_the_lease_is_not_taken() -> None:
    world = World()
    dispatcher = world.dispatcher(exclusive=False)
    async with world.working(dispatcher):
        run = await world.start("k")
        await world.store.release_dead(world.wall() + timedelta(seconds=31))
        [claimed] = await world.store.claim(
            "another", world.wall(), world.wall() + timedelta(seconds=60), {"k": 1}
        )
        await world.hand.answer(world.hand.calls[0], Did(result="late"))
        assert dispatcher.counters.fenced == 1
        assert await world.state(run) == "a"
        await world.engine.done(claimed, "in time", world.wall())
    assert (await world.request(run)).result == "in time"
    assert [entry.event for entry in await world.engine.history(run.id)] == ["start", "done.do"]


@on_a_clock
async def test_requests_of_one_who_died_are_taken_up_at_once_where_nobody_else_works() -> None:
    world = World()
    run = await world.start("k")
    await world.store.claim("dead", world.wall(), world.wall() + timedelta(seconds=30), {"k": 1})
    async with world.working(world.dispatcher()):
        await world.hand.answer(world.hand.calls[0])
        assert await world.state(run) == "good"


@on_a_clock
async def test_where_others_work_too_the_lease_of_one_who_died_is_waited_for() -> None:
    world = World()
    run = await world.start("k")
    await world.store.claim("dead", world.wall(), world.wall() + timedelta(seconds=30), {"k": 1})
    async with world.working(world.dispatcher(exclusive=False)):
        for _ in range(3):
            await the_loop().forward(10)
            assert world.hand.calls == []
        await the_loop().forward(10)
        await world.hand.answer(world.hand.calls[0])
        assert await world.state(run) == "good"
    assert (await world.request(run)).attempts == 2


@on_a_clock
async def test_what_nobody_wants_any_more_is_stopped() -> None:
    world = World()
    dispatcher = world.dispatcher()
    async with world.working(dispatcher):
        run = await world.start("k")
        await world.engine.send(run.id, "leave", actor="ana", now=world.wall())
        await the_loop().forward(10)
        assert world.hand.calls[0].given_up
    assert (await world.request(run)).status == "withdrawn"


# --- the end ----------------------------------------------------------------------------------------------------


@on_a_clock
async def test_at_the_end_all_that_is_in_hand_is_handed_back_and_another_begins_at_once() -> None:
    world = World()
    async with world.working(world.dispatcher(name="first", lane=ONE, exclusive=False)):
        runs = [await world.start(f"{number}") for number in range(3)]
    assert world.hand.calls[0].given_up
    assert [(await world.request(run)).status for run in runs] == ["waiting"] * 3
    async with world.working(world.dispatcher(name="second", lane=ONE, exclusive=False)):
        while world.hand.under_way:
            await world.hand.answer(world.hand.under_way[0])
    assert world.hand.order == ["0", "0", "1", "2"]
    assert world.hand.calls[0].key == world.hand.calls[1].key
    assert {await world.state(run) for run in runs} == {"good"}


@on_a_clock
async def test_what_begins_after_the_end_waits_for_the_next() -> None:
    world = World()
    async with world.working(world.dispatcher(name="first")):
        pass
    run = await world.start("k")
    assert (await world.request(run)).status == "waiting"
    assert world.hand.calls == []


# --- a database that is away ------------------------------------------------------------------------------------


@on_a_clock
async def test_a_result_is_kept_while_the_database_is_away_and_nothing_is_done_twice() -> None:
    world = World()
    async with world.working(world.dispatcher(lease_seconds=30)):
        run = await world.start("k")
        world.store.away = AWAY
        await world.hand.answer(world.hand.calls[0], Did(result=7))
        for _ in range(20):
            await the_loop().forward(1)
        assert 20 <= world.store.asked <= 50
        world.store.away = None
        await the_loop().forward(1)
        assert await world.state(run) == "good"
    assert (await world.request(run)).result == 7
    assert len(world.hand.calls) == 1


@on_a_clock
async def test_an_outbox_that_cannot_be_read_is_read_again_a_little_later() -> None:
    world = World()
    world.store.away = AWAY
    dispatcher = world.dispatcher(window=1)
    async with world.working(dispatcher):
        await the_loop().forward(0)
        assert world.store.asked == 1
        for _ in range(5):
            await the_loop().forward(1)
        assert world.store.asked == 6
        world.store.away = None
        run = await world.start("k")
        await the_loop().forward(1)
        await world.hand.answer(world.hand.calls[0])
        assert await world.state(run) == "good"


@on_a_clock
async def test_room_for_what_could_not_be_claimed_is_free_again() -> None:
    async def away(*arguments: Any) -> list[Claimed]:
        raise AWAY

    world = World()
    run = await world.start("k")
    claim = world.store.claim
    vars(world.store)["claim"] = away
    async with world.working(world.dispatcher(window=1)):
        vars(world.store)["claim"] = claim
        await the_loop().forward(1)
        await world.hand.answer(world.hand.calls[0])
        assert await world.state(run) == "good"


@on_a_clock
async def test_a_fault_that_nobody_foresaw_ends_the_work_and_is_told() -> None:
    async def broken(leases: object, until: object) -> list[Lease]:
        raise RuntimeError("a fault of ours")

    world = World()
    vars(world.store)["renew"] = broken
    job = asyncio.ensure_future(world.dispatcher(lease_seconds=30).run(world.engine, world.store))
    await the_loop().settle()
    run = await world.start("k")
    await the_loop().forward(10)
    with pytest.raises(ExceptionGroup) as told:
        await job
    assert told.group_contains(RuntimeError, match="a fault of ours")
    assert (await world.request(run)).status == "waiting"
