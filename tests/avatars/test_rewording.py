"""Changes that mean nothing: made as said, and nothing else touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.rewording import is_change, renamed, reworded

TEXTS = st.lists(
    st.sampled_from(["I", "I'll", "to", "send", "the", "budget,", "Bo", "tomorrow.", "meeting", "a", "will"]),
    min_size=1,
    max_size=12,
).map(" ".join)


@pytest.mark.parametrize(
    ("text", "change", "expected"),
    [
        ("Bo, please call.", "upper", "BO, PLEASE CALL."),
        ("Bo, please call.", "lower", "bo, please call."),
        ("I'll call Bo", "title", "I'll Call Bo"),
        ("Yes, I'll call; well: now!", "bare", "Yes I'll call well now"),
        ("I will call", "stutter", "I I will call"),
        ("Bo, call", "stutter", "Bo Bo, call"),
        ("I will call", "start:okay so", "okay so I will call"),
        ("I will call Bo", "middle:uh", "I will uh call Bo"),
        ("I will call", "end:by Friday", "I will call by Friday"),
        ("I will call.", "end:by Friday", "I will call by Friday."),
        ("did Bo call?", "end:today", "did Bo call today?"),
        ("I want to do it tomorrow", "hear:to=two", "I want two do it tomorrow"),
        ("I'll call", "hear:I=eye", "I'll call"),
        ("to and to", "hear:to=too", "too and too"),
    ],
)
def test_a_change_is_made_as_said(text: str, change: str, expected: str) -> None:
    assert is_change(change)
    assert reworded(text, change) == expected


@pytest.mark.parametrize(
    "change",
    ["", "louder", "upper:x", "start:", "end: ", "hear:to", "hear:=two", "hear:to=", "hear:a b=c", "names:Bo"],
)
def test_what_is_no_change_is_refused(change: str) -> None:
    assert not is_change(change)
    with pytest.raises(ValueError, match="no change"):
        reworded("I will call", change)


def test_names_are_changed_whole_and_for_every_other() -> None:
    assert renamed("Bo borrows Bo's boat", "Bo", ["Bo", "Mei"]) == ["Mei borrows Bo's boat"]
    assert renamed("Bo calls", "Bo", ["Bo", "Mei", "Ana"]) == ["Mei calls", "Ana calls"]


@given(TEXTS)
def test_letters_and_stops_aside_the_words_stay(text: str) -> None:
    bare = reworded(text, "bare")
    assert reworded(bare, "bare") == bare
    for change in ("upper", "lower", "title"):
        assert reworded(text, change).lower() == text.lower()
    assert not set(bare) & set(",.;:!?")


@given(TEXTS, st.sampled_from(["um", "you know", "by Friday"]), st.sampled_from(["start", "middle", "end"]))
def test_what_is_put_in_can_be_taken_out_again(text: str, words: str, where: str) -> None:
    longer = reworded(text, f"{where}:{words}")
    assert words in longer
    assert sorted(longer.replace(words, " ", 1).replace(".", " ").split()) == sorted(
        text.replace(".", " ").split()
    )


@given(TEXTS)
def test_a_word_that_is_not_there_is_not_heard_wrongly(text: str) -> None:
    assert reworded(text, "hear:elephant=telephone") == text
