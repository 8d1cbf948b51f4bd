"""What grammar rules out."""

from __future__ import annotations

from datetime import datetime

import pytest

from avatars.grammar import read
from avatars.recognizer import Present, PresentKind
from avatars.veto import may_be_decision, may_be_task
from avatars.words import tokenise

NOW = datetime(2026, 11, 18, 10, 0)
EVERYBODY = (
    *(Present(id=name.lower(), name=name) for name in ("Bo", "Lin", "Ana")),
    Present(id="ada", name="Ada", kind=PresentKind.AVATAR),
)


@pytest.mark.parametrize(
    "text",
    [
        "i sent the budget yesterday",
        "bo has sent the budget",
        "i will not send the budget",
        "if it rains bo will send the budget",
        "the budget is great",
        "we have three things on the list today",
        "would you like some tea",
        "i am responsible for the budget",
        "i would like to go home",
        "it would be nice if bo sent the budget",
        "let's send the budget",
    ],
)
def test_grammar_rules_out_what_is_no_work(text: str) -> None:
    assert not may_be_task(read(tokenise(text), EVERYBODY, NOW))


@pytest.mark.parametrize(
    "text", ["bo will send the budget", "i can do that", "could you check it lin", "lin please call them"]
)
def test_grammar_allows_what_is_work(text: str) -> None:
    assert may_be_task(read(tokenise(text), EVERYBODY, NOW))


@pytest.mark.parametrize(
    "text",
    [
        "the customer will call us when they are ready",
        "they will deliver the chairs",
        "someone should look at the costs",
        "we need to prepare her desk",
        "bo should send it",
        "i could do that",
        "can you go back one slide",
        "i will show you the numbers",
        "change the colour",
        "the lift will be repaired by the landlord",
        "can i send it",
        "i have to run my train leaves in ten minutes",
    ],
)
def test_nobody_promised_it(text: str) -> None:
    assert not may_be_task(read(tokenise(text), EVERYBODY, NOW))


@pytest.mark.parametrize(
    "text",
    [
        "we need to prepare her desk by friday",
        "bo should send it by friday",
        "i will show the numbers to the board on monday",
        "i will tell the customer about the change",
        "please change the colour",
        "don't forget to change the colour",
        "the photos need to be selected by tomorrow",
        "the lift will be repaired by bo",
        "deploy and lin please update the page",
    ],
)
def test_somebody_took_it_on(text: str) -> None:
    assert may_be_task(read(tokenise(text), EVERYBODY, NOW))


@pytest.mark.parametrize(
    "text",
    [
        "we decided to move the launch",
        "let's go with the second offer",
        "let's keep the old name",
        "so we cancel the call",
        "we will stick with the plan",
        "the party is cancelled",
        "the launch moves to december",
        "agreed we postpone it",
        "we settled on monday",
    ],
)
def test_something_may_be_settled(text: str) -> None:
    assert may_be_decision(read(tokenise(text), EVERYBODY, NOW))


@pytest.mark.parametrize(
    "text",
    [
        "let's see",
        "let's go on",
        "let's take a break",
        "let's talk about the launch",
        "i will keep the old one",
        "the coffee is good",
        "we use it every day",
        "stick it on the screen",
        "if we cancel the call",
    ],
)
def test_nothing_is_settled(text: str) -> None:
    assert not may_be_decision(read(tokenise(text), EVERYBODY, NOW))
