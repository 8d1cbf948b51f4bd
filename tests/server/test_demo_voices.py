"""Synthesised voices; the tests need flite and espeak-ng, which `make test` installs."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from server.demo import voices
from server.demo.errors import VoiceError


@pytest.mark.parametrize("voice", ["flite:rms", "flite:slt", "espeak:en-us+m3"])
def test_a_voice_speaks_at_48_khz_as_loud_as_the_others(voice: str) -> None:
    samples = voices.synthesise(voice, "Ben sends the budget by Friday.")
    assert samples.dtype == np.float32
    assert 1.0 < len(samples) / voices.RATE < 5.0
    assert 0.05 < np.abs(samples).max() <= voices.CEILING + 1e-6


@pytest.mark.parametrize("voice", ["flite:nobody", "espeak:xx-nowhere", "festival:kal"])
def test_an_unknown_voice_is_refused(voice: str) -> None:
    with pytest.raises(VoiceError, match="voice"):
        voices.synthesise(voice, "Hello.")


def test_a_missing_program_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(VoiceError, match="apt-get install espeak-ng"):
        voices.check("espeak:en-us")
