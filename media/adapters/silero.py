"""Silero VAD: the small model that faster-whisper carries, as a SpeechDetector."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from media.errors import ModelMissing, ShapeError
from media.transcriber import Samples
from media.vad import WINDOW

_CONTEXT = 64
_STATE = (1, 1, 128)
_FILE = "silero_vad_v6.onnx"


def model_path() -> Path:
    """Find the model inside the installed faster-whisper package, without importing it.

    Raises:
        ModelMissing: the package or the file is not there.
    """
    spec = importlib.util.find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise ModelMissing("faster-whisper is not installed; its package carries the speech detector")
    path = Path(spec.origin).parent / "assets" / _FILE
    if not path.is_file():
        raise ModelMissing(f"{_FILE} is not in {path.parent}; install faster-whisper 1.2.1 or newer")
    return path


@lru_cache(maxsize=4)
def _session(path: Path) -> Any:
    """One session per process: it is read-only, the state of a stream is passed in and out."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"], sess_options=options)


class SileroDetector:
    """p(speech) of one speaker's stream; windows of 512 samples at 16 kHz, in order."""

    def __init__(self, path: Path | None = None) -> None:
        """Load the model (shared by all detectors of this process).

        Raises:
            ModelMissing: there is no such model.
        """
        chosen = path or model_path()
        if not chosen.is_file():
            raise ModelMissing(f"no speech detector at {chosen}")
        self._run = _session(chosen).run
        self._input = np.zeros((1, _CONTEXT + WINDOW), dtype=np.float32)
        self._hidden = self._cell = np.zeros(_STATE, dtype=np.float32)

    def probability(self, window: Samples) -> float:
        """Return p(speech) of the next window, shape (512,).

        Raises:
            ShapeError: the window has another shape.
        """
        if window.shape != (WINDOW,):
            raise ShapeError(f"a window holds {WINDOW} samples, this one has shape {window.shape}")
        self._input[0, :_CONTEXT] = self._input[0, WINDOW:]
        self._input[0, _CONTEXT:] = window
        given = {"input": self._input, "h": self._hidden, "c": self._cell}
        probability, self._hidden, self._cell = self._run(None, given)
        return float(probability.reshape(-1)[0])

    def reset(self) -> None:
        """Start a new stream."""
        self._input = np.zeros((1, _CONTEXT + WINDOW), dtype=np.float32)
        self._hidden = self._cell = np.zeros(_STATE, dtype=np.float32)
