"""What a transition asks the outside to do; stored in the same transaction as the transition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """Tell the rooms that a run changed. At least once; `run`, `version` make repeats harmless."""

    run: str
    version: int
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDeadline:
    """Send `event` to the run when `at` (UTC) has come; replaces the run's timer of this name."""

    run: str
    name: str
    at: datetime
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearDeadline:
    """Forget the run's timer of this name, if there is one."""

    run: str
    name: str


Effect = Announce | SetDeadline | ClearDeadline
