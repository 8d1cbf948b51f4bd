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
    """Who used how much work lately; it fades as `Recent` does.

    Amounts are kept in a unit that shrinks with time, so that nothing has to be done to those who do nothing. Now
    and then they are brought to a new unit, and who used next to nothing is left out.
    """

    def __init__(self, memory: float) -> None:
        """Nobody used any; `memory` in seconds, above 0."""
        self._memory = memory
        self._of: dict[Hashable, float] = {}
        self._total = 0.0
        self._unit_at = 0.0
        """When an amount was worth what it says."""

    def add(self, who: Hashable, work: float, now: float) -> None:
        """Note work, in seconds; negative takes back what was estimated too high."""
        if not 0.0 <= now - self._unit_at < 2.0 * self._memory:
            self._renew(now)
        old = self._of.get(who, 0.0)
        self._of[who] = max(0.0, old + work / self._worth(now))
        self._total += self._of[who] - old

    def of(self, who: Hashable, now: float) -> float:
        """Seconds of work lately."""
        return self._of.get(who, 0.0) * self._worth(now)

    def equal_share(self, now: float) -> float:
        """Seconds of work lately for each of those who used any; 0 where nobody did."""
        return max(0.0, self._total) * self._worth(now) / len(self._of) if self._of else 0.0

    def _worth(self, now: float) -> float:
        return math.exp(-max(0.0, now - self._unit_at) / self._memory)

    def _renew(self, now: float) -> None:
        worth = self._worth(now)
        self._of = {who: kept for who, one in self._of.items() if (kept := one * worth) > _NEGLIGIBLE}
        self._total = sum(self._of.values())
        self._unit_at = now


class Cost:
    """What work costs, learnt from what was done; the last few batches count most.

    A batch costs so much whatever is in it, and so much more for each job: a line through the last batches, whose
    slope and height cannot be negative.
    """

    _NEW = 0.1
    """Weight of the newest batch, once there are some."""

    def __init__(self, first: float) -> None:
        """Start from a guess: seconds of work for a second of sound, and for one job."""
        self._first = first
        self._batches = 0
        self._per_second = first
        self._jobs = self._work = self._jobs_jobs = self._jobs_work = 0.0
        """Means of jobs and of work in a batch, of jobs squared and of their product."""

    def learn(self, work: float, sound: float, jobs: int) -> None:
        """Note a batch: seconds of work, seconds of sound in it, and how many jobs it was."""
        self._batches += 1
        new = max(self._NEW, 1.0 / self._batches)
        if sound > 0.0:
            self._per_second += new * (work / sound - self._per_second)
        self._jobs += new * (jobs - self._jobs)
        self._work += new * (work - self._work)
        self._jobs_jobs += new * (jobs * jobs - self._jobs_jobs)
        self._jobs_work += new * (jobs * work - self._jobs_work)

    def of(self, sound: float) -> float:
        """Seconds of work that so many seconds of sound take, in batches as they were lately."""
        return sound * self._per_second

    def of_batch(self, jobs: int) -> float:
        """Seconds of work for so many jobs at once, as long as they were lately."""
        if not self._batches:
            return self._first * jobs
        spread = self._jobs_jobs - self._jobs * self._jobs
        mean = self._work / self._jobs if self._jobs else 0.0
        # Without batches of different sizes nothing says what a larger one costs: then each job costs the same.
        slope = (self._jobs_work - self._jobs * self._work) / spread if spread > 1e-6 else mean
        slope = min(max(slope, 0.0), mean)
        return self._work + slope * (jobs - self._jobs)
