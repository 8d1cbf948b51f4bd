"""Which timers of deadlines are set and cleared by a turn: those that run on are left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from datetime import datetime

from workflows.definition import Definition
from workflows.effects import ClearDeadline, Effect, SetDeadline


class Timers:
    """The deadlines of a run during one turn."""

    def __init__(self, definition: Definition, run: str, before: Mapping[str, datetime | None]) -> None:
        """`before` has the deadlines that run when the turn begins, see `workflows.deadlines.running`."""
        self._definition, self._run, self._before = definition, run, before
        self._broken: set[str] = set()
        """Deadlines whose states were all left meanwhile: entered again, they begin anew."""

    def note(self, active: Set[str]) -> None:
        """States were left and entered; these are active now."""
        for deadline in self._definition.deadlines:
            if deadline.name in self._before and active.isdisjoint(deadline.states):
                self._broken.add(deadline.name)

    def keep(self, names: Iterable[str]) -> None:
        """Let these deadlines run on, if they do; all others begin anew."""
        self._before = {name: self._before[name] for name in names if name in self._before}

    def changes(self, after: Mapping[str, datetime | None], later: Callable[[float], datetime]) -> list[Effect]:
        """Give what sets and clears timers at the end of the turn.

        Args:
            after: the deadlines that run then.
            later: gives the instant so many seconds from now, UTC.
        """
        effects: list[Effect] = [
            ClearDeadline(run=self._run, name=name) for name in self._before if name not in after
        ]
        for deadline in self._definition.deadlines:
            name = deadline.name
            goes_on = name in self._before and name not in self._broken and self._before[name] == after.get(name)
            if name in after and not goes_on:
                at = after[name] or later(deadline.after or 0.0)
                effects.append(SetDeadline(run=self._run, name=name, at=at, event=deadline.event))
        return effects
