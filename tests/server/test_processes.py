"""A process that ends, hangs or is of no use is replaced; none outlives the office."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.processes import ROOT, Backoff, SupervisionSettings, Supervisor, memory_of

LIMIT = 20.0
QUICK = SupervisionSettings(check_seconds=0.02, silent_checks=15, start_checks=1500, end_seconds=0.2)
OPEN = "import os, signal, socket, sys; line = socket.socket(fileno=int(sys.argv[-1])); "
STAYS = OPEN + "line.send(b'.'); signal.pause()"
BEATS = OPEN + "import time\nwhile True: line.send(b'.'); time.sleep(0.01)"


class Watched:
    """A supervised program, with what came of it; each byte it sends is a beat."""

    def __init__(self, program: str, settings: SupervisionSettings = QUICK) -> None:
        self.ends: asyncio.Queue[str] = asyncio.Queue()
        self.beats: asyncio.Queue[int] = asyncio.Queue()
        self.lines: list[asyncio.StreamWriter] = []
        self.supervisor = Supervisor(
            "a test", ("-c", program), on_start=self._start, on_end=self.ends.put_nowait, settings=settings
        )

    async def _start(self, ours: socket.socket) -> None:
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        self.lines.append(writer)
        writer.write(b"!")
        self.reading = asyncio.create_task(self._read(reader, self.supervisor.epoch))

    async def _read(self, reader: asyncio.StreamReader, epoch: int) -> None:
        with contextlib.suppress(ConnectionError):
            while await reader.read(4096):
                self.supervisor.beat()
                self.beats.put_nowait(epoch)

    async def alive(self, epoch: int) -> None:
        async with asyncio.timeout(LIMIT):
            while await self.beats.get() != epoch:
                continue

    async def ended(self) -> str:
        async with asyncio.timeout(LIMIT):
            return await self.ends.get()


@asynccontextmanager
async def watched(program: str, settings: SupervisionSettings = QUICK) -> AsyncIterator[Watched]:
    one = Watched(program, settings)
    running = asyncio.create_task(one.supervisor.run())
    try:
        yield one
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        for line in one.lines:
            line.close()
            with contextlib.suppress(ConnectionError):
                await line.wait_closed()


@pytest.mark.parametrize(
    ("lives", "waits"),
    [
        ([1, 1, 1, 1, 1, 1, 1, 1], [0, 0.25, 0.5, 1, 2, 4, 5, 5]),
        ([1, 1, 60, 1], [0, 0.25, 0, 0.25]),
        ([3600, 59.9, 1], [0, 0.25, 0.5]),
    ],
)
def test_the_first_restart_comes_at_once_and_the_next_ones_later_and_later(
    lives: list[float], waits: list[float]
) -> None:
    backoff = Backoff(SupervisionSettings())
    assert [backoff.after(life) for life in lives] == waits


async def test_a_killed_process_is_replaced() -> None:
    async with watched(BEATS) as one:
        await one.alive(1)
        first = one.supervisor.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert await one.ended() == "killed by signal 9 (Killed)"
        await one.alive(2)
        assert one.supervisor.pid not in (None, first)
        assert (one.supervisor.epoch, one.supervisor.restarts) == (2, 1)
        assert one.supervisor.reason.startswith("killed")


def test_the_memory_of_a_process_is_that_of_a_process_that_lives() -> None:
    held = memory_of(os.getpid())
    assert held is not None
    assert held > 10_000_000
    assert memory_of(None) is None
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    assert memory_of(ended.pid) is None


async def test_a_process_that_ends_by_itself_is_replaced() -> None:
    async with watched(OPEN + "sys.exit(3)") as one:
        assert await one.ended() == "ended with status 3"
        assert await one.ended() == "ended with status 3"


async def test_a_process_without_a_sign_of_life_is_killed() -> None:
    async with watched(STAYS) as one:
        await one.alive(1)
        assert (await one.ended()).startswith("hangs")
        await one.alive(2)


async def test_a_process_that_stands_still_is_killed() -> None:
    async with watched(BEATS) as one:
        await one.alive(1)
        assert one.supervisor.pid is not None
        os.kill(one.supervisor.pid, signal.SIGSTOP)
        assert (await one.ended()).startswith("hangs")
        await one.alive(2)


async def test_a_process_that_never_begins_is_killed() -> None:
    settings = SupervisionSettings(check_seconds=0.02, start_checks=5)
    async with watched(OPEN + "signal.pause()", settings) as one:
        assert (await one.ended()).startswith("hangs")


async def test_a_process_of_no_use_is_replaced() -> None:
    async with watched(BEATS) as one:
        await one.alive(1)
        one.supervisor.condemn("it talks nonsense")
        assert await one.ended() == "it talks nonsense"
        await one.alive(2)


async def test_a_program_that_cannot_be_started_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    async with watched(BEATS) as one:
        assert await one.ended() == "cannot be started: No such file or directory"
        monkeypatch.undo()
        await one.alive(one.supervisor.epoch + 1)


WITH_SPARE = SupervisionSettings(check_seconds=0.02, silent_checks=100, start_checks=1500, spare_checks=2)
FOLLOWS = OPEN + "line.recv(1)\n" + BEATS.removeprefix(OPEN)


async def test_a_spare_takes_the_place_of_a_process_that_has_gone() -> None:
    async with watched(FOLLOWS, WITH_SPARE) as one:
        await one.alive(1)
        while one.supervisor.spare_pid is None:
            await one.alive(1)
        spare = one.supervisor.spare_pid
        one.supervisor.condemn("of no use")
        await one.ended()
        await one.alive(2)
        assert one.supervisor.pid == spare
        while one.supervisor.spare_pid is None:
            await one.alive(2)
        spare = one.supervisor.spare_pid
        assert spare != one.supervisor.pid
        os.kill(spare, signal.SIGKILL)
        assert one.supervisor._spare is not None
        await one.supervisor._spare.exited
        one.supervisor.condemn("of no use")
        await one.ended()
        await one.alive(3)
        while one.supervisor.spare_pid is None:
            await one.alive(3)
        left = one.supervisor.spare_pid
    assert one.supervisor.spare_pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(left, 0)


async def test_it_is_asked_to_end() -> None:
    asked = OPEN + "signal.signal(signal.SIGTERM, lambda *_: line.send(b'!')); line.send(b'.'); signal.pause()"
    async with watched(asked) as one:
        await one.alive(1)
        reading = one.reading
    await reading
    assert one.beats.get_nowait() == 1, "it was still heard of after it was asked"
    assert one.supervisor.pid is None
    assert one.ends.empty(), "an end that was wanted is no news"


async def test_who_does_not_end_when_asked_is_ended() -> None:
    deaf = OPEN + "signal.signal(signal.SIGTERM, signal.SIG_IGN); line.send(b'.')\nwhile True: signal.pause()"
    async with watched(deaf) as one:
        await one.alive(1)
        pid = one.supervisor.pid
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


OFFICE = """
import asyncio, sys
from server.processes import Supervisor

HANGS = '''
import sys
from server.processes import live_no_longer_than_the_office
live_no_longer_than_the_office()
print("here", flush=True)
while True: pass
'''

async def start(ours):
    ours.close()

asyncio.run(Supervisor("a test", ("-c", HANGS), on_start=start, on_end=print).run())
"""


async def test_no_process_outlives_the_office_even_if_it_hangs() -> None:
    office = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OFFICE, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert office.stdout is not None
    async with asyncio.timeout(LIMIT):
        assert await office.stdout.readline() == b"here\n"
        office.kill()
        # The two share this pipe: it ends with the last of them.
        assert await office.stdout.read() == b""
        await office.wait()
