"""faster-whisper as a Transcriber: on a processor or a card, several speakers at once."""

from __future__ import annotations

import importlib.metadata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from media.adapters.batching import Heard, Piece, in_batches
from media.adapters.whisper_decode import Decoded, WhisperDecoder
from media.adapters.whisper_files import NEEDED
from media.errors import ModelMissing, TranscriptionFailed
from media.suppression import Reason, Suppressed
from media.transcriber import Capabilities, Outcome, Request, Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class WhisperSettings:
    """How the model is run, and which results are not believed."""

    device: str = "cpu"
    compute_type: str = "int8"
    threads: int = 1
    batch: int = 1
    """So many requests are decoded at once."""
    language: str = "en"
    """Where a request does not say; empty: what is heard, which goes wrong on two words and on noise."""
    beam: int = 5
    quick_beam: int = 1
    """While the person speaks on, or where many wait."""
    no_speech: float = 0.6
    log_probability: float = -1.0
    compression: float = 2.4
    no_repeat: int = 5
    """Words that compress too well are asked for once more, this time without saying so many tokens twice."""
    most_names: int = 60
    """More words than this are not put before the sound: there is not room for all."""


class Decoder(Protocol):
    """What gives words for sounds; `WhisperDecoder` with its model."""

    @property
    def window_seconds(self) -> float:
        """The longest sound that it takes at once."""

    @property
    def multilingual(self) -> bool:
        """Whether it knows more than English."""

    def decode(
        self, sounds: Sequence[Samples], *, language: str, prompt: str, beam: int, no_repeat: int = 0
    ) -> list[Decoded]:
        """See `WhisperDecoder.decode`."""


_WHOLE_WINDOW = 30.0
"""A model of a shorter window was trained on a small world, in which a prompt of other words leads it astray."""


class WhisperTranscriber:
    """Speech to words by faster-whisper; never downloads anything."""

    name = "whisper"

    def __init__(
        self, model: Path, settings: WhisperSettings | None = None, *, decoder: Decoder | None = None
    ) -> None:
        """Load a model from its folder (seconds).

        Args:
            model: folder with model.bin, config.json and tokenizer.json.
            settings: how to run it.
            decoder: by default the model is loaded.

        Raises:
            ModelMissing: the folder is not a complete model, or it cannot be loaded.
        """
        self._settings = settings or WhisperSettings()
        self._model = model
        self._decoder: Decoder | None = decoder if decoder is not None else self._load()
        self._capabilities = Capabilities(
            languages=() if self._decoder.multilingual else ("en",),
            batch=self._settings.batch,
            vocabulary=self._decoder.window_seconds >= _WHOLE_WINDOW,
            punctuation=True,
        )

    @property
    def capabilities(self) -> Capabilities:
        """What it can do with this model."""
        return self._capabilities

    def describe(self) -> str:
        """Say what is at work."""
        version = importlib.metadata.version("faster-whisper")
        label = self._model.name
        if self._model.parent.name == "snapshots":
            label = self._model.parent.parent.name.rpartition("--")[2]
        return f"faster-whisper {version}, {label}, {self._settings.compute_type} on {self._settings.device}"

    def prepare(self, vocabulary: Sequence[str]) -> None:
        """Nothing to prepare: words go along with each request."""

    def transcribe(self, requests: Sequence[Request]) -> list[Outcome]:
        """Recognise some requests; see `Transcriber.transcribe`.

        Those of the same words and the same haste are decoded at once, up to `batch` of them.
        """
        if self._decoder is None:
            return [TranscriptionFailed("this recogniser was closed") for _ in requests]
        return in_batches(
            requests,
            self._recognise,
            window_seconds=self._decoder.window_seconds,
            batch=self._settings.batch,
            alike=lambda piece: (piece.language, piece.vocabulary, piece.quick),
        )

    def forget(self, stream: str) -> None:
        """Nothing is kept of a stream."""

    def close(self) -> None:
        """Give back the model's memory."""
        self._decoder = None

    def _recognise(self, pieces: Sequence[Piece]) -> list[Heard]:
        settings, decoder = self._settings, self._decoder
        assert decoder is not None
        one = pieces[0]
        language = one.language or settings.language
        # Names go in as a prompt: hotwords break word times.
        known = one.vocabulary[: settings.most_names] if self._capabilities.vocabulary else ()
        prompt = f"Present: {', '.join(known)}." if known else ""
        beam = settings.quick_beam if one.quick else settings.beam
        sounds = [piece.samples for piece in pieces]
        results = decoder.decode(sounds, language=language, prompt=prompt, beam=beam)
        loops = [at for at, result in enumerate(results) if self._compresses(result)]
        if loops and not one.quick:
            again = decoder.decode(
                [sounds[at] for at in loops],
                language=language,
                prompt=prompt,
                beam=beam,
                no_repeat=settings.no_repeat,
            )
            for at, result in zip(loops, again, strict=True):
                results[at] = result
        return [self._heard(piece, result) for piece, result in zip(pieces, results, strict=True)]

    def _heard(self, piece: Piece, result: Decoded) -> Heard:
        heard = Heard(words=result.words, language=result.language)
        reason = self._disbelief(result)
        if reason is None:
            return heard
        lost = Suppressed(reason=reason, words=len(result.words), seconds=piece.seconds)
        return replace(heard, words=(), suppressed=(lost,))

    def _disbelief(self, result: Decoded) -> Reason | None:
        settings = self._settings
        if not result.words:
            return None
        if result.no_speech > settings.no_speech and result.log_probability < settings.log_probability:
            return Reason.NO_SPEECH
        return Reason.COMPRESSION if self._compresses(result) else None

    def _compresses(self, result: Decoded) -> bool:
        text = result.text.encode()
        return bool(text) and len(text) / len(zlib.compress(text)) > self._settings.compression

    def _load(self) -> WhisperDecoder:
        missing = [name for name in NEEDED if not (self._model / name).is_file()]
        if missing:
            raise ModelMissing(f"{self._model} is no faster-whisper model: {', '.join(missing)} missing")
        settings = self._settings
        return WhisperDecoder.load(
            self._model, device=settings.device, compute_type=settings.compute_type, threads=settings.threads
        )
