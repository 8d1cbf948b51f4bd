"""Sound as the acoustic model of PocketSphinx likes it: one level, and no silence that is quite silent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media.transcriber import RATE, Samples

_BLOCK = RATE // 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSettings:
    """What sound is brought to; the values are the best measured, see assets/models/speech/README.md."""

    noise_db: float = 55.0
    """White noise this far under the speech is added where the sound is quieter: digital silence is
    nothing the acoustic model has ever heard, louder noise hides consonants."""
    level: float = 0.08
    """Speech is brought to this root mean square."""
    lead_seconds: float = 0.15
    """Noise put before and after, so that the first and last sounds have a frame to start from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """How loud a sound is: mean squares of its louder half and of its quietest twentieth."""

    speech: float
    floor: float

    @classmethod
    def of(cls, samples: Samples) -> Loudness:
        """Measure a sound of at least 10 ms."""
        blocks = len(samples) // _BLOCK
        rows = samples[: blocks * _BLOCK].astype(np.float64).reshape(blocks, _BLOCK)
        power = np.sort(np.mean(np.square(rows), axis=1))
        return cls(
            speech=float(np.mean(power[blocks // 2 :])) + 1e-12,
            floor=float(np.mean(power[: max(1, blocks // 20)])),
        )


class Conditioner:
    """Brings one sound to the level, in one go or piece by piece; the same sound always becomes the same."""

    def __init__(self, loudness: Loudness, settings: SoundSettings) -> None:
        """Take how loud the sound is, or is expected to be."""
        missing = max(0.0, loudness.speech * 10.0 ** (-settings.noise_db / 10.0) - loudness.floor)
        self._noise = np.sqrt(missing)
        self._gain = settings.level / np.sqrt(loudness.speech)
        self._lead = np.zeros(round(settings.lead_seconds * RATE), np.float32)
        self._random = np.random.default_rng(1)

    def whole(self, samples: Samples) -> NDArray[np.int16]:
        """Take a whole sound; noise comes before and after it."""
        return self.piece(np.concatenate([self._lead, samples, self._lead]))

    def first(self, samples: Samples) -> NDArray[np.int16]:
        """Take the beginning of a sound; noise comes before it."""
        return self.piece(np.concatenate([self._lead, samples]))

    def last(self, samples: Samples) -> NDArray[np.int16]:
        """Take the end of a sound; noise comes after it."""
        return self.piece(np.concatenate([samples, self._lead]))

    def piece(self, samples: Samples) -> NDArray[np.int16]:
        """Take what follows."""
        noisy = samples.astype(np.float64) + self._random.standard_normal(len(samples)) * self._noise
        bounded: NDArray[np.int16] = (np.clip(noisy * self._gain, -1.0, 1.0) * 32767.0).astype(np.int16)
        return bounded
