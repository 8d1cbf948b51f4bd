"""Decisions of people: who may decide a question, what they saw, and how many must say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from workflows.effects import ChangeTask
from workflows.errors import NotYours, Outdated, TaskError
from workflows.parts import Ask
from workflows.run import Kind, Open
from workflows.turn import Turn

DECIDE, DELEGATE, ESCALATE = "$decide", "$delegate", "$escalate"

Gate = Callable[[Turn], bool]
"""Takes the turn's event; says whether anything waited for it. Raises a WorkflowError to refuse."""


def decide(turn: Turn) -> bool:
    """Count a vote; when a decision has what it needs, close the question and go on.

    The event's data: `task`, `decision`, `subject` (the hash of what was shown), and `form`, what was filled in.

    Raises:
        NotYours: the actor may not decide this, or has decided already.
        Outdated: what was shown is not what stands there now.
        TaskError: there is no such decision.
    """
    event = turn.event
    name = str(event.data.get("task"))
    found = _asked(turn, name)
    if found is None:
        return False
    opened, ask = found
    decision = str(event.data.get("decision"))
    if decision not in ask.decisions:
        raise TaskError("decision", f"{decision!r} cannot be decided here; choose {', '.join(ask.decisions)}")
    _check_actor(turn, name, opened)
    if event.actor in opened.votes:
        raise NotYours(turn.run.id, name, "you have decided this already; somebody else has to agree")
    if event.data.get("subject") != opened.subject:
        raise Outdated(turn.run.id, name)
    votes = {**opened.votes, event.actor: decision}
    opened = replace(opened, votes=votes)
    if sum(vote == decision for vote in votes.values()) < ask.decisions[decision]:
        turn.open[name] = opened
        _tell(turn, name, opened)
        return True
    turn.close_task(name, opened, decision, event.actor)
    turn.raise_(f"{decision}.{name}", {"form": event.data.get("form"), "decided_by": sorted(_of(votes, decision))})
    turn.settle()
    return True


def delegate(turn: Turn) -> bool:
    """Put somebody else before a question as well. The event's data: `task` and `to`, a person.

    Raises:
        NotYours: the actor may not decide it either, or the other may not.
        TaskError: nobody was named.
    """
    name = str(turn.event.data.get("task"))
    found = _asked(turn, name)
    if found is None:
        return False
    opened, _ = found
    _check_actor(turn, name, opened)
    to = str(turn.event.data.get("to") or "")
    if not to:
        raise TaskError("to", "say who is to decide")
    if to in opened.barred:
        raise NotYours(turn.run.id, name, "who asked for it may not decide it; choose somebody else")
    _ask_also(turn, name, opened, person=to)
    return True


def escalate(turn: Turn) -> bool:
    """Nobody has decided for a while: ask others as well. The event is `$escalate.NAME.NUMBER`."""
    name, _, number = turn.event.name.removeprefix(f"{ESCALATE}.").rpartition(".")
    found = _asked(turn, name)
    if found is None:
        return False
    opened, ask = found
    steps = {str(place): step for place, step in enumerate(ask.escalate)}
    if number not in steps:
        return False
    _ask_also(turn, name, opened, role=steps[number].role, person=turn.person(steps[number].person))
    return True


GATES: Mapping[str, Gate] = {DECIDE: decide, DELEGATE: delegate, ESCALATE: escalate}


def _asked(turn: Turn, name: str) -> tuple[Open, Ask] | None:
    """An open question of this name."""
    opened = turn.open.get(name)
    if opened is None or opened.kind is not Kind.ASK:
        return None
    ask = turn.definition.work[name][1]
    assert isinstance(ask, Ask)
    return opened, ask


def _ask_also(turn: Turn, name: str, opened: Open, *, role: str = "", person: str = "") -> None:
    roles, people = dict.fromkeys((*opened.roles, role)), dict.fromkeys((*opened.people, person))
    asked = replace(opened, roles=tuple(filter(None, roles)), people=tuple(filter(None, people)))
    turn.open[name] = asked
    if asked != opened:
        _tell(turn, name, asked)


def _check_actor(turn: Turn, name: str, opened: Open) -> None:
    event = turn.event
    if event.actor in opened.barred:
        raise NotYours(turn.run.id, name, "who asked for it may not decide it")
    if event.actor not in opened.people and not set(event.roles) & set(opened.roles):
        asked = ", ".join([*opened.roles, *opened.people])
        raise NotYours(turn.run.id, name, f"it is for {asked}; ask one of them, or have it delegated to you")


def _tell(turn: Turn, name: str, opened: Open) -> None:
    turn.effects.append(
        ChangeTask(
            run=turn.run.id,
            name=name,
            number=opened.number,
            roles=opened.roles,
            people=opened.people,
            votes=opened.votes,
        )
    )


def _of(votes: Mapping[str, str], decision: str) -> list[str]:
    return [person for person, vote in votes.items() if vote == decision]
