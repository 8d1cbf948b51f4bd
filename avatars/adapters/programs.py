"""Synthesised voices for scripted colleagues and for training: flite and espeak-ng, each a program of its own."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from avatars.errors import SpeechError

RATE = 48_000
LOUDNESS = 0.1
"""Root mean square of speech, about -20 dBFS, so that no voice is louder than another."""

CEILING = 0.9
LONGEST_SECONDS = 60.0
PACKAGES = {"flite": "flite", "espeak": "espeak-ng"}
"""Program of a voice -> Debian package that brings it; the program has the package's name."""
PACE = 175
"""Words per minute of espeak-ng at its usual pace."""

Samples = NDArray[np.float32]


def check(voice: str) -> None:
    """Make sure that the program of a voice is there.

    Args:
        voice: "flite:rms", "espeak:en-us+m3".

    Raises:
        SpeechError: it is not, the message names the package; or flite has no such voice.
    """
    program = voice.partition(":")[0]
    package = PACKAGES.get(program)
    if package is None:
        raise SpeechError(f'"{voice}" is no voice; voices are flite:NAME and espeak:NAME, such as flite:rms')
    if shutil.which(package) is None:
        raise SpeechError(
            f"the voice {voice} needs the program {package}; on Debian and Ubuntu: apt-get install {package}"
        )
    name = voice.partition(":")[2]
    if program == "flite" and name not in flite_voices():
        raise SpeechError(f"flite has no voice {name}; it has {', '.join(flite_voices())}")


@functools.cache
def flite_voices() -> tuple[str, ...]:
    """Return the voices built into flite; it speaks with another one when asked for one it has not."""
    listing = subprocess.run(["flite", "-lv"], capture_output=True, text=True, check=False).stdout
    return tuple(listing.partition(":")[2].split())


def synthesise(voice: str, text: str, pace: float = 1.0) -> Samples:
    """Speak a text. Blocking; run it in a worker.

    Args:
        voice: "flite:rms", "espeak:en-us+m3".
        text: one or more sentences.
        pace: times as fast as the voice speaks by itself.

    Returns:
        (n,) float32 in [-1, 1] at 48 kHz, as loud as every other voice.

    Raises:
        SpeechError: the program is missing, does not know the voice, or gave no sound.
    """
    check(voice)
    program, _, name = voice.partition(":")
    with tempfile.TemporaryDirectory(prefix="atrium-voice-") as folder:
        words = Path(folder) / "words.txt"
        sound = Path(folder) / "sound.wav"
        words.write_text(text + "\n", encoding="utf-8")
        if program == "flite":
            command = ["flite", "-voice", name, "--setf", f"duration_stretch={1 / pace:.3f}"]
            command += ["-f", str(words), "-o", str(sound)]
        else:
            command = ["espeak-ng", "-v", name, "-s", str(round(PACE * pace))]
            command += ["-f", str(words), "-w", str(sound)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False)
        except subprocess.TimeoutExpired as fault:
            raise SpeechError(f"the voice {voice} took too long; is the line very long?") from fault
        said = (done.stderr or done.stdout).strip()
        if done.returncode != 0 or not sound.is_file() or "not found" in said.lower():
            known = "flite -lv" if program == "flite" else "espeak-ng --voices"
            raise SpeechError(f"the voice {voice} does not speak; `{known}` lists the voices. It said: {said}")
        samples = _read(sound)
    if not samples.size or not np.any(samples):
        raise SpeechError(f"the voice {voice} gave no sound for a line; give it words to say")
    return _levelled(samples)


def _read(path: Path) -> Samples:
    """Decode a sound file to (n,) float32 at 48 kHz."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    parts: list[Samples] = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            parts += [_flat(out) for out in resampler.resample(frame)]
    parts += [_flat(out) for out in resampler.resample(None)]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _flat(frame: av.AudioFrame) -> Samples:
    return frame.to_ndarray().reshape(-1).astype(np.float32)


def _levelled(samples: Samples) -> Samples:
    loud = samples[np.abs(samples) > 0.02 * float(np.max(np.abs(samples)))]
    rms = float(np.sqrt(np.mean(np.square(loud, dtype=np.float64))))
    gain = min(LOUDNESS / rms, CEILING / float(np.max(np.abs(samples))))
    return (samples * np.float32(gain)).astype(np.float32)
