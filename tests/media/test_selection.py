from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.audio import Samples
from media.errors import SettingsError, ShapeError
from media.scene import Grid, Scene
from media.selection import LoudestN, SelectionSettings

EACH_FRAME = SelectionSettings(review_seconds=0.02)
SECOND = 50
"""Frames."""


def scene_of(listeners: str, sources: str, gain: npt.NDArray[np.floating]) -> Scene:
    """A scene without directions; the ids are single letters."""
    nothing = np.zeros(gain.shape, np.float32)
    return Scene(
        listeners=tuple(listeners),
        sources=tuple(sources),
        gain=gain.astype(np.float32),
        azimuth=nothing,
        elevation=nothing,
        flat=nothing.astype(np.bool_),
    )


def linear(*dbfs: float) -> Samples:
    """Levels from dBFS; minus infinity is silence."""
    return np.power(10.0, np.array(dbfs) / 20.0).astype(np.float32)


SILENT = -np.inf


def heard(loudest: LoudestN, n: int, *dbfs: float) -> str:
    """Whom one listener at equal distance to all hears, by letter."""
    letters = "abcdefgh"[: len(dbfs)]
    (gains,) = loudest.choose(scene_of("z", letters, np.ones((1, len(dbfs)))), linear(*dbfs), n)
    return "".join(letter for letter, gain in zip(letters, gains, strict=True) if gain)


def test_the_loudest_are_heard() -> None:
    assert heard(LoudestN(), 2, -30.0, -20.0, -40.0, -25.0) == "bd"


def test_near_and_soft_comes_before_far_and_loud() -> None:
    gain = np.array([[1.0, 0.1], [0.1, 1.0]])
    out = LoudestN().choose(scene_of("yz", "ab", gain), linear(-23.0, -20.0), 1)
    assert np.array_equal(out, np.diag(np.ones(2, np.float32)))


def test_who_is_chosen_keeps_the_gain_of_the_scene() -> None:
    gain = np.array([[0.7, 0.3, 0.2]])
    out = LoudestN().choose(scene_of("z", "abc", gain), linear(-20.0, -20.0, -20.0), 2)
    assert np.array_equal(out, np.array([[0.7, 0.3, 0.0]], np.float32))
    assert out.dtype == np.float32


def test_nothing_is_cut_where_no_more_than_n_sound() -> None:
    assert heard(LoudestN(), 2, -20.0, SILENT, -49.0, SILENT) == "ac"


def test_a_silent_source_takes_no_place() -> None:
    loudest = LoudestN()
    assert heard(loudest, 1, -10.0, -40.0) == "a"
    assert heard(loudest, 1, SILENT, -40.0) == "b"


def test_what_can_not_be_heard_is_not_chosen() -> None:
    gain = np.array([[1.0, 0.02, 0.0]])
    out = LoudestN().choose(scene_of("z", "abc", gain), linear(-20.0, -20.0, -20.0), 12)
    assert np.array_equal(out, np.array([[1.0, 0.0, 0.0]], np.float32))


def test_a_source_at_the_edge_of_hearing_does_not_flutter() -> None:
    def changes(loudest: LoudestN) -> int:
        course = [-49.0 if frame % 2 else -55.0 for frame in range(100)]
        seen = [heard(loudest, 12, level) for level in course]
        return sum(one != other for one, other in pairwise(seen))

    assert changes(LoudestN(SelectionSettings(release_db=1e4))) == 1
    assert changes(LoudestN(SelectionSettings(release_db=1e4, margin_db=0.0))) == 99


def test_a_source_is_heard_until_it_is_a_margin_below_the_edge() -> None:
    loudest = LoudestN(SelectionSettings(release_db=1e4))
    assert heard(loudest, 12, -55.0) == ""
    assert heard(loudest, 12, -49.0) == "a"
    assert heard(loudest, 12, -55.5) == "a"
    assert heard(loudest, 12, -56.5) == ""
    assert heard(loudest, 12, -55.5) == ""


