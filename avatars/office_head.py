"""What people of one office made of proposals, learnt: a small head that corrects how sure a colleague is. Pure.

The head is a logistic regression with a ridge (le Cessie and van Houwelingen, "Ridge estimators in logistic
regression", Applied Statistics 41(1), 1992). Its ridge does not pull towards zero but towards what was there
before, the confidence as it was heard (Chelba and Acero, "Adaptation of maximum entropy capitalizer: little data
can help a lot", EMNLP 2004): with few examples hardly anything changes, and each further one counts for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatars.calibration import calibration_error
from avatars.errors import TooFew

Numbers = NDArray[np.float64]

FOLDS = 5
LEAST_EXAMPLES = 20
"""With fewer nothing is learnt."""
RIDGE = 8.0
"""How strongly shift and slope are held at "unchanged": as by 32 examples, each telling a quarter at most."""
RIDGE_OF_WORDS = 2.0
"""The same for the weights of the sentence vector: as by eight examples that say the same."""
_MOST_ODDS = 4.0
"""The slope goes by log odds up to here; beyond, a confidence says nothing more."""
_EDGE = 1e-6
"""Confidences are kept so far from 0 and 1."""
_STEPS = 50
_STILL = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHead:
    """What is added to the log odds of a confidence: shift + slope * log odds + weights @ sentence vector."""

    shift: float
    slope: float
    weights: tuple[float, ...]
    """As many as a sentence vector is long."""

    def corrected(self, vectors: NDArray[np.floating], confidences: NDArray[np.floating]) -> Numbers:
        """Correct confidences.

        Args:
            vectors: (n, length) of what was said, each of length 1 or 0.
            confidences: (n,) with which it was heard, 0 … 1.

        Returns:
            (n,) in 0 … 1.

        Raises:
            ValueError: the vectors are not as long as the weights.
        """
        odds = _odds(confidences)
        fitted = np.array([self.shift, self.slope, *self.weights])
        return _share(odds + _inputs(vectors, odds) @ fitted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """How proposals fare, without the head or with it."""

    wrong: int
    """Wrong ones that are proposed."""
    right: int
    """Right ones that are proposed."""
    brier: float
    """Mean squared distance of confidence and verdict (Brier, 1950): 0 is perfect."""
    calibration: float
    """Expected calibration error: 0 is perfect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The same proposals without the head and with it, each told by a head that has not seen it."""

    examples: int
    before: Side
    after: Side
    chance: float
    """Twice the standard error of the change of `brier`: a smaller change may be chance."""

    @property
    def withheld(self) -> int:
        """Wrong proposals that would have been withheld."""
        return self.before.wrong - self.after.wrong

    @property
    def lost(self) -> int:
        """Right proposals that would have been lost."""
        return self.before.right - self.after.right

    @property
    def better(self) -> bool:
        """Whether it is closer to the verdicts by more than chance, and loses no more than it withholds."""
        return self.before.brier - self.after.brier > self.chance and self.lost <= self.withheld


def check_enough(right: Sequence[bool]) -> None:
    """See that there is enough to learn from.

    Raises:
        TooFew: there is not; the text says how many there are and are needed.
    """
    yes = sum(right)
    if len(right) < LEAST_EXAMPLES or not 0 < yes < len(right):
        raise TooFew(
            f"there are {len(right)} tasks that were heard and looked at, {yes} kept or changed and "
            f"{len(right) - yes} rejected; {LEAST_EXAMPLES} are needed, with some of both"
        )


def fit(vectors: NDArray[np.floating], confidences: NDArray[np.floating], right: Sequence[bool]) -> OfficeHead:
    """Learn from verdicts: maximum likelihood with a ridge, by Newton's method. The same gives the same.

    Args:
        vectors: (n, length) of what was said, each of length 1 or 0.
        confidences: (n,) with which it was heard, 0 … 1.
        right: n verdicts.
    """
    odds = _odds(confidences)
    inputs, wanted = _inputs(vectors, odds), np.asarray(right, dtype=np.float64)
    ridge = np.full(inputs.shape[1], RIDGE_OF_WORDS)
    ridge[:2] = RIDGE
    fitted = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        shares = _share(odds + inputs @ fitted)
        slope = inputs.T @ (wanted - shares) - ridge * fitted
        step = _newton(inputs * np.sqrt(shares * (1 - shares))[:, None], ridge, slope)
        # A whole step may lead past the top where many confidences are near 0 or 1; the curve has one top only.
        while _likely(odds, inputs, wanted, ridge, fitted + step) < _likely(odds, inputs, wanted, ridge, fitted):
            step = step / 2
            if float(np.abs(step).max()) < _STILL:
                break
        fitted = fitted + step
        if float(np.abs(step).max()) < _STILL:
            break
    return OfficeHead(
        shift=float(fitted[0]), slope=float(fitted[1]), weights=tuple(float(one) for one in fitted[2:])
    )


def cross_validated(
    vectors: NDArray[np.floating],
    confidences: NDArray[np.floating],
    right: Sequence[bool],
    words: Sequence[str],
) -> Numbers:
    """Correct every confidence by a head that has not seen it, nor the same words elsewhere.

    Args:
        vectors: (n, length) of what was said, each of length 1 or 0.
        confidences: (n,) with which it was heard, 0 … 1.
        right: n verdicts.
        words: n texts; the same text is never on both sides.

    Returns:
        (n,) in 0 … 1.
    """
    found = np.zeros(len(right))
    verdicts = np.asarray(right, dtype=bool)
    for held in folds(words, right):
        seen = ~held
        head = fit(vectors[seen], confidences[seen], verdicts[seen].tolist())
        found[held] = head.corrected(vectors[held], confidences[held])
    return found


def folds(words: Sequence[str], right: Sequence[bool]) -> Iterator[NDArray[np.bool_]]:
    """Divide examples into at most FOLDS parts, each (n,) true where one belongs to it; by what is given alone.

    Args:
        words: n texts; the same text, whatever its letters, is always in the same part.
        right: n verdicts; each part has about as many of both.
    """
    place: dict[str, int] = {}
    dealt = {True: 0, False: 0}
    keys = [" ".join(text.lower().split()) for text in words]
    for key, verdict in zip(keys, right, strict=True):
        if key not in place:
            place[key] = dealt[bool(verdict)] % FOLDS
            dealt[bool(verdict)] += 1
    parts = np.array([place[key] for key in keys], dtype=np.int64)
    for number in range(FOLDS):
        if (parts == number).any():
            yield parts == number


def compared(
    before: NDArray[np.floating],
    after: NDArray[np.floating],
    right: Sequence[bool],
    thresholds: NDArray[np.floating],
) -> Comparison:
    """Hold two confidences of the same proposals against what people made of them.

    Args:
        before: (n,) confidences as they were heard.
        after: (n,) corrected.
        right: n verdicts.
        thresholds: (n,) from where on each is proposed.
    """
    wanted = np.asarray(right, dtype=np.float64)
    gains = (before - wanted) ** 2 - (after - wanted) ** 2
    return Comparison(
        examples=len(wanted),
        before=_side(before, wanted, thresholds),
        after=_side(after, wanted, thresholds),
        chance=2 * float(gains.std(ddof=1) / np.sqrt(len(gains))) if len(gains) > 1 else 0.0,
    )


def _side(shares: NDArray[np.floating], wanted: Numbers, thresholds: NDArray[np.floating]) -> Side:
    proposed = shares >= thresholds
    return Side(
        wrong=int((proposed & (wanted == 0)).sum()),
        right=int((proposed & (wanted == 1)).sum()),
        brier=float(((shares - wanted) ** 2).mean()),
        calibration=calibration_error(shares, wanted),
    )


def _inputs(vectors: NDArray[np.floating], odds: Numbers) -> Numbers:
    kept = np.clip(odds, -_MOST_ODDS, _MOST_ODDS)
    return np.concatenate([np.ones((len(odds), 1)), kept[:, None], vectors.astype(np.float64)], axis=1)


def _newton(scaled: Numbers, ridge: Numbers, slope: Numbers) -> Numbers:
    """Solve (scaled.T @ scaled + ridge) step = slope, by way of the shorter side of `scaled`."""
    examples, length = scaled.shape
    if examples >= length:
        return np.asarray(np.linalg.solve(scaled.T @ scaled + np.diag(ridge), slope))
    side = scaled / ridge  # Woodbury's identity: a few dozen examples make a small system of their own
    inner = np.linalg.solve(np.eye(examples) + side @ scaled.T, side @ slope)
    return np.asarray(slope / ridge - side.T @ inner)


def _likely(odds: Numbers, inputs: Numbers, wanted: Numbers, ridge: Numbers, fitted: Numbers) -> float:
    """Log likelihood with the ridge taken off."""
    scores = odds + inputs @ fitted
    return float((wanted * scores - np.logaddexp(0, scores)).sum() - (ridge * fitted**2).sum() / 2)


def _odds(confidences: NDArray[np.floating]) -> Numbers:
    kept = np.clip(confidences.astype(np.float64), _EDGE, 1 - _EDGE)
    return np.asarray(np.log(kept / (1 - kept)))


def _share(odds: Numbers) -> Numbers:
    return 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
