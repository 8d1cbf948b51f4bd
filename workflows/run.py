"""Run: one instance of a definition, the events that moved it, and its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Data = Mapping[str, object]
"""JSON values only: str, int, float, bool, None, lists and maps of them."""
FACTS = ("id", "key", "tenant", "started_by")
"""What expressions may read as `run`."""


class Status(StrEnum):
    """How a run is, beside the states it stands in."""

    ACTIVE = "active"
    PAUSED = "paused"
    """What comes is held back until it is resumed."""
    STUCK = "stuck"
    """It cannot go on by itself: `Run.trouble` says why, and `Run.steward` looks after it."""
    DONE = "done"
    CANCELLED = "cancelled"


OVER = frozenset({Status.DONE, Status.CANCELLED})


class Outcome(StrEnum):
    """What an event did."""

    TAKEN = "taken"
    IGNORED = "ignored"
    """Nothing waits for it; recorded, but nothing else changed."""
    HELD = "held"
    """The run is paused; it is taken when the run goes on."""
    UNCHANGED = "unchanged"
    """It said what was so already; not recorded."""


class Kind(StrEnum):
    """What is under way while a state is active."""

    CALL = "call"
    ASK = "ask"
    CHILD = "child"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A call, question or child that is under way."""

    kind: Kind
    number: int
    """Version of the run in which it began: a result of an earlier one does not count."""
    failed: str = ""
    """Why a call failed for good; it waits to be tried again or skipped."""
    roles: tuple[str, ...] = ()
    """Who may decide a question: whoever has one of these roles ..."""
    people: tuple[str, ...] = ()
    """... and these."""
    barred: tuple[str, ...] = ()
    """Who may not."""
    subject: str = ""
    """Hash of what is decided about."""
    votes: Mapping[str, str] = field(default_factory=dict)
    """Decisions so far, by person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """A call that was done and can be taken back."""

    name: str
    action: str
    params: Data


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a run."""

    name: str
    actor: str
    """Id of who caused it; `office` for what happens by itself."""
    data: Data = field(default_factory=dict)
    key: str | None = None
    """Deduplication key, unique within the run; None where repeats are meant."""
    roles: tuple[str, ...] = ()
    """Of the actor; who may decide depends on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One instance of a definition.

    `version` counts the events that were recorded, the start included, so it equals the history's length.
    """

    id: str
    definition: str
    definition_hash: str
    """Content hash of the definition the run is pinned to."""
    key: str
    """Idempotency key: unique within the definition."""
    state: str
    """The innermost active states, in the order of the definition, with commas between them."""
    data: Data
    version: int
    created_at: datetime
    updated_at: datetime
    tenant: str = ""
    """For whom the work is; those share what can be done at a time fairly."""
    started_by: str = ""
    status: Status = Status.ACTIVE
    trouble: str = ""
    steward: str = ""
    """Role or person who looks after it while it is stuck."""
    open: Mapping[str, Open] = field(default_factory=dict)
    """What is under way, by name."""
    undo: tuple[Doing, ...] = ()
    """What would have to be taken back, oldest first."""
    cancelling: bool = False
    """It is being taken back, and is over then."""
    held: tuple[Event, ...] = ()
    """What came while it was paused; or what it could not take, and what came after that. The oldest first."""
    parent: str = ""
    """Run that this one is a child of ..."""
    slot: str = ""
    """... by this name ..."""
    slot_number: int = 0
    """... and `Open.number`."""

    @property
    def states(self) -> tuple[str, ...]:
        """The innermost active states."""
        return states_in(self.state)

    def facts(self) -> dict[str, Any]:
        """What expressions may read as `run`: see `FACTS`."""
        return {name: getattr(self, name) for name in FACTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One event that was recorded."""

    run: str
    seq: int
    """1 for the start; equals the run's version after the event."""
    event: str
    actor: str
    data: Data
    key: str | None
    from_state: str
    """Empty for the start."""
    to_state: str
    at: datetime
    outcome: Outcome = Outcome.TAKEN


def states_in(state: str) -> tuple[str, ...]:
    """Give the innermost active states that stand in a text like `Run.state`."""
    return tuple(state.split(","))
