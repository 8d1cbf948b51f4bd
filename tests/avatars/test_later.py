"""What is said later of a task that was noted: another day, somebody else, or not at all. No model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from avatars.intent import Intent, IntentKind
from avatars.later import Change, apply, change_of, said_again
from avatars.meaning import AvatarSettings
from avatars.memory import Memory, Noted
from avatars.recognizer import Context, Present
from media.utterance import Utterance, UtteranceId

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FRIDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 23)
PEOPLE = tuple(Present(id=name.lower(), name=name) for name in ("Ana", "Bo", "Lin"))
BROCHURE = Noted(
    key="u1:0", text="Design the brochure", owner_id="bo", owner_name="Bo", due=FRIDAY, due_phrase="by friday",
    at=0.0, speaker="ana",
)  # fmt: skip
ROOM = replace(BROCHURE, key="u2:0", text="Book the big room", at=2.0)


def said(
    text: str, *tasks: Noted, after: float = 5.0, intents: tuple[Intent, ...] = (), before: Utterance | None = None
) -> Change | None:
    """What Ana's words make of the tasks noted before."""
    memory = Memory()
    for task in tasks or (BROCHURE,):
        memory.note(task)
    utterance = spoken("u9", text, after)
    recent = (before,) if before is not None else ()
    context = Context(present=PEOPLE, now=utterance.started_at, in_meeting=True, recent=recent)
    return change_of(utterance, intents, context, memory, after, AvatarSettings())


def spoken(id: str, text: str, after: float) -> Utterance:
    return Utterance(
        id=UtteranceId(id), speaker="ana", speaker_name="Ana", room="hq", zone="birch", text=text, words=(),
        started_at=START + timedelta(seconds=after), seconds=2.0, engine="known",
    )  # fmt: skip


def work(what: str, owner: str | None = None) -> Intent:
    return Intent(
        kind=IntentKind.ACTION_ITEM, confidence=0.9, text=what, span=(0, 5), what=what, owner=owner,
        owner_name=owner.capitalize() if owner else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "words", ["Make that Monday.", "no, make it monday", "Then rather Monday", "only by monday instead"]
)
def test_another_day_moves_the_task_noted_just_before(words: str) -> None:
    change = said(words)
    assert change is not None
    assert (change.key, change.due, change.owner_id, change.dropped) == ("u1:0", MONDAY, None, False)
    assert said(words, after=60.0) is None


@pytest.mark.parametrize(
    ("words", "owner"),
    [
        ("No, Lin does it.", "lin"),
        ("no lin does it", "lin"),
        ("Actually, I'll do it.", "ana"),
        ("Oh, sorry, Lin will take it", "lin"),
        ("Lin does that instead.", "lin"),
        ("Actually Lin should do it, not Bo.", "lin"),
    ],
)
def test_somebody_else_takes_the_task_noted_just_before(words: str, owner: str) -> None:
    change = said(words)
    assert change is not None
    assert (change.key, change.owner_id, change.owner_name) == ("u1:0", owner, owner.capitalize())
    assert said(words, after=60.0) is None


def test_what_the_models_understood_tells_who_takes_it_and_until_when() -> None:
    takes = replace(work("Take care of it instead", "lin"), due=MONDAY, due_phrase="by monday")
    change = said("Actually, Lin is going to take care of it instead", intents=(takes,))
    assert change == Change(key="u1:0", owner_id="lin", owner_name="Lin", due=MONDAY, due_phrase="by monday")


@pytest.mark.parametrize(
    "words",
    [
        "Lin does it",  # that corrects nobody
        "No, Bo does it",  # who has it has it
        "No, I do not do it",
        "No problem, I'll do it",
        "No, Lin does it?",
        "No, somebody else should",
        "Actually the brochure is nearly done",
        "No, Lin does",
    ],
)
def test_what_names_nobody_else_passes_nothing_on(words: str) -> None:
    assert said(words) is None


def test_who_answers_a_question_passes_nothing_on_unless_it_was_the_task() -> None:
    assert said("No, Lin does it.", before=spoken("u3", "Do you fetch the cake?", 3.0)) is None
    assert said("No, Lin does it.", before=spoken("u1", "Bo, can you design the brochure?", 0.0)) is not None


def test_what_nobody_had_is_not_passed_on() -> None:
    assert said("No, Lin does it", replace(BROCHURE, owner_id=None, owner_name=None)) is None


@pytest.mark.parametrize(
    "words",
    [
        "Let's drop the brochure after all.",
        "okay so let's drop the brochure after all",
        "Forget the brochure.",
        "No, forget about the brochure",
        "We don't need the brochure any more.",
        "We no longer need the brochure after all",
        "Never mind the brochure then",
        "I think we skip the brochure.",
        "You are right. Let's scrap the brochure!",
    ],
)
def test_what_is_dropped_is_found_by_its_name_also_later(words: str) -> None:
    assert said(words, BROCHURE, ROOM, after=600.0) == Change(key="u1:0", dropped=True)


def test_that_is_what_was_noted_just_before() -> None:
    assert said("Let's scrap that.", BROCHURE, ROOM) == Change(key="u2:0", dropped=True)
    assert said("Let's scrap that.", BROCHURE, ROOM, after=600.0) is None


@pytest.mark.parametrize(
    "words",
    [
        "Don't forget the brochure.",
        "Let's not drop the brochure",
        "Shall we drop the brochure",
        "Let's drop the brochure?",
        "Maybe we drop the brochure",
        "Could we drop the brochure",
        "We could drop the brochure",
        "Drop the brochure off at the printer",
        "Let's drop the brochure at the office",
        "We don't need the brochure before Monday",
        "Let's drop the subject",
        "I forget the brochure all the time",
        "Let's drop the brochure and book a hall",
        "He dropped the brochure",
        "Let's skip the",
    ],
)
def test_what_does_not_drop_a_task_leaves_it(words: str) -> None:
    assert said(words) is None


def test_what_may_be_either_of_two_drops_none() -> None:
    assert said("Let's drop the brochure", BROCHURE, replace(ROOM, text="Print the brochure")) is None


def test_new_work_is_no_change() -> None:
    assert said("No, Lin does it by Monday", intents=(work("Order the chairs", "lin"),)) is None


def test_said_again_with_nothing_new_changes_nothing() -> None:
    again = replace(work("Design the brochure", "bo"), due=FRIDAY, due_phrase="by friday")
    assert said_again(BROCHURE, again) is None
    open_task = replace(BROCHURE, text="Take care of the brochure", owner_id=None, owner_name=None)
    assert said_again(open_task, again) == Change(
        key="u1:0", text="Design the brochure", owner_id="bo", owner_name="Bo"
    )


def test_a_change_is_taken_over_once() -> None:
    memory = Memory()
    memory.note(BROCHURE)
    assert apply(Change(key="u1:0", due=MONDAY), memory) == replace(BROCHURE, due=MONDAY)
    assert apply(Change(key="u1:0", dropped=True), memory) == replace(BROCHURE, due=MONDAY)
    assert memory.tasks == ()
    assert apply(Change(key="u1:0", dropped=True), memory) is None
    assert apply(Change(key="u1:0", due=MONDAY), memory) is None
