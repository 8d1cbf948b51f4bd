"""How well the finished model does through the real faster-whisper."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
from faster_whisper import WhisperModel

from media.audio import Samples
from media.training.trial import Trial, silences, trials
from media.training.voices import FLITE_UNSEEN, RATE, UNSEEN


class ShortWindow(WhisperModel):  # type: ignore[misc]
    """faster-whisper for a model with a window of less than 30 seconds."""

    def encode(self, features: Samples) -> Any:
        """Encode (mels, frames) without the zeros to which faster-whisper fills up every segment."""
        heard = np.flatnonzero(features.reshape(-1, features.shape[-1]).any(axis=0))
        count = int(heard[-1]) + 1 if len(heard) else 2
        return super().encode(features[..., : count + count % 2])


@dataclass(slots=True)
class Score:
    """What came of some trials."""

    said: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    voices: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    """By how many seconds the start of a word is off, where all words are right and the voice tells. Not of the
    first word: faster-whisper lets that begin where the sound begins."""

    @property
    def words_wrong(self) -> float:
        """Word error rate 0.., punctuation and case aside."""
        return float(jiwer.wer([_plain(text) for text in self.said], [_plain(text) or "-" for text in self.heard]))

    @property
    def sentences_wrong(self) -> float:
        """Share of sentences with a wrong word, 0..1."""
        return statistics.mean(_plain(a) != _plain(b) for a, b in zip(self.said, self.heard, strict=True))

    @property
    def letters_wrong(self) -> float:
        """Share of sentences that differ in anything, punctuation and case included, 0..1."""
        return statistics.mean(a != b for a, b in zip(self.said, self.heard, strict=True))

    def __str__(self) -> str:
        """One line for people."""
        off = np.abs(self.late) if self.late else np.array([math.nan])
        return (
            f"WER {100 * self.words_wrong:.1f} %, SER {100 * self.sentences_wrong:.1f} %, "
            f"with punctuation and case {100 * self.letters_wrong:.1f} %, "
            f"{1000 * statistics.median(self.seconds):.0f} ms, word starts off by "
            f"{1000 * np.median(off):.0f} ms (median), {1000 * np.quantile(off, 0.95):.0f} ms (95 %)"
        )


def listen(model: WhisperModel, samples: Samples, *, beam: int = 5, prompt: str | None = None) -> list[Any]:
    """The segments of one utterance, asked for as the office does."""
    segments, _ = model.transcribe(
        samples,
        language="en",
        beam_size=beam,
        word_timestamps=True,
        condition_on_previous_text=False,
        initial_prompt=prompt,
        vad_filter=False,
    )
    return list(segments)


def score(model: WhisperModel, tests: Sequence[Trial], *, beam: int = 5, prompt: str | None = None) -> Score:
    """Try a model on trials."""
    result = Score()
    for test in tests:
        begin = time.perf_counter()
        segments = listen(model, test.samples, beam=beam, prompt=prompt)
        result.seconds.append(time.perf_counter() - begin)
        text = " ".join(segment.text.strip() for segment in segments)
        result.said.append(test.text)
        result.heard.append(text)
        result.voices.append(test.voice)
        words = [word for segment in segments for word in segment.words or ()]
        if _plain(text) == _plain(test.text) and len(words) == len(test.starts):
            result.late += [
                word.start - at for word, at in zip(words[1:], test.starts[1:], strict=True) if not math.isnan(at)
            ]
    return result


def report(folder: Path, count: int = 300) -> str:
    """Everything that is told about a model, as lines."""
    model = ShortWindow(str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
    score(model, trials(UNSEEN, 3, opus=False))
    clean, line = (trials(UNSEEN, count, opus=opus) for opus in (False, True))
    found = {
        "unseen voices": score(model, clean),
        "unseen voices, first half of the sentence": score(model, [_half(test) for test in clean[:100]]),
        "unseen voices, Opus": score(model, line),
        "unseen voices, Opus, greedy": score(model, line, beam=1),
        "unseen voices, Opus, prompt": score(model, line, prompt="Present: Ana, Hugo."),
        "unseen flite voice": score(model, trials(FLITE_UNSEEN, count // 3, opus=False, seed=1)),
        "unseen flite voice, Opus": score(model, trials(FLITE_UNSEEN, count // 3, opus=True, seed=1)),
    }
    lines = [f"{name}: {one}" for name, one in found.items()]
    heard = found["unseen voices, Opus"]
    quiet = silences(2 * count // 3)
    for voice in UNSEEN:
        these = [k for k, name in enumerate(heard.voices) if name == voice]
        one = Score([heard.said[k] for k in these], [heard.heard[k] for k in these])
        lines.append(f"  {voice}: WER {100 * one.words_wrong:.1f} %")
    invented = [text for text in (_text(listen(model, sound)) for sound in quiet) if text]
    lines.append(f"{len(quiet)} sounds without speech: {len(invented)} with words {invented[:5]}")
    lines += [f"  {a!r} heard as {b!r}" for a, b in zip(heard.said, heard.heard, strict=True) if a != b][:20]
    return "\n".join(lines)


def _half(test: Trial) -> Trial:
    """A trial broken off where its middle word begins, as captions hear it while it is being said."""
    count = (len(test.starts) + 1) // 2
    if count == len(test.starts) or math.isnan(test.starts[count]):
        return test
    text = " ".join(test.text.split()[:count]).rstrip(",")
    return Trial(text, test.voice, test.starts[:count], test.samples[: round(test.starts[count] * RATE)])


def _text(segments: Sequence[Any]) -> str:
    return " ".join(segment.text.strip() for segment in segments).strip()


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum() or letter in " '").strip()
