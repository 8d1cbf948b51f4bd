"""A trigram model with back-off as sorted arrays: look up, interpolate, prune."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media.errors import SettingsError

Ids = NDArray[np.int64]
Logs = NDArray[np.float64]
"""Logarithms to base 10."""

NEVER = -99.0
"""What ARPA files write for a word that is never predicted, such as <s>."""


@dataclass(frozen=True, slots=True)
class BackoffModel:
    """Words by id and their n-grams; keys are `(first * words + second) * words + third`, sorted."""

    words: tuple[str, ...]
    one: Logs
    """(words,) log10 p(w)."""
    one_back: Logs
    """(words,) log10 of the back-off weight after w."""
    two_key: Ids
    two: Logs
    two_back: Logs
    three_key: Ids
    three: Logs

    @classmethod
    def from_ngrams(
        cls,
        *,
        words: Sequence[str],
        unigram: tuple[Logs, Logs],
        bigrams: tuple[Ids, Logs, Logs],
        trigrams: tuple[Ids, Logs],
    ) -> BackoffModel:
        """Sort n-grams given as rows of word ids, shapes (n, 2) and (m, 3)."""
        size = len(words)
        rows, two, two_back = bigrams
        key_two = rows[:, 0] * size + rows[:, 1]
        order_two = np.argsort(key_two)
        rows_three, three = trigrams
        key_three = (rows_three[:, 0] * size + rows_three[:, 1]) * size + rows_three[:, 2]
        order_three = np.argsort(key_three)
        return cls(
            words=tuple(words),
            one=np.asarray(unigram[0], np.float64),
            one_back=np.asarray(unigram[1], np.float64),
            two_key=key_two[order_two],
            two=np.asarray(two, np.float64)[order_two],
            two_back=np.asarray(two_back, np.float64)[order_two],
            three_key=key_three[order_three],
            three=np.asarray(three, np.float64)[order_three],
        )

    def bigram(self, first: Ids, second: Ids) -> Logs:
        """Return log10 p(second | first), backing off where needed."""
        at, found = _find(self.two_key, first * len(self.words) + second)
        backed = self.one_back[first] + self.one[second]
        return np.where(found, self.two[at] if len(self.two) else 0.0, backed)

    def trigram(self, first: Ids, second: Ids, third: Ids) -> Logs:
        """Return log10 p(third | first second), backing off where needed."""
        size = len(self.words)
        at, found = _find(self.three_key, (first * size + second) * size + third)
        return np.where(found, self.three[at] if len(self.three) else 0.0, self._lower(first, second, third))

    def _lower(self, first: Ids, second: Ids, third: Ids) -> Logs:
        at, found = _find(self.two_key, first * len(self.words) + second)
        weight = np.where(found, self.two_back[at] if len(self.two) else 0.0, 0.0)
        return weight + self.bigram(second, third)

    def with_words(self, words: Sequence[str]) -> BackoffModel:
        """Renumber to another vocabulary; n-grams of dropped words go, new words get probability 0."""
        new = {word: index for index, word in enumerate(words)}
        table = np.array([new.get(word, -1) for word in self.words], np.int64)
        one = np.full(len(words), NEVER)
        back = np.zeros(len(words))
        kept = table >= 0
        one[table[kept]], back[table[kept]] = self.one[kept], self.one_back[kept]
        two, three = (
            table[_split(self.two_key, len(self.words), 2)],
            table[_split(self.three_key, len(self.words), 3)],
        )
        stay_two, stay_three = (two >= 0).all(axis=1), (three >= 0).all(axis=1)
        return BackoffModel.from_ngrams(
            words=words,
            unigram=(one, back),
            bigrams=(two[stay_two], self.two[stay_two], self.two_back[stay_two]),
            trigrams=(three[stay_three], self.three[stay_three]),
        )

    def rows_two(self) -> Ids:
        """Return the bigrams as rows of word ids, shape (n, 2)."""
        return _split(self.two_key, len(self.words), 2)

    def rows_three(self) -> Ids:
        """Return the trigrams as rows of word ids, shape (n, 3)."""
        return _split(self.three_key, len(self.words), 3)


def interpolate(models: Sequence[BackoffModel], weights: Sequence[float]) -> BackoffModel:
    """Mix models over one vocabulary: p = sum of weight * p_i, for every n-gram that any of them has.

    Raises:
        SettingsError: the vocabularies differ or the weights do not sum to 1.
    """
    if len({model.words for model in models}) != 1:
        raise SettingsError("models can only be mixed over one vocabulary; use with_words first")
    if abs(sum(weights) - 1.0) > 1e-6:
        raise SettingsError(f"weights must sum to 1, these sum to {sum(weights)}")
    words = models[0].words
    key_three = np.unique(np.concatenate([model.three_key for model in models]))
    rows_three = _split(key_three, len(words), 3)
    # A trigram needs its context as a bigram, or there is nowhere to hang its back-off weight.
    contexts = rows_three[:, 0] * len(words) + rows_three[:, 1]
    key_two = np.unique(np.concatenate([model.two_key for model in models] + [contexts]))
    rows_two = _split(key_two, len(words), 2)
    one = _mix([model.one for model in models], weights)
    two = _mix([model.bigram(*rows_two.T) for model in models], weights)
    three = _mix([model.trigram(*rows_three.T) for model in models], weights)
    return normalised(
        BackoffModel(
            words=words,
            one=one,
            one_back=np.zeros(len(words)),
            two_key=key_two,
            two=two,
            two_back=np.zeros(len(two)),
            three_key=key_three,
            three=three,
        )
    )


def normalised(model: BackoffModel) -> BackoffModel:
    """Return the model with back-off weights that make every distribution sum to 1."""
    size = len(model.words)
    rows_two, rows_three = model.rows_two(), model.rows_three()
    one_back = _weights(rows_two[:, 0], model.two, model.one[rows_two[:, 1]], size)
    with_one = BackoffModel(
        words=model.words,
        one=model.one,
        one_back=one_back,
        two_key=model.two_key,
        two=model.two,
        two_back=model.two_back,
        three_key=model.three_key,
        three=model.three,
    )
    context, _ = _find(model.two_key, rows_three[:, 0] * size + rows_three[:, 1])
    lower = with_one.bigram(rows_three[:, 1], rows_three[:, 2])
    two_back = _weights(context, model.three, lower, len(model.two_key))
    return BackoffModel(
        words=model.words,
        one=model.one,
        one_back=one_back,
        two_key=model.two_key,
        two=model.two,
        two_back=two_back,
        three_key=model.three_key,
        three=model.three,
    )


def pruned(model: BackoffModel, bigrams: int, trigrams: int) -> BackoffModel:
    """Keep the n-grams whose loss would hurt most, weighted by how often they occur (Seymore, Rosenfeld)."""
    size = len(model.words)
    rows_two, rows_three = model.rows_two(), model.rows_three()
    first, second, third = rows_three.T
    history = 10 ** (model.one[first] + model.bigram(first, second))
    gain = history * 10**model.three * (model.three - model._lower(first, second, third))
    keep_three = _best(gain, trigrams)
    contexts = np.unique(model.three_key[keep_three] // size)
    gain_two = 10 ** (model.one[rows_two[:, 0]] + model.two)
    gain_two = gain_two * (model.two - model.one_back[rows_two[:, 0]] - model.one[rows_two[:, 1]])
    gain_two[_find(model.two_key, contexts)[0]] = np.inf
    keep_two = _best(gain_two, max(bigrams, len(contexts)))
    return normalised(
        BackoffModel(
            words=model.words,
            one=model.one,
            one_back=model.one_back,
            two_key=model.two_key[keep_two],
            two=model.two[keep_two],
            two_back=model.two_back[keep_two],
            three_key=model.three_key[keep_three],
            three=model.three[keep_three],
        )
    )


def _find(keys: Ids, wanted: Ids) -> tuple[Ids, NDArray[np.bool_]]:
    if not len(keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return at.astype(np.int64), keys[at] == wanted


def _split(keys: Ids, size: int, parts: int) -> Ids:
    columns = []
    for _ in range(parts):
        columns.append(keys % size)
        keys = keys // size
    return np.stack(columns[::-1], axis=1)


def _mix(logs: Sequence[Logs], weights: Sequence[float]) -> Logs:
    total = np.zeros(len(logs[0]))
    for log, weight in zip(logs, weights, strict=True):
        total += weight * 10**log
    mixed: Logs = np.maximum(np.log10(np.maximum(total, 1e-99)), NEVER)
    return mixed


def _weights(context: Ids, prob: Logs, lower: Logs, contexts: int) -> Logs:
    """Back-off weight of each context: what is left over, spread over what is not listed."""
    listed = np.bincount(context, 10**prob, contexts)
    covered = np.bincount(context, 10**lower, contexts)
    left = np.maximum(1.0 - listed, 1e-6) / np.maximum(1.0 - covered, 1e-6)
    weights: Logs = np.where(np.bincount(context, minlength=contexts) > 0, np.log10(left), 0.0)
    return weights


def _best(gain: Logs, count: int) -> Ids:
    if len(gain) <= count:
        return np.arange(len(gain))
    return np.sort(np.argpartition(-gain, count)[:count])
