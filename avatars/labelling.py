"""Which words of a request fill which slot: features of each word, and the best allowed row of labels."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from avatars.mentions import Mention, MentionKind
from avatars.request_text import Piece
from avatars.requests import Found, SlotName
from avatars.verbs import word_set

Matrix = NDArray[np.float32]
NAMES: tuple[SlotName, ...] = tuple(SlotName)
LABELS = 1 + 2 * len(NAMES)
"""Outside, then for each slot its first word and the words behind: 0, 1 + 2 i, 2 + 2 i."""
_KINDS = tuple(MentionKind)
_LEADING = word_set(
    "a an the this that these those my your his her its our their another any some all no both every each one "
    "i me you he she it we us they them him who whom whose what which where when why how whether if because so "
    "to of for from with about on onto in into at by until till before after off up down out over back away "
    "through instead than as like and or but not n't never don't do does did done doing is are was were be been "
    "being am 's has have had having will would can could should must may might shall need needs let let's get "
    "gets got give gives given gave make makes made put puts set take takes took keep keeps go goes going went "
    "come comes add note log write open create start track save remember remind reminder reminds forget forgets "
    "forgetting ask tell tells know sure move change push delay postpone assign reassign hand pass switch swap "
    "mark close tick check cross clear finish finished complete completed ready closed due deadline date owner "
    "task tasks todo ticket item action entry thing job list board plate meeting call talk discussion summary "
    "recap summarise sum said say says decided agreed happened please thanks okay uh um then now again also too "
    "just already still yet here there new next more less later earlier rather want wants like i'd i'll we'll "
    "he'd she'd it's that's there's i'm we're i've we've he's she's who's what's where's can't won't isn't "
    "someone somebody everyone everybody anyone supposed responsible busy away ill invoice bill order number "
    "vendor supplier room person amount total"
)
"""Words that lead into a slot, or out of it: which word it is, a vector of its sense tells too roughly."""
_PLACES = {word: place for place, word in enumerate(sorted(_LEADING))}
_MARKED = 2 * len(_KINDS) + 2
FLAGS = _MARKED + len(_PLACES)
"""Numbers that describe a word beside its vector."""
NEAR = 1
"""Words on each side whose vectors are seen."""
AROUND = 2
"""Words on each side whose flags are seen."""
MOVING = 0.35
"""How far what usually stands behind what counts: a word's own vector knows most of it already."""
_NEVER = -1e9


def width(vector: int, kinds: int) -> int:
    """Inputs of the labeller, for word vectors of this length and so many kinds of request."""
    return (2 * NEAR + 1) * vector + (2 * AROUND + 1) * FLAGS + kinds


def flags(words: Sequence[Piece], mentions: Sequence[Mention]) -> Matrix:
    """(words, FLAGS): begins and goes on a mention of each kind, whether it opens or ends the request, and which
    of the leading words it is."""
    table = np.zeros((len(words), FLAGS), dtype=np.float32)
    for mention in mentions:
        column = 2 * _KINDS.index(mention.kind)
        table[mention.start, column] = 1.0
        table[mention.start + 1 : mention.end, column + 1] = 1.0
    for at, piece in enumerate(words):
        if piece.word in _PLACES:
            table[at, _MARKED + _PLACES[piece.word]] = 1.0
    if words:
        table[0, _MARKED - 2] = table[-1, _MARKED - 1] = 1.0
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
    parts += [_shifted(marks, step) for step in range(-AROUND, AROUND + 1)]
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


def best_row(shares: Matrix, moves: Matrix, slots: Collection[SlotName]) -> list[int]:
    """The likeliest row of labels in which a slot goes on only where it has begun.

    Args:
        shares: (words, LABELS) how likely each label is for each word.
        moves: (LABELS, LABELS) how much likelier a label is behind another than anywhere, as a logarithm.
        slots: that there may be; labels of others are not looked at.
    """
    if not len(shares):
        return []
    odds = np.log(shares.astype(np.float64) + 1e-9)
    closed = [place for place, name in enumerate(NAMES) if name not in slots]
    for place in closed:
        odds[:, [1 + 2 * place, 2 + 2 * place]] = _NEVER
    allowed = moves.astype(np.float64)
    for behind in range(2, LABELS, 2):
        before = [behind - 1, behind]
        kept = allowed[before, behind]
        allowed[:, behind] = _NEVER
        allowed[before, behind] = kept
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


def moves_of(rows: Sequence[NDArray[np.int64]]) -> Matrix:
    """(LABELS, LABELS): how much likelier each label is behind each other than anywhere, as a logarithm.

    Args:
        rows: labels of the words of many requests.
    """
    table = np.ones((LABELS, LABELS))
    for row in rows:
        np.add.at(table, (row[:-1], row[1:]), 1)
    behind = table / table.sum(axis=1, keepdims=True)
    anywhere = table.sum(axis=0) / table.sum()
    moves: Matrix = (MOVING * np.log(behind / anywhere)).astype(np.float32)
    return moves


def spans(labels: Sequence[int], shares: Matrix) -> list[Found]:
    """The slots that a row of labels marks, in order.

    Args:
        labels: one for each word.
        shares: (words, LABELS) how likely each label was for each word.
    """
    found: list[Found] = []
    for at, label in enumerate(labels):
        if label % 2:
            end = at + 1
            while end < len(labels) and labels[end] == label + 1:
                end += 1
            share = float(np.mean([shares[place, labels[place]] for place in range(at, end)]))
            found.append(Found(name=NAMES[label // 2], start=at, end=end, share=share))
    return found


def row_of(words: int, found: Sequence[Found]) -> NDArray[np.int64]:
    """(words,) the labels that mark these slots."""
    labels = np.zeros(words, dtype=np.int64)
    for item in found:
        first = 1 + 2 * NAMES.index(item.name)
        labels[item.start] = first
        labels[item.start + 1 : item.end] = first + 1
    return labels
