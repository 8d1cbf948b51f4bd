"""What is said later in a meeting of what its review found. No model: intents are written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from avatars.intent import Intent, IntentKind
from avatars.meeting_input import Line
from avatars.memory import Noted, key_of
from avatars.recognizer import PresentKind
from avatars.review import Item, clean
from avatars.review_later import said, with_changes, worth_understanding
from avatars.reviewing import Review, Spoken
from workflows.task import Quote

NAMES = {"ana": "Ana", "bo": "Bo", "lin": "Lin"}
FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)


def meeting(*said: str, tasks: tuple[Noted, ...] = (), every: float = 5.0) -> Spoken:
    """Ana says all of it, one line every so many seconds."""
    lines = tuple(
        Line(id=f"u{at}", speaker="ana", start=every * at, end=every * at + 3, text=text)
        for at, text in enumerate(said)
    )
    began = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
    return Spoken(lines=lines, began=began, names=NAMES, tasks=tasks, colleagues={"ada": "Ada"})


def found(spoken: Spoken, *places: int, owner: str | None = "bo") -> Review:
    items = tuple(
        Item(
            line=f"u{at}", text=clean(spoken.lines[at].text), words=spoken.lines[at].text, confidence=0.5,
            owner=owner, due=FRIDAY, due_phrase="by friday",
        )
        for at in places
    )  # fmt: skip
    return Review(actions=items, decisions=(), model="m", sha256="s", seconds=0.0)


def changed(
    spoken: Spoken, *places: int, meant: Mapping[int, Sequence[Intent]] | None = None, owner: str | None = "bo"
) -> tuple[Item, ...]:
    return with_changes(found(spoken, *places, owner=owner), spoken, meant or {}).actions


def work(what: str, owner: str | None = None, due: date | None = None, confidence: float = 0.9) -> Intent:
    return Intent(
        kind=IntentKind.ACTION_ITEM, confidence=confidence, text=what, span=(0, 5), what=what, owner=owner,
        owner_name=NAMES.get(owner or ""), due=due, due_phrase="by monday" if due else None,
    )  # fmt: skip


def test_another_day_and_another_owner_stay_with_the_words_that_say_so() -> None:
    [item] = changed(meeting("so bo designs the brochure", "Make that Monday.", "No, Lin does it."), 0)
    assert (item.text, item.words) == ("Bo designs the brochure", "so bo designs the brochure")
    assert (item.owner, item.owner_name, item.everybody) == ("lin", "Lin", False)
    assert (item.due, item.due_phrase) == (MONDAY, "monday")
    assert item.later == (
        Quote(utterance="u1", words="Make that Monday."),
        Quote(utterance="u2", words="No, Lin does it."),
    )


def test_what_is_dropped_after_all_is_not_proposed_however_much_later() -> None:
    spoken = meeting("so bo designs the brochure", "and lin books the hall", *["hm"] * 40,
                     "Let's drop the brochure after all.")  # fmt: skip
    [item] = changed(spoken, 0, 1)
    assert item.line == "u1"
    assert item.later == ()


def test_a_find_that_only_changes_another_is_none_itself() -> None:
    [item] = changed(meeting("so bo designs the brochure", "No, Lin does it."), 0, 1)
    assert (item.line, item.owner) == ("u0", "lin")


def test_a_find_that_says_another_again_is_none_itself_and_brings_what_is_new() -> None:
    spoken = meeting("somebody designs the new brochure", *["hm"] * 20, "lin designs the new brochure by monday")
    meant = {21: [work("Design the new brochure", "lin", MONDAY)]}
    [item] = changed(spoken, 0, 21, meant=meant, owner=None)
    assert (item.line, item.owner, item.owner_name, item.due) == ("u0", "lin", "Lin", MONDAY)
    assert [quote.utterance for quote in item.later] == ["u21"]
    same = {21: [work("Design the new brochure", "bo", FRIDAY)]}
    [item] = changed(spoken, 0, 21, meant={21: [replace(same[21][0], due_phrase="by friday")]})
    assert (item.line, item.later) == ("u0", ())


def test_what_the_models_are_not_sure_of_and_other_work_change_nothing() -> None:
    spoken = meeting("somebody designs the brochure", "lin designs the brochure by monday")
    for meant in ([work("Design the brochure", "lin", MONDAY, confidence=0.3)], [work("Order chairs", "lin")]):
        assert changed(spoken, 0, meant={1: meant}) == found(spoken, 0).actions


def test_what_is_said_of_a_task_that_was_noted_at_once_is_left_to_that_task() -> None:
    noted = Noted(
        key=key_of("u1", 0), text="Book the hall", owner_id="lin", owner_name="Lin", due=None, due_phrase=None,
        at=8.0, speaker="ana",
    )  # fmt: skip
    spoken = meeting("so bo designs the brochure", "lin books the hall", "Make that Monday.", tasks=(noted,))
    assert changed(spoken, 0, 2) == found(spoken, 0).actions


def test_before_anything_was_found_nothing_is_changed() -> None:
    spoken = meeting("Make that Monday.", "so bo designs the brochure")
    assert changed(spoken, 1) == found(spoken, 1).actions
    assert changed(spoken) == ()


def test_the_models_read_what_is_near_a_find_or_shares_words_with_it() -> None:
    spoken = meeting(
        "good morning", "so bo designs the new brochure", *["hm"] * 12, "who designs a brochure", "the weather"
    )
    assert worth_understanding(found(spoken, 1), spoken) == [*range(2, 11), 14]
    assert worth_understanding(found(spoken), spoken) == []


def test_a_line_is_told_as_somebody_who_was_there_heard_it() -> None:
    spoken = meeting(*(f"line {number}" for number in range(20)))
    utterance, context = said(spoken, 15)
    assert (utterance.id, utterance.speaker_name, utterance.seconds) == ("u15", "Ana", 3.0)
    assert context.now == utterance.started_at == datetime(2026, 11, 16, 9, 1, 15, tzinfo=UTC)
    assert (context.timezone, context.in_meeting) == ("UTC", True)
    assert [one.id for one in context.recent] == [f"u{at}" for at in range(3, 15)]
    assert [one.name for one in context.present if one.kind is PresentKind.AVATAR] == ["Ada"]
    assert [one.name for one in context.present if one.kind is PresentKind.HUMAN] == ["Ana", "Bo", "Lin"]
