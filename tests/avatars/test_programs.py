"""Synthesised voices; the tests need flite and espeak-ng, which `make test` installs."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from avatars.adapters import programs
from avatars.errors import SpeechError


@pytest.mark.parametrize("voice", ["flite:rms", "flite:slt", "espeak:en-us+m3"])
def test_a_voice_speaks_at_48_khz_as_loud_as_the_others(voice: str) -> None:
    samples = programs.synthesise(voice, "Ben sends the budget by Friday.")
    assert samples.dtype == np.float32
    assert 1.0 < len(samples) / programs.RATE < 5.0
    assert 0.05 < np.abs(samples).max() <= programs.CEILING + 1e-6


@pytest.mark.parametrize("voice", ["flite:rms", "espeak:en-us"])
def test_a_voice_speaks_faster_where_asked(voice: str) -> None:
    usual, fast = (len(programs.synthesise(voice, "The budget is due.", pace)) for pace in (1.0, 1.5))
    assert 1.2 < usual / fast < 1.8


@pytest.mark.parametrize("voice", ["flite:nobody", "espeak:xx-nowhere", "festival:kal"])
def test_an_unknown_voice_is_refused(voice: str) -> None:
    with pytest.raises(SpeechError, match="voice"):
        programs.synthesise(voice, "Hello.")


def test_a_missing_program_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SpeechError, match="apt-get install espeak-ng"):
        programs.check("espeak:en-us")
