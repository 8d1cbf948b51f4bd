"""Lengths of time, read and written."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.durations import MOST_SECONDS, DurationError, seconds_of, words_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 s", 30),
        ("1 second", 1),
        ("1.5 min", 90),
        ("2 H", 7200),
        ("1 day", 86_400),
        ("3 days", 259_200),
        ("2 weeks", 1_209_600),
        ("1 h 30 min", 5400),
        (" 1h30min ", 5400),
        (0, 0),
        (2.5, 2.5),
        (MOST_SECONDS, MOST_SECONDS),
    ],
)
def test_a_length_of_time_is_read(text: str | float, seconds: float) -> None:
    assert seconds_of(text) == seconds
    assert type(seconds_of(text)) is float


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is missing; write it like"),
        ("  ", "is missing; write it like"),
        ("soon", "'soon' is no length of time; write it like"),
        ("5", "no length of time"),
        ("5 months", "no length of time"),
        ("-5 s", "no length of time"),
        ("1 h and 5 min", "no length of time"),
        (-1, "between 0 and a hundred years"),
        ("40000 days", "between 0 and a hundred years"),
        (math.inf, "between 0 and a hundred years"),
        (math.nan, "between 0 and a hundred years"),
        ("9" * 400 + " s", "between 0 and a hundred years"),
    ],
)
def test_anything_else_is_refused(text: str | float, reason: str) -> None:
    with pytest.raises(DurationError, match=reason) as refused:
        seconds_of(text)
    assert refused.value.code == "duration"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.25, "0.25 s"),
        (1e-7, "0.0000001 s"),
        (59, "59 s"),
        (60, "1 min"),
        (90, "90 s"),
        (3600, "1 h"),
        (5400, "90 min"),
        (86_400, "1 day"),
        (172_800, "2 days"),
        (100_000, "100000 s"),
    ],
)
def test_a_length_of_time_is_written(seconds: float, words: str) -> None:
    assert words_of(seconds) == words


@given(st.floats(0, MOST_SECONDS) | st.integers(0, int(MOST_SECONDS) // 60).map(lambda minutes: minutes * 60))
def test_what_is_written_is_read_again(seconds: float) -> None:
    assert seconds_of(words_of(seconds)) == seconds
