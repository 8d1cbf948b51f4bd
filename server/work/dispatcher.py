"""Dispatcher: lets connectors do what runs ask for, at least once, fairly between tenants, with leases.

A request is handed over as soon as its transition is kept, with the lease to work on it. What does not fit in
waits in the outbox, and is claimed when there is room. A process that dies lets its leases run out; others go on.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.background import Background
from server.work.lanes import Lane, LaneSettings
from workflows.connector import Answer, Connector, Did, Refuse, TryAgain
from workflows.engine import Changes, Engine
from workflows.errors import Fenced, StoreError
from workflows.store import Claimed, Lease, Store

logger = logging.getLogger(__name__)

MOST_CLAIMED = 16
"""Requests of a tenant that are claimed together: whatever else is to be written waits for it."""
AGAIN_SECONDS = 1.0
"""Until the database is asked again that could not be read, or could not keep a result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchSettings:
    """How much is held at a time, and for how long without a sign of life."""

    window: int = 256
    """Requests of one tenant in hand; more wait in the outbox."""
    most: int = 1024
    """Requests in hand."""
    least: int = 8
    """Requests of one tenant that find room whatever others have in hand."""
    lease_seconds: float = 30.0
    look_seconds: float = 5.0
    """The outbox is looked at this often, should nobody tell of what waits there."""
    exclusive: bool = True
    """No other process works on this outbox: what others had in hand is taken over at the start."""


@dataclass(slots=True, kw_only=True)
class DispatchCounters:
    """Since the start."""

    done: int = 0
    retried: int = 0
    failed: int = 0
    fenced: int = 0
    """Results that came too late: another had the request, or nobody wanted it."""


