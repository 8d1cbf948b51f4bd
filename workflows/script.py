"""Scripts: rehearsals written by hand as YAML, played step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflows.answers import Late, Told
from workflows.connector import Answer, Did, Refuse, TryAgain
from workflows.definition import Definition
from workflows.durations import seconds_of
from workflows.errors import RehearsalError, WorkflowError
from workflows.rehearsal import BEGINNING, Rehearsal
from workflows.written import Fault, Places, WrittenWrong, fault_at, read_document

SCHEMA = Path(__file__).with_name("script.schema.json")
"""What a script must look like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Who there is, what connectors answer, and what is done in which order."""

    name: str
    """Of the file, for messages."""
    steps: Sequence[Mapping[str, Any]]
    places: Places
    people: Mapping[str, Any] = field(default_factory=dict)
    at: str = BEGINNING
    timezone: str = "UTC"
    by: str = ""
    data: Mapping[str, Any] | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)

    def fault(self, step: int, text: str) -> WrittenWrong:
        """What went wrong in a step, counted from 0; with its place in the file."""
        return WrittenWrong(self.name, [fault_at(("steps", step), self.places, text)])


def read_script(text: str, *, name: str = "script") -> Script:
    """Read a script from YAML.

    Raises:
        WrittenWrong: it is no YAML, does not fit the schema, or a step says not what is to be done.
    """
    document, places = read_document(text, SCHEMA, name)
    faults = [*_unclear(document, places), *_unanswered(document, places)]
    if faults:
        raise WrittenWrong(name, faults)
    return Script(name=name, places=places, **document)


def rehearse(script: Script, *definitions: Definition, people: Mapping[str, Any]) -> Rehearsal:
    """Prepare what a script asks for; nothing is started yet.

    Args:
        script: what is played.
        definitions: the first is the one that is started.
        people: who there is, where the script does not say.

    Raises:
        RehearsalError: its beginning cannot be read.
    """
    return Rehearsal(
        *definitions,
        people=script.people or people,
        at=script.at,
        timezone=script.timezone,
        answers={action: [_told(one) for one in _list(told)] for action, told in script.answers.items()},
    )


def play(script: Script, rehearsal: Rehearsal, data: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Start the run and take the steps; yields after the start and after each step.

    Args:
        script: what is played.
        rehearsal: where.
        data: what the run starts with, where the script does not say.

    Raises:
        WrittenWrong: a step cannot be taken, or what it expects is not so; with its place.
    """
    rehearsal.start(data if script.data is None else script.data, by=script.by)
    yield
    for number, step in enumerate(script.steps):
        try:
            _DEEDS[_deed(step)](rehearsal, step)
        except WorkflowError as fault:
            raise script.fault(number, str(fault)) from fault
        yield


# --- steps -------------------------------------------------------------------------------------------------------

Step = Mapping[str, Any]


def _decide(rehearsal: Rehearsal, step: Step) -> None:
    if "choose" not in step:
        raise RehearsalError("say what is decided: choose: DECISION")
    rehearsal.decide(step["decide"], step["choose"], by=step.get("by", ""), form=step.get("form"))


def _delegate(rehearsal: Rehearsal, step: Step) -> None:
    rehearsal.delegate(step["delegate"], step.get("to", ""), by=step.get("by", ""))


def _send(rehearsal: Rehearsal, step: Step) -> None:
    rehearsal.send(step["send"], step.get("data"), by=step.get("by", ""))


def _operate(rehearsal: Rehearsal, step: Step) -> None:
    more = {name: step[name] for name in ("state", "call", "to") if name in step}
    reason = step.get("reason", "a rehearsal")
    rehearsal.operate(step["operate"], reason=reason, by=step.get("by", ""), **more)


def _wait(rehearsal: Rehearsal, step: Step) -> None:
    rehearsal.advance(step["wait"])


def _until(rehearsal: Rehearsal, step: Step) -> None:
    rehearsal.advance_to(step["until"])


def _expect(rehearsal: Rehearsal, step: Step) -> None:
    wanted, run = step["expect"], rehearsal.look()
    found: dict[str, Any] = {
        "state": run.state,
        "status": run.status.value,
        "asked": [task.name for task in rehearsal.questions()],
    }
    for name, value in wanted.items():
        if name == "data":
            wrong = {key: run.data.get(key) for key in value if run.data.get(key) != value[key]}
            if wrong:
                raise RehearsalError(f"the data is not as expected: {wrong}")
        elif found[name] != (_list(value) if name == "asked" else value):
            raise RehearsalError(f"{name} is {found[name]!r}, not {value!r} as expected")


_DEEDS: Mapping[str, Callable[[Rehearsal, Step], None]] = {
    "decide": _decide,
    "delegate": _delegate,
    "send": _send,
    "operate": _operate,
    "wait": _wait,
    "until": _until,
    "expect": _expect,
}


def _deed(step: Step) -> str:
    """What a step does; empty where it says nothing, or several things."""
    found = [name for name in _DEEDS if name in step]
    return found[0] if len(found) == 1 else ""


def _unclear(document: Mapping[str, Any], places: Places) -> Iterator[Fault]:
    for number, step in enumerate(document["steps"]):
        if not _deed(step):
            text = f"a step does one of these: {', '.join(_DEEDS)}"
            yield fault_at(("steps", number), places, text)


# --- answers -----------------------------------------------------------------------------------------------------


def _told(written: Mapping[str, Any]) -> Told:
    answer = _answer(written)
    return Late(seconds=seconds_of(written["late"]), answer=answer) if "late" in written else answer


def _answer(written: Mapping[str, Any]) -> Answer:
    if "again" in written:
        return TryAgain(reason=written["again"])
    if "refuse" in written:
        return Refuse(reason=written["refuse"])
    return Did(result=written.get("done"))


def _unanswered(document: Mapping[str, Any], places: Places) -> Iterator[Fault]:
    for action, told in document.get("answers", {}).items():
        for number, one in enumerate(_list(told)):
            if sum(name in one for name in ("done", "again", "refuse")) > 1:
                yield fault_at(("answers", action, number), places, "an answer is one of done, again, refuse")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
