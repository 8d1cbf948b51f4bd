"""faster-whisper as a Transcriber: a configured model, or one that is already in the cache."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from media.adapters.screen import believed, one_by_one
from media.errors import ModelMissing, TranscriptionFailed
from media.guards import loops
from media.suppression import Reason, Suppressed
from media.transcriber import RATE, Capabilities, Hypothesis, Outcome, Request, Word

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
        self._engine = engine if engine is not None else self._load()

    def describe(self) -> str:
        """Say what is at work."""
        version = importlib.metadata.version("faster-whisper")
        label = self._model.name
        if self._model.parent.name == "snapshots":
            label = self._model.parent.parent.name.rpartition("--")[2]
        return f"faster-whisper {version}, {label}, {self._settings.compute_type} on {self._settings.device}"

    @property
    def capabilities(self) -> Capabilities:
        """What it can do with this model."""
        return Capabilities(
            languages=("en",) if self._model.name.endswith(".en") else (), vocabulary=True, punctuation=True
        )

    def prepare(self, vocabulary: Sequence[str]) -> None:
        """Nothing to prepare: words go along with each request."""

    def transcribe(self, requests: Sequence[Request]) -> list[Outcome]:
        """Recognise one after the other; see `Transcriber.transcribe`."""
        return one_by_one(requests, self._recognise)

    def forget(self, stream: str) -> None:
        """Nothing is kept of a stream."""

    def close(self) -> None:
        """Give back the model's memory."""
        self._engine = None

    def _recognise(self, request: Request) -> Hypothesis:
        settings = self._settings
        try:
            # Names go in as a prompt: hotwords break word times.
            segments, info = self._engine.transcribe(
                np.ascontiguousarray(request.samples, dtype=np.float32),
                language=request.language or settings.language or None,
                beam_size=settings.beam if request.complete and not request.hurry else 1,
                word_timestamps=True,
                condition_on_previous_text=False,
                initial_prompt=f"Present: {', '.join(request.vocabulary)}." if request.vocabulary else None,
                no_speech_threshold=settings.no_speech,
                log_prob_threshold=settings.log_probability,
                compression_ratio_threshold=settings.compression,
                vad_filter=False,
            )
            dropped: list[Suppressed] = []
            kept = []
            for segment in segments:
                reason = self._disbelief(segment)
                if reason is None:
                    kept.append(segment)
                else:
                    count = len(segment.text.split())
                    dropped.append(Suppressed(reason=reason, words=count, seconds=segment.end - segment.start))
        except (RuntimeError, ValueError) as error:
            raise TranscriptionFailed("faster-whisper failed on this utterance") from error
        words = self._words(kept, len(request.samples) / RATE)
        return believed(request, words, language=str(info.language), suppressed=dropped)

    def _disbelief(self, segment: Any) -> Reason | None:
        settings = self._settings
        unlikely = segment.avg_logprob < settings.log_probability
        if segment.no_speech_prob > settings.no_speech and unlikely:
            return Reason.NO_SPEECH
        if segment.compression_ratio > settings.compression:
            return Reason.COMPRESSION
        return Reason.LOOP if loops(segment.text, settings.repeats) else None

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
