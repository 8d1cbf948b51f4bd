"""The embedded recogniser: PocketSphinx with its own acoustic model and the office's language model."""

from __future__ import annotations

import importlib.metadata
import logging
import re
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media.adapters.screen import believed, one_by_one
from media.errors import ModelMissing, TranscriptionFailed
from media.language.display import written
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
from media.language.names import NameList, Pronouncer, name_parts
from media.transcriber import RATE, Capabilities, Hypothesis, Outcome, Request, Samples, Word

logger = logging.getLogger(__name__)

_FRAMES_PER_SECOND = 100
_VARIANT = re.compile(r"\(\d+\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketSphinxSettings:
    """How the decoder is set; the values are the best measured, see assets/models/speech/README.md."""

    noise_db: float = 55.0
    """White noise this far under the speech is added where the sound is quieter: digital silence is
    nothing the acoustic model has ever heard, louder noise hides consonants."""
    level: float = 0.08
    """Speech is brought to this root mean square."""
    lead_seconds: float = 0.15
    """Noise put before and after, so that the first and last sounds have a frame to start from."""
    language_weight: float = 5.5
    word_insertion: float = 0.65
    most_states: int = 5000
    """So many models of sounds are followed at a time: half the work of the usual 30,000 for the same words."""
    sentence_pause: float = 0.4
    """A word after a pause of this many seconds starts with a capital."""
    most_names: int = 200
    """More names than this make a fresh list of those present now."""


class PocketSphinxTranscriber:
    """English by PocketSphinx. Holds the interpreter lock while it decodes: give it its own process."""

    name = "pocketsphinx"
    capabilities = Capabilities(vocabulary=True, embedded=True, agreement=3, hold_seconds=1.0)

    def __init__(self, model: Path | None = None, settings: PocketSphinxSettings | None = None) -> None:
        """Load the models (about half a second).

        Args:
            model: folder with office.lm.bin; by default the shipped one, or else the package's own model.
            settings: how to decode.

        Raises:
            ModelMissing: a model was named but is not there, or PocketSphinx cannot load it.
        """
        self._settings = settings or PocketSphinxSettings()
        if model is not None and not (model / LANGUAGE_MODEL).is_file():
            raise ModelMissing(f"no {LANGUAGE_MODEL} in {model}")
        self._model = model or shipped_model()
        package = package_model()
        self._dictionary = (package / DICTIONARY).read_text()
        rules = None
        if self._model is not None:
            self._dictionary += (self._model / ADDITIONS).read_text()
            rules = LetterRules.load(self._model / LETTERS)
        self._language = self._model / LANGUAGE_MODEL if self._model else package / GENERAL_MODEL
        self._pronouncer = Pronouncer(self._dictionary, rules)
        self._names: tuple[str, ...] = ()
        self._list = NameList((), {})
        self._decoder = self._load()

    def describe(self) -> str:
        """Say what is at work."""
        version = importlib.metadata.version("pocketsphinx")
        language = "office language model" if self._model else "general language model"
        return f"PocketSphinx {version} (embedded), US English, {language}"

    def prepare(self, vocabulary: Sequence[str]) -> None:
        """Make sure these names are known; takes a moment only when one of them is new.

        Raises:
            TranscriptionFailed: PocketSphinx refuses them.
        """
        wanted = name_parts(vocabulary)
        if set(wanted) <= set(self._names):
            return
        names = tuple(dict.fromkeys([*self._names, *wanted]))
        before = self._names, self._list
        self._names = names if len(names) <= self._settings.most_names else tuple(wanted)
        self._list = NameList.of(self._names, self._pronouncer)
        try:
            self._decoder = self._load()
        except ModelMissing as error:
            self._names, self._list = before
            raise TranscriptionFailed(f"cannot take in these names: {', '.join(wanted)}") from error

    def transcribe(self, requests: Sequence[Request]) -> list[Outcome]:
        """Recognise one after the other; see `Transcriber.transcribe`."""
        return one_by_one(requests, self._recognise)

    def forget(self, stream: str) -> None:
        """Nothing is kept of a stream."""

    def close(self) -> None:
        """Nothing is held that must be given back."""

    def _recognise(self, request: Request) -> Hypothesis:
        try:
            self.prepare(request.vocabulary)
        except TranscriptionFailed as error:
            logger.warning("recognition goes on with the names it knew", exc_info=error)
        sound = self._with_floor(request.samples)
        try:
            self._forget_noise()
            self._decoder.start_utt()
            try:
                self._decoder.process_raw(sound.tobytes(), full_utt=True)
            finally:
                self._decoder.end_utt()
            segments = list(self._decoder.seg() or ())
        except RuntimeError as error:
            self._decoder = self._load()
            raise TranscriptionFailed("PocketSphinx could not decode this utterance") from error
        return believed(request, self._words(segments, len(request.samples) / RATE), language="en")

    def _forget_noise(self) -> None:
        """Drop the noise estimate of the utterance before: it was another speaker's microphone."""
        with warnings.catch_warnings():
            # Called unnecessary by the package, yet results depend on the utterance before without it.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._decoder.start_stream()

    def _words(self, segments: list[Any], seconds: float) -> list[Word]:
        names = {name.lower(): name for name in self._names}
        words: list[Word] = []
        for segment in segments:
            if segment.word.startswith(("<", "[")):
                continue
            start = min(max(segment.start_frame / _FRAMES_PER_SECOND - self._lead, 0.0), seconds)
            end = min(max((segment.end_frame + 1) / _FRAMES_PER_SECOND - self._lead, start), seconds)
            first = not words or start - words[-1].end >= self._settings.sentence_pause
            text = self._list.display.get(segment.word)
            if text is None:
                text = written(_VARIANT.sub("", segment.word), names, first=first)
            confidence = min(max(float(segment.prob), 0.0), 1.0)
            words.append(Word(text=text, start=start, end=end, confidence=confidence))
        return words

    def _with_floor(self, samples: Samples) -> NDArray[np.int16]:
        """Bring speech to one level and its silences to a faint noise, the same for the same sound."""
        settings = self._settings
        lead = np.zeros(round(self._lead * RATE), np.float32)
        sound = np.concatenate([lead, samples, lead]).astype(np.float64)
        frames = len(samples) // 160
        power = np.sort(
            np.mean(np.square(samples[: frames * 160].astype(np.float64).reshape(frames, 160)), axis=1)
        )
        speech = float(np.mean(power[frames // 2 :])) + 1e-12
        floor = float(np.mean(power[: max(1, frames // 20)]))
        missing = max(0.0, speech * 10.0 ** (-settings.noise_db / 10.0) - floor)
        noise = np.random.default_rng(1).standard_normal(len(sound)) * np.sqrt(missing)
        loud = (sound + noise) * (settings.level / np.sqrt(speech))
        whole: NDArray[np.int16] = (np.clip(loud, -1.0, 1.0) * 32767.0).astype(np.int16)
        return whole

    @property
    def _lead(self) -> float:
        return self._settings.lead_seconds

    def _load(self) -> Any:
        from pocketsphinx import Decoder

        lines = "\n".join(self._list.lines)
        with tempfile.TemporaryDirectory(prefix="atrium-words-") as folder:
            dictionary = Path(folder) / "words.dict"
            dictionary.write_text(f"{self._dictionary.rstrip()}\n{lines}\n")
            try:
                return Decoder(
                    lm=str(self._language),
                    dict=str(dictionary),
                    cmn="batch",
                    lw=self._settings.language_weight,
                    wip=self._settings.word_insertion,
                    maxhmmpf=self._settings.most_states,
                    loglevel="FATAL",
                )
            except (RuntimeError, ValueError) as error:
                raise ModelMissing(f"PocketSphinx cannot load {self._language}") from error
