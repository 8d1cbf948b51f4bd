"""The shipped office, read once, and rooms in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from spatial.plan import Plan
from spatial.room import Room

OFFICE = Path(__file__).parents[2] / "assets" / "rooms" / "hq.json"


@pytest.fixture(scope="session")
def hq() -> Plan:
    return Plan.load(OFFICE.read_text(encoding="utf-8"), OFFICE.name)


@pytest.fixture
def room(hq: Plan) -> Room:
    return Room("hq", hq)
