"""Sentences to numbers: speaks them, keeps their mel bands in parts on disk, mixes batches from what is there."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from media.audio import Samples
from media.training import sound
from media.training.sentences import sentences
from media.training.voices import Speakers, any_voice

PART = 500
"""Sentences in a file."""
_OPUS_SHARE = 0.25
_CUT_SHARE = 0.15
_PAIR_SHARE = 0.12
_SECONDS = sound.HOP / 16_000


@dataclass(frozen=True, slots=True)
class Clip:
    """One spoken sentence."""

    text: str
    starts: tuple[float, ...]
    """Seconds at which each word begins; nan: unknown."""
    bands: NDArray[np.float16]
    """(frames, mels), logarithm to base ten of the power."""


@dataclass(frozen=True, slots=True)
class Example:
    """What the model is shown: a clip in its noise."""

    text: str
    """Empty when nobody speaks."""
    lead: float
    """Seconds before the speech."""
    end: float
    """Seconds until the speech is over."""
    starts: tuple[float, ...]
    """Seconds at which each word begins, from the beginning of the example."""
    features: Samples
    """(frames, mels), as Whisper scales them."""


def synthesize(folder: Path, part: int) -> None:
    """Speak sentences by random voices into one file of the folder, unless it is there already."""
    path = folder / f"part-{part:04}.npz"
    if path.exists():
        return
    random = Random(f"part {part}")
    speakers = Speakers()
    bands: list[NDArray[np.float16]] = []
    facts: list[tuple[str, tuple[float, ...]]] = []
    for text in sentences(part, PART):
        spoken = speakers.speak(
            text, any_voice(random), speed=math.exp(random.uniform(-0.2, 0.24)), pitch=random.uniform(-1, 1)
        )
        samples = sound.through_opus(spoken.samples) if random.random() < _OPUS_SHARE else spoken.samples
        bands.append(np.log10(np.maximum(sound.power(samples), 1e-10)).astype(np.float16))
        facts.append((text, spoken.starts))
    speakers.close()
    unfinished = path.with_suffix(".tmp")
    with unfinished.open("wb") as file:
        np.savez(file, bands=np.concatenate(bands), frames=[len(one) for one in bands], facts=json.dumps(facts))
    unfinished.rename(path)


def read(path: Path) -> list[Clip]:
    """Read what `synthesize` wrote."""
    with np.load(path) as part:
        ends = np.cumsum(part["frames"])
        facts = json.loads(str(part["facts"]))
        pieces = np.split(part["bands"], ends[:-1])
    return [
        Clip(text=text, starts=tuple(starts), bands=bands)
        for (text, starts), bands in zip(facts, pieces, strict=True)
    ]


def noises(count: int) -> list[Samples]:
    """The power of `count` noises of eight seconds, each (frames, mels) with a mean of 1."""
    bands = [sound.power(sound.noise(Random(f"noise {k}"), sound.WINDOW_SECONDS * 16_000)) for k in range(count)]
    return [one / one.mean() for one in bands]


class Mixer:
    """Puts clips into noise, silence, rooms and other throats, a little different every time."""

    def __init__(self, hush: list[Samples], random: Random) -> None:
        self._hush = hush
        self._random = random

    def example(self, clip: Clip, following: Clip | None = None) -> Example:
        """Make an example of a clip, or of two in a row."""
        random = self._random
        lead, tail = (
            round(random.uniform(0.04, random.choice((0.6, 0.6, 0.6, 2.0))) / _SECONDS) for _ in range(2)
        )
        power = self._voice(clip)
        text, starts, frames = clip.text, clip.starts, len(power)
        if following is not None:
            gap = np.zeros((random.randint(5, 40), sound.MELS), np.float32)
            power = np.concatenate([power, gap, self._voice(following)])
            begin = (frames + len(gap)) * _SECONDS
            text, frames = f"{text} {following.text}", len(power)
            starts = (*starts, *(begin + at for at in following.starts))
        elif random.random() < _CUT_SHARE:
            text, starts, frames = self._cut(text, starts, frames)
            # Sometimes the piece ends in the middle of the next word, which is then not to be guessed.
            power, tail = power[: frames + random.choice((0, 0, 1, 2, 4))], 0
        lead = min(lead, sound.FRAMES - len(power))
        power = np.pad(power, ((lead, tail), (0, 0)))[: sound.FRAMES]
        snr = random.uniform(12, 45) if random.random() < 0.85 else random.choice((70.0, math.inf))
        power += self._noise(len(power)) * (float(power.mean()) * 10 ** (-snr / 10))
        return Example(
            text=text,
            lead=lead * _SECONDS,
            end=min(lead + frames, len(power)) * _SECONDS,
            starts=tuple(lead * _SECONDS + at for at in starts),
            features=self._microphone(power),
        )

    def _cut(self, text: str, starts: tuple[float, ...], frames: int) -> tuple[str, tuple[float, ...], int]:
        """Only the first words of a sentence, as captions hear it while it is being said."""
        count = self._random.randint(1, len(starts))
        if count == len(starts) or any(math.isnan(at) for at in starts):
            return text, starts, frames
        first = " ".join(text.split()[:count]).rstrip(",")
        return first, starts[:count], max(1, round(starts[count] / _SECONDS))

    def nobody(self) -> Example:
        """Make an example in which nobody speaks."""
        power = self._noise(round(20 * 17 ** self._random.random()))
        if self._random.random() < 0.5:
            power = power + self._random.uniform(0.05, 3) * self._noise(len(power))
        # A far louder or quieter room than speech is ever recorded at.
        power *= 10 ** self._random.uniform(-4, 1)
        return Example(text="", lead=0, end=0, starts=(), features=self._microphone(power))

    def _voice(self, clip: Clip) -> Samples:
        """Power of a clip from a throat of another length, (frames, mels)."""
        logarithm = clip.bands.astype(np.float32)
        stretch = self._random.gauss(1, 0.06)
        place = (np.arange(sound.MELS) * stretch).clip(0, sound.MELS - 1.001)
        low = place.astype(int)
        share = (place - low).astype(np.float32)
        warped = logarithm[:, low] * (1 - share) + logarithm[:, low + 1] * share
        return np.asarray(10**warped, np.float32)

    def _noise(self, count: int) -> Samples:
        whole = self._random.choice(self._hush)
        at = self._random.randint(0, len(whole) - count)
        return whole[at : at + count].copy()

    def _microphone(self, power: Samples) -> Samples:
        """A smooth curve over the bands, a level, and Whisper's scale."""
        random = self._random
        bands = np.arange(sound.MELS) / sound.MELS
        curve = random.gauss(0, 0.25) * (bands - 0.5) + random.gauss(0, 0.15) * np.cos(
            2 * np.pi * (bands * random.uniform(0.5, 2) + random.random())
        )
        if random.random() < 0.15:
            curve = curve - 3 * np.maximum(0, bands - random.uniform(0.7, 0.95)) / 0.2
        level = random.uniform(-2.2, 0.8)
        return sound.log_scale(power * (10 ** (curve + level)).astype(np.float32))


def batches(clips: list[Clip], mixer: Mixer, random: Random, frames: int) -> Iterator[list[Example]]:
    """Pass once over the clips in batches of about `frames` frames and of similar lengths, in random order."""
    examples: list[tuple[int, list[Clip]]] = []
    left = random.sample(clips, len(clips))
    while left:
        few = [left.pop()]
        if left and random.random() < _PAIR_SHARE and len(few[0].bands) + len(left[-1].bands) < 300:
            few.append(left.pop())
        # A little disorder, so that a clip is not always with the same neighbours.
        examples.append((sum(len(clip.bands) for clip in few) + random.randint(0, 25), few))
    examples.sort(key=lambda example: example[0])
    groups: list[list[list[Clip]]] = [[]]
    for length, few in examples:
        if groups[-1] and (len(groups[-1]) + 1) * (length + 35) > frames:
            groups.append([])
        groups[-1].append(few)
    random.shuffle(groups)
    for group in groups:
        batch = [mixer.example(*few) for few in group]
        batch += [mixer.nobody() for _ in range(len(batch)) if random.random() < 0.08]
        yield batch
