"""The real faster-whisper with a small model of our own: words, times, batches, pieces, silence."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from media.adapters.whisper import WhisperSettings, WhisperTranscriber
from media.errors import ModelMissing
from media.language.text import spoken_words
from media.transcriber import RATE, Hypothesis, Request, Samples, text_of
from tests.media.measure_speech import edits, heard

MODEL = Path(__file__).parents[1] / "models" / "office-whisper"
SAID = (
    "We decided to sign the contract.",
    "I agree with Hugo.",
    "Please book the library for Ben.",
    "Emma will send the report by Friday.",
    "Who will prepare the invoice?",
    "The workshop starts at ten.",
)


@pytest.fixture(scope="module")
def transcriber() -> WhisperTranscriber:
    return WhisperTranscriber(MODEL, WhisperSettings(batch=4))


@pytest.fixture(scope="module")
def sounds() -> list[Samples]:
    return [heard("rms" if at % 2 else "slt", text)[0] for at, text in enumerate(SAID)]


def hypotheses(transcriber: WhisperTranscriber, requests: list[Request]) -> list[Hypothesis]:
    outcomes = transcriber.transcribe(requests)
    assert all(isinstance(outcome, Hypothesis) for outcome in outcomes), outcomes
    return [outcome for outcome in outcomes if isinstance(outcome, Hypothesis)]


def wrong(results: list[Hypothesis]) -> float:
    """Word error rate."""
    said = [spoken_words(text) for text in SAID]
    got = [spoken_words(text_of(result.words)) for result in results]
    return sum(map(edits, said, got)) / sum(map(len, said))


def test_sentences_are_understood_with_marks_times_and_language(
    transcriber: WhisperTranscriber, sounds: list[Samples]
) -> None:
    results = hypotheses(transcriber, [Request(samples=sound) for sound in sounds])
    assert wrong(results) <= 0.2, [text_of(result.words) for result in results]
    assert sum(result.words[-1].text[-1] in ".?" for result in results) >= 5
    for result, sound in zip(results, sounds, strict=True):
        assert result.language == "en"
        assert all(0.0 <= word.start < word.end <= len(sound) / RATE for word in result.words)
        assert all(first.start <= second.start for first, second in pairwise(result.words))
        assert all(0.0 <= word.confidence <= 1.0 for word in result.words)


def test_one_and_many_take_the_same_way(transcriber: WhisperTranscriber, sounds: list[Samples]) -> None:
    requests = [Request(samples=sound) for sound in sounds]
    assert hypotheses(transcriber, requests) == [hypotheses(transcriber, [request])[0] for request in requests]
    same = [requests[0]] * 4
    assert hypotheses(transcriber, same) == [hypotheses(transcriber, same[:1])[0]] * 4


def test_the_quick_way_and_a_prompt_do_no_harm(transcriber: WhisperTranscriber, sounds: list[Samples]) -> None:
    quick = [Request(samples=sound, complete=False, vocabulary=("Emma", "Hugo", "Ben")) for sound in sounds]
    assert wrong(hypotheses(transcriber, quick)) <= 0.25


def test_sound_longer_than_the_window_is_cut_in_pauses(
    transcriber: WhisperTranscriber, sounds: list[Samples]
) -> None:
    some = [np.pad(sound, (0, 6 * RATE - len(sound))) for sound in sounds[:3]]  # it knows one sentence at a time
    (result,) = hypotheses(transcriber, [Request(samples=np.concatenate(some))])
    assert text_of(result.words).startswith(SAID[0]), text_of(result.words)
    starts = [word.start for word in result.words]
    assert starts == sorted(starts)
    for number, sound in enumerate(sounds[:3]):
        assert any(6.0 * number <= start < 6.0 * number + len(sound) / RATE for start in starts)


def test_nothing_is_said_where_nobody_speaks(transcriber: WhisperTranscriber) -> None:
    draw = np.random.default_rng(3)
    noises = [(draw.standard_normal(RATE * 2) * level).astype(np.float32) for level in (0.003, 0.01, 0.05)]
    requests = [Request(samples=noise) for noise in [np.zeros(RATE * 3, np.float32), *noises]]
    assert [text_of(result.words) for result in hypotheses(transcriber, requests)] == [""] * 4


def test_the_same_sound_gives_the_same_words(transcriber: WhisperTranscriber, sounds: list[Samples]) -> None:
    request = Request(samples=sounds[3])
    assert hypotheses(transcriber, [request]) == hypotheses(transcriber, [request])


def test_it_says_what_it_is(transcriber: WhisperTranscriber) -> None:
    assert "office-whisper, int8 on cpu" in transcriber.describe()
    assert transcriber.capabilities.languages == ("en",)
    assert transcriber.capabilities.punctuation


def test_a_broken_model_says_so(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"nonsense")
    with pytest.raises(ModelMissing, match="cannot load"):
        WhisperTranscriber(tmp_path)
