"""Schedules: when runs start by themselves, by a cron expression or every so often. Only computes, never waits.

A cron expression has five fields and holds in a time zone. Where hour and minute are fixed, a time that the clock
skips in spring comes right after the gap, and one that comes twice in autumn counts the first time. Where hour or
minute begins with a star the expression means a distance, and follows time as it passes: every quarter of an hour
stays so in both nights.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from workflows.durations import DurationError, seconds_of
from workflows.errors import WorkflowError
from workflows.run import Data

LEAST_SECONDS = 60.0
"""Nothing is started more often than this."""
GRACE = timedelta(minutes=2)
"""What is no later than this is not taken for missed."""
MOST_CAUGHT_UP = 100
"""So many starts that were missed are made up for at most: the last ones."""
_FIELDS = 5
_WINDOW = timedelta(hours=1)
_END = datetime(9999, 1, 1, tzinfo=UTC)


class ScheduleError(WorkflowError):
    """A schedule cannot be taken as it is written."""

    code = "schedule"


class CatchUp(StrEnum):
    """What becomes of starts that were missed while the office was closed."""

    ONCE = "once"
    """The last of them is made up for."""
    SKIP = "skip"
    """None is."""
    ALL = "all"
    """All are, as far as `MOST_CAUGHT_UP` goes."""


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many seconds, as time passes."""

    seconds: float

    def after(self, at: datetime) -> datetime | None:
        """Give the next instant (UTC) after a planned one, None where there is no more time."""
        step = timedelta(seconds=self.seconds)
        return at.astimezone(UTC) + step if at <= _END - step else None

    def last(self, since: datetime, until: datetime, most: int) -> list[datetime]:
        """Give the last planned instants from a planned one until another instant, both included, oldest first."""
        step = timedelta(seconds=self.seconds)
        count = (until - since) // step
        return [since + number * step for number in range(max(0, count - most + 1), count + 1)]


@dataclass(frozen=True, slots=True)
class Cron:
    """By a cron expression in a time zone."""

    expression: str
    zone: ZoneInfo

    def after(self, at: datetime) -> datetime | None:
        """Give the next instant (UTC) after another, None where none comes within fifty years."""
        return next(self._from(at), None)

    def last(self, since: datetime, until: datetime, most: int) -> list[datetime]:
        """Give the last instants from one until another, both included, oldest first.

        Looks at a short time before the end first, then at longer ones: after a year that is quicker by far.
        """
        window = _WINDOW
        while True:
            start = max(since, until - window)
            found = deque(self._until(start - timedelta(seconds=1), until), maxlen=most)
            if len(found) == most or start == since:
                return list(found)
            window *= 4

    def _until(self, at: datetime, until: datetime) -> Iterator[datetime]:
        for found in self._from(at):
            if found > until:
                return
            yield found

    def _from(self, at: datetime) -> Iterator[datetime]:
        """All instants after one. Two local times that become the same instant count once."""
        before = at.astimezone(UTC)
        try:
            for local in CronSim(self.expression, at.astimezone(self.zone)):
                found = local.astimezone(UTC)
                if found > before:
                    yield found
                    before = found
        except OverflowError:  # the end of what dates can say
            return


Rule = Every | Cron


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When which work is started."""

    name: str
    definition: str
    every: str
    """A cron expression, or a length of time."""
    timezone: str
    data: Data
    """What each run starts with."""
    tenant: str = ""
    created_by: str = ""
    paused: bool = False
    catch_up: CatchUp = CatchUp.ONCE
    next_at: datetime | None = None
    """None: never again."""
    last_at: datetime | None = None
    """The last instant for which a run was started."""
    trouble: str = ""
    """Why the last start did not come about."""

    def key(self, at: datetime) -> str:
        """The key of the run that is started for an instant: however often it is tried, there is one."""
        return f"schedule:{self.name}:{at.astimezone(UTC).isoformat(timespec='seconds')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a schedule wants now."""

    starts: tuple[datetime, ...]
    """Instants to start a run for, oldest first."""
    next_at: datetime | None


def rule_of(every: str, timezone: str) -> Rule:
    """Read how often something is to be started.

    Args:
        every: a cron expression of five fields, or a length of time as `workflows.durations` reads it.
        timezone: as `Europe/Berlin`; a cron expression holds there.

    Raises:
        ScheduleError: one of the two cannot be read, or it would be more often than once a minute.
    """
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise ScheduleError(f"there is no time zone {timezone!r}; write it like Europe/Berlin") from fault
    try:
        seconds = seconds_of(every)
    except DurationError:
        return _cron(every, zone)
    if seconds < LEAST_SECONDS:
        raise ScheduleError(f"{every!r} is too often; nothing is started more than once a minute")
    return Every(seconds)


def first_after(rule: Rule, now: datetime) -> datetime:
    """Say when a schedule that begins, or goes on, now starts its first run: at a whole second.

    Raises:
        ScheduleError: never.
    """
    first = rule.after(now.astimezone(UTC).replace(microsecond=0))
    if first is None:
        raise ScheduleError("that never comes, not in fifty years; look at its days and months again")
    return first


def upcoming(rule: Rule, first: datetime | None, count: int) -> list[datetime]:
    """List the next instants from the first one."""
    found: list[datetime] = []
    while first is not None and len(found) < count:
        found.append(first)
        first = rule.after(first)
    return found


def due(schedule: Schedule, rule: Rule, now: datetime) -> Due:
    """Say for which instants runs are to be started now, and when it goes on.

    Args:
        schedule: with `next_at`, which no run was started for yet.
        rule: what `rule_of` reads in it.
        now: aware.
    """
    if schedule.paused or schedule.next_at is None or schedule.next_at > now:
        return Due(starts=(), next_at=schedule.next_at)
    most = MOST_CAUGHT_UP if schedule.catch_up is CatchUp.ALL else 1
    missed = rule.last(schedule.next_at, now, most)
    if schedule.catch_up is CatchUp.SKIP:
        missed = [at for at in missed if at >= now - GRACE]
    last = rule.last(schedule.next_at, now, 1)
    return Due(starts=tuple(missed), next_at=rule.after(last[-1] if last else now))


def _cron(expression: str, zone: ZoneInfo) -> Cron:
    fields = expression.split()
    try:
        if len(fields) != _FIELDS:
            raise CronSimError(f"it has {len(fields)} fields")
        CronSim(expression, datetime(2026, 1, 1, tzinfo=zone))
    except CronSimError as fault:
        raise ScheduleError(
            f"{expression!r} can be read neither as a length of time (30 min, 2 h, 3 days) nor as a cron "
            f"expression of five fields (0 9 * * MON-FRI: minute, hour, day, month, weekday): {fault}"
        ) from fault
    return Cron(" ".join(fields), zone)
