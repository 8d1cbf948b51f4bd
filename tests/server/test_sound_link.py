"""The office's end of the sound process: calls over it, and all that may happen to the process meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Any

import numpy as np
import pytest

from media.adapters.webrtc import WebRtcCaller
from media.audio import FRAME, RATE, SILENCE_DBFS, Samples, dbfs
from media.errors import MediaError, NegotiationError
from media.scene import Scene
from server.processes import SupervisionSettings
from server.sound_link import COMMAND, SoundLink
from server.sound_port import MediaPath, MediaSettings, SoundFailed, SoundRestarting, SoundState, View, no_report
from server.wire import Kind

LIMIT = 30.0
PATIENT = SupervisionSettings()
QUICK = SupervisionSettings(check_seconds=0.05, silent_checks=40, wait_seconds=0.01)


def tone(seconds: float, frequency: float = 440.0) -> Samples:
    return (0.3 * np.sin(2 * np.pi * frequency * np.arange(int(RATE * seconds)) / RATE)).astype(np.float32)


def all_hear_all(*people: str, more: tuple[str, ...] = ()) -> Scene:
    sources = (*people, *more)
    gain = 1 - np.eye(len(people), len(sources), dtype=np.float32)
    return Scene(
        listeners=people,
        sources=sources,
        gain=gain,
        azimuth=np.zeros_like(gain),
        elevation=np.zeros_like(gain),
        flat=np.ones(gain.shape, np.bool_),
    )


class House:
    """A link, and what it told."""

    def __init__(
        self, media: MediaSettings, command: tuple[str, ...] = COMMAND, supervision: SupervisionSettings = PATIENT
    ) -> None:
        self.states: list[SoundState] = []
        self.frames: dict[str, list[Samples]] = {}
        self.lost: list[str] = []
        self.news = asyncio.Event()
        self.callers: list[Caller] = []
        self.link = SoundLink(
            media,
            on_frame=self._frame,
            on_lost=self._lost,
            on_state=self._state,
            log_level="warning",
            command=command,
            supervision=supervision,
        )
        self._take = self.link._take
        self.link._take = self._message  # type: ignore[method-assign]

    def _message(self, kind: Kind, payload: memoryview) -> None:
        self._take(kind, payload)
        self.news.set()

    def _frame(self, name: str, frame: Samples) -> None:
        self.frames.setdefault(name, []).append(frame)
        self.news.set()

    def _lost(self, name: str) -> None:
        self.lost.append(name)
        self.news.set()

    def _state(self, state: SoundState) -> None:
        self.states.append(state)
        self.news.set()

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait for news after which something holds."""
        async with asyncio.timeout(LIMIT):
            while not ready():
                self.news.clear()
                await self.news.wait()

    def ups(self) -> list[tuple[bool, int]]:
        """When it came and went, whatever its load was meanwhile."""
        return [key for key, _ in groupby((state.up, state.epoch) for state in self.states)]

    async def up(self, epoch: int) -> None:
        await self.until(lambda: self.link.state.up and self.link.state.epoch == epoch)

    async def call(self, name: str, *, muted: bool = False, transcribed: bool = True) -> Caller:
        caller = Caller(self.news)
        self.callers.append(caller)
        answer = await self.link.connect(name, await caller.end.offer(), muted=muted, transcribed=transcribed)
        await caller.end.accept(answer)
        async with asyncio.timeout(LIMIT):
            await caller.end.connected.wait()
        return caller

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        assert self.link.pid is not None
        os.kill(self.link.pid, number)


class Caller:
    """Somebody's browser."""

    def __init__(self, news: asyncio.Event) -> None:
        self.loudest = SILENCE_DBFS
        self._news = news
        self.end = WebRtcCaller(on_frame=self._hear)

    def _hear(self, frame: Samples) -> None:
        self.loudest = max(self.loudest, dbfs(frame))
        self._news.set()

    def hears(self) -> bool:
        return self.loudest > -45.0


@asynccontextmanager
async def house(path: MediaPath = "direct", **more: Any) -> AsyncIterator[House]:
    opened = House(MediaSettings(path=path), **more)
    async with opened.link:
        try:
            yield opened
        finally:
            await asyncio.gather(*(caller.end.close() for caller in opened.callers))


# With the real process


