"""Topics and main lines of a meeting, on vectors made up for the purpose."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from avatars.everyday import telling
from avatars.summary import LEAST, MOST, summary
from avatars.topics import LEAST_LINES, boundaries, topics

BUDGET = ["The budget for marketing is too small", "We could raise the marketing budget in spring"]
LAUNCH = ["The launch needs a printer and posters", "Posters for the launch come from the printer"]


def facing(*directions: int) -> NDArray[np.float32]:
    """A vector of length 1 for each, along one of four axes, with a little of its own."""
    chance = np.random.default_rng(1)
    rows = np.eye(4, dtype=np.float32)[list(directions)] + chance.normal(0, 0.05, (len(directions), 4))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32)


def test_a_meeting_turns_where_what_is_said_does() -> None:
    texts = [BUDGET[at % 2] for at in range(15)] + [LAUNCH[at % 2] for at in range(15)]
    first, second = topics(texts, facing(*[0] * 15, *[1] * 15))
    assert (first.start, first.end, second.start, second.end) == (0, 15, 15, 30)
    assert "budget" in first.title.lower()
    assert "posters" in second.title.lower()
    assert "budget" not in second.title.lower()


def test_names_of_people_are_no_topic() -> None:
    texts = ["Marek sends the budget", "The budget is with Marek now"] * 3
    [topic] = topics(texts, facing(*[0] * 6), names=("Marek Brook",))
    assert "marek" not in topic.title.lower()
    assert "budget" in topic.title.lower()


@pytest.mark.parametrize("texts", [[], ["Yes"], ["Mm-hmm"] * 12])
def test_where_little_is_said_there_is_one_topic_or_none(texts: list[str]) -> None:
    found = topics(texts, facing(*[0] * len(texts)))
    assert len(found) == min(1, len(texts))
    assert all((one.start, one.end) == (0, len(texts)) for one in found)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8)), max_size=80))
def test_topics_cover_a_meeting_without_gap_and_none_is_short(lines: list[tuple[int, int]]) -> None:
    found = boundaries(facing(*[way for way, _ in lines]), [weight for _, weight in lines])
    edges = [0, *found, len(lines)]
    assert edges == sorted(edges)
    assert not found or min(after - before for before, after in itertools.pairwise(edges)) >= LEAST_LINES


def test_a_summary_has_what_many_lines_say_and_not_twice_the_same() -> None:
    texts = [*BUDGET, BUDGET[0], LAUNCH[0], "Yes", "It rained on my holiday near the lake"]
    chosen = summary(texts, facing(0, 0, 0, 1, 2, 3), most=2)
    assert len(chosen) == 2
    assert chosen[0] in (0, 1, 2)
    assert chosen[1] in (3, 5)


def test_what_something_was_noted_from_comes_first() -> None:
    texts = ["Yes do that", *BUDGET, *LAUNCH]
    assert 0 not in summary(texts, facing(3, 0, 0, 1, 1), most=2)
    assert 0 in summary(texts, facing(0, 0, 0, 1, 1), noted={0}, most=2)


@given(st.lists(st.sampled_from([*BUDGET, *LAUNCH, "Yes", ""]), max_size=150))
def test_a_summary_is_short_and_in_order(texts: list[str]) -> None:
    chosen = summary(texts, facing(*[len(text) % 4 for text in texts]))
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= min(MOST, LEAST + len(texts) // 12)
    assert all(len(telling(texts[at])) >= 3 for at in chosen)
