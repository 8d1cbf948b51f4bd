"""Calls reach the model process; a dead one is replaced; a full queue says so."""

from __future__ import annotations

import os
import signal

import pytest

from server.workers import Workers, WorkersBusy


def remember(value: str) -> None:
    os.environ["ATRIUM_TEST_VALUE"] = value


def recall() -> str:
    return os.environ["ATRIUM_TEST_VALUE"]


def die_once(flag: str) -> str:
    if not os.path.exists(flag):
        with open(flag, "w"):
            pass
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


async def test_a_process_is_loaded_once_and_answers() -> None:
    workers = Workers(remember, ("loaded",))
    try:
        assert await workers.run(recall) == "loaded"
    finally:
        await workers.close()


async def test_a_call_survives_the_death_of_its_process(tmp_path: object) -> None:
    workers = Workers(remember, ("again",))
    try:
        assert await workers.run(die_once, f"{tmp_path}/flag") == "alive"
        assert workers.restarts == 1
        assert await workers.run(recall) == "again"
    finally:
        await workers.close()


async def test_a_full_queue_refuses() -> None:
    workers = Workers(remember, ("x",), queue=0)
    try:
        with pytest.raises(WorkersBusy):
            await workers.run(recall)
    finally:
        await workers.close()
