from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from media.audio import (
    FRAME,
    RATE,
    SILENCE_DBFS,
    LevelMeter,
    Reframer,
    dbfs,
    frames_of,
    from_int16,
    rms,
    row_dbfs,
    to_int16,
)
from media.errors import ShapeError


@given(arrays(np.int16, st.integers(0, 200)))
def test_sixteen_bit_sound_survives_the_way_there_and_back(pcm: np.ndarray) -> None:
    back = to_int16(from_int16(pcm))
    assert np.max(np.abs(back.astype(int) - pcm.astype(int)), initial=0) <= 1


def test_sound_beyond_full_scale_is_clipped_and_does_not_wrap() -> None:
    assert to_int16(np.array([1.5, -1.5], np.float32)).tolist() == [32767, -32768]


def test_levels_of_known_sounds() -> None:
    sine = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    assert dbfs(sine) == pytest.approx(-3.01, abs=0.01)
    assert dbfs(np.zeros(FRAME, np.float32)) == SILENCE_DBFS
    assert rms(np.zeros(0, np.float32)) == 0.0
    rows = row_dbfs(np.stack([sine[:FRAME], np.zeros(FRAME, np.float32)]))
    assert rows[0] == pytest.approx(-3.01, abs=0.01)
    assert rows[1] == SILENCE_DBFS


@given(st.lists(st.integers(0, 400), max_size=30), st.integers(1, 300))
def test_reframing_loses_and_invents_nothing(lengths: list[int], size: int) -> None:
    whole = np.arange(sum(lengths), dtype=np.float32)
    reframer, out, at = Reframer(size), [], 0
    for length in lengths:
        out += reframer.feed(whole[at : at + length])
        at += length
    assert all(len(frame) == size for frame in out)
    assert len(out) == len(whole) // size
    assert np.array_equal(np.concatenate([*out, np.zeros(0, np.float32)]), whole[: len(out) * size])


def test_reframing_refuses_stereo() -> None:
    with pytest.raises(ShapeError):
        Reframer().feed(np.zeros((2, FRAME), np.float32))
    with pytest.raises(ShapeError):
        Reframer(0)


def test_the_last_frame_is_filled_up() -> None:
    frames = list(frames_of(np.ones(FRAME + 1, np.float32)))
    assert [len(f) for f in frames] == [FRAME, FRAME]
    assert frames[1].sum() == 1.0


def test_the_meter_rises_at_once_and_falls_slowly() -> None:
    meter = LevelMeter()
    for _ in range(3):
        meter.feed(-20.0)
    assert meter.level > -25.0
    for _ in range(10):
        meter.feed(SILENCE_DBFS)
    assert -40.0 < meter.level < -30.0
    for _ in range(100):
        meter.feed(SILENCE_DBFS)
    assert meter.level == SILENCE_DBFS
