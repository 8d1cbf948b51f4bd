"""What PocketSphinx knows of each voice and its microphone: how loud it is, and where its cepstral mean lies.

Exactness depends on the mean of a whole sound, which is not known before its end. That of what the same person
said before is close: with it speech can be decoded while it comes, and little is left to do at its end.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media.adapters.sphinx_sound import Loudness

_MOST = 256
"""So many voices are remembered."""
_ENOUGH = 2.0
"""Seconds that a voice must have been heard for before it counts as known."""
_SLOWNESS = 5.0
"""An utterance of so many seconds counts as much as all before it."""
_UNLIKE = 10.0
"""Means differ by up to 9 within a voice, by 15 and more between voices and microphones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A voice through its microphone."""

    loudness: Loudness
    mean: NDArray[np.float64]
    """(13,) cepstral mean of it at the level that decoders get."""
    seconds: float
    """How long it was heard."""

    @classmethod
    def of(cls, loudness: Loudness, mean: str, seconds: float) -> Voice:
        """Take a mean as PocketSphinx writes it."""
        return cls(loudness=loudness, mean=np.array([float(part) for part in mean.split(",")]), seconds=seconds)

    @property
    def written(self) -> str:
        """The mean as PocketSphinx reads it."""
        return ",".join(f"{part:.6g}" for part in self.mean)

    def like(self, other: Voice) -> bool:
        """Whether both may be the same voice through the same microphone."""
        return bool(np.max(np.abs(self.mean - other.mean)) < _UNLIKE)

    def after(self, newest: Voice) -> Voice:
        """This voice, with what was heard last; the longer that was, the more it counts."""
        weight = newest.seconds / (newest.seconds + _SLOWNESS)
        before, now = self.loudness, newest.loudness
        return Voice(
            loudness=Loudness(
                speech=float(before.speech ** (1 - weight) * now.speech**weight),
                floor=(1 - weight) * before.floor + weight * now.floor,
            ),
            mean=(1 - weight) * self.mean + weight * newest.mean,
            seconds=self.seconds + newest.seconds,
        )


class Voices:
    """The voices of those who spoke lately."""

    def __init__(self) -> None:
        """Know nobody."""
        self._known: OrderedDict[str, Voice] = OrderedDict()

    def known(self, speaker: str) -> Voice | None:
        """The voice of a person, once enough of it was heard."""
        voice = self._known.get(speaker)
        return voice if voice is not None and voice.seconds >= _ENOUGH else None

    def learn(self, speaker: str, voice: Voice) -> None:
        """Take in how somebody sounded; who sounds quite different now has another microphone, or is another."""
        if not speaker:
            return
        before = self._known.pop(speaker, None)
        self._known[speaker] = before.after(voice) if before is not None and before.like(voice) else voice
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
