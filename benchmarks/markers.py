"""A sound by which delay can be heard: tone bursts on a steady hum, and finding them again in what arrives.

Every 200 ms a burst of 60 ms starts, each of eight pitches in turn, so that a burst is known again after up to
1.6 s. The hum below never stops: where it does, a gap was heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.audio import FRAME, RATE, Samples

PERIOD = 10
"""Frames from one burst to the next."""
BURST = 3 * FRAME
"""Samples of a burst."""
PITCHES = (500.0, 700.0, 900.0, 1100.0, 1300.0, 1500.0, 1700.0, 1900.0)
"""Hertz, in turn."""
HUM_PITCH = 150.0
HUM, LOUD = 10 ** (-34 / 20), 10 ** (-16 / 20)
"""Peak of the hum and of a burst."""
LOOKAHEAD = 312
"""Samples by which an Opus encoder for speech is behind (RFC 6716 section 4.5.2: 6.5 ms)."""
_STEP = 48
"""Samples over which loudness is judged: 1 ms."""
_ABOVE = 0.3
"""Part of a burst's own level that counts as its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """A burst that was found."""

    pitch: int
    """Index into `PITCHES`."""
    time: float
    """Seconds at which it began."""


def marked(frames: int) -> Samples:
    """(960 * frames,) the hum with bursts; `frames` a multiple of 80 makes a loop."""
    n = np.arange(frames * FRAME)
    out = HUM * np.sin(2 * np.pi * HUM_PITCH / RATE * n)
    for k in range(frames // PERIOD):
        # The burst begins a little inside its packet once the encoder's delay has been added.
        start = (k * PERIOD + 5) * FRAME
        inside = np.arange(BURST)
        edge = np.minimum(1.0, np.minimum(inside, BURST - inside) / 96.0)
        out[start : start + BURST] += LOUD * edge * np.sin(2 * np.pi * PITCHES[k % len(PITCHES)] / RATE * inside)
    return np.asarray(out, np.float32)


def ending(frames: int) -> Samples:
    """(960 * frames + lookahead,) a hum whose last packet begins with the last pitch, and then nothing more."""
    length = frames * FRAME + LOOKAHEAD
    n = np.arange(length)
    out = 0.5 * LOUD * np.sin(2 * np.pi * HUM_PITCH / RATE * n)
    start = (frames - 1) * FRAME - LOOKAHEAD + 96
    out[start:] = LOUD * np.sin(2 * np.pi * PITCHES[-1] / RATE * np.arange(length - start))
    return np.asarray(out, np.float32)


def find_bursts(sound: Samples, times: npt.NDArray[np.float64]) -> list[Burst]:
    """Find the bursts.

    Args:
        sound: (n,) float32, whole frames.
        times: (n / 960,) seconds at which each frame's first sample was there.

    Returns:
        In order.
    """
    level = _levels(sound)
    if not len(level):
        return []
    quiet = max(float(np.median(level)), 1e-5)
    loud = level > max(3.0 * quiet, 0.25 * float(np.percentile(level, 97)))
    bursts: list[Burst] = []
    at = np.intp(0)
    for start in np.flatnonzero(loud[1:] & ~loud[:-1]) + 1:
        if start < at or start + 40 > len(level):
            continue
        inside = sound[(start + 6) * _STEP : (start + 38) * _STEP]
        peak = float(np.percentile(level[start : start + 40], 80))
        first = start - 4 + int(np.argmax(level[max(0, start - 4) : start + 20] > _ABOVE * peak))
        strength = [_strength(inside, pitch) for pitch in PITCHES]
        best = int(np.argmax(strength))
        at = start + BURST // _STEP
        if strength[best] < 0.35:
            continue
        sample = first * _STEP
        bursts.append(Burst(pitch=best, time=float(times[sample // FRAME]) + (sample % FRAME) / RATE))
    return bursts


def delays(sent: Sequence[Burst], heard: Sequence[Burst]) -> list[tuple[float, float]]:
    """Match each burst that was heard with the one that was sent.

    Returns:
        (when it was sent, seconds until it was heard), in order; those that match none are left out.
    """
    out: list[tuple[float, float]] = []
    for burst in heard:
        before = [b.time for b in sent if b.pitch == burst.pitch and -0.005 <= burst.time - b.time < 1.5]
        if before:
            out.append((before[-1], burst.time - before[-1]))
    return out


def recovery(found: Sequence[tuple[float, float]], *, start: float, end: float, within: float = 0.005) -> float:
    """Seconds after the end of a disturbance until the delay is back where it was before.

    Args:
        found: (time, delay) pairs in order.
        start: when the disturbance began.
        end: when it ended.
        within: how near to the old delay counts as back, seconds, on the median of five bursts.

    Returns:
        0 if it never left; infinity if it did not come back; NaN where there is nothing to compare.
    """
    before = [delay for time, delay in found if time < start]
    after = [(time, delay) for time, delay in found if time >= end]
    if len(before) < 5 or len(after) < 5:
        return float("nan")
    baseline = float(np.median(before))
    for i in range(len(after) - 4):
        if float(np.median([delay for _, delay in after[i : i + 5]])) <= baseline + within:
            return max(0.0, after[i][0] - end) if i else 0.0
    return float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Blemishes:
    """What was wrong with a steady sound."""

    longest_gap: float
    """Seconds without the hum."""
    gaps: int
    """Stretches longer than 20 ms without it."""
    clicks: int
    """Steps in the wave that undisturbed sound does not have."""


def find_blemishes(sound: Samples, *, undisturbed: Samples) -> Blemishes:
    """Look for gaps and clicks.

    Args:
        sound: (n,) float32.
        undisturbed: the same kind of sound before anything went wrong.
    """
    usual = float(np.median(_levels(undisturbed)))
    holes = np.concatenate([[False], _smooth(_levels(sound), 5) < 0.1 * usual, [False]])
    edges = np.flatnonzero(holes[1:] != holes[:-1])
    lengths = (edges[1::2] - edges[::2]) * _STEP / RATE
    steepest = float(np.max(np.abs(np.diff(undisturbed)))) if len(undisturbed) > 1 else 0.0
    steps = np.flatnonzero(np.abs(np.diff(sound)) > 2.0 * steepest)
    clicks = int(np.sum(np.diff(steps, prepend=-RATE) > FRAME)) if len(steps) else 0
    return Blemishes(
        longest_gap=float(lengths.max()) if len(lengths) else 0.0, gaps=int(np.sum(lengths > 0.02)), clicks=clicks
    )


def first_of_pitch(sound: Samples, times: npt.NDArray[np.float64], pitch: float) -> float | None:
    """When a pitch is first heard in a sound, in seconds; None if it is not."""
    window = 5 * _STEP
    count = (len(sound) - window) // _STEP
    strong = [
        _strength(sound[i * _STEP : i * _STEP + window], pitch)
        * float(np.std(sound[i * _STEP : i * _STEP + window]))
        for i in range(max(0, count))
    ]
    if not strong or max(strong) < 1e-4:
        return None
    first = int(np.argmax(np.array(strong) > 0.5 * max(strong))) * _STEP
    return float(times[first // FRAME]) + (first % FRAME) / RATE


def first_sound(sound: Samples, times: npt.NDArray[np.float64], threshold: float = 1e-3) -> float | None:
    """When the first sample beyond a threshold was there, in seconds; None if all is silent."""
    loud = np.flatnonzero(np.abs(sound) > threshold)
    if not len(loud):
        return None
    return float(times[loud[0] // FRAME]) + float(loud[0] % FRAME) / RATE


def _levels(sound: Samples) -> npt.NDArray[np.float64]:
    """Peak of every millisecond."""
    whole = len(sound) // _STEP * _STEP
    peaks: npt.NDArray[np.float64] = np.abs(sound[:whole].reshape(-1, _STEP)).max(axis=1).astype(np.float64)
    return peaks


def _smooth(level: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    """The highest of the neighbouring values, so that zero crossings are no gaps."""
    if len(level) < width:
        return level
    padded = np.pad(level, width // 2, mode="edge")
    highest: npt.NDArray[np.float64] = np.lib.stride_tricks.sliding_window_view(padded, width).max(axis=1)
    return highest


def _strength(sound: Samples, pitch: float) -> float:
    """Share (0..1) of a sound's amplitude that is this pitch."""
    wave = np.exp(-2j * np.pi * pitch / RATE * np.arange(len(sound)))
    size = float(np.sqrt(np.mean(np.square(sound.astype(np.float64)))))
    if size < 1e-6:
        return 0.0
    return float(abs(np.dot(sound.astype(np.float64), wave)) / len(sound) * np.sqrt(2) / size)
