"""Requests, with the sentence encoder that clauses are read with: one pass -> kind -> words of its slots."""

from __future__ import annotations

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
from avatars.requests import REQUESTS, RequestKind, SpokenRequest, assemble

Matrix = NDArray[np.float32]
INPUTS = WIDTH + PLACES
"""Of the intent head: the request's vector and its cues."""
LABEL_INPUTS = labelling.width(WIDTH, len(REQUESTS))
_STEPS = "hidden_steps"
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


def encode(encoder: Encoder, text: str, around: Surroundings) -> Encoded:
    """One pass of the encoder; a text without words gives zeros."""
    words = pieces(text)
    mentions = find(text, words, around)
    vector, rows = encoder.encode_words(text.lower(), [(piece.start, piece.end) for piece in words])
    return Encoded(
        words=words,
        mentions=mentions,
        vector=np.concatenate([vector, cues(words, mentions)]),
        rows=rows,
        flags=labelling.flags(len(words), mentions),
    )


class RequestReader:
    """Tells what somebody asks of a colleague."""

    def __init__(self, encoder: Encoder, intents: Heads, labels: Heads, threshold: float) -> None:
        """Use these heads.

        Args:
            encoder: shared with whoever else reads.
            intents: of the kinds in `REQUESTS`.
            labels: of the words.
            threshold: the confidence below which nothing was asked.
        """
        self._encoder = encoder
        self._intents = intents
        self._labels = labels
        self._threshold = threshold

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> RequestReader:
        """Read requests.npz.

        Raises:
            ModelError: the file is missing or does not fit this version.
        """
        path = folder / "requests.npz"
        arrays = read_arrays(path)
        if not {"threshold", *(f"{part}.{_STEPS}" for part in ("intent", "label"))} <= arrays.keys():
            raise ModelError(path.name, f"lacks an array: train the heads again (python -m {TRAINER})")
        for part in ("intent", "label"):
            arrays[f"{part}.hidden"] = arrays[f"{part}.hidden"] * arrays.pop(f"{part}.{_STEPS}")
        parts = {
            part: {name.removeprefix(f"{part}."): table for name, table in arrays.items() if name.startswith(part)}
            for part in ("intent", "label")
        }
        intents = Heads.from_arrays(parts["intent"], path.name, INPUTS, len(REQUESTS), TRAINER)
        labels = Heads.from_arrays(parts["label"], path.name, LABEL_INPUTS, labelling.LABELS, TRAINER)
        return cls(encoder, intents, labels, float(arrays["threshold"]))

    def save(self, folder: Path) -> None:
        """Write requests.npz; the largest tables in steps of a 127th of what each unit weighs most."""
        arrays: dict[str, NDArray[Any]] = {}
        for part, heads in (("intent", self._intents), ("label", self._labels)):
            steps = np.maximum(np.abs(heads.hidden).max(axis=0), 1e-9) / 127
            arrays |= {f"{part}.{name}": table for name, table in heads.arrays().items()}
            arrays[f"{part}.hidden"] = np.rint(heads.hidden / steps).astype(np.int8)
            arrays[f"{part}.{_STEPS}"] = steps.astype(np.float32)
        threshold = np.asarray(self._threshold, dtype=np.float32)
        np.savez_compressed(folder / "requests.npz", **arrays, threshold=threshold)  # type: ignore[arg-type]

    def read(self, text: str, around: Surroundings) -> SpokenRequest:
        """What is asked for; `NONE` where no kind is sure enough.

        Args:
            text: one utterance, punctuated or not.
            around: who and what it may name.
        """
        return self.read_encoded(text, encode(self._encoder, text, around))

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
        found = labelling.spans(labelling.best_row(chances))
        return assemble(text, seen.words, seen.mentions, kind, confidence, found)
