"""The embedded recogniser: PocketSphinx with its own acoustic model and the office's language model."""

from __future__ import annotations

import importlib.metadata
import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from media.adapters.screen import believed, one_by_one
from media.adapters.sphinx_decoders import Kit, MeanFinder, PocketSphinxSettings, decode
from media.adapters.sphinx_live import LivePool
from media.adapters.sphinx_sound import Conditioner, Loudness
from media.adapters.sphinx_voices import Voice, Voices
from media.errors import ModelMissing, TranscriptionFailed
from media.language.display import written
from media.language.names import NameList, terms_of
from media.transcriber import RATE, Capabilities, Hypothesis, Outcome, Request, Word

__all__ = ["PocketSphinxSettings", "PocketSphinxTranscriber"]

logger = logging.getLogger(__name__)

_FRAMES_PER_SECOND = 100
_VARIANT = re.compile(r"\(\d+\)$")
_UNKNOWN = 0.5
"""Confidence where there is none."""


class PocketSphinxTranscriber:
    """English by PocketSphinx. Holds the interpreter lock while it decodes: give it its own process."""

    name = "pocketsphinx"
    capabilities = Capabilities(
        incremental=True,
        vocabulary=True,
        embedded=True,
        agreement=3,
        hold_seconds=3.0,  # speech that is followed lacks a second pass: what settles earlier is wrong more often
    )

    def __init__(self, model: Path | None = None, settings: PocketSphinxSettings | None = None) -> None:
        """Load the models (about half a second).

        Args:
            model: folder with office.lm.bin; by default the shipped one, or else the package's own model.
            settings: how to decode.

        Raises:
            ModelMissing: a model was named but is not there, or PocketSphinx cannot load it.
        """
        self._settings = settings or PocketSphinxSettings()
        self._kit = Kit(model, self._settings)
        self._terms: tuple[str, ...] = ()
        self._list = NameList((), {})
        self._exact = self._kit.exact(())
        self._quick: Any = None
        self._means = MeanFinder()
        self._voices = Voices()
        self._live = LivePool(lambda: self._kit.exact(self._list.lines), self._means, self._voices, self._settings)
        self._model = self._exact.get_lm("_default")
        self._logs = self._exact.get_logmath()

    def describe(self) -> str:
        """Say what is at work."""
        version = importlib.metadata.version("pocketsphinx")
        language = "office language model" if self._kit.of_the_office else "general language model"
        return f"PocketSphinx {version} (embedded), US English, {language}"

    def prepare(self, vocabulary: Sequence[str]) -> None:
        """Make sure these names and terms are known; takes a moment only when one of them is new.

        Names, which are written with capitals, are put where the language model has people; terms where it has
        things, and of those only the words that it does not know well already.

        Raises:
            TranscriptionFailed: PocketSphinx refuses them.
        """
        wanted = list(dict.fromkeys(vocabulary))
        if set(wanted) <= set(self._terms):
            return
        terms = tuple(dict.fromkeys([*self._terms, *wanted]))
        terms = terms if len(terms) <= self._settings.most_names else tuple(wanted)
        fresh = NameList.of(terms_of(terms, self._is_common), self._kit.pronouncer)
        if fresh.lines != self._list.lines:
            try:
                self._exact = self._kit.exact(fresh.lines)
            except ModelMissing as error:
                raise TranscriptionFailed(f"cannot take in these words: {', '.join(wanted)}") from error
            self._quick = None
            self._live.clear()
        self._terms, self._list = terms, fresh

    def transcribe(self, requests: Sequence[Request]) -> list[Outcome]:
        """Recognise one after the other; see `Transcriber.transcribe`."""
        return one_by_one(requests, self._recognise)

    def forget(self, stream: str) -> None:
        """Follow a stream no longer."""
        try:
            self._live.forget(stream)
        except RuntimeError as error:
            logger.warning("a decoder was dropped", exc_info=error)

    def close(self) -> None:
        """Give back the decoders' memory."""
        self._live.clear()
        self._quick = None

    def _recognise(self, request: Request) -> Hypothesis:
        if request.language not in ("", "en"):
            raise TranscriptionFailed(f"PocketSphinx knows English only, not {request.language}")
        try:
            self.prepare(request.vocabulary)
        except TranscriptionFailed as error:
            logger.warning("recognition goes on with the words it knew", exc_info=error)
        try:
            followed = None if request.complete else self._follow(request)
            segments = self._decode(request) if followed is None else followed
        except RuntimeError as error:
            self._quick, self._exact = None, self._kit.exact(self._list.lines)
            raise TranscriptionFailed("PocketSphinx could not decode this utterance") from error
        words = self._words(segments, len(request.samples) / RATE)
        if followed is not None:  # before the end PocketSphinx calls every word certain
            words = [replace(word, confidence=_UNKNOWN) for word in words]
        return believed(request, words, language="en")

    def _follow(self, request: Request) -> Sequence[Any] | None:
        """Take in what is new of speech that goes on; None where it has to be decoded from its start."""
        return self._live.hear(request.stream, request.samples, request.speaker) if request.stream else None

    def _decode(self, request: Request) -> Sequence[Any]:
        """Decode a sound as a whole, or only the rest of it where it was followed with its voice known."""
        loudness = Loudness.of(request.samples)
        sound = Conditioner(loudness, self._settings.sound).whole(request.samples)
        mean = self._means.mean_of(sound)
        segments: Sequence[Any] | None = None
        if request.complete:
            voice = Voice.of(loudness, mean, len(request.samples) / RATE)
            segments = self._live.finish(request.stream, request.samples, voice)
            self._voices.learn(request.speaker, voice)
        if segments is not None:
            return segments
        decoder = self._exact
        if request.hurry or not request.complete:
            if self._quick is None:
                self._quick = self._kit.quick(self._list.lines)
            decoder = self._quick
        return decode(decoder, sound, mean)

    def _words(self, segments: Sequence[Any], seconds: float) -> list[Word]:
        settings = self._settings
        lead = settings.sound.lead_seconds
        words: list[Word] = []
        for segment in segments:
            if segment.word.startswith(("<", "[")):
                continue
            start = min(max(segment.start_frame / _FRAMES_PER_SECOND - lead, 0.0), seconds)
            end = min(max((segment.end_frame + 1) / _FRAMES_PER_SECOND - lead, start), seconds)
            first = not words or start - words[-1].end >= settings.sentence_pause
            text = self._list.display.get(segment.word)
            if text is None:
                text = written(_VARIANT.sub("", segment.word), self._list.spelled, first=first)
            confidence = min(max(float(segment.prob), 0.0), 1.0)
            words.append(Word(text=text, start=start, end=end, confidence=confidence))
        return words

    def _is_common(self, word: str) -> bool:
        """Say whether the language model knows a word so well that it needs no help."""
        if not self._kit.pronouncer.known(word):
            return False
        chance = float(self._logs.log_to_log10(self._model.prob([word.lower()])))
        return chance >= self._settings.common
