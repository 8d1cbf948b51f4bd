"""Calibration: from the log odds that a net gives to how often it is right (Platt, 1999)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_STEPS = 100
_STILL = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How sure a net is allowed to be, and from where on what it tells is shown."""

    slope: float
    shift: float
    threshold: float
    """Of the calibrated confidence."""

    def confidence(self, odds: NDArray[np.floating]) -> Numbers:
        """Log odds -> calibrated confidence in 0 … 1, of the same shape."""
        return _share(self.slope * odds.astype(np.float64) + self.shift)


def calibrate(odds: NDArray[np.floating], right: NDArray[np.floating], *, given_up: float = 0.0) -> Calibration:
    """Fit slope and shift by maximum likelihood (Newton), and a threshold.

    Args:
        odds: (n,) log odds that a net gave for what it was not trained on.
        right: (n,) 1 where it is so, else 0.
        given_up: as in `best_threshold`.

    Raises:
        ValueError: nothing is right, or nothing is wrong.
    """
    if not 0 < right.sum() < len(right):
        raise ValueError("calibration needs examples that are right and examples that are wrong")
    inputs = np.stack([odds.astype(np.float64), np.ones(len(odds))], axis=1)
    fitted = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        shares = _share(inputs @ fitted)
        slope = inputs.T @ (right - shares) - 1e-6 * fitted
        bend = (inputs * (shares * (1 - shares))[:, None]).T @ inputs + 1e-6 * np.eye(2)
        step = np.linalg.solve(bend, slope)
        fitted = fitted + step
        if float(np.abs(step).max()) < _STILL:
            break
    shares = _share(inputs @ fitted)
    return Calibration(
        slope=float(fitted[0]), shift=float(fitted[1]), threshold=best_threshold(shares, right, given_up=given_up)
    )


def best_threshold(shares: NDArray[np.floating], right: NDArray[np.floating], *, given_up: float = 0.0) -> float:
    """The confidence from which on F1 is best: in the middle between the last that counts and the next.

    Args:
        shares: (n,) confidences.
        right: (n,) 1 where it is so, else 0.
        given_up: share of the best F1 that may be lost, so that more is found: the curve is flat at its top, and
            the highest point of a few hundred examples is chance.
    """
    order = np.argsort(-shares, kind="stable")
    falling = shares[order]
    following = np.append(falling[1:], -1.0)
    scores = 2 * np.cumsum(right[order]) / (np.arange(1, len(order) + 1) + right.sum())
    scores = np.where(falling > following, scores, -1.0)  # equal ones count together or not at all
    last = int(np.flatnonzero(scores >= (1 - given_up) * scores.max())[-1]) if given_up else int(scores.argmax())
    return float(falling[last] + max(0.0, following[last])) / 2


def calibration_error(shares: NDArray[np.floating], right: NDArray[np.floating], bins: int = 10) -> float:
    """Expected calibration error (Guo et al. 2017), in `bins` of equal width: 0 is perfect."""
    places = np.minimum((shares * bins).astype(int), bins - 1)
    gaps = [abs(float((shares[places == place] - right[places == place]).sum())) for place in range(bins)]
    return sum(gaps) / max(1, len(shares))


def _share(odds: Numbers) -> Numbers:
    return 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
