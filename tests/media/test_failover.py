"""Which engine is asked: the next one at once, the better one again when a try of it works."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import SettingsError
from media.failover import Failover, FailoverSettings, Why


def test_the_best_is_asked_as_long_as_it_works() -> None:
    failover = Failover(3)
    failover.worked(0, 1.0)
    assert failover.choose(1.0) == 0
    assert failover.probe(100.0) is None
    assert failover.changes == ()


def test_the_next_one_stands_in_at_once_and_hands_back_when_a_try_works() -> None:
    failover = Failover(2)
    failover.failed(0, 10.0)
    assert failover.choose(10.0) == 1
    assert failover.probe(11.9) is None
    assert failover.probe(12.0) == 0
    assert failover.choose(12.1) == 1, "a try alone changes nothing"
    failover.worked(0, 12.3)
    assert failover.choose(12.3) == 0
    assert [(c.at, c.engine, c.reason) for c in failover.changes] == [
        (10.0, 1, Why.FAILED),
        (12.3, 0, Why.RECOVERED),
    ]


def test_tries_come_ever_later() -> None:
    failover = Failover(2)
    failover.failed(0, 0.0)
    now, waits = 0.0, []
    for _ in range(8):
        began = now
        while failover.probe(now) is None:
            now += 0.5
        waits.append(now - began)
        failover.failed(0, now)
    assert waits == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]


def test_a_try_is_given_once() -> None:
    failover = Failover(2)
    failover.failed(0, 0.0)
    assert failover.probe(2.0) == 0
    assert failover.probe(2.1) is None
    assert failover.probe(4.0) == 0, "nobody said what came of the first"


def test_several_requests_that_fail_at_once_are_one_failure() -> None:
    failover = Failover(2)
    for moment in (0.0, 0.1, 0.2):
        failover.failed(0, moment)
    assert failover.probe(2.2) == 0


def test_an_engine_that_fails_again_soon_is_tried_less_often() -> None:
    failover = Failover(2)
    failover.failed(0, 0.0)
    assert failover.probe(2.0) == 0
    failover.worked(0, 2.1)
    failover.failed(0, 3.0)
    assert failover.probe(6.9) is None
    assert failover.probe(7.0) == 0
    failover.worked(0, 7.1)
    failover.failed(0, 60.0)
    assert failover.probe(62.0) == 0, "after a good while it is trusted again"


def test_the_third_stands_in_for_two_and_only_better_ones_are_tried() -> None:
    failover = Failover(3)
    failover.failed(0, 0.0)
    failover.failed(1, 0.5)
    assert failover.choose(0.5) == 2
    assert failover.probe(2.0) == 0
    failover.worked(0, 2.2)
    assert failover.probe(10.0) is None, "the second is no better than the first"
    assert failover.choose(10.0) == 0


def test_when_all_have_failed_one_is_asked_all_the_same() -> None:
    failover = Failover(2)
    failover.failed(0, 0.0)
    failover.failed(1, 1.0)
    assert failover.choose(1.0) == 0
    failover.failed(0, 2.0)
    assert failover.choose(2.0) == 1
    failover.worked(1, 2.5)
    assert failover.choose(2.5) == 1


def test_changes_are_bounded() -> None:
    failover = Failover(2, FailoverSettings(changes_kept=4))
    for turn in range(10):
        failover.failed(0, float(turn))
        failover.worked(0, turn + 0.5)
    assert [change.at for change in failover.changes] == [8.0, 8.5, 9.0, 9.5]


@pytest.mark.parametrize(
    "wrong",
    [{"first_probe": 0.0}, {"most_probe": 1.0}, {"changes_kept": 0}, {"steady_seconds": -1.0}],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        FailoverSettings(**wrong)  # type: ignore[arg-type]


def test_there_must_be_an_engine_and_it_must_be_known() -> None:
    with pytest.raises(SettingsError):
        Failover(0)
    with pytest.raises(SettingsError, match="0 to 1"):
        Failover(2).failed(2, 0.0)


Step = tuple[str, int, float]


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.sampled_from(["worked", "failed", "probe"]), st.integers(0, 3), st.floats(0.0, 20.0))),
)
def test_the_best_that_works_is_chosen_whatever_happens(engines: int, steps: list[Step]) -> None:
    failover = Failover(engines)
    up = [True] * engines
    now = 0.0
    for what, number, seconds in steps:
        now += seconds
        engine = number % engines
        if what == "probe":
            tried = failover.probe(now)
            assert tried is None or (not up[tried] and tried < failover.choose(now))
            continue
        up[engine] = what == "worked"
        (failover.worked if up[engine] else failover.failed)(engine, now)
        chosen = failover.choose(now)
        assert 0 <= chosen < engines
        assert not any(up) or chosen == up.index(True)
    later = now + FailoverSettings().most_probe
    if any(up) and not up[0]:
        assert failover.probe(later) is not None, "a better engine is tried within the longest wait"
