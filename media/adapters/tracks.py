"""The two outgoing tracks: a listener's mix, and what a caller says; frames of 20 ms for aiortc."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
from collections import deque

import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

from media.audio import FRAME, FRAME_SECONDS, RATE, Reframer, Samples, to_int16
from media.errors import ShapeError

QUEUED = 5
"""Frames that may wait to be sent; the oldest is dropped for the sixth."""
PATIENCE = 2 * FRAME_SECONDS
"""Seconds without a frame after which silence is sent."""
_TIME_BASE = fractions.Fraction(1, RATE)


def _audio_frame(pcm: bytes, pts: int) -> AudioFrame:
    frame = AudioFrame(format="s16", layout="stereo", samples=FRAME)
    frame.planes[0].update(pcm)
    frame.sample_rate = RATE
    frame.time_base = _TIME_BASE
    frame.pts = pts
    return frame


class MixTrack(MediaStreamTrack):
    """What a listener is sent: the stereo frames pushed each tick, or silence when a tick is late."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._frames: deque[bytes] = deque()
        self._ready = asyncio.Event()
        self._pts = 0
        self._due: float | None = None
        self.dropped_frames = 0
        """Frames thrown away because too many were waiting."""
        self.silent_frames = 0
        """Frames of silence sent because none was there in time."""

    def push(self, stereo: Samples) -> None:
        """Queue one (2, 960) float32 frame."""
        if stereo.shape != (2, FRAME):
            raise ShapeError(f"a stereo frame has the shape (2, {FRAME}), not {stereo.shape}")
        if len(self._frames) == QUEUED:
            self._frames.popleft()
            self.dropped_frames += 1
        self._frames.append(to_int16(stereo).T.tobytes())
        self._ready.set()

    async def recv(self) -> AudioFrame:
        """Return the next 20 ms; called by the sender, over and over."""
        if self.readyState != "live":
            raise MediaStreamError
        loop = asyncio.get_running_loop()
        if not self._frames:
            self._ready.clear()
            due = self._due if self._due is not None else loop.time() + PATIENCE
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._ready.wait()
        if self._frames:
            pcm = self._frames.popleft()
            self._due = loop.time() + PATIENCE
        else:
            pcm = bytes(4 * FRAME)
            self.silent_frames += 1
            self._due = loop.time() + FRAME_SECONDS
        frame = _audio_frame(pcm, self._pts)
        self._pts += FRAME
        return frame


class SpeakTrack(MediaStreamTrack):
    """What a caller says: pushed sound at the pace of the clock, silence in between."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._pieces: deque[Samples] = deque()
        self._reframer = Reframer()
        self._start: float | None = None
        self._count = 0
        self.said = asyncio.Event()
        """Set while nothing is left to say."""
        self.said.set()

    def push(self, samples: Samples) -> None:
        """Queue (n,) float32 mono sound of any length."""
        frames = self._reframer.feed(samples)
        self._pieces.extend(frames)
        if frames:
            self.said.clear()

    def finish(self) -> None:
        """Fill up the last, unfinished frame with silence."""
        self._pieces.extend(self._reframer.feed(np.zeros(FRAME - 1, np.float32)))
        self._reframer = Reframer()

    @property
    def seconds_left(self) -> float:
        """How long the queued sound lasts."""
        return len(self._pieces) * FRAME_SECONDS

    async def recv(self) -> AudioFrame:
        """Return the next 20 ms when its time has come."""
        if self.readyState != "live":
            raise MediaStreamError
        loop = asyncio.get_running_loop()
        if self._start is None:
            self._start = loop.time()
        await asyncio.sleep(max(0.0, self._start + self._count * FRAME_SECONDS - loop.time()))
        if self._pieces:
            # Twice the same channel: aiortc's encoder would take 3 dB off a mono frame.
            pcm = np.repeat(to_int16(self._pieces.popleft()), 2).tobytes()
        else:
            self.said.set()
            pcm = bytes(4 * FRAME)
        frame = _audio_frame(pcm, self._count * FRAME)
        self._count += 1
        return frame
