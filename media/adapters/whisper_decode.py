"""faster-whisper's model asked for batches: one way for one sound and for many, nothing left to chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from media.errors import ModelMissing
from media.transcriber import RATE, Samples, Word

_BEFORE = "\"'\u201c\u00bf([{-"
_AFTER = "\"'.\u3002,\uff0c!\uff01?\uff1f:\uff1a\u201d)]}\u3001"
"""Marks that belong to the word after them, and to the word before."""
_MOST_TOKENS_PER_SECOND = 20
"""Nobody speaks faster; a decoder that does is in a loop and is stopped."""
_LONGEST_WORD = 1.0
"""Seconds; alignment lets a word after a pause begin in the pause."""
_SHORTEST_WORD = 0.04
"""Seconds; alignment gives words that it cannot place no time at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What the model gave for one sound, and how sure it was."""

    text: str
    words: tuple[Word, ...]
    """With times from the start of the sound."""
    language: str
    log_probability: float
    """Mean over the tokens."""
    no_speech: float
    """Probability in [0, 1] that nobody spoke."""


class WhisperDecoder:
    """A loaded model. It decodes at temperature 0 only: the same sound always gives the same words."""

    def __init__(self, model: Any) -> None:
        """Take a `faster_whisper.WhisperModel`."""
        self._model = model
        self._tokenizers: dict[str, Any] = {}
        extractor = model.feature_extractor
        self._short = extractor.nb_max_frames * extractor.time_per_frame < 29.5

    @classmethod
    def load(cls, folder: Path, *, device: str, compute_type: str, threads: int) -> WhisperDecoder:
        """Load a model (seconds).

        Raises:
            ModelMissing: it cannot be loaded.
        """
        from faster_whisper import WhisperModel

        try:
            return cls(
                WhisperModel(
                    str(folder),
                    device=device,
                    compute_type=compute_type,
                    cpu_threads=threads,
                    local_files_only=True,
                )
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelMissing(f"faster-whisper cannot load {folder} on {device}: {error}") from error

    @property
    def window_seconds(self) -> float:
        """The longest sound that it takes at once."""
        extractor = self._model.feature_extractor
        return float(extractor.nb_max_frames * extractor.time_per_frame)

    @property
    def multilingual(self) -> bool:
        """Whether it knows more than English."""
        return bool(self._model.model.is_multilingual)

    def decode(
        self, sounds: Sequence[Samples], *, language: str = "", prompt: str = "", beam: int = 5, no_repeat: int = 0
    ) -> list[Decoded]:
        """Recognise some sounds.

        Args:
            sounds: each (n,) float32 at 16 kHz, none longer than the window.
            language: ISO 639-1 for all of them; empty: what is heard in each.
            prompt: what stands before, as a text; names in it are spelled so.
            beam: hypotheses that are followed side by side; 1 is quickest.
            no_repeat: a run of so many tokens is never said twice; 0: whatever comes.

        Returns:
            One result for each sound, in order.
        """
        features = [self._model.feature_extractor(sound)[..., :-1] for sound in sounds]
        results: list[Decoded | None] = [None] * len(sounds)
        for members in self._alike(features):
            encoded = self._model.encode(np.stack([self._framed(features[at]) for at in members]))
            languages = self._languages(encoded, len(members), language)
            if len(set(languages)) > 1:  # the alignment below takes one language
                for one in dict.fromkeys(languages):
                    some = [at for at, spoken in zip(members, languages, strict=True) if spoken == one]
                    again = self.decode(
                        [sounds[at] for at in some], language=one, prompt=prompt, beam=beam, no_repeat=no_repeat
                    )
                    for at, result in zip(some, again, strict=True):
                        results[at] = result
                continue
            seconds = [len(sounds[at]) / RATE for at in members]
            for at, result in zip(
                members, self._generate(encoded, seconds, languages[0], prompt, beam, no_repeat), strict=True
            ):
                results[at] = result
        return [result for result in results if result is not None]

    def _alike(self, features: Sequence[Any]) -> list[list[int]]:
        """Sounds that can be encoded together: all, or where the window is short, those of one length."""
        if not self._short:
            return [list(range(len(features)))]
        groups: dict[int, list[int]] = {}
        for at, feature in enumerate(features):
            groups.setdefault((feature.shape[-1] + 1) // 2, []).append(at)
        return list(groups.values())

    def _framed(self, feature: Any) -> Any:
        """Fill up to the window, with which ordinary models were trained; those of a short window were not."""
        most = self._model.feature_extractor.nb_max_frames
        length = min(most, feature.shape[-1] + feature.shape[-1] % 2) if self._short else most
        feature = feature[..., :length]
        return np.pad(feature, ((0, 0), (0, length - feature.shape[-1])))

    def _languages(self, encoded: Any, count: int, language: str) -> list[str]:
        if not self.multilingual:
            return ["en"] * count
        if language:
            return [language] * count
        return [ranked[0][0].strip("<|>") for ranked in self._model.model.detect_language(encoded)]

    def _generate(
        self, encoded: Any, seconds: Sequence[float], language: str, prompt: str, beam: int, no_repeat: int
    ) -> list[Decoded]:
        from faster_whisper.transcribe import get_suppressed_tokens

        tokenizer = self._tokenizer(language)
        before = tokenizer.encode(" " + prompt.strip()) if prompt else []
        # Marks of time cost a little and keep words and silence apart.
        opening = self._model.get_prompt(tokenizer, before, without_timestamps=False)
        most = len(opening) + 30 + int(_MOST_TOKENS_PER_SECOND * max(seconds))
        results = self._model.model.generate(
            encoded,
            [opening] * len(seconds),
            beam_size=beam,
            max_length=min(self._model.max_length, most),
            suppress_blank=True,
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
            no_repeat_ngram_size=no_repeat,
            return_scores=True,
            return_no_speech_prob=True,
        )
        said = [[token for token in one.sequences_ids[0] if token < tokenizer.eot] for one in results]
        frames = [max(1, int(length * self._model.frames_per_second)) for length in seconds]
        aligned = self._model.find_alignment(tokenizer, said, encoded, frames) if any(said) else [[]] * len(said)
        return [
            Decoded(
                text=tokenizer.decode(tokens).strip(),
                words=_words(alignment, length),
                language=language,
                log_probability=float(one.scores[0]) * len(one.sequences_ids[0]) / (len(one.sequences_ids[0]) + 1),
                no_speech=float(one.no_speech_prob),
            )
            for one, tokens, alignment, length in zip(results, said, aligned, seconds, strict=True)
        ]

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer, self.multilingual, task="transcribe", language=language
            )
        return self._tokenizers[language]


def _words(alignment: list[dict[str, Any]], seconds: float) -> tuple[Word, ...]:
    """Words with their marks and times within the sound."""
    from faster_whisper.transcribe import merge_punctuations

    merge_punctuations(alignment, _BEFORE, _AFTER)
    words: list[Word] = []
    for part in alignment:
        text = str(part["word"]).strip()
        if not text:
            continue
        start, end = max(float(part["start"]), 0.0), max(float(part["end"]), 0.0)
        end = min(max(end, start + _SHORTEST_WORD), seconds)
        start = min(max(start, end - _LONGEST_WORD), max(0.0, end - _SHORTEST_WORD))
        words.append(
            Word(text=text, start=start, end=end, confidence=min(max(float(part["probability"]), 0.0), 1.0))
        )
    return tuple(words)
