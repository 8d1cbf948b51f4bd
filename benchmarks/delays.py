"""How long sound is on its way through a server: steadily, under loss, at the end of an utterance, on joining.

Everything is measured from outside: when a packet was sent, when the kernel had the packet in which its sound
comes out again, and what a listener decodes. The few milliseconds by which Opus itself delays are in the figures.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from benchmarks import markers, trace
from benchmarks.generator import FRAME_SECONDS, SLOTS, Generator, Heard, Line, Said
from benchmarks.markers import Blemishes
from benchmarks.recordings import Recordings, decode, encode
from benchmarks.subjects import Subject
from media.audio import FRAME, Samples

Times = npt.NDArray[np.float64]
"""(frames,) seconds since 1970."""

LOSS = 0.05
MARKED_FRAMES = 160
"""A loop of the hum with bursts: every pitch twice."""
SPURT_FRAMES, PAUSE_FRAMES = 50, 100
"""A short utterance, and the silence after it."""
DRIFT_SECONDS = 1.0
"""Between two moves of the talkers' beats."""
JOIN_SECONDS = 1.2
"""How long somebody who joined listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """What a talker said and a listener heard; looked at when all is over, because talkers do not wait for it."""

    said: list[Said]
    heard: list[Heard]
    start: float = 0.0
    """Of the loss, seconds since 1970."""
    end: float = 0.0

    def sound(self) -> tuple[Samples, Times]:
        """What the nearer ear heard, and when each frame of it was there."""
        return decode([h.payload for h in self.heard])[1], np.array([h.time for h in self.heard])


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Delays under loss."""

    points: list[tuple[float, float]]
    """(seconds since the loss began, delay in seconds)."""
    loss_seconds: float
    recovery_seconds: float
    blemishes: Blemishes
    """What was heard while packets were lost."""


class Pair:
    """A talker and a listener on one server."""

    def __init__(self, subject: Subject, generator: Generator) -> None:
        self.subject = subject
        self._generator = generator
        self._lines: tuple[Line, Line] | None = None

    async def connect(self, listeners: int, recordings: Recordings) -> None:
        """Lay out the room for so many listeners; the talker and the first of them, who keeps silent, join."""
        office = trace.pair(listeners)
        await self.subject.enter("pair", office)
        self._lines = (
            (await self.subject.join(office.people[0]))[0],
            (await self.subject.join(office.people[1]))[0],
        )
        for line in self._lines:
            line.listen()
            self._generator.add(line)
        self.listener.say(trace.timeline(office.people[1], (), recordings.clips, recordings.quiet))

    @property
    def talker(self) -> Line:
        """Who speaks."""
        assert self._lines is not None
        return self._lines[0]

    @property
    def listener(self) -> Line:
        """Who hears."""
        assert self._lines is not None
        return self._lines[1]

    def forget(self) -> None:
        """Begin a new tape."""
        self.talker.said, self.listener.record = [], []

    def tape(self, *, start: float = 0.0, end: float = 0.0) -> Tape:
        """The tape until now."""
        assert self.talker.said is not None
        assert self.listener.record is not None
        return Tape(said=self.talker.said, heard=self.listener.record, start=start, end=end)


async def steady(pairs: Sequence[Pair], generator: Generator, *, seconds: float) -> list[Tape]:
    """Undisturbed talk, over all phases of sender against server; one tape for each pair."""
    await _hum(pairs)
    drift = _Drift(pairs, generator)
    for _ in range(max(1, round(seconds / DRIFT_SECONDS))):
        await asyncio.sleep(DRIFT_SECONDS)
        drift.move()
    return [pair.tape() for pair in pairs]


async def under_loss(
    pairs: Sequence[Pair], *, seconds: float, before: float = 8.0, after: float = 15.0
) -> list[Tape]:
    """Lose 5 % of what the talkers send for some seconds; the tapes begin before and end after it."""
    await _hum(pairs)
    await asyncio.sleep(before)
    start = time.time()
    for pair in pairs:
        pair.talker.loss = LOSS
    await asyncio.sleep(seconds)
    end = time.time()
    for pair in pairs:
        pair.talker.loss = 0.0
    await asyncio.sleep(after)
    return [pair.tape(start=start, end=end) for pair in pairs]


async def endings(
    pairs: Sequence[Pair], generator: Generator, recordings: Recordings, *, count: int
) -> list[Tape]:
    """Short utterances; after their last packet come only the rare signs of life of a silent microphone."""
    silence: list[bytes | None] = [None] * PAUSE_FRAMES
    for frame in range(trace.DTX_FRAMES, PAUSE_FRAMES, trace.DTX_FRAMES):
        silence[frame - 1], silence[frame] = recordings.quiet, recordings.quiet[:1]
    drift = _Drift(pairs, generator)
    for pair in pairs:
        pair.talker.say([*utterance(), *silence])
        pair.forget()
    for _ in range(count):
        await asyncio.sleep((SPURT_FRAMES + PAUSE_FRAMES) * FRAME_SECONDS)
        drift.move()
    return [pair.tape() for pair in pairs]


