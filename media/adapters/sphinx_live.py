"""Speech that still comes: a few decoders follow a few streams and take in only what is new in each request.

Where the voice is known, the decoder is as exact as one that gets the whole sound, and at the end only its second
pass is left to do.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from media.adapters.sphinx_decoders import MeanFinder, PocketSphinxSettings, begin, feed
from media.adapters.sphinx_sound import Conditioner, Loudness
from media.adapters.sphinx_voices import Voice, Voices
from media.transcriber import RATE, Samples

_LEAST = RATE * 3 // 5
"""A stream shorter than this is waited for: it tells too little of the voice and the microphone."""


@dataclass(slots=True, kw_only=True)
class _Followed:
    decoder: Any
    conditioner: Conditioner
    voice: Voice | None
    """What it goes by; None where only the beginning of the sound was known."""
    fed: int
    """Samples of the stream that the decoder has."""
    asked: int
    """The number of the last request for it."""


class LivePool:
    """Follows streams; who comes when all decoders are busy has to be decoded another way."""

    def __init__(
        self, make: Callable[[], Any], means: MeanFinder, voices: Voices, settings: PocketSphinxSettings
    ) -> None:
        """Take what makes a decoder; none is made before it is needed."""
        self._make, self._means, self._voices, self._settings = make, means, voices, settings
        self._followed: OrderedDict[str, _Followed] = OrderedDict()
        self._free: list[Any] = []
        self._requests = 0

    def hear(self, stream: str, samples: Samples, speaker: str = "") -> Sequence[Any] | None:
        """Take in what is new of a stream; gives PocketSphinx's segments of all of it so far.

        Args:
            stream: its id.
            samples: (n,) all of it so far.
            speaker: who speaks.

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
                followed = self._begin(stream, samples, self._voices.known(speaker))
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

    def finish(self, stream: str, samples: Samples, voice: Voice) -> Sequence[Any] | None:
        """End a stream with the rest of it; gives PocketSphinx's segments of all of it.

        Args:
            stream: its id.
            samples: (n,) all of it.
            voice: how all of it sounds.

        Returns:
            The segments; None where it was not followed, or not by what this voice turned out to be: then it has
            to be decoded as a whole.

        Raises:
            RuntimeError: PocketSphinx failed; the stream was forgotten.
        """
        followed = self._followed.get(stream)
        if followed is None or followed.fed > len(samples):
            return None
        if followed.voice is None or not followed.voice.like(voice):
            return None
        del self._followed[stream]  # if this fails its decoder may be broken, and is not used again
        feed(followed.decoder, followed.conditioner.last(samples[followed.fed :]))
        followed.decoder.end_utt()
        self._free.append(followed.decoder)
        return list(followed.decoder.seg() or ())

    def forget(self, stream: str) -> None:
        """Follow a stream no longer."""
        if (followed := self._followed.pop(stream, None)) is not None:
            followed.decoder.end_utt()
            self._free.append(followed.decoder)

    def clear(self) -> None:
        """Drop all decoders; streams that go on are followed by new ones from their start."""
        self._followed.clear()
        self._free.clear()

    def _begin(self, stream: str, samples: Samples, voice: Voice | None) -> _Followed | None:
        """Follow a stream by what is known of the voice.

        Of an unknown one the beginning says how loud it is and where its mean lies; either stays so to the end.
        """
        decoder = self._take()
        if decoder is None:
            return None
        loudness = Loudness.of(samples) if voice is None else voice.loudness
        followed = _Followed(
            decoder=decoder,
            conditioner=Conditioner(loudness, self._settings.sound),
            voice=voice,
            fed=0,
            asked=self._requests,
        )
        self._followed[stream] = followed
        sound = followed.conditioner.first(samples)
        begin(decoder, self._means.mean_of(sound) if voice is None else voice.written)
        feed(decoder, sound)
        return followed

    def _take(self) -> Any:
        if not self._free and len(self._followed) >= self._settings.live_streams:
            oldest = next(iter(self._followed))
            if self._requests - self._followed[oldest].asked <= self._settings.patience:
                return None
            self.forget(oldest)
        return self._free.pop() if self._free else self._make()
