"""People come and go for half an hour: memory, sockets and threads of the sound process must stay as they are.

`python -m benchmarks.soak --minutes 30 --json`. Every tenth of a second somebody joins or leaves, talks or not;
a third of those who leave do so without a word, as when a lid is closed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import trace
from benchmarks.callers import Caller
from benchmarks.generator import Generator, Line
from benchmarks.recordings import record
from benchmarks.results import Metric, as_lines, median, summarise, table
from server.sound_link import SoundLink
from server.sound_port import MediaSettings, SoundCounters

PEOPLE = 25
PACE_SECONDS = 0.1
SAMPLE_SECONDS = 10.0
SETTLE_SHARE = 0.2
"""Of the time at the start does not count: caches fill."""
METRICS = [
    Metric(name="soak_memory_growth_mb", label="memory, last third over first", unit="MB", goal=5.0),
    Metric(name="soak_descriptor_growth", label="open files, last third over first", unit="1", goal=2.0),
    Metric(name="soak_thread_growth", label="threads, last third over first", unit="1", goal=0.0),
    Metric(name="soak_joins", label="joins", unit="1"),
    Metric(name="soak_late_share", label="late ticks", unit="%"),
]


@dataclass(frozen=True, slots=True)
class Sample:
    """The sound process at one moment."""

    memory: float
    """Resident, in MB."""
    descriptors: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> Sample:
        """Look at a process (proc(5))."""
        status = Path(f"/proc/{pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return cls(
            memory=int(fields["VmRSS"].split()[0]) / 1024,
            descriptors=len(os.listdir(f"/proc/{pid}/fd")),
            threads=int(fields["Threads"]),
        )


@dataclass(slots=True)
class Crowd:
    """Who is in, and who comes and goes next."""

    link: SoundLink
    generator: Generator
    office: trace.Office
    chance: random.Random = field(default_factory=lambda: random.Random(3))
    joins: int = 0
    inside: dict[str, tuple[Line, Caller]] = field(default_factory=dict)
    silent: list[Caller] = field(default_factory=list)
    """Callers who went without a word; closed at the end."""

    async def step(self, talk: Sequence[Sequence[bytes | None]]) -> None:
        """Somebody comes or goes."""
        person = self.chance.choice(self.office.people)
        if person in self.inside:
            await self._leave(person)
        elif len(self.inside) < PEOPLE - 2:
            await self._join(person, talk)

    async def _join(self, person: str, talk: Sequence[Sequence[bytes | None]]) -> None:
        caller = Caller()

        async def exchange(offer: str) -> str:
            return await self.link.connect(person, offer, muted=self.chance.random() < 0.3, transcribed=False)

        line = await caller.dial(person, exchange)
        line.say(self.chance.choice(talk))
        self.generator.add(line)
        self.inside[person] = line, caller
        self.joins += 1

    async def _leave(self, person: str) -> None:
        line, caller = self.inside.pop(person)
        self.generator.remove(line)
        if self.chance.random() < 1 / 3:
            await self.link.disconnect(person)
            self.silent.append(caller)
            while len(self.silent) > 20:
                await self.silent.pop(0).close()
            return
        await caller.close()
        await self.link.disconnect(person)


async def run(minutes: float) -> tuple[list[Sample], int, SoundCounters]:
    """Let people come and go; what the process looked like meanwhile, how many came, and what it counted."""
    samples: list[Sample] = []
    recordings = record()
    generator = Generator()
    office = trace.crowd(PEOPLE)
    talk = [recordings.talk(person) for person in range(8)]
    link = SoundLink(MediaSettings(), on_frame=lambda *_: None, on_lost=lambda _: None, on_state=lambda _: None)
    async with link:
        crowd = Crowd(link, generator, office)
        link.set_scene(office.scenes[0])
        end = time.monotonic() + 60 * minutes
        sample_at = time.monotonic()
        while (now := time.monotonic()) < end:
            await crowd.step(talk)
            if now >= sample_at and link.pid is not None:
                sample_at += SAMPLE_SECONDS
                samples.append(Sample.of(link.pid))
                left = (end - now) / 60
                text = f"  {left:.0f} min left, {crowd.joins} joins, {samples[-1].memory:.0f} MB, "
                print(text + f"{samples[-1].descriptors} files", file=sys.stderr)
            await asyncio.sleep(PACE_SECONDS)
        counters = link.counters
        for person in list(crowd.inside):
            await crowd._leave(person)
        for caller in crowd.silent:
            await caller.close()
    generator.close()
    return samples, crowd.joins, counters


def growth(samples: Sequence[Sample]) -> tuple[float, float, float]:
    """How much more the last third has than the first, medians, after things have settled."""
    settled = samples[round(SETTLE_SHARE * len(samples)) :]
    third = max(1, len(settled) // 3)
    first, last = settled[:third], settled[-third:]
    return (
        median([s.memory for s in last]) - median([s.memory for s in first]),
        median([s.descriptors for s in last]) - median([s.descriptors for s in first]),
        median([s.threads for s in last]) - median([s.threads for s in first]),
    )


def main(arguments: Sequence[str]) -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    samples, joins, counters = asyncio.run(run(options.minutes))
    late = 100 * counters.late_ticks / max(1, counters.ticks)
    values = [*growth(samples), joins, late]
    found = [summarise(metric, [float(value)], None) for metric, value in zip(METRICS, values, strict=True)]
    print(as_lines(found) if options.json else table(METRICS, found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
