"""The embedded recogniser on the path that speech takes: voice, Opus, speech detection, words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.adapters.pocketsphinx import PocketSphinxSettings, PocketSphinxTranscriber
from media.errors import ModelMissing, TranscriptionFailed
from media.language.files import shipped_model
from media.suppression import Reason
from media.transcriber import Hypothesis, Request, Samples, Word, text_of
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


@pytest.mark.slow
def test_words_of_a_project_are_heard_where_things_are_spoken_of() -> None:
    (sound,) = heard("rms", "Please check the Kafka cluster.")
    transcriber = PocketSphinxTranscriber()
    assert "Kafka" not in text_of(recognise(transcriber, sound))
    transcriber.prepare(["Kafka", "Reading nook", "launch plan"])
    assert text_of(recognise(transcriber, sound)) == "Please check the Kafka cluster"


@pytest.fixture(scope="module")
def sentence() -> Samples:
    (sound,) = heard("rms", "We will send the budget to finance by Friday.")
    return sound


def partial(transcriber: PocketSphinxTranscriber, sound: Samples, stream: str) -> str:
    (outcome,) = transcriber.transcribe([Request(samples=sound, stream=stream, complete=False)])
    assert isinstance(outcome, Hypothesis)
    return text_of(outcome.words)


@pytest.mark.slow
def test_speech_is_followed_as_it_comes_whatever_the_pieces(
    transcriber: PocketSphinxTranscriber, sentence: Samples
) -> None:
    steps = [16_000, 22_400, 28_800, len(sentence)]
    told = [partial(transcriber, sentence[:end], "a") for end in steps]
    assert "send the" in told[1]
    assert told[-1].startswith("We will send the budget to finance by")
    partial(transcriber, sentence[:16_000], "b")
    assert partial(transcriber, sentence, "b") == told[-1]
    transcriber.forget("a")
    transcriber.forget("b")
    transcriber.forget("never heard of")


@pytest.mark.slow
def test_a_third_stream_is_decoded_afresh_and_takes_over_when_another_falls_silent(sentence: Samples) -> None:
    transcriber = PocketSphinxTranscriber(settings=PocketSphinxSettings(live_streams=1, patience=1))
    beginning = sentence[:24_000]
    followed = partial(transcriber, beginning, "a")
    assert partial(transcriber, beginning, "b"), "decoded in another way"
    assert partial(transcriber, beginning, "b") == followed
    assert partial(transcriber, beginning, "a"), "begins again"


@pytest.mark.slow
def test_following_somebody_changes_no_complete_utterance(sentence: Samples) -> None:
    alone, mixed = PocketSphinxTranscriber(), PocketSphinxTranscriber()
    partial(mixed, sentence[:20_000], "a")
    assert recognise(alone, sentence) == recognise(mixed, sentence)


def complete(transcriber: PocketSphinxTranscriber, sound: Samples, stream: str) -> list[Word]:
    (outcome,) = transcriber.transcribe([Request(samples=sound, stream=stream, speaker="ana")])
    assert isinstance(outcome, Hypothesis)
    return list(outcome.words)


@pytest.mark.slow
@pytest.mark.parametrize("steps", [(16_000, 24_000, 40_000), (20_000,)])
def test_a_known_voice_is_followed_as_exactly_as_if_the_whole_was_there(
    sentence: Samples, steps: tuple[int, ...]
) -> None:
    transcriber = PocketSphinxTranscriber()
    exactly = complete(transcriber, sentence, "first")
    for end in steps:
        request = Request(samples=sentence[:end], stream="again", speaker="ana", complete=False)
        assert isinstance(transcriber.transcribe([request])[0], Hypothesis)
    assert complete(transcriber, sentence, "again") == exactly


@pytest.mark.slow
def test_who_sounds_quite_different_today_is_decoded_as_a_whole(sentence: Samples) -> None:
    other = np.diff(sentence, prepend=np.float32(0.0)) * np.float32(4.0)  # a microphone that is all treble
    transcriber = PocketSphinxTranscriber()
    exactly = complete(PocketSphinxTranscriber(), other, "alone")
    complete(transcriber, sentence, "first")
    transcriber.transcribe([Request(samples=other[:24_000], stream="again", speaker="ana", complete=False)])
    assert complete(transcriber, other, "again") == exactly


def test_a_stream_too_short_to_judge_is_waited_for(transcriber: PocketSphinxTranscriber) -> None:
    assert partial(transcriber, np.full(8_000, 0.1, np.float32), "short") == ""


def test_other_languages_are_refused(transcriber: PocketSphinxTranscriber) -> None:
    request = Request(samples=np.full(8_000, 0.1, np.float32), language="de")
    (outcome,) = transcriber.transcribe([request])
    assert isinstance(outcome, TranscriptionFailed)
    assert "English only" in str(outcome)


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
