"""A `Complete` engine for the tests of `benchmarks.workflow`: what is parked is kept in a file."""

from __future__ import annotations

import json
import os
from pathlib import Path

from benchmarks.workflow_subject import TRANSITIONS, Complete, Meter, serve


class ScriptedEngine:
    """What it answers is known beforehand."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        self._file = Path()

    async def open(self, store: str) -> None:
        self._file = Path(store)
        if not self._file.exists():
            self._keep(parked=0, timers=0)

    async def load(self, callers: int, meter: Meter) -> None:
        with self._file.open("a", encoding="ascii") as file:
            while not meter.over:
                os.fsync(file.fileno())
                meter.moved(callers * TRANSITIONS)

    async def approvals(self, number: int) -> list[float]:
        return [0.001 * (k + 1) for k in range(number)]

    async def park(self, number: int, ring_in: float | None = None) -> None:
        kept = self._kept()
        self._keep(parked=kept["parked"] + number, timers=kept["timers"] + (0 if ring_in is None else number))

    async def decide(self) -> None:
        kept = self._kept()
        self._keep(**{**kept, "parked": kept["parked"] - 1})

    async def rung(self, number: int) -> None:
        if number > self._kept()["timers"]:
            raise TimeoutError(f"{number} timers never rang")

    async def year(self) -> float:
        return 0.25

    async def audit(self, entries: int) -> float:
        return entries / 1e6

    async def noisy(self, queued: int, probes: int, work: float) -> list[float]:
        return [0.011 if queued else 0.010] * probes

    async def close(self) -> None:
        pass

    def _kept(self) -> dict[str, int]:
        kept: dict[str, int] = json.loads(self._file.read_text(encoding="ascii"))
        return kept

    def _keep(self, *, parked: int, timers: int) -> None:
        self._file.write_text(json.dumps({"parked": parked, "timers": timers}), encoding="ascii")


if __name__ == "__main__":
    engine: Complete = ScriptedEngine()
    serve(engine)
