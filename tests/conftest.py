"""Fixtures that more than one package's tests use."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from avatars.mind import Mind
from server.config import load
from tests.fakes import Scripted
from tests.house import OpenHouse, served

# The same examples on every run, so that a change is judged by itself. To look for new ones:
# pytest --hypothesis-profile=explore
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """A command that runs in this process says what is logged; the next test has the level of before."""
    root = logging.getLogger()
    before = root.level
    yield
    root.setLevel(before)


@pytest.fixture
def chosen() -> dict[str, str]:
    """Settings that the tests of a page want for their house; they define this anew."""
    return {}


@pytest.fixture
def mind() -> Mind | None:
    """Who sums meetings up; the tests that want somebody define this anew."""
    return None


@pytest.fixture
async def house(tmp_path: Path, chosen: dict[str, str], mind: Mind | None) -> AsyncIterator[OpenHouse]:
    """An open office with scripted models on a port of its own."""
    scripted = Scripted(mind)
    settings = load({"data_dir": tmp_path / "data", "timezone": "Europe/Berlin", **chosen}, {}, None)
    async with (
        served(settings, scripted) as (port, running),
        OpenHouse.open(port, running, scripted) as opened,
    ):
        yield opened
