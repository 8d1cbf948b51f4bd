"""Titles from what was spoken of, for meetings that nobody named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.titles import LONGEST, THINGS, suggest

PLANNING = [
    "So let's look at the budget for next year",
    "The budget is twelve hundred euros over",
    "We got two supplier offers last week",
    "The supplier offers are both too expensive",
    "I will send the budget to finance by Friday",
    "Could you ask Heron for another offer?",
    "Okay, and the launch party is on the ninth",
    "We need a venue for the launch party",
]


@pytest.mark.parametrize(
    ("texts", "topics", "noted", "title"),
    [
        (PLANNING, [(0, 5), (5, 8)], (), "Budget, supplier offers and launch party"),
        (PLANNING[:5], [], (), "Budget and supplier offers"),
        (PLANNING[:2], [], (), "Budget"),
        (["The printer is broken, Ana's printer", "Can Ana fix the printers?"], [], (), "Printer"),
        (["Bo sends the budget to finance by Friday", "Okay"], [], (0,), "Budget and finance"),
        (["The weather is lovely", "The lake was cold"], [], (), ""),
        (["Yes", "Okay then", "See you on Monday at 12:30 in ten minutes"] * 2, [], (), ""),
        (["Running late", "Running late again"], [], (), ""),
        (["It is our marketing", "And the marketing is expensive"], [], (), "Marketing"),
        (["They moved quickly", "They moved quickly"], [], (), ""),
        (["We don't, they don't"] * 2, [], (), ""),
        ([], [], (), ""),
        (["The " + "x" * 80] * 2, [], (), ""),
    ],
)
def test_a_title_says_what_was_spoken_of_most(
    texts: list[str], topics: list[tuple[int, int]], noted: tuple[int, ...], title: str
) -> None:
    assert suggest(texts, topics, names=["Ana Li", "Bo"], noted=noted) == title


def test_each_topic_has_its_say_before_one_has_two() -> None:
    first = ["The contract and the lawyer", "A contract, a lawyer", "The contract for the lawyer"]
    second = ["The garden", "Our garden"]
    assert suggest(first + second, [(0, 3), (3, 5)]) == "Contract, lawyer and garden"
    assert suggest([*first, "the lawyer", *second], [(0, 4), (4, 6)]).startswith("Contract")
    longer = [f"The {letter * 18} and the {letter * 18}ing thing" for letter in "abcd"]
    assert len(suggest(longer * 2, [])) <= LONGEST


@given(
    st.lists(st.one_of(st.text(max_size=60), st.sampled_from(PLANNING)), max_size=20),
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4),
)
def test_a_title_is_short_readable_and_the_same_each_time(texts: list[str], topics: list[tuple[int, int]]) -> None:
    title = suggest(texts, topics, names=["Heron"])
    assert title == suggest(texts, topics, names=["Heron"])
    assert len(title) <= LONGEST
    assert title.isprintable()
    assert "heron" not in title.casefold().split()
    assert title.count(",") <= THINGS - 2
