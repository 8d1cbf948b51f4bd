"""Where an utterance is cut, by table; <0.4> is a pause of that many seconds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.clauses import split
from avatars.recognizer import Present, PresentKind
from avatars.words import tokenise
from media.transcriber import Word

EVERYBODY = (
    *(Present(id=name.lower(), name=name) for name in ("Bo", "Lin", "Ana")),
    Present(id="ada", name="Ada", kind=PresentKind.AVATAR),
)

WORDS = (
    "bo", "lin", "will", "and", "the", "budget", "send", "if", "we", "i", "that", "by", "friday",
    "<0.3>", "<1.2>", "please", "can", "you",
)  # fmt: skip


def timed(text: str) -> tuple[Word, ...]:
    words, at = [], 0.0
    for word in text.split():
        if word.startswith("<"):
            at += float(word[1:-1])
            continue
        words.append(Word(text=word, start=at, end=at + 0.3, confidence=1.0))
        at += 0.3
    return tuple(words)


@pytest.mark.parametrize(
    ("said", "clauses"),
    [
        (
            "the release went well bo will send the budget to finance by friday lin will check the contract",
            [
                "the release went well",
                "bo will send the budget to finance by friday",
                "lin will check the contract",
            ],
        ),
        (
            "the release went well <0.4> bo will send <0.3> the budget to finance <0.35> by friday",
            ["the release went well", "bo will send the budget to finance by friday"],
        ),
        (
            "i sent the report yesterday and lin will book the room",
            ["i sent the report yesterday", "and lin will book the room"],
        ),
        ("bo will send the budget and book the room", ["bo will send the budget and book the room"]),
        ("i think bo will send it", ["i think bo will send it"]),
        (
            "if the customer agrees <0.3> we will ship on monday",
            ["if the customer agrees we will ship on monday"],
        ),
        (
            "so we decided to move the launch to december and ana will tell the customer",
            ["so we decided to move the launch to december", "and ana will tell the customer"],
        ),
        (
            "can you check the contract lin <0.4> yes i can do that by tomorrow",
            ["can you check the contract lin", "yes i can do that by tomorrow"],
        ),
        ("okay <0.5> i'll book the room", ["okay i'll book the room"]),
        ("the slides we will show on monday are ready", ["the slides we will show on monday are ready"]),
        (
            "hello everyone the numbers look good i will share them tomorrow could you review them lin",
            [
                "hello everyone the numbers look good",
                "i will share them tomorrow",
                "could you review them lin",
            ],
        ),
        (
            "Bo will send the budget by Friday, and Lin will check the contract.",
            ["Bo will send the budget by Friday", "and Lin will check the contract"],
        ),
        ("Lin, could you send me the notes?", ["Lin could you send me the notes"]),
        (
            "Eva could you send it by Friday, please? And Bo will print it.",
            ["Eva could you send it by Friday please", "And Bo will print it"],
        ),
        (
            "we talked <0.3> they are happy <0.3> ana will write the summary <0.4> tomorrow",
            ["we talked", "they are happy", "ana will write the summary tomorrow"],
        ),
        (
            "ada note that ana calls the supplier by monday",
            ["ada note that ana calls the supplier by monday"],
        ),
        ("bo will ask lin to check the numbers", ["bo will ask lin to check the numbers"]),
        ("ana and bo will prepare the workshop", ["ana and bo will prepare the workshop"]),
        ("when i am back i will call the supplier", ["when i am back i will call the supplier"]),
        (
            "great thanks <0.3> lin <0.3> please update the roadmap by the end of the month",
            ["great thanks lin please update the roadmap by the end of the month"],
        ),
        (
            "the customer will decide next week petra will call them",
            ["the customer will decide next week", "petra will call them"],
        ),
        (
            "we need to be faster bo will measure the build times",
            ["we need to be faster", "bo will measure the build times"],
        ),
        (
            "could you <0.3> send the invoice <0.3> by the fifteenth",
            ["could you send the invoice by the fifteenth"],
        ),
        ("i can do that i'll order it tomorrow", ["i can do that", "i'll order it tomorrow"]),
        ("not yet i will order them today", ["not yet", "i will order them today"]),
        (
            "let me print the invitations and please remember to book the bus",
            ["let me print the invitations", "and please remember to book the bus"],
        ),
        (
            "i will update the plan by monday <0.3> thank you everyone",
            ["i will update the plan by monday", "thank you everyone"],
        ),
        ("the music was too loud who can order the food", ["the music was too loud", "who can order the food"]),
        (
            "that is a relief lin i'd like you to order the desks",
            ["that is a relief", "lin i'd like you to order the desks"],
        ),
        ("do you know who can order the food", ["do you know who can order the food"]),
        ("bo <0.3> and lin <0.3> will <0.3> prepare the demo", ["bo and lin will prepare the demo"]),
    ],
)
def test_an_utterance_is_cut_where_a_new_clause_begins(said: str, clauses: list[str]) -> None:
    words = timed(said)
    text = " ".join(word.text for word in words)
    found = split(tokenise(text, words), EVERYBODY)
    assert [" ".join(token.text for token in clause if token.text) for clause in found] == clauses


@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=20,
    )
)
def test_no_word_is_lost_and_none_is_doubled(said: list[str]) -> None:
    words = timed(" ".join(said))
    tokens = tokenise(" ".join(word.text for word in words), words)
    assert tuple(token for clause in split(tokens, EVERYBODY) for token in clause) == tokens
