"""Where speech starts and ends: p(speech) over time becomes utterances, counted by samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from media.errors import SettingsError, ShapeError
from media.transcriber import RATE, Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointingSettings:
    """When speech counts as started and as ended."""

    start_probability: float = 0.5
    """p(speech) from which a frame counts as speech."""
    end_probability: float = 0.35
    """p(speech) under which a frame counts as silence; between the two nothing changes."""
    speech_seconds: float = 0.2
    """Speech needed before an utterance starts."""
    silence_seconds: float = 0.6
    """Silence needed before it ends."""
    pre_roll_seconds: float = 0.3
    """Sound kept from before the first speech frame: soft consonants live there."""
    post_roll_seconds: float = 0.2
    """Sound kept after the last speech frame."""
    max_seconds: float = 20.0
    """Longer speech is cut at its weakest spot, so that captions and recognition keep up."""
    progress_seconds: float = 0.4
    """How often `SpeechContinues` is said."""

    def __post_init__(self) -> None:
        """Refuse values that could never work together."""
        if not 0.0 < self.end_probability <= self.start_probability <= 1.0:
            raise SettingsError("need 0 < end_probability <= start_probability <= 1")
        if min(self.speech_seconds, self.silence_seconds, self.progress_seconds) <= 0.0:
            raise SettingsError("speech_seconds, silence_seconds and progress_seconds must be above 0")
        if min(self.pre_roll_seconds, self.post_roll_seconds) < 0.0:
            raise SettingsError("pre_roll_seconds and post_roll_seconds must not be negative")
        if self.max_seconds < 2.0 * (self.pre_roll_seconds + self.speech_seconds + self.silence_seconds):
            raise SettingsError("max_seconds must be at least twice pre-roll, speech and silence together")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStarted:
    """Somebody began to speak."""

    at: float
    """Seconds since the first frame, pre-roll included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechContinues:
    """Speech goes on; `Endpointer.so_far()` has its sound for an early caption."""

    at: float
    """Where it started, in seconds since the first frame."""
    seconds: float
    """How long it is by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechPaused:
    """Silence has lasted for the post-roll: if it goes on, `SpeechEnded` will carry just this sound.

    It is said once for each pause, so that the words can be made out before it is sure that the utterance is over.
    When speech is taken up again nothing is said of it.
    """

    samples: Samples
    """(n,) float32 at 16 kHz, exactly what was fed from `start` to `end`."""
    start: float
    """Seconds since the first frame."""
    end: float
    """Seconds since the first frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEnded:
    """An utterance is complete."""

    samples: Samples
    """(n,) float32 at 16 kHz, exactly what was fed from `start` to `end`."""
    start: float
    """Seconds since the first frame."""
    end: float
    """Seconds since the first frame."""
    cut: bool = False
    """True when it was cut for length and the speaker went on."""


Endpoint = SpeechStarted | SpeechContinues | SpeechPaused | SpeechEnded


@dataclass(frozen=True, slots=True)
class _Frame:
    samples: Samples
    probability: float


