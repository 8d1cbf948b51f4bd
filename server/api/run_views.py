"""Runs, questions and definitions, written for the wire."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from server.api.run_models import (
    ArrowView,
    BoxView,
    DecisionView,
    EntryView,
    FaultView,
    PersonView,
    PictureView,
    RequestView,
    RunView,
    StateView,
    TaskView,
    TimerView,
    UnderWayView,
    ValueView,
    VoteView,
)
from server.identity import Session
from server.roles import roles_down_to
from server.work.sight import Whole
from server.work.wording import Names, Value, definition_title, name_of, shown_values, state_title, summary_of
from workflows.definition import Definition
from workflows.diagram import Picture, words_of
from workflows.parts import Ask, Call, Child
from workflows.run import Data, HistoryEntry, Kind, Open, Run, Status
from workflows.store import HumanTask, RequestRecord, Timer


def states_of(text: str, definition: Definition | None) -> list[StateView]:
    """Write states, as `Run.state` has them."""
    names = [name for name in text.split(",") if name]
    return [StateView(name=name, title=state_title(definition, name)) for name in names]


def run_view(run: Run, definition: Definition | None, names: Names) -> RunView:
    """Write a run in one line."""
    return RunView(
        id=run.id,
        definition=run.definition,
        title=definition_title(definition, run.definition),
        summary=summary_of(run, definition),
        states=states_of(run.state, definition),
        status=run.status.value,
        trouble=run.trouble,
        steward=run.steward,
        steward_name=names.get(run.steward, run.steward),
        started_by=run.started_by,
        started_by_name=name_of(run.started_by, names),
        created_at=run.created_at.timestamp(),
        updated_at=run.updated_at.timestamp(),
        version=run.version,
    )


def value_views(values: Iterable[Value]) -> list[ValueView]:
    """Write values."""
    return [
        ValueView(name=one.name, label=one.label, value=one.value, format=one.format, unit=one.unit)
        for one in values
    ]


# --- questions ---------------------------------------------------------------------------------------------------


def task_view(
    task: HumanTask, run: Run, definition: Definition | None, names: Names, session: Session
) -> TaskView:
    """Write a question for somebody."""
    roles = set(roles_down_to(session.role))
    asked = session.person in task.people or not roles.isdisjoint(task.roles)
    is_open = task.status == "open"
    votes = list(task.votes.values())
    return TaskView(
        run=task.run,
        name=task.name,
        number=task.number,
        definition=task.definition,
        definition_title=definition_title(definition, task.definition),
        summary=summary_of(run, definition),
        title=task.title,
        shown=value_views(shown_values(task, definition, names)),
        subject=task.subject,
        form=dict(task.form) if task.form is not None else None,
        decisions=[
            DecisionView(name=name, title=words_of(name), needed=needed, votes=votes.count(name))
            for name, needed in task.decisions.items()
        ],
        votes=[
            VoteView(person=person, name=name_of(person, names), decision=decision)
            for person, decision in task.votes.items()
        ],
        roles=list(task.roles),
        people=people_views(task.people, names),
        barred=people_views(task.barred, names),
        due=_seconds(task.due),
        status=task.status,
        decision=task.decision,
        decided_by=name_of(task.decided_by, names),
        opened_at=task.opened_at.timestamp(),
        closed_at=_seconds(task.closed_at),
        started_by_name=name_of(run.started_by, names),
        mine=is_open and asked and session.person not in task.barred and session.person not in task.votes,
        voted=task.votes.get(session.person, ""),
        paused=is_open and (run.status is Status.PAUSED or bool(run.held)),
    )


def people_views(ids: Iterable[str], names: Names) -> list[PersonView]:
    """Write people."""
    return [PersonView(id=one, name=name_of(one, names)) for one in ids]


# --- what happened -----------------------------------------------------------------------------------------------


def timeline(whole: Whole, names: Names, session: Session) -> list[EntryView]:
    """Write what happened, each with what began by it: what began has the number of the version it began in."""
    definition = whole.definition
    return [
        EntryView(
            seq=entry.seq,
            at=entry.at.timestamp(),
            event=entry.event,
            actor=entry.actor,
            actor_name=name_of(entry.actor, names),
            outcome=entry.outcome.value,
            about=_about(entry, whole),
            data=_with_names(entry.data, names),
            before=states_of(entry.from_state, definition),
            after=states_of(entry.to_state, definition),
            requests=[request_view(one) for one in whole.requests if one.number == entry.seq],
            tasks=[
                task_view(one, whole.run, definition, names, session)
                for one in whole.tasks
                if one.number == entry.seq
            ],
        )
        for entry in whole.history
    ]


def _with_names(data: Data, names: Names) -> dict[str, Any]:
    to = data.get("to")
    return {**data, "to": names.get(to, to)} if isinstance(to, str) else dict(data)


def _about(entry: HistoryEntry, whole: Whole) -> str:
    """Title of what an event is about: the newest question, call or child of its name that had begun."""
    name = _named(entry)
    tasks = [one for one in whole.tasks if one.name == name and one.number < entry.seq]
    if tasks:
        return max(tasks, key=lambda one: one.number).title
    return words_of(name) if whole.definition and name in whole.definition.work else ""


def _named(entry: HistoryEntry) -> str:
    """The question, call or child that an event is about: as its data say, or as in `done.NAME`."""
    given = entry.data.get("task") or entry.data.get("call")
    return str(given) if given else next(iter(entry.event.split(".")[1:]), "")


def request_view(one: RequestRecord) -> RequestView:
    """Write what a connector was asked to do."""
    return RequestView(
        name=one.name,
        action=one.action,
        params=dict(one.params),
        status=one.status,
        due=one.due.timestamp(),
        attempts=one.attempts,
        errors=[FaultView(at=str(e.get("at", "")), reason=str(e.get("reason", ""))) for e in one.errors],
        result=one.result,
        asked_at=one.asked_at.timestamp(),
        ended_at=_seconds(one.ended_at),
    )


def visited(whole: Whole) -> list[str]:
    """List states that were active before, with those that they stand in, in the order of the definition."""
    definition = whole.definition
    left = {name for entry in whole.history for name in entry.from_state.split(",") if name}
    if definition is None:
        return sorted(left)
    passed = {name for name in left if name in definition.by_name}
    reached = passed | set(whole.run.states)
    for state in reversed(definition.states):  # those that are left at once leave no trace in the history
        ways = definition.by_source[state.name]
        if ways and not any(way.event for way in ways) and any(way.target in reached for way in ways):
            passed.add(state.name)
            reached.add(state.name)
    return definition.chart.sorted({above for name in passed for above in definition.chart.line[name]})


def timer_view(timer: Timer, whole: Whole) -> TimerView:
    """Write something that happens by itself later."""
    kind, _, rest = timer.name.partition(":")
    name = rest.partition(":")[0]
    title = next((task.title for task in reversed(whole.tasks) if task.name == name), words_of(name))
    if kind == "due" and rest:
        words = f"Due: {title}"
    elif kind == "escalate" and rest:
        words = f"{_whom(whole.definition, name, rest.rpartition(':')[2])} is asked as well: {title}"
    else:
        words = words_of(timer.event)
    return TimerView(name=timer.name, at=timer.at.timestamp(), words=words)


def _whom(definition: Definition | None, name: str, number: str) -> str:
    ask = definition.work[name][1] if definition and name in definition.work else None
    if isinstance(ask, Ask) and number.isdigit() and int(number) < len(ask.escalate):
        step = ask.escalate[int(number)]
        if step.role:
            return f"The {step.role}" if step.role == "owner" else f"A {step.role}"
    return "Somebody else"


def under_way(run: Run, definition: Definition | None) -> list[UnderWayView]:
    """Write calls and child runs that are under way."""
    return [
        UnderWayView(name=name, kind=one.kind.value, words=_work_words(name, one, definition), failed=one.failed)
        for name, one in run.open.items()
        if one.kind is not Kind.ASK
    ]


def _work_words(name: str, one: Open, definition: Definition | None) -> str:
    if one.kind is Kind.UNDO:
        return "Taking back what was done"
    work = definition.work[name][1] if definition and name in definition.work else None
    match work:
        case Call():
            return f"{words_of(name)} ({work.action})"
        case Child():
            return f"{words_of(name)} ({words_of(work.definition)})"
        case _:
            return words_of(name)


def picture_view(picture: Picture) -> PictureView:
    """Write a diagram."""
    return PictureView(
        boxes=[
            BoxView(
                name=box.name,
                title=box.title,
                parent=box.parent,
                parallel=box.parallel,
                final=box.final,
                first=box.first,
                notes=list(box.notes),
            )
            for box in picture.boxes
        ],
        arrows=[
            ArrowView(source=one.source, target=one.target, labels=list(one.labels), details=list(one.details))
            for one in picture.arrows
        ],
    )


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()
