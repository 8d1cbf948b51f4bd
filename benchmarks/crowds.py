"""Rooms full of people: what a server spends on them, whether it keeps up, and how many fit on one core."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks import trace
from benchmarks.generator import Generator, Line
from benchmarks.machine import cpu_seconds
from benchmarks.recordings import Recordings
from benchmarks.subjects import Counters, Subject, join_all

TICKS = 50
"""Frames a second."""
LATE_SHARE = 0.001
"""Of all ticks, that may be late."""
TRIES = 3
"""Windows in which a server may show that it keeps up: other work on the machine makes ticks late, too."""
LARGEST = 400
"""People that the search for the capacity goes up to."""

Make = Callable[[], Subject]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One server with so many people for some seconds."""

    people: int
    cpu_share: float
    """Of one core."""
    cpu_us: float
    """Microseconds per participant and tick of 20 ms."""
    packets: float
    """Packets a second that a listener got: mean of all."""
    fewest_packets: float
    late_share: float
    """Ticks that were late or left out; 0 where the server does not say."""
    encodes: float
    """Per listener and tick; NaN where the server does not say."""
    generator_late: float
    """Share of the generator's own beats that were late."""
    effort: str
    """How hard the server says it works; empty where it does not say."""

    @property
    def kept_up(self) -> bool:
        """Whether everything went out on time."""
        return self.late_share <= LATE_SHARE and self.cpu_share <= 1.0

    @property
    def generator_kept_up(self) -> bool:
        """Whether the fault, if there is one, is the server's."""
        return self.generator_late <= 0.01

    @property
    def per_core(self) -> float:
        """People that a whole core would carry at this cost."""
        return self.people / self.cpu_share if self.cpu_share > 0 else math.nan


async def measure(
    make: Make, kind: str, people: int, recordings: Recordings, *, seconds: float, settle: float = 3.0
) -> Load:
    """Start a server, fill a room, and look at it.

    Args:
        make: makes the server.
        kind: "crowd" (all talk and hear each other) or "office" (the trace).
        people: how many.
        recordings: what they say.
        seconds: of each window; the first in which the server keeps up counts, at most three.
        settle: seconds before the first.
    """
    office: trace.Office = getattr(trace, kind)(people)
    generator = Generator()
    try:
        async with make() as subject:
            await subject.enter(kind, office)
            lines = await join_all(subject, office, generator)
            _talk(kind, office, lines, recordings)
            await asyncio.sleep(settle)
            best: Load | None = None
            for _ in range(TRIES):
                found = await _window(subject, kind, list(lines.values()), generator, seconds)
                if best is None or found.late_share < best.late_share:
                    best = found
                if best.kept_up:
                    break
            generator.close()
            assert best is not None
            return best
    finally:
        generator.close()


async def largest(
    make: Make, recordings: Recordings, *, seconds: float, say: Callable[[str], None], expected: float = 100.0
) -> tuple[Load, Load | None]:
    """Look for the largest office that a server carries on one core.

    Args:
        make: makes the server.
        recordings: what people say.
        seconds: of each window.
        say: takes lines on how far it is.
        expected: people where the search begins.

    Returns:
        The largest that kept up (or the smallest there is), and the smallest that did not, if one was met.
    """
    step = trace.BLOCK
    good: Load | None = None
    bad: Load | None = None
    people = max(step, min(LARGEST, round(expected / step) * step))
    stride = step
    while True:
        load = await measure(make, "office", people, recordings, seconds=seconds)
        say(f"  office of {people}: {load.cpu_share:.2f} cores, {100 * load.late_share:.2f} % late {load.effort}")
        if load.kept_up:
            good = load
        else:
            bad = load
        low, high = (good.people if good else 0), (bad.people if bad else LARGEST + step)
        if high - low <= step:
            return (good or load), bad
        if good and bad:
            people = (low + high) // (2 * step) * step
        else:
            people = min(LARGEST, low + stride) if good else max(step, high - stride)
            stride *= 2


def _talk(kind: str, office: trace.Office, lines: dict[str, Line], recordings: Recordings) -> None:
    if kind == "crowd":
        for i, person in enumerate(office.people):
            lines[person].say(recordings.talk(i))
        return
    planned = trace.turns(office.talkers, recordings.frames)
    for i, person in enumerate(office.people):
        offset = 7 * i % trace.DTX_FRAMES
        lines[person].say(trace.timeline(person, planned, recordings.clips, recordings.quiet, offset=offset))


async def _window(
    subject: Subject, kind: str, lines: Sequence[Line], generator: Generator, seconds: float
) -> Load:
    before, heard = await subject.counters(), [line.heard for line in lines]
    generator.forget_lateness()
    started, cpu = time.monotonic(), cpu_seconds(subject.pid)
    await asyncio.sleep(seconds)
    took, spent = time.monotonic() - started, cpu_seconds(subject.pid) - cpu
    after = await subject.counters()
    packets = [(line.heard - then) / took for line, then in zip(lines, heard, strict=True)]
    late, encodes = _progress(before, after, len(lines))
    if not after:
        # A server that does not count its ticks is judged by what arrives; in both rooms it sends all the time.
        late = max(0.0, 1.0 - (sum(packets) / len(packets) + 0.25) / TICKS)
    return Load(
        people=len(lines),
        cpu_share=spent / took,
        cpu_us=spent / took / len(lines) / TICKS * 1e6,
        packets=sum(packets) / len(packets),
        fewest_packets=min(packets),
        late_share=late,
        encodes=encodes,
        generator_late=generator.late_beats / max(1, generator.beats),
        effort=str(after.get("load", "")),
    )


def _progress(before: Counters, after: Counters, listeners: int) -> tuple[float, float]:
    """Share of late ticks, and encodes per listener and tick."""
    grown = {name: int(after[name]) - int(before[name]) for name in after if name != "load"}
    ticks = grown.get("ticks", 0)
    if not ticks:
        return math.nan if not after else 1.0, math.nan
    late = (grown["late_ticks"] + grown["skipped_ticks"]) / (ticks + grown["skipped_ticks"])
    encodes = grown["encodes"] / (ticks * listeners) if "encodes" in grown else math.nan
    return late, encodes
