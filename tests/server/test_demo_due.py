"""Due expressions of demo scripts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.demo.due import WEEKDAYS, resolve

FRIDAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("expression", "day", "expected"),
    [
        ("2026-12-24", FRIDAY, date(2026, 12, 24)),
        ("by 2026-12-24", FRIDAY, date(2026, 12, 24)),
        ("today", FRIDAY, FRIDAY),
        ("Tomorrow", FRIDAY, date(2026, 11, 21)),
        ("day_after_tomorrow", FRIDAY, date(2026, 11, 22)),
        ("friday", FRIDAY, date(2026, 11, 27)),
        ("this_friday", FRIDAY, FRIDAY),
        ("fri", MONDAY, date(2026, 11, 27)),
        ("by Friday", MONDAY, date(2026, 11, 27)),
        ("next_friday", MONDAY, date(2026, 12, 4)),
        ("next-monday", FRIDAY, MONDAY),
        ("end_of_week", FRIDAY, FRIDAY),
        ("end_of_week", date(2026, 11, 21), date(2026, 11, 27)),
        ("next_week", FRIDAY, date(2026, 11, 27)),
        ("the end of next week", MONDAY, date(2026, 12, 4)),
        ("end_of_month", FRIDAY, date(2026, 11, 30)),
        ("next month", FRIDAY, date(2026, 12, 31)),
        ("+7d", FRIDAY, date(2026, 11, 27)),
        ("+2w", FRIDAY, date(2026, 12, 4)),
        ("+1m", date(2026, 1, 31), date(2026, 2, 28)),
        ("in three days", FRIDAY, MONDAY),
        ("in_a_week", FRIDAY, date(2026, 11, 27)),
        ("the fifteenth", FRIDAY, date(2026, 12, 15)),
        ("first of december", FRIDAY, date(2026, 12, 1)),
        ("monday next week", FRIDAY, MONDAY),
        ("tomorrow morning", FRIDAY, date(2026, 11, 21)),
        ("a week from today", FRIDAY, date(2026, 11, 27)),
        ("", FRIDAY, None),
        ("none", FRIDAY, None),
    ],
)
def test_an_expression_is_counted_from_the_meeting(expression: str, day: date, expected: date | None) -> None:
    assert resolve(expression, day) == expected


@pytest.mark.parametrize("expression", ["soon", "fridge", "+d", "2026-13-01x", "the launch"])
def test_an_unknown_expression_is_refused_with_the_known_ones(expression: str) -> None:
    with pytest.raises(ValueError, match="end_of_month"):
        resolve(expression, FRIDAY)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.sampled_from(WEEKDAYS))
def test_a_weekday_is_the_next_to_come(day: date, weekday: str) -> None:
    due = resolve(weekday, day)
    assert due is not None
    assert WEEKDAYS[due.weekday()] == weekday
    assert timedelta(days=1) <= due - day <= timedelta(days=7)
