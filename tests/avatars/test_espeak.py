from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from avatars.adapters.espeak import VOICES, EspeakSettings, EspeakVoice
from avatars.errors import SpeechError
from avatars.speech import Speech
from media.audio import FRAME, RATE, Samples, dbfs, row_dbfs

SENTENCE = "Noted. Bo sends the budget by Friday, the 27th."


@pytest.fixture
def voice() -> Iterator[EspeakVoice]:
    made = EspeakVoice()
    yield made
    made.close()


def sounding(samples: Samples) -> Samples:
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    levels = row_dbfs(frames)
    loud: Samples = frames[levels > levels.max() - 30].reshape(-1)
    return loud


def spectrum(speech: Speech) -> Samples:
    """Coarse spectrum of a voice, (bands,) in dB."""
    frames = sounding(speech.samples).reshape(-1, FRAME) * np.hanning(FRAME).astype(np.float32)
    power = (np.abs(np.fft.rfft(frames, axis=1)) ** 2).mean(axis=0)[1:161]
    bands = 10 * np.log10(power.reshape(80, 2).sum(axis=1) + 1e-9)
    shape: Samples = (bands - bands.mean()).astype(np.float32)
    return shape


def test_a_sentence_becomes_sound_of_the_right_length_and_level(voice: EspeakVoice) -> None:
    speech = voice.synthesize(SENTENCE)
    assert speech.samples.dtype == np.float32
    assert 2.0 < speech.seconds < 6.0
    assert dbfs(sounding(speech.samples)) == pytest.approx(-20.0, abs=1.0)
    assert np.abs(speech.samples).max() <= 0.9
    assert len(speech.envelope) == -(-len(speech.samples) // FRAME)
    assert 0.3 < speech.envelope.max() <= 1.0
    assert speech.envelope.min() >= 0.0
    assert speech.mouth_at(speech.seconds + 1) == 0.0


def test_words_and_phonemes_come_with_their_times(voice: EspeakVoice) -> None:
    speech = voice.synthesize("Bo sends the budget.")
    assert [word for _, word in speech.words] == ["Bo", "sends", "the", "budget"]
    times = [at for at, _ in speech.words]
    assert times == sorted(times)
    lips = [at for at, phoneme in speech.phonemes if phoneme == "b"]
    assert len(lips) == 2
    assert all(speech.mouth_at(at) <= 0.11 for at in lips)


def test_one_worker_says_everything_and_starts_only_when_needed(voice: EspeakVoice) -> None:
    assert voice.process_id is None
    first = voice.synthesize("One.")
    process = voice.process_id
    again = voice.synthesize("One.")
    assert voice.process_id == process
    assert voice.starts == 1
    assert len(first.samples) == len(again.samples)


def test_a_worker_that_died_is_replaced(voice: EspeakVoice) -> None:
    voice.synthesize("One.")
    process = voice.process_id
    assert process is not None
    os.kill(process, signal.SIGKILL)
    assert voice.synthesize("Two.").seconds > 0.2
    assert voice.starts == 2
    assert voice.process_id not in (None, process)


def test_a_worker_that_hangs_is_given_up_in_time(voice: EspeakVoice) -> None:
    impatient = EspeakVoice(EspeakSettings(timeout_seconds=0.2))
    try:
        impatient.synthesize("One.")
        process = impatient.process_id
        assert process is not None
        os.kill(process, signal.SIGSTOP)
        assert impatient.synthesize("Two.").seconds > 0.2  # by a new worker
        assert impatient.starts == 2
    finally:
        impatient.close()


def test_the_voices_can_be_told_apart(voice: EspeakVoice) -> None:
    assert {"en-us", "en-gb", "en-gb-scotland"} <= set(voice.voices())
    shapes = {}
    for name in VOICES:
        one = EspeakVoice(EspeakSettings(voice=name))
        shapes[name] = spectrum(one.synthesize(SENTENCE))
        one.close()
    for a in VOICES:
        for b in VOICES:
            if a < b:
                assert np.sqrt(np.mean((shapes[a] - shapes[b]) ** 2)) > 2.0, (a, b)


def test_rate_and_pitch_are_heard() -> None:
    slow, fast = (EspeakVoice(EspeakSettings(words_per_minute=rate)) for rate in (120, 240))
    try:
        assert slow.synthesize(SENTENCE).seconds > 1.4 * fast.synthesize(SENTENCE).seconds
    finally:
        slow.close()
        fast.close()


@pytest.mark.parametrize(("name", "reason"), [("en-xx", "no voice 'en-xx'"), ("en-us+zz", "no voice variant")])
def test_a_voice_that_does_not_exist_is_named(name: str, reason: str) -> None:
    voice = EspeakVoice(EspeakSettings(voice=name))
    try:
        with pytest.raises(SpeechError, match=reason):
            voice.synthesize("Hello.")
    finally:
        voice.close()


def test_empty_and_endless_texts_are_refused_and_the_worker_lives(voice: EspeakVoice) -> None:
    for text in ("", "  ", "word " * 1000):
        with pytest.raises(SpeechError, match="characters"):
            voice.synthesize(text)
    voice.synthesize("<speak> & [[h@'loU]] \u00e9\u4f60 \0 fine")
    assert voice.starts == 1


def test_many_threads_may_speak(voice: EspeakVoice) -> None:
    seconds: list[float] = []
    threads = [
        threading.Thread(target=lambda: seconds.append(voice.synthesize("One two.").seconds)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(seconds) == 6
    assert len(set(seconds)) == 1


def test_closing_ends_the_process(voice: EspeakVoice) -> None:
    voice.synthesize("One.")
    voice.close()
    voice.close()
    assert voice.process_id is None
    with pytest.raises(SpeechError, match="closed"):
        voice.synthesize("Two.")


def test_the_worker_ends_with_its_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "avatars.adapters.espeak_worker"],
        input=b'nonsense\n{"id": 7}\n',
        capture_output=True,
        timeout=20,
        check=True,
    )
    assert b'"id": 7' in done.stdout
    assert b"KeyError" in done.stdout


def test_gpl_code_never_enters_the_office() -> None:
    code = "import sys, avatars.adapters.espeak; print('espeakng_loader' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=20, check=True)
    assert done.stdout.strip() == b"False"


def test_the_sound_is_full_band_speech_without_a_tone_at_its_edges(voice: EspeakVoice) -> None:
    samples = voice.synthesize(SENTENCE).samples
    power = np.abs(np.fft.rfft(samples)) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE)
    assert power[frequencies > 11_500].sum() / power.sum() < 1e-5
