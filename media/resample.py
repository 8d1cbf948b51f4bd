"""Changing the sample rate of a stream: a polyphase FIR filter that keeps its tail between pieces."""

from __future__ import annotations

from functools import cache
from math import gcd

import numpy as np

from media.audio import Samples
from media.errors import SettingsError, ShapeError

ZEROS = 24
"""Zero crossings of the filter's sinc on each side: more is steeper and later."""
KAISER_BETA = 8.0
"""Shape of the filter's window: about 80 dB of stop band."""
ROLL_OFF = 0.91
"""Cut-off as a share of the lower of the two Nyquist frequencies."""
BLOCK = 4096
"""Output samples computed at once, so that long sound does not need a huge table."""


def _half_width(up: int, down: int) -> int:
    """Taps on each side of the filter's middle: a whole number of output samples."""
    return -(-ZEROS * max(up, down) // down) * down


@cache
def _phases(up: int, down: int) -> Samples:
    """The filter, one row for each of the `up` positions between two input samples.

    Returns:
        (up, taps) float32, each row reversed in time for use as a plain dot product.
    """
    wide = max(up, down)
    half = _half_width(up, down)
    position = np.arange(-half, half + 1, dtype=np.float64)
    cutoff = ROLL_OFF / wide
    taps = cutoff * np.sinc(cutoff * position) * np.kaiser(len(position), KAISER_BETA) * up
    length = -(-len(taps) // up)
    padded = np.zeros(length * up)
    padded[: len(taps)] = taps
    table = padded.reshape(length, up).T
    # Every row must pass a constant unchanged, or the rate would be heard as a tone.
    table = table / table.sum(axis=1, keepdims=True)
    return np.ascontiguousarray(table[:, ::-1], dtype=np.float32)


class Resampler:
    """One stream from one rate to another. Feed pieces of any length, in order.

    The output is late by `latency_seconds`; the pieces in which the input comes make no difference.
    """

    def __init__(self, in_rate: int, out_rate: int) -> None:
        """Prepare the filter.

        Raises:
            SettingsError: a rate is not positive, or the two have no small common ratio.
        """
        if in_rate <= 0 or out_rate <= 0:
            raise SettingsError(f"sample rates must be positive, not {in_rate} and {out_rate}")
        divisor = gcd(in_rate, out_rate)
        self._up, self._down = out_rate // divisor, in_rate // divisor
        if max(self._up, self._down) > 1024:
            raise SettingsError(
                f"{in_rate} Hz and {out_rate} Hz have no small common ratio; use a usual rate such as 16000"
            )
        self._table = _phases(self._up, self._down)
        self._taps = self._table.shape[1]
        self._delay = _half_width(self._up, self._down)
        self.latency_seconds = self._delay / (in_rate * self._up)
        self._history: Samples = np.zeros(self._taps - 1, np.float32)
        self._start = 0
        self._next = 0

    def feed(self, samples: Samples) -> Samples:
        """Take the next (n,) input samples; return the output samples that are ready, (m,).

        Raises:
            ShapeError: the samples are not one-dimensional.
        """
        if samples.ndim != 1:
            raise ShapeError(f"expected mono samples of shape (n,), got {samples.shape}")
        if self._up == self._down:
            return samples
        known = np.concatenate([self._history, samples.astype(np.float32, copy=False)])
        end = self._start + len(samples)
        # Output sample k lies at up-sampled position k * down, that is in input sample k * down // up.
        last = (end * self._up - 1) // self._down
        windows = np.lib.stride_tricks.sliding_window_view(known, self._taps) if len(samples) else known
        parts: list[Samples] = []
        while self._next <= last:
            stop = min(last + 1, self._next + BLOCK)
            if self._up == 1:
                first, beyond = self._next * self._down - self._start, stop * self._down - self._start
                parts.append(windows[first : beyond : self._down] @ self._table[0])
            else:
                at, phase = np.divmod(np.arange(self._next, stop) * self._down, self._up)
                parts.append(np.einsum("ij,ij->i", windows[at - self._start], self._table[phase]))
            self._next = stop
        self._history = known[len(known) - (self._taps - 1) :]
        self._start = end
        if not parts:
            return np.zeros(0, np.float32)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def flush(self) -> Samples:
        """Return what the filter still holds, as if silence followed; the stream is over then."""
        if self._up == self._down:
            return np.zeros(0, np.float32)
        return self.feed(np.zeros(-(-self._delay // self._up), np.float32))


def resample(samples: Samples, in_rate: int, out_rate: int) -> Samples:
    """Change the rate of a finished piece of sound, without delay at its start.

    Args:
        samples: (n,) float32 at `in_rate`.
        in_rate: Hz.
        out_rate: Hz.

    Returns:
        (round(n * out_rate / in_rate),) float32.
    """
    if in_rate == out_rate:
        return samples
    stream = Resampler(in_rate, out_rate)
    whole = np.concatenate([stream.feed(samples), stream.flush()])
    late = round(stream.latency_seconds * out_rate)
    length = round(len(samples) * out_rate / in_rate)
    return whole[late : late + length]
