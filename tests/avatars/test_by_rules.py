"""What grammar alone tells, while the models cannot be asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avatars.by_rules import CONFIDENCE, RuleRecognizer
from avatars.intent import IntentKind
from avatars.recognizer import Context, Present, PresentKind
from media.utterance import Utterance, UtteranceId

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
CONTEXT = Context(
    present=(
        Present(id="bo", name="Bo"),
        Present(id="ana", name="Ana"),
        Present(id="lin", name="Lin"),
        Present(id="ada", name="Ada", kind=PresentKind.AVATAR),
    ),
    now=NOW,
    in_meeting=True,
)
RULES = RuleRecognizer({"Ada": ("eda",)})


def heard(text: str) -> list[tuple[str, str, str | None, str]]:
    utterance = Utterance(
        id=UtteranceId("u"), speaker="ana", speaker_name="Ana", room="hq", zone="open", text=text, words=(),
        started_at=NOW, seconds=2.0, engine="known",
    )  # fmt: skip
    found = RULES.recognize(utterance, CONTEXT)
    assert all(intent.confidence == CONFIDENCE for intent in found)
    assert all(text[slice(*intent.span)] == intent.text for intent in found)
    return [(intent.kind.value, intent.what, intent.owner_name, str(intent.due or "")) for intent in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I will send the budget by Friday.", [("action_item", "Send the budget", "Ana", "2026-11-20")]),
        ("Bo, could you call the printer tomorrow?", [("action_item", "Call the printer", "Bo", "2026-11-19")]),
        (
            "I will send the budget by Friday, no, Thursday.",
            [("action_item", "Send the budget", "Ana", "2026-11-19")],
        ),
        ("Lin, send it not on Friday but on Monday.", [("action_item", "Send it", "Lin", "2026-11-23")]),
        ("we have decided to keep the old logo", [("decision", "We have decided to keep the old logo", None, "")]),
        ("who has the key?", [("question", "Who has the key", None, "")]),
        ("I sent the budget on Friday.", []),
        ("I would send it if I could.", []),
        ("I will not send the budget.", []),
        ("The weather is lovely.", []),
        ("Thank you very much, and have a good day.", []),
        ("", []),
    ],
)
def test_what_is_said_clearly_is_told(text: str, found: list[tuple[str, str, str | None, str]]) -> None:
    assert heard(text) == found


@pytest.mark.parametrize("name", ["Ada", "Eda"])
def test_a_colleague_who_is_called_knows_it(name: str) -> None:
    [(kind, *_)] = heard(f"{name}, what are the open tasks?")
    assert kind == IntentKind.REQUEST


@settings(max_examples=60)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_no_text_breaks_the_rules(text: str) -> None:
    heard(text)
