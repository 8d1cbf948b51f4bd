"""Reads and writes the binary trie language models of PocketSphinx."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media.errors import ModelMissing
from media.language.backoff import BackoffModel

_MAGIC = b"Trie Language Model"
_BINS = 1 << 16
_UNIT = float(np.log10(1.0001))
"""Logarithms in the file are to base 1.0001."""


def read_trie(path: Path) -> BackoffModel:
    """Read a trigram model.

    The trie holds n-grams backwards: the root is the predicted word, its children the words before it.

    Raises:
        ModelMissing: the file is not there or is no trigram trie.
    """
    if not path.is_file():
        raise ModelMissing(f"no language model at {path}")
    data = path.read_bytes()
    if not data.startswith(_MAGIC) or data[len(_MAGIC)] != 3:
        raise ModelMissing(f"{path} is not a binary trigram model of PocketSphinx")
    at = len(_MAGIC) + 1
    ones, twos, threes = struct.unpack_from("<3I", data, at)
    at += 12 + 4
    tables = np.frombuffer(data, "<f4", 3 * _BINS, at).reshape(3, _BINS)
    at += 3 * _BINS * 4
    unigrams = np.frombuffer(data, [("prob", "<f4"), ("bo", "<f4"), ("next", "<u4")], ones + 1, at)
    at += (ones + 1) * 12
    word_bits, next_bits = int(ones).bit_length(), int(threes).bit_length()
    middle_bits, longest_bits = word_bits + 32 + next_bits, word_bits + 16
    middle = data[at : at + ((1 + twos) * middle_bits + 7) // 8 + 8]
    at += len(middle)
    longest = data[at : at + ((1 + threes) * longest_bits + 7) // 8 + 8]
    at += len(longest)
    size = struct.unpack_from("<I", data, at)[0]
    words = data[at + 4 : at + 4 + size].decode().rstrip("\0").split("\0")
    if len(words) != ones:
        raise ModelMissing(f"{path} is damaged: {len(words)} words where {ones} are promised")

    # The header counts a few n-grams that the trie does not hold: its own sentinels are right.
    children: NDArray[np.int64] = unigrams["next"].astype(np.int64)
    held = int(children[ones])
    two_at = np.arange(held, dtype=np.int64) * middle_bits
    last_of_two = np.repeat(np.arange(ones), np.diff(children))
    before_of_two = _bits(middle, two_at, word_bits)
    next_of_two = _bits(middle, np.append(two_at, held * middle_bits) + word_bits + 32, next_bits)
    three_at = np.arange(int(next_of_two[-1]), dtype=np.int64) * longest_bits
    parent = np.repeat(np.arange(held), np.diff(next_of_two))
    first = _bits(longest, three_at, word_bits)
    prob_two = tables[0][_bits(middle, two_at + word_bits + 16, 16)]
    back_two = tables[1][_bits(middle, two_at + word_bits, 16)]
    prob_three = tables[2][_bits(longest, three_at + word_bits, 16)]
    return BackoffModel.from_ngrams(
        words=words,
        unigram=(unigrams["prob"][:ones] * _UNIT, unigrams["bo"][:ones] * _UNIT),
        bigrams=(np.stack([before_of_two, last_of_two], axis=1), prob_two * _UNIT, back_two * _UNIT),
        trigrams=(
            np.stack([first, before_of_two[parent], last_of_two[parent]], axis=1),
            prob_three * _UNIT,
        ),
    )


def write_trie(model: BackoffModel, path: Path) -> None:
    """Write a trigram model; probabilities are rounded to a thousandth of a decade."""
    two, three = model.rows_two(), model.rows_three()
    order_two = np.lexsort((two[:, 0], two[:, 1]))
    order_three = np.lexsort((three[:, 0], three[:, 1], three[:, 2]))
    two, three = two[order_two], three[order_three]
    ones, twos, threes = len(model.words), len(two), len(three)
    children_one = np.searchsorted(two[:, 1], np.arange(ones + 1))
    backwards = two[:, 1] * ones + two[:, 0]
    children_two = np.append(np.searchsorted(three[:, 2] * ones + three[:, 1], backwards), threes)

    prob_two, code_prob = _quantised(model.two[order_two])
    back_two, code_back = _quantised(model.two_back[order_two])
    prob_three, code_three = _quantised(model.three[order_three])
    word_bits, next_bits = ones.bit_length(), threes.bit_length()
    middle = _packed(
        [
            (np.append(two[:, 0], 0), word_bits),
            (np.append(code_back, 0), 16),
            (np.append(code_prob, 0), 16),
            (children_two, next_bits),
        ],
        ((1 + twos) * (word_bits + 32 + next_bits) + 7) // 8 + 8,
    )
    longest = _packed([(three[:, 0], word_bits), (code_three, 16)], ((1 + threes) * (word_bits + 16) + 7) // 8 + 8)
    unigrams = np.zeros(ones + 1, [("prob", "<f4"), ("bo", "<f4"), ("next", "<u4")])
    unigrams["prob"][:ones], unigrams["bo"][:ones] = model.one / _UNIT, model.one_back / _UNIT
    unigrams["next"] = children_one
    words = b"".join(word.encode() + b"\0" for word in model.words)
    tables = np.concatenate([prob_two, back_two, prob_three]).astype("<f4")
    header = _MAGIC + struct.pack("<B4I", 3, ones, twos, threes, 1)
    size = struct.pack("<I", len(words))
    path.write_bytes(header + tables.tobytes() + unigrams.tobytes() + middle + longest + size + words)


def _quantised(logs: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return a table of values in the file's unit, and for each log its place in the table."""
    values, code = np.unique(np.round(np.maximum(logs, -40.0), 3), return_inverse=True)
    table = np.full(_BINS, values[-1] if len(values) else 0.0)
    table[: len(values)] = values
    return table / _UNIT, code.astype(np.int64)


def _packed(fields: list[tuple[NDArray[np.int64], int]], size: int) -> bytes:
    """Put rows of bit fields one after the other, least significant bit first."""
    bits = [((values[:, None] >> np.arange(width)) & 1).astype(np.uint8) for values, width in fields]
    return np.packbits(np.concatenate(bits, axis=1).ravel(), bitorder="little").tobytes().ljust(size, b"\0")


def _bits(data: bytes, at: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """Little-endian bit fields of up to 32 bits at bit positions `at`."""
    raw = np.frombuffer(data + bytes(8), np.uint8)
    byte = at >> 3
    value = np.zeros(len(at), np.uint64)
    for index in range(5):
        value |= raw[byte + index].astype(np.uint64) << np.uint64(8 * index)
    value >>= (at & 7).astype(np.uint64)
    return (value & np.uint64((1 << width) - 1)).astype(np.int64)
