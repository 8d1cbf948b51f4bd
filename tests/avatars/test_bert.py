"""The whole understanding on the shipped model: misheard, run-on talk in, intents out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from avatars.adapters.bert import BATCH, BertRecognizer, Encoder
from avatars.errors import ModelError
from avatars.intent import Intent, IntentKind
from avatars.recognizer import Context, Present, PresentKind
from media.transcriber import Word
from media.utterance import Utterance, UtteranceId

MODELS = Path(__file__).parents[2] / "assets" / "models" / "understanding"
EVERYBODY = (
    *(Present(id=name.lower(), name=name) for name in ("Bo", "Lin", "Ana", "Marek")),
    Present(id="ada", name="Ada", kind=PresentKind.AVATAR),
)
CONTEXT = Context(
    present=EVERYBODY,
    now=datetime(2026, 11, 18, 9, 0, tzinfo=UTC),
    timezone="Europe/Berlin",
    in_meeting=True,
)


@pytest.fixture(scope="module")
def recognizer() -> BertRecognizer:
    return BertRecognizer(MODELS, heard_as={"Ada": ("eda", "aida")})


def hear(recognizer: BertRecognizer, said: str, context: Context = CONTEXT) -> list[Intent]:
    words, at = [], 0.0
    for word in said.split():
        if word.startswith("<"):
            at += float(word[1:-1])
            continue
        words.append(Word(text=word, start=at, end=at + 0.3, confidence=0.8))
        at += 0.3
    utterance = Utterance(
        id=UtteranceId("u1"),
        speaker="ana",
        speaker_name="Ana",
        room="hq",
        zone="birch",
        text=" ".join(word.text for word in words),
        words=tuple(words),
        started_at=context.now,
        seconds=at,
        engine="pocketsphinx",
    )
    return recognizer.recognize(utterance, context)


def tasks(intents: list[Intent]) -> list[tuple[str | None, str | None, str]]:
    return [
        (intent.owner_name, intent.due.strftime("%m-%d") if intent.due else None, intent.what)
        for intent in intents
        if intent.kind is IntentKind.ACTION_ITEM
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("bo will send the budget to finance by friday", [("Bo", "11-20", "Send the budget to finance")]),
        ("bow well send the budget to finance buy friday", [("Bo", "11-20", "Send the budget to finance")]),
        (
            "the release went well bo will send the budget by friday lynn will check the contract",
            [("Bo", "11-20", "Send the budget"), ("Lin", None, "Check the contract")],
        ),
        (
            "i already sent the invoice <0.4> i will right the summary by the and of next week",
            [("Ana", "11-27", "Write the summary")],
        ),
        (
            "we decided to keep the logo and i'll inform the agency tomorrow",
            [("Ana", "11-19", "Inform the agency")],
        ),
        (
            "marek could you book the room for the customer visit",
            [("Marek", None, "Book the room for the customer visit")],
        ),
        ("marek is back on monday <0.4> he will prepare the demo", [("Marek", None, "Prepare the demo")]),
        ("eda note that lin orders the catering by monday", [("Lin", "11-23", "Order the catering")]),
        ("okay <0.6> i can take the onboarding guide", [("Ana", None, "Take the onboarding guide")]),
        (
            "Great! Bo, could you send me the figures by Friday, please? And Lin will print the badges tomorrow.",
            [("Bo", "11-20", "Send the figures"), ("Lin", "11-19", "Print the badges")],
        ),
        ("i sent the budget to finance on friday", []),
        ("the customer will decide next week", []),
        ("if the customer agrees <0.3> we will ship on monday", []),
        ("we should have sent it last week", []),
        ("i won't be able to join on thursday", []),
        ("it would be nice if somebody watered the plants", []),
        ("maybe we could ask the landlord", []),
        ("bo is writing the report at the moment", []),
        ("when is the deadline for the report", []),
        ("the coffee is really good by the way", []),
        ("good morning everybody", []),
        ("", []),
    ],
)
def test_talk_becomes_tasks(
    recognizer: BertRecognizer, said: str, expected: list[tuple[str | None, str | None, str]]
) -> None:
    assert tasks(hear(recognizer, said)) == expected


@pytest.mark.parametrize(
    ("said", "kind", "what"),
    [
        ("we decided to move the launch to december", IntentKind.DECISION, "Move the launch to December"),
        ("so let's go with the second offer", IntentKind.DECISION, "Go with the second offer"),
        ("who will update the website", IntentKind.QUESTION, "Who will update the website"),
        ("ada what are the open tasks", IntentKind.REQUEST, "What are the open tasks"),
    ],
)
def test_other_kinds_are_told_apart(recognizer: BertRecognizer, said: str, kind: IntentKind, what: str) -> None:
    (intent,) = hear(recognizer, said)
    assert (intent.kind, intent.what) == (kind, what)
    assert intent.addressed == said.startswith("ada")


def test_the_span_is_where_the_words_stand(recognizer: BertRecognizer) -> None:
    said = "the release went well bo will send the budget by friday"
    (intent,) = hear(recognizer, said)
    assert said[slice(*intent.span)] == intent.text == "bo will send the budget by friday"


def test_due_days_are_counted_where_the_office_is(recognizer: BertRecognizer) -> None:
    late = Context(
        present=EVERYBODY,
        now=datetime(2026, 11, 18, 23, 30, tzinfo=UTC),
        timezone="Asia/Tokyo",
        in_meeting=True,
    )
    (intent,) = hear(recognizer, "bo will send the budget tomorrow", late)
    assert intent.due is not None
    assert intent.due.isoformat() == "2026-11-20"


def test_an_unknown_time_zone_is_named(recognizer: BertRecognizer) -> None:
    nowhere = Context(present=EVERYBODY, now=CONTEXT.now, timezone="Mars/Olympus", in_meeting=True)
    with pytest.raises(ModelError, match="Mars/Olympus"):
        hear(recognizer, "bo will send it", nowhere)


def test_the_small_encoder_agrees_with_the_original_weights() -> None:
    with np.load(MODELS / "reference.npz") as reference:
        found = Encoder(MODELS).encode([str(sentence) for sentence in reference["sentences"]])
        assert float((found * reference["vectors"]).sum(axis=1).min()) >= 0.985


def test_vectors_do_not_depend_on_the_company() -> None:
    encoder = Encoder(MODELS)
    sentences = [f"{'and then ' * (number % 7)}bo sends number {number}" for number in range(BATCH + 3)]
    together = encoder.encode(sentences)
    alone = np.concatenate([encoder.encode([sentence]) for sentence in sentences])
    assert float((alone * together).sum(axis=1).min()) > 0.9999
    assert encoder.encode([]).shape == (0, 384)


def test_words_have_the_same_vectors_in_any_company() -> None:
    encoder = Encoder(MODELS)
    texts = ["send the budget", "yes", "could you ask the landlord whether the heating will be repaired", ""]
    words = [[(0, 4), (5, 8)], [(0, 3)], [(10, 13)], []]
    for text, places, found in zip(texts, words, encoder.encode_words(texts, words), strict=True):
        (alone,) = encoder.encode_words([text], [places])
        for ours, own in ((found[0][None], alone[0][None]), (found[1], alone[1])):
            assert ours.shape == own.shape
            assert float((ours * own).sum(axis=1).min(initial=1.0)) > 0.9999
        assert float(found[0] @ encoder.encode([text])[0]) > 0.9999
    assert encoder.encode_words([], []) == []


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"encoder\.onnx: is missing"):
        BertRecognizer(tmp_path)
