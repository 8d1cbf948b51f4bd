"""How evenly packets arrive: the fastest way through the network, and how much later the slow ones come.

The transit of a packet is its arrival minus its timestamp (RFC 3550, section 6.4.1). Its zero is arbitrary, only
differences count. How much later than the fastest of the last second each packet came goes into a histogram, and
its 95th percentile is the jitter. WebRTC's NetEq does it so; a window stands here in place of its forgetting
factor, because a window has forgotten a burst completely after a known time.
"""

from __future__ import annotations

from collections import deque
from math import inf

from media.audio import RATE

BUCKET = RATE // 200
"""Samples of lateness that one step of the histogram stands for: 5 ms."""
BUCKETS = 32
"""Steps of the histogram; what is later than the last one counts as that."""
_ROUND_UP = 0.8
"""Up to 1 ms over a step still counts as that step: so much is the noise of clocks and threads."""
_BLOCK = 0.6
"""Seconds; the fastest packet is looked for in this block and the one before."""
_MOST = 512
"""Packets in the window at most, however many come at once."""


class TransitTracker:
    """Follows one stream. Feed every packet once."""

    __slots__ = (
        "_above", "_block_ends", "_counts", "_fastest", "_fastest_before", "_recent", "_share", "_window",
        "base", "level",
    )  # fmt: skip

    def __init__(self, *, window: float, quantile: float) -> None:
        """Start with nothing known.

        Args:
            window: seconds of packets in the histogram.
            quantile: share of the packets, 0..1, that came no later than the jitter.
        """
        self._window = window
        self._share = 1.0 - quantile
        self.clear()

    def clear(self) -> None:
        """Forget the stream."""
        self.base = 0.0
        """Transit of the fastest recent packet, in samples."""
        self.level = 0
        """The step of the histogram that holds the quantile: the jitter in steps of `BUCKET`."""
        self._above = 0  # packets in the steps above `level`
        self._fastest = self._fastest_before = inf
        self._block_ends = -inf
        self._counts = [0] * BUCKETS
        self._recent: deque[tuple[float, int]] = deque()

    def knows(self, arrival: float) -> bool:
        """Whether the last packets came so shortly before `arrival` that `base` still says something."""
        return arrival < self._block_ends + _BLOCK

    def add(self, arrival: float, transit: float) -> None:
        """Take in a packet that came at `arrival` seconds with a transit in samples."""
        if transit < self._fastest:
            self._fastest = transit
            if transit < self.base:
                self.base = transit
        if arrival >= self._block_ends:
            self._turn(arrival, transit)
        bucket = int((transit - self.base) / BUCKET + _ROUND_UP)
        if bucket >= BUCKETS:
            bucket = BUCKETS - 1
        recent, counts, level, above = self._recent, self._counts, self.level, self._above
        recent.append((arrival, bucket))
        counts[bucket] += 1
        if bucket > level:
            above += 1
        oldest = arrival - self._window
        while recent[0][0] < oldest or len(recent) > _MOST:
            gone = recent.popleft()[1]
            counts[gone] -= 1
            if gone > level:
                above -= 1
        allowed = int(len(recent) * self._share)
        while above > allowed:
            level += 1
            above -= counts[level]
        while level and above + counts[level] <= allowed:
            above += counts[level]
            level -= 1
        self.level, self._above = level, above

    def _turn(self, arrival: float, transit: float) -> None:
        """Begin the next block; what was fastest counts for one more block, if it was not long ago."""
        self._fastest_before = self._fastest if self.knows(arrival) else inf
        self._fastest = transit
        self._block_ends = arrival + _BLOCK
        self.base = min(self._fastest_before, transit)
