"""Remarks: what a definition may say, but hardly means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.checks import Problem, matches
from workflows.definition import Definition
from workflows.expressions import Path
from workflows.parts import UNDO, Call, Child, State


def remarks(definition: Definition) -> list[Problem]:
    """List what runs could not get past, or what nothing comes of; each with its path in the document."""
    paths = _paths(definition)
    return [
        (path, text)
        for state in definition.states
        for path, text in (*_dead_ends(definition, state, paths), *_without_answer(definition, state, paths))
    ]


def _paths(definition: Definition) -> Mapping[str, Path]:
    return {
        state.name: tuple(part for name in definition.chart.line[state.name] for part in ("states", name))
        for state in definition.states
    }


def _dead_ends(definition: Definition, state: State, paths: Mapping[str, Path]) -> Iterator[Problem]:
    """A state that is no end, and that nothing leads out of: not out of it, nor of one that it stands in."""
    if state.final or definition.chart.children[state.name]:
        return
    line = definition.chart.line[state.name]
    if not any(way.target for above in line for way in definition.by_source[above]):
        yield paths[state.name], f"state {state.name}: a run that comes here stays for ever; make it final?"


def _without_answer(definition: Definition, state: State, paths: Mapping[str, Path]) -> Iterator[Problem]:
    """Events that come of themselves once, and that no transition takes: what comes after is never reached."""
    at = paths[state.name]
    for ask in state.asks:
        for decision in ask.decisions:
            if not _is_taken(definition, state, f"{decision}.{ask.name}"):
                text = f"nothing comes of the decision {decision!r}; write {decision}.{ask.name} under `on`"
                yield (*at, "asks", ask.name, "decisions", decision), f"{ask.name}: {text}"
        if ask.due is not None and not ask.escalate and not _is_taken(definition, state, f"overdue.{ask.name}"):
            yield (
                (*at, "asks", ask.name, "due"),
                f"{ask.name}: nothing happens when it is overdue, and nobody else is asked",
            )
    # A call beside something else may be one that nobody waits for, such as a message.
    alone = not state.asks and not state.children and not _leads_on(definition, state)
    whole: tuple[Call | Child, ...] = (*(state.calls if alone else ()), *state.children)
    for one in whole:
        if not _is_taken(definition, state, f"done.{one.name}"):
            kind = "children" if isinstance(one, Child) else "calls"
            yield (*at, kind, one.name), f"{one.name}: nothing happens when it is done"
    if state.undoes and not _is_taken(definition, state, f"done.{UNDO}"):
        yield (*at, "undoes"), f"state {state.name}: nothing happens when all is taken back"


def _is_taken(definition: Definition, state: State, event: str) -> bool:
    """Whether a transition of the state, or of one that it stands in, may take an event."""
    line = definition.chart.line[state.name]
    return any(matches(way.event, event) for above in line for way in definition.by_source[above])


def _leads_on(definition: Definition, state: State) -> bool:
    """Whether the state, or one that it stands in, is left by something else than results of calls."""
    line = definition.chart.line[state.name]
    ways = (way for above in line for way in definition.by_source[above])
    return any(way.target and not way.event.startswith(("done.", "failed.")) for way in ways)
