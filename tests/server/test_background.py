"""A fault in one piece of background work is counted and ends only that piece."""

from __future__ import annotations

import asyncio

import pytest

from server.background import Background


async def test_a_fault_is_counted_and_logged_and_the_rest_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    background = Background("tests")
    done: list[str] = []

    async def fail() -> None:
        raise ValueError("broken")

    async def work() -> None:
        done.append("work")

    background.start(fail())
    background.start(work())
    await background.settled()
    assert (background.faults, done) == (1, ["work"])
    assert "background task failed" in caplog.text


async def test_cancelled_work_is_no_fault() -> None:
    background = Background("tests")
    background.start(asyncio.Event().wait())
    await background.cancel()
    assert background.faults == 0
