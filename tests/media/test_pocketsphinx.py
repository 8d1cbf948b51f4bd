"""The embedded recogniser on the path that speech takes: voice, Opus, speech detection, words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.adapters.pocketsphinx import PocketSphinxTranscriber
from media.errors import ModelMissing, TranscriptionFailed
from media.language.files import shipped_model
from media.suppression import Reason
from media.transcriber import Hypothesis, Request, text_of
from tests.media.measure_speech import SCRIPTS, heard, measure, read_script, recognise

NAMES = ["Ana", "Bo", "Lin", "Priya", "Ada", "Tomasz"]


@pytest.fixture(scope="module")
def transcriber() -> PocketSphinxTranscriber:
    return PocketSphinxTranscriber()


def test_the_office_language_model_ships_and_is_small() -> None:
    model = shipped_model()
    assert model is not None
    assert sum(path.stat().st_size for path in model.iterdir()) < 12_500_000


@pytest.mark.slow
@pytest.mark.parametrize("voice", ["rms", "slt"])
def test_a_stand_up_that_no_model_has_seen_is_understood(transcriber: PocketSphinxTranscriber, voice: str) -> None:
    result = measure(transcriber, read_script(SCRIPTS / "launch_week.txt")[:10], voice)
    assert result.word_error_rate <= 0.20, result.pairs


@pytest.mark.slow
def test_names_come_from_the_vocabulary_and_words_carry_times(transcriber: PocketSphinxTranscriber) -> None:
    (sound,) = heard("rms", "Bo will send the budget to finance by Friday.")
    words = recognise(transcriber, sound, NAMES)
    assert text_of(words) == "Bo will send the budget to finance by Friday"
    assert all(word.start <= word.end for word in words)
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert words[-1].end <= len(sound) / 16_000
    assert all(0.0 <= word.confidence <= 1.0 for word in words)
    recognise(transcriber, np.random.default_rng(1).standard_normal(16_000).astype(np.float32) * 0.1)
    assert words == recognise(transcriber, sound, ["Ana", "Bo"]), "depends on what came before"


@pytest.mark.slow
def test_a_name_that_no_dictionary_knows_is_heard_when_that_person_is_here() -> None:
    (sound,) = heard("rms", "Agnieszka will update the report by Monday.")
    transcriber = PocketSphinxTranscriber()
    assert "Agnieszka" not in text_of(recognise(transcriber, sound))
    assert text_of(recognise(transcriber, sound, ["Agnieszka Nowak"])).startswith("Agnieszka will")


def test_nothing_is_heard_in_silence_and_that_is_counted(transcriber: PocketSphinxTranscriber) -> None:
    requests = [Request(samples=np.zeros(count, np.float32)) for count in (16_000, 0)]
    for outcome in transcriber.transcribe(requests):
        assert isinstance(outcome, Hypothesis)
        assert outcome.words == ()
        assert [one.reason for one in outcome.suppressed] == [Reason.SILENCE]


def test_sound_of_another_shape_spoils_only_its_own_request(transcriber: PocketSphinxTranscriber) -> None:
    bad, good = np.zeros((2, 16_000), np.float32), np.zeros(16_000, np.float32)
    failed, heard_ = transcriber.transcribe([Request(samples=bad), Request(samples=good)])
    assert isinstance(failed, TranscriptionFailed)
    assert "(2, 16000)" in str(failed)
    assert isinstance(heard_, Hypothesis)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"office\.lm\.bin"):
        PocketSphinxTranscriber(tmp_path)
