"""python-statemachine in `benchmarks.workflow`: the same purchase in memory, kept nowhere; what Python allows."""

from __future__ import annotations

import asyncio

from statemachine import State, StateMachine

from benchmarks.workflow_subject import EFFECTS, Meter, serve


class Purchase(StateMachine):
    """Six effects, an approval, a timer."""

    started = State(initial=True)
    first, second, third, fourth, fifth = State(), State(), State(), State(), State()
    waiting, approved = State(), State()
    over = State(final=True)

    effect_done = (
        started.to(first)
        | first.to(second)
        | second.to(third)
        | third.to(fourth)
        | fourth.to(fifth)
        | fifth.to(waiting)
    )
    approve = waiting.to(approved)
    ring = approved.to(over)


class Machines:
    """Fulfils `Subject`; nothing of it is durable."""

    async def open(self, store: str) -> None:
        """There is no store."""

    async def load(self, callers: int, meter: Meter) -> None:
        """One purchase after the other; more callers would not help."""
        await asyncio.to_thread(self._load, meter)

    async def close(self) -> None:
        """There is no store."""

    def _load(self, meter: Meter) -> None:
        while not meter.over:
            purchase = Purchase()
            meter.moved()
            for event in (*["effect_done"] * EFFECTS, "approve", "ring"):
                purchase.send(event)
                meter.moved()


if __name__ == "__main__":
    serve(Machines())
