"""The words of `media.schedule`: jobs, how urgent they are, what is set and what is told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from media.errors import MediaError, SettingsError


class ScheduleError(MediaError):
    """A job that cannot be scheduled."""

    code = "schedule"


class Urgency(IntEnum):
    """What a job is good for; the lower comes first."""

    FINAL = 0
    """The utterance has ended: somebody waits for its words."""
    LIKELY = 1
    """A pause: if it goes on, this is the final sound."""
    PARTIAL = 2
    """An early caption while the person speaks."""


class Dropped(StrEnum):
    """Why a job was given up."""

    REPLACED = "replaced"
    """More of the same utterance came."""
    REFUSED = "refused"
    """Finals are late, or too many early captions wait: there is no time for another."""
    FORGOTTEN = "forgotten"
    """Its speaker wants it forgotten."""
    FAILED = "failed"
    """Whoever worked on it failed, and it is not worth a second time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One stretch of sound that is to be recognised."""

    id: int
    """Its own; never used twice."""
    stream: str
    """Id of the utterance."""
    speaker: str
    room: str
    urgency: Urgency
    seconds: float
    """Length of the sound."""
    submitted: float
    """When it came, on the clock of the scheduler."""
    due: float | None = None
    """When its words should be there; None: by its urgency, counted from `submitted`."""

    def __post_init__(self) -> None:
        """Refuse lengths and times that no clock gives."""
        if not 0.0 <= self.seconds < math.inf or not math.isfinite(self.submitted):
            raise ScheduleError(f"job {self.id}: seconds must be finite and not negative, submitted finite")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSettings:
    """Deadlines, bounds and how much is planned for. Times in seconds."""

    final_seconds: float = 1.0
    """The words of an ended utterance are due so long after it came."""
    likely_seconds: float = 0.3
    """As long as it takes from the pause to the end of the utterance."""
    partial_seconds: float = 0.8
    lenience: float = 2.0
    """The deadline of whoever used more than an equal share counts as later, at most by this."""
    least_cadence: float = 0.4
    """Between two early captions of one speaker when there is nothing else to do ..."""
    most_cadence: float = 3.0
    """... and at the worst."""
    planned_load: float = 0.7
    """So much of the workers' time is planned for; the rest keeps waits short."""
    most_partials: int = 256
    """More early captions than this do not wait."""
    partial_work: float = 0.5
    """A batch of early captions takes no longer than this, as far as is known: a final may have to wait for it."""
    reserved: int = 1
    """So many workers take no early captions, as long as one remains that does."""
    batch_window: float = 0.1
    """Under load all but ended utterances wait for others to share a batch: as long as it takes, at most this."""
    busy_load: float = 0.5
    """From this load on."""
    first_cost: float = 0.2
    """Seconds of work for a second of sound, before anything is known."""
    memory_seconds: float = 10.0
    """Load and use are those of about this long."""

    def __post_init__(self) -> None:
        """Refuse values that could never work together."""
        if min(self.final_seconds, self.likely_seconds, self.partial_seconds, self.memory_seconds) <= 0.0:
            raise SettingsError("final, likely, partial and memory seconds must be above 0")
        if not 0.0 < self.least_cadence <= self.most_cadence or self.lenience < 0.0:
            raise SettingsError("need 0 < least_cadence <= most_cadence, and lenience not negative")
        if not 0.0 < self.planned_load <= 1.0 or self.busy_load < 0.0:
            raise SettingsError("planned_load must lie in (0, 1], busy_load must not be negative")
        if self.most_partials < 1 or self.reserved < 0:
            raise SettingsError("most_partials must be at least 1, reserved not negative")
        if min(self.partial_work, self.first_cost) <= 0.0 or self.batch_window < 0.0:
            raise SettingsError("partial_work and first_cost must be above 0, batch_window not negative")

    def allowed(self, urgency: Urgency) -> float:
        """Seconds from when a job comes until it is due."""
        return (self.final_seconds, self.likely_seconds, self.partial_seconds)[urgency]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleStats:
    """How it is now."""

    depth: Mapping[Urgency, int]
    """Jobs that wait."""
    oldest: float
    """Seconds that the oldest of them has waited; 0 when none waits."""
    running: int
    """Jobs that are worked on."""
    load: float
    """Work for the workers' time: 1 is all they can do, more is a backlog."""
    cadence: float
    """Seconds between two early captions of one speaker."""
    hurry: bool
    wait_p50: float
    """Median seconds that the last 200 finals waited before work on them began; 0 before the first."""
    wait_p99: float
    dropped: Mapping[Dropped, int]
    """Since the start, by reason."""
