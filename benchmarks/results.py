"""What a benchmark found: measurements as JSON lines and as a table for people."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One number that was measured."""

    name: str
    value: float
    """The median of the runs unless the name says otherwise; NaN where it could not be measured, infinite where it
    never came."""
    unit: str
    peer: str | None
    """Whose number it is; None is Atrium as it runs by default."""
    n: int
    """Runs, or events, that the value stands on."""
    store: str | None = None
    """The database beneath it, where it is another than usual."""

    def as_json(self) -> str:
        """One line: {"name", "value", "unit", "peer", "n"}; a value that is not there is null.

        With another database than usual, "store" names it.
        """
        value = None if not math.isfinite(self.value) else float(f"{self.value:.6g}")
        line = {"name": self.name, "value": value, "unit": self.unit, "peer": self.peer, "n": self.n}
        return json.dumps(line if self.store is None else {**line, "store": self.store})


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """How a measurement is shown to people."""

    name: str
    label: str
    unit: str
    goal: float | None = None
    more_is_better: bool = False
    """Ratios are written so that more than 1 is better than the peer."""
    store: str | None = None
    """As in `Measurement`; two metrics of one name may differ in it."""


def median(values: Sequence[float]) -> float:
    """The middle of the values; NaN of none."""
    return statistics.median(values) if values else math.nan


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0..1) of the values do not exceed; NaN of none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def summarise(metric: Metric, values: Sequence[float], peer: str | None) -> Measurement:
    """The median of several runs as one measurement; runs that gave no number do not count."""
    good = [value for value in values if not math.isnan(value)]
    return Measurement(
        name=metric.name, value=median(good), unit=metric.unit, peer=peer, n=len(good), store=metric.store
    )


def table(metrics: Sequence[Metric], found: Sequence[Measurement]) -> str:
    """A table with one row a metric: goal, what was measured, and how many times better that is than each peer.

    Args:
        metrics: the rows, in order; those nobody measured are left out.
        found: what was measured. What Atrium does by default is judged, or the first peer where that is absent.
    """
    columns = sorted(dict.fromkeys(m.peer for m in found), key=lambda peer: peer is not None)
    values = {(m.name, m.store, m.peer): m.value for m in found}
    rows = [["", "goal", ""]]
    for i, peer in enumerate(columns):
        rows[0] += [peer or "Atrium"] + (["ratio"] if i else [])
    for metric in metrics:
        keys = [(metric.name, metric.store, peer) for peer in columns]
        if not any(key in values for key in keys):
            continue
        given = [values.get(key, math.nan) for key in keys]
        sign = "≥" if metric.more_is_better else "≤"
        goal = "" if metric.goal is None else f"{sign} {_short(metric.goal)}"
        row = [f"{metric.label} [{metric.unit}]", goal, _kept(metric, given[0])]
        for i, value in enumerate(given):
            row += [_short(value)] + ([_ratio(metric, given[0], value)] if i else [])
        rows.append(row)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(cells)).rstrip()
        for cells in (list(zip(row, widths, strict=True)) for row in rows)
    )


def as_lines(found: Sequence[Measurement]) -> str:
    """All measurements as JSON lines."""
    return "\n".join(measurement.as_json() for measurement in found)


def _short(value: float) -> str:
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "never"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _kept(metric: Metric, value: float) -> str:
    if metric.goal is None or math.isnan(value):
        return ""
    kept = value >= metric.goal if metric.more_is_better else value <= metric.goal
    return "ok" if kept else "MISSED"


def _ratio(metric: Metric, own: float, theirs: float) -> str:
    """How many times better the first is than a peer."""
    if not math.isfinite(own) or not math.isfinite(theirs) or own == 0 or theirs == 0:
        return ""
    times = own / theirs if metric.more_is_better else theirs / own
    return f"{times:.2f}x" if times < 10 else f"{times:.0f}x"
