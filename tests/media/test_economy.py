from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.economy import Economy, EconomySettings, Job, Plan
from media.errors import SettingsError, ShapeError


def groups(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(numbers, np.int64)


def steps(economy: Economy, names: str, *ticks: tuple[int, ...]) -> list[Plan]:
    """Feed ticks; the names are single letters."""
    return [economy.step(tuple(names), groups(*tick)) for tick in ticks]


def test_the_same_mix_is_encoded_once() -> None:
    (plan,) = steps(Economy(), "abc", (0, 1, 0))
    assert [(job.group, job.listeners) for job in plan.jobs] == [(0, (0, 2)), (1, (1,))]


def test_silence_costs_no_encode() -> None:
    economy = Economy()
    steps(economy, "abc", *[(-1, -1, -1)] * 50)
    assert economy.counters.encodes == 0


def test_a_stream_starts_independent_and_then_leans_on_what_was() -> None:
    first, second = steps(Economy(), "a", (0,), (0,))
    assert first.jobs[0].independent
    assert not second.jobs[0].independent
    assert first.jobs[0].stream == second.jobs[0].stream


def test_other_numbers_for_the_same_groups_change_nothing() -> None:
    first, second = steps(Economy(), "abc", (0, 0, 1), (7, 7, 3))
    assert [job.stream for job in first.jobs] == [job.stream for job in second.jobs]
    assert not any(job.independent for job in second.jobs)


def test_a_sound_that_ends_is_followed_by_its_tail_then_by_markers() -> None:
    economy = Economy(EconomySettings(tail=2, first_markers=3, marker_every=20))
    plans = steps(economy, "a", (0,), *[(-1,)] * 64)
    stream = plans[0].jobs[0].stream
    silence = Job(stream=stream, group=None, listeners=(0,), independent=False)
    assert [plan.jobs for plan in plans[1:4]] == [(silence,), (silence,), ()]
    assert [tick for tick, plan in enumerate(plans) if plan.markers] == [3, 4, 5, 25, 45]
    assert plans[3].released == (stream,)


def test_who_shared_a_sound_shares_its_tail() -> None:
    _, tail = steps(Economy(), "abc", (0, 0, 0), (-1, -1, -1))
    assert [(job.group, job.listeners) for job in tail.jobs] == [(None, (0, 1, 2))]


def test_who_falls_silent_while_others_hear_on_gets_a_tail_apart() -> None:
    first, second, third, fourth = steps(
        Economy(), "abcd", (0, 0, 1, 1), (0, -1, 1, -1), (0, -1, 1, -1), (0, -1, 1, -1)
    )
    kept = [job.stream for job in first.jobs]
    assert [job.stream for job in second.jobs[:2]] == kept
    assert [(job.group, job.listeners, job.independent) for job in second.jobs[2:]] == [(None, (1, 3), True)]
    assert [(job.group, job.listeners, job.independent) for job in third.jobs[2:]] == [(None, (1, 3), False)]
    assert [job.stream for job in fourth.jobs] == kept
    assert fourth.markers == (1, 3)
    assert fourth.released == (third.jobs[2].stream,)


def test_a_sound_that_comes_back_within_its_tail_goes_on_with_its_stream() -> None:
    first, _, third = steps(Economy(), "a", (0,), (-1,), (0,))
    assert third.jobs == (Job(stream=first.jobs[0].stream, group=0, listeners=(0,), independent=False),)


def test_a_sound_after_a_silence_starts_independent() -> None:
    *_, last = steps(Economy(), "a", (0,), *[(-1,)] * 3, (0,))
    assert last.jobs[0].independent


def test_the_larger_part_of_a_group_that_splits_keeps_the_stream() -> None:
    first, second = steps(Economy(), "abc", (0, 0, 0), (1, 0, 0))
    job = {job.listeners: job for job in second.jobs}
    assert job[1, 2].stream == first.jobs[0].stream
    assert not job[1, 2].independent
    assert job[0,].independent


def test_two_halves_that_meet_take_the_older_stream() -> None:
    first, second = steps(Economy(), "ab", (1, 0), (0, 0))
    assert second.jobs == (Job(stream=first.jobs[0].stream, group=0, listeners=(0, 1), independent=True),)
    assert second.released == (first.jobs[1].stream,)


def test_who_joins_a_stream_makes_one_packet_independent() -> None:
    first, second, third = steps(Economy(), "abc", (0, 0, 1), (0, 0, 0), (0, 0, 0))
    assert [plan.jobs[0].independent for plan in (first, second, third)] == [True, True, False]
    assert {plan.jobs[0].stream for plan in (first, second, third)} == {0}


def test_the_stream_of_somebody_who_left_is_released_at_once() -> None:
    economy = Economy()
    first = economy.step(("ana", "bo"), groups(0, 1))
    second = economy.step(("bo",), groups(0))
    assert second.released == (first.jobs[0].stream,)
    assert second.jobs == (Job(stream=first.jobs[1].stream, group=0, listeners=(0,), independent=False),)


def test_listeners_keep_their_streams_when_the_rows_move() -> None:
    economy = Economy()
    first = economy.step(("ana", "bo"), groups(0, 1))
    second = economy.step(("cy", "bo", "ana"), groups(-1, 0, 1))
    assert {job.listeners: job.stream for job in second.jobs} == {
        (1,): first.jobs[1].stream,
        (2,): first.jobs[0].stream,
    }
    assert second.markers == (0,)


def test_counters_say_what_was_saved() -> None:
    economy = Economy(EconomySettings(tail=1, first_markers=1, marker_every=20))
    steps(economy, "abc", (0, 0, 1), (-1, -1, -1), (-1, -1, -1), (-1, -1, -1))
    counters = economy.counters
    assert (counters.encodes, counters.shared, counters.markers, counters.skipped) == (4, 2, 3, 3)


def test_wrong_shapes_and_settings_are_named() -> None:
    with pytest.raises(ShapeError, match="2 listeners need as many groups"):
        Economy().step(("ana", "bo"), groups(0))
    with pytest.raises(ShapeError, match="only once"):
        Economy().step(("ana", "ana"), groups(0, 0))
    with pytest.raises(SettingsError, match="at least 1 tick"):
        Economy(EconomySettings(tail=0))


people = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)
tick = people.flatmap(
    lambda names: st.tuples(
        st.just(tuple(names)), st.lists(st.integers(-1, 4), min_size=len(names), max_size=len(names))
    )
)
course = st.lists(st.tuples(tick, st.integers(1, 4)), max_size=12).map(
    lambda parts: [one for one, times in parts for _ in range(times)]
)


