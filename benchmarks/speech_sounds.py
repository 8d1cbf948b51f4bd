"""What is said, and what only sounds, in `benchmarks.speech`: as Opus packets, with the times of the words."""

from __future__ import annotations

import math
import re
import subprocess
import tempfile
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from scipy.signal import butter, resample_poly, sosfilt

from benchmarks.generator import FRAME_SECONDS
from benchmarks.recordings import HANGOVER, LEVEL, NOISE, encode
from media.audio import FRAME, RATE, Samples, from_int16, rms
from media.training.voices import Speakers

DTX_FRAMES = 20
"""Between two signs of life of a silent microphone: 400 ms."""
VOICED = 10 ** (-40 / 20)
"""A frame is voiced when one of its samples is louder than this share of the loudest of the clip."""
_FLITE_RATE = 16_000
_MARGIN = 0.02
"""Seconds kept around what a synthesiser says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One sentence of one voice."""

    text: str
    voice: str
    packets: tuple[bytes, ...]
    """One each 20 ms, with what an encoder still sends after the end."""
    voiced: int
    """Packets up to and with the last that carries voice."""
    ends: tuple[float, ...]
    """Seconds into the clip at which each word of `text.split()` ends; nan where the synthesiser does not tell."""

    @property
    def seconds(self) -> float:
        """From the first packet to the end of the voice."""
        return self.voiced * FRAME_SECONDS


