"""The tree of a definition's states: who stands in whom, in the order of the document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Node(Protocol):
    """A state, as far as the tree is concerned."""

    @property
    def name(self) -> str:
        """Unique within the definition."""

    @property
    def parent(self) -> str:
        """The state that it stands in; empty at the top."""

    @property
    def initial(self) -> str:
        """Which child is entered with it; empty for the first."""

    @property
    def parallel(self) -> bool:
        """All children are active together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Look-ups over the tree; made once for each definition."""

    order: Mapping[str, int]
    """Place in the document; a parent comes before its children."""
    line: Mapping[str, tuple[str, ...]]
    """From the top to the state itself."""
    children: Mapping[str, tuple[str, ...]]
    """In the order of the document; of "" those at the top."""
    first: Mapping[str, tuple[str, ...]]
    """The children that are entered with a state: none, the initial one, or all of a parallel state."""
    parallel: frozenset[str]
    _ways: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)
    """What `entered` found: as many as the definition has transitions, and asked for at each of them."""
    _domains: dict[tuple[str, ...], str] = field(default_factory=dict, repr=False, compare=False)

    def within(self, state: str, ancestor: str) -> bool:
        """Whether a state is another one or stands in it; everything stands in ""."""
        return not ancestor or ancestor in self.line[state]

    def sorted(self, states: Iterable[str]) -> list[str]:
        """Give states in the order of the document."""
        return sorted(states, key=self.order.__getitem__)

    def together(self, one: str, other: str) -> bool:
        """Whether two states can be active together: one stands in the other, or they part in a parallel state."""
        above = ""
        for mine, yours in zip(self.line[one], self.line[other], strict=False):
            if mine != yours:
                return above in self.parallel
            above = mine
        return True

    def domain(self, states: tuple[str, ...]) -> str:
        """Give the innermost state, not a parallel one, that all these states stand in; "" for the top.

        What lies below it is left and entered when a transition leads from the first of them to the others: the
        least common compound ancestor of SCXML (W3C 2015, 3.13).
        """
        known = self._domains.get(states)
        if known is None:
            known = self._domains[states] = self._common(states)
        return known

    def _common(self, states: tuple[str, ...]) -> str:
        found = ""
        for level in zip(*(self.line[state][:-1] for state in states), strict=False):
            if len(set(level)) > 1:
                break
            if level[0] not in self.parallel:
                found = level[0]
        return found

    def entered(self, target: str, below: str) -> tuple[str, ...]:
        """Give what is entered on the way to a state, from below an ancestor down to the leaves.

        Args:
            target: where to go.
            below: an ancestor that stays active, or "".

        Returns:
            States in the order of the document: the way down to the target, the siblings on that way that are
            active together with it, and what is entered with each.
        """
        known = self._ways.get((target, below))
        if known is None:
            known = self._ways[target, below] = self._way(target, below)
        return known

    def _way(self, target: str, below: str) -> tuple[str, ...]:
        way = self.line[target][len(self.line[below]) if below else 0 :]
        found = set(way)
        for state, following in zip(way, (*way[1:], ""), strict=True):
            if not following or state in self.parallel:
                for child in self.first[state]:
                    if child != following:
                        self._with(child, found)
        return tuple(self.sorted(found))

    def _with(self, state: str, found: set[str]) -> None:
        found.add(state)
        for child in self.first[state]:
            self._with(child, found)


def chart_of(states: Sequence[Node]) -> Chart:
    """Make the look-ups of some states, which must form a tree (see `workflows.checks`)."""
    children: dict[str, list[str]] = {"": [], **{state.name: [] for state in states}}
    by_name = {state.name: state for state in states}
    for state in states:
        children[state.parent].append(state.name)
    line: dict[str, tuple[str, ...]] = {}
    order: dict[str, int] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        line[name] = (*above, name)
        order[name] = len(order)
        for child in children[name]:
            visit(child, line[name])

    for name in children[""]:
        visit(name, ())
    first: dict[str, tuple[str, ...]] = {}
    for name, state in by_name.items():
        own = children[name]
        first[name] = tuple(own) if state.parallel else (state.initial or own[0],) if own else ()
    return Chart(
        order=order,
        line=line,
        children={name: tuple(names) for name, names in children.items()},
        first=first,
        parallel=frozenset(state.name for state in states if state.parallel),
    )
