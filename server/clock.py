"""The clock of the office."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """The time of day, aware UTC; shifted by whole days in demonstrations."""

    def __init__(self, offset: timedelta) -> None:
        """`offset` is added to the real time."""
        self._offset = offset

    def __call__(self) -> datetime:
        """Now."""
        return datetime.now(UTC) + self._offset
