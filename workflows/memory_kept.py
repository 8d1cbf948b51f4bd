"""What a store in memory keeps, and how a piece of work sees it: as it is, with its own writing on top."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflows.run import HistoryEntry, Run
from workflows.store import HumanTask, Lease, RequestRecord, Timer

Piece = tuple[str, int, str]
"""Run, number and name of a request or a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A request with what only those know who work on it."""

    record: RequestRecord
    tenant: str
    timeout: float
    retry: Mapping[str, Any]
    owner: str = ""
    fence: int = 0
    lease_until: datetime | None = None

    def fits(self, lease: Lease) -> bool:
        """Whether this lease is the newest one, and somebody works on it."""
        return self.record.status == "running" and self.fence == lease.fence


@dataclass(slots=True)
class Kept:
    """All that is kept, or all that one piece of work changes of it."""

    runs: MutableMapping[str, Run] = field(default_factory=dict)
    by_key: MutableMapping[tuple[str, str], str] = field(default_factory=dict)
    history: MutableMapping[tuple[str, int], HistoryEntry] = field(default_factory=dict)
    """By run and place, from 1."""
    events: MutableMapping[tuple[str, str], int] = field(default_factory=dict)
    """Those with a key: (run, key) -> place in the history."""
    definitions: MutableMapping[str, Mapping[str, Any]] = field(default_factory=dict)
    timers: MutableMapping[tuple[str, str], Timer | None] = field(default_factory=dict)
    wishes: MutableMapping[Piece, Wish] = field(default_factory=dict)
    tasks: MutableMapping[Piece, HumanTask] = field(default_factory=dict)

    def over(self) -> Kept:
        """What is kept as it looks to a piece of work, which writes beside it."""
        return Kept(*(ChainMap({}, table) for table in self._tables()))

    def take(self, work: Kept) -> None:
        """Keep what a piece of work wrote."""
        for own, seen in zip(self._tables(), work._tables(), strict=True):
            assert isinstance(seen, ChainMap)
            own.update(seen.maps[0])

    def _tables(self) -> list[Any]:
        return [getattr(self, name) for name in self.__slots__]


def piece_of(record: RequestRecord) -> Piece:
    """Which one a request is."""
    return record.run, record.number, record.name
