"""What a colleague says, word for word."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from avatars import phrasing
from avatars.phrasing import not_kept
from avatars.verbs import gerund, third_person
from workflows.errors import Conflict, NotAllowed, NotFound, StoreError, TaskError, WorkflowError
from workflows.task import Task, TaskId, TaskState

FRIDAY = date(2026, 11, 20)
MOMENT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "spoken"),
    [
        (date(2026, 11, 20), "today"),
        (date(2026, 11, 21), "tomorrow"),
        (date(2026, 11, 27), "Friday, the 27th"),
        (date(2026, 11, 22), "Sunday, the 22nd"),
        (date(2026, 12, 3), "Thursday, the 3rd of December"),
        (date(2027, 1, 11), "Monday, the 11th of January"),
        (date(2027, 12, 31), "Friday, the 31st of December 2027"),
    ],
)
def test_dates_are_said_as_people_say_them(day: date, spoken: str) -> None:
    assert phrasing.spoken_date(day, FRIDAY) == spoken


@pytest.mark.parametrize(
    ("base", "third"),
    [("send", "sends"), ("go", "goes"), ("reply", "replies"), ("buy", "buys"), ("fix", "fixes"), ("have", "has")],
)
def test_third_person(base: str, third: str) -> None:
    assert third_person(base) == third


@pytest.mark.parametrize(
    ("base", "form"),
    [("send", "sending"), ("write", "writing"), ("plan", "planning"), ("see", "seeing"), ("tie", "tying")],
)
def test_gerund(base: str, form: str) -> None:
    assert gerund(base) == form


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("Send the budget to finance", "sends the budget to finance"),
        ("Book the room and send the invitations", "books the room and sends the invitations"),
        ("Take care of the catering", "takes care of the catering"),
        ("Wireframe the page", "wireframe the page"),
    ],
)
def test_a_task_becomes_what_somebody_does(task: str, said: str) -> None:
    assert phrasing.does(task) == said


def test_two_owners_do_it_in_the_plural() -> None:
    said = phrasing.statement("Send the budget", "Bo and Lin", None, None, FRIDAY)
    assert said == "Bo and Lin send the budget"


def test_one_task_is_confirmed_in_one_sentence() -> None:
    said = phrasing.statement("Send the budget to finance", "Bo", date(2026, 11, 27), "by friday", FRIDAY)
    assert phrasing.confirm([said], []) == "Noted. Bo sends the budget to finance by Friday, the 27th."


def test_several_tasks_are_confirmed_together() -> None:
    said = phrasing.confirm(["Bo sends the budget", "Lin books the room", "Ana calls"], [])
    assert said == "Noted. Bo sends the budget, Lin books the room, and Ana calls."


def test_an_open_owner_is_asked_for() -> None:
    said = phrasing.statement("Send the budget", None, date(2026, 11, 27), "by friday", FRIDAY)
    assert phrasing.confirm([], [said]) == "Noted: send the budget by Friday, the 27th. Who takes it?"


def test_words_that_have_no_date_are_repeated() -> None:
    assert phrasing.deadline(None, "before the board meeting", FRIDAY) == "before the board meeting"


def test_open_tasks_are_read_out_and_the_rest_counted() -> None:
    assert phrasing.open_tasks([]) == "There are no open tasks."
    assert phrasing.open_tasks(["Bo sends the budget"]) == "There is one open task. Bo sends the budget."
    assert phrasing.open_tasks(["Bo sends it"] * 7).endswith("And 2 more on the board.")


def standing(state: TaskState) -> Task:
    return Task(
        id=TaskId("t"), text="Send the budget", owner_id="bo", owner_name="Bo", due=None, due_phrase=None,
        state=state, source_words="", source_utterance=None, confidence=1.0, meeting_id=None, created_by="ada",
        created_at=MOMENT, updated_at=MOMENT, version=2,
    )  # fmt: skip


@pytest.mark.parametrize("state", list(TaskState))
def test_what_was_not_changed_is_said_with_how_it_stands(state: TaskState) -> None:
    refused = NotAllowed("t", state.value, "done", ("reopen",))
    said = not_kept(standing(state), refused, MOMENT.date())
    assert said.startswith("I left it as it is: Bo sends the budget, and that ")
    assert said.count(".") == 1


@pytest.mark.parametrize(
    ("error", "known", "said"),
    [
        (Conflict("t", 1, 2), True, "Somebody was faster: Bo sends the budget, and that is done."),
        (NotFound("t"), False, "I cannot find that task any more."),
        (TaskError("owner_name", "at most 80 characters"), True, "I cannot do that: at most 80 characters."),
        (StoreError("full"), False, "I could not write that down just now; please say it again in a moment."),
    ],
)
def test_why_nothing_was_changed_is_said_in_one_sentence(error: WorkflowError, known: bool, said: str) -> None:
    assert not_kept(standing(TaskState.DONE) if known else None, error, MOMENT.date()) == said
