"""Walks: rehearsals that nobody wrote, which take what can be done next, by the first choice or by chance."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from workflows.definition import Definition
from workflows.errors import WorkflowError
from workflows.parts import Ask
from workflows.rehearsal import RANKS, Rehearsal
from workflows.run import OVER, Status

MOST_STEPS = 200
"""A walk that has not come to an end by then is given up."""
CAST = {"ben": "facilitator", "cleo": "facilitator", "dan": "member", "eva": "member", "ana": "owner"}
"""Who there is where nobody says."""
STARTER = "dan"
"""Of these, who starts runs: somebody whom others decide about."""
_WAITS = 0.3
"""How often a random walk waits for the next timer though something could be decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something that could be done next."""

    run: str
    name: str
    """Of the question, or of the event."""
    decision: str
    """Empty: the event is sent."""
    by: str
    number: int
    """Version of the run in which the question was asked, or the event could be sent."""
    form: Mapping[str, Any] | None = None


Chooser = Callable[[Sequence[Choice], bool], Choice | None]
"""Takes what can be done, and whether something comes by itself; None waits for that."""


def cast_for(*definitions: Definition) -> dict[str, str]:
    """Name people for definitions: some of each role of an office, and two for each other role that is asked."""
    roles = {
        role
        for definition in definitions
        for _, one in definition.work.values()
        if isinstance(one, Ask)
        for role in (one.role, *(step.role for step in one.escalate))
    }
    more = {f"{role}_{number}": role for role in sorted(roles - {"", *RANKS}) for number in (1, 2)}
    return CAST | more


def sample(schema: Mapping[str, Any] | bool | None, rehearsal: Rehearsal, title: str = "") -> Any:
    """Make up a value that fits a JSON Schema, as far as simple ones go; what may be left out is filled in too.

    Args:
        schema: what it has to fit.
        rehearsal: days are a week from its clock, persons are of its people.
        title: what the value is called where the schema does not say.
    """
    if isinstance(schema, bool):  # JSON Schema for anything, and for nothing
        return None
    schema = schema or {"type": "object"}
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) and kind else kind:
        case "object":
            fields = schema.get("properties", {})
            return {name: sample(one, rehearsal, name) for name, one in fields.items()}
        case "array":
            return [sample(schema.get("items"), rehearsal, title) for _ in range(schema.get("minItems", 1))]
        case "boolean":
            return True
        case "integer" | "number" as number:
            return _number(schema, whole=number == "integer")
        case "null":
            return None
    return _text(schema, rehearsal, title)


def first_choices(rehearsal: Rehearsal) -> Iterator[None]:
    """Take the first thing that can be done, questions before events, each turn the one that was taken least.

    Yields after each step; ends with the run, or when nothing more can be done.
    """
    taken: dict[tuple[str, str, str], set[int]] = {}

    def often(one: Choice) -> int:
        # Those who are asked together agree, so what was chosen for this very question does not count.
        return len(taken.get((one.run, one.name, one.decision), set()) - {one.number})

    def choose(choices: Sequence[Choice], can_wait: bool) -> Choice | None:
        questions = [one for one in choices if one.decision]
        best = min(questions or ([] if can_wait else choices), key=often, default=None)
        if best is not None:
            taken.setdefault((best.run, best.name, best.decision), set()).add(best.number)
        return best

    yield from _walk(rehearsal, choose)


def by_chance(rehearsal: Rehearsal, seed: int) -> Iterator[None]:
    """Take anything that can be done, or wait; the same seed walks the same way. Yields like `first_choices`."""
    chance = random.Random(seed)

    def choose(choices: Sequence[Choice], can_wait: bool) -> Choice | None:
        if not choices or (can_wait and chance.random() < _WAITS):
            return None
        return chance.choice(choices)

    yield from _walk(rehearsal, choose)


def choices(rehearsal: Rehearsal) -> list[Choice]:
    """List what could be done now: decisions by whoever may decide, and events that may be sent."""
    found = []
    for task in rehearsal.questions():
        form = sample(task.form, rehearsal) if task.form else None
        asked = [one for one in rehearsal.people if task in rehearsal.questions(one, run=task.run)]
        found += [
            Choice(run=task.run, name=task.name, decision=decision, by=person, number=task.number, form=form)
            for decision in task.decisions
            for person in asked
        ]
    for run in rehearsal.runs():
        if run.status not in OVER:
            events = rehearsal.definition_of(run).events_from(run.state)
            found += [
                Choice(run=run.id, name=event, decision="", by=run.started_by, number=run.version)
                for event in events
            ]
    return found


def _walk(rehearsal: Rehearsal, choose: Chooser) -> Iterator[None]:
    for _ in range(MOST_STEPS):
        run = rehearsal.look()
        if run.status in OVER or run.status is Status.STUCK:
            return
        refused: list[Choice] = []
        while True:
            left = [one for one in choices(rehearsal) if one not in refused]
            chosen = choose(left, rehearsal.next_at is not None)
            if chosen is None:
                break
            try:
                _take(rehearsal, chosen)
                break
            except WorkflowError:  # a guard, or a form that was made up, stands in the way: something else then
                refused.append(chosen)
        if chosen is None and not rehearsal.advance_to_next():
            return
        yield


def _take(rehearsal: Rehearsal, chosen: Choice) -> None:
    if chosen.decision:
        rehearsal.decide(chosen.name, chosen.decision, by=chosen.by, form=chosen.form, run=chosen.run)
    else:
        rehearsal.send(chosen.name, by=chosen.by, run=chosen.run)


def _number(schema: Mapping[str, Any], *, whole: bool) -> float:
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    most = schema.get("maximum", schema.get("exclusiveMaximum", max(low, 100) + 1) - 1)
    value = min(max(100, low), most)
    return int(value) if whole else value


def _text(schema: Mapping[str, Any], rehearsal: Rehearsal, title: str) -> str:
    at = rehearsal.now + timedelta(days=7)
    match schema.get("format"):
        case "date":
            return at.date().isoformat()
        case "date-time":
            return at.isoformat()
        case "time":
            return "09:00:00"
        case "email":
            return "somebody@example.org"
        case "person":
            return next(reversed(rehearsal.people), "somebody")
    words = schema.get("title") or title or "something"
    return words.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", len(words) + 1000)]
