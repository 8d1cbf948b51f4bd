"""A date in a clause, as `avatars.dates` finds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePhrase:
    """Words about a date: tokens `start` to `end` (exclusive)."""

    start: int
    end: int
    day: date | None
    """None when the words cannot be resolved to a day."""
    phrase: str
    """As it was said, lower case."""
    binding: int
    """How firmly it is a deadline: 2 "by Friday", 1 "on Friday", 0 "for Friday" (stays in the task's text)."""
