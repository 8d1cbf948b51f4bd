"""Which words of a request fill which slot: features of each word, and the best allowed row of labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avatars.mentions import Mention, MentionKind
from avatars.requests import Found, SlotName

Matrix = NDArray[np.float32]
NAMES: tuple[SlotName, ...] = tuple(SlotName)
LABELS = 1 + 2 * len(NAMES)
"""Outside, then for each slot its first word and the words behind: 0, 1 + 2 i, 2 + 2 i."""
_KINDS = tuple(MentionKind)
FLAGS = 2 * len(_KINDS) + 2
"""Numbers that describe a word beside its vector."""
NEAR = 2
"""Words on each side whose vectors are seen."""
_AROUND = 2
"""Words on each side whose flags are seen."""
_NEVER = -1e9


def width(vector: int, kinds: int) -> int:
    """Inputs of the labeller, for word vectors of this length and so many kinds of request."""
    return (2 * NEAR + 1) * vector + (2 * _AROUND + 1) * FLAGS + kinds


def flags(words: int, mentions: Sequence[Mention]) -> Matrix:
    """(words, FLAGS): begins and goes on a mention of each kind, and whether it opens or ends the request."""
    table = np.zeros((words, FLAGS), dtype=np.float32)
    for mention in mentions:
        column = 2 * _KINDS.index(mention.kind)
        table[mention.start, column] = 1.0
        table[mention.start + 1 : mention.end, column + 1] = 1.0
    if words:
        table[0, -2] = table[-1, -1] = 1.0
    return table


def inputs(vectors: Matrix, marks: Matrix, shares: Matrix) -> Matrix:
    """What the labeller sees of each word.

    Args:
        vectors: (words, length) of the encoder.
        marks: (words, FLAGS).
        shares: (kinds,) how likely each kind of request is.

    Returns:
        (words, width): the words around it, its own in the middle, the flags around it, the shares.
    """
    parts = [_shifted(vectors, step) for step in range(-NEAR, NEAR + 1)]
    parts += [_shifted(marks, step) for step in range(-_AROUND, _AROUND + 1)]
    return np.concatenate([*parts, np.repeat(shares[None], len(vectors), axis=0)], axis=1).astype(np.float32)


def _shifted(table: Matrix, step: int) -> Matrix:
    """Row i holds row i + step, or zeros."""
    moved = np.zeros_like(table)
    if step < 0:
        moved[-step:] = table[:step]
    elif step:
        moved[:-step] = table[step:]
    else:
        moved[:] = table
    return moved


def best_row(shares: Matrix) -> list[int]:
    """The likeliest row of labels in which a slot goes on only where it has begun.

    Args:
        shares: (words, LABELS) how likely each label is for each word.
    """
    if not len(shares):
        return []
    odds = np.log(shares.astype(np.float64) + 1e-9)
    allowed = np.zeros((LABELS, LABELS))
    for behind in range(2, LABELS, 2):
        allowed[:, behind] = _NEVER
        allowed[behind - 1, behind] = allowed[behind, behind] = 0.0
    score = odds[0].copy()
    score[2::2] = _NEVER
    came: list[NDArray[np.int64]] = []
    for row in odds[1:]:
        paths = score[:, None] + allowed
        came.append(paths.argmax(axis=0))
        score = paths.max(axis=0) + row
    labels = [int(score.argmax())]
    for back in reversed(came):
        labels.append(int(back[labels[-1]]))
    return labels[::-1]


def spans(labels: Sequence[int]) -> list[Found]:
    """The slots that a row of labels marks, in order."""
    found: list[Found] = []
    for at, label in enumerate(labels):
        if label % 2:
            end = at + 1
            while end < len(labels) and labels[end] == label + 1:
                end += 1
            found.append(Found(name=NAMES[label // 2], start=at, end=end))
    return found


def row_of(words: int, found: Sequence[Found]) -> NDArray[np.int64]:
    """(words,) the labels that mark these slots."""
    labels = np.zeros(words, dtype=np.int64)
    for item in found:
        first = 1 + 2 * NAMES.index(item.name)
        labels[item.start] = first
        labels[item.start + 1 : item.end] = first + 1
    return labels
