"""The few lines of a meeting that say most of it: an extractive summary. Pure.

A line weighs by how many lines are like it (Erkan and Radev, "LexRank: Graph-based lexical centrality as
salience in text summarization", 2004); one that repeats a chosen line weighs less (Carbonell and Goldstein,
"The use of MMR, diversity-based reranking", 1998).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from avatars.everyday import telling

LEAST_WORDS = 3
"""A line with fewer telling words is left out, unless something was noted from it."""
MOST = 6
LEAST, LINES_EACH = 2, 12
"""So many lines of the summary, and one more for so many lines of the meeting."""
LONGEST = 1500
"""Lines that are compared with each other; of a longer meeting, those that say most."""
_ALIKE = 0.3
"""Cosine below which two lines have nothing to do with each other."""
_DAMPING = 0.85
_REPEATS = 0.5
"""What likeness to a chosen line costs."""
_NOTED = 1.5
"""Times by which a line weighs more from which something was noted."""
_ROUNDS = 30


def summary(
    texts: Sequence[str], vectors: NDArray[np.float32], noted: Collection[int] = (), most: int | None = None
) -> list[int]:
    """Numbers of the lines that sum a meeting up, in the order they were said.

    Args:
        texts: what was said, in order.
        vectors: (lines, length) of the same, each of length 1 or 0.
        noted: numbers of lines from which a task, a decision or a question was noted.
        most: how many lines at most; None: as fits the length, up to `MOST`.
    """
    words = [len(telling(text)) for text in texts]
    worth = [at for at in range(len(texts)) if words[at] >= LEAST_WORDS or at in noted]
    if len(worth) > LONGEST:
        worth = sorted(sorted(worth, key=lambda at: (at not in noted, -words[at]))[:LONGEST])
    wanted = most if most is not None else min(MOST, LEAST + len(texts) // LINES_EACH)
    if not worth or wanted <= 0:
        return []
    alike = np.clip(vectors[worth] @ vectors[worth].T, 0.0, 1.0)
    weight = _central(alike) * np.array([_NOTED if at in noted else 1.0 for at in worth])
    chosen: list[int] = []
    left = weight / weight.max()
    while len(chosen) < min(wanted, len(worth)):
        cost = alike[:, chosen].max(axis=1) * _REPEATS if chosen else np.zeros(len(worth))
        scores = left - cost
        scores[chosen] = -np.inf
        chosen.append(int(scores.argmax()))
    return sorted(worth[at] for at in chosen)


def _central(alike: NDArray[np.float32]) -> NDArray[np.float64]:
    """How central each line is; they sum to 1."""
    count = len(alike)
    links = np.where(alike >= _ALIKE, alike, 0.0).astype(np.float64)
    np.fill_diagonal(links, 1.0)
    links /= links.sum(axis=1, keepdims=True)
    rank = np.full(count, 1.0 / count)
    for _ in range(_ROUNDS):
        rank = (1 - _DAMPING) / count + _DAMPING * (rank @ links)
    return rank
