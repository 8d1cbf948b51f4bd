"""What a colleague remembers."""

from __future__ import annotations

from datetime import date

import pytest

from avatars.memory import Memory, Noted, alike, points_back


def noted(text: str, owner: str | None = "bo", key: str = "u1:0", at: float = 0.0) -> Noted:
    return Noted(
        key=key, text=text, owner_id=owner, owner_name=owner, due=None, due_phrase=None, at=at, speaker="ana"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Send the budget to finance", "Send the budget"),
        ("Send the budget to finance", "Send budgets to the finance"),
        ("Sends the budget", "Send the budget"),
        ("Call the supplier", "Call them"),
        ("Review the contract", "Review the contracts again"),
    ],
)
def test_the_same_work_in_other_words(one: str, other: str) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Send the budget to finance", "Send the budget to the board"),
        ("Check the contract", "Check the numbers"),
        ("Book the room for Monday", "Book the room for Tuesday"),
        ("Call the supplier", "Call the customer"),
        ("Call the supplier", "Send them"),
    ],
)
def test_other_work(one: str, other: str) -> None:
    assert not alike(one, other)


def test_somebody_elses_task_is_another_task() -> None:
    memory = Memory()
    memory.note(noted("Send the budget"))
    assert memory.same("Send the budget", "lin", "Lin") is None
    assert memory.same("Send the budget", "bo", "bo") is not None
    assert memory.same("Send the budget", None, None) is not None


def test_a_new_meeting_begins_with_an_empty_memory() -> None:
    memory = Memory()
    memory.enter("m1", 0.0)
    memory.note(noted("Send the budget"))
    memory.decide("Move the launch")
    memory.enter("m1", 1.0)
    assert memory.tasks
    memory.enter("m2", 2.0)
    assert not memory.tasks
    assert not memory.decisions


def test_an_utterance_is_new_once() -> None:
    memory = Memory()
    assert memory.first_time("u1", 0.0)
    assert not memory.first_time("u1", 1.0)


def test_values_are_filled_in_and_none_changes_nothing() -> None:
    memory = Memory()
    memory.note(noted("Send the budget", owner=None))
    changed = memory.change("u1:0", owner_id="lin", owner_name="Lin", due=None)
    assert changed is not None
    assert (changed.owner_name, changed.due) == ("Lin", None)
    changed = memory.change("u1:0", due=date(2026, 11, 27), owner_name=None)
    assert changed is not None
    assert (changed.owner_name, changed.due) == ("Lin", date(2026, 11, 27))
    assert memory.change("unknown", owner_name="Bo") is None


def test_the_last_task_fades() -> None:
    memory = Memory()
    memory.note(noted("Send the budget", at=10.0))
    assert memory.last(20.0, 45.0) is not None
    assert memory.last(60.0, 45.0) is None


@pytest.mark.parametrize("text", ["Do that", "Do it", "Take care of it", "Take that", "Handle this one"])
def test_words_that_point_back(text: str) -> None:
    assert points_back(text)


@pytest.mark.parametrize("text", ["Do the dishes", "Take the guide", "Send it to Bo"])
def test_words_that_stand_alone(text: str) -> None:
    assert not points_back(text)
