"""Whether a model meets today what it met before: the population stability of its scores. Pure.

The population stability index of credit scoring (N. Siddiqi, "Credit Risk Scorecards", 2006): below 0.1 nothing to
see, from 0.25 on the population is another one.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

EDGES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Confidences at which one bin ends and the next begins; most are high, so they are finer there."""
LEAST = 30
"""Scores of each time that it takes to tell anything."""
WATCH, OTHER = 0.1, 0.25
_SMOOTH = 0.5
"""Added to each bin, so that an empty one costs much and not everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """Scores of before and of late."""

    index: float | None
    """Population stability index; None: too few to tell."""
    before: tuple[int, ...]
    """How many in each bin: below the first of `EDGES`, between them, from the last on."""
    late: tuple[int, ...]


def stability(before: Sequence[float], late: Sequence[float]) -> Stability:
    """Compare the scores of two times.

    Args:
        before: confidences, 0..1, of the time that counts as usual.
        late: of the time that is looked at.
    """
    usual, now = _counts(before), _counts(late)
    index = _index(usual, now) if min(len(before), len(late)) >= LEAST else None
    return Stability(index=index, before=usual, late=now)


def _counts(scores: Sequence[float]) -> tuple[int, ...]:
    counts = [0] * (len(EDGES) + 1)
    for score in scores:
        counts[bisect_right(EDGES, score)] += 1
    return tuple(counts)


def _index(usual: Sequence[int], now: Sequence[int]) -> float:
    shares = [
        [(count + _SMOOTH) / (sum(counts) + _SMOOTH * len(counts)) for count in counts] for counts in (usual, now)
    ]
    usual_shares, now_shares = shares
    return sum((b - a) * math.log(b / a) for a, b in zip(usual_shares, now_shares, strict=True))
