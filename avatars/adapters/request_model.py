"""Requests, with the sentence encoder that clauses are read with: one pass -> kind -> words of its slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avatars import labelling
from avatars.adapters.bert import WIDTH, Encoder
from avatars.errors import ModelError
from avatars.heads import Heads, read_arrays
from avatars.mentions import Mention, Surroundings, find
from avatars.request_cues import PLACES, cues
from avatars.request_text import Piece, pieces
from avatars.requests import REQUESTS, SLOTS_OF, RequestKind, SpokenRequest, assemble

Matrix = NDArray[np.float32]
INPUTS = WIDTH + PLACES
"""Of the intent head: the request's vector and its cues."""
LABEL_INPUTS = labelling.width(WIDTH, len(REQUESTS))
_STEPS = "hidden_steps"
_LEVELS = {"intent": 63, "label": 127}
"""Steps from nothing to the most that a unit weighs; the cues of the kind are many and bear coarse ones."""
TRAINER = "avatars.training requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A request as the heads see it."""

    words: list[Piece]
    mentions: list[Mention]
    vector: Matrix
    """(INPUTS,)"""
    rows: Matrix
    """(words, WIDTH)"""
    flags: Matrix
    """(words, labelling.FLAGS)"""


def encode(encoder: Encoder, asked: Sequence[tuple[str, Surroundings]]) -> list[Encoded]:
    """Requests with who and what they may name, in passes of many; a text without words gives zeros."""
    words = [pieces(text) for text, _ in asked]
    mentions = [find(text, of, around) for (text, around), of in zip(asked, words, strict=True)]
    found = encoder.encode_words(
        [text.lower() for text, _ in asked], [[(piece.start, piece.end) for piece in of] for of in words]
    )
    return [
        Encoded(
            words=of,
            mentions=named,
            vector=np.concatenate([vector, cues(of, named)]),
            rows=rows,
            flags=labelling.flags(of, named),
        )
        for of, named, (vector, rows) in zip(words, mentions, found, strict=True)
    ]


class RequestReader:
    """Tells what somebody asks of a colleague."""

    def __init__(self, encoder: Encoder, intents: Heads, labels: Heads, moves: Matrix, threshold: float) -> None:
        """Use these heads.

        Args:
            encoder: shared with whoever else reads.
            intents: of the kinds in `REQUESTS`.
            labels: of the words.
            moves: (labels, labels) what stands behind what, as from `labelling.moves_of`.
            threshold: the confidence below which nothing was asked.
        """
        self._encoder = encoder
        self._intents = intents
        self._labels = labels
        self._moves = moves
        self._threshold = threshold

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> RequestReader:
        """Read requests.npz.

        Raises:
            ModelError: the file is missing or does not fit this version.
        """
        path = folder / "requests.npz"
        arrays = read_arrays(path)
        if not {"threshold", "moves", *(f"{part}.{_STEPS}" for part in ("intent", "label"))} <= arrays.keys():
            raise ModelError(path.name, f"lacks an array: train the heads again (python -m {TRAINER})")
        for part in ("intent", "label"):
            arrays[f"{part}.hidden"] = arrays[f"{part}.hidden"] * arrays.pop(f"{part}.{_STEPS}")
        parts = {
            part: {name.removeprefix(f"{part}."): table for name, table in arrays.items() if name.startswith(part)}
            for part in ("intent", "label")
        }
        intents = Heads.from_arrays(parts["intent"], path.name, INPUTS, len(REQUESTS), TRAINER)
        labels = Heads.from_arrays(parts["label"], path.name, LABEL_INPUTS, labelling.LABELS, TRAINER)
        if arrays["moves"].shape != (labelling.LABELS, labelling.LABELS):
            raise ModelError(path.name, f"was made for other labels: train the heads again (python -m {TRAINER})")
        return cls(encoder, intents, labels, arrays["moves"], float(arrays["threshold"]))

    def save(self, folder: Path) -> None:
        """Write requests.npz; the largest tables in steps of a share of what each unit weighs most."""
        arrays: dict[str, NDArray[Any]] = {}
        for part, heads in (("intent", self._intents), ("label", self._labels)):
            steps = np.maximum(np.abs(heads.hidden).max(axis=0), 1e-9) / _LEVELS[part]
            arrays |= {f"{part}.{name}": table for name, table in heads.arrays().items()}
            arrays[f"{part}.hidden"] = np.rint(heads.hidden / steps).astype(np.int8)
            arrays[f"{part}.{_STEPS}"] = steps.astype(np.float32)
        threshold = np.asarray(self._threshold, dtype=np.float32)
        arrays["moves"] = self._moves.astype(np.float16)
        np.savez_compressed(folder / "requests.npz", **arrays, threshold=threshold)  # type: ignore[arg-type]

    def read(self, text: str, around: Surroundings) -> SpokenRequest:
        """What is asked for; `NONE` where no kind is sure enough.

        Args:
            text: one utterance, punctuated or not.
            around: who and what it may name.
        """
        (seen,) = encode(self._encoder, [(text, around)])
        return self.read_encoded(text, seen)

    def read_encoded(self, text: str, seen: Encoded) -> SpokenRequest:
        """The same of a text that was encoded before."""
        if not seen.words:
            return SpokenRequest(kind=RequestKind.NONE, confidence=1.0)
        shares = self._intents.probabilities(seen.vector[None])[0]
        best = int(shares.argmax())
        kind, confidence = REQUESTS[best], float(shares[best])
        if confidence < self._threshold:
            kind = RequestKind.NONE
        chances = self._labels.probabilities(labelling.inputs(seen.rows, seen.flags, shares))
        slots = SLOTS_OF.get(kind, ())
        found = labelling.spans(labelling.best_row(chances, self._moves, slots), chances)
        return assemble(text, seen.words, seen.mentions, kind, confidence, found)
