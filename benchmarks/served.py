"""The server under test, in a process of its own: the office's sound engine, driven over a pipe.

Each line of the standard input is a JSON object with a number, `do`, and what that takes; the answer goes to the
standard output as one line with the same number. Started by `benchmarks.subjects`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import json
import sys
from collections.abc import Sequence
from typing import Any, cast

import uvloop

from benchmarks import trace
from benchmarks.machine import pin
from media.audio import Samples
from media.scene import Scene
from server.sound import SoundEngine
from server.sound_port import MediaPath, MediaSettings
from server.sound_process import calm_down, keep_memory, open_engine

LINE_LIMIT = 1 << 20
SWEEP_SECONDS = 0.5
"""Between two looks for garbage, as the sound process does it."""


class _Room:
    """Plays the scenes of an office to the engine, as the office's ticker would."""

    def __init__(self, engine: SoundEngine) -> None:
        self._engine = engine
        self._scenes: Sequence[Scene] = ()
        self._at = 0
        self._timer: asyncio.TimerHandle | None = None

    def enter(self, office: trace.Office) -> None:
        self.leave()
        self._scenes, self._at = office.scenes, 0
        self._next(asyncio.get_running_loop().time())

    def leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _next(self, due: float) -> None:
        self._engine.set_scene(self._scenes[self._at % len(self._scenes)])
        self._at += 1
        if len(self._scenes) > 1:
            due += 1 / trace.SCENE_HZ
            self._timer = asyncio.get_running_loop().call_at(due, self._next, due)


async def serve(path: MediaPath) -> None:
    """Answer until the input ends. The engine is put together as in the office, without recognition."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LINE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    engine_open = open_engine(
        MediaSettings(path=path), on_frame=_ignore, on_lost=lambda person: None, on_state=lambda state: None
    )
    async with engine_open as engine, asyncio.TaskGroup() as group:
        room = _Room(engine)
        sweeping = group.create_task(_sweep())
        while line := await reader.readline():
            request: dict[str, Any] = json.loads(line)
            group.create_task(_answer(engine, room, request))
        sweeping.cancel()
        room.leave()


async def _answer(engine: SoundEngine, room: _Room, request: dict[str, Any]) -> None:
    answer: dict[str, Any] = {"n": request["n"]}
    try:
        match request["do"]:
            case "office":
                room.enter(getattr(trace, request["kind"])(request["people"]))
            case "connect":
                answer["sdp"] = await engine.connect(
                    request["person"], request["sdp"], muted=False, transcribed=False
                )
            case "disconnect":
                await engine.disconnect(request["person"])
            case "counters":
                answer["counters"] = dataclasses.asdict(engine.counters) | {"load": engine.state.load}
            case unknown:
                answer["error"] = f"cannot do {unknown!r}"
    except Exception as error:
        # The other side must hear of it, or it would wait for ever.
        answer["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(answer), flush=True)


async def _sweep() -> None:
    keep_memory()
    calm_down()
    while True:
        gc.collect(1)
        await asyncio.sleep(SWEEP_SECONDS)


def _ignore(_: str, __: Samples) -> None:
    """Nobody is recognised here."""


if __name__ == "__main__":
    pin(int(sys.argv[2]))
    uvloop.run(serve(cast(MediaPath, sys.argv[1])))
