"""When deadlines end: so long after their beginning, or when the data says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from workflows.definition import Definition
from workflows.expressions import compile_expression
from workflows.parts import Deadline
from workflows.run import Data

T = TypeVar("T")


def running(definition: Definition, active: Set[str], data: Data, now: datetime) -> Mapping[str, datetime | None]:
    """Say which deadlines run: when they end by the data (UTC), or None for those that count from their beginning.

    Args:
        definition: of the run.
        active: all active states.
        data: of the run.
        now: aware, in the office's time zone.
    """
    found: dict[str, datetime | None] = {}
    for deadline in definition.deadlines:
        if active.isdisjoint(deadline.states):
            continue
        if deadline.after is not None:
            found[deadline.name] = None
        elif (at := _instant(definition, deadline, data, now)) is not None:
            found[deadline.name] = at
    return found


def _instant(definition: Definition, deadline: Deadline, data: Data, now: datetime) -> datetime | None:
    known = definition.rules.instants.get(deadline.at)
    at = known(data, now) if known else _written(compile_expression(deadline.at)({"data": data}), now)
    try:
        return None if at is None else at.astimezone(UTC)
    except OverflowError:  # beyond what a date can name
        return None


def _written(value: object, now: datetime) -> datetime | None:
    """Read an instant, or the end of a day where the office is; None for anything else."""
    if not isinstance(value, str):
        return None
    day = _read(date.fromisoformat, value)
    if day == date.max:
        return None
    if day is not None:
        return datetime.combine(day + timedelta(days=1), time(), tzinfo=now.tzinfo)
    at = _read(datetime.fromisoformat, value)
    return at.replace(tzinfo=now.tzinfo) if at is not None and at.tzinfo is None else at


def _read(parse: Callable[[str], T], text: str) -> T | None:
    try:
        return parse(text)
    except ValueError:
        return None
