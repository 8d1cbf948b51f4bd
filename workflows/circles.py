"""Circles: runs whose timers ring as soon as they are set, over and over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)
MOST_RINGS = 1000
"""Timers of one run that ring within the window; with more, it goes round in a circle."""
REASON = "its deadlines lead round in a circle without taking any time; give one of them a length"


class Circles:
    """Counts how often each run rings."""

    def __init__(self) -> None:
        """Nothing rang yet."""
        self._since: datetime | None = None
        self._rings: Counter[str] = Counter()

    def found(self, runs: Iterable[str], now: datetime) -> frozenset[str]:
        """Give those of some runs, which ring now, that rang too often.

        Args:
            runs: one for each timer.
            now: aware.
        """
        if self._since is None or abs(now - self._since) > WINDOW:
            self._since = now
            self._rings.clear()
        self._rings.update(runs)
        circling = frozenset(run for run, rings in self._rings.items() if rings > MOST_RINGS)
        for run in circling:
            del self._rings[run]
        return circling