def test_a_level_falls_slowly_so_that_a_short_pause_is_not_taken_for_distance() -> None:
    loudest = LoudestN()
    heard(loudest, 1, -20.0, -30.0)
    assert [heard(loudest, 1, -60.0, -30.0) for _ in range(33)] == ["a"] * 33
    assert heard(LoudestN(), 1, -60.0, -30.0) == "b"


@pytest.mark.parametrize(("lead", "taken"), [(2.9, False), (3.1, True)])
def test_a_place_is_taken_only_by_somebody_clearly_louder(lead: float, taken: bool) -> None:
    loudest = LoudestN()
    for _ in range(SECOND):
        assert heard(loudest, 1, -25.0, -26.0) == "a"
    assert heard(loudest, 1, -25.0, -25.0 + lead) == ("b" if taken else "a")


def test_nobody_loses_a_place_within_200_milliseconds() -> None:
    loudest = LoudestN(EACH_FRAME)
    heard(loudest, 1, -25.0, SILENT)
    assert [heard(loudest, 1, -25.0, -5.0) for _ in range(10)] == ["a"] * 9 + ["b"]


def test_who_can_no_longer_be_heard_gives_the_place_away_at_once() -> None:
    loudest = LoudestN()
    loudest.choose(scene_of("z", "abc", np.ones((1, 3))), linear(-25.0, SILENT, SILENT), 1)
    away = scene_of("z", "abc", np.array([[0.01, 1.0, 1.0]]))
    assert np.array_equal(loudest.choose(away, linear(-25.0, -30.0, -40.0), 1), np.array([[0.0, 1.0, 0.0]]))


def test_in_a_crowd_places_are_given_anew_every_100_milliseconds_or_when_somebody_begins() -> None:
    loudest = LoudestN(SelectionSettings(stay_seconds=0.0, lead_db=0.0, release_db=1e4))
    seen = [heard(loudest, 1, -25.0, -26.0, SILENT)]
    seen += [heard(loudest, 1, -25.0, -5.0, SILENT) for _ in range(6)]
    assert seen == ["a"] * 5 + ["b"] * 2
    assert heard(loudest, 1, -25.0, -5.0, -4.0) == "c"


def test_two_who_speak_alike_do_not_flutter() -> None:
    def changes(loudest: LoudestN) -> int:
        rng = np.random.default_rng(5)
        seen = [heard(loudest, 1, *(-23.0 + rng.normal(0.0, 4.0, 2))) for _ in range(20 * SECOND)]
        return sum(one != other for one, other in pairwise(seen))

    without = SelectionSettings(release_db=1e4, lead_db=0.0, stay_seconds=0.0, review_seconds=0.02)
    assert 10 * changes(LoudestN()) < changes(LoudestN(without))


def test_fewer_places_take_effect_at_once() -> None:
    loudest = LoudestN()
    assert heard(loudest, 3, -20.0, -21.0, -22.0) == "abc"
    assert heard(loudest, 1, -20.0, -21.0, -22.0) == "a"


def test_places_are_kept_when_rows_and_columns_move() -> None:
    loudest = LoudestN()
    before = scene_of("yz", "ab", np.array([[1.0, 0.5], [0.5, 1.0]]))
    for _ in range(SECOND):
        loudest.choose(before, linear(-25.0, -25.0), 1)
    after = scene_of("xzy", "cba", np.array([[0.9, 1.0, 1.0], [0.0, 0.9, 1.0], [0.0, 1.0, 0.9]]))
    out = loudest.choose(after, linear(SILENT, -25.0, -25.0), 1)
    assert [int(row.argmax()) for row in out[1:]] == [1, 2]


def test_who_was_gone_comes_back_without_a_place() -> None:
    loudest = LoudestN()
    for _ in range(SECOND):
        heard(loudest, 1, -25.0, -26.0)
    loudest.choose(scene_of("z", "b", np.ones((1, 1))), linear(-26.0), 1)
    assert heard(loudest, 1, -25.0, -26.0) == "b"


