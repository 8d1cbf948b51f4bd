"""Silero VAD, window by window: the same as over the whole, speech told from silence and noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from faster_whisper.vad import get_vad_model

from media.adapters.silero import SileroDetector
from media.errors import ModelMissing, ShapeError
from tests.media.measure_speech import speak


def probabilities(detector: SileroDetector, samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> list[float]:
    return [detector.probability(samples[at : at + 512]) for at in range(0, len(samples) - 511, 512)]


def test_speech_is_told_from_silence_and_from_noise() -> None:
    detector = SileroDetector()
    speech = speak("slt", "We will send the budget tomorrow.")[::3]
    assert np.mean(np.array(probabilities(detector, speech)) > 0.5) > 0.6
    detector.reset()
    assert max(probabilities(detector, np.zeros(16_000, np.float32))) < 0.3
    detector.reset()
    noise = (np.random.default_rng(3).standard_normal(16_000) * 0.02).astype(np.float32)
    assert np.mean(np.array(probabilities(detector, noise)) > 0.5) < 0.1


def test_windows_one_by_one_say_the_same_as_the_whole_sound_at_once() -> None:
    speech = speak("rms", "Good morning everyone.")[::3]
    speech = speech[: len(speech) // 512 * 512]
    together = get_vad_model()(speech.copy()).reshape(-1)
    # The package's own batch call gives the first window the context of the last one; ours starts silent.
    np.testing.assert_allclose(probabilities(SileroDetector(), speech)[4:], together[4:], atol=0.05)


def test_a_reset_starts_anew() -> None:
    detector = SileroDetector()
    window = np.sin(np.arange(512) / 5).astype(np.float32)
    first = detector.probability(window)
    detector.probability(window)
    detector.reset()
    assert detector.probability(window) == first


def test_a_wrong_window_and_a_missing_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ShapeError):
        SileroDetector().probability(np.zeros(320, np.float32))
    with pytest.raises(ModelMissing):
        SileroDetector(tmp_path / "none.onnx")
