"""Opus by PyAV's codec, for machines on which libopus itself was not found.

Dearer, and poorer on lost packets: FFmpeg's wrapper neither conceals nor corrects, so what is lost fades out here.
"""

from __future__ import annotations

import ctypes
import fractions
from typing import Literal

import numpy as np
from av import AudioCodecContext, AudioFrame, CodecContext, Packet
from av.error import FFmpegError

from media.adapters.opus import BITRATE, OpusDecoder, OpusEncoder, OpusError, library
from media.audio import FRAME, RATE, Samples

_TIME_BASE = fractions.Fraction(1, RATE)


def decoder() -> OpusDecoder | AvDecoder:
    """The best decoder there is on this machine."""
    return AvDecoder() if library() is None else OpusDecoder()


def encoder() -> OpusEncoder | AvEncoder:
    """The best encoder of a listener's mix there is on this machine."""
    return AvEncoder() if library() is None else OpusEncoder()


class AvDecoder:
    """One person's packets to mono sound at 48 kHz."""

    def __init__(self) -> None:
        self._codec = _context("r")
        self._last: Samples = np.zeros(FRAME, np.float32)

    def decode(self, payload: bytes, out: Samples) -> int:
        """Decode a packet into the start of `out` (float32); returns the number of samples.

        Raises:
            OpusError: the packet is malformed, or longer than `out`.
        """
        try:
            frames = self._codec.decode(Packet(payload)) if payload else []
        except FFmpegError as error:
            raise OpusError(f"FFmpeg: {error.strerror}") from error
        count = 0
        for frame in frames:
            if count + frame.samples > len(out):
                raise OpusError(f"the packet has more samples than there is room for ({len(out)})")
            out[count : count + frame.samples] = _mono(frame)
            count += frame.samples
        if count:
            self._last = out[:count].copy()
        return count

    def recover(self, payload: bytes, out: Samples) -> int:
        """A lost frame; its correction in `payload` cannot be read here, so it is concealed."""
        return self.conceal(out)

    def conceal(self, out: Samples) -> int:
        """The mirror image of what was last heard, going out over len(out) samples."""
        mirrored = np.resize(self._last[::-1], len(out))
        out[:] = mirrored * np.linspace(1.0, 0.0, len(out), dtype=np.float32)
        self._last = np.zeros(FRAME, np.float32)
        return len(out)


class AvEncoder:
    """Stereo sound at 48 kHz to packets of 20 ms in the low-delay mode."""

    def __init__(self) -> None:
        self.complexity = 5
        self._codec = self._open()

    def set_complexity(self, complexity: int) -> None:
        """0 to 10. FFmpeg only takes it at the start, so the encoder begins anew."""
        if complexity != self.complexity:
            self.complexity = complexity
            self._codec = self._open()

    def make_independent(self) -> None:
        """A new encoder leans on nothing."""
        self._codec = self._open()

    def reset(self) -> None:
        """Forget what was encoded before."""
        self._codec = self._open()

    def encode_at(self, address: int) -> bytes:
        """Encode (960, 2) interleaved float32 that lies at this address of memory."""
        frame = AudioFrame(format="flt", layout="stereo", samples=FRAME)
        frame.planes[0].update(ctypes.string_at(address, FRAME * 2 * 4))
        frame.sample_rate, frame.time_base = RATE, _TIME_BASE
        return b"".join(bytes(packet) for packet in self._codec.encode(frame))

    def _open(self) -> AudioCodecContext:
        codec = _context("w")
        codec.bit_rate = BITRATE
        codec.format, codec.layout = "flt", "stereo"
        codec.sample_rate, codec.time_base = RATE, _TIME_BASE
        codec.options = {
            "application": "lowdelay", "compression_level": str(self.complexity), "frame_duration": "20",
        }  # fmt: skip
        return codec


def _context(mode: Literal["r", "w"]) -> AudioCodecContext:
    codec = CodecContext.create("libopus", mode)
    assert isinstance(codec, AudioCodecContext)
    return codec


def _mono(frame: AudioFrame) -> Samples:
    pcm = frame.to_ndarray()
    channels = frame.layout.nb_channels
    scale = np.float32(1 / 32768) if pcm.dtype == np.int16 else np.float32(1)
    flat = pcm.astype(np.float32) * scale
    mixed: Samples = (flat.reshape(-1, channels) if flat.shape[0] == 1 else flat.T).mean(axis=1)
    return mixed
