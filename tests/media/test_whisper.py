"""The faster-whisper adapter with a stand-in for the engine: finding a model, guards, words."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from media.adapters.whisper import WhisperTranscriber, find_cached_model
from media.errors import ModelMissing, TranscriptionFailed
from media.suppression import Reason
from media.transcriber import Hypothesis, Request, Samples

SPEECH = (np.sin(np.arange(16_000) / 9) * 0.3).astype(np.float32)


def cached(hub: Path, name: str, *files: str) -> Path:
    folder = hub / f"models--Systran--faster-whisper-{name}" / "snapshots" / "0123abcd"
    folder.mkdir(parents=True)
    for file in files or ("model.bin", "config.json", "tokenizer.json"):
        (folder / file).write_bytes(b"x")
    return folder


def segment(text: str, **changes: Any) -> SimpleNamespace:
    words = [
        SimpleNamespace(word=f" {word}", start=0.2 * index, end=0.2 * index + 0.2, probability=0.9)
        for index, word in enumerate(text.split())
    ]
    values = {
        "text": text,
        "start": 0.0,
        "end": 1.0,
        "words": words,
        "no_speech_prob": 0.0,
        "avg_logprob": -0.2,
        "compression_ratio": 1.0,
    }
    return SimpleNamespace(**(values | changes))


class Engine:
    """Gives prepared segments and remembers how it was asked."""

    def __init__(self, *segments: SimpleNamespace) -> None:
        self.segments = segments
        self.asked: dict[str, Any] = {}

    def transcribe(self, samples: Any, **options: Any) -> tuple[Any, SimpleNamespace]:
        self.asked = options
        return iter(self.segments), SimpleNamespace(language="en")


def transcriber(engine: Any) -> WhisperTranscriber:
    return WhisperTranscriber(Path("models--Systran--faster-whisper-small.en/snapshots/1"), engine=engine)


def test_the_best_complete_model_in_the_cache_is_found(tmp_path: Path) -> None:
    assert find_cached_model(tmp_path) is None
    tiny = cached(tmp_path, "tiny")
    assert find_cached_model(tmp_path) == tiny
    cached(tmp_path, "small", "config.json")
    assert find_cached_model(tmp_path) == tiny
    small = cached(tmp_path, "small.en")
    assert find_cached_model(tmp_path) == small


def hypothesis(recogniser: WhisperTranscriber, samples: Samples = SPEECH, **changes: Any) -> Hypothesis:
    (outcome,) = recogniser.transcribe([Request(samples=samples, **changes)])
    assert isinstance(outcome, Hypothesis)
    return outcome


def test_words_come_with_times_and_the_language_is_pinned() -> None:
    engine = Engine(segment("Bo will send it."))
    words = hypothesis(transcriber(engine), vocabulary=("Bo", "Ana")).words
    assert [word.text for word in words] == ["Bo", "will", "send", "it."]
    assert words[1].start == pytest.approx(0.2)
    assert engine.asked["language"] == "en"
    assert engine.asked["word_timestamps"]
    assert not engine.asked["condition_on_previous_text"]
    assert "Bo, Ana" in engine.asked["initial_prompt"]


def test_silence_never_reaches_the_model() -> None:
    engine = Engine(segment("Thank you."))
    result = hypothesis(transcriber(engine), np.zeros(16_000, np.float32))
    assert result.words == ()
    assert engine.asked == {}
    assert [one.reason for one in result.suppressed] == [Reason.SILENCE]


@pytest.mark.parametrize(
    ("unbelievable", "reason"),
    [
        (segment("Thank you.", no_speech_prob=0.9, avg_logprob=-1.5), Reason.NO_SPEECH),
        (segment("la", compression_ratio=3.0), Reason.COMPRESSION),
        (segment("and then we go " * 4), Reason.LOOP),
    ],
)
def test_invented_words_are_dropped_and_counted(unbelievable: SimpleNamespace, reason: Reason) -> None:
    result = hypothesis(transcriber(Engine(unbelievable)))
    assert result.words == ()
    assert [one.reason for one in result.suppressed] == [reason]
    assert result.suppressed[0].words == len(unbelievable.words)


def test_a_failing_engine_fails_this_utterance_only() -> None:
    class Broken:
        def transcribe(self, *_: Any, **__: Any) -> None:
            raise RuntimeError("out of memory")

    (outcome,) = transcriber(Broken()).transcribe([Request(samples=SPEECH)])
    assert isinstance(outcome, TranscriptionFailed)


def test_an_incomplete_folder_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"model\.bin"):
        WhisperTranscriber(tmp_path)


def test_it_says_which_model_is_at_work() -> None:
    assert "faster-whisper-small.en" in transcriber(Engine()).describe()
