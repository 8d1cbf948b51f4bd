from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.audio import FRAME_SECONDS
from media.errors import SettingsError
from media.load import LADDER, Effort, LoadController, LoadSettings


@dataclass
class Machine:
    """A controller and what its ticks cost, in virtual time."""

    controller: LoadController = field(default_factory=LoadController)
    now: float = 0.0
    changes: list[tuple[float, int]] = field(default_factory=list)
    """(when, the new level)"""
    busiest: float = 0.0
    """Ratio of the busiest tick since it was last set to 0."""

    def run(self, seconds: float, ratio: Callable[[Effort], float], *, late: bool = False) -> Effort:
        """Let ticks pass; each one costs what the ratio says of the effort of that moment."""
        for _ in range(round(seconds / FRAME_SECONDS)):
            before = self.controller.effort
            cost = ratio(before)
            self.busiest = max(self.busiest, cost)
            after = self.controller.feed(cost * FRAME_SECONDS, self.now, late=late)
            if after is not before:
                self.changes.append((self.now, after.level))
            self.now += FRAME_SECONDS
        return self.controller.effort


def always(ratio: float) -> Callable[[Effort], float]:
    return lambda effort: ratio


def crowd(people: float) -> Callable[[Effort], float]:
    """So many people: encoding, mixing and a part that no effort changes."""

    def ratio(effort: Effort) -> float:
        encode = {2: 300, 0: 120}[effort.complexity]
        mix = 6 * effort.binaural_sources + 2 * effort.loudest
        return people * (encode + mix + 25) * 1e-6 / FRAME_SECONDS

    return ratio


def test_an_idle_machine_stays_at_its_best() -> None:
    machine = Machine()
    assert machine.run(60, always(0.12)).name == "normal"
    assert machine.changes == []


def test_effort_goes_down_before_a_tick_is_late() -> None:
    machine = Machine()
    machine.run(10, crowd(50))
    assert machine.controller.effort.level > 0
    assert machine.busiest < 1.0


def test_what_nobody_hears_is_saved_early() -> None:
    machine = Machine()
    effort = machine.run(5, always(0.3))
    assert (effort.level, effort.name, effort.complexity) == (1, "normal", 0)
    assert machine.run(60, always(0.3)) == effort
    assert machine.run(6, always(0.12)).level == 0


@pytest.mark.parametrize("ratio", [0.56, 0.6, 0.69])
def test_between_the_thresholds_nothing_changes(ratio: float) -> None:
    machine = Machine()
    machine.run(0.6, always(0.8))
    level = machine.controller.effort.level
    assert level > 0
    machine.changes.clear()
    machine.run(600, always(ratio))
    assert machine.changes == []


def test_a_late_tick_goes_down_at_once() -> None:
    machine = Machine()
    machine.run(FRAME_SECONDS, always(0.1), late=True)
    assert machine.controller.effort.level == 1
    machine.run(60, always(0.1))
    machine.run(FRAME_SECONDS, always(0.1), late=True)
    assert machine.controller.effort.level == 1


def test_one_stall_costs_one_rung_however_many_ticks_it_made_late() -> None:
    machine = Machine()
    machine.run(0.16, always(0.9), late=True)
    assert machine.controller.effort.level == 1


def test_ticks_that_stay_late_lead_to_the_bottom_within_a_second() -> None:
    machine = Machine()
    assert machine.run(1.0, always(1.5), late=True) == LADDER[-1]


def test_a_late_tick_now_and_then_is_no_calm() -> None:
    machine = Machine()
    machine.run(1.0, always(1.5), late=True)
    machine.changes.clear()
    for _ in range(30):
        machine.run(2.0, always(0.1))
        machine.run(FRAME_SECONDS, always(0.1), late=True)
    assert machine.changes == []


def test_a_single_slow_tick_changes_nothing() -> None:
    machine = Machine()
    for _ in range(20):
        machine.run(1.0, always(0.12))
        machine.run(FRAME_SECONDS, always(0.95))
    assert machine.changes == []


def test_a_spike_does_not_degrade_for_long() -> None:
    machine = Machine()
    machine.run(5, always(0.12))
    machine.run(0.2, always(1.2), late=True)
    assert machine.controller.effort.level > 0
    assert machine.run(7, always(0.12)).level == 0


