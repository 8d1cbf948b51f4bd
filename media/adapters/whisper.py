"""faster-whisper as a Transcriber: a configured model, or one that is already in the cache."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from media.errors import ModelMissing, ShapeError, TranscriptionFailed
from media.transcriber import RATE, Samples, Word

logger = logging.getLogger(__name__)

_ORGANISATIONS = ("Systran", "mobiuslabsgmbh", "deepdml", "guillaumekln")
_BEST_FIRST = (
    "small.en",
    "small",
    "base.en",
    "base",
    "large-v3-turbo",
    "turbo",
    "medium.en",
    "medium",
    "tiny.en",
    "tiny",
    "large-v3",
    "large-v2",
)
_NEEDED = ("model.bin", "config.json", "tokenizer.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class WhisperSettings:
    """How the model is run, and which results are not believed."""

    device: str = "cpu"
    compute_type: str = "int8"
    threads: int = 1
    language: str = "en"
    """Pinned: guessing the language of two words goes wrong, and fails on noise."""
    beam: int = 5
    least_rms: float = 0.0025
    """Quieter sound is never given to the model: it would invent words."""
    no_speech: float = 0.6
    log_probability: float = -1.0
    compression: float = 2.4
    repeats: int = 3
    """A phrase of three to six words said this often in a row is a loop, not speech."""


def cache_folder() -> Path:
    """Return the Hugging Face cache of this machine, which may not exist."""
    if "HF_HUB_CACHE" in os.environ:
        return Path(os.environ["HF_HUB_CACHE"])
    home = os.environ.get("HF_HOME")
    return (Path(home) if home else Path.home() / ".cache" / "huggingface") / "hub"


def find_cached_model(cache: Path | None = None, *, size: str | None = None) -> Path | None:
    """Find a complete faster-whisper model in the cache.

    Args:
        cache: the Hugging Face cache; None: this machine's.
        size: such as "small.en"; None: the best one for live use on a CPU.
    """
    hub = cache or cache_folder()
    found = {_size(folder.name): folder for folder in sorted(hub.glob("models--*--faster*whisper-*"))}
    wanted = _BEST_FIRST if size is None else (size,)
    ranked = [found[name] for name in wanted if name in found]
    for folder in ranked:
        snapshots = sorted((folder / "snapshots").glob("*"), key=lambda path: path.stat().st_mtime)
        for snapshot in reversed(snapshots):
            if all((snapshot / name).is_file() for name in _NEEDED):
                return snapshot
    return None


def _size(folder: str) -> str:
    organisation, _, model = folder.removeprefix("models--").partition("--")
    return model.rpartition("whisper-")[2] if organisation in _ORGANISATIONS else ""


class WhisperTranscriber:
    """Speech to words by faster-whisper; never downloads anything."""

    name = "whisper"

    def __init__(self, model: Path, settings: WhisperSettings | None = None, *, engine: Any = None) -> None:
        """Load a model from its folder (seconds).

        Args:
            model: folder with model.bin, config.json and tokenizer.json.
            settings: how to run it.
            engine: an object with faster-whisper's `transcribe`; by default the model is loaded.

        Raises:
            ModelMissing: the folder is not a complete model, or it cannot be loaded.
        """
        self._settings = settings or WhisperSettings()
        self._model = model
        self.suppressed: Counter[str] = Counter()
        """How many segments were not believed, by reason."""
        self._engine = engine if engine is not None else self._load()

    def describe(self) -> str:
        """Say what is at work."""
        version = importlib.metadata.version("faster-whisper")
        label = self._model.name
        if self._model.parent.name == "snapshots":
            label = self._model.parent.parent.name.rpartition("--")[2]
        return f"faster-whisper {version}, {label}, {self._settings.compute_type} on {self._settings.device}"

    def transcribe(self, samples: Samples, *, vocabulary: Sequence[str] = ()) -> list[Word]:
        """Recognise one utterance, shape (n,) float32 at 16 kHz; see `Transcriber.transcribe`.

        Raises:
            ShapeError: the sound is not one row of samples.
            TranscriptionFailed: the model failed on it.
        """
        if samples.ndim != 1:
            raise ShapeError(f"an utterance is one row of samples, this one has shape {samples.shape}")
        if len(samples) < RATE // 10 or float(np.sqrt(np.mean(np.square(samples)))) < self._settings.least_rms:
            self._suppress("silence")
            return []
        settings = self._settings
        try:
            # Names go in as a prompt: hotwords break word times.
            segments, _ = self._engine.transcribe(
                np.ascontiguousarray(samples, dtype=np.float32),
                language=settings.language,
                beam_size=settings.beam,
                word_timestamps=True,
                condition_on_previous_text=False,
                initial_prompt=f"Present: {', '.join(vocabulary)}." if vocabulary else None,
                no_speech_threshold=settings.no_speech,
                log_prob_threshold=settings.log_probability,
                compression_ratio_threshold=settings.compression,
                vad_filter=False,
            )
            kept = [segment for segment in segments if self._believed(segment)]
        except (RuntimeError, ValueError) as error:
            raise TranscriptionFailed("faster-whisper failed on this utterance") from error
        return self._words(kept, len(samples) / RATE)

    def _believed(self, segment: Any) -> bool:
        settings = self._settings
        unlikely = segment.avg_logprob < settings.log_probability
        if segment.no_speech_prob > settings.no_speech and unlikely:
            return self._suppress("no_speech")
        if segment.compression_ratio > settings.compression:
            return self._suppress("compression")
        if loops(segment.text, settings.repeats):
            return self._suppress("loop")
        return True

    def _suppress(self, reason: str) -> bool:
        self.suppressed[reason] += 1
        logger.info("recognition suppressed", extra={"reason": reason})
        return False

    @staticmethod
    def _words(segments: Sequence[Any], seconds: float) -> list[Word]:
        words: list[Word] = []
        for segment in segments:
            for word in segment.words or ():
                text = word.word.strip()
                # A word behind the last one is a repetition that the decoder fell into.
                if not text or (words and word.end <= words[-1].start):
                    continue
                start = min(max(float(word.start), 0.0), seconds)
                words.append(
                    Word(
                        text=text,
                        start=start,
                        end=min(max(float(word.end), start), seconds),
                        confidence=min(max(float(word.probability), 0.0), 1.0),
                    )
                )
        return words

    def _load(self) -> Any:
        missing = [name for name in _NEEDED if not (self._model / name).is_file()]
        if missing:
            raise ModelMissing(f"{self._model} is no faster-whisper model: {', '.join(missing)} missing")
        from faster_whisper import WhisperModel

        try:
            return WhisperModel(
                str(self._model),
                device=self._settings.device,
                compute_type=self._settings.compute_type,
                cpu_threads=self._settings.threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelMissing(f"faster-whisper cannot load {self._model}: {error}") from error


def loops(text: str, repeats: int = 3) -> bool:
    """Say whether a phrase of three to six words follows itself at least `repeats` times."""
    words = re.findall(r"[\w']+", text.lower())
    for length in range(3, 7):
        for start in range(len(words) - length * repeats + 1):
            phrase = words[start : start + length]
            if all(
                words[start + turn * length : start + (turn + 1) * length] == phrase for turn in range(1, repeats)
            ):
                return True
    return False
