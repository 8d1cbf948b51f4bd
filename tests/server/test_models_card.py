"""A model's card: what it says to programs, and what is asked for where it says too little."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.training import card as training
from server.models.card import Card, read_card
from server.models.errors import ModelError
from server.models.registered import shipped_dir
from server.models.registry import CARDS, Kind

GOOD = "---\nmodel: meetings\nlicence: MIT\ndata: our own meetings of\n  last year\n---\n# Ours\n"


def test_a_card_is_read() -> None:
    expected = Card(model="meetings", licence="MIT", data="our own meetings of last year")
    assert read_card(GOOD, Kind.MEETINGS, "meetings.md") == expected
    assert read_card(GOOD.replace("\n", "\r\n"), Kind.MEETINGS, "meetings.md") == expected


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_shipped_has_a_card(kind: Kind) -> None:
    text = (shipped_dir() / CARDS[kind]).read_text(encoding="utf-8")
    assert read_card(text, kind, CARDS[kind]).licence == "Apache-2.0"


def test_the_card_that_training_writes_is_one() -> None:
    card = read_card(training.write(240, 7, "| a table |"), Kind.UTTERANCES, "README.md")
    assert card.data.startswith("240 clauses")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a card says what it is; begin it with"),
        ("# Ours\n", "a card says what it is; begin it with"),
        ("---\nmodel: meetings\n", "the second --- is missing"),
        (GOOD.replace("licence: MIT\n", ""), "stand model, licence, data, and nothing else"),
        (GOOD.replace("licence", "license"), "stand model, licence, data, and nothing else"),
        (GOOD.replace("licence: MIT", "licence:"), "licence has to be a text"),
        (GOOD.replace("MIT", "3"), "licence has to be a text"),
        (GOOD.replace("MIT", "x" * 2001), "at most 2000 letters"),
        (GOOD.replace("MIT", "[MIT"), "are no YAML"),
        (GOOD.replace("model: meetings", "model: utterances"), "is the card of utterances"),
        (GOOD.replace("# Ours\n", "\n"), "tell people what the model is for"),
        ("---\n- a\n---\n# Ours\n", "stand model, licence, data"),
    ],
)
def test_a_card_that_says_too_little_is_named(text: str, words: str) -> None:
    with pytest.raises(ModelError, match=f"^meetings.md: .*{words}") as fault:
        read_card(text, Kind.MEETINGS, "meetings.md")
    assert fault.value.code == "model"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(ModelError):
        read_card(f"---\n{text}\n---\n", Kind.MEETINGS, "meetings.md")
