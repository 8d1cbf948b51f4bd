"""Pending: what pieces of work want written, gathered by table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflows.run import HistoryEntry, Run
from workflows.store import Lease, Timer

KeyOf = tuple[str, int, str]


class Pending:
    """What is to be written, in the order of the tables."""

    __slots__ = (
        "cleared", "created", "definitions", "entries", "keys", "opened", "people", "requests", "runs", "settled",
        "tasks", "timers", "withdrawn",
    )  # fmt: skip

    def __init__(self) -> None:
        """Nothing is to be written."""
        self.runs: dict[str, Run] = {}
        """As they are now."""
        self.created: dict[str, None] = {}
        self.keys: dict[tuple[str, str], str] = {}
        """(definition, key) of new runs."""
        self.entries: list[tuple[str, HistoryEntry]] = []
        """With the name of the definition."""
        self.definitions: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self.timers: dict[tuple[str, str], Timer | None] = {}
        self.cleared: dict[tuple[str, str], None] = {}
        self.requests: dict[KeyOf, dict[str, Any]] = {}
        self.settled: list[tuple[Lease, dict[str, Any]]] = []
        self.withdrawn: dict[KeyOf, datetime] = {}
        self.opened: dict[KeyOf, dict[str, Any]] = {}
        self.tasks: dict[KeyOf, dict[str, Any]] = {}
        self.people: dict[KeyOf, tuple[str, ...] | None] = {}
        """Before whom a question is now; None: before nobody any more."""

    def add(self, other: Pending) -> None:
        """Let what another holds be written after this."""
        self.runs |= other.runs
        self.created |= other.created
        self.keys |= other.keys
        self.entries += other.entries
        self.definitions |= other.definitions
        self.timers |= other.timers
        self.cleared |= other.cleared
        self.requests |= other.requests
        self.settled += other.settled
        self.withdrawn |= other.withdrawn
        self.opened |= other.opened
        for key, values in other.tasks.items():
            self.tasks[key] = self.tasks.get(key, {}) | values
        self.people |= other.people
