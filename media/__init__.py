"""Sound, and the words in it: 48 kHz mono float32 in frames of 20 ms; 16 kHz for recognition."""

from __future__ import annotations

from media.endpointing import (
    Endpoint,
    Endpointer,
    EndpointingSettings,
    SpeechContinues,
    SpeechEnded,
    SpeechPaused,
    SpeechStarted,
)
from media.errors import MediaError
from media.transcriber import Transcriber, Word, text_of
from media.utterance import Utterance, UtteranceId, split_at_pauses
from media.vad import EnergyDetector, EnergySettings, SpeechDetector

__all__ = [
    "Endpoint",
    "Endpointer",
    "EndpointingSettings",
    "EnergyDetector",
    "EnergySettings",
    "MediaError",
    "SpeechContinues",
    "SpeechDetector",
    "SpeechEnded",
    "SpeechPaused",
    "SpeechStarted",
    "Transcriber",
    "Utterance",
    "UtteranceId",
    "Word",
    "split_at_pauses",
    "text_of",
]
