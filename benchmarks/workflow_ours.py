"""Atrium's engine in `benchmarks.workflow`, with the dispatcher and the timers of an office."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import uvloop
from sqlalchemy import Connection, insert, update

from benchmarks.workflow_subject import EFFECTS, Complete, Meter, serve
from server.work.dispatcher import Dispatcher
from server.work.timers import Timers
from workflows.adapters import tables
from workflows.adapters.sql_store import SqlStore
from workflows.audit import GENESIS, link
from workflows.connector import Answer, Connector, Did
from workflows.definition import Definition
from workflows.engine import Changes, Engine
from workflows.parts import Ask, Call, Deadline, Rules, State, Transition
from workflows.rehearsal import Rehearsal
from workflows.run import OVER, Data, Run
from workflows.store import RunFilter

APPROVER = "bo"
PLAIN, TIMED = "plain", "timed"
"""Parked runs: without a timer, and with one."""
_TOGETHER = 64
_CHUNK = 20_000


def _purchase() -> Definition:
    """Six effects in a row, an approval, a timer."""
    effects = [f"effect_{number}" for number in range(1, EFFECTS + 1)]
    states = [State(name=name, calls=(Call(name=f"do_{name}", action="bench.do"),)) for name in effects]
    states += [
        State(name="approval", asks=(Ask(name="consent", title="Buy it?", person=APPROVER),)),
        State(name="waiting"),
        State(name="bought", final=True),
    ]  # fmt: skip
    ways = [
        Transition(source=name, event=f"done.do_{name}", target=following)
        for name, following in itertools.pairwise([*effects, "approval"])
    ]
    ways += [
        Transition(source="approval", event="approve.consent", target="waiting"),
        Transition(source="approval", event="reject.consent", target="bought"),
        Transition(source="waiting", event="ring", target="bought"),
    ]
    return Definition(
        name="purchase",
        initial=effects[0],
        states=tuple(states),
        transitions=tuple(ways),
        deadlines=(Deadline(name="soon", states=("waiting",), after=0.0, event="ring"),),
    )


def _parked() -> Definition:
    """An approval, with a timer where the data says when."""
    return Definition(
        name="parked",
        initial="approval",
        states=(
            State(name="approval", asks=(Ask(name="consent", title="Buy it?", person=APPROVER),)),
            State(name="decided", final=True),
        ),
        transitions=(
            Transition(source="approval", event="ring", changes=("rung = true",)),
            Transition(source="approval", event="approve.consent", target="decided"),
            Transition(source="approval", event="reject.consent", target="decided"),
        ),
        deadlines=(Deadline(name="late", states=("approval",), at="data.ring_at", event="ring"),),
    )


def _year() -> Definition:
    """Twelve months with an effect, an approval and a pause in each."""
    return Definition(
        name="onboarding",
        initial="month",
        states=(
            State(
                name="month", asks=(Ask(name="talk", title="How is it going?", person=APPROVER, due=5 * 86_400),)
            ),
            State(name="rest"),
            State(name="settled", final=True),
        ),
        transitions=(
            Transition(source="month", event="approve.talk", target="rest", changes=("months = data.next",)),
            Transition(source="month", event="overdue.talk", changes=("missed = true",)),
            Transition(source="rest", event="next", target="settled", guards=("year_is_over",)),
            Transition(source="rest", event="next", target="month", changes=("count",)),
        ),
        deadlines=(Deadline(name="next", states=("rest",), after=30.5 * 86_400, event="next"),),
        rules=Rules(
            guards={"year_is_over": lambda data, event, now: data.get("next") == 12},
            changes={"count": lambda data, event, now: {**data, "next": int(str(data.get("next", 1))) + 1}},
        ),
    )


def _probe() -> Definition:
    """One effect."""
    return Definition(
        name="probe",
        initial="doing",
        states=(
            State(name="doing", calls=(Call(name="do", action="slow.do", params={"seconds": "{data.seconds}"}),)),
            State(name="done", final=True),
        ),
        transitions=(Transition(source="doing", event="done.do", target="done"),),
    )


class _Instant:
    async def call(self, verb: str, params: Mapping[str, Any], key: str) -> Answer:
        return Did()


class _Slow:
    async def call(self, verb: str, params: Mapping[str, Any], key: str) -> Answer:
        await asyncio.sleep(params["seconds"])
        return Did()


class AtriumEngine:
    """The engine as an office has it."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        self._jobs: list[asyncio.Task[None]] = []
        self._waiting: dict[tuple[str, str], asyncio.Future[Run]] = {}
        self._meter: Meter | None = None
        self._rung, self._news = 0, asyncio.Event()

    async def open(self, store: str) -> None:
        self._store = await SqlStore.open(store)
        library = {one.name: one for one in (_purchase(), _parked(), _probe())}
        self._engine = Engine(self._store, timezone=ZoneInfo("UTC"), library=library)
        self._engine.listeners.append(self._notice)
        connectors: dict[str, Connector] = {"bench": _Instant(), "slow": _Slow()}
        dispatcher = Dispatcher(connectors, _now, name=uuid.uuid4().hex)
        timers = Timers(self._engine, _now)
        self._jobs = [
            asyncio.create_task(dispatcher.run(self._engine, self._store)),
            asyncio.create_task(timers.run()),
        ]
        await asyncio.sleep(0)

    async def close(self) -> None:
        for job in self._jobs:
            job.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await job
        await self._store.close()

    async def load(self, callers: int, meter: Meter) -> None:
        self._meter = meter
        async with asyncio.TaskGroup() as group:
            for _ in range(callers):
                group.create_task(self._buy_on(meter))
        self._meter = None

    async def _buy_on(self, meter: Meter) -> None:
        while not meter.over:
            run = await self._wait_in("purchase", "approval")
            over = self._until(run.key, "over")
            await self._approve(run)
            await over

    async def approvals(self, number: int) -> list[float]:
        seconds = []
        for _ in range(number):
            run = await self._wait_in("purchase", "approval")
            over = self._until(run.key, "over")
            began = time.perf_counter()
            await self._approve(run)
            seconds.append(time.perf_counter() - began)
            await over
        return seconds

    async def park(self, number: int, ring_in: float | None = None) -> None:
        at = None if ring_in is None else (_now() + timedelta(seconds=ring_in)).isoformat()
        left = iter(range(number))

        async def start_some(numbers: Iterator[int]) -> None:
            for _ in numbers:
                await self._start("parked", {"ring_at": at, "kind": TIMED if at else PLAIN})

        async with asyncio.TaskGroup() as group:
            for _ in range(_TOGETHER):
                group.create_task(start_some(left))

    async def decide(self) -> None:
        # One whose timer is due would be over before that rings.
        wanted = RunFilter(definitions=("parked",), states=("approval",), matching={"kind": PLAIN})
        (run,) = await self._store.find(wanted, limit=1)
        await self._approve(run)

    async def rung(self, number: int) -> None:
        while self._rung < number:
            self._news.clear()
            await self._news.wait()

    async def year(self) -> float:
        began = time.perf_counter()
        rehearsal = Rehearsal(_year())
        rehearsal.start()
        while not rehearsal.is_over:
            if "talk" in rehearsal.run.open:
                rehearsal.advance("1 day")
                rehearsal.decide("talk", "approve", by=APPROVER)
            else:
                rehearsal.advance("31 days")
        return time.perf_counter() - began

    async def audit(self, entries: int) -> float:
        await self._store.database.write(lambda connection: _fill_audit(connection, entries))
        began = time.perf_counter()
        fault = await self._store.audit_fault()
        seconds = time.perf_counter() - began
        assert fault is None, fault.text
        return seconds

    async def noisy(self, queued: int, probes: int, work: float) -> list[float]:
        await asyncio.gather(
            *(self._start_noise(queued // _TOGETHER + (k < queued % _TOGETHER), work) for k in range(_TOGETHER))
        )
        seconds = []
        for _ in range(probes):
            began = time.perf_counter()
            await self._wait_in("probe", "over", {"seconds": work}, tenant="quiet")
            seconds.append(time.perf_counter() - began)
        wanted = RunFilter(definitions=("probe",), states=("doing",))
        self._news.clear()
        while await self._store.find(wanted, limit=1):
            await self._news.wait()
            self._news.clear()
        return seconds

    async def _start_noise(self, count: int, work: float) -> None:
        for _ in range(count):
            await self._start("probe", {"seconds": work}, tenant="noisy")

    # --- what all of these need ---------------------------------------------------------------------------------

    async def _start(
        self, definition: str, data: Mapping[str, Any], *, key: str | None = None, tenant: str = ""
    ) -> Run:
        outcome = await self._engine.start(
            definition, data, key=key or uuid.uuid4().hex, actor="ana", now=_now(), tenant=tenant
        )
        return outcome.run

    async def _wait_in(self, definition: str, state: str, data: Data | None = None, tenant: str = "") -> Run:
        """Start a run, and wait until it stands in a state, or is "over"."""
        key = uuid.uuid4().hex
        there = self._until(key, state)
        await self._start(definition, data or {"what": "lamp"}, key=key, tenant=tenant)
        return await there

    async def _approve(self, run: Run) -> None:
        subject = run.open["consent"].subject
        await self._engine.decide(run.id, "consent", "approve", subject=subject, actor=APPROVER, now=_now())

    def _until(self, key: str, state: str) -> asyncio.Future[Run]:
        return self._waiting.setdefault((key, state), asyncio.get_running_loop().create_future())

    def _notice(self, changes: Changes) -> None:
        if self._meter is not None:
            self._meter.moved(len(changes.moved))
        for run, entry in changes.moved:
            places = (run.state, "over") if run.status in OVER else (run.state,)
            for place in places:
                told = self._waiting.pop((run.key, place), None)
                if told is not None and not told.done():
                    told.set_result(run)
            if entry.event == "ring":
                self._rung += 1
        self._news.set()


def _fill_audit(connection: Connection, entries: int) -> None:
    at, previous = _now(), GENESIS
    for first in range(1, entries + 1, _CHUNK):
        rows = []
        for seq in range(first, min(entries + 1, first + _CHUNK)):
            made = link(
                seq=seq, at=at, actor="ana", action="purchase.go", run=f"run-{seq}", version=1, digest="0" * 64,
                previous=previous,
            )  # fmt: skip
            previous = made.hash
            rows.append({name: getattr(made, name) for name in made.__slots__})
        connection.execute(insert(tables.audit), rows)
    head = tables.audit_head
    connection.execute(update(head).where(head.c.id == 1).values(seq=entries, hash=previous))


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    subject: Complete = AtriumEngine()
    serve(subject, run=uvloop.run)