class Dispatcher:
    """Fulfils `workflows.engine.Worker`."""

    def __init__(
        self,
        connectors: Mapping[str, Connector],
        wall: Callable[[], datetime],
        *,
        name: str,
        settings: DispatchSettings | None = None,
        lanes: Mapping[str, LaneSettings] | None = None,
    ) -> None:
        """Nothing is worked on before `run`.

        Args:
            connectors: by name.
            wall: the office's clock, aware.
            name: of this process, unlike any other's.
            settings: how much at a time.
            lanes: how much at a time for connectors that are not as usual.
        """
        self.name = name
        self.counters = DispatchCounters()
        self._connectors, self._wall = dict(connectors), wall
        self._settings = settings or DispatchSettings()
        self._lane_settings = dict(lanes or {})
        self._lanes: dict[str, Lane] = {}
        self._held: dict[Lease, tuple[Claimed, asyncio.Task[None] | None]] = {}
        """What is in hand; a request that was lost and claimed again is there twice for a while."""
        self._in_hand: Counter[str] = Counter()
        """By tenant; what is reserved counts."""
        self._all = 0
        self._guard = threading.Lock()
        self._calls = Background("connector calls")
        self._wake, self._more = asyncio.Event(), True
        self._left_waiting = False
        """Something may be due in the outbox for which there was no room."""
        self._going = False

    # --- what the engine asks; `reserve` and `release` in the thread of the database ----------------------------

    def reserve(self, tenant: str) -> bool:
        """Say whether there is room for one more request of this tenant, and keep it."""
        with self._guard:
            own = self._in_hand[tenant]
            full = own >= self._settings.window or (
                self._all >= self._settings.most and own >= self._settings.least
            )
            if not self._going or full:
                return False
            self._in_hand[tenant] += 1
            self._all += 1
            return True

    def release(self, tenant: str) -> None:
        """What was reserved is not needed."""
        with self._guard:
            self._in_hand[tenant] -= 1
            self._all -= 1
            if not self._in_hand[tenant]:
                del self._in_hand[tenant]

    def given(self, claimed: Sequence[Claimed]) -> None:
        """Work on these now."""
        now = _now()
        for one in claimed:
            self._held[one.lease] = (one, None)
            self._lane(one).put(one, now)
        self._pump()

    def noticed(self, changes: Changes) -> None:
        """Something waits in the outbox."""
        if changes.waiting:
            self._more = self._left_waiting = True
            self._wake.set()

    # --- the work -----------------------------------------------------------------------------------------------

    async def run(self, engine: Engine, store: Store) -> None:
        """Work until cancelled; what is in hand then is handed back, and done anew by whoever comes next."""
        self._engine, self._store = engine, store
        engine.employ(self)
        engine.listeners.append(self.noticed)
        self._going = True
        try:
            async with asyncio.TaskGroup() as together:
                together.create_task(self._keep_leases())
                together.create_task(self._keep_working())
        finally:
            self._going = False
            await self._hand_back()

    async def _keep_working(self) -> None:
        await self._take_over()
        while True:
            await self._refill()
            self._pump()
            await self._rest()

    @property
    def waiting(self) -> Mapping[str, int]:
        """How many requests in hand wait for each connector."""
        return {name: lane.waiting for name, lane in self._lanes.items()}

    @property
    def resting(self) -> list[str]:
        """Connectors that failed too often in a row, and are left alone for a while."""
        return [name for name, lane in self._lanes.items() if lane.is_open]

    async def _take_over(self) -> None:
        others = self.name if self._settings.exclusive else None
        while True:
            try:
                freed = await self._store.release_dead(self._wall(), others=others)
            except StoreError as error:
                logger.error("the outbox cannot be read", extra={"error": str(error)})
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            if freed:
                logger.warning("requests of a process that ended are taken up", extra={"requests": freed})
            return

    async def _refill(self) -> None:
        """Claim what waits in the outbox, as far as there is room, the same for each tenant."""
        if not self._more:
            return
        self._more = False
        limits: dict[str, int] = {}
        try:
            now = self._wall()
            waiting = await self._store.waiting(now)
            for tenant, count in waiting.items():
                room = 0
                while room < min(count, MOST_CLAIMED) and self.reserve(tenant):
                    room += 1
                if room:
                    limits[tenant] = room
            self._left_waiting = sum(waiting.values()) > sum(limits.values())
            until = now + timedelta(seconds=self._settings.lease_seconds)
            claimed = await self._store.claim(self.name, now, until, limits) if limits else []
        except StoreError as error:
            logger.error("the outbox cannot be read", extra={"error": str(error)})
            self._release_rest(limits, ())
            await asyncio.sleep(AGAIN_SECONDS)
            self._more = True
            return
        self._release_rest(limits, claimed)
        self.given(claimed)

    def _release_rest(self, reserved: Mapping[str, int], claimed: Sequence[Claimed]) -> None:
        got = Counter(one.tenant for one in claimed)
        for tenant, room in reserved.items():
            for _ in range(room - got[tenant]):
                self.release(tenant)

    async def _rest(self) -> None:
        """Wait until there is something to do."""
        wait = self._settings.look_seconds
        opens = [at - _now() for lane in self._lanes.values() if (at := lane.opens())]
        due = await self._next_due()
        wait = max(0.0, min([wait, *opens, *([] if due is None else [due])]))
        try:
            async with asyncio.timeout(wait):
                await self._wake.wait()
        except TimeoutError:
            self._more = True
        self._wake.clear()

    async def _next_due(self) -> float | None:
        if self._more:
            return 0.0 if self._all < self._settings.most else None
        try:
            due = await self._store.next_request()
        except StoreError:
            return None
        if due is None or due <= self._wall():
            return None  # what is due and not taken waits for room; whoever makes room wakes us
        return (due - self._wall()).total_seconds()

    def _pump(self) -> None:
        if not self._going:
            return
        now = _now()
        for name, lane in self._lanes.items():
            while (claimed := lane.take(now)) is not None:
                self._calls.start(self._work(name, lane, claimed))

    async def _work(self, name: str, lane: Lane, claimed: Claimed) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._held[claimed.lease] = (claimed, task)
        answer: Answer = TryAgain(reason="it was given up")
        try:
            try:
                answer = await self._call(name, claimed)
            finally:
                # The connector is free for the next: to write back what came of it is no work of its own.
                lane.ended(claimed.tenant, _now(), ok=not isinstance(answer, TryAgain))
                self._pump()
            await self._write_back(claimed, answer)
        finally:
            del self._held[claimed.lease]
            self.release(claimed.tenant)
            if self._left_waiting and self._in_hand[claimed.tenant] < self._settings.window // 2:
                self._more = True
                self._wake.set()
            self._pump()

    async def _call(self, name: str, claimed: Claimed) -> Answer:
        connector = self._connectors.get(name)
        if connector is None:
            known = ", ".join(sorted(self._connectors)) or "none"
            return Refuse(reason=f"there is no connector {name!r}; known are {known}")
        try:
            async with asyncio.timeout(claimed.timeout):
                return await connector.call(claimed.action.partition(".")[2], claimed.params, claimed.key)
        except TimeoutError:
            return TryAgain(reason=f"no answer within {claimed.timeout:g} s")
        except Exception as error:
            logger.warning(
                "a connector failed", exc_info=error, extra={"action": claimed.action, "key": claimed.key}
            )
            return TryAgain(reason=str(error) or type(error).__name__)

    async def _write_back(self, claimed: Claimed, answer: Answer) -> None:
        """Write down what came of it, however long the database is away: whoever lost the lease is stopped."""
        while True:
            if await self._written(claimed, answer):
                return
            await asyncio.sleep(AGAIN_SECONDS)

    async def _written(self, claimed: Claimed, answer: Answer) -> bool:
        try:
            match answer:
                case Did():
                    await self._keep_result(claimed, answer.result)
                case TryAgain():
                    again = await self._engine.failed(claimed, answer.reason, self._wall(), after=answer.after)
                    self.counters.retried += again
                    self.counters.failed += not again
                case Refuse():
                    await self._engine.failed(claimed, answer.reason, self._wall(), final=True)
                    self.counters.failed += 1
        except Fenced as error:
            self.counters.fenced += 1
            logger.info("a result came too late", extra={"key": claimed.key, "error": str(error)})
        except StoreError as error:
            # It was done: better to keep the result for a while than to do it again with the same key.
            logger.error("a result is not kept yet", extra={"key": claimed.key, "error": str(error)})
            return False
        return True

    async def _keep_result(self, claimed: Claimed, result: Any) -> None:
        try:
            await self._engine.done(claimed, result, self._wall())
        except (TypeError, ValueError) as error:
            # It is done, and doing it again would give the same: somebody has to look at it.
            logger.error("a result is no JSON value", extra={"action": claimed.action, "error": str(error)})
            reason = f"it was done, but what came of it cannot be kept: {error}"
            await self._engine.failed(claimed, reason, self._wall(), final=True)
            self.counters.failed += 1
        else:
            self.counters.done += 1

    async def _keep_leases(self) -> None:
        """Renew what is in hand, also while it waits here; give up what another has."""
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 3)
            leases = list(self._held)
            until = self._wall() + timedelta(seconds=self._settings.lease_seconds)
            try:
                held = set(await self._store.renew(leases, until))
                if await self._store.release_dead(self._wall()):
                    self._more = True
                    self._wake.set()
            except StoreError as error:
                logger.error("leases cannot be renewed", extra={"error": str(error)})
                continue
            for lease in leases:
                if lease in self._held and lease not in held:
                    self._lose(*self._held[lease])

    def _lose(self, claimed: Claimed, task: asyncio.Task[None] | None) -> None:
        """Another has the lease, or nobody wants it done any more."""
        if task is not None:
            self.counters.fenced += 1
            task.cancel()
        elif self._lane(claimed).withdraw(claimed):  # else it is just beginning: the next beat stops it
            self.counters.fenced += 1
            del self._held[claimed.lease]
            self.release(claimed.tenant)

    async def _hand_back(self) -> None:
        """Let whoever comes next begin at once, and not when the leases have run out."""
        held = [claimed for claimed, _ in self._held.values()]
        await self._calls.cancel()
        await asyncio.gather(*map(self._hand_back_one, held))

    async def _hand_back_one(self, claimed: Claimed) -> None:
        try:
            await self._engine.hand_back(claimed, claimed.errors, self._wall(), claimed.due)
        except Fenced:
            logger.debug("a request ended while it was given up", extra={"key": claimed.key})
        except StoreError as error:
            logger.error("a request is not handed back", extra={"key": claimed.key, "error": str(error)})

    def _lane(self, claimed: Claimed) -> Lane:
        name = claimed.action.partition(".")[0]
        if name not in self._lanes:
            self._lanes[name] = Lane(self._lane_settings.get(name, LaneSettings()))
        return self._lanes[name]


def _now() -> float:
    """Seconds on the event loop's clock, which nobody sets."""
    return asyncio.get_running_loop().time()
