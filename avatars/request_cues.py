"""Which words and pairs of words a request holds, as a row of fixed length."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avatars.mentions import Mention
from avatars.request_text import Piece

PLACES = 8192
"""Length of the row. Words and pairs share a place where their checksums do: few of those that are usual."""
_WEIGHT = 2.0
"""Of a word that is there, beside vectors of length 1 that are scaled up."""


def cues(words: Sequence[Piece], mentions: Sequence[Mention]) -> NDArray[np.float32]:
    """(PLACES,): `_WEIGHT` for each word and each pair that is there, else 0.

    Args:
        words: of the request.
        mentions: what of it can be looked up: "bo" and "lin" are the same to the kind of a request.
    """
    plain = [piece.word for piece in words]
    for mention in mentions:
        plain[mention.start : mention.end] = [f"<{mention.kind.value}>"] * (mention.end - mention.start)
    framed = ["^", *plain, "$"]
    row = np.zeros(PLACES, dtype=np.float32)
    for item in (*plain, *(f"{first} {second}" for first, second in pairwise(framed))):
        row[zlib.crc32(item.encode()) % PLACES] = _WEIGHT
    return row