class Endpointer:
    """One speaker's stream, cut into utterances. Knows time only by the samples it was fed."""

    def __init__(self, settings: EndpointingSettings | None = None) -> None:
        """Start in silence at time 0."""
        self._settings = settings or EndpointingSettings()
        self._kept: list[_Frame] = []
        self._kept_samples = 0
        self._fed = 0
        self._speaking = False
        self._speech = 0
        self._silence = 0
        self._told = 0
        self._paused = False

    @property
    def speaking(self) -> bool:
        """Whether an utterance is open."""
        return self._speaking

    def feed(self, frame: Samples, probability: float) -> list[Endpoint]:
        """Take the next stretch of sound.

        Args:
            frame: (n,) float32 at 16 kHz, usually 512 samples.
            probability: p(speech) of this frame, in [0, 1].

        Returns:
            What began, went on or ended with it, in order; usually nothing.

        Raises:
            ShapeError: the frame is not one-dimensional or is empty.
        """
        if frame.ndim != 1 or not len(frame):
            raise ShapeError(f"a frame is a non-empty row of samples, this one has shape {frame.shape}")
        self._kept.append(_Frame(np.array(frame, dtype=np.float32), probability))
        self._kept_samples += len(frame)
        self._fed += len(frame)
        if probability >= self._settings.start_probability:
            self._speech += len(frame)
            self._silence = 0
        elif probability < self._settings.end_probability:
            self._silence += len(frame)
        else:
            # In doubt an open silence goes on: it must not be shortened by a frame that is not speech.
            self._silence += len(frame) if self._silence else 0
        return self._while_speaking() if self._speaking else self._while_silent()

    def flush(self) -> list[Endpoint]:
        """End whatever is open, because the stream ends or stops here (mute, lost track)."""
        ended: list[Endpoint] = [self._end()] if self._speaking else []
        self._forget()
        return ended

    def so_far(self) -> Samples:
        """Return the sound of the open utterance, shape (n,); empty in silence."""
        if not self._speaking:
            return np.zeros(0, dtype=np.float32)
        return np.concatenate([frame.samples for frame in self._kept])

    def _while_silent(self) -> list[Endpoint]:
        settings = self._settings
        if self._speech >= round(settings.speech_seconds * RATE):
            self._speaking = True
            self._told = self._kept_samples
            return [SpeechStarted(at=self._start())]
        # A click is followed by silence: it must not count towards a later start.
        if self._silence >= round(settings.speech_seconds * RATE):
            self._speech = 0
        if not self._speech:
            self._trim(round(settings.pre_roll_seconds * RATE))
        return []

    def _while_speaking(self) -> list[Endpoint]:
        settings = self._settings
        if self._silence >= round(settings.silence_seconds * RATE):
            ended = self._end()
            self._speaking = self._paused = False
            self._speech = 0
            self._trim(round(settings.pre_roll_seconds * RATE))
            return [ended]
        if self._kept_samples >= round(settings.max_seconds * RATE):
            return self._cut()
        if not self._silence:
            self._paused = False
        if self._silence and self._silence >= round(settings.post_roll_seconds * RATE):
            # Nothing new is said in a pause: it is told once, and progress counts anew after it.
            told = self._paused
            self._paused = True
            self._told = self._kept_samples
            return [] if told else [self._pause()]
        if self._kept_samples - self._told >= round(settings.progress_seconds * RATE):
            self._told = self._kept_samples
            return [SpeechContinues(at=self._start(), seconds=self._kept_samples / RATE)]
        return []

    def _start(self) -> float:
        return (self._fed - self._kept_samples) / RATE

    def _complete(self) -> Samples:
        """What was said, with its post-roll; the same however long the silence after it is."""
        surplus = max(0, self._silence - round(self._settings.post_roll_seconds * RATE))
        # After a cut the silence may be longer than what is kept: something of it has to remain.
        return self.so_far()[: max(self._kept_samples - surplus, len(self._kept[0].samples))]

    def _pause(self) -> SpeechPaused:
        samples, start = self._complete(), self._start()
        return SpeechPaused(samples=samples, start=start, end=start + len(samples) / RATE)

    def _end(self) -> SpeechEnded:
        samples, start = self._complete(), self._start()
        self._drop_to(self._kept_samples - len(samples))
        return SpeechEnded(samples=samples, start=start, end=start + len(samples) / RATE)

    def _cut(self) -> list[Endpoint]:
        """End at the least speech-like, then quietest frame of the second half; the rest goes on."""
        middle = len(self._kept) // 2
        window = range(middle, max(middle + 1, len(self._kept) - 1))
        weakest = min(window, key=lambda index: self._weakness(index))
        head, tail = self._kept[: weakest + 1], self._kept[weakest + 1 :]
        start = self._start()
        samples = np.concatenate([frame.samples for frame in head])
        self._kept = tail
        self._kept_samples = sum(len(frame.samples) for frame in tail)
        self._told = self._kept_samples
        self._paused = False
        end = start + len(samples) / RATE
        return [SpeechEnded(samples=samples, start=start, end=end, cut=True), SpeechStarted(at=end)]

    def _weakness(self, index: int) -> tuple[float, float]:
        around = self._kept[index : index + 3]
        likely = sum(round(frame.probability, 1) for frame in around) / len(around)
        loud = max(float(np.mean(np.square(frame.samples))) for frame in around)
        return likely, loud

    def _trim(self, keep: int) -> None:
        """Drop whole frames from the front while at least `keep` samples stay."""
        while self._kept and self._kept_samples - len(self._kept[0].samples) >= keep:
            self._kept_samples -= len(self._kept.pop(0).samples)

    def _drop_to(self, keep: int) -> None:
        """Keep only the last `keep` samples, splitting a frame where needed."""
        while self._kept and self._kept_samples > keep:
            first = self._kept[0]
            surplus = self._kept_samples - keep
            if len(first.samples) <= surplus:
                self._kept.pop(0)
                self._kept_samples -= len(first.samples)
            else:
                self._kept[0] = _Frame(first.samples[surplus:], first.probability)
                self._kept_samples = keep

    def _forget(self) -> None:
        self._kept = []
        self._kept_samples = 0
        self._speaking = self._paused = False
        self._speech = self._silence = self._told = 0
