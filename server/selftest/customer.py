"""The load of the durability test: what is asked of an office, each thing with its key, until it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from server.selftest.ledger import Ledger
from server.selftest.points import Points
from server.selftest.shop import HOUR
from server.work.timers import Timers
from workflows.engine import Changes, Engine, Outcome
from workflows.errors import WorkflowError
from workflows.run import OVER, Run

ROLES = ("approver",)
WALKS = 3
"""So many walk side by side: their steps share commits."""


class Clock:
    """The office's clock: as fast as the real one, but it can be put forward."""

    def __init__(self, hours: float) -> None:
        """Put forward by so much from the beginning."""
        self._ahead = timedelta(hours=hours)

    def now(self) -> datetime:
        """Aware."""
        return datetime.now(UTC) + self._ahead

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self._ahead += timedelta(seconds=seconds)


class Customer:
    """Asks for what is in the script but what the ledger says was answered, and notes each answer there."""

    def __init__(self, engine: Engine, timers: Timers, clock: Clock, ledger: Ledger, points: Points) -> None:
        """Nothing is asked yet."""
        self._engine, self._timers, self._clock = engine, timers, clock
        self._ledger, self._points = ledger, points
        self._answered = {entry["key"]: str(entry["run"]) for entry in ledger.entries()}
        self._news = asyncio.Event()
        engine.listeners.append(self._notice)

    async def everything(self) -> list[WorkflowError]:
        """Go through the script until every run is over; give what was refused: that ends the part of its run."""
        parts = (self._order(), self._trip(), self._held(), *map(self._walk, range(WALKS)))
        return [refused for refused in await asyncio.gather(*map(_unless_refused, parts)) if refused is not None]

    async def _order(self) -> None:
        """Two must agree; then there are calls, one of which fails at first, and a child with a timer."""
        run = await self._start("order", "lamp")
        await self._until(run, lambda now: now.state != "check")
        for person in ("ana", "bo"):
            await self._decide(run, person)
        await self._until(run, lambda now: "pay" not in now.states)
        self._clock.forward(HOUR + 1)
        self._timers.look()
        await self._over(run)

    async def _trip(self) -> None:
        """Cancelled when it is booked: that is taken back."""
        run = await self._start("trip", "sea")
        await self._until(run, lambda now: now.state != "booking")
        await self._send(run, "$cancel", "cancel")
        await self._over(run)

    async def _held(self) -> None:
        """What comes while a run is paused is kept for later."""
        run = await self._start("walk", "held")
        await self._send(run, "$pause", "pause")
        for step in (1, 2):
            await self._send(run, "go", f"go{step}")
        await self._send(run, "$resume", "resume")
        await self._send(run, "stop", "stop")
        await self._over(run)

    async def _walk(self, number: int) -> None:
        """Each step looks like the one before, so that only the key tells one that is asked for again."""
        run = await self._start("walk", f"walk{number}")
        for step in range(4):
            await self._send(run, "go", f"go{step}")
        await self._send(run, "stop", "stop")
        await self._over(run)

    # --- asking -------------------------------------------------------------------------------------------------

    async def _start(self, definition: str, key: str) -> str:
        return await self._ask(
            f"{key}:start",
            lambda: self._engine.start(
                definition, {"what": key}, key=key, actor="cy", now=self._clock.now(), tenant=key
            ),
        )

    async def _send(self, run: str, event: str, key: str) -> None:
        await self._ask(
            f"{run}:{key}",
            lambda: self._engine.send(
                run, event, {"reason": "as it goes"}, actor="cy", now=self._clock.now(), key=key
            ),
        )

    async def _decide(self, run: str, person: str) -> None:
        opened = (await self._engine.get(run)).open.get("consent")
        subject = opened.subject if opened else ""  # decided already, but nobody was told
        await self._ask(
            f"{run}:{person}",
            lambda: self._engine.decide(
                run, "consent", "approve", subject=subject, actor=person, roles=ROLES, now=self._clock.now(),
                key=person,
            ),
        )  # fmt: skip

    async def _ask(self, what: str, call: Callable[[], Awaitable[Outcome]]) -> str:
        known = self._answered.get(what)
        if known is not None:
            return known
        outcome = await call()
        run = outcome.run
        with self._points.around("the note of an answer"):
            self._ledger.note(key=what, run=run.id, version=run.version)
        return run.id

    # --- waiting ------------------------------------------------------------------------------------------------

    async def _over(self, run: str) -> None:
        await self._until(run, lambda now: now.status in OVER)

    async def _until(self, run: str, holds: Callable[[Run], bool]) -> None:
        while True:
            news = self._news
            if holds(await self._engine.get(run)):
                return
            await news.wait()

    def _notice(self, changes: Changes) -> None:
        """Each piece of news has an event of its own: several wait, and none may take it from another."""
        self._news.set()
        self._news = asyncio.Event()


async def _unless_refused(part: Awaitable[None]) -> WorkflowError | None:
    try:
        await part
    except WorkflowError as refused:
        return refused
    return None
