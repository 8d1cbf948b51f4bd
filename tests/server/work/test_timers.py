"""Timers on a clock that is moved: in time, once, whatever is set meanwhile, and when clocks jump."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from server.work.timers import AFTER_FAULT_SECONDS, LOOK_SECONDS, Timers
from tests.server.work.clock_loop import on_a_clock, the_loop
from tests.server.work.world import World
from workflows.errors import StoreError
from workflows.run import Run


@asynccontextmanager
async def ringing(world: World) -> AsyncIterator[Timers]:
    timers = Timers(world.engine, world.wall)
    job = asyncio.ensure_future(timers.run())
    await the_loop().settle()
    try:
        yield timers
    finally:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job


async def rang(world: World, run: Run) -> int:
    """How often."""
    return [entry.event for entry in await world.engine.history(run.id)].count("late")


@on_a_clock
async def test_a_timer_rings_in_time_and_once() -> None:
    world = World()
    async with ringing(world):
        run = await world.start("k", "soon")
        await the_loop().forward(29.9)
        assert await world.state(run) == "a"
        await the_loop().forward(0.1)
        assert await world.state(run) == "b"
        await the_loop().forward(1000)
    assert await rang(world, run) == 1


@on_a_clock
async def test_one_that_is_set_later_but_rings_earlier_does_not_wait_for_the_other() -> None:
    world = World()
    async with ringing(world):
        later = await world.start("one", "later")
        await the_loop().forward(5)
        soon = await world.start("two", "soon")
        await the_loop().forward(30)
        assert (await world.state(soon), await world.state(later)) == ("b", "a")
        await the_loop().forward(55)
        assert await world.state(later) == "b"


@on_a_clock
async def test_what_was_due_while_nobody_was_there_rings_at_the_start() -> None:
    world = World()
    run = await world.start("k", "day")
    await the_loop().forward(2 * 86_400)
    async with ringing(world):
        assert await world.state(run) == "b"
    assert await rang(world, run) == 1


@on_a_clock
async def test_when_the_clock_is_put_forward_it_rings_at_the_next_look_at_the_latest() -> None:
    world = World()
    async with ringing(world):
        run = await world.start("k", "day")
        world.ahead = timedelta(days=1)
        await the_loop().forward(LOOK_SECONDS - 0.1)
        assert await world.state(run) == "a"
        await the_loop().forward(0.1)
        assert await world.state(run) == "b"


@on_a_clock
async def test_who_put_the_clock_forward_may_say_so() -> None:
    world = World()
    async with ringing(world) as timers:
        run = await world.start("k", "day")
        world.ahead = timedelta(days=1)
        timers.look()
        await the_loop().settle()
        assert await world.state(run) == "b"


@on_a_clock
async def test_when_the_clock_is_put_back_it_rings_later_and_once() -> None:
    world = World()
    async with ringing(world) as timers:
        run = await world.start("k", "soon")
        world.ahead = -timedelta(hours=1)
        timers.look()
        await the_loop().forward(30)
        assert await world.state(run) == "a"
        for _ in range(60):
            await the_loop().forward(60)
        assert await world.state(run) == "b"
    assert await rang(world, run) == 1


@on_a_clock
async def test_timers_of_another_process_are_found_by_looking() -> None:
    world = World()
    async with ringing(world):
        world.engine.listeners.clear()  # so that nobody is told of what comes
        run = await world.start("k", "soon")
        await the_loop().forward(LOOK_SECONDS)
        assert await world.state(run) == "b"


@on_a_clock
async def test_timers_that_cannot_be_read_are_read_again_a_little_later() -> None:
    world = World()
    run = await world.start("k", "soon")
    await the_loop().forward(30)
    world.store.away = StoreError("the server does not answer")
    async with ringing(world):
        assert world.store.asked == 1
        await the_loop().forward(AFTER_FAULT_SECONDS)
        assert world.store.asked == 2
        world.store.away = None
        await the_loop().forward(AFTER_FAULT_SECONDS)
        assert await world.state(run) == "b"
