"""One person's sound on its way to words: 48 kHz frames to 16 kHz windows to utterances. No waiting."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from media.endpointing import Endpointer, SpeechContinues, SpeechEnded, SpeechStarted
from media.resample import Resampler
from media.transcriber import RATE, Samples
from media.vad import WINDOW, SpeechDetector


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A stretch of speech, still going on or complete."""

    number: int
    """Counts this person's utterances."""
    samples: Samples
    """(n,) float32 at 16 kHz."""
    started_at: datetime
    seconds: float
    complete: bool


@dataclass(slots=True)
class Ear:
    """Listens to one person."""

    detector: SpeechDetector
    endpointer: Endpointer = field(default_factory=Endpointer)
    resampler: Resampler = field(default_factory=lambda: Resampler(48_000, RATE))
    number: int = 0
    began: bool = False
    """Set when an utterance has just begun; whoever reacts to it clears it."""
    _rest: Samples = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    @property
    def speaking(self) -> bool:
        """Whether an utterance is open."""
        return self.endpointer.speaking

    def feed(self, frame: Samples, now: datetime) -> list[Spoken]:
        """Take (960,) at 48 kHz; give what is going on or has just ended."""
        self._rest = np.concatenate([self._rest, self.resampler.feed(frame)])
        spoken: list[Spoken] = []
        while len(self._rest) >= WINDOW:
            window, self._rest = self._rest[:WINDOW], self._rest[WINDOW:]
            for event in self.endpointer.feed(window, self.detector.probability(window)):
                if isinstance(event, SpeechStarted):
                    self.number += 1
                    self.began = True
                elif isinstance(event, SpeechContinues):
                    spoken.append(self._spoken(self.endpointer.so_far(), event.seconds, now, complete=False))
                else:
                    spoken.append(self._ended(event, now))
        return spoken

    def flush(self, now: datetime) -> list[Spoken]:
        """The sound stops here (muted, refused, gone): what was said until now is complete."""
        ended = [self._ended(e, now) for e in self.endpointer.flush() if isinstance(e, SpeechEnded)]
        self.detector.reset()
        return ended

    def _ended(self, event: SpeechEnded, now: datetime) -> Spoken:
        return self._spoken(event.samples, event.end - event.start, now, complete=True)

    def _spoken(self, samples: Samples, seconds: float, now: datetime, *, complete: bool) -> Spoken:
        return Spoken(
            number=self.number,
            samples=samples,
            started_at=now - timedelta(seconds=seconds),
            seconds=seconds,
            complete=complete,
        )
