from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.audio import FRAME, RATE, Samples
from media.errors import SettingsError, ShapeError
from media.source import FrameQueue, Playback, QueueSettings


def flat(level: float) -> Samples:
    return np.full(FRAME, level, np.float32)


def test_frames_come_out_in_order_and_whole_once_running() -> None:
    queue = FrameQueue()
    for level in (0.1, 0.2, 0.3):
        queue.put(flat(level))
    queue.take()
    assert np.array_equal(queue.take(), flat(0.2))
    assert np.array_equal(queue.take(), flat(0.3))


def test_the_oldest_frame_goes_when_too_many_wait() -> None:
    queue = FrameQueue()
    for level in (0.1, 0.2, 0.3, 0.4):
        queue.put(flat(level))
    assert (len(queue), queue.dropped) == (3, 1)
    assert queue.take()[-1] == np.float32(0.2)


def test_a_missing_frame_makes_no_step() -> None:
    queue = FrameQueue()
    queue.put(flat(0.5))
    wave = np.concatenate([queue.take(), queue.take(), queue.take()])
    queue.put(flat(0.5))
    wave = np.concatenate([wave, queue.take()])
    assert np.abs(np.diff(wave)).max() < 0.5 / (RATE / 200) + 1e-6
    assert not wave[FRAME + RATE // 200 : 3 * FRAME].any()
    assert queue.missed == 1


def test_silence_is_exact_and_nothing_is_missed_before_the_first_frame() -> None:
    queue = FrameQueue()
    assert not queue.take().any()
    assert queue.missed == 0


def test_a_delay_that_is_not_needed_is_lost_in_a_pause() -> None:
    queue = FrameQueue(QueueSettings(watch_ticks=10))
    queue.put(flat(0.3))
    queue.put(flat(0.3))
    for _ in range(20):
        queue.put(flat(0.3))
        queue.take()
    assert len(queue) == 2
    for _ in range(40):
        queue.put(flat(0.0))
        queue.take()
    assert len(queue) == 0
    assert queue.missed == 0


@given(st.lists(st.integers(0, 3000), max_size=8))
def test_playback_plays_everything_once(lengths: list[int]) -> None:
    playback, at = Playback(), 1.0
    whole = np.arange(1, sum(lengths) + 1, dtype=np.float32)
    start = 0
    for length in lengths:
        playback.play(whole[start : start + length])
        start += length
    assert playback.seconds_left == pytest.approx(len(whole) / RATE)
    out = [playback.take() for _ in range(len(whole) // FRAME + 2)]
    assert all(frame.shape == (FRAME,) for frame in out)
    joined = np.concatenate(out)
    assert np.array_equal(joined[: len(whole)], whole)
    assert not joined[len(whole) :].any()
    assert playback.seconds_left == 0.0
    assert at == 1.0


def test_stopping_fades_and_forgets() -> None:
    playback = Playback()
    playback.play(np.full(RATE, 0.5, np.float32))
    playback.take()
    playback.stop(0.04)
    assert playback.seconds_left == pytest.approx(0.04)
    wave = np.concatenate([playback.take(), playback.take(), playback.take()])
    assert wave[0] == pytest.approx(0.5)
    assert np.all(np.diff(wave) <= 0)
    assert not wave[2 * FRAME :].any()
    playback.play(np.full(FRAME, 0.5, np.float32))
    playback.stop(0.0)
    assert not playback.take().any()


def test_wrong_shapes_and_settings_are_refused() -> None:
    with pytest.raises(ShapeError):
        FrameQueue().put(np.zeros(100, np.float32))
    with pytest.raises(ShapeError):
        Playback().play(np.zeros((2, FRAME), np.float32))
    with pytest.raises(SettingsError):
        FrameQueue(QueueSettings(frames=0))
