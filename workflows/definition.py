"""Definition: states, transitions and deadlines as data; checked when built."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from workflows.errors import DefinitionError
from workflows.run import Data, Event

Guard = Callable[[Data, Event, datetime], bool]
"""(data before, event, now in the office's time zone) -> may this transition be taken?"""
Change = Callable[[Data, Event, datetime], Data]
"""(data before, event, now in the office's time zone) -> data after; raises a WorkflowError to refuse."""
Instant = Callable[[Data, datetime], datetime | None]
"""(data, now in the office's time zone) -> when a deadline ends, or None for no deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The pure functions that a definition may name."""

    guards: Mapping[str, Guard] = field(default_factory=dict)
    changes: Mapping[str, Change] = field(default_factory=dict)
    instants: Mapping[str, Instant] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """From one state to another when an event comes and every guard agrees."""

    source: str
    event: str
    target: str
    guards: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    """Applied to the data in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """An event that comes by itself while the run stays in certain states for too long."""

    name: str
    states: tuple[str, ...]
    at: str
    """Name of the function that says when."""
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """The rules of one kind of work.

    Of several transitions with the same source and event, the first whose guards agree is taken.

    Raises:
        DefinitionError: it names a state, a function or an event that does not exist, or a
            transition that can never be taken.
    """

    name: str
    initial: str
    states: tuple[str, ...]
    transitions: tuple[Transition, ...]
    deadlines: tuple[Deadline, ...] = ()
    rules: Rules = field(default_factory=Rules, compare=False)

    def __post_init__(self) -> None:
        _check(self)

    def leaving(self, state: str, event: str) -> Iterable[Transition]:
        """Give the transitions for an event in a state, in the order they are tried."""
        return (t for t in self.transitions if t.source == state and t.event == event)

    def events_from(self, state: str) -> tuple[str, ...]:
        """Give the events that may do something in a state, deadlines left out, in order."""
        own = {d.event for d in self.deadlines}
        return tuple(dict.fromkeys(t.event for t in self.transitions if t.source == state and t.event not in own))

    def to_document(self) -> dict[str, Any]:
        """Write the definition as JSON values; functions by name."""
        return {
            "name": self.name,
            "initial": self.initial,
            "states": list(self.states),
            "transitions": [_jsonable(asdict(t)) for t in self.transitions],
            "deadlines": [_jsonable(asdict(d)) for d in self.deadlines],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any], rules: Rules) -> Self:
        """Build a definition from what `to_document` wrote.

        Raises:
            DefinitionError: the document is incomplete, or names a function that `rules` lacks.
        """
        name = str(document.get("name", "?"))
        try:
            return cls(
                name=name,
                initial=document["initial"],
                states=tuple(document["states"]),
                transitions=tuple(Transition(**_tuples(t)) for t in document["transitions"]),
                deadlines=tuple(Deadline(**_tuples(d)) for d in document.get("deadlines", ())),
                rules=rules,
            )
        except (KeyError, TypeError) as fault:
            raise DefinitionError(name, f"its document is incomplete ({fault})") from fault

    def content_hash(self) -> str:
        """Give the SHA-256 (hex) of the document: the version that runs are pinned to."""
        text = json.dumps(self.to_document(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _jsonable(values: dict[str, Any]) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


def _check(definition: Definition) -> None:
    def wrong(reason: str) -> DefinitionError:
        return DefinitionError(definition.name, reason)

    states = set(definition.states)
    if len(states) != len(definition.states):
        raise wrong("a state is listed twice")
    if definition.initial not in states:
        raise wrong(f"its initial state {definition.initial!r} is not among its states")
    rules = definition.rules
    closed: set[tuple[str, str]] = set()
    for t in definition.transitions:
        where = f"transition {t.source} --{t.event}--> {t.target}"
        for state in (t.source, t.target):
            if state not in states:
                raise wrong(f"{where}: there is no state {state!r}")
        _check_names(wrong, where, "guard", t.guards, rules.guards)
        _check_names(wrong, where, "change", t.changes, rules.changes)
        if (t.source, t.event) in closed:
            raise wrong(f"{where} can never be taken: one before it has no guard")
        if not t.guards:
            closed.add((t.source, t.event))
    events = {t.event for t in definition.transitions}
    for d in definition.deadlines:
        where = f"deadline {d.name}"
        _check_names(wrong, where, "instant", (d.at,), rules.instants)
        if unknown := set(d.states) - states:
            raise wrong(f"{where}: there is no state {min(unknown)!r}")
        if d.event not in events:
            raise wrong(f"{where}: no transition takes the event {d.event!r}")
    reachable = {definition.initial}
    while more := {t.target for t in definition.transitions if t.source in reachable} - reachable:
        reachable |= more
    if lost := states - reachable:
        raise wrong(f"the state {min(lost)!r} cannot be reached")


def _check_names(
    wrong: Callable[[str], DefinitionError],
    where: str,
    kind: str,
    names: Iterable[str],
    known: Mapping[str, object],
) -> None:
    for name in names:
        if name not in known:
            raise wrong(f"{where}: there is no {kind} {name!r}; known are {', '.join(sorted(known)) or 'none'}")
