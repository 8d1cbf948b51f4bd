"""Doors that open when somebody comes and close when nobody is left."""

from __future__ import annotations

import math
from collections.abc import Sequence

from spatial.events import DoorMoved
from spatial.geometry import Points, distances, points
from spatial.plan import Door
from spatial.snapshot import Table


class Doors:
    """The doors of one room.

    Attributes:
        records: by id, {"open": bool}; a record is replaced when its door moves, never changed.
    """

    def __init__(self, doors: Sequence[Door], *, reach: float, hold_seconds: float) -> None:
        self._reach = reach
        self._hold = hold_seconds
        self._a = points([door.a for door in doors])
        self._b = points([door.b for door in doors])
        self._last_near = {door.id: -math.inf for door in doors}
        self.records: Table = {door.id: {"open": False} for door in doors}

    def tick(self, people: Points, now: float) -> list[DoorMoved]:
        """Open and close, given where everybody is, (n, 2)."""
        gaps = distances(people, self._a, self._b)
        events: list[DoorMoved] = []
        for index, id in enumerate(self.records):
            if (gaps[:, index] <= self._reach).any():
                self._last_near[id] = now
            wanted = now - self._last_near[id] < self._hold
            if wanted != self.records[id]["open"]:
                self.records[id] = {"open": wanted}
                events.append(DoorMoved(id=id, open=wanted))
        return events
