"""Composition root of a speech process: the engines, and the line to the office."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from media.errors import EngineUnavailable, MediaError
from media.transcriber import Transcriber
from server.background import Background
from server.engine_chain import EngineChain
from server.engines import Engine, EnginePlan, open_engine
from server.line import Line
from server.logs import set_up_logging
from server.processes import live_no_longer_than_the_office
from server.speech_wire import (
    VERSION,
    Beat,
    Done,
    Engines,
    Forget,
    Recognise,
    Start,
    Undone,
    Vocabulary,
    decode_control,
    decode_plan,
    decode_request,
    encode_outcome,
)
from server.wire import Control, Failed, Kind, Ready, WireError, encode_control

logger = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
NICENESS = 5
"""Sound and presence go first."""


class SpeechHost:
    """Does for the office what it asks over the line."""

    def __init__(self, words: Path) -> None:
        """Nothing is loaded yet; `words` is a file with those of the office, a line each."""
        self.line = Line(on_message=self._take, on_end=self._line_ended)
        self.over = asyncio.Event()
        """Set when the line has ended or the process is asked to end."""
        self._start: asyncio.Future[Start] = asyncio.get_running_loop().create_future()
        self._chain: EngineChain | None = None
        self._words: tuple[str, ...] = ()
        self._jobs = Background("speech requests")
        self._embedded = asyncio.get_running_loop().run_in_executor(None, Warm, words)
        """A spare process loads this while it waits for its first word."""

    async def run(self) -> None:
        """Serve until it is over."""
        over = asyncio.ensure_future(self.over.wait())
        first: set[asyncio.Future[Any]] = {over, self._start}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if self._start.done():
            beats = Background("beats")
            beats.start(self._beats())
            await self._serve(self._start.result(), over)
            await beats.cancel()
        over.cancel()
        self.line.close()
        await self.line.gone.wait()

    async def _serve(self, start: Start, over: asyncio.Future[Any]) -> None:
        set_up_logging(start.log_level)
        plans = [decode_plan(plan) for plan in start.plans]
        warm = await self._embedded
        chain = EngineChain(
            [(plan.engine.value, partial(warm.open, plan)) for plan in plans], on_change=self._tell_engines
        )
        self._chain, self._words = chain, tuple(start.vocabulary)
        try:
            await chain.open(self._words)
        except MediaError as error:
            self.line.control(Failed(text=str(error)))
        else:
            self._tell_engines("")
            self.line.control(Ready(version=VERSION))
            await over
        await self._jobs.cancel()
        await chain.close()

    # What the office says

    def _take(self, kind: Kind, payload: memoryview) -> None:
        if kind is not Kind.CONTROL:
            raise WireError(f"{kind.name} has no place here")
        message = decode_control(payload)
        match message, self._chain:
            case Start(), None:
                if message.version != VERSION:
                    raise WireError(f"the office speaks version {message.version}, this process {VERSION}")
                if not self._start.done():
                    self._start.set_result(message)
            case Recognise(), EngineChain() as chain:
                self._jobs.start(self._recognise(chain, message))
            case Vocabulary(), EngineChain() as chain:
                self._words = tuple(message.words)
                self._jobs.start(chain.prepare(self._words))
            case Forget(), EngineChain() as chain:
                chain.forget(message.streams)
            case _:
                raise WireError(f"{message.NAME} has no place here")

    async def _recognise(self, chain: EngineChain, message: Recognise) -> None:
        answer: Control
        began = time.perf_counter()
        try:
            requests = [decode_request(one, self._words) for one in message.requests]
            worked = await chain.transcribe(requests)
        except (EngineUnavailable, WireError) as error:
            answer = Undone(number=message.number, text=str(error))
        else:
            answer = Done(
                number=message.number,
                engine=worked.engine,
                outcomes=[encode_outcome(outcome) for outcome in worked.outcomes],
                work_seconds=time.perf_counter() - began,
            )
        self.line.control(answer)

    def _line_ended(self, reason: str) -> None:
        if reason:
            logger.error("the line to the office is broken", extra={"reason": reason})
        self.over.set()

    # What happens here

    def _tell_engines(self, reason: str) -> None:
        chain = self._chain
        assert chain is not None
        engines = [
            _described(name, engine, fault)
            for name, engine, fault in zip(chain.names, chain.engines, chain.faults, strict=True)
        ]
        self.line.control(Engines(engines=engines, current=chain.current, reason=reason))

    async def _beats(self) -> None:
        while True:
            self.line.send(Kind.BEAT, encode_control(Beat()))
            await asyncio.sleep(BEAT_SECONDS)


class Warm:
    """The embedded engine, loaded before anybody asks for it: it is always wanted, at least to stand in."""

    def __init__(self, words: Path) -> None:
        """Load it and let it know the words (about a second)."""
        self._engine: Transcriber | None = None
        try:
            engine = open_engine(EnginePlan(engine=Engine.EMBEDDED, why="to stand by"))
            engine.prepare(words.read_text(encoding="utf-8").splitlines())
            self._engine = engine
        except (MediaError, OSError) as error:  # the file of words may have been swept away; they come again
            logger.warning("no embedded engine stands by", extra={"error": str(error)})

    def open(self, plan: EnginePlan) -> Transcriber:
        """Load what a plan says, or give what is there."""
        if plan.engine is Engine.EMBEDDED and self._engine is not None:
            engine, self._engine = self._engine, None
            return engine
        return open_engine(plan)


def _described(name: str, engine: Any, fault: str) -> dict[str, Any]:
    if engine is None:
        return {"name": name, "ready": False, "detail": fault or "It is being loaded.", "fault": fault}
    able = engine.capabilities
    return {
        "name": name,
        "ready": True,
        "detail": engine.describe(),
        "embedded": able.embedded,
        "batch": able.batch,
        "agreement": able.agreement,
        "hold_seconds": able.hold_seconds,
        "languages": list(able.languages),
        "punctuation": able.punctuation,
        "vocabulary": able.vocabulary,
        "incremental": able.incremental,
    }


async def serve(ours: socket.socket, words: Path) -> None:
    """Serve the office at the other end of this socket until it hangs up or asks us to end."""
    loop = asyncio.get_running_loop()
    host = SpeechHost(words)
    loop.add_signal_handler(signal.SIGTERM, host.over.set)
    await loop.create_unix_connection(lambda: host.line, sock=ours)
    await host.run()


def main() -> None:
    """Run as a process of the office; the last arguments: a file with its words, and the number of the socket."""
    live_no_longer_than_the_office()
    os.nice(NICENESS)
    ours = socket.socket(fileno=int(sys.argv[-1]))
    ours.setblocking(False)
    uvloop.run(serve(ours, Path(sys.argv[-2])))


if __name__ == "__main__":
    main()
