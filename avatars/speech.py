"""Speaking: what a voice gives, and when an avatar may use it - turn taking without sound or clocks."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from avatars.gesture import MOUTH_HZ, mouth_envelope
from media.audio import FRAME, RATE, Samples, rms

LOUDNESS_DBFS = -20.0
"""Every voice speaks at this level (rms of its sounding parts)."""
PEAK = 0.89
"""No sample is louder: -1 dBFS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """A synthesised text."""

    text: str
    samples: Samples
    """(n,) float32 mono at 48 kHz."""
    envelope: Samples
    """(ceil(n / 960),) float32: how far the mouth is open, 0..1, 50 a second."""
    words: tuple[tuple[float, str], ...] = ()
    """(seconds, word) where the voice knows them."""
    phonemes: tuple[tuple[float, str], ...] = ()
    """(seconds, phoneme) where the voice knows them."""

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return len(self.samples) / RATE

    def mouth_at(self, seconds: float) -> float:
        """Openness of the mouth 0..1 so many seconds after the start; 0 before and after."""
        at = int(seconds * MOUTH_HZ)
        return float(self.envelope[at]) if seconds >= 0 and at < len(self.envelope) else 0.0


class Voice(Protocol):
    """Turns text into sound. Blocks: call it in a worker."""

    @property
    def name(self) -> str:
        """What the screen calls it, such as "espeak-ng en-us+f3"."""

    @property
    def embedded(self) -> bool:
        """Whether it comes with the office and needs nothing set up."""

    def synthesize(self, text: str) -> Speech:
        """Say a text.

        Raises:
            SpeechError: the voice cannot; another try may succeed.
        """

    def close(self) -> None:
        """Let go of processes and connections. May be called again."""


def to_speech(
    text: str,
    samples: Samples,
    *,
    words: tuple[tuple[float, str], ...] = (),
    phonemes: tuple[tuple[float, str], ...] = (),
) -> Speech:
    """Bring raw sound of a voice to the house's level and shape its mouth.

    Args:
        text: what is said.
        samples: (n,) float32 mono at 48 kHz.
        words: (seconds, word).
        phonemes: (seconds, phoneme).
    """
    level = _sounding_rms(samples)
    if level > 0:
        gain = 10 ** (LOUDNESS_DBFS / 20) / level
        gain = min(gain, PEAK / float(np.abs(samples).max()))
        samples = (samples * np.float32(gain)).astype(np.float32)
    envelope = mouth_envelope(samples, phonemes)
    return Speech(text=text, samples=samples, envelope=envelope, words=words, phonemes=phonemes)


def _sounding_rms(samples: Samples) -> float:
    """rms of the frames that are not pauses (within 30 dB of the loudest)."""
    count = len(samples) // FRAME
    if count == 0:
        return rms(samples)
    frames = samples[: count * FRAME].reshape(count, FRAME).astype(np.float64)
    power = np.mean(frames**2, axis=1)
    return float(np.sqrt(power[power >= power.max() / 1000].mean()))


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSettings:
    """When an avatar speaks and when it gives way. Seconds."""

    pause: float = 0.4
    """The floor must have been free for so long before it starts."""
    patience: float = 8.0
    """It waits at most so long, then starts in any case."""
    barge_in: float = 0.35
    """Somebody who speaks for longer than this while it speaks interrupts it."""
    fade: float = 0.08
    """How fast it stops then."""
    most_queued: int = 12
    """Texts that may wait; the oldest is dropped for the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSpeaking:
    """Say this now."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSpeaking:
    """Stop what is being said, within `fade` seconds."""

    fade: float


@dataclass(slots=True)
class SpeechQueue:
    """Decides when an avatar may speak. Feed it the floor, a few times a second.

    After `StartSpeaking` it counts as speaking until `finished` is called; the time in which the voice is
    being made belongs to it. Sentences that wait are said together. What was interrupted is not said again.
    """

    settings: TurnSettings = field(default_factory=TurnSettings)
    speaking: bool = False
    dropped: int = 0
    """Texts lost because too many were waiting."""
    _waiting: deque[tuple[str, float]] = field(default_factory=deque)
    _busy_since: float | None = None
    _free_since: float | None = None
    _silent_since: float = float("-inf")

    @property
    def waiting(self) -> int:
        """How many texts have not been started."""
        return len(self._waiting)

    def say(self, text: str, now: float) -> None:
        """Queue a text; an empty one is ignored."""
        text = " ".join(text.split())
        if not text:
            return
        if len(self._waiting) == self.settings.most_queued:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append((text, now))

    def finished(self, now: float) -> None:
        """The sound is over, or there was none."""
        self.speaking = False
        self._silent_since = now

    def step(self, now: float, floor_busy: bool) -> StartSpeaking | StopSpeaking | None:
        """Decide what to do now.

        Args:
            now: seconds, any clock that only goes forward.
            floor_busy: whether somebody else is speaking at this moment.
        """
        if floor_busy:
            self._free_since = None
            if self._busy_since is None:
                self._busy_since = now
        else:
            self._busy_since = None
            if self._free_since is None:
                self._free_since = now
        return self._interrupted(now) if self.speaking else self._begin(now)

    def _interrupted(self, now: float) -> StopSpeaking | None:
        if self._busy_since is None or now - self._busy_since <= self.settings.barge_in:
            return None
        self.finished(now)
        return StopSpeaking(fade=self.settings.fade)

    def _begin(self, now: float) -> StartSpeaking | None:
        if not self._waiting:
            return None
        quiet = self._free_since is not None and now - self._free_since >= self.settings.pause
        waiting_since = max(self._waiting[0][1], self._silent_since)
        if not quiet and now - waiting_since < self.settings.patience:
            return None
        text = " ".join(waiting for waiting, _ in self._waiting)
        self._waiting.clear()
        self.speaking = True
        # Whoever is talking already when patience ends does not count as interrupting; who begins does.
        self._busy_since = None if self._busy_since is None else float("inf")
        return StartSpeaking(text=text)