def test_nobody_and_nothing_is_fine() -> None:
    assert LoudestN().choose(Scene.empty(), np.zeros(0, np.float32), 4).shape == (0, 0)


def test_wrong_shapes_are_named() -> None:
    scene = scene_of("z", "ab", np.ones((1, 2)))
    with pytest.raises(ShapeError, match="2 sources need as many levels"):
        LoudestN().choose(scene, linear(-20.0), 1)
    with pytest.raises(ShapeError, match="1 source at least"):
        LoudestN().choose(scene, linear(-20.0, -20.0), 0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"audible_dbfs": 3.0}, "between -120 and 0"),
        ({"lead_db": -1.0}, "at least 0"),
        ({"release_db": 0.0}, "above 0"),
        ({"review_seconds": 0.0}, "one frame of 20 ms"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        SelectionSettings(**wrong)


def dense(shape: tuple[int, int], seed: int) -> Grid:
    rng = np.random.default_rng(seed)
    gain: Grid = (rng.uniform(0.0, 1.0, shape) * (rng.uniform(size=shape) < 0.8)).astype(np.float32)
    return gain


@given(
    st.tuples(st.integers(0, 8), st.integers(0, 8)),
    st.integers(1, 8),
    st.lists(st.integers(0, 2**32 - 1), max_size=20),
)
def test_each_hears_the_loudest_n_that_can_be_heard_within_the_hysteresis(
    shape: tuple[int, int], n: int, seeds: list[int]
) -> None:
    loudest = LoudestN(SelectionSettings(stay_seconds=0.0, release_db=1e4, review_seconds=0.02))
    for seed in seeds:
        gain = dense(shape, seed)
        levels = linear(*np.random.default_rng(seed + 1).uniform(-60.0, 0.0, shape[1]))
        levels[levels < 0.005] = 0.0
        out = loudest.choose(scene_of("stuvwxyz"[: shape[0]], "abcdefgh"[: shape[1]], gain), levels, n)
        for heard_gain, wanted in zip(out, gain, strict=True):
            kept = heard_gain > 0.0
            assert np.array_equal(heard_gain[kept], wanted[kept])
            arriving = wanted * levels
            surely, perhaps = arriving >= 10 ** (-50 / 20), arriving >= 10 ** (-56 / 20)
            assert min(n, surely.sum()) <= kept.sum() <= n
            assert not (kept & ~perhaps).any()
            if kept.any() and kept.sum() == n:
                # Who comes anew between the two thresholds takes no place, however soft the others are.
                left_out = arriving[surely & ~kept].max(initial=0.0)
                assert left_out <= arriving[kept].min() * 10 ** (3 / 20) * 1.0001


@given(
    st.permutations("abcdef"),
    st.permutations("uvwxyz"),
    st.integers(1, 6),
    st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=12),
)
def test_the_order_of_rows_and_columns_does_not_matter(
    sources: list[str], listeners: list[str], n: int, seeds: list[int]
) -> None:
    straight, turned = LoudestN(EACH_FRAME), LoudestN(EACH_FRAME)
    columns = ["abcdef".index(name) for name in sources]
    rows = ["uvwxyz".index(name) for name in listeners]
    for k, seed in enumerate(seeds):
        gain = dense((6, 6), seed)
        levels = linear(*np.random.default_rng(seed + 1).uniform(-45.0, 0.0, 6))
        out = straight.choose(scene_of("uvwxyz", "abcdef", gain), levels, n)
        if k % 2:
            other = scene_of("".join(listeners), "".join(sources), gain[np.ix_(rows, columns)])
            assert np.array_equal(turned.choose(other, levels[columns], n), out[np.ix_(rows, columns)])
        else:
            assert np.array_equal(turned.choose(scene_of("uvwxyz", "abcdef", gain), levels, n), out)