@given(course)
def test_every_row_is_served_once_and_no_stream_twice(ticks: list[tuple[tuple[str, ...], list[int]]]) -> None:
    economy = Economy()
    alive: set[int] = set()
    for names, numbers in ticks:
        plan = economy.step(names, groups(*numbers))
        rows = [row for job in plan.jobs for row in job.listeners] + [*plan.markers, *plan.skipped]
        assert sorted(rows) == list(range(len(names)))
        sounding = {row: job.group for job in plan.jobs if job.group is not None for row in job.listeners}
        assert sounding == {row: group for row, group in enumerate(numbers) if group >= 0}
        assert sum(job.group is not None for job in plan.jobs) == len(set(sounding.values()))
        streams = [job.stream for job in plan.jobs]
        assert len(set(streams)) == len(streams)
        assert set(plan.released) == alive - set(streams)
        alive = set(streams)


@dataclass
class Ear:
    """What a decoder has seen: which stream, and whether each packet could be decoded."""

    stream: int | None = None
    kinds: list[str] = field(default_factory=list)


@given(course)
def test_every_packet_can_be_decoded_and_every_sound_has_its_whole_tail(
    ticks: list[tuple[tuple[str, ...], list[int]]],
) -> None:
    economy = Economy(EconomySettings(tail=2))
    ears: dict[str, Ear] = {}
    for names, numbers in ticks:
        ears = {name: ears.get(name) or Ear() for name in names}
        plan = economy.step(names, groups(*numbers))
        for row in (*plan.markers, *plan.skipped):
            ears[names[row]].stream = None
            ears[names[row]].kinds.append("quiet")
        for job in plan.jobs:
            for row in job.listeners:
                ear = ears[names[row]]
                assert job.independent or ear.stream == job.stream
                ear.stream = job.stream
                ear.kinds.append("tail" if job.group is None else "sound")
        for ear in ears.values():
            recent = ["quiet", "quiet", *ear.kinds][-3:]
            if recent[2] == "tail":
                assert "sound" in recent[:2]
            if recent[2] == "quiet":
                assert "sound" not in recent[:2]


@given(course)
def test_after_the_tails_silence_is_free(ticks: list[tuple[tuple[str, ...], list[int]]]) -> None:
    economy = Economy()
    for names, numbers in ticks:
        economy.step(names, groups(*numbers))
    names = tuple("abcdefgh")
    *_, last = [economy.step(names, groups(*[-1] * 8)) for _ in range(3)]
    assert last.jobs == ()


@given(course)
def test_a_lone_listener_keeps_their_stream_while_it_sounds(
    ticks: list[tuple[tuple[str, ...], list[int]]],
) -> None:
    economy = Economy()
    lone: int | None = None
    for names, numbers in ticks:
        plan = economy.step(("lone", *names), groups(9, *numbers))
        job = plan.jobs[0]
        assert job.listeners == (0,)
        assert lone in (None, job.stream)
        lone = job.stream


@given(course)
def test_the_same_ticks_give_the_same_plans(ticks: list[tuple[tuple[str, ...], list[int]]]) -> None:
    one, other = Economy(), Economy()
    for names, numbers in ticks:
        assert one.step(names, groups(*numbers)) == other.step(names, groups(*numbers))
