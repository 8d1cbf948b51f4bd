"""The faster-whisper adapter with a stand-in for the model: batches, guards, pieces, finding a model."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.adapters.batching import cuts
from media.adapters.whisper import WhisperSettings, WhisperTranscriber
from media.adapters.whisper_decode import Decoded
from media.adapters.whisper_files import BEST_ON_GPU, best_model, cached_models, model_name
from media.errors import EngineUnavailable, ModelMissing, TranscriptionFailed
from media.suppression import Reason
from media.transcriber import RATE, Hypothesis, Request, Samples, Word, text_of

SPEECH = (np.sin(np.arange(16_000) / 9) * 0.3).astype(np.float32)


def cached(hub: Path, name: str, *files: str) -> Path:
    folder = hub / f"models--Systran--faster-whisper-{name}" / "snapshots" / "0123abcd"
    folder.mkdir(parents=True)
    for file in files or ("model.bin", "config.json", "tokenizer.json"):
        (folder / file).write_bytes(b"x")
    return folder


def decoded(text: str, **changes: Any) -> Decoded:
    words = tuple(
        Word(text=word, start=0.2 * index, end=0.2 * index + 0.2, confidence=0.9)
        for index, word in enumerate(text.split())
    )
    values: dict[str, Any] = {"language": "en", "log_probability": -0.2, "no_speech": 0.0}
    return Decoded(text=text, words=words, **(values | changes))


class Model:
    """Gives prepared results, the last one again and again, and remembers how it was asked."""

    multilingual = False

    def __init__(self, *results: Decoded | Exception, window: float = 30.0) -> None:
        self.results = list(results)
        self.window_seconds = window
        self.asked: list[dict[str, Any]] = []

    def decode(self, sounds: Sequence[Samples], **options: Any) -> list[Decoded]:
        self.asked.append({"lengths": [len(sound) for sound in sounds], **options})
        return [self._next() for _ in sounds]

    def _next(self) -> Decoded:
        result = self.results.pop(0) if len(self.results) > 1 else self.results[0]
        if isinstance(result, Exception):
            raise result
        return result


def transcriber(model: Model, **changes: Any) -> WhisperTranscriber:
    folder = Path("models--Systran--faster-whisper-small.en/snapshots/1")
    return WhisperTranscriber(folder, WhisperSettings(**changes), decoder=model)


def hypothesis(model: Model, samples: Samples = SPEECH, **changes: Any) -> Hypothesis:
    (outcome,) = transcriber(model).transcribe([Request(samples=samples, **changes)])
    assert isinstance(outcome, Hypothesis)
    return outcome


def test_complete_models_in_the_cache_are_found(tmp_path: Path) -> None:
    assert cached_models(tmp_path) == {}
    tiny = cached(tmp_path, "tiny")
    cached(tmp_path, "small", "config.json")
    assert cached_models(tmp_path) == {"tiny": tiny}
    small = cached(tmp_path, "small.en")
    assert cached_models(tmp_path) == {"tiny": tiny, "small.en": small}
    assert model_name(small) == "small.en"


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("data/models/small.en", "small.en"),
        ("hub/models--Systran--faster-whisper-tiny/snapshots/0a1b2c", "tiny"),
        ("hub/models--example--own-model/snapshots/0a1b2c", "example/own-model"),
    ],
)
def test_a_model_is_called_by_its_name_wherever_it_lies(folder: str, name: str) -> None:
    assert model_name(Path(folder)) == name


def test_the_best_model_depends_on_where_it_runs_and_what_is_spoken() -> None:
    sizes = ["tiny", "large-v3", "small.en", "own"]
    assert best_model(sizes) == "small.en"
    assert best_model(sizes, order=BEST_ON_GPU) == "large-v3"
    assert best_model(sizes, english=False) == "tiny"
    assert best_model(["own", "another"]) == "another"
    assert best_model([]) is None


def test_words_come_with_times_and_the_language_is_pinned() -> None:
    model = Model(decoded("Bo will send it."))
    result = hypothesis(model, vocabulary=("Bo", "Ana"))
    assert [word.text for word in result.words] == ["Bo", "will", "send", "it."]
    assert result.words[1].start == pytest.approx(0.2)
    assert result.language == "en"
    (asked,) = model.asked
    assert asked["language"] == "en"
    assert asked["beam"] == 5
    assert "Bo, Ana" in asked["prompt"]


def test_a_persons_language_goes_before_the_setting_and_haste_takes_the_quick_way() -> None:
    model = Model(decoded("Ja."))
    hypothesis(model, language="de")
    hypothesis(model, complete=False)
    hypothesis(model, hurry=True)
    assert [(asked["language"], asked["beam"]) for asked in model.asked] == [("de", 5), ("en", 1), ("en", 1)]


def test_requests_that_are_alike_are_decoded_at_once_and_answered_in_order() -> None:
    model = Model(*(decoded(name) for name in ("one", "two", "three", "four", "five")))
    lengths = [8000, 9000, 10_000, 11_000, 12_000]
    requests = [
        Request(samples=SPEECH[:length], vocabulary=() if length != 9000 else ("Bo",)) for length in lengths
    ]
    outcomes = transcriber(model, batch=3).transcribe(requests)
    assert [asked["lengths"] for asked in model.asked] == [[8000, 10_000, 11_000], [12_000], [9000]]
    said = [text_of(outcome.words) for outcome in outcomes if isinstance(outcome, Hypothesis)]
    assert said == ["one", "five", "two", "three", "four"]


def test_a_bad_sound_fails_alone_in_its_batch() -> None:
    broken = RuntimeError("bad sound")
    model = Model(broken, decoded("one"), broken, decoded("three"))
    outcomes = transcriber(model, batch=3).transcribe([Request(samples=SPEECH)] * 3)
    assert [type(outcome) for outcome in outcomes] == [Hypothesis, TranscriptionFailed, Hypothesis]


def test_a_lost_card_is_a_lost_engine() -> None:
    model = Model(RuntimeError("CUDA failed with error out of memory"))
    with pytest.raises(EngineUnavailable, match="out of memory"):
        transcriber(model).transcribe([Request(samples=SPEECH)])


def test_silence_never_reaches_the_model() -> None:
    model = Model(decoded("Thank you."))
    result = hypothesis(model, np.zeros(16_000, np.float32))
    assert result.words == ()
    assert model.asked == []
    assert [one.reason for one in result.suppressed] == [Reason.SILENCE]


@pytest.mark.parametrize(
    ("unbelievable", "reason"),
    [
        (decoded("Thank you.", no_speech=0.9, log_probability=-1.5), Reason.NO_SPEECH),
        (decoded("la " * 60), Reason.COMPRESSION),
        (decoded("and then we go " * 4), Reason.LOOP),
    ],
)
def test_invented_words_are_dropped_and_counted(unbelievable: Decoded, reason: Reason) -> None:
    result = hypothesis(Model(unbelievable), np.tile(SPEECH, 15))
    assert result.words == ()
    assert [one.reason for one in result.suppressed] == [reason]
    assert result.suppressed[0].words == len(unbelievable.words)


@pytest.mark.parametrize("text", ["Yeah.", "Okay.", "Thank you."])
def test_short_real_speech_stays(text: str) -> None:
    assert text_of(hypothesis(Model(decoded(text, log_probability=-1.5))).words) == text


def test_a_loop_is_asked_for_once_more_without_repeats() -> None:
    model = Model(decoded("la " * 60), decoded("we send it"))
    assert text_of(hypothesis(model).words) == "we send it"
    assert [asked.get("no_repeat", 0) for asked in model.asked] == [0, 5]


def test_sound_longer_than_the_window_is_put_together_again() -> None:
    sound = np.concatenate([np.tile(SPEECH, 3), np.zeros(4_000, np.float32), np.tile(SPEECH, 2)])
    model = Model(decoded("first part"), decoded("second part"), window=4.0)
    result = hypothesis(model, sound)
    assert text_of(result.words) == "first part second part"
    (asked,) = [asked["lengths"] for asked in model.asked[:1]]
    assert 3 * RATE <= asked[0] <= 3 * RATE + 4_000, "cut in the pause"
    assert result.words[2].start == pytest.approx(asked[0] / RATE)


@given(st.integers(0, 100_000), st.integers(2_000, 40_000), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_cuts_cover_the_sound_and_none_is_too_long(count: int, most: int, seed: int) -> None:
    sound = np.random.default_rng(seed).standard_normal(count).astype(np.float32)
    found = cuts(sound, most)
    assert found[0][0] == 0
    assert found[-1][1] == count
    assert all(end == following for (_, end), (following, _) in itertools.pairwise(found))
    assert all(end - start <= most for start, end in found)
    assert all(end - start > most // 2 for start, end in found[:-1])


def test_a_closed_recogniser_says_so() -> None:
    closed = transcriber(Model(decoded("one")))
    closed.close()
    (outcome,) = closed.transcribe([Request(samples=SPEECH)])
    assert isinstance(outcome, TranscriptionFailed)


def test_an_incomplete_folder_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"model\.bin"):
        WhisperTranscriber(tmp_path)


def test_it_says_which_model_is_at_work_and_what_it_can_do() -> None:
    recogniser = transcriber(Model(decoded("one")), batch=4)
    assert "faster-whisper-small.en" in recogniser.describe()
    assert recogniser.capabilities.languages == ("en",)
    assert recogniser.capabilities.batch == 4
