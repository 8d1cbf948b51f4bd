"""An event loop whose time passes only when a test lets it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

LAPS = 60
"""Turns of the loop in which everything that can happen without time has happened."""


class _NeverWaits(selectors.DefaultSelector):
    """Nothing outside of the loop is waited for, so to wait is to wait for ever."""

    def select(self, timeout: float | None = None) -> Any:
        """Give what is ready; raise where nothing ever will be."""
        ready = super().select(0)
        if not ready and (timeout is None or timeout > 0):
            raise AssertionError("nothing happens any more before the clock is put forward")
        return ready


class ClockLoop(asyncio.SelectorEventLoop):
    """Its clock stands still but for `forward`."""

    def __init__(self) -> None:
        """Begin at some time."""
        self.seconds = 5000.0
        super().__init__(_NeverWaits())

    def time(self) -> float:
        """Seconds."""
        return self.seconds

    async def forward(self, seconds: float) -> None:
        """Let time pass, and all happen that is due then."""
        self.seconds += seconds
        await self.settle()

    async def settle(self) -> None:
        """Let all happen that needs no time."""
        for _ in range(LAPS):
            await asyncio.sleep(0)


def on_a_clock(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test on such a loop."""

    @wraps(test)
    def run(*arguments: Any, **fixtures: Any) -> None:
        with asyncio.Runner(loop_factory=ClockLoop) as runner:
            runner.run(test(*arguments, **fixtures))

    return run


def the_loop() -> ClockLoop:
    """The loop that this runs on."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, ClockLoop)
    return loop
