"""May a model take the place of the one in use? Figures on suite and sheet, and what speaks against it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from avatars.behaviour import Result
from avatars.sheet import LabelScore

TOLERANCE = 0.05
"""By how much a figure may be lower than that of the model in use: two checks of forty."""
_EVEN = 1e-9
_SHEET = "sheet: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How well one capability is shown."""

    value: float
    """0 … 1: share of checks that pass, or F1 of a label on the sheet."""
    of: int
    """Checks, or utterances with the label."""


Figures = Mapping[str, Figure]
"""By capability; those of the sheet are called "sheet: action" and so on."""


def figures(results: Iterable[Result], scores: Iterable[LabelScore]) -> dict[str, Figure]:
    """Gather the figures of one model, in the order given."""
    found = {
        result.capability: Figure(value=result.passed / result.checks, of=result.checks) for result in results
    }
    return found | {f"{_SHEET}{score.label}": Figure(value=score.f1, of=score.number) for score in scores}


def overall(found: Figures) -> float:
    """The mean of all figures, each as much as the next.

    Raises:
        ValueError: there are none.
    """
    if not found:
        raise ValueError("there are no figures to take the mean of")
    return math.fsum(figure.value for figure in found.values()) / len(found)


def objections(candidate: Figures, current: Figures, tolerance: float = TOLERANCE) -> tuple[str, ...]:
    """Say why a candidate must not take the place of the model in use.

    Args:
        candidate: its figures.
        current: those of the model in use, by the same suite.
        tolerance: by how much one figure may be lower. The mean may not be lower at all.

    Returns:
        One sentence a reason; empty: it may.

    Raises:
        ValueError: the figures are not of the same suite.
    """
    if candidate.keys() != current.keys():
        raise ValueError("figures of two suites cannot be compared")
    reasons = [
        f"{name}: {candidate[name].value:.3f}, and the model in use has {current[name].value:.3f}; "
        f"at most {tolerance:.2f} may be lost"
        for name in current
        if candidate[name].value < current[name].value - tolerance - _EVEN
    ]
    mean, mean_in_use = overall(candidate), overall(current)
    if mean < mean_in_use - _EVEN:
        reasons.append(f"overall: {mean:.4f}, and the model in use has {mean_in_use:.4f}; it may not be less")
    return tuple(reasons)
