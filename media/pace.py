"""The beat of 20 ms: when the next frame is due, without drift, and what to do when it is late."""

from __future__ import annotations

from dataclasses import dataclass

from media.audio import FRAME_SECONDS

CATCH_UP = 3
"""Frames that may be made up for at once; sources and listeners can hold as many. More are left out."""


@dataclass(slots=True)
class Pace:
    """Frame k is due at start + k * 20 ms, however long the frames before it took."""

    start: float
    """Seconds, on the clock that `wait` is given."""
    frame: int = 0
    late: int = 0
    """Frames that came a whole frame or more after they were due."""
    skipped: int = 0
    """Frames that were left out."""

    def wait(self, now: float) -> float:
        """Seconds to wait for the next frame; 0 if it is due or late. Call once for each frame."""
        behind = now - self.start - self.frame * FRAME_SECONDS
        if behind >= FRAME_SECONDS:
            self.late += 1
        if behind > CATCH_UP * FRAME_SECONDS:
            missed = int(behind / FRAME_SECONDS)
            self.frame += missed
            self.skipped += missed
        self.frame += 1
        return max(0.0, -behind)
