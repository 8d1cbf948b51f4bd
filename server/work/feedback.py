"""What people made of the tasks that a colleague heard, week by week; and whether it hears as it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from avatars.drift import Stability, stability
from workflows.task import Task, Verdict

WEEKS = 12
LATE_DAYS = 28
"""The scores of so many days are compared with those of the time before, as far as `WEEKS` go back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The tasks that were heard in one week."""

    start: date
    """A Monday."""
    verdicts: Counter[Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What people made of what was heard."""

    weeks: tuple[Week, ...]
    """The last `WEEKS`, the oldest first, the one that goes on among them."""
    scores: Stability

    @property
    def judged(self) -> int:
        """How many people have looked at."""
        return sum(week.verdicts.total() - week.verdicts[Verdict.WAITING] for week in self.weeks)

    @property
    def wrong(self) -> int:
        """How many of those they changed or rejected."""
        return sum(week.verdicts[Verdict.CHANGED] + week.verdicts[Verdict.REJECTED] for week in self.weeks)


def feedback(tasks: Sequence[Task], now: datetime) -> Feedback:
    """Sum up what people made of what was heard.

    Args:
        tasks: all; those that people wrote are left out.
        now: in the office's time zone: weeks begin there.
    """
    heard = [(task, verdict) for task in tasks if (verdict := task.verdict) is not None]
    monday = now.date() - timedelta(days=now.weekday())
    starts = [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    counts: dict[date, Counter[Verdict]] = {start: Counter() for start in starts}
    before: list[float] = []
    late: list[float] = []
    for task, verdict in heard:
        day = task.created_at.astimezone(now.tzinfo).date()
        week = day - timedelta(days=day.weekday())
        if week in counts:
            counts[week][verdict] += 1
            # As they were heard: what an office learns in between is no change of what it hears.
            (late if now - task.created_at <= timedelta(days=LATE_DAYS) else before).append(task.heard_confidence)
    return Feedback(
        weeks=tuple(Week(start=start, verdicts=verdicts) for start, verdicts in counts.items()),
        scores=stability(before, late),
    )
