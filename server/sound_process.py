"""Composition root of the sound process: the media path, the engine, and the line to the office."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

import uvloop

from media.audio import SILENCE_DBFS, Samples
from media.errors import MediaError
from server.background import Background
from server.line import Line
from server.logs import set_up_logging
from server.media_path import open_path
from server.processes import live_no_longer_than_the_office
from server.sound import SoundEngine
from server.sound_bulk import decode_piece, decode_scene, encode_frames, encode_levels
from server.sound_port import MediaSettings, OnFrame, OnLost, OnState, SoundFailed, SoundState, View
from server.sound_wire import (
    VERSION,
    Beat,
    Fault,
    Hello,
    Lost,
    Reply,
    Request,
    Tell,
    decode_control,
)
from server.wire import Control, Failed, Kind, Ready, WireError, encode_control

logger = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
LEVELS_SECONDS = 0.1
SWEEP_BEATS = 120
"""So many beats between looks for garbage among what has lived for long."""
# Numbers of malloc.h.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
PRIORITY = -10
"""Before everything else of the machine, where the system lets us."""


@asynccontextmanager
async def open_engine(
    settings: MediaSettings, *, on_frame: OnFrame, on_lost: OnLost, on_state: OnState
) -> AsyncIterator[SoundEngine]:
    """Open the sound in this process.

    Raises:
        SoundFailed: it cannot start.
    """
    async with contextlib.AsyncExitStack() as stack:
        try:
            path = await stack.enter_async_context(open_path(settings))
        except (MediaError, ValueError, OSError) as error:
            raise SoundFailed(str(error)) from error
        yield await stack.enter_async_context(
            SoundEngine(path.lines, on_frame=on_frame, on_lost=on_lost, on_state=on_state, video=path.video)
        )


class SoundHost:
    """Does for the office what it asks over the line, and tells it what happens here."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        self.line = Line(on_message=self._take, on_end=self._line_ended)
        self.over = asyncio.Event()
        """Set when the line has ended or the process is asked to end."""
        self._hello: asyncio.Future[Hello] = asyncio.get_running_loop().create_future()
        self._engine: SoundEngine | None = None
        self._frames: list[tuple[str, Samples]] = []
        self._peers = self._faults = 0
        self._jobs = Background("sound calls")

    async def run(self) -> None:
        """Serve until it is over."""
        hello = await self._greeting()
        if hello is None:
            return
        set_up_logging(hello.log_level)
        settings = MediaSettings(**{**hello.settings, "advertised": tuple(hello.settings["advertised"])})
        try:
            async with open_engine(
                settings, on_frame=self._frame, on_lost=self._lost, on_state=self._state
            ) as engine:
                await self._serve(engine)
        except SoundFailed as error:
            self.line.control(Failed(text=str(error)))
        self.line.close()
        await self.line.gone.wait()

    async def _greeting(self) -> Hello | None:
        over = asyncio.ensure_future(self.over.wait())
        first: set[asyncio.Future[Any]] = {over, self._hello}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        return self._hello.result() if self._hello.done() else None

    async def _serve(self, engine: SoundEngine) -> None:
        self._engine = engine
        work = Background("sound reports")
        self.line.control(Ready(version=VERSION))
        work.start(self._beats(engine))
        work.start(self._levels(engine))
        gc.freeze()
        try:
            await self.over.wait()
        finally:
            self._engine = None
            await work.cancel()
            await self._jobs.cancel()

    # What the office says

    def _take(self, kind: Kind, payload: memoryview) -> None:
        engine = self._engine
        if kind is Kind.CONTROL:
            self._take_control(decode_control(payload))
        elif engine is None:
            raise WireError(f"{kind.name} before the first word")
        elif kind is Kind.SCENE:
            engine.set_scene(decode_scene(payload))
        elif kind is Kind.PIECE:
            engine.play(*decode_piece(payload))
        else:
            raise WireError(f"{kind.name} goes the other way")

    def _take_control(self, message: Control) -> None:
        match message, self._engine:
            case Hello(), None:
                if message.version != VERSION:
                    raise WireError(f"the office speaks version {message.version}, this process {VERSION}")
                if not self._hello.done():
                    self._hello.set_result(message)
            case Request(), SoundEngine() as engine:
                self._jobs.start(self._carry_out(engine, message))
            case Tell(), SoundEngine() as engine:
                self._told(engine, message)
            case _:
                raise WireError(f"{message.NAME} has no place here")

    async def _carry_out(self, engine: SoundEngine, request: Request) -> None:
        """One call, with its answer."""
        try:
            value = await self._call(engine, request.call, request.arguments)
            self.line.control(Reply(number=request.number, value=value))
        except MediaError as error:
            self.line.control(Fault(number=request.number, code=error.code, text=str(error)))
        except Exception:
            # A fault of ours: one person's call must not end the sound of everybody.
            self._faults += 1
            logger.exception("a call failed", extra={"call": request.call})
            text = "the sound met a fault of its own; it is in the log"
            self.line.control(Fault(number=request.number, code=MediaError.code, text=text))

    async def _call(self, engine: SoundEngine, call: str, arguments: list[Any]) -> Any:
        match call, arguments:
            case "connect", [who, offer, muted, transcribed]:
                return await engine.connect(who, offer, muted=muted, transcribed=transcribed)
            case "disconnect", [who]:
                return await engine.disconnect(who)
            case "report", [who]:
                return await engine.report(who)
            case "connect_video", [who, offer]:
                return await engine.connect_video(who, offer)
            case "disconnect_video", [who]:
                return await engine.disconnect_video(who)
        raise AssertionError(f"{call} is checked but not carried out")

    def _told(self, engine: SoundEngine, message: Tell) -> None:
        match message.call, message.arguments:
            case "set_muted", [who, muted]:
                engine.set_muted(who, muted)
            case "set_transcribed", [who, transcribed]:
                engine.set_transcribed(who, transcribed)
            case "stop", [source, fade]:
                engine.stop(source, fade)
            case "remove_source", [source]:
                engine.remove_source(source)
            case "set_views", [who, views]:
                engine.set_views(who, [View(mid=mid, owner=owner, kind=kind) for mid, owner, kind in views])

    def _line_ended(self, reason: str) -> None:
        if reason:
            logger.error("the line to the office is broken", extra={"reason": reason})
        self.over.set()

    # What happens here

    def _frame(self, participant_id: str, frame: Samples) -> None:
        """All frames of a tick go out together."""
        if not self._frames:
            asyncio.get_running_loop().call_soon(self._send_frames)
        self._frames.append((participant_id, frame.copy()))

    def _send_frames(self) -> None:
        frames, self._frames = self._frames, []
        self.line.send(Kind.FRAMES, encode_frames(frames))

    def _lost(self, participant_id: str) -> None:
        self.line.control(Lost(participant=participant_id))

    def _state(self, state: SoundState) -> None:
        if self._engine is not None:
            self._beat(self._engine)

    def _beat(self, engine: SoundEngine) -> None:
        counters, state = engine.counters, engine.state
        self._peers = counters.peers
        counters.link_dropped += self.line.dropped
        counters.link_faults += self.line.faults + self._faults
        beat = Beat(counters=asdict(counters), load=state.load, detail=dict(state.detail))
        self.line.send(Kind.BEAT, encode_control(beat))

    async def _beats(self, engine: SoundEngine) -> None:
        """Show that we are alive; the moments between are also good for sweeping."""
        beats = 0
        while True:
            self._beat(engine)
            beats += 1
            gc.collect(2 if beats % SWEEP_BEATS == 0 else 1)
            await asyncio.sleep(BEAT_SECONDS)

    async def _levels(self, engine: SoundEngine) -> None:
        last: dict[str, float] = {}
        while True:
            levels = {name: level for name, level in engine.levels().items() if level > SILENCE_DBFS}
            if levels or last:
                self.line.send(Kind.LEVELS, encode_levels(levels))
            last = levels
            await asyncio.sleep(LEVELS_SECONDS if self._peers or levels else BEAT_SECONDS)