@dataclass(slots=True)
class Booth:
    """Where the voices speak. Each sentence of each voice is made once; use as a context."""

    speakers: Speakers = field(default_factory=Speakers)
    _noise: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))
    _clips: dict[tuple[str, str], Clip] = field(default_factory=dict)

    def __enter__(self) -> Booth:
        return self

    def __exit__(self, *_: object) -> None:
        self.speakers.close()

    def clip(self, text: str, voice: str) -> Clip:
        """Let a voice ("flite:rms", "en-us+f4") say a text."""
        if (text, voice) not in self._clips:
            self._clips[text, voice] = self._record(text, voice)
        return self._clips[text, voice]

    def quiet(self) -> bytes:
        """One packet of an empty room."""
        return encode(self._noise.normal(0, NOISE, 20 * FRAME).astype(np.float32))[-1]

    def _record(self, text: str, voice: str) -> Clip:
        if voice.startswith("flite:"):
            sound, ends = _flite(text, voice.removeprefix("flite:"))
        else:
            spoken = self.speakers.speak(text, voice)
            sound, ends = spoken.samples, word_ends(spoken.starts, len(spoken.samples) / _FLITE_RATE)
        sound = resample_poly(sound, RATE // _FLITE_RATE, 1).astype(np.float32)
        voiced = voiced_frames(sound)
        room = self._noise.normal(0, NOISE, (voiced + HANGOVER) * FRAME).astype(np.float32)
        kept = sound[: len(room)]
        room[: len(kept)] += kept * np.float32(LEVEL / max(rms(kept), 1e-6))
        return Clip(text=text, voice=voice, packets=tuple(encode(room)), voiced=voiced, ends=ends)


def voiced_frames(sound: Samples) -> int:
    """Frames of 20 ms up to and with the last voiced one.

    Args:
        sound: (n,) float32 at 48 kHz, not silent.
    """
    loud = np.flatnonzero(np.abs(sound) > VOICED * float(np.abs(sound).max()))
    return int(loud[-1]) // FRAME + 1


def word_ends(starts: Sequence[float], seconds: float) -> tuple[float, ...]:
    """Where words end when it is known where they begin: with the next one, the last with the sound."""
    return (*starts[1:], seconds)


def words_in_phones(phones: Sequence[tuple[str, float]], counts: Sequence[int]) -> tuple[float, ...]:
    """Where words end in a row of phones with their ends.

    Args:
        phones: name and end in seconds; "pau" is a pause.
        counts: of how many phones each word is made.

    Returns:
        One end a word; all nan when the counts do not add up to the phones, as words may be joined in speech.
    """
    sounding = [end for name, end in phones if name != "pau"]
    if sum(counts) != len(sounding) or not all(counts):
        return (math.nan,) * len(counts)
    return tuple(sounding[last - 1] for last in np.cumsum(counts).tolist())


def timeline(said: Sequence[tuple[int, Clip]], frames: int, quiet: bytes) -> list[bytes | None]:
    """What one microphone sends: clips, and in between a sign of life now and then, as encoders with DTX do.

    Args:
        said: first frame and clip, in order; a clip that the next one begins in is cut there.
        frames: how long.
        quiet: one packet of faint noise.
    """
    out: list[bytes | None] = [None] * frames
    for frame in range(0, frames - 1, DTX_FRAMES):
        out[frame], out[frame + 1] = quiet, quiet[:1]
    for start, clip in said:
        after = min(frames, start + len(clip.packets))
        out[start:after] = clip.packets[: after - start]
        out[after : after + DTX_FRAMES] = [None] * (min(frames, after + DTX_FRAMES) - after)
    return out


def _flite(text: str, voice: str) -> tuple[Samples, tuple[float, ...]]:
    """(n,) float32 at 16 kHz without the silence around it, and where each word ends."""
    samples, phones = _phones(text, voice)
    counts = _phone_counts(text, voice)
    sounding = [at for at, (name, _) in enumerate(phones) if name != "pau"]
    first = max(0.0, (phones[sounding[0] - 1][1] if sounding[0] else 0.0) - _MARGIN)
    last = phones[sounding[-1]][1] + 5 * _MARGIN
    cut = samples[round(first * _FLITE_RATE) : round(last * _FLITE_RATE)]
    return cut, tuple(end - first for end in words_in_phones(phones, counts))


def _phones(text: str, voice: str) -> tuple[Samples, list[tuple[str, float]]]:
    with tempfile.TemporaryDirectory(prefix="atrium-speech-") as folder:
        path = Path(folder) / "said.wav"
        command = ["flite", "-voice", voice, "-psdur", "-t", text, "-o", str(path)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        with wave.open(str(path)) as file:
            assert file.getframerate() == _FLITE_RATE
            samples = from_int16(np.frombuffer(file.readframes(file.getnframes()), "<i2"))
    parts = [part.partition(":") for part in told.split()]
    return samples, [(name, float(end)) for name, _, end in parts]


@cache
def _phone_counts(text: str, voice: str) -> list[int]:
    """Of how many phones each word is made: with commas between the words there are pauses between them."""
    words = ", ".join(re.sub(r"[^A-Za-z']", "", word) for word in text.split())
    command = ["flite", "-voice", voice, "-ps", "-t", words, "-o", "/dev/null"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    counts = [len(part.split()) for part in f" {told} ".split(" pau ") if part.strip()]
    return counts if len(counts) == len(text.split()) else [0] * len(text.split())


# --- what holds no word ---------------------------------------------------------------------------------------

_Noise = Callable[[np.random.Generator, int], Samples]
"""Makes (n,) float32 at 48 kHz."""


def _silence(chance: np.random.Generator, count: int) -> Samples:
    return np.zeros(count, np.float32)


def _faint(chance: np.random.Generator, count: int) -> Samples:
    """An empty room."""
    return chance.normal(0, NOISE * 10 ** (chance.uniform(0, 18) / 20), count).astype(np.float32)


def _pink(chance: np.random.Generator, count: int) -> Samples:
    """A fan: power falls with the frequency."""
    spectrum = np.fft.rfft(chance.normal(0, 1, count))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    return _at(np.fft.irfft(spectrum, count), chance.uniform(-45, -28))


def _music(chance: np.random.Generator, count: int) -> Samples:
    """Tones and chords, plucked or held, over one another."""
    out = np.zeros(count)
    at = 0
    while at < count:
        length = min(count - at, round(RATE * chance.choice([0.25, 0.5, 1.0])))
        time = np.arange(length) / RATE
        root = 110 * 2 ** (chance.integers(0, 36) / 12)
        fall = np.exp(-time * chance.choice([0.5, 4.0]))
        for step in (0, *chance.choice([[4, 7], [3, 7], [5, 9]])) if chance.random() < 0.7 else (0,):
            tone = root * 2 ** (step / 12)
            for k in range(1, 5):
                out[at : at + length] += fall * np.sin(2 * np.pi * k * tone * time) / k
        at += length
    return _at(out, chance.uniform(-35, -22))


def _keyboard(chance: np.random.Generator, count: int) -> Samples:
    """Typing: clicks of some milliseconds, in bursts."""
    out = chance.normal(0, NOISE, count)
    at = 0.0
    while (start := round(at * RATE)) < count:
        length = min(count - start, round(RATE * chance.uniform(0.004, 0.02)))
        fall = np.exp(-np.linspace(0, 5, length))
        out[start : start + length] += chance.uniform(0.05, 0.4) * fall * chance.normal(0, 1, length)
        at += chance.uniform(0.06, 0.22) if chance.random() < 0.9 else chance.uniform(0.5, 2.0)
    return np.clip(out, -1, 1).astype(np.float32)


def _breathing(chance: np.random.Generator, count: int) -> Samples:
    """Air at a microphone, in and out."""
    time = np.arange(count) / RATE
    pace = chance.uniform(0.2, 0.35)
    swell = np.maximum(0.0, np.sin(2 * np.pi * pace * time)) ** 2 + 0.6 * np.maximum(
        0.0, np.sin(2 * np.pi * pace * time + np.pi * 0.9)
    )
    low, high = chance.uniform(200, 500), chance.uniform(1500, 3500)
    air = sosfilt(butter(2, [low, high], "band", fs=RATE, output="sos"), chance.normal(0, 1, count))
    return _at(air * swell, chance.uniform(-48, -32))


NOISES: dict[str, _Noise] = {
    "silence": _silence,
    "faint noise": _faint,
    "pink noise": _pink,
    "music": _music,
    "keyboard": _keyboard,
    "breathing": _breathing,
}


def noise(kind: str, seed: int, seconds: float) -> list[bytes]:
    """Packets of a sound in which nobody speaks, to be sent in a loop."""
    chance = np.random.default_rng(seed)
    count = round(seconds / FRAME_SECONDS) * FRAME
    return encode(NOISES[kind](chance, count))


def _at(sound: np.typing.NDArray[np.float64], decibels: float) -> Samples:
    """Brought to a loudness in dBFS, with its peaks cut off at full scale."""
    gain = 10 ** (decibels / 20) / max(float(np.sqrt(np.mean(np.square(sound)))), 1e-9)
    return np.clip(sound * gain, -1, 1).astype(np.float32)
