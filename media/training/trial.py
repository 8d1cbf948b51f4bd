"""What the model is tested with: sentences and voices that it has never met, as the office hears them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from media.audio import Samples
from media.training import sound
from media.training.sentences import unseen
from media.training.voices import RATE, Speakers


@dataclass(frozen=True, slots=True)
class Trial:
    """One sentence to be recognised."""

    text: str
    voice: str
    starts: tuple[float, ...]
    """Seconds at which each word begins; nan: unknown."""
    samples: Samples
    """(n,) float32 at 16 kHz."""


def trials(voices: Sequence[str], count: int, *, opus: bool, seed: int = 0) -> list[Trial]:
    """Speak unseen sentences by turns, each in a quiet room with a moment before and after it.

    Args:
        voices: who speaks.
        count: how many sentences.
        opus: whether the sound goes over the line first, as it does in the office.
        seed: which sentences, and which noise.
    """
    random = Random(f"trials {seed}")
    draw = np.random.default_rng(seed)
    speakers = Speakers()
    found = []
    for k, text in enumerate(unseen(count, seed)):
        voice = voices[k % len(voices)]
        spoken = speakers.speak(text, voice, speed=random.uniform(0.9, 1.15), pitch=random.uniform(-0.5, 0.5))
        samples = np.pad(spoken.samples, round(0.3 * RATE))
        noise = draw.standard_normal(len(samples)) * np.sqrt(np.mean(np.square(spoken.samples)))
        samples = (samples + noise * 10 ** (-random.uniform(20, 40) / 20)).astype(np.float32)
        samples = sound.through_opus(samples) if opus else samples
        found.append(Trial(text, voice, tuple(0.3 + at for at in spoken.starts), samples))
    speakers.close()
    return found


def silences(count: int, seed: int = 0) -> list[Samples]:
    """Sounds of half a second to five in which nobody speaks, each (n,) float32 at 16 kHz."""
    random = Random(f"silences {seed}")
    lengths = [random.randint(RATE // 2, 5 * RATE) for _ in range(count)]
    return [sound.noise(random, length) * np.float32(10 ** random.uniform(-2, -0.3)) for length in lengths]
