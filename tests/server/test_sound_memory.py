"""What a new sound process is told of the time before it."""

from __future__ import annotations

import numpy as np
import pytest

from media.audio import RATE, Samples
from server.sound_memory import Memory, Person
from server.sound_port import View


def count(seconds: float, start: float = 0.0) -> Samples:
    """Samples that say when they are due."""
    return (start + np.arange(round(seconds * RATE)) / RATE).astype(np.float32)


def test_one_sentence_follows_the_other() -> None:
    memory = Memory()
    assert memory.play("ada", count(2.0), now=100.0) == pytest.approx(2.0)
    assert memory.play("ada", count(1.0), now=100.5) == pytest.approx(2.5)
    assert memory.seconds_left("ada", now=101.0) == pytest.approx(2.0)
    assert memory.seconds_left("ada", now=104.0) == 0.0
    assert memory.play("ada", count(1.0), now=110.0) == pytest.approx(1.0)
    assert memory.seconds_left("bob", now=100.0) == 0.0


@pytest.mark.parametrize(
    ("now", "rests"), [(100.0, [2.0, 1.0]), (100.5, [1.5, 1.0]), (102.0, [1.0]), (102.25, [0.75]), (103.0, [])]
)
def test_what_is_still_to_be_said_is_known_to_the_sample(now: float, rests: list[float]) -> None:
    memory = Memory()
    memory.play("ada", count(2.0, start=100.0), now=100.0)
    memory.play("ada", count(1.0, start=102.0), now=100.0)
    unsaid = list(memory.unsaid(now))
    assert [len(samples) for _, samples in unsaid] == [round(rest * RATE) for rest in rests]
    if unsaid:
        source, samples = unsaid[0]
        assert source == "ada"
        assert samples[0] == pytest.approx(max(now, 100.0), abs=1e-4)


def test_an_interrupted_sentence_is_not_taken_up_again() -> None:
    memory = Memory()
    memory.play("ada", count(5.0), now=100.0)
    memory.stop("ada", 0.1, now=101.0)
    memory.stop("bob", 0.1, now=101.0)
    assert memory.seconds_left("ada", now=101.0) == pytest.approx(0.1)
    assert list(memory.unsaid(now=101.0)) == []


def test_who_has_left_says_nothing() -> None:
    memory = Memory()
    memory.play("ada", count(5.0), now=100.0)
    memory.remove("ada")
    memory.remove("ada")
    assert list(memory.unsaid(now=100.0)) == []


@pytest.mark.parametrize(
    ("muted", "transcribed", "may"), [(False, True, True), (True, True, False), (False, False, False)]
)
def test_only_who_agrees_and_is_not_muted_is_recognised(muted: bool, transcribed: bool, may: bool) -> None:
    memory = Memory()
    memory.people["ana"] = Person(muted, transcribed)
    assert memory.may_be_recognised("ana") is may
    assert not memory.may_be_recognised("bo")


def test_the_last_views_of_each_viewer_are_kept() -> None:
    memory = Memory()
    memory.view("ana", [View(mid="1", owner="bo", kind="screen")])
    assert memory.view("ana", [View(mid="2", owner="cy", kind="camera")]) == [["2", "cy", "camera"]]
    assert memory.views == {"ana": [["2", "cy", "camera"]]}
