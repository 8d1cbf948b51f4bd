"""The sound process by itself: it greets, works, and ends with its office, with a broken line, and when asked."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

import pytest

from server.line import Line
from server.processes import ROOT
from server.sound_bulk import encode_levels, encode_scene
from server.sound_port import MediaSettings, no_report
from server.sound_process import calm_down
from server.sound_wire import (
    VERSION,
    Beat,
    Fault,
    Hello,
    Reply,
    Request,
    Tell,
    decode_control,
)
from server.wire import Control, Failed, Kind, Ready
from tests.server.test_sound_wire import scene_of

LIMIT = 30.0


class Office:
    """The office's end of the line, and the process at the other."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[Control] = asyncio.Queue()
        self.line = Line(on_message=self._take)
        self.process: asyncio.subprocess.Process

    def _take(self, kind: Kind, payload: memoryview) -> None:
        if kind in (Kind.CONTROL, Kind.BEAT):
            self.said.put_nowait(decode_control(payload))

    async def hear(self, kind: type[Control]) -> Control:
        """The next message of a kind."""
        async with asyncio.timeout(LIMIT):
            while not isinstance(message := await self.said.get(), kind):
                continue
            return message

    async def ended(self) -> int:
        async with asyncio.timeout(LIMIT):
            return await self.process.wait()

    def greet(self, settings: MediaSettings | None = None, version: int = VERSION) -> None:
        plain = asdict(settings or MediaSettings())
        self.line.control(Hello(version=version, settings=plain, log_level="warning"))


@asynccontextmanager
async def office() -> AsyncIterator[Office]:
    one = Office()
    ours, theirs = socket.socketpair()
    with theirs:
        one.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server.sound_process", str(theirs.fileno()),
            stdin=asyncio.subprocess.PIPE, pass_fds=(theirs.fileno(),), cwd=ROOT,
        )  # fmt: skip
    ours.setblocking(False)
    await asyncio.get_running_loop().create_unix_connection(lambda: one.line, sock=ours)
    try:
        yield one
    finally:
        one.line.close()
        if one.process.returncode is None:
            one.process.kill()
        await one.process.wait()
        assert one.process.stdin is not None
        one.process.stdin.close()
        await one.line.gone.wait()


async def test_it_greets_answers_beats_and_ends_with_the_line() -> None:
    async with office() as one:
        one.greet()
        assert await one.hear(Ready) == Ready(version=VERSION)
        one.line.send(Kind.SCENE, encode_scene(scene_of(["ana", "bo"], ["ana", "bo"], 1)))
        one.line.control(Tell(call="set_muted", arguments=["ana", True]))
        one.line.control(Tell(call="set_transcribed", arguments=["ana", True]))
        one.line.control(Tell(call="set_views", arguments=["ana", [["1", "bo", "camera"]]]))
        one.line.control(Tell(call="remove_source", arguments=["ada"]))
        one.line.control(Request(number=5, call="report", arguments=["ana"]))
        assert await one.hear(Reply) == Reply(number=5, value=no_report())
        one.line.control(Request(number=6, call="connect", arguments=["ana", "v=0", False, True]))
        refused = await one.hear(Fault)
        assert isinstance(refused, Fault)
        assert (refused.number, refused.code) == (6, "negotiation")
        beat = await one.hear(Beat)
        assert isinstance(beat, Beat)
        assert beat.load == "normal"
        assert beat.counters["faults"] == beat.counters["link_faults"] == 0
        one.line.close()
        assert await one.ended() == 0


async def test_it_ends_when_it_is_asked_to() -> None:
    async with office() as one:
        one.greet()
        await one.hear(Ready)
        one.process.terminate()
        assert await one.ended() == 0


async def test_a_spare_that_was_never_needed_ends_with_the_office() -> None:
    async with office() as one:
        assert one.process.stdin is not None
        one.process.stdin.close()
        assert await one.ended() in (0, 1)


async def test_it_says_why_it_cannot_work_and_ends() -> None:
    async with office() as one:
        one.greet(MediaSettings(advertised=("nowhere",)))
        failed = await one.hear(Failed)
        assert isinstance(failed, Failed)
        assert "nowhere" in failed.text
        assert await one.ended() == 0


async def test_an_office_of_another_version_is_not_served() -> None:
    async with office() as one:
        one.greet(version=VERSION + 1)
        await one.line.gone.wait()
        assert await one.ended() == 0


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (Kind.LEVELS, encode_levels({"ana": -3.0})),
        (Kind.SCENE, b"scene"),
        (Kind.PIECE, b""),
        (Kind.CONTROL, b"\xc1"),
    ],
)
async def test_it_ends_a_line_that_brings_what_nobody_agreed_on(kind: Kind, payload: bytes) -> None:
    async with office() as one:
        one.greet()
        await one.hear(Ready)
        one.line.send(kind, payload)
        await one.line.gone.wait()
        assert await one.ended() == 0


def test_nothing_sweeps_in_the_middle_of_a_tick() -> None:
    try:
        calm_down()
        assert not gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.enable()
