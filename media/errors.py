"""What can go wrong with sound and speech: one base, a stable code for each kind."""

from __future__ import annotations

from typing import ClassVar


class MediaError(Exception):
    """Base of all faults of this package; `code` is stable and goes to logs and to the wire."""

    code: ClassVar[str] = "media"


class ShapeError(MediaError):
    """Arrays of samples or gains do not fit together."""

    code = "shape"


class SettingsError(MediaError):
    """A setting makes no sense; the message says which and what would."""

    code = "media_settings"


class ModelMissing(MediaError):
    """A model file is not where it should be; the message says how to get it."""

    code = "model_missing"


class TranscriptionFailed(MediaError):
    """A recogniser could not turn this sound into words; the next utterance may succeed."""

    code = "transcription_failed"


class EngineUnavailable(MediaError):
    """A recogniser as a whole does not work now: its server or its device is gone; another has to take over."""

    code = "engine_unavailable"


class NegotiationError(MediaError):
    """An offer, an answer or a candidate of a sound connection cannot be used."""

    code = "negotiation"
