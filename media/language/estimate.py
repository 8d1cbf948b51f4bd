"""Counts n-grams of sentences and estimates a trigram model (interpolated Kneser-Ney)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from media.language.backoff import NEVER, BackoffModel, Ids, normalised

START, END = "<s>", "</s>"


def estimate(sentences: Iterable[str], *, min_count: int = 1) -> BackoffModel:
    """Estimate a model from sentences of words separated by spaces.

    Args:
        sentences: lower case, no punctuation.
        min_count: bigrams and trigrams seen less often are not listed, so that a model of a corpus keeps
            what many people say and not what one person said.
    """
    ids: dict[str, int] = {START: 0, END: 1}
    stream: list[int] = []
    for sentence in sentences:
        words = sentence.split()
        if words:
            stream += [0, *(ids.setdefault(word, len(ids)) for word in words), 1]
    tokens, size = np.array(stream, np.int64), len(ids)
    inside_two = tokens[:-1] != 1
    inside_three = inside_two[:-1] & inside_two[1:]
    two_key, two_count = np.unique((tokens[:-1] * size + tokens[1:])[inside_two], return_counts=True)
    keys = (tokens[:-2] * size + tokens[1:-1]) * size + tokens[2:]
    three_key, three_count = np.unique(keys[inside_three], return_counts=True)

    rows_two = np.stack([two_key // size, two_key % size], axis=1)
    context_three, tail_three = three_key // size, three_key % (size * size)
    one_count = np.bincount(rows_two[:, 1], minlength=size).astype(np.float64)
    one = one_count / one_count.sum()
    # Lower orders count in how many places a word fits, not how often it stood there.
    places = np.bincount(np.searchsorted(two_key, tail_three), minlength=len(two_key))
    lower_count = np.where(rows_two[:, 0] == 0, two_count, np.maximum(places, 1))
    two = _smooth(rows_two[:, 0], lower_count, one[rows_two[:, 1]])
    three = _smooth(
        np.searchsorted(two_key, context_three), three_count, two[np.searchsorted(two_key, tail_three)]
    )

    stay_three = three_count >= min_count
    needed = np.isin(two_key, context_three[stay_three])
    stay_two = (two_count >= min_count) | needed
    log_one = np.where(one > 0, np.log10(np.maximum(one, 1e-99)), NEVER)
    return normalised(
        BackoffModel(
            words=tuple(ids),
            one=log_one,
            one_back=np.zeros(size),
            two_key=two_key[stay_two],
            two=np.log10(two[stay_two]),
            two_back=np.zeros(int(stay_two.sum())),
            three_key=three_key[stay_three],
            three=np.log10(three[stay_three]),
        )
    )


def _smooth(context: Ids, count: NDArray[np.int64], lower: NDArray[np.float64]) -> NDArray[np.float64]:
    """Discount counts and give what is saved to the lower order."""
    once, twice = int((count == 1).sum()), int((count == 2).sum())
    discount = min(0.9, max(0.1, once / max(1, once + 2 * twice)))
    contexts = int(context.max()) + 1
    total = np.bincount(context, count, contexts)[context]
    kinds = np.bincount(context, minlength=contexts)[context]
    smoothed: NDArray[np.float64] = (count - discount) / total + discount * kinds / total * lower
    return smoothed
