"""How well labels were told: F1 of utterances and share of the summary's sentences that were hit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatars.calibration import Calibration, calibration_error
from avatars.training.meetings.corpus import LABELS, Meeting

Told = Mapping[str, NDArray[np.float32]]
"""By meeting: (utterances, LABELS) log odds."""
Shares = Mapping[str, NDArray[np.float64]]
Found = Mapping[str, NDArray[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Of one label, over the meetings in which annotators linked something."""

    precision: float
    recall: float
    f1: float
    coverage: float
    """Share of the summary's sentences with at least one utterance that was found."""
    calibration_error: float
    shown: float
    """Utterances found in a meeting, on average."""


def joined(meetings: Sequence[Meeting], told: Told, label: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Log odds and gold of all utterances of the meetings where this label is known."""
    column = LABELS.index(label)
    known = [meeting for meeting in meetings if meeting.known[label]]
    odds = np.concatenate([told[meeting.id][:, column] for meeting in known])
    return odds, np.concatenate([meeting.gold()[:, column] for meeting in known])


def judged(told: Told, label: str, calibration: Calibration) -> tuple[Shares, Found]:
    """Calibrated confidences by meeting, and what is over the threshold."""
    column = LABELS.index(label)
    shares = {name: calibration.confidence(odds[:, column]) for name, odds in told.items()}
    return shares, {name: one >= calibration.threshold for name, one in shares.items()}


def score(meetings: Sequence[Meeting], label: str, shares: Shares, found: Found) -> Score:
    """Score a label.

    Args:
        meetings: those in which annotators linked something are scored.
        label: one of `LABELS`.
        shares: confidences by meeting.
        found: by meeting: whether each utterance is told to have the label.
    """
    known = [meeting for meeting in meetings if meeting.known[label]]
    gold = np.concatenate([meeting.gold()[:, LABELS.index(label)] for meeting in known])
    over = np.concatenate([found[meeting.id] for meeting in known])
    hits = float((over * gold).sum())
    precision, recall = hits / max(1, int(over.sum())), hits / float(gold.sum())
    sentences = [hit for meeting in known for hit in _sentences(meeting, label, found[meeting.id])]
    return Score(
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / (precision + recall) if hits else 0.0,
        coverage=sum(sentences) / max(1, len(sentences)),
        calibration_error=calibration_error(np.concatenate([shares[meeting.id] for meeting in known]), gold),
        shown=float(over.sum()) / len(known),
    )


def _sentences(meeting: Meeting, label: str, found: NDArray[np.bool_]) -> list[bool]:
    """For each sentence of the summary that is linked to something, whether any of that was found."""
    hit: dict[str, bool] = {}
    for row, over in zip(meeting.rows, found, strict=True):
        for sentence in row.get(label, []):
            hit[sentence] = hit.get(sentence, False) or bool(over)
    return list(hit.values())