def calm_down() -> None:
    """Let garbage be swept by `SoundHost` alone, never in the middle of a tick; what is loaded is no garbage."""
    gc.disable()
    gc.collect()
    gc.freeze()


def keep_memory() -> None:
    """Let the C library keep what a tick gives back: it needs the same again 20 ms later.

    By itself glibc hands large arrays back to the system each time, and each new page costs a fault: a tenth of
    all the time of a crowded tick.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return  # another C library, which has no such setting
    for setting, value in ((_MMAP_THRESHOLD, 64 << 20), (_TRIM_THRESHOLD, 256 << 20), (_TOP_PAD, 16 << 20)):
        mallopt(setting, value)


def go_first() -> None:
    """Ask to run before others; only some systems let us.

    As other programs that must be in time with sound do, in real time; where that is not allowed, at a high
    priority, which helps less where the system shares its time between sessions first.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
        return
    except (OSError, AttributeError) as error:
        logger.debug("the sound does not run in real time", extra={"error": str(error)})
    try:
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    except OSError as error:
        logger.debug("the sound runs at normal priority", extra={"error": error.strerror})


async def serve(ours: socket.socket) -> None:
    """Serve the office at the other end of this socket until it hangs up or asks us to end."""
    loop = asyncio.get_running_loop()
    host = SoundHost()
    loop.add_signal_handler(signal.SIGTERM, host.over.set)
    await loop.create_unix_connection(lambda: host.line, sock=ours)
    await host.run()


def main() -> None:
    """Run as a process of the office; the last argument is the number of the socket."""
    live_no_longer_than_the_office()
    go_first()
    keep_memory()
    ours = socket.socket(fileno=int(sys.argv[-1]))
    ours.setblocking(False)
    calm_down()
    uvloop.run(serve(ours))


if __name__ == "__main__":
    main()
