"""How measurements are summed up and written."""

from __future__ import annotations

import json
import math

import pytest

from benchmarks.results import Measurement, Metric, as_lines, median, percentile, summarise, table

COST = Metric(name="cost_us", label="cost", unit="us", goal=150)
PEOPLE = Metric(name="people", label="people", unit="people", goal=100, more_is_better=True)


def one(metric: Metric, value: float, peer: str | None = None) -> Measurement:
    """A measurement of one run."""
    return Measurement(name=metric.name, value=value, unit=metric.unit, peer=peer, n=1)


def test_a_measurement_is_one_line_with_these_fields() -> None:
    line = Measurement(name="cost_us", value=123.45678, unit="us", peer=None, n=3).as_json()
    assert "\n" not in line
    assert json.loads(line) == {"name": "cost_us", "value": 123.457, "unit": "us", "peer": None, "n": 3}
    assert list(json.loads(line)) == ["name", "value", "unit", "peer", "n"]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_not_there_is_null(value: float) -> None:
    assert json.loads(one(COST, value, "stock").as_json())["value"] is None


def test_lines_keep_their_order() -> None:
    lines = as_lines([one(PEOPLE, 1), one(COST, 2)]).splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["people", "cost_us"]


def test_the_median_of_the_runs_counts() -> None:
    assert summarise(COST, [9.0, 1.0, 2.0], "janus") == Measurement(
        name="cost_us", value=2.0, unit="us", peer="janus", n=3
    )
    assert summarise(COST, [math.nan, 4.0], None).n == 1
    assert math.isnan(median([]))


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 10), (0.95, 19), (0.951, 20), (1.0, 20)])
def test_a_percentile_is_not_exceeded_by_its_share(share: float, value: float) -> None:
    assert percentile([float(i) for i in range(20, 0, -1)], share) == value
    assert math.isnan(percentile([], share))


def test_the_table_says_what_the_goal_was_and_how_peers_compare() -> None:
    found = [one(COST, 100), one(COST, 800, "stock"), one(PEOPLE, 90), one(PEOPLE, 30, "stock")]
    header, cost, people = table([COST, PEOPLE], found).splitlines()
    assert header.split() == ["goal", "Atrium", "stock", "ratio"]
    assert cost.split() == ["cost", "[us]", "≤", "150", "ok", "100", "800", "8.00x"]
    assert people.split() == ["people", "[people]", "≥", "100", "MISSED", "90", "30", "3.00x"]


def test_without_atrium_the_first_peer_is_judged() -> None:
    header, cost = table([COST, PEOPLE], [one(COST, 800, "stock"), one(COST, 100, "janus")]).splitlines()
    assert header.split() == ["goal", "stock", "janus", "ratio"]
    assert cost.split() == ["cost", "[us]", "≤", "150", "MISSED", "800", "100", "0.12x"]


def test_what_never_came_is_said_so() -> None:
    assert "never" in table([COST], [one(COST, 1), one(COST, math.inf, "stock")])
