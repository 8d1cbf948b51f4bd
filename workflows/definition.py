"""Definition: states, transitions and what is done in them, as data; checked when built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from workflows.chart import Chart, chart_of
from workflows.checks import check
from workflows.documents import definition_values, document_of, hash_of
from workflows.parts import Ask, Call, Child, Deadline, Rules, State, Transition


@dataclass(frozen=True, kw_only=True)
class Definition:
    """The rules of one kind of work.

    The transitions of a state are tried event by event, in the order in which each event first comes; of several
    for the same event the first whose guards agree is taken.

    Raises:
        DefinitionError: it names a state, a function or an event that does not exist, or a
            transition that can never be taken.
    """

    name: str
    initial: str
    states: tuple[State, ...]
    """A parent before its children."""
    transitions: tuple[Transition, ...]
    deadlines: tuple[Deadline, ...] = ()
    title: str = ""
    owner: str = ""
    """The role that looks after a run which cannot go on; empty: the office's owner."""
    data: Mapping[str, Any] | None = None
    """JSON Schema of what a run starts with."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """For runs of older versions: where those go that stand in a state which is called otherwise now."""
    rules: Rules = field(default_factory=Rules, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "transitions", _by_event(self.transitions))
        check(self)
        order = self.chart.order
        object.__setattr__(self, "states", tuple(sorted(self.states, key=lambda state: order[state.name])))
        object.__setattr__(self, "transitions", tuple(sorted(self.transitions, key=lambda one: order[one.source])))

    @cached_property
    def chart(self) -> Chart:
        """The tree of the states."""
        return chart_of(self.states)

    @cached_property
    def by_name(self) -> Mapping[str, State]:
        """The states by name."""
        return {state.name: state for state in self.states}

    @cached_property
    def by_source(self) -> Mapping[str, tuple[Transition, ...]]:
        """The transitions that leave each state, in the order they are tried."""
        found: dict[str, list[Transition]] = {state.name: [] for state in self.states}
        for transition in self.transitions:
            found[transition.source].append(transition)
        return {name: tuple(own) for name, own in found.items()}

    @cached_property
    def work(self) -> Mapping[str, tuple[State, Call | Ask | Child]]:
        """Calls, questions and children by name, each with the state that it belongs to."""
        return {one.name: (state, one) for state in self.states for one in state.work}

    @cached_property
    def hash(self) -> str:
        """The SHA-256 (hex) of the document: the version that runs are pinned to."""
        return hash_of(self.to_document())

    def events_from(self, states: str) -> tuple[str, ...]:
        """Give the events that may do something, deadlines and results left out, in order.

        Args:
            states: the active states, as `Run.state` has them.
        """
        own = {d.event for d in self.deadlines}
        active = [name for leaf in states.split(",") for name in reversed(self.chart.line[leaf])]
        events = [t.event for name in active for t in self.by_source[name] if t.event]
        return tuple(e for e in dict.fromkeys(events) if e not in own and "." not in e and e != "*")

    def to_document(self) -> dict[str, Any]:
        """Write the definition as JSON values; functions by name. See `workflows.documents`."""
        return document_of(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], rules: Rules) -> Self:
        """Build a definition from a document.

        Raises:
            DefinitionError: the document is incomplete, or names a function that `rules` lacks.
        """
        return cls(**definition_values(document), rules=rules)

    def content_hash(self) -> str:
        """Give the SHA-256 (hex) of the document: the version that runs are pinned to."""
        return self.hash


def _by_event(transitions: Iterable[Transition]) -> tuple[Transition, ...]:
    """Put transitions in the order of their document: those of a state by event, those without one last."""
    by_source: dict[str, dict[str, list[Transition]]] = {}
    for transition in transitions:
        by_source.setdefault(transition.source, {}).setdefault(transition.event, []).append(transition)
    for own in by_source.values():
        if "" in own:
            own[""] = own.pop("")
    return tuple(one for own in by_source.values() for ways in own.values() for one in ways)
