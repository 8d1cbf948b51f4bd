"""A meeting's utterances, read in context by nets on ONNX Runtime: which agree on something, and how surely?"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from avatars.adapters.bert import MODEL, WIDTH, Encoder
from avatars.calibration import Calibration
from avatars.errors import ModelError
from avatars.meeting_input import Line, arrange

LABELS = ("actions", "decisions", "problems")
"""The model's first outputs, in order."""
GRAPH, ABOUT = "meetings.onnx", "meetings.json"
PIECE = 128
"""Lines that are encoded between two words on how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the model tells of one utterance."""

    id: str
    confidence: Mapping[str, float]
    """By label: calibrated, 0 … 1: of a hundred told with 0.3, about thirty are right."""
    found: Mapping[str, bool]
    """By label: the confidence is so high that it is worth showing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """What came of one meeting, and from what."""

    model: str
    sha256: str
    """Of the model's graph."""
    seconds: float
    told: tuple[Told, ...]
    """In the order of the lines."""


def mode_name(*, known: bool, recognised: bool) -> str:
    """Which calibrations are meant: places and roles are known or not; people or a recogniser wrote the text."""
    return f"{'known' if known else 'words'}-{'recognised' if recognised else 'written'}"


def sentence_vectors(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float32]:
    """(texts, WIDTH) of what lines say; zeros where a recogniser heard nothing."""
    plain = [text.lower().strip() for text in texts]
    said = [place for place, text in enumerate(plain) if text]
    rows = np.zeros((len(texts), WIDTH), np.float32)
    rows[said] = encoder.encode([plain[place] for place in said])
    return rows


class MeetingModel:
    """Encoder, nets and their calibrations. Lines that were encoded before are not encoded again."""

    encoder_name = MODEL

    def __init__(
        self,
        folder: Path,
        *,
        nets: Path | None = None,
        encoder: Encoder | None = None,
        threads: int = 1,
        keep: int = 20_000,
    ) -> None:
        """Load the model.

        Args:
            folder: with encoder.onnx, tokenizer.json, meetings.onnx and meetings.json.
            nets: the folder of another meetings.onnx and meetings.json for that encoder; None: those beside it.
            encoder: to share; None: one of its own.
            threads: of the encoder and of the nets.
            keep: sentence vectors to remember, by content; 1.5 kB each.

        Raises:
            ModelError: a file is missing, or is not the one that the calibrations were made for.
        """
        self._encoder = encoder or Encoder(folder, threads)
        self._about, self._session = _load(nets or folder, threads)
        self._calibrations = {name: Calibration(**one) for name, one in self._about["calibrations"].items()}
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._keep = keep

    def read(
        self,
        lines: Sequence[Line],
        *,
        recognised: bool,
        known: bool,
        progress: Callable[[int], None] | None = None,
    ) -> Inference:
        """Read a meeting.

        Args:
            lines: its utterances, in order of time.
            recognised: a recogniser wrote them.
            known: the meeting is over and roles are known, so that place and role may be used; else only words.
            progress: is told how many lines are encoded.
        """
        began = time.perf_counter()
        told: tuple[Told, ...] = ()
        if lines:
            arrays = arrange(lines, whole=known, roles=known).arrays()
            odds = self._session.run(
                None, {"vectors": self.encode([line.text for line in lines], progress), **arrays}
            )[0]
            told = self._calibrated(lines, odds, mode_name(known=known, recognised=recognised))
        return Inference(
            model=self._about["model"],
            sha256=self._about["sha256"],
            seconds=time.perf_counter() - began,
            told=told,
        )

    def _calibrated(self, lines: Sequence[Line], odds: NDArray[np.float32], mode: str) -> tuple[Told, ...]:
        scales = {label: self._calibrations[f"{mode}-{label}"] for label in LABELS}
        shares = {label: scales[label].confidence(odds[:, column]) for column, label in enumerate(LABELS)}
        return tuple(
            Told(
                id=line.id,
                confidence={label: float(shares[label][place]) for label in LABELS},
                found={label: bool(shares[label][place] >= scales[label].threshold) for label in LABELS},
            )
            for place, line in enumerate(lines)
        )

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """Give (texts, WIDTH) sentence vectors; those of before are remembered.

        Args:
            texts: what was said.
            progress: is told how many are encoded, after every PIECE.
        """
        rows = np.zeros((len(texts), WIDTH), np.float32)
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        fresh: dict[str, NDArray[np.float32]] = {}
        for start in range(0, max(1, len(missing)), PIECE):
            piece = missing[start : start + PIECE]
            fresh.update(zip(piece, sentence_vectors(self._encoder, piece), strict=True))
            if progress is not None:
                progress(len(texts) - len(missing) + len(fresh))
        for row, text in zip(rows, texts, strict=True):
            vector = self._vectors.pop(text, None)
            row[:] = self._vectors[text] = fresh[text] if vector is None else vector  # the last used stand last
        while len(self._vectors) > self._keep:
            del self._vectors[next(iter(self._vectors))]
        return rows


def _load(folder: Path, threads: int) -> tuple[dict[str, Any], Any]:
    graph, about = folder / GRAPH, folder / ABOUT
    for path in (graph, about):
        if not path.is_file():
            raise ModelError(path.name, f"is missing in {folder}: fetch assets/models/understanding again")
    try:
        known: dict[str, Any] = json.loads(about.read_text(encoding="utf-8"))
        held = graph.read_bytes()
        if hashlib.sha256(held).hexdigest() != known["sha256"]:
            raise ModelError(graph.name, f"is not the one that {ABOUT} was made for: fetch both again")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(held, options, providers=["CPUExecutionProvider"])
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(graph.name, f"cannot be loaded: {error}") from error
    return known, session
