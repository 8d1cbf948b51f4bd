"""Where a meeting turns to something else: topics with the words that stand out in them. Pure.

Boundaries as in TextTiling (M. Hearst, "TextTiling: Segmenting text into multi-paragraph subtopic passages",
1997), with sentence vectors in place of counts of words.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatars.everyday import telling

Matrix = NDArray[np.float32]
BLOCK = 8
"""Lines on each side of a gap that are compared."""
LEAST_LINES = 10
"""A topic has at least so many lines."""
WORDS = 3
"""Most words in a title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Lines `start` to `end` (exclusive)."""

    start: int
    end: int
    title: str
    """Up to `WORDS` words that stand out, as in "Budget, finance, paris"; "" where none do."""


def topics(texts: Sequence[str], vectors: Matrix, names: Collection[str] = ()) -> list[Topic]:
    """Cut a meeting into topics; a short one is one topic.

    Args:
        texts: what was said, in order.
        vectors: (lines, length) of the same, each of length 1 or 0.
        names: of people, who are no topic.
    """
    if not texts:
        return []
    edges = [0, *boundaries(vectors, [len(telling(text)) for text in texts]), len(texts)]
    parts = [texts[start:end] for start, end in itertools.pairwise(edges)]
    titles = _titles(parts, {part for name in names for part in name.casefold().split()})
    return [
        Topic(start=start, end=end, title=title)
        for (start, end), title in zip(itertools.pairwise(edges), titles, strict=True)
    ]


def boundaries(vectors: Matrix, weights: Sequence[float]) -> list[int]:
    """Lines with which something else begins, in order.

    Args:
        vectors: (lines, length).
        weights: of each line: one that says little tells little about what is talked of.
    """
    count = len(vectors)
    weighed = vectors * np.asarray(weights, np.float32)[:, None]
    sums = np.concatenate([np.zeros((1, vectors.shape[1]), np.float32), np.cumsum(weighed, axis=0)])
    gaps = range(LEAST_LINES, count - LEAST_LINES + 1)
    if not gaps:
        return []
    alike = np.array([_alike(sums, gap, count) for gap in gaps])
    depths = _depths(alike)
    enough = float(depths.mean() + depths.std() / 2)
    found: list[int] = []
    for place in np.argsort(-depths, kind="stable"):
        gap = gaps[int(place)]
        if depths[place] <= max(enough, 1e-6):
            break
        if all(abs(gap - other) >= LEAST_LINES for other in found):
            found.append(gap)
    return sorted(found)


def _alike(sums: Matrix, gap: int, count: int) -> float:
    """Cosine of what is said before a gap and behind it."""
    before = sums[gap] - sums[max(0, gap - BLOCK)]
    behind = sums[min(count, gap + BLOCK)] - sums[gap]
    lengths = float(np.linalg.norm(before) * np.linalg.norm(behind))
    return float(before @ behind) / lengths if lengths > 0 else 1.0


def _depths(alike: NDArray[np.float64]) -> NDArray[np.float64]:
    """How deep a valley each gap is in: the climb to the next peak on each side."""
    depths = np.zeros(len(alike))
    for place, here in enumerate(alike):
        left = right = here
        at = place
        while at > 0 and alike[at - 1] >= left:
            at -= 1
            left = alike[at]
        at = place
        while at + 1 < len(alike) and alike[at + 1] >= right:
            at += 1
            right = alike[at]
        depths[place] = left + right - 2 * here
    return depths


def _titles(parts: Sequence[Sequence[str]], names: Collection[str]) -> list[str]:
    """For each part, words that are said in it more than once, and less elsewhere."""
    counts = [Counter(word for text in part for word in telling(text) if word not in names) for part in parts]
    spread = Counter(word for part in counts for word in part)
    titles = []
    for part in counts:
        scores = {
            word: number * math.log((1 + len(parts)) / (0.5 + spread[word]))
            for word, number in part.items()
            if number > 1 or len(part) <= WORDS
        }
        best = sorted(scores, key=lambda word: (-scores[word], word))[:WORDS]
        first = {word: place for place, word in enumerate(part)}
        title = ", ".join(sorted(best, key=first.__getitem__))
        titles.append(title[:1].upper() + title[1:])
    return titles
