"""The life of a task, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from workflows.effects import Announce, ClearDeadline, SetDeadline
from workflows.errors import TaskError
from workflows.library.action_item import ACTION_ITEM
from workflows.machine import Step, begin, step
from workflows.run import Data, Event, Outcome, Run
from workflows.task import TaskDraft, TaskState, Verdict, draft_data, task_of

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=BERLIN)
FRIDAY = date(2026, 11, 27)


def new(due: date | None = FRIDAY, *, owner: str = "bo", proposed: bool = False) -> Run:
    draft = TaskDraft(
        text="Send the budget", owner_id=owner, owner_name="Bo", due=due, created_by="ada", proposed=proposed
    )
    return begin(ACTION_ITEM, run_id="r", key="k", data=draft_data(draft), actor="ada", now=NOW).run


def send(run: Run, event: str, now: datetime = NOW, data: Data | None = None) -> Step:
    return step(ACTION_ITEM, run, Event(name=event, actor="bo", data=data or {}), now)


def after(run: Run, *events: str) -> Run:
    for event in events:
        taken = send(run, event)
        assert not taken.refused, event
        run = taken.run
    return run


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), TaskState.OPEN),
        (("accept",), TaskState.ACCEPTED),
        (("accept", "done"), TaskState.DONE),
        (("done", "reopen"), TaskState.OPEN),
        (("decline",), TaskState.DECLINED),
        (("accept", "decline", "reopen", "accept"), TaskState.ACCEPTED),
        (("accept", "reopen"), TaskState.OPEN),
    ],
)
def test_the_ways_of_a_task(events: tuple[str, ...], state: TaskState) -> None:
    run = after(new(), *events)
    assert task_of(run).state is state
    assert run.version == len(events) + 1


@pytest.mark.parametrize(
    ("events", "owner", "state"),
    [
        ((), "lin", TaskState.PROPOSED),
        (("accept",), "lin", TaskState.OPEN),
        (("accept", "accept"), "lin", TaskState.ACCEPTED),
        (("accept",), "bo", TaskState.ACCEPTED),
        (("reject",), "bo", TaskState.REJECTED),
        (("done", "reopen"), "bo", TaskState.OPEN),
        (("reject", "reopen"), "bo", TaskState.PROPOSED),
        (("reject", "reopen", "accept", "reopen"), "bo", TaskState.OPEN),
    ],
)
def test_a_proposal_counts_when_a_person_has_accepted_it(
    events: tuple[str, ...], owner: str, state: TaskState
) -> None:
    assert task_of(after(new(owner=owner, proposed=True), *events)).state is state


def heard(*events: str, edit: Data | None = None, actor: str = "bo") -> Run:
    draft = TaskDraft(
        text="Send the budget", owner_id="lin", due=FRIDAY, source_words="Lin sends it", created_by="ada",
        proposed=True,
    )  # fmt: skip
    run = begin(ACTION_ITEM, run_id="r", key="k", data=draft_data(draft), actor="ada", now=NOW).run
    if edit:
        run = step(ACTION_ITEM, run, Event(name="edit", actor=actor, data=edit), NOW).run
    return after(run, *events)


@pytest.mark.parametrize(
    ("run", "verdict"),
    [
        (heard(), Verdict.WAITING),
        (heard("accept"), Verdict.KEPT),
        (heard("accept", "done"), Verdict.KEPT),
        (heard("reject"), Verdict.REJECTED),
        (heard("accept", edit={"text": "Send the plan"}), Verdict.CHANGED),
        (heard(edit={"due": "2026-11-30"}), Verdict.CHANGED),
        (heard("accept", edit={"owner_id": "bo", "owner_name": "Bo"}, actor="ada"), Verdict.KEPT),
        (heard(edit={"text": "Send the plan"}, actor="ada"), Verdict.WAITING),
        (new(), None),
    ],
)
def test_what_people_made_of_a_task_that_was_heard(run: Run, verdict: Verdict | None) -> None:
    assert task_of(run).verdict is verdict


@pytest.mark.parametrize("events", [(), ("reject",)])
def test_a_proposal_is_edited_where_it_stands_and_is_never_overdue(events: tuple[str, ...]) -> None:
    run = after(new(proposed=True), *events)
    changed = send(run, "edit", data={"text": "Send the plan", "owner_id": "lin", "owner_name": "Lin"}).run
    assert (task_of(changed).text, changed.state) == ("Send the plan", run.state)
    assert send(changed, "deadline", NOW + timedelta(days=30)).refused


def test_a_proposal_of_a_day_that_is_over_is_overdue_as_soon_as_it_counts() -> None:
    late = NOW + timedelta(days=30)
    run = send(new(owner="lin", proposed=True), "accept", late)
    [deadline] = [effect for effect in run.effects if isinstance(effect, SetDeadline)]
    assert deadline.at <= late
    assert send(run.run, "deadline", late).run.state == "overdue"


@pytest.mark.parametrize(
    ("before", "event"),
    [
        ((), "reject"),
        ((), "reopen"),
        (("accept",), "accept"),
        (("done",), "accept"),
        (("done",), "decline"),
        ((), "explode"),
    ],
)
def test_what_is_not_possible_is_refused_and_changes_nothing(before: tuple[str, ...], event: str) -> None:
    run = after(new(), *before)
    taken = send(run, event)
    assert taken.outcome is Outcome.IGNORED
    assert taken.effects == ()
    assert taken.run == replace(run, version=run.version + 1)
    assert taken.entry is not None
    assert (taken.entry.event, taken.entry.outcome) == (event, Outcome.IGNORED)


def test_a_new_task_waits_for_the_end_of_its_due_day_in_the_office() -> None:
    draft = TaskDraft(text="Send the budget", due=FRIDAY)
    taken = begin(ACTION_ITEM, run_id="r", key="k", data=draft_data(draft), actor="", now=NOW)
    end = datetime(2026, 11, 27, 23, 0, tzinfo=UTC)
    assert taken.effects == (
        SetDeadline(run="r", name="due", at=end, event="deadline"),
        Announce(run="r", version=1, event="start"),
    )


def test_a_task_becomes_overdue_when_its_day_has_ended_not_before() -> None:
    end = datetime(2026, 11, 28, tzinfo=BERLIN)
    assert send(new(), "deadline", end - timedelta(seconds=1)).refused
    assert send(new(), "deadline", end).run.state == "overdue"


def test_the_due_day_is_as_long_as_the_clocks_say() -> None:
    run = new(date(2026, 10, 25))  # the day summer time ends: 25 hours
    assert send(run, "deadline", datetime(2026, 10, 25, 23, 59, tzinfo=BERLIN)).refused
    assert send(run, "deadline", datetime(2026, 10, 26, 0, 0, tzinfo=BERLIN)).run.state == "overdue"


def test_a_done_task_has_no_deadline() -> None:
    assert ClearDeadline(run="r", name="due") in send(new(), "done").effects


def overdue(*events: str) -> Run:
    return send(after(new(), *events), "deadline", NOW + timedelta(days=30)).run


@pytest.mark.parametrize(("before", "state"), [((), "open"), (("accept",), "accepted")])
def test_a_later_date_brings_an_overdue_task_back_to_where_it_was(before: tuple[str, ...], state: str) -> None:
    late = NOW + timedelta(days=30)
    taken = send(overdue(*before), "edit", late, {"due": (late + timedelta(days=3)).date().isoformat()})
    assert taken.run.state == state
    assert any(isinstance(effect, SetDeadline) for effect in taken.effects)


def test_an_overdue_task_without_a_date_is_open_again() -> None:
    assert send(overdue(), "edit", NOW + timedelta(days=30), {"due": None}).run.state == "open"


@pytest.mark.parametrize("edit", [{"text": "Send it at last"}, {"due": "2026-11-26"}])
def test_other_edits_leave_an_overdue_task_overdue(edit: Data) -> None:
    assert send(overdue(), "edit", NOW + timedelta(days=30), edit).run.state == "overdue"


def test_an_overdue_task_that_is_accepted_does_not_ring_again_for_the_same_day() -> None:
    taken = send(overdue(), "accept", NOW + timedelta(days=30))
    assert taken.run.state == "accepted"
    assert not any(isinstance(effect, SetDeadline) for effect in taken.effects)
    assert send(taken.run, "deadline", NOW + timedelta(days=31)).refused


@pytest.mark.parametrize("before", [(), ("accept",), ("done",), ("decline",)])
def test_an_edit_keeps_the_state(before: tuple[str, ...]) -> None:
    run = after(new(), *before)
    taken = send(run, "edit", data={"text": "  Send\n the  plan ", "owner_id": "lin", "owner_name": "Lin"})
    task = task_of(taken.run)
    assert (task.text, task.owner_name, taken.run.state) == ("Send the plan", "Lin", run.state)


def test_an_edit_that_changes_nothing_makes_no_version() -> None:
    run = new()
    assert send(run, "edit", data={"text": "Send the budget"}) == Step(run=run, outcome=Outcome.UNCHANGED)


def test_a_new_date_forgets_the_words_for_the_old_one() -> None:
    draft = TaskDraft(text="Send it", due=FRIDAY, due_phrase="by Friday")
    run = begin(ACTION_ITEM, run_id="r", key="k", data=draft_data(draft), actor="", now=NOW).run
    assert task_of(send(run, "edit", data={"due": "2026-11-30"}).run).due_phrase is None


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"due": "next Friday"}, "due"),
        ({"owner_name": "n" * 81}, "owner_name"),
        ({"owner_id": 7}, "owner_id"),
        ({"state": "done"}, "state"),
        ({"said_later": []}, "said_later"),
    ],
)
def test_an_edit_that_cannot_be_taken_says_which_field(data: Data, field: str) -> None:
    with pytest.raises(TaskError) as caught:
        send(new(), "edit", data=data)
    assert caught.value.field == field


def test_a_draft_needs_a_text_and_a_likely_confidence() -> None:
    with pytest.raises(TaskError, match="say what is to be done"):
        TaskDraft(text=" \n ")
    with pytest.raises(TaskError, match="between 0 and 1"):
        TaskDraft(text="x", confidence=1.5)


def test_the_last_day_there_is_never_ends() -> None:
    assert send(new(date.max), "deadline", NOW).refused


@pytest.mark.parametrize(("actor", "state"), [("ada", "rejected"), ("bo", "proposed")])
def test_only_who_heard_a_proposal_takes_it_back_for_those_who_said_so(actor: str, state: str) -> None:
    draft = TaskDraft(text="Send it", source_words="Bo sends it", created_by="ada", proposed=True)
    run = begin(ACTION_ITEM, run_id="r", key="k", data=draft_data(draft), actor="ada", now=NOW).run
    assert step(ACTION_ITEM, run, Event(name="drop", actor=actor, data={}), NOW).run.state == state
