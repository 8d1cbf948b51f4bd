"""The two outgoing tracks: a listener's mix, and what a caller says; frames of 20 ms for aiortc."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
from collections import deque

import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioCodecContext, AudioFrame, CodecContext, Packet
from av.stream import Stream

from media.audio import FRAME, FRAME_SECONDS, RATE, Reframer, Samples, to_int16
from media.errors import ShapeError
from media.pace import CATCH_UP

QUEUED = 5
"""Frames that may wait to be sent; the oldest is dropped for the sixth."""
PATIENCE = (CATCH_UP + 2) * FRAME_SECONDS
"""Seconds without a frame after which silence is sent."""
BITRATE = 64_000
"""Bits per second of a listener's stereo sound."""
SETTLED = 25
"""Frames of silence after which the encoder has nothing left to say."""
_TIME_BASE = fractions.Fraction(1, RATE)
_SILENCE = bytes(4 * FRAME)


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

    async def recv(self) -> AudioFrame | Packet[Stream]:
        """Return the next 20 ms; called by the sender, over and over."""
        frame = _audio_frame(await self._next_pcm(), self._pts)
        self._pts += FRAME
        return frame

    async def _next_pcm(self) -> bytes:
        """The next frame, interleaved 16 bit; silence if it is late."""
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
            self._due = loop.time() + PATIENCE
            return self._frames.popleft()
        self.silent_frames += 1
        self._due = loop.time() + FRAME_SECONDS
        return _SILENCE


class EncodedMixTrack(MixTrack):
    """The same, encoded here: aiortc sends packets as they are.

    This spares its measuring of each sample in Python and a thread hop per frame, which together cost more
    than Opus does. Long silence is encoded once.
    """

    def __init__(self) -> None:
        super().__init__()
        encoder = CodecContext.create("libopus", "w")
        assert isinstance(encoder, AudioCodecContext)
        encoder.bit_rate = BITRATE
        encoder.format = "s16"
        encoder.layout = "stereo"
        encoder.sample_rate = RATE
        encoder.time_base = _TIME_BASE
        encoder.options = {"application": "lowdelay", "compression_level": "5", "frame_duration": "20"}
        self._encoder = encoder
        self._quiet = 0
        self._silence = b""

    async def recv(self) -> AudioFrame | Packet[Stream]:
        """Return the next 20 ms as one Opus packet."""
        payload = b""
        while not payload:
            pcm = await self._next_pcm()
            self._quiet = self._quiet + 1 if pcm == _SILENCE else 0
            if self._quiet > SETTLED and self._silence:
                payload = self._silence
            else:
                frame = _audio_frame(pcm, self._pts)
                payload = b"".join(bytes(packet) for packet in self._encoder.encode(frame))
                self._silence = payload if self._quiet == SETTLED else self._silence
            self._pts += FRAME
        packet = Packet(payload)
        packet.pts = self._pts - FRAME
        packet.time_base = _TIME_BASE
        return packet


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
        last = self._reframer.feed(np.zeros(FRAME - 1, np.float32))
        self._reframer = Reframer()
        if last and last[0].any():
            self._pieces.extend(last)
            self.said.clear()

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
            pcm = _SILENCE
        frame = _audio_frame(pcm, self._count * FRAME)
        self._count += 1
        return frame