@pytest.mark.parametrize("path", ["direct", "stock"])
async def test_people_call_through_the_link_and_hear_each_other(path: MediaPath) -> None:
    async with house(path) as here:
        assert here.ups() == [(True, 1)]
        assert (here.link.state.up, here.link.state.epoch, here.link.state.path) == (True, 1, path)
        here.link.set_scene(all_hear_all("ana", "bo"))
        ana, bo = await here.call("ana"), await here.call("bo", transcribed=False)
        ana.end.push(tone(4.0))
        bo.end.push(tone(4.0))
        await here.until(lambda: ana.hears() and bo.hears())
        await here.until(lambda: any(dbfs(frame) > -20 for frame in here.frames.get("ana", [])))
        assert {frame.shape for frame in here.frames["ana"]} == {(FRAME,)}
        assert "bo" not in here.frames, "who refuses is not listened to"
        await here.until(lambda: here.link.levels().get("bo", SILENCE_DBFS) > -30)
        report = await here.link.report("ana")
        assert report["connected"] is True
        assert report["packets_in"] > 0
        assert report.keys() >= no_report().keys()
        await here.until(lambda: here.link.counters.peers == 2 and here.link.counters.ticks > 0)
        await here.link.disconnect("ana")
        assert await here.link.report("ana") == no_report()
    assert here.link.pid is None


async def test_an_offer_that_cannot_be_used_is_refused_over_there_and_raised_here() -> None:
    async with house() as here:
        with pytest.raises(NegotiationError):
            await here.link.connect("ana", "v=0", muted=False, transcribed=True)
        with pytest.raises(NegotiationError):
            await here.link.connect_video("ana", "v=0")
        here.link.set_views("ana", [View(mid="1", owner="bo", kind="screen")])
        await here.link.disconnect_video("ana")
        assert await here.link.report("ana") == no_report()
        assert here.link.counters.link_faults == 0


async def test_after_a_crash_people_call_again_and_everything_else_is_as_it_was() -> None:
    async with house() as here:
        here.link.set_scene(all_hear_all("ana", "bo", more=("ada",)))
        await here.call("ana")
        await here.call("bo")
        assert here.link.play("ada", tone(600.0)) == pytest.approx(600.0)
        here.kill()
        await here.until(lambda: not here.link.state.up)
        with pytest.raises(SoundRestarting):
            await here.link.connect("ana", "v=0", muted=False, transcribed=True)
        here.link.set_muted("bo", False)
        assert await here.link.report("ana") == no_report()
        assert here.link.levels() == {}
        await here.link.disconnect("bo")
        await here.up(2)
        ana, bo = await here.call("ana"), await here.call("bo")
        # The scene is told again, and the colleague goes on with her sentence.
        await here.until(lambda: ana.hears() and bo.hears())
        assert 500 < here.link.seconds_left("ada") < 600
        assert here.ups() == [(True, 1), (False, 1), (True, 2)]


async def test_a_call_under_way_ends_when_the_process_does() -> None:
    async with house() as here:
        caller = Caller(here.news)
        here.callers.append(caller)
        offer = await caller.end.offer()
        here.kill(signal.SIGSTOP)
        calling = asyncio.create_task(here.link.connect("ana", offer, muted=False, transcribed=True))
        await asyncio.sleep(0)
        here.kill()
        with pytest.raises(SoundRestarting):
            await calling
        await here.up(2)


async def test_a_process_that_stands_still_is_replaced(caplog: pytest.LogCaptureFixture) -> None:
    async with house(supervision=QUICK) as here:
        here.kill(signal.SIGSTOP)
        await here.until(lambda: not here.link.state.up)
        await here.up(2)
    assert "hangs" in next(vars(record)["reason"] for record in caplog.records if "reason" in vars(record))


async def test_who_hangs_up_by_closing_the_page_is_reported() -> None:
    async with house() as here:
        bo = await here.call("bo")
        await bo.end.close()
        await here.until(lambda: here.lost == ["bo"])


async def test_an_avatar_can_be_stopped() -> None:
    async with house() as here:
        here.link.set_scene(all_hear_all("ana", more=("ada",)))
        ana = await here.call("ana")
        here.link.play("ada", tone(60.0))
        await here.until(ana.hears)
        here.link.stop("ada", 0.05)
        assert here.link.seconds_left("ada") <= 0.05
        await here.until(lambda: here.link.levels().get("ada", SILENCE_DBFS) == SILENCE_DBFS)
        here.link.remove_source("ada")
        assert here.link.seconds_left("ada") == 0.0


async def test_a_start_that_cannot_succeed_says_why() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", 0))
        port = taken.getsockname()[1]
        here = House(MediaSettings(ports=str(port)))
        with pytest.raises(SoundFailed, match=rf"the sound cannot start: .*{port}"):
            async with here.link:
                pytest.fail("it has started")
    assert here.link.pid is None


# With a process that a test has written


SCRIPTED = """
import asyncio, socket, sys
import numpy as np
from server.sound_bulk import *
from server.line import Line
from server.sound_wire import *
from server.wire import *

class Play:
    def __init__(self):
        self.line = Line(on_message=self.take)
    def beat(self, **counters):
        self.line.send(Kind.BEAT, encode_control(Beat(counters=counters, load="normal", detail={})))
    def frames(self, *names):
        self.line.send(Kind.FRAMES, encode_frames([(name, np.ones(960, np.float32)) for name in names]))
    def take(self, kind, payload):
        if kind is Kind.CONTROL:
            self.said(decode_control(payload))
    def said(self, message):
        match message:
            case Hello():
                self.line.control(Ready(version=VERSION))
                self.beat(ticks=3)
            case Request():
                self.line.control(Reply(number=message.number, value="yes"))
            case Tell():
                self.told(message.call, message.arguments)
    def told(self, call, arguments):
        pass

async def play(kind):
    one = kind()
    await asyncio.get_running_loop().create_unix_connection(
        lambda: one.line, sock=socket.socket(fileno=int(sys.argv[-1]))
    )
    await one.line.gone.wait()
"""


