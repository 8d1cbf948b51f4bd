"""Fixtures that more than one package's tests use."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from hypothesis import settings

from server.app import open_office
from server.config import load
from server.protocol.codec import MAX_BYTES
from tests.fakes import Scripted
from tests.house import OpenHouse

# The same examples on every run, so that a change is judged by itself. To look for new ones:
# pytest --hypothesis-profile=explore
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture
def chosen() -> dict[str, str]:
    """Settings that the tests of a page want for their house; they define this anew."""
    return {}


@pytest.fixture
async def house(tmp_path: Path, chosen: dict[str, str]) -> AsyncIterator[OpenHouse]:
    """An open office with scripted models on a port of its own."""
    scripted = Scripted()
    settings = load({"data_dir": tmp_path / "data", "timezone": "Europe/Berlin", **chosen}, {}, None)
    listener = socket.create_server(("127.0.0.1", 0))
    async with open_office(settings, scripted.adapters()) as running:
        config = uvicorn.Config(
            running.http, log_config=None, ws="websockets-sansio", ws_max_size=MAX_BYTES + 1024, lifespan="off"
        )
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            async with OpenHouse.open(listener.getsockname()[1], running, scripted) as opened:
                yield opened
        finally:
            server.should_exit = True
            with contextlib.suppress(asyncio.CancelledError):
                await serving
            listener.close()
