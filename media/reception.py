"""From packets to frames: one person's sound, 960 samples for each tick, whatever the network does."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from media.audio import FRAME, RATE, Samples
from media.errors import MediaError
from media.jitter import GRAIN, JitterBuffer, Step, Verb
from media.jitter_settings import JitterSettings, ReceptionStats
from media.opus_toc import LONGEST
from media.stretch import shorten

EDGE = RATE // 200
"""Samples over which sound fades in after silence, and out into it: 5 ms."""
_ROOM = LONGEST + 4 * FRAME
"""Samples that may be decoded and not played: the longest packet, and what one tick can add to it."""
_RISE: Samples = ((np.arange(EDGE, dtype=np.float32) + 0.5) / np.float32(EDGE)).astype(np.float32)
_FALL: Samples = _RISE[::-1].copy()
_PLAY = Verb.PLAY


class Decoder(Protocol):
    """One Opus decoder: mono, 48 kHz, float32. It remembers the stream, so calls come in playing order.

    After a guess it blends into the next packet by itself, as libopus does.
    """

    def decode(self, payload: bytes, out: Samples) -> int:
        """Decode a packet into the beginning of `out`; return how many samples.

        Raises:
            MediaError: the packet cannot be read.
        """
        ...

    def recover(self, payload: bytes, out: Samples) -> int:
        """Fill `out` with the sound before `payload`, from what the packet says of it; return its length.

        Raises:
            MediaError: the packet cannot be read.
        """
        ...

    def conceal(self, out: Samples) -> int:
        """Fill `out`, a multiple of 120 samples, with a guess of how the sound goes on; return its length."""
        ...


class Reception:
    """Takes packets at any time, gives a frame each tick. Time is an argument; one thread at a time."""

    __slots__ = ("_buffer", "_decoder", "_end", "_guessed", "_left", "_sounding", "_start", "_tail")

    def __init__(self, decoder: Decoder, settings: JitterSettings | None = None) -> None:
        self._decoder = decoder
        self._buffer = JitterBuffer(settings)
        self._left: Samples = np.zeros(_ROOM, np.float32)  # decoded and not played: [_start, _end)
        self._start = self._end = 0
        self._sounding = False
        self._guessed = False
        """The last that was decoded was a guess, ..."""
        self._tail: Samples = np.zeros(EDGE, np.float32)
        """... and this is how it ended."""

    @property
    def stats(self) -> ReceptionStats:
        """A copy of the counters and delays as they are now."""
        return self._buffer.stats

    @property
    def waiting(self) -> int:
        """Packets that wait."""
        return self._buffer.waiting

    def clear(self) -> None:
        """Forget all that waits, for example because the person muted; the sound fades out."""
        self._buffer.clear()
        self._end = min(self._end, self._start + EDGE)

    def put(self, sequence: int, timestamp: int, payload: bytes, arrival: float) -> None:
        """Take an RTP packet in.

        Args:
            sequence: 16 bits.
            timestamp: 32 bits, 48 kHz.
            payload: an Opus packet; what is none is counted and dropped.
            arrival: seconds, on the clock of `take`.
        """
        self._buffer.put(sequence, timestamp, payload, arrival)

    def take(self, out: Samples, now: float) -> bool:
        """Write the sound of this tick.

        Args:
            out: (960,) float32, contiguous.
            now: seconds.

        Returns:
            False for silence: `out` was not written.
        """
        held = self._end - self._start
        if held >= FRAME:
            self._give(out, FRAME)
            return True
        step = self._buffer.take(now, held)
        verb, payload, samples = step
        if verb is _PLAY and samples == FRAME and not held:
            try:
                count = self._decoder.decode(payload, out)
            except MediaError:
                count = 0
            self._guessed = False
            if count != FRAME:
                self._make_good(out)
            if not self._sounding:
                self._sounding = True
                out[:EDGE] *= _RISE
            return True
        if verb is Verb.SILENCE and not self._sounding:
            return False
        return self._assemble(out, now, step)

    def _assemble(self, out: Samples, now: float, step: Step) -> bool:
        """Put the frame together from what is left and as many steps as it needs."""
        while True:
            if step[0] is Verb.SILENCE:
                return self._fade_out(out)
            self._append(step)
            if step[0] is Verb.SHORTEN:
                self._shorten()
            held = self._end - self._start
            if held >= FRAME:
                break
            step = self._buffer.take(now, held)
        self._give(out, FRAME)
        if not self._sounding:
            self._sounding = True
            out[:EDGE] *= _RISE
        return True

    def _append(self, step: Step) -> None:
        """Decode one step behind what is left."""
        verb, payload, samples = step
        if self._start:
            held = self._end - self._start
            self._left[:held] = self._left[self._start : self._end].copy()
            self._start, self._end = 0, held
        room = self._left[self._end : self._end + samples]
        self._end += samples
        self._guessed = verb is Verb.CONCEAL
        if self._guessed:
            self._decoder.conceal(room)
            count = min(EDGE, samples)
            self._tail[-count:] = room[-count:]
            return
        read = self._decoder.recover if verb is Verb.RECOVER else self._decoder.decode
        try:
            count = read(payload, room)
        except MediaError:
            count = 0
        if count != samples:
            self._make_good(room)

    def _make_good(self, room: Samples) -> None:
        """A packet did not hold what its first bytes say: guess instead."""
        self._buffer.counts.dropped += 1
        self._decoder.conceal(room)

    def _shorten(self) -> None:
        while self._end < 2 * FRAME:
            step = self._buffer.following()
            if step is None:
                break
            self._append(step)
        most = min(FRAME, self._end - FRAME)
        if most >= 2 * GRAIN:
            self._end -= shorten(self._left[: self._end], most)
            self._buffer.counts.merged += 1

    def _give(self, out: Samples, count: int) -> None:
        """Move `count` samples of what is left to the beginning of `out`."""
        out[:count] = self._left[self._start : self._start + count]
        self._start += count
        if self._start == self._end:
            self._start = self._end = 0

    def _fade_out(self, out: Samples) -> bool:
        """Play what is left and a little of how it would go on, down to nothing; True if there was sound."""
        if not self._sounding and self._start == self._end:
            return False
        if self._end - self._start <= FRAME - EDGE:
            if self._guessed:
                # After 100 ms libopus guesses noise, at another loudness: lead what it guessed before to zero.
                self._left[self._end : self._end + EDGE] = self._tail[::-1]
                self._end += EDGE
            else:
                # A whole frame is guessed: in its mode for voices libopus begins loud when the length changes.
                self._append((Verb.CONCEAL, b"", FRAME))
                self._end -= FRAME - EDGE
        count = self._end - self._start
        self._give(out, count)
        out[count - EDGE : count] *= _FALL
        if not self._sounding:
            out[:EDGE] *= _RISE
        out[count:] = 0.0
        self._sounding = False
        return True
