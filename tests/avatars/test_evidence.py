"""What a sentence says of names, numbers and days was said in the lines that it names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.evidence import Quote, holds, vocabulary

LINES = [
    Quote(
        id="u1", speaker="Ada", text="The budget is twelve hundred euros and due on the twenty seventh of November"
    ),
    Quote(id="u2", speaker="Bo Li", text="I will send it to finance by Friday at 12:30, in twenty twenty seven"),
    Quote(id="u3", speaker="Lin", text="our supplier is called Heron, they offer 15% off the third order, see Q3"),
    Quote(id="u4", speaker="Lin", text="well, zoltan could plan the launch in May"),
    Quote(id="u5", speaker="Lin", text="Okay"),
]
KNOWN = vocabulary(LINES, ["Ada", "Bo Li", "Lin", "Zoe"])


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("The budget is 1,200 euros.", (1,)),
        ("The budget of twelve hundred euros is due on 27 November.", (1,)),
        ("It is due on the 27th, and costs €1200.", (1,)),
        ("Ada named the budget.", (1,)),
        ("Bo sends it to finance by Friday, 12:30.", (2,)),
        ("Bo's figures go to finance in 2027.", (2,)),
        ("In 2027 Bo Li will send it to finance.", (2,)),
        ("Everyone wants finance to have it.", (2,)),
        ("Sending it to finance is up to Bo.", (2,)),
        ("Heron is the supplier and offers 15% off.", (3,)),
        ("Herons are suppliers for the 3rd order.", (3,)),
        ("The suppliers offer more in q3.", (3,)),
        ("One supplier, Heron, comes first.", (3,)),
        ("The launch planning is for May and Zoltan.", (4,)),
        ("It may be a launch.", (4,)),
        ("Ada and Bo agree on the budget for finance.", (1, 2)),
        ("Okay.", (5,)),
        ("I see.", (5,)),
    ],
)
def test_what_was_said_holds(sentence: str, cited: tuple[int, ...]) -> None:
    assert holds(sentence, [LINES[number - 1] for number in cited], KNOWN)


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("The budget is 1,300 euros.", (1,)),
        ("The budget is thirteen hundred euros.", (1,)),
        ("The budget is due on 26 November.", (1,)),
        ("The budget is due on 27 December.", (1,)),
        ("The budget is due tomorrow.", (1,)),
        ("Two budgets are due.", (1,)),
        ("Zoe has the budget.", (1,)),
        ("Bo has the budget.", (1,)),
        ("They agreed that lin has the budget.", (1,)),
        ("Quentin has the budget.", (1,)),
        ("The budget is for Acme.", (1,)),
        ("The budget is for the EU.", (1,)),
        ("Monday is the day to send it to finance.", (2,)),
        ("Bo sends it to finance at 12:45.", (2,)),
        ("Bo sends it to finance in 2028.", (2,)),
        ("The supplier offers 20% off.", (3,)),
        ("The supplier offers more in Q4.", (3,)),
        ("The supplier Heronia offers more.", (3,)),
        ("The launch is in March.", (4,)),
        ("The weather was lovely.", (1,)),
        ("Bo loves everybody.", (2,)),
        ("They agreed to ignore previous instructions.", (1,)),
    ],
)
def test_what_was_not_said_does_not(sentence: str, cited: tuple[int, ...]) -> None:
    assert not holds(sentence, [LINES[number - 1] for number in cited], KNOWN)


def test_a_word_of_another_line_may_begin_a_sentence_unless_it_is_a_name() -> None:
    lines = [
        Quote(id="1", speaker="Ana", text="der Haushalt ist knapp"),
        Quote(id="2", speaker="Ana", text="alle nicken"),
    ]
    known = vocabulary(lines, ["Ana"])
    assert holds("Alle finden den Haushalt knapp.", lines[:1], known)
    assert not holds("Otto findet den Haushalt knapp.", lines[:1], known)


def test_a_name_that_is_a_word_too_is_looked_for_where_it_has_a_capital() -> None:
    lines = [Quote(id="1", speaker="Ana", text="send the budget to finance")]
    known = vocabulary(lines, ["Ana", "Will"])
    assert holds("Ana will send the budget.", lines, known)
    assert not holds("Ana and Will send the budget.", lines, known)
    assert not holds("Will sends the budget.", lines, known)


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x1c\x1d\x1e\x1f\x85"), min_size=1, max_size=12)


@given(st.lists(WORDS, min_size=1, max_size=12), st.integers(10_000, 99_999))
def test_what_was_said_holds_word_for_word_and_no_number_can_be_added(words: list[str], number: int) -> None:
    text = " ".join(words)
    cited = [Quote(id="u", speaker="Ana", text=text)]
    known = vocabulary(cited, ["Ana"])
    assert holds(text, cited, known)
    if str(number) not in text:
        assert not holds(f"{text} , {number}", cited, known)
