"""Every error that this package raises. Plain values only, so that this file imports nothing of ours."""

from __future__ import annotations

from typing import ClassVar


class SpatialError(Exception):
    """Base of all errors of the spatial package."""

    code: ClassVar[str] = "spatial"


class PlanError(SpatialError):
    """A floor plan cannot be used: where the fault is, and what it is."""

    code: ClassVar[str] = "plan"

    def __init__(self, source: str, line: int, reason: str) -> None:
        super().__init__(f"{source}, line {line}: {reason}")
        self.source = source
        self.line = line
        self.reason = reason


class DeltaError(SpatialError):
    """A delta does not fit the snapshot that it was applied to. Ask for a whole snapshot."""

    code: ClassVar[str] = "delta"

    def __init__(self, base: int, tick: int, reason: str) -> None:
        super().__init__(f"a delta from tick {base} does not fit the snapshot of tick {tick}: {reason}")
        self.base = base
        self.tick = tick
        self.reason = reason


class RecordError(SpatialError):
    """A card or meeting was put into a room without a usable id."""

    code: ClassVar[str] = "record"

    def __init__(self, table: str) -> None:
        super().__init__(f'a record of "{table}" needs an "id" that is a text of at least one character')
        self.table = table
