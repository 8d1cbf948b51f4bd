"""Lengths of time as people write them: "30 s", "2 days", "1 h 30 min"."""

from __future__ import annotations

import re
from decimal import Decimal

from workflows.errors import WorkflowError

_UNITS = {
    "s": 1, "second": 1, "seconds": 1,
    "min": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hour": 3600, "hours": 3600,
    "d": 86_400, "day": 86_400, "days": 86_400,
    "week": 604_800, "weeks": 604_800,
}  # fmt: skip
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*")
MOST_SECONDS = 100 * 366 * 86_400.0
"""A hundred years."""


class DurationError(WorkflowError):
    """A text is no length of time."""

    code = "duration"


def seconds_of(text: str | float) -> float:
    """Read a length of time; a number alone is seconds.

    Raises:
        DurationError: it is none, or is longer than a hundred years.
    """
    seconds = text if isinstance(text, int | float) else _read(text)
    if not 0.0 <= seconds <= MOST_SECONDS:
        raise DurationError("a length of time must lie between 0 and a hundred years")
    return float(seconds)


def words_of(seconds: float) -> str:
    """Write a length of time so that `seconds_of` reads it again."""
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length and seconds % length == 0:
            count = int(seconds // length)
            return f"{count} {'day' if unit == 'days' and count == 1 else unit}"
    return f"{Decimal(repr(float(seconds))).normalize():f} s"


def _read(text: str) -> float:
    total, at, lowered = 0.0, 0, text.lower()
    if not lowered.strip():
        raise DurationError("a length of time is missing; write it like 30 s, 15 min, 2 h or 3 days")
    while at < len(lowered):
        part = _PART.match(lowered, at)
        if part is None or part[2] not in _UNITS:
            raise DurationError(f"{text!r} is no length of time; write it like 30 s, 15 min, 2 h or 3 days")
        total, at = total + float(part[1]) * _UNITS[part[2]], part.end()
    return total
