"""What is measured: a server in a process of its own, with people in it. Ours; Janus is in `benchmarks.janus`."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from typing import Any, Protocol

from benchmarks.callers import Caller
from benchmarks.generator import Generator, Line
from benchmarks.machine import SERVER_CORE
from benchmarks.trace import Office

DIALLING = 8
"""People who connect at the same time."""

Counters = dict[str, int | str]


class Subject(Protocol):
    """A server under test. Use as `async with`."""

    name: str

    async def __aenter__(self) -> Subject: ...

    async def __aexit__(self, *_: object) -> None: ...

    @property
    def pid(self) -> int:
        """Its process."""

    async def enter(self, kind: str, office: Office) -> None:
        """Lay out the room: the office that `benchmarks.trace.<kind>(len(office.people))` makes."""

    async def join(self, person: str) -> tuple[Line, Caller | None]:
        """Connect a person; the generator does not have the line yet."""

    async def leave(self, person: str) -> None:
        """Let a person go; the generator's line is closed already."""

    async def counters(self) -> Counters:
        """What the server counts: ticks, late_ticks, skipped_ticks, encodes and the word `load`; or nothing."""


class OwnServer:
    """The office's sound engine on one path."""

    def __init__(self, path: str) -> None:
        self.name = path
        self._process: asyncio.subprocess.Process | None = None
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._callers: dict[str, Caller] = {}
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> OwnServer:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.served", self.name, str(SERVER_CORE),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read(), name="answers of the server")
        return self

    async def __aexit__(self, *_: object) -> None:
        for caller in self._callers.values():
            await caller.close()
        self._callers.clear()
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        if self._reader is not None:
            await self._reader

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    async def enter(self, kind: str, office: Office) -> None:
        """Lay out the room."""
        await self._ask(do="office", kind=kind, people=len(office.people))

    async def join(self, person: str) -> tuple[Line, Caller]:
        """Connect a person by ICE, DTLS and SRTP."""
        caller = self._callers[person] = Caller()

        async def exchange(offer: str) -> str:
            sdp: str = (await self._ask(do="connect", person=person, sdp=offer))["sdp"]
            return sdp

        return await caller.dial(person, exchange), caller

    async def leave(self, person: str) -> None:
        """Let a person go."""
        await self._ask(do="disconnect", person=person)
        await self._callers.pop(person).close()

    async def counters(self) -> Counters:
        """What the engine counts."""
        counters: Counters = (await self._ask(do="counters"))["counters"]
        return counters

    async def _ask(self, **request: Any) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdin is not None
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(json.dumps({"n": number, **request}).encode() + b"\n")
        await self._process.stdin.drain()
        got: dict[str, Any] = await answer
        if "error" in got:
            raise ConnectionError(f"the server under test ({self.name}) says: {got['error']}")
        return got

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            answer = json.loads(line)
            self._waiting.pop(answer["n"]).set_result(answer)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError(f"the server under test ({self.name}) has ended"))


async def join_all(subject: Subject, office: Office, generator: Generator) -> dict[str, Line]:
    """Connect everybody, a few at a time.

    Returns:
        The line of each person; the generator has them.
    """
    gate = asyncio.Semaphore(DIALLING)
    lines: dict[str, Line] = {}

    async def join(person: str) -> None:
        async with gate:
            line, _ = await subject.join(person)
            generator.add(line)
            lines[person] = line

    async with asyncio.TaskGroup() as group:
        for person in office.people:
            group.create_task(join(person))
    return lines
