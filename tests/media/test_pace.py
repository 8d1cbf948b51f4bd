from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.audio import FRAME_SECONDS
from media.pace import CATCH_UP, Pace


def test_frames_that_take_their_time_do_not_drift() -> None:
    pace, now = Pace(start=5.0), 5.0
    for _ in range(1000):
        now += pace.wait(now) + 0.007
    assert now == pytest.approx(5.0 + 999 * FRAME_SECONDS + 0.007)
    assert (pace.late, pace.skipped) == (0, 0)


def test_a_short_stall_is_made_up_for_and_a_long_one_is_left_out() -> None:
    pace = Pace(start=0.0)
    assert pace.wait(0.0) == 0.0
    assert [pace.wait(0.061) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert pace.wait(0.061) == pytest.approx(0.019)
    assert (pace.late, pace.skipped) == (2, 0)
    assert pace.wait(1.0) == 0.0
    assert pace.skipped == 45
    assert pace.wait(1.0) == pytest.approx(0.02)


@given(st.lists(st.floats(0, 0.3), max_size=200))
def test_for_any_delays_every_frame_is_played_made_up_for_or_counted(delays: list[float]) -> None:
    pace, now, played = Pace(start=0.0), 0.0, 0
    for delay in delays:
        now += pace.wait(now)
        played += 1
        assert now - (pace.frame - 1) * FRAME_SECONDS < (CATCH_UP + 1) * FRAME_SECONDS + 1e-9
        now += delay
    assert played + pace.skipped == pace.frame
