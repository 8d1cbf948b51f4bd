"""One person's sound on its way to words: 48 kHz frames to 16 kHz windows to utterances. No waiting."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from media.endpointing import Endpointer, SpeechContinues, SpeechEnded, SpeechPaused, SpeechStarted
from media.resample import Resampler
from media.schedule import Urgency
from media.transcriber import RATE, Samples
from media.vad import WINDOW, SpeechDetector


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """Somebody began to speak."""

    number: int
    """Counts this person's utterances."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A stretch of speech: still going on, perhaps complete, or complete."""

    number: int
    """Counts this person's utterances."""
    samples: Samples
    """(n,) float32 at 16 kHz, from the start of the utterance."""
    started_at: datetime
    seconds: float
    urgency: Urgency


@dataclass(slots=True)
class Ear:
    """Listens to one person."""

    detector: SpeechDetector
    endpointer: Endpointer = field(default_factory=Endpointer)
    resampler: Resampler = field(default_factory=lambda: Resampler(48_000, RATE))
    number: int = 0
    _rest: Samples = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    _fed: int = 0
    """Samples that the endpointer has heard: its clock."""

    @property
    def speaking(self) -> bool:
        """Whether an utterance is open."""
        return self.endpointer.speaking

    def feed(self, frame: Samples, now: datetime) -> list[Began | Spoken]:
        """Take (960,) at 48 kHz, heard until `now`; give what began, goes on or has just ended."""
        self._rest = np.concatenate([self._rest, self.resampler.feed(frame)])
        heard: list[Began | Spoken] = []
        while len(self._rest) >= WINDOW:
            window, self._rest = self._rest[:WINDOW], self._rest[WINDOW:]
            self._fed += WINDOW
            for event in self.endpointer.feed(window, self.detector.probability(window)):
                match event:
                    case SpeechStarted():
                        self.number += 1
                        heard.append(Began(number=self.number))
                    case SpeechContinues():
                        so_far = self.endpointer.so_far()
                        heard.append(self._spoken(so_far, event.at, now, Urgency.PARTIAL))
                    case SpeechPaused():
                        heard.append(self._spoken(event.samples, event.start, now, Urgency.LIKELY))
                    case SpeechEnded():
                        heard.append(self._spoken(event.samples, event.start, now, Urgency.FINAL))
        return heard

    def flush(self, now: datetime) -> list[Began | Spoken]:
        """The sound stops here (muted, refused, gone): what was said until now is complete."""
        ended: list[Began | Spoken] = [
            self._spoken(event.samples, event.start, now, Urgency.FINAL)
            for event in self.endpointer.flush()
            if isinstance(event, SpeechEnded)
        ]
        self.detector.reset()
        return ended

    def _spoken(self, samples: Samples, start: float, now: datetime, urgency: Urgency) -> Spoken:
        return Spoken(
            number=self.number,
            samples=samples,
            started_at=now - timedelta(seconds=self._fed / RATE - start),
            seconds=len(samples) / RATE,
            urgency=urgency,
        )