def test_it_goes_up_only_after_five_calm_seconds_and_one_rung_at_a_time() -> None:
    machine = Machine()
    machine.run(3, always(0.9))
    machine.changes.clear()
    begin = machine.now
    machine.run(60, always(0.1))
    assert [level for _, level in machine.changes] == [3, 2, 1, 0]
    times = [begin, *[at for at, _ in machine.changes]]
    assert all(later - earlier >= 5.0 for earlier, later in pairwise(times))


@pytest.mark.parametrize("people", [10, 30, 35, 45, 60, 75, 100])
def test_a_crowd_settles_without_swinging(people: int) -> None:
    machine = Machine()
    machine.run(1200, crowd(people))
    machine.changes.clear()
    machine.busiest = 0.0
    machine.run(1200, crowd(people))
    assert len(machine.changes) <= 2 * 1200 / 180 + 1
    assert machine.busiest < 1.0


def test_a_rise_that_does_not_hold_is_tried_ever_more_rarely_but_always_again() -> None:
    machine = Machine()
    costs = {0: 0.8, 1: 0.12}
    machine.run(1800, lambda effort: costs[effort.level])
    ups = [at for at, level in machine.changes if level == 0]
    waits = [round(later - earlier, 3) for earlier, later in pairwise(ups)]
    assert waits == sorted(waits)
    assert waits[0] < 15
    assert 180 <= waits[-1] < 183
    assert machine.run(240, always(0.12)).level == 0


def test_patience_is_short_again_once_a_rise_has_held() -> None:
    machine = Machine()
    costs = {0: 0.8, 1: 0.12}
    machine.run(300, lambda effort: costs[effort.level])
    machine.run(200, always(0.12))
    assert machine.controller.effort.level == 0
    machine.run(FRAME_SECONDS, always(0.12), late=True)
    assert machine.controller.effort.level == 1
    assert machine.run(5.5, always(0.12)).level == 0


def test_the_ratio_is_the_95th_percentile_of_the_last_second() -> None:
    controller = LoadController(LoadSettings(strained_ratio=0.99, calm_ratio=0.98))
    for tick in range(100):
        controller.feed((tick % 50) / 50 * FRAME_SECONDS, tick * FRAME_SECONDS)
    assert controller.ratio == pytest.approx(47 / 50, abs=0.021)


@given(st.lists(st.tuples(st.floats(0.0, 3.0), st.booleans(), st.integers(1, 100)), max_size=30))
def test_it_moves_one_rung_at_a_time_and_never_off_the_ladder(parts: list[tuple[float, bool, int]]) -> None:
    controller, now = LoadController(), 0.0
    for ratio, late, ticks in parts:
        for _ in range(ticks):
            before = controller.effort.level
            effort = controller.feed(ratio * FRAME_SECONDS, now, late=late)
            assert effort is LADDER[effort.level]
            assert abs(effort.level - before) <= 1
            assert not (late and effort.level < before)
            now += FRAME_SECONDS


@settings(max_examples=25)  # Each one is four minutes of ticks.
@given(st.floats(0.0, 0.14), st.lists(st.floats(0.0, 2.0), max_size=200))
def test_whatever_was_calm_ends_in_the_best(calm: float, before: list[float]) -> None:
    machine = Machine()
    for ratio in before:
        machine.run(FRAME_SECONDS, always(ratio), late=ratio > 1.0)
    assert machine.run(180 + 4 * 11, always(calm)).level == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"calm_ratio": 0.8}, "calm_ratio < strained_ratio"),
        ({"first_calm_ratio": 0.3}, "first_calm_ratio < first_strained_ratio"),
        ({"settle_seconds": 2.0}, "settle_seconds < window_seconds"),
        ({"patience_seconds": 200.0}, "longest_patience_seconds"),
        ({"trial_seconds": 0.5}, "trial_seconds"),
        ({"ladder": LADDER[1:]}, "rung k the level k"),
        ({"ladder": ()}, "at least one rung"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        LoadSettings(**wrong)  # type: ignore[arg-type]
