"""Who needs an encode at all: one for each different mix, a tail when it ends, nothing for silence.

Encoding is the dearest part of a tick (RFC 6716 at complexity 5 costs more than mixing and SRTP together), so
listeners whose mix is the same share one encoder, called a stream here and only known by its number.

An Opus decoder carries state from packet to packet: prediction from the last frames, and the 2.5 ms by which
two CELT frames overlap. Hence the two rules below: whoever comes to a stream they did not have in the last
tick needs a packet that leans on no history, and a sound that ends needs encoded silence behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.errors import SettingsError, ShapeError

Groups = npt.NDArray[np.signedinteger]
"""(listeners,) the number of the mix each one hears; below 0 is exact silence."""

NO_STREAM = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class EconomySettings:
    """How a sound ends and how a silent line is kept alive. All in ticks of 20 ms."""

    tail: int = 2
    """Ticks of encoded silence after the last sounding one, so that the overlap of the codec rings out."""
    first_markers: int = 3
    """Markers in a row at the start of a silence: one of them arrives even when packets are lost."""
    marker_every: int = 20
    """After those one marker each so many ticks; 400 ms as Opus does it with DTX."""

    def __post_init__(self) -> None:
        """Refuse values that could never work."""
        if self.tail < 1 or self.first_markers < 1 or self.marker_every < 1:
            raise SettingsError("tail, first_markers and marker_every must be at least 1 tick")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Encode once, send to each of these listeners."""

    stream: int
    """Which encoder; numbers only ever grow and are never used for a second stream."""
    group: int | None
    """Which mix; None is silence (the tail of a sound)."""
    listeners: tuple[int, ...]
    """Rows, at least one."""
    independent: bool
    """The packet must be decodable without those before it: turn prediction off for this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One tick. Each row stands in exactly one of jobs, markers and skipped."""

    jobs: tuple[Job, ...]
    markers: tuple[int, ...]
    """Rows that get the ready-made packet of silence, which costs no encode."""
    skipped: tuple[int, ...]
    """Rows that get nothing in this tick."""
    released: tuple[int, ...]
    """Streams that have ended: their encoders are free for streams to come."""


@dataclass(slots=True)
class EconomyCounters:
    """What was done and what was saved, in packets, since the start."""

    encodes: int = 0
    shared: int = 0
    """Packets that were sent without an encode of their own."""
    markers: int = 0
    skipped: int = 0


@dataclass(slots=True)
class _Line:
    """What one listener got last."""

    silent: int
    """Ticks since the last sounding one; 0 while it sounds."""
    stream: int = NO_STREAM