async def join(pair: Pair, generator: Generator, person: str) -> tuple[float, list[Heard]]:
    """Let somebody join while the talker of the pair talks.

    Returns:
        When the offer was sent, and what arrived in the first second.
    """
    line, caller = await pair.subject.join(person)
    if caller is None:
        raise ValueError(f"{pair.subject.name} shakes no hands, so joining cannot be compared")
    line.listen()
    generator.add(line)
    await asyncio.sleep(JOIN_SECONDS)
    heard = [*caller.early, *(line.record or [])]
    generator.remove(line)
    await pair.subject.leave(person)
    return caller.offered, heard


# What the tapes say


@cache
def hum() -> list[bytes]:
    """The packets of the hum with bursts: the second of two rounds, so that a loop has no beginning."""
    return encode(markers.marked(2 * MARKED_FRAMES), expected_loss=round(100 * LOSS))[MARKED_FRAMES:]


@cache
def utterance() -> list[bytes]:
    """The packets of a short utterance that ends with a tone."""
    return encode(markers.ending(SPURT_FRAMES))[:SPURT_FRAMES]


def delays(tape: Tape) -> list[tuple[float, float]]:
    """(when it was said, seconds until it was heard) of every burst."""
    return markers.delays(_sent(tape.said), markers.find_bursts(*tape.sound()))


def journey(tape: Tape) -> Journey:
    """What the loss did."""
    found = delays(tape)
    sound, when = tape.sound()
    lossy = (when >= tape.start) & (when < tape.end)
    heard = markers.find_blemishes(_frames(sound, lossy), undisturbed=_frames(sound, when < tape.start - 0.5))
    pauses = np.diff(when[lossy]) - FRAME_SECONDS
    return Journey(
        points=[(at - tape.start, delay) for at, delay in found],
        loss_seconds=tape.end - tape.start,
        recovery_seconds=markers.recovery(found, start=tape.start, end=tape.end),
        blemishes=Blemishes(
            longest_gap=max(heard.longest_gap, float(pauses.max(initial=0.0))),
            gaps=heard.gaps + int(np.sum(pauses > 0.02)),
            clicks=heard.clicks,
        ),
    )


def held(tape: Tape) -> list[float]:
    """How long the last packet of each utterance was held, seconds; infinite where it never came out."""
    own = decode(utterance())[0]
    marker = markers.first_of_pitch(own, _clock(SPURT_FRAMES), markers.PITCHES[-1])
    assert marker is not None
    assert int(marker / FRAME_SECONDS) == SPURT_FRAMES - 1
    sound, when = tape.sound()
    lasts = [one.time for one in tape.said if one.index == SPURT_FRAMES - 1]
    out = []
    for last, following in zip(lasts, [*lasts[1:], lasts[-1] + 3.0], strict=True):
        inside = (when >= last - 0.2) & (when < following - 0.5)
        first = markers.first_of_pitch(_frames(sound, inside), when[inside], markers.PITCHES[-1])
        out.append(math.inf if first is None else first - last - marker + (SPURT_FRAMES - 1) * FRAME_SECONDS)
    return out


def until_sound(offered: float, heard: Sequence[Heard]) -> float:
    """Seconds from an offer to the first sound; infinite if there was none."""
    first = markers.first_sound(decode([h.payload for h in heard])[1], np.array([h.time for h in heard]))
    return math.inf if first is None else first - offered


async def _hum(pairs: Sequence[Pair]) -> None:
    """Let the talkers hum, until everything has settled, and begin new tapes."""
    for pair in pairs:
        pair.talker.say(hum())
    await asyncio.sleep(2.0)
    for pair in pairs:
        pair.forget()


class _Drift:
    """Moves talkers' beats to and fro by 2 ms against the server's, so that every phase between them is met."""

    def __init__(self, pairs: Sequence[Pair], generator: Generator) -> None:
        self._pairs, self._generator = pairs, generator
        self._steps = [1] * len(pairs)

    def move(self) -> None:
        for i, pair in enumerate(self._pairs):
            if not 0 <= pair.talker.slot + self._steps[i] < SLOTS:
                self._steps[i] = -self._steps[i]
            self._generator.move(pair.talker, pair.talker.slot + self._steps[i])


def _sent(said: Sequence[Said]) -> list[markers.Burst]:
    """When the packets went out that carry the beginnings of bursts, lost ones included."""
    twice = decode([*hum(), *hum()])[0]
    starts: dict[int, markers.Burst] = {}
    for burst in markers.find_bursts(twice, _clock(2 * MARKED_FRAMES)):
        frame = int(burst.time / FRAME_SECONDS + 1e-6) - MARKED_FRAMES
        if frame >= 0:
            starts[frame] = burst
    out = []
    for one in said:
        if (begun := starts.get(one.index)) is not None:
            inside = begun.time - (one.index + MARKED_FRAMES) * FRAME_SECONDS
            out.append(markers.Burst(pitch=begun.pitch, time=one.time + inside))
    return out


def _clock(frames: int) -> Times:
    """When frames would be there that come without delay, from 0."""
    return np.arange(frames, dtype=np.float64) * FRAME_SECONDS


def _frames(sound: Samples, chosen: npt.NDArray[np.bool_]) -> Samples:
    """The chosen frames of a sound, one after the other."""
    frames: Samples = sound.reshape(-1, FRAME)[chosen].reshape(-1)
    return frames
