"""What the engine needs of a database: transactions over runs, history, effects and timers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from workflows.effects import Announce
from workflows.run import HistoryEntry, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A deadline that waits. `fence` is the run's version when it was set: it tells a stale one."""

    run: str
    name: str
    at: datetime
    event: str
    fence: int


class Transaction(Protocol):
    """One transaction: all of it is kept, or none. Only one is open at a time."""

    async def run(self, run_id: str) -> Run | None:
        """Load a run."""

    async def run_by_key(self, definition: str, key: str) -> Run | None:
        """Load the run that was started with this key."""

    async def has_event(self, run_id: str, key: str) -> bool:
        """Say whether the run has taken an event with this key."""

    async def definition(self, content_hash: str) -> Mapping[str, Any] | None:
        """Load the document of a definition by its content hash."""

    async def keep_definition(self, content_hash: str, name: str, document: Mapping[str, Any]) -> None:
        """Store the document of a definition; harmless where it is known."""

    async def create(self, run: Run, entry: HistoryEntry) -> None:
        """Store a new run with the first entry of its history and of the audit."""

    async def advance(self, run: Run, entry: HistoryEntry) -> None:
        """Store the next version of a run, its history and audit entry.

        Raises:
            Conflict: the stored version is not the one before.
        """

    async def add_effect(self, effect: Announce, at: datetime) -> None:
        """Put an effect into the outbox."""

    async def settle(self, run_id: str, version: int) -> None:
        """Mark the run's effects up to this version as carried out."""

    async def timer(self, run_id: str, name: str) -> Timer | None:
        """Load a timer."""

    async def set_timer(self, timer: Timer) -> None:
        """Set or replace the run's timer of this name."""

    async def clear_timer(self, run_id: str, name: str) -> None:
        """Remove a timer, if there is one."""


class Store(Protocol):
    """Where runs are kept."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction: committed at the end of the block, rolled back on any error."""

    async def get(self, run_id: str) -> Run | None:
        """Load a run without a transaction."""

    async def find(
        self, definition: str, *, matching: Mapping[str, str] | None = None, states: Sequence[str] = ()
    ) -> list[Run]:
        """List runs, oldest first, whose data has these texts and whose state is one of `states` (or any)."""

    async def history(self, run_id: str) -> list[HistoryEntry]:
        """List the transitions of a run, oldest first."""

    async def timers_due(self, now: datetime, limit: int) -> list[Timer]:
        """List timers that have rung, the most overdue first."""

    async def next_timer(self) -> datetime | None:
        """Say when the next timer rings."""

    async def unsettled(self, limit: int) -> list[Announce]:
        """List effects that have not been carried out, oldest first."""
