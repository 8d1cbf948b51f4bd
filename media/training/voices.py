"""Who says it: many espeak-ng voices and a few of flite, each run as a program of its own."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import wave
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from scipy.signal import resample_poly

from media.audio import Samples, from_int16

RATE = 16_000
"""Hz of everything here."""

_BASES = (
    "en-us", "en-us", "en-us-nyc", "en-gb", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd",
    "en-029",
)  # fmt: skip
_PLAIN = ("", "m1", "m3", "m4", "m5", "m6", "m8", "f1", "f3", "f5", "klatt", "klatt2", "klatt4")
_MORE = tuple(
    # Not those that whisper, croak or play the robot.
    """
    Alex Alicia Andrea Annie AnxiousAndy Denis Diogo Gene Henrique Hugo Jacky Lee Marco Mario Michael Mike Nguyen
    Reed RicishayMax Storm Tweaky adam anika announcer antonio aunty belinda boris caleb david ed edward edward2
    gustave grandma grandpa ian iven iven2 iven4 john kaukovalta max michel miguel norbert pablo paul pedro quincy
    rob robert sandro steph steph2 travis zac
    """.split()  # noqa: SIM905
)
FLITE_TRAINED = ("flite:slt", "flite:awb", "flite:kal16")
FLITE_UNSEEN = ("flite:rms",)
UNSEEN = (
    "en-us+f4", "en-us+m2", "en-us+shelby", "en-gb+f2", "en-gb-x-rp+m7", "en-gb-scotland+linda",
    "en-us-nyc+victor", "en-gb+benjamin", "en-029+m2", "en-us+Andy",
)  # fmt: skip
"""Voices to test with. Their variants are in no voice that is trained on, under whatever accent."""
TRAINED = (
    *(f"{base}+{name}" if name else base for base in dict.fromkeys(_BASES) for name in (*_PLAIN, *_MORE)),
    *FLITE_TRAINED,
)
"""Voices to train with."""
_FLITE_PITCH = {"slt": 170, "awb": 115, "kal16": 105, "rms": 100}
_FLITE_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sentence as sound."""

    samples: Samples
    """(n,) float32 at 16 kHz, without silence at its ends."""
    starts: tuple[float, ...]
    """Seconds at which each word begins, nan where the voice does not tell."""


def any_voice(random: Random) -> str:
    """Draw a voice to train with: the common variants as often as all the others together."""
    if random.random() < _FLITE_SHARE:
        return random.choice(FLITE_TRAINED)
    variant = random.choice(_PLAIN if random.random() < 0.5 else _MORE)
    return f"{random.choice(_BASES)}+{variant}".rstrip("+")


class Speakers:
    """All the voices. Not to be shared between processes."""

    def __init__(self) -> None:
        """Start the espeak-ng worker, which is a program of its own for its licence."""
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "avatars.adapters.espeak_worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def close(self) -> None:
        """End the worker."""
        self._worker.kill()
        self._worker.wait()
        for pipe in (self._worker.stdin, self._worker.stdout):
            if pipe is not None:
                pipe.close()

    def speak(self, text: str, voice: str, *, speed: float = 1.0, pitch: float = 0.0) -> Spoken:
        """Say a text.

        Args:
            text: what to say.
            voice: one of `TRAINED`, `UNSEEN` or `FLITE_UNSEEN`.
            speed: 1.0 is ordinary, 1.2 is a fifth faster.
            pitch: -1..1, from low to high; 0 is the voice's own.
        """
        count = len(text.split())
        if voice.startswith("flite:"):
            samples = _flite(text, voice.removeprefix("flite:"), speed, pitch)
            return _trim(samples, [float("nan")] * count)
        header, pcm = self._espeak({"text": text, "voice": voice, "rate": 165 * speed, "pitch": 50 + 25 * pitch})
        samples = from_int16(np.frombuffer(pcm, "<i2"))
        places = {start: k for k, start in enumerate(_word_places(text))}
        starts = [float("nan")] * count
        for at, start, _ in header["words"]:
            if start in places:
                starts[places[start]] = at
        return _trim(resample_poly(samples, 320, 441).astype(np.float32), starts)

    def _espeak(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        request = {**request, "rate": int(request["rate"]), "pitch": int(request["pitch"]), "id": 0}
        self._worker.stdin.write(json.dumps(request).encode() + b"\n")
        self._worker.stdin.flush()
        (length,) = struct.unpack("<I", self._worker.stdout.read(4))
        header: dict[str, Any] = json.loads(self._worker.stdout.read(length))
        if "error" in header:
            raise RuntimeError(header["error"])
        return header, self._worker.stdout.read(2 * header["samples"])


def _flite(text: str, voice: str, speed: float, pitch: float) -> Samples:
    command = [
        "flite", "-voice", voice, "-t", text, "-o", "/dev/stdout",
        "--setf", f"duration_stretch={1 / speed:.3f}",
        "--setf", f"int_f0_target_mean={_FLITE_PITCH[voice] * (1 + 0.25 * pitch):.0f}",
    ]  # fmt: skip
    with wave.open(io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout)) as file:
        assert file.getframerate() == RATE
        pcm = file.readframes(file.getnframes())
    return from_int16(np.frombuffer(pcm, "<i2"))


def _word_places(text: str) -> list[int]:
    """Where each word of a text begins, in characters."""
    places, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        places.append(at)
        at += len(word)
    return places


def _trim(samples: Samples, starts: list[float]) -> Spoken:
    """Cut off what is 50 dB below the loudest, leaving 20 ms, and bring the loudest to one half."""
    loudness = np.abs(samples)
    heard = np.flatnonzero(loudness > max(float(loudness.max()) * 0.003, 1e-4))
    first, last = max(0, int(heard[0]) - RATE // 50), int(heard[-1]) + RATE // 50
    cut = samples[first:last]
    return Spoken(
        samples=(cut * (0.5 / float(np.abs(cut).max()))).astype(np.float32),
        starts=tuple(max(at - first / RATE, 0.0) for at in starts),
    )