def script(body: str) -> tuple[str, ...]:
    return ("-c", f"{SCRIPTED}\nclass Scene(Play):\n{body}\nasyncio.run(play(Scene))")


GARBAGE = script("""
    def told(self, call, arguments):
        self.line._transport.write(b"GET / HTTP/1.1")
""")
WRONG_WAY = script("""
    def told(self, call, arguments):
        self.line.control(Request(number=1, call="report", arguments=["ana"]))
""")
NONSENSE = script("""
    def told(self, call, arguments):
        self.beat(unheard_of=1)
""")


@pytest.mark.parametrize("program", [GARBAGE, WRONG_WAY, NONSENSE], ids=["garbage", "wrong way", "nonsense"])
async def test_a_process_that_says_what_nobody_agreed_on_is_replaced(program: tuple[str, ...]) -> None:
    async with house(command=program, supervision=QUICK) as here:
        await here.link.connect("ana", "v=0", muted=False, transcribed=True)
        here.link.set_muted("ana", True)
        await here.up(2)
        down = next(state for state in here.states if not state.up)
        assert "no message" in down.detail["reason"]
        assert here.link.counters.link_faults == 1
        assert here.link.counters.ticks >= 3, "what was counted before still counts"


async def test_a_process_of_another_version_is_not_used() -> None:
    other = script("""
    def said(self, message):
        self.line.control(Ready(version=VERSION + 1))
""")
    here = House(MediaSettings(), command=other)
    with pytest.raises(SoundFailed, match="start the office again"):
        async with here.link:
            pytest.fail("it has started")


async def test_what_was_under_way_when_somebody_refused_is_not_listened_to() -> None:
    program = script("""
    def told(self, call, arguments):
        self.frames("ana", "bo", "stranger")
""")
    async with house(command=program) as here:
        for name in ("ana", "bo"):
            assert await here.link.connect(name, "v=0", muted=False, transcribed=True) == "yes"
        here.link.set_transcribed("ana", False)
        await here.until(lambda: bool(here.frames))
        assert here.frames.keys() == {"bo"}
        here.link.set_transcribed("ana", True)
        here.link.set_muted("bo", True)
        await here.until(lambda: len(here.frames.get("ana", [])) == 2)
        assert {name: len(frames) for name, frames in here.frames.items()} == {"ana": 2, "bo": 1}


async def test_what_is_changed_while_a_call_is_answered_holds_afterwards() -> None:
    program = script("""
    def said(self, message):
        match message:
            case Request():
                self.number = message.number
            case Tell(call=call, arguments=[who, value]):
                if self.number:
                    self.line.control(Reply(number=self.number, value="yes"))
                self.number = None
                self.line.control(Lost(participant=f"{call} {who} {value}"))
            case _:
                super().said(message)
""")
    async with house(command=program) as here:
        calling = asyncio.create_task(here.link.connect("ana", "v=0", muted=True, transcribed=False))
        await asyncio.sleep(0)
        here.link.set_muted("ana", False)
        here.link.set_transcribed("ana", True)
        assert await calling == "yes"
        # Told at once, in vain if the connection was not there yet, and again when it is.
        told = ["set_muted ana False", "set_transcribed ana True"]
        await here.until(lambda: here.lost == 2 * told)


async def test_a_fault_in_recognition_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    program = script("""
    def told(self, call, arguments):
        self.frames("ana")
""")
    async with house(command=program) as here:
        await here.link.connect("ana", "v=0", muted=False, transcribed=True)

        def fall(name: str, frame: Samples) -> None:
            here.news.set()
            raise ValueError(name)

        monkeypatch.setattr(here.link, "_on_frame", fall)
        here.link.set_muted("ana", False)
        await here.until(lambda: here.link.counters.faults == 1)
        assert here.link.state.up


async def test_a_refusal_keeps_its_kind() -> None:
    program = script("""
    def said(self, message):
        match message:
            case Request(arguments=[who, *_]):
                self.line.control(Fault(number=message.number, code=who, text="no"))
            case _:
                super().said(message)
""")
    async with house(command=program) as here:
        kinds: dict[str, type[MediaError]] = {"negotiation": NegotiationError, "unheard_of": MediaError}
        for code, kind in kinds.items():
            with pytest.raises(MediaError, match="no") as caught:
                await here.link.connect(code, "v=0", muted=False, transcribed=True)
            assert caught.type is kind
