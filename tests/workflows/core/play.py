"""A run played by hand: a definition from YAML, events one by one, and what each of them asks for."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from workflows.definition import Definition
from workflows.effects import Effect
from workflows.machine import Step, begin, step
from workflows.parts import Rules
from workflows.run import Data, Event, Run
from workflows.written import read_definition

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
NO_RULES = Rules()
E = TypeVar("E")


def definition(text: str, rules: Rules = NO_RULES) -> Definition:
    """Read a definition that is written with any margin; its name may be left out."""
    text = textwrap.dedent(text)
    if "name:" not in text:
        text = f"{{name: d, {text[1:]}" if text.startswith("{") else f"name: d\n{text}"
    return read_definition(text, rules)


class Play:
    """One run, from its start."""

    def __init__(self, rules: str | Definition, data: Data | None = None, **values: Any) -> None:
        self.rules = definition(rules) if isinstance(rules, str) else rules
        self.now = values.pop("now", NOW)
        usual: dict[str, Any] = {"run_id": "r", "key": "k", "data": data or {}, "actor": "ana"}
        self.last: Step = begin(self.rules, now=self.now, **(usual | values))

    @property
    def run(self) -> Run:
        """As it is now."""
        return self.last.run

    @property
    def state(self) -> str:
        """Where it stands."""
        return self.run.state

    @property
    def effects(self) -> Sequence[Effect]:
        """What the last event asks for."""
        return self.last.effects

    def of(self, kind: type[E]) -> list[E]:
        """Those effects of the last event that are of one kind."""
        return [one for one in self.effects if isinstance(one, kind)]

    def send(self, name: str, data: Data | None = None, *, actor: str = "ana", roles: Sequence[str] = ()) -> Step:
        """Send an event."""
        event = Event(name=name, actor=actor, data=data or {}, roles=tuple(roles))
        self.last = step(self.rules, self.run, event, self.now)
        return self.last

    def done(self, name: str, result: object = None) -> Step:
        """Let something that is under way be done."""
        return self.send(f"done.{name}", {"number": self.run.open[name].number, "result": result}, actor="office")

    def fail(self, name: str, reason: str = "broken") -> Step:
        """Let something that is under way fail."""
        return self.send(
            f"failed.{name}", {"number": self.run.open[name].number, "reason": reason}, actor="office"
        )

    def operate(self, operation: str, **data: object) -> Step:
        """Move it by hand."""
        return self.send(f"${operation}", {"reason": "because", **data}, actor="eva")

    def decide(self, task: str, decision: str, actor: str, **data: object) -> Step:
        """Decide a question, as somebody who saw what stands there now and has the role that is asked."""
        seen = {"task": task, "decision": decision, "subject": self.run.open[task].subject}
        return self.send("$decide", {**seen, **data}, actor=actor, roles=self.run.open[task].roles)
