"""PocketSphinx decoders for the office: its language model, its words, and two ways: quick and exact.

A decoder holds the interpreter lock while it works on what it is given. It is given a fifth of a second at a time,
so that the other threads of the process are heard in between; the cepstral mean of the whole sound, on which
exactness depends, is found before by a decoder that does little else.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media.adapters.sphinx_sound import SoundSettings
from media.errors import ModelMissing
from media.language.files import (
    ADDITIONS,
    DICTIONARY,
    GENERAL_MODEL,
    LANGUAGE_MODEL,
    LETTERS,
    package_model,
    shipped_model,
)
from media.language.letters import LetterRules
from media.language.names import Pronouncer
from media.transcriber import RATE

_CHUNK = RATE // 5
_IDLE = "hello HH AH L OW\n"
"""A dictionary for the decoder that only finds means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketSphinxSettings:
    """How the decoders are set; the values are the best measured, see assets/models/speech/README.md."""

    sound: SoundSettings = field(default_factory=SoundSettings)
    language_weight: float = 5.5
    word_insertion: float = 0.65
    most_states: int = 5000
    """So many models of sounds are followed at a time: half the work of the usual 30,000 for the same words. With
    2000 it is a third less again, and rare names are lost."""
    quick_states: int = 1500
    quick_words: int = 6
    """The same, and words that may end at a time, for complete sounds where many wait: speed is worth more than
    the last bit of exactness."""
    quick_lookahead: int = 8
    """So many frames ahead it is heard which sounds may come; words that do not begin so are not tried."""
    quick_lookahead_beam: float = 1e-6
    sentence_pause: float = 0.4
    """A word after a pause of this many seconds starts with a capital."""
    common: float = -4.2
    """Words of a log10 probability above this need no help to be heard."""
    most_names: int = 500
    """More words than this make a fresh list of those present now."""
    live_streams: int = 4
    """So many people's speech is followed as it comes; each takes 40 MB once it is needed."""
    patience: int = 8
    """A stream that was not asked for among so many other requests gives way to another."""


class Kit:
    """The files that decoders are made of, and the decoders."""

    def __init__(self, model: Path | None, settings: PocketSphinxSettings) -> None:
        """Read the dictionary and the letter rules.

        Raises:
            ModelMissing: a model was named but is not there, or pocketsphinx is not installed.
        """
        if model is not None and not (model / LANGUAGE_MODEL).is_file():
            raise ModelMissing(f"no {LANGUAGE_MODEL} in {model}")
        office = model or shipped_model()
        package = package_model()
        self._settings = settings
        self._dictionary = (package / DICTIONARY).read_text()
        rules = None
        if office is not None:
            self._dictionary += (office / ADDITIONS).read_text()
            rules = LetterRules.load(office / LETTERS)
        self._language = office / LANGUAGE_MODEL if office else package / GENERAL_MODEL
        self.of_the_office = office is not None
        """Whether the language model is the office's own."""
        self.pronouncer = Pronouncer(self._dictionary, rules)
        """Knows how words are said."""

    def exact(self, lines: Iterable[str]) -> Any:
        """Make a decoder that is used where exactness counts, with these lines more in its dictionary.

        Raises:
            ModelMissing: PocketSphinx cannot load it.
        """
        return self._load(lines, maxhmmpf=self._settings.most_states)

    def quick(self, lines: Iterable[str]) -> Any:
        """Make a decoder for complete sounds that takes less time: the first pass alone."""
        return self._load(
            lines,
            maxhmmpf=self._settings.quick_states,
            maxwpf=self._settings.quick_words,
            pl_window=self._settings.quick_lookahead,
            pl_beam=self._settings.quick_lookahead_beam,
            pl_pbeam=self._settings.quick_lookahead_beam,
            fwdflat=False,
        )

    def _load(self, lines: Iterable[str], **options: Any) -> Any:
        from pocketsphinx import Decoder

        with tempfile.TemporaryDirectory(prefix="atrium-words-") as folder:
            dictionary = Path(folder) / "words.dict"
            dictionary.write_text("\n".join([self._dictionary.rstrip(), *lines, ""]))
            try:
                return Decoder(
                    lm=str(self._language),
                    dict=str(dictionary),
                    cmn="live",
                    lw=self._settings.language_weight,
                    wip=self._settings.word_insertion,
                    loglevel="FATAL",
                    **options,
                )
            except (RuntimeError, ValueError) as error:
                raise ModelMissing(f"PocketSphinx cannot load {self._language}") from error


class MeanFinder:
    """Finds the cepstral mean of a sound as PocketSphinx itself would over the whole of it."""

    def __init__(self) -> None:
        """Load the acoustic model only.

        Raises:
            ModelMissing: PocketSphinx cannot load it.
        """
        from pocketsphinx import Decoder

        with tempfile.TemporaryDirectory(prefix="atrium-words-") as folder:
            dictionary = Path(folder) / "words.dict"
            dictionary.write_text(_IDLE)
            try:
                self._decoder = Decoder(
                    lm=None,
                    keyphrase=_IDLE.partition(" ")[0],
                    dict=str(dictionary),
                    cmn="batch",
                    # What was said is nobody's question here: sounds are compared once a second, and hardly.
                    # The mean stays the same, for a fifteenth of the time.
                    ds=100,
                    topn=1,
                    loglevel="FATAL",
                )
            except (RuntimeError, ValueError) as error:
                raise ModelMissing("PocketSphinx cannot load its acoustic model") from error

    def mean_of(self, sound: NDArray[np.int16]) -> str:
        """Return the mean as PocketSphinx writes it."""
        begin(self._decoder)
        try:
            self._decoder.process_raw(sound.tobytes(), full_utt=True)
        finally:
            self._decoder.end_utt()
        return str(self._decoder.get_cmn())


def begin(decoder: Any, mean: str = "") -> None:
    """Begin a sound with this mean; nothing is left of the one before, which was another microphone's."""
    with warnings.catch_warnings():
        # Called unnecessary by the package, yet results depend on the sound before without it.
        warnings.simplefilter("ignore", DeprecationWarning)
        decoder.start_stream()
    if mean:
        decoder.set_cmn(mean)
    decoder.start_utt()


def feed(decoder: Any, sound: NDArray[np.int16]) -> None:
    """Give a decoder sound, a little at a time, so that other threads may work in between."""
    for at in range(0, len(sound), _CHUNK):
        decoder.process_raw(sound[at : at + _CHUNK].tobytes())


def decode(decoder: Any, sound: NDArray[np.int16], mean: str) -> Sequence[Any]:
    """Decode a whole sound; gives PocketSphinx's segments."""
    begin(decoder, mean)
    try:
        feed(decoder, sound)
    finally:
        decoder.end_utt()
    return list(decoder.seg() or ())
