"""What is remembered of voices: pure arithmetic, checked by table and by property."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.adapters.sphinx_sound import Loudness
from media.adapters.sphinx_voices import Voice, Voices


def voice(first: float = 40.0, seconds: float = 3.0, speech: float = 0.01) -> Voice:
    mean = ",".join([f"{first:.2f}", *["1.00"] * 12])
    return Voice.of(Loudness(speech=speech, floor=1e-8), mean, seconds)


def test_a_mean_is_written_as_it_was_read() -> None:
    written = (
        "43.5925,-2.14927,7.74873,17.5377,4.69965,1.52906,4.15499,-8.42746,-6.74589,-5.94928,9.5462,0.395646,1"
    )
    assert Voice.of(Loudness(speech=1.0, floor=0.0), written, 1.0).written == written


@pytest.mark.parametrize(
    ("first", "alike"), [(40.0, True), (49.0, True), (31.0, True), (55.0, False), (25.0, False)]
)
def test_voices_are_told_apart_by_where_their_means_lie(first: float, alike: bool) -> None:
    assert voice().like(voice(first)) is alike


@given(
    st.floats(20.0, 60.0), st.floats(20.0, 60.0), st.floats(0.3, 15.0), st.floats(1e-6, 0.1), st.floats(1e-6, 0.1)
)
def test_what_was_heard_last_counts_by_how_long_it_was(
    before: float, now: float, seconds: float, loud: float, louder: float
) -> None:
    old, new = voice(before, speech=loud), voice(now, seconds, louder)
    both = old.after(new)
    assert both.seconds == pytest.approx(3.0 + seconds)
    share = seconds / (seconds + 5.0)
    assert both.mean[0] == pytest.approx((1 - share) * old.mean[0] + share * new.mean[0])
    assert min(loud, louder) * (1 - 1e-9) <= both.loudness.speech <= max(loud, louder) * (1 + 1e-9)


def test_a_voice_is_known_once_enough_of_it_was_heard() -> None:
    voices = Voices()
    voices.learn("ana", voice(seconds=1.2))
    assert voices.known("ana") is None
    voices.learn("ana", voice(seconds=1.2))
    assert voices.known("ana") is not None
    assert voices.known("bo") is None


def test_another_microphone_takes_the_place_of_the_one_before() -> None:
    voices = Voices()
    voices.learn("ana", voice(40.0))
    other = voice(60.0, seconds=2.5)
    voices.learn("ana", other)
    assert voices.known("ana") is other


def test_nobody_is_learnt_where_no_name_is_given() -> None:
    voices = Voices()
    voices.learn("", voice())
    assert voices.known("") is None


def test_who_was_silent_longest_is_forgotten_first() -> None:
    voices = Voices()
    for number in range(256):
        voices.learn(str(number), voice())
    voices.learn("0", voice())
    voices.learn("one more", voice())
    known = [name for name in (*map(str, range(256)), "one more") if voices.known(name)]
    assert len(known) == 256
    assert "1" not in known


def test_loudness_is_blended_by_ratio_and_not_by_difference() -> None:
    both = voice(speech=1e-4).after(voice(speech=1e-2, seconds=5.0))
    assert both.loudness.speech == pytest.approx(1e-3)
    assert np.isclose(both.loudness.floor, 1e-8)
