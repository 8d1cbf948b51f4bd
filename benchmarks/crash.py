"""The plug is pulled: the sound process is killed under everybody, and how long until all hear again.

`python -m benchmarks.crash --participants 40 --json`. The office's own link and supervisor are used; people redial
as browsers do, when they are told that the sound is up again.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence

from benchmarks import trace
from benchmarks.callers import Caller
from benchmarks.generator import Generator, Line
from benchmarks.recordings import record
from benchmarks.results import Metric, as_lines, summarise, table
from media.adapters.opus import SILENCE
from server.sound_link import SoundLink
from server.sound_port import MediaSettings, SoundState

METRIC = Metric(name="crash_recovery_seconds", label="kill -9: until all hear again", unit="s", goal=2.0)
PATIENCE = 30.0


class House:
    """A room full of people over the office's link."""

    def __init__(self, people: int) -> None:
        self.office = trace.crowd(people)
        self.generator = Generator()
        self.lines: dict[str, Line] = {}
        self._callers: dict[str, Caller] = {}
        self._states: asyncio.Queue[SoundState] = asyncio.Queue()
        self._recordings = record()
        self.link = SoundLink(
            MediaSettings(path="direct", ports="0", advertised=()),
            on_frame=lambda person, frame: None,
            on_lost=lambda person: None,
            on_state=self._states.put_nowait,
        )

    async def up(self, epoch: int) -> None:
        """Wait until the sound of this start, or a later one, is there."""
        async with asyncio.timeout(PATIENCE):
            while not (self.link.state.up and self.link.state.epoch >= epoch):
                await self._states.get()

    async def dial(self, person: str) -> None:
        """Connect a person and let them talk."""
        caller = Caller()

        async def exchange(offer: str) -> str:
            return await self.link.connect(person, offer, muted=False, transcribed=False)

        line = await caller.dial(person, exchange)
        line.listen()
        line.say(self._recordings.talk(self.office.people.index(person)))
        self.generator.add(line)
        self.lines[person], self._callers[person] = line, caller

    async def hang_up(self) -> None:
        """What is left of the calls."""
        for line in self.lines.values():
            self.generator.remove(line)
        callers = list(self._callers.values())
        self.lines.clear()
        self._callers.clear()
        for caller in callers:
            await caller.close()

    async def all_hear(self) -> float:
        """Wait until everybody has received sound; the time at which the last one did, seconds since 1970."""
        async with asyncio.timeout(PATIENCE):
            while True:
                firsts = [_first_sound(line) for line in self.lines.values()]
                if all(first is not None for first in firsts):
                    return max(first for first in firsts if first is not None)
                await asyncio.sleep(0.01)


def _first_sound(line: Line) -> float | None:
    return next((heard.time for heard in line.record or () if heard.payload != SILENCE), None)


async def measure(people: int, kills: int) -> list[float]:
    """Seconds from each kill until the last person hears again."""
    house = House(people)
    seconds: list[float] = []
    async with house.link:
        await house.up(1)
        house.link.set_scene(house.office.scenes[0])
        async with asyncio.TaskGroup() as group:
            for person in house.office.people:
                group.create_task(house.dial(person))
        await house.all_hear()
        for kill in range(kills):
            await _with_spare(house)
            epoch, pid = house.link.state.epoch, house.link.pid
            assert pid is not None
            killed = time.time()
            os.kill(pid, signal.SIGKILL)
            await house.hang_up()
            await house.up(epoch + 1)
            async with asyncio.TaskGroup() as group:
                for person in house.office.people:
                    group.create_task(house.dial(person))
            seconds.append(await house.all_hear() - killed)
            print(f"  kill {kill + 1} of {kills}: {seconds[-1]:.2f} s", file=sys.stderr)
        await house.hang_up()
    house.generator.close()
    return seconds


async def _with_spare(house: House) -> None:
    """Let the spare process be ready, as it is in an office that has been open for some seconds."""
    async with asyncio.timeout(PATIENCE):
        while house.link.spare_pid is None:  # noqa: ASYNC110  the office has no event for it
            await asyncio.sleep(0.05)


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash", description=__doc__)
    parser.add_argument("--participants", type=int, default=40)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    seconds = asyncio.run(measure(options.participants, options.kills))
    found = [summarise(METRIC, seconds, None)]
    print(as_lines(found) if options.json else table([METRIC], found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
