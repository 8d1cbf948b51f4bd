"""Waits between attempts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.outbox import delay_after, jittered
from workflows.parts import Retry


def test_each_wait_is_longer_than_the_last_until_the_longest() -> None:
    retry = Retry(attempts=12, first=2, factor=3, most=100)
    assert [delay_after(retry, attempt) for attempt in range(1, 7)] == [2, 6, 18, 54, 100, 100]


@pytest.mark.parametrize(("first", "longest"), [(1.0, 300.0), (0.0, 0.0)])
def test_after_more_attempts_than_a_number_can_count_it_is_still_the_longest(first: float, longest: float) -> None:
    retry = Retry(attempts=10**6, first=first, factor=10)
    assert delay_after(retry, 10**6 - 1) == longest


@given(
    retry=st.builds(
        Retry,
        attempts=st.just(10**9),
        first=st.floats(0, 1e6),
        factor=st.floats(1, 1e6) | st.integers(1, 10**400),
        most=st.floats(0, 1e9),
    ),
    attempt=st.integers(1, 10**6),
)
def test_waits_never_shrink_and_never_pass_the_longest(retry: Retry, attempt: int) -> None:
    now, later = delay_after(retry, attempt), delay_after(retry, attempt + 1)
    assert 0 <= now <= later <= retry.most


@given(st.floats(0, 1e9), st.floats(0, 1), st.text(max_size=20))
def test_a_wait_is_longer_by_up_to_its_share_and_alike_for_the_same_key(
    seconds: float, share: float, key: str
) -> None:
    wait = jittered(seconds, share, key)
    assert seconds <= wait <= seconds * (1 + share)
    assert wait == jittered(seconds, share, key)


def test_those_who_failed_together_do_not_return_together() -> None:
    waits = sorted(jittered(100, 0.1, f"run:{number}:call:1") for number in range(200))
    assert len(set(waits)) == 200
    assert waits[0] < 102 < 108 < waits[-1]
    assert jittered(100, 0, "any") == 100
