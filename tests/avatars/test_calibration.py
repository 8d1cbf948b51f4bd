"""Calibrated confidence is how often it is right; the threshold is where F1 is best."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from avatars.calibration import Calibration, best_threshold, calibrate, calibration_error


def f1(shares: NDArray[np.float64], right: NDArray[np.float64], threshold: float) -> float:
    """F1 of what is at or over the threshold."""
    found = shares >= threshold
    return float(2 * (found * right).sum() / (found.sum() + right.sum()))


def world(slope: float, shift: float, number: int = 40_000) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log odds, and whether it is so with the probability that slope and shift make of them."""
    chance = np.random.default_rng(7)
    odds = chance.normal(-1.0, 2.0, number)
    shares = 1 / (1 + np.exp(-(slope * odds + shift)))
    return odds, (chance.random(number) < shares).astype(float)


@pytest.mark.parametrize(("slope", "shift"), [(1.0, 0.0), (0.5, -2.0), (2.0, 1.0)])
def test_slope_and_shift_are_found_again(slope: float, shift: float) -> None:
    odds, right = world(slope, shift)
    found = calibrate(odds, right)
    assert found.slope == pytest.approx(slope, rel=0.06)
    assert found.shift == pytest.approx(shift, abs=0.1)
    assert calibration_error(found.confidence(odds), right) < 0.01


def test_without_calibration_the_error_shows() -> None:
    odds, right = world(0.5, -2.0)
    assert calibration_error(1 / (1 + np.exp(-odds)), right) > 0.1


def test_nothing_can_be_learnt_from_one_kind_alone() -> None:
    with pytest.raises(ValueError, match="right and examples that are wrong"):
        calibrate(np.array([1.0, 2.0]), np.array([1.0, 1.0]))


def test_confidence_keeps_the_shape_and_grows_with_the_odds() -> None:
    scale = Calibration(slope=2.0, shift=-1.0, threshold=0.5)
    shares = scale.confidence(np.array([[-900.0, 0.0], [0.5, 900.0]]))
    assert shares == pytest.approx(np.array([[0.0, 0.26894], [0.5, 1.0]]), abs=1e-5)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=40).filter(
        lambda pairs: any(right for _, right in pairs)
    )
)
def test_no_other_threshold_is_better(pairs: list[tuple[float, bool]]) -> None:
    shares, right = np.array([share for share, _ in pairs]), np.array([float(right) for _, right in pairs])
    best = f1(shares, right, best_threshold(shares, right))
    assert all(best >= f1(shares, right, share) - 1e-9 for share in shares)


def test_some_f1_may_be_given_up_to_find_more() -> None:
    odds, right = world(1.0, -2.0, 2_000)
    best, more = calibrate(odds, right), calibrate(odds, right, given_up=0.1)
    shares = best.confidence(odds)
    assert more.threshold < best.threshold
    top, reached = (f1(shares, right, one.threshold) for one in (best, more))
    assert 0.9 * top <= reached < top
