"""Answers of a mind are read in one form, whatever was answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.cited import LONGEST, LONGEST_TITLE, MOST_CITED, Cited, read_answer

SENT = range(1, 21)


@pytest.mark.parametrize(
    ("answer", "read", "dropped"),
    [
        ("Bo sends it. [2]", [("Bo sends it.", (2,))], 0),
        ("- bo sends it [3][2]", [("Bo sends it.", (2, 3))], 0),
        ("* Bo sends it [2, 3; 5 and 7].", [("Bo sends it.", (2, 3, 5, 7))], 0),
        ("1. Bo sends it [4-6]", [("Bo sends it.", (4, 5, 6))], 0),
        ("2) Bo sends it [lines 4 – 6]!", [("Bo sends it.", (4, 5, 6))], 0),  # noqa: RUF001
        ("[2] Bo sends it.", [("Bo sends it.", (2,))], 0),
        ("**Bo** sends `it` [2]", [("Bo sends it.", (2,))], 0),
        ("Bo sends it [1], Ada prints it [2].", [("Bo sends it, Ada prints it.", (1, 2))], 0),
        ("Bo — sends it [1]", [("Bo — sends it.", (1,))], 0),
        ("Bo sends it [1]. Ada prints it. [2] Lin waits", [("Bo sends it.", (1,)), ("Ada prints it.", (2,))], 1),
        ("Dr. Quitte and Mr. B. Brown met [3].", [("Dr. Quitte and Mr. B. Brown met.", (3,))], 0),
        ("What now? [1] Wait! [2]", [("What now?", (1,)), ("Wait!", (2,))], 0),
        ("“Yes.” [1] No [2]", [("“Yes.”", (1,)), ("No.", (2,))], 0),
        ("Twice [1]\nTwice [1]", [("Twice.", (1,))], 0),
        ("Summary:\n```\nBo sends it [1]\n```\n---", [("Bo sends it.", (1,))], 0),
        ("<think>Perhaps [1].\nOr [2]</think>Bo sends it [1]", [("Bo sends it.", (1,))], 0),
        ("Bo\x00sends\u202e it [1]", [("Bo sends it.", (1,))], 0),
        ("Nobody says where", [], 1),
        ("Line zero [0]. Out of range [21]. One of two [3][21].", [], 3),
        ("Turned around [6-4]. Far too wide [1-20]. Huge [999999].", [], 3),
        ("Not lines [a] [] [1", [], 1),
        (f"Too much [{']['.join(str(number) for number in range(1, MOST_CITED + 2))}]", [], 1),
        ("x" * (LONGEST + 1) + " [1]", [], 1),
        ("[1][2]", [], 0),
        ("[lines 1]", [], 0),
        ("", [], 0),
    ],
)
def test_each_sentence_has_the_lines_that_it_names(
    answer: str, read: list[tuple[str, tuple[int, ...]]], dropped: int
) -> None:
    found = read_answer(answer, SENT)
    assert [(one.text, one.lines) for one in found.sentences] == read
    assert found.dropped == dropped
    assert found.title is None


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ("Title: budget and supplier offers [3][1]", Cited(text="Budget and supplier offers", lines=(1, 3))),
        ('**Title:** "Budget." [1]', Cited(text="Budget", lines=(1,))),
        ("title: Budget [1]\nTitle: Launch [2]", Cited(text="Budget", lines=(1,))),
        ("Title: Budget", None),
        ("Title: Budget [21]", None),
        ("Title: [1]", None),
        ("Title:", None),
        (f"Title: {'x' * (LONGEST_TITLE + 1)} [1]", None),
    ],
)
def test_a_title_is_short_and_names_its_lines_too(answer: str, title: Cited | None) -> None:
    found = read_answer(answer, SENT)
    assert found.title == title
    assert (found.sentences, found.dropped) == ((), 0)


PIECES = st.sampled_from(
    [
        "Bo",
        "sends",
        "it.",
        "[1]",
        "[2-4]",
        "[9, 30]",
        "[",
        "]",
        "Title:",
        "\n",
        "- ",
        "<think>",
        "Dr.",
        "?",
        "…",
        "”",
    ]
)


@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map(" ".join)), st.sets(st.integers(1, 30)))
def test_whatever_is_answered_only_lines_that_were_sent_are_named(answer: str, sent: set[int]) -> None:
    found = read_answer(answer, sent)
    for one in (*found.sentences, *([found.title] if found.title else [])):
        assert 0 < len(one.lines) <= MOST_CITED
        assert set(one.lines) <= sent
        assert list(one.lines) == sorted(set(one.lines))
        assert one.text.isprintable()
        assert any(letter.isalnum() for letter in one.text)
        assert len(one.text) <= LONGEST + 1
    assert found.dropped >= 0
