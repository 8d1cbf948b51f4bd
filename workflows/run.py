"""Run: one instance of a definition, the events that moved it, and its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Data = Mapping[str, object]
"""JSON values only: str, int, float, bool, None, lists and maps of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One instance of a definition.

    `version` counts the transitions taken, the start included, so it equals the history's length.
    """

    id: str
    definition: str
    definition_hash: str
    """Content hash of the definition the run is pinned to."""
    key: str
    """Idempotency key: unique within the definition."""
    state: str
    data: Data
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a run."""

    name: str
    actor: str
    """Id of who caused it; `office` for timers."""
    data: Data = field(default_factory=dict)
    key: str | None = None
    """Deduplication key, unique within the run; None where repeats are meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One transition that was taken."""

    run: str
    seq: int
    """1 for the start; equals the run's version after the transition."""
    event: str
    actor: str
    data: Data
    key: str | None
    from_state: str
    """Empty for the start."""
    to_state: str
    at: datetime
