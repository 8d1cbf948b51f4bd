"""What a source of the mixer has ready for the next tick: frames as they arrive, or sound to play."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from media.audio import FRAME, RATE, Samples, dbfs
from media.errors import SettingsError, ShapeError

_SILENCE: Samples = np.zeros(FRAME, np.float32)
_SILENCE.flags.writeable = False
_EDGE = RATE // 200
"""Samples over which sound is faded where frames are missing: 5 ms."""
_RISE: Samples = (np.arange(_EDGE, dtype=np.float32) / np.float32(_EDGE)).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """How many frames may wait for the tick."""

    frames: int = 3
    """At most so many wait; the oldest goes when there are more. 20 ms of delay each."""
    watch_ticks: int = 50
    """If a frame is always left over for so many ticks, one quiet frame is dropped to lose the delay."""
    quiet_dbfs: float = -50.0
    """What counts as quiet there."""


class FrameQueue:
    """Frames of one person between their arrival and the tick. A missing frame makes no click."""

    def __init__(self, settings: QueueSettings | None = None) -> None:
        """Start empty.

        Raises:
            SettingsError: no frame at all may wait.
        """
        self._settings = settings or QueueSettings()
        if self._settings.frames < 1:
            raise SettingsError("at least 1 frame must be allowed to wait for the tick")
        self._frames: deque[Samples] = deque()
        self._last: Samples | None = None
        self._least = self._settings.frames
        self._watched = 0
        self.dropped = 0
        """Frames thrown away to keep the delay short."""
        self.missed = 0
        """Ticks at which sound was expected and nothing was there."""

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, frame: Samples) -> None:
        """Add a (960,) frame."""
        if frame.shape != (FRAME,):
            raise ShapeError(f"a frame has the shape ({FRAME},), not {frame.shape}")
        self._frames.append(frame)
        while len(self._frames) > self._settings.frames:
            self._frames.popleft()
            self.dropped += 1

    def take(self) -> Samples:
        """Return the (960,) frame of this tick; silence if there is none."""
        if not self._frames:
            return self._fade_out()
        self._shorten()
        frame = self._frames.popleft()
        if self._last is None:
            frame = frame.copy()
            frame[:_EDGE] *= _RISE
        self._last = frame
        return frame

    def _fade_out(self) -> Samples:
        """The mirror image of the last frame, gone within 5 ms; silence after that."""
        last, self._last = self._last, None
        self._least, self._watched = self._settings.frames, 0
        if last is None:
            return _SILENCE
        self.missed += 1
        out = np.zeros(FRAME, np.float32)
        out[:_EDGE] = last[: -_EDGE - 1 : -1] * _RISE[::-1]
        return out

    def _shorten(self) -> None:
        self._least = min(self._least, len(self._frames) - 1)
        self._watched += 1
        if self._watched < self._settings.watch_ticks:
            return
        if self._least == 0:
            self._least, self._watched = self._settings.frames, 0
        elif len(self._frames) > 1 and dbfs(self._frames[0]) < self._settings.quiet_dbfs:
            self._frames.popleft()
            self.dropped += 1
            self._least, self._watched = self._settings.frames, 0


class Playback:
    """Sound of an avatar, played frame by frame."""

    def __init__(self) -> None:
        self._pieces: deque[Samples] = deque()

    @property
    def seconds_left(self) -> float:
        """How long what is queued will still sound."""
        return sum(len(piece) for piece in self._pieces) / RATE

    def play(self, samples: Samples) -> None:
        """Queue (n,) float32 mono sound at 48 kHz after what is already playing."""
        if samples.ndim != 1:
            raise ShapeError(f"expected mono samples of shape (n,), got {samples.shape}")
        if len(samples):
            self._pieces.append(samples)

    def stop(self, fade: float) -> None:
        """Fade out within `fade` seconds and forget the rest."""
        count = max(0, round(fade * RATE))
        rest = self._take(min(count, round(self.seconds_left * RATE)))
        self._pieces.clear()
        if len(rest):
            self._pieces.append((rest * np.linspace(1.0, 0.0, len(rest), dtype=np.float32)).astype(np.float32))

    def take(self) -> Samples:
        """Return the next (960,) frame; silence when nothing is left."""
        if not self._pieces:
            return _SILENCE
        frame = self._take(FRAME)
        if len(frame) == FRAME:
            return frame
        return np.concatenate([frame, np.zeros(FRAME - len(frame), np.float32)])

    def _take(self, count: int) -> Samples:
        parts: list[Samples] = []
        while count and self._pieces:
            piece = self._pieces.popleft()
            parts.append(piece[:count])
            if len(piece) > count:
                self._pieces.appendleft(piece[count:])
            count -= len(parts[-1])
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)