class Economy:
    """Plans tick after tick. Deterministic: the same ticks give the same plans."""

    def __init__(self, settings: EconomySettings | None = None) -> None:
        self._settings = settings or EconomySettings()
        self._listeners: tuple[str, ...] = ()
        self._lines: list[_Line] = []
        self._jobs: dict[int, Job] = {}
        """Of the last tick, by stream."""
        self._next = 0
        self.counters = EconomyCounters()

    def step(self, listeners: Sequence[str], group_of: Groups) -> Plan:
        """Plan one tick.

        A mix goes to the stream that most of its listeners had in the last tick; of two with as many, to the
        older one. A sound that has ended goes on as silence on its own stream; where that stream has gone on
        with others, all who were left behind in this tick share one new stream.

        Args:
            listeners: ids in the order of the rows; may change at any tick. Whoever is gone is forgotten.
            group_of: (listeners,) number of the mix of each row, below 0 for silence. The numbers need not
                mean the same in the next tick.

        Raises:
            ShapeError: not one group for each listener, or an id stands twice.
        """
        self._arrange(tuple(listeners))
        if group_of.shape != (len(self._lines),):
            raise ShapeError(f"{len(self._lines)} listeners need as many groups, got the shape {group_of.shape}")
        tail, lines = self._settings.tail, self._lines
        members: dict[int, list[int]] = {}
        votes: dict[tuple[int, int], int] = {}
        ending: dict[int, list[int]] = {}
        markers: list[int] = []
        skipped: list[int] = []
        for row, group in enumerate(group_of.tolist()):
            line = lines[row]
            if group >= 0:
                line.silent = 0
                members.setdefault(group, []).append(row)
                if line.stream != NO_STREAM:
                    vote = group, line.stream
                    votes[vote] = votes.get(vote, 0) + 1
                continue
            line.silent += 1
            if line.silent <= tail:
                ending.setdefault(line.stream, []).append(row)
            else:
                line.stream = NO_STREAM
                (markers if self._is_marked(line.silent - tail) else skipped).append(row)
        stream_of = _elect(votes, members)
        jobs = [self._job(stream_of.get(group), group, rows) for group, rows in members.items()]
        jobs += self._tails(ending, {job.stream for job in jobs})
        before, self._jobs = self._jobs, {job.stream: job for job in jobs}
        released = tuple(sorted(before.keys() - self._jobs.keys()))
        self._count(jobs, len(markers), len(skipped))
        return Plan(jobs=tuple(jobs), markers=tuple(markers), skipped=tuple(skipped), released=released)

    def _arrange(self, listeners: tuple[str, ...]) -> None:
        if listeners == self._listeners:
            return
        if len(set(listeners)) != len(listeners):
            raise ShapeError("every listener may stand only once")
        known = dict(zip(self._listeners, self._lines, strict=True))
        # Who is new has heard nothing that could ring out: their silence begins with markers.
        self._lines = [known.get(name) or _Line(silent=self._settings.tail) for name in listeners]
        self._listeners = listeners

    def _is_marked(self, tick: int) -> bool:
        """Does the tick-th tick of silence after the tail (from 1) get a marker?"""
        after = tick - self._settings.first_markers
        return after <= 0 or after % self._settings.marker_every == 0

    def _job(self, stream: int | None, group: int | None, rows: list[int]) -> Job:
        """One encode; whoever did not have its stream in the last tick makes it independent."""
        if stream is None:
            stream, self._next = self._next, self._next + 1
        independent = False
        for row in rows:
            line = self._lines[row]
            if line.stream != stream:
                line.stream = stream
                independent = True
        listeners = tuple(rows)
        last = self._jobs.get(stream)
        if last and last.listeners == listeners and last.group == group and last.independent == independent:
            return last  # The most frequent case by far, at a third of the price of a new one.
        return Job(stream=stream, group=group, listeners=listeners, independent=independent)

    def _tails(self, ending: dict[int, list[int]], taken: set[int]) -> list[Job]:
        """Encoded silence, shared as the sound before it was, without the streams that sound goes on with."""
        jobs: list[Job] = []
        left_behind: list[int] = []
        for stream, rows in ending.items():
            if stream in taken:
                left_behind += rows
            else:
                jobs.append(self._job(stream, None, rows))
        if left_behind:
            jobs.append(self._job(None, None, sorted(left_behind)))
        return jobs

    def _count(self, jobs: list[Job], markers: int, skipped: int) -> None:
        counters = self.counters
        counters.encodes += len(jobs)
        counters.shared += sum(len(job.listeners) for job in jobs) - len(jobs)
        counters.markers += markers
        counters.skipped += skipped


def _elect(votes: dict[tuple[int, int], int], members: dict[int, list[int]]) -> dict[int, int]:
    """The stream of each group that can keep one: most votes first, then the oldest stream, then the first row."""
    stream_of: dict[int, int] = {}
    taken: set[int] = set()
    for _, stream, _, group in sorted(
        (-n, stream, members[group][0], group) for (group, stream), n in votes.items()
    ):
        if group not in stream_of and stream not in taken:
            stream_of[group] = stream
            taken.add(stream)
    return stream_of
