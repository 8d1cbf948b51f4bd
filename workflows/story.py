"""Story: what happened in a rehearsal, as lines for people and as JSON values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from workflows.diagram import words_of
from workflows.gates import DECIDE, DELEGATE
from workflows.rehearsal import Rehearsal
from workflows.run import HistoryEntry, Outcome, Run, Status
from workflows.store import HumanTask

_FORMAT = "%Y-%m-%d %H:%M"


def told(rehearsal: Rehearsal, after: int = 0) -> Iterator[str]:
    """Write what happened as lines, leaving out so many entries of `Rehearsal.log`."""
    several = len(rehearsal.runs()) > 1
    for run, entry in rehearsal.log[after:]:
        at = entry.at.astimezone(rehearsal.zone)
        whose = f"{run.definition} " if several else ""
        yield f"{at:{_FORMAT}}  {whose}{_what(entry)}{_whither(entry)}"
        for line in begun(rehearsal, run, entry):
            yield f"{'':18}{line}"
        if run.status is Status.STUCK:
            yield f"{'':18}it is stuck: {run.trouble}; {run.steward} has to look at it"


def as_values(rehearsal: Rehearsal) -> list[dict[str, Any]]:
    """Write what happened as JSON values."""
    return [
        {
            "at": entry.at.astimezone(rehearsal.zone).isoformat(),
            "run": run.id,
            "definition": run.definition,
            "seq": entry.seq,
            "event": entry.event,
            "actor": entry.actor,
            "data": entry.data,
            "from": entry.from_state,
            "to": entry.to_state,
            "outcome": entry.outcome.value,
            "status": run.status.value,
            "begun": list(begun(rehearsal, run, entry)),
        }
        for run, entry in rehearsal.log
    ]


def begun(rehearsal: Rehearsal, run: Run, entry: HistoryEntry) -> Iterator[str]:
    """Say what began by an entry: what was asked of people and of connectors, and which runs."""
    for task in rehearsal.questions(only_open=False, run=run):
        if task.number == entry.seq:
            yield f"asks {task.name}: {_whom(task)}{_until(task.due, rehearsal)}"
    for request in rehearsal.requests(run):
        if request.number == entry.seq:
            with_ = f" {_json(request.params)}" if request.params else ""
            yield f"calls {request.name}: {request.action}{with_}"
    for child in rehearsal.runs():
        if child.parent == run.id and child.slot_number == entry.seq:
            yield f"starts {child.slot}: {child.definition}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _what(entry: HistoryEntry) -> str:
    data = entry.data
    match entry.event:
        case "start":
            return f"{entry.actor} starts it"
        case event if event == DECIDE:
            form = data.get("form")
            filled = f" {_json(form)}" if form else ""
            return f"{entry.actor} decides {data.get('task')}: {data.get('decision')}{filled}"
        case event if event == DELEGATE:
            return f"{entry.actor} passes {data.get('task')} on to {data.get('to')}"
        case event if event.startswith("$escalate."):
            return f"nobody has decided {event.split('.')[1]}: others are asked as well"
        case event if event.startswith("$"):
            return f"{entry.actor}: {words_of(event[1:]).lower()} ({data.get('reason', '')})"
        case event if event.startswith("failed."):
            return f"{event} ({data.get('reason', '')})"
        case event:
            return event if entry.actor == "office" else f"{entry.actor} sends {event}"


def _whither(entry: HistoryEntry) -> str:
    if entry.outcome is not Outcome.TAKEN:
        return f"  ({entry.outcome.value})"
    return f"  -> {entry.to_state}" if entry.from_state != entry.to_state else ""


def _whom(task: HumanTask) -> str:
    asked = " or ".join([*task.roles, *task.people]) or "nobody"
    needed = [f"{name} needs {votes}" for name, votes in task.decisions.items() if votes > 1]
    without = f", not {', '.join(task.barred)}" if task.barred else ""
    return asked + without + (f" ({', '.join(needed)})" if needed else "")


def _until(due: datetime | None, rehearsal: Rehearsal) -> str:
    return "" if due is None else f", until {due.astimezone(rehearsal.zone):{_FORMAT}}"
