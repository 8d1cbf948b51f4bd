"""Speech that still comes: a few decoders follow a few streams and take in only what is new in each request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from media.adapters.sphinx_decoders import MeanFinder, PocketSphinxSettings, begin, feed
from media.adapters.sphinx_sound import Conditioner, Loudness
from media.transcriber import RATE, Samples

_LEAST = RATE * 3 // 5
"""A stream shorter than this is waited for: it tells too little of the voice and the microphone."""


@dataclass(slots=True, kw_only=True)
class _Followed:
    decoder: Any
    conditioner: Conditioner
    fed: int
    """Samples of the stream that the decoder has."""
    asked: int
    """The number of the last request for it."""


class LivePool:
    """Follows streams; who comes when all decoders are busy has to be decoded another way."""

    def __init__(self, make: Callable[[], Any], means: MeanFinder, settings: PocketSphinxSettings) -> None:
        """Take what makes a decoder; none is made before it is needed."""
        self._make, self._means, self._settings = make, means, settings
        self._followed: OrderedDict[str, _Followed] = OrderedDict()
        self._free: list[Any] = []
        self._requests = 0

    def hear(self, stream: str, samples: Samples) -> Sequence[Any] | None:
        """Take in what is new of a stream; gives PocketSphinx's segments of all of it so far.

        Args:
            stream: its id.
            samples: (n,) all of it so far.

        Returns:
            The segments, or None when every decoder follows a stream that is still being asked for.

        Raises:
            RuntimeError: PocketSphinx failed; the stream was forgotten.
        """
        self._requests += 1
        if len(samples) < _LEAST:
            return ()
        followed = self._followed.get(stream)
        if followed is not None and followed.fed > len(samples):
            self.forget(stream)
            followed = None
        try:
            if followed is None:
                followed = self._begin(stream, samples)
                if followed is None:
                    return None
            else:
                feed(followed.decoder, followed.conditioner.piece(samples[followed.fed :]))
            followed.fed, followed.asked = len(samples), self._requests
            self._followed.move_to_end(stream)
            return list(followed.decoder.seg() or ())
        except RuntimeError:
            self._followed.pop(stream, None)  # its decoder may be broken: another is made when one is needed
            raise

    def forget(self, stream: str) -> None:
        """Follow a stream no longer."""
        if (followed := self._followed.pop(stream, None)) is not None:
            followed.decoder.end_utt()
            self._free.append(followed.decoder)

    def clear(self) -> None:
        """Drop all decoders; streams that go on are followed by new ones from their start."""
        self._followed.clear()
        self._free.clear()

    def _begin(self, stream: str, samples: Samples) -> _Followed | None:
        """Follow a stream. How it begins says how loud it is and where its mean lies; both stay so to its end."""
        decoder = self._take()
        if decoder is None:
            return None
        followed = _Followed(
            decoder=decoder,
            conditioner=Conditioner(Loudness.of(samples), self._settings.sound),
            fed=0,
            asked=self._requests,
        )
        self._followed[stream] = followed
        sound = followed.conditioner.first(samples)
        begin(decoder, self._means.mean_of(sound))
        feed(decoder, sound)
        return followed

    def _take(self) -> Any:
        if not self._free and len(self._followed) >= self._settings.live_streams:
            oldest = next(iter(self._followed))
            if self._requests - self._followed[oldest].asked <= self._settings.patience:
                return None
            self.forget(oldest)
        return self._free.pop() if self._free else self._make()
