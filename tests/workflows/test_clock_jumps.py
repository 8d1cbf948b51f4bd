"""The machine's clock is set while the office is closed: each timer rings once, when its instant has come.

Real processes under Debian's `faketime`, which stops the clock where it is told to.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DATA = {"day": "2026-11-20", "last": "2038-01-19T03:14:08Z"}
"""The day ends at 23:00 UTC, midnight in Berlin; the instant is the first that 32 bits do not hold."""


def opened_at(clock: str, database: Path) -> dict[str, Any]:
    """Open the office for a moment, by this clock (UTC)."""
    command = ["faketime", "-m", "--exclude-monotonic", "-f", clock]
    program = [sys.executable, "-m", "tests.workflows.clock_office", str(database), json.dumps(DATA)]
    done = subprocess.run(
        [*command, *program],
        cwd=ROOT,
        env={**os.environ, "TZ": "UTC"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["now"].replace("T", " ").startswith(clock), "the clock is the one that was set"
    assert found["fault"] is None
    return found


@pytest.mark.parametrize(
    "clocks",
    [
        [
            ("2026-11-20 14:00:00", []),
            ("2026-11-20 15:00:00", ["half_an_hour"]),  # an hour forward
            ("2026-11-20 14:00:00", []),  # and back
            ("2026-11-20 15:59:59", []),
            ("2026-11-20 16:00:00", ["two_hours"]),
            ("2026-11-20 22:59:59", []),
            ("2026-11-20 23:00:00", ["day"]),
        ],
        [
            ("2026-11-20 14:00:00", []),
            ("2026-11-20 13:00:00", []),  # an hour back
            ("2026-11-20 14:30:00", ["half_an_hour"]),
            ("2038-01-19 03:14:07", ["two_hours", "day"]),
            ("2038-01-19 03:14:08", ["last_second"]),
            ("2026-11-20 14:00:00", []),
            ("2038-01-20 00:00:00", []),
        ],
    ],
    ids=["an hour forward and back", "an hour back, and past 2038"],
)
def test_each_timer_rings_once_when_its_instant_has_come(
    clocks: list[tuple[str, list[str]]], tmp_path: Path
) -> None:
    database, rung = tmp_path / "office.db", []
    for clock, expected in clocks:
        found = opened_at(clock, database)
        assert found["rung"] == expected, clock
        rung += expected
        assert found["history"] == ["start", *rung]
        assert (found["next"] is None) == (len(rung) == 4)
