"""Simulation: a workflow played through on the command line, by a script, by first choices or by chance."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from workflows.definition import Definition
from workflows.errors import RehearsalError
from workflows.rehearsal import Rehearsal
from workflows.run import OVER, Status
from workflows.script import Script, play, read_script, rehearse
from workflows.story import as_values, told
from workflows.walk import MOST_STEPS, STARTER, by_chance, cast_for, first_choices, sample
from workflows.written import WrittenWrong

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """How it went."""

    definition: Definition
    rehearsal: Rehearsal
    fault: str = ""
    """What stopped the script; empty: nothing did."""

    @property
    def stuck(self) -> bool:
        """It could not go on by itself."""
        return self.rehearsal.status is Status.STUCK

    def summary(self) -> Iterator[str]:
        """Say where it stands at the end."""
        run, events = self.rehearsal.look(), len(self.rehearsal.log)
        passed = _passed(self.rehearsal.now - run.created_at)
        state = f"{run.status.value} in {run.state}"
        yield f"{self.definition.name} {self.definition.hash[:12]}: {state}; {passed} passed, {events} events."
        if run.status not in OVER:
            asked = ", ".join(task.name for task in self.rehearsal.questions()) or "nothing is asked"
            yield f"It waits: {asked}."
        if run.data:
            yield f"Data: {json.dumps(run.data, ensure_ascii=False)}"
        if self.fault:
            yield self.fault

    def as_values(self) -> dict[str, Any]:
        """Write all of it as JSON values."""
        run = self.rehearsal.look()
        return {
            "definition": self.definition.name,
            "hash": self.definition.hash,
            "status": run.status.value,
            "state": run.state,
            "data": run.data,
            "asked": [task.name for task in self.rehearsal.questions()],
            "steps": as_values(self.rehearsal),
            "fault": self.fault,
        }


def simulate(
    definitions: Sequence[Definition],
    *,
    data: Mapping[str, Any] | None,
    script: Path | None,
    seed: int | None,
    tell: Tell | None,
) -> Simulation:
    """Play a workflow through.

    Args:
        definitions: the first is the one that is played, the others may be started from it.
        data: what it starts with; None: made up by its JSON Schema.
        script: what is done; None: whatever can be done next.
        seed: of chance; None: the first choice each time.
        tell: told each line of the story when it happens.

    Raises:
        WrittenWrong: the script cannot be read.
        RehearsalError: what it starts with does not fit.
    """
    people = cast_for(*definitions)
    read = _script(script) if script is not None else None
    rehearsal = rehearse(read, *definitions, people=people) if read else Rehearsal(*definitions, people=people)
    if data is None:
        data = sample(definitions[0].data, rehearsal)
    walk = play(read, rehearsal, data) if read else _walk(rehearsal, data, seed)
    seen, fault = 0, ""
    try:
        for _ in walk:
            seen = _tell(rehearsal, seen, tell)
    except WrittenWrong as wrong:
        seen, fault = _tell(rehearsal, seen, tell), str(wrong)
    return Simulation(definition=definitions[0], rehearsal=rehearsal, fault=fault)


def _walk(rehearsal: Rehearsal, data: Mapping[str, Any], seed: int | None) -> Iterator[None]:
    rehearsal.start(data, by=STARTER)
    yield
    steps = 0
    for _ in first_choices(rehearsal) if seed is None else by_chance(rehearsal, seed):
        steps += 1
        yield
    if steps == MOST_STEPS:
        raise RehearsalError(f"it came to no end in {MOST_STEPS} steps; write a script that does")


def _tell(rehearsal: Rehearsal, seen: int, tell: Tell | None) -> int:
    if tell is not None:
        for line in told(rehearsal, seen):
            tell(line)
    return len(rehearsal.log)


def _passed(time: timedelta) -> str:
    """Write how long something took, in days, hours and minutes."""
    minutes = round(time.total_seconds() / 60)
    days, hours, left = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{days} {'day' if days == 1 else 'days'}"] * bool(days)
    parts += [f"{hours} h"] * bool(hours) + [f"{left} min"] * bool(left)
    return " ".join(parts) or "no time"


def _script(path: Path) -> Script:
    try:
        return read_script(path.read_text(encoding="utf-8"), name=str(path))
    except (OSError, UnicodeDecodeError) as fault:
        raise RehearsalError(f"{path} cannot be read: {fault}") from fault
