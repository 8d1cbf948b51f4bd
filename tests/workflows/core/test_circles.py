"""Timers that ring as soon as they are set end in a run that somebody has to look at, not in an endless loop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from workflows.at_once import finished
from workflows.circles import MOST_RINGS, WINDOW, Circles
from workflows.engine import Engine
from workflows.memory import MemoryStore
from workflows.parts import Rules
from workflows.run import Status
from workflows.written import read_definition

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
MILL = """
name: mill
owner: facilitator
initial: left
states:
  left: {on: {turn: right, stop: still}}
  right: {on: {turn: left, stop: still}}
  still: {final: true}
deadlines:
  there: {in: left, after: 0 s, event: turn}
  back: {in: right, after: 0 s, event: turn}
"""


def test_a_run_that_rings_too_often_in_a_while_goes_round() -> None:
    circles = Circles()
    assert circles.found(["a"] * MOST_RINGS + ["b"], NOW) == frozenset()
    assert circles.found(["a", "b"], NOW) == {"a"}
    assert circles.found(["a"], NOW) == frozenset(), "it is counted anew"


def test_what_rings_often_over_a_long_time_does_not() -> None:
    circles = Circles()
    for minute in range(5):
        assert circles.found(["a"] * 900, NOW + minute * (WINDOW + timedelta(seconds=1))) == frozenset()
    assert circles.found(["a"] * 900, NOW - timedelta(hours=1)) == frozenset(), "nor when the clock is set back"


def test_a_circle_of_deadlines_ends_with_somebody_who_looks_at_it() -> None:
    engine = Engine(MemoryStore(), timezone=ZoneInfo("UTC"))
    engine.put(read_definition(MILL, Rules()))
    run = finished(engine.start("mill", {}, key="k", actor="ana", now=NOW)).run
    finished(engine.due(NOW))
    stuck = finished(engine.get(run.id))
    assert (stuck.status, stuck.steward) == (Status.STUCK, "facilitator")
    assert "circle" in stuck.trouble
    assert finished(engine.next_due()) is None
    over = finished(engine.operate(run.id, "cancel", reason="It turns for ever", actor="ana", now=NOW)).run
    assert over.status is Status.CANCELLED
