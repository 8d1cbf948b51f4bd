"""Composition root of the model process: recognition and understanding. Its functions run over there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from avatars.adapters.bert import BertRecognizer
from avatars.intent import Intent
from avatars.recognizer import Context, Recognizer
from media.adapters.pocketsphinx import PocketSphinxTranscriber
from media.adapters.whisper import WhisperSettings, WhisperTranscriber, find_cached_model
from media.adapters.wyoming import WyomingSettings, WyomingTranscriber
from media.errors import ModelMissing
from media.transcriber import Samples, Transcriber, Word
from media.utterance import Utterance

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """What the model process needs to know."""

    whisper_model: Path | None = None
    """Folder of a faster-whisper model; None: the embedded recogniser."""
    wyoming_stt: str = ""
    language: str = "en"
    heard_as: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For a colleague's name, other spellings under which recognisers write it."""
    understanding_dir: Path
    """Where the encoder and its heads lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """What is loaded in this process."""

    transcriber: Transcriber
    recognizer: Recognizer


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """Which recogniser is at work, for the screen."""

    name: str
    detail: str
    embedded: bool


LABELS = {"pocketsphinx": "PocketSphinx", "whisper": "Whisper", "wyoming": "Wyoming"}
"""What the screen calls a recogniser."""

_models: list[Models] = []


def start(settings: ModelSettings) -> None:
    """Load the models; runs once in each model process."""
    recognizer = BertRecognizer(settings.understanding_dir, heard_as=settings.heard_as)
    install(lambda: Models(transcriber=_transcriber(settings), recognizer=recognizer))


def install(make: Callable[[], Models]) -> None:
    """Take these models; tests pass scripted ones."""
    _models[:] = [make()]


def describe() -> EngineInfo:
    """Which recogniser is at work."""
    transcriber = _models[0].transcriber
    return EngineInfo(
        name=LABELS.get(transcriber.name, transcriber.name),
        detail=transcriber.describe(),
        embedded=isinstance(transcriber, PocketSphinxTranscriber),
    )


def transcribe(samples: Samples, vocabulary: Sequence[str]) -> list[Word]:
    """Recognise (n,) float32 at 16 kHz."""
    return _models[0].transcriber.transcribe(samples, vocabulary=vocabulary)


def understand(utterance: Utterance, context: Context) -> list[Intent]:
    """What was meant."""
    return _models[0].recognizer.recognize(utterance, context)


def _transcriber(settings: ModelSettings) -> Transcriber:
    if settings.wyoming_stt:
        host, _, port = settings.wyoming_stt.rpartition(":")
        return WyomingTranscriber(WyomingSettings(host=host, port=int(port), language=settings.language))
    if settings.whisper_model is not None:
        return WhisperTranscriber(settings.whisper_model, WhisperSettings(language=settings.language))
    return PocketSphinxTranscriber()


def whisper_folder(wanted: str) -> Path | None:
    """Where the wanted model lies: a folder, a size in the cache, or, unnamed, the best that is cached.

    Raises:
        ModelMissing: a model was named and is not there.
    """
    if not wanted:
        return find_cached_model()
    folder = Path(wanted).expanduser()
    found = folder if folder.is_dir() else find_cached_model(size=wanted)
    if found is None:
        raise ModelMissing(
            f"there is no Whisper model {wanted!r}: name a folder with model.bin, or a size that is in the "
            "Hugging Face cache; without the setting the embedded recogniser is used"
        )
    return found
