"""Meters for a scheduler: how much of something there was lately, and what work costs."""

from __future__ import annotations

import math
from collections.abc import Hashable

_NEGLIGIBLE = 1e-4


class Recent:
    """An amount that fades: after `memory` seconds a third of it remains."""

    def __init__(self, memory: float) -> None:
        """Start with nothing; `memory` in seconds, above 0."""
        self._memory = memory
        self._amount = 0.0
        self._at = -math.inf

    def add(self, amount: float, now: float) -> None:
        """Take in some more."""
        self._amount = max(0.0, self.amount(now) + amount)
        self._at = max(now, self._at)

    def amount(self, now: float) -> float:
        """What is left of all that was added."""
        if not self._amount:
            return 0.0
        return self._amount * math.exp(-max(0.0, now - self._at) / self._memory)

    def rate(self, now: float) -> float:
        """Amount for each second, over the memory."""
        return self.amount(now) / self._memory


class Use:
    """Who used how much work lately."""

    def __init__(self, memory: float) -> None:
        """Nobody used any; `memory` in seconds, above 0."""
        self._memory = memory
        self._of: dict[Hashable, Recent] = {}
        self._tidy_at = 1000

    def add(self, who: Hashable, work: float, now: float) -> None:
        """Note work, in seconds; negative takes back what was estimated too high."""
        self._of.setdefault(who, Recent(self._memory)).add(work, now)
        if len(self._of) > self._tidy_at:
            self._of = {key: recent for key, recent in self._of.items() if recent.amount(now) > _NEGLIGIBLE}
            self._tidy_at = max(1000, 2 * len(self._of))

    def of(self, who: Hashable, now: float) -> float:
        """Seconds of work lately."""
        recent = self._of.get(who)
        return recent.amount(now) if recent else 0.0


class Cost:
    """What work costs, learnt from what was done; the last few batches count most."""

    _NEW = 0.2
    """Weight of the newest batch."""

    def __init__(self, first: float) -> None:
        """Start from a guess: seconds of work for a second of sound."""
        self._first = first
        self._per_second: float | None = None
        self._per_job: float | None = None

    def learn(self, work: float, sound: float, jobs: int) -> None:
        """Note a batch: seconds of work, seconds of sound in it, and how many jobs it was."""
        if sound > 0.0:
            self._per_second = self._mixed(self._per_second, work / sound)
        if jobs:
            self._per_job = self._mixed(self._per_job, work / jobs)

    def of(self, sound: float) -> float:
        """Seconds of work that so many seconds of sound will take."""
        return sound * (self._first if self._per_second is None else self._per_second)

    @property
    def per_job(self) -> float:
        """Seconds of work for one job on average; before the first, for a second of sound."""
        return self._first if self._per_job is None else self._per_job

    def _mixed(self, old: float | None, new: float) -> float:
        return new if old is None else (1.0 - self._NEW) * old + self._NEW * new
