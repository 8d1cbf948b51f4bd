"""Runs and questions in words: what things and people are called, and values as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from server.work.forms import Schema, title_of, within
from server.work.sight import Whole
from workflows.definition import Definition
from workflows.diagram import words_of
from workflows.engine import OFFICE
from workflows.run import Data, Run
from workflows.store import HumanTask

LONGEST_SUMMARY = 140
LONGEST_ID = 80
Names = Mapping[str, str]
"""What people are called, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value as people read it."""

    name: str
    """Of the field, or the expression that gave it."""
    label: str
    value: Any
    """JSON values; of people their names."""
    format: str
    """As in its JSON Schema, `date` for instance; empty: as its type says."""
    unit: str
    """As `EUR`; empty: none."""


def definition_title(definition: Definition | None, name: str) -> str:
    """What people call a kind of work."""
    return (definition.title if definition else "") or words_of(name)


def summary_of(run: Run, definition: Definition | None) -> str:
    """What a run is about: the first text that it started with."""
    asked = (definition.data or {}).get("properties", {}) if definition else {}
    order = [*asked, *(name for name in run.data if name not in asked)]
    texts = (run.data.get(name) for name in order)
    found = next((text for text in texts if isinstance(text, str) and text.strip()), "")
    return found if len(found) <= LONGEST_SUMMARY else found[: LONGEST_SUMMARY - 1].rstrip() + "…"


def state_title(definition: Definition | None, name: str) -> str:
    """What people call a state."""
    state = definition.by_name.get(name) if definition else None
    return (state.title if state else "") or words_of(name)


def ids_in_run(run: Run) -> Iterator[str]:
    """People whom the line of a run names."""
    yield from (run.started_by, run.steward)


def ids_in_task(task: HumanTask) -> Iterator[str]:
    """People whom a question names."""
    yield from (*task.people, *task.barred, *task.votes, task.decided_by)
    yield from _texts(task.shown.values())


def ids_in_whole(whole: Whole) -> Iterator[str]:
    """People whom a run with all that belongs to it names."""
    runs = [whole.run, *whole.children, *([whole.parent] if whole.parent else [])]
    yield from (one for run in runs for one in ids_in_run(run))
    yield from (entry.actor for entry in whole.history)
    yield from _texts(entry.data.get("to") for entry in whole.history)
    yield from (event.actor for event in whole.run.held)
    yield from (one for task in whole.tasks for one in ids_in_task(task))
    yield from _texts(whole.run.data.values())


def name_of(person: str, names: Names) -> str:
    """What somebody is called, also when the office does not know them any more."""
    return names.get(person) or ("somebody" if person else "")


def values_of(data: Data, definition: Definition | None, names: Names) -> list[Value]:
    """Give a run's data; what is empty is left out."""
    schema = definition.data if definition else None
    order = {name: number for number, name in enumerate((schema or {}).get("properties", {}))}
    known = sorted(data, key=lambda name: order.get(name, len(order)))
    return [_value(name, [name], data[name], schema, names) for name in known if data[name] not in (None, "")]


def shown_values(task: HumanTask, definition: Definition | None, names: Names) -> list[Value]:
    """Give what is decided about: expressions and their values."""
    schema = definition.data if definition else None
    found = []
    for expression, value in task.shown.items():
        root, _, rest = expression.partition(".")
        path = rest.split(".") if root == "data" and rest else [expression] if not rest else [rest]
        inner = schema if root == "data" or not rest else None
        if value not in (None, ""):
            found.append(_value(expression, path, value, inner, names))
    return found


def _value(name: str, path: list[str], value: Any, schema: Schema | None, names: Names) -> Value:
    field = within(schema, path) or {}
    return Value(
        name=name,
        label=title_of(path[-1], field),
        value=_named_people(value, names),
        format=str(field.get("format", "")),
        unit=str(field.get("unit", "")),
    )


def _named_people(value: Any, names: Names) -> Any:
    """Put names in the place of ids of people; an id is too long a word to be there by chance."""
    if isinstance(value, str):
        return names.get(value, value) if value != OFFICE else value
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return ", ".join(names.get(one, one) for one in value)
    return value


def _texts(values: Iterable[Any]) -> Iterator[str]:
    """Texts that may be ids of people."""
    for value in values:
        inner = value if isinstance(value, list) else [value]
        yield from (one for one in inner if isinstance(one, str) and len(one) <= LONGEST_ID)
