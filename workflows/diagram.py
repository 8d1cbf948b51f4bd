"""Diagrams of definitions: boxes and arrows as plain data, and as Mermaid text; layout is the reader's."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from workflows.definition import Definition
from workflows.durations import words_of as duration_words
from workflows.parts import Ask, Call, State, Transition

LONGEST_GUARD = 32
"""Characters of a condition that stand on an arrow."""
_MERMAIDS_OWN = frozenset({"state", "end", "note", "class", "classdef", "direction", "default", "style", "click"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A state."""

    name: str
    title: str
    parent: str
    """The box that it stands in; empty at the top."""
    parallel: bool
    """All boxes in it are active together."""
    final: bool
    first: bool
    """It is entered first, among those beside it."""
    notes: tuple[str, ...]
    """What is done in it: "asks facilitator", "starts purchase"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """The ways from one state to another."""

    source: str
    target: str
    labels: tuple[str, ...]
    """One for each way; short."""
    details: tuple[str, ...]
    """The same in full: event and conditions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A definition as boxes and arrows."""

    boxes: tuple[Box, ...]
    """A parent before those in it."""
    arrows: tuple[Arrow, ...]


def picture_of(definition: Definition) -> Picture:
    """Draw a definition; ways that lead nowhere else are left out."""
    chart = definition.chart
    first = {definition.initial, *(names[0] for names in chart.first.values() if len(names) == 1)}
    ways: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for transition in definition.transitions:
        if transition.target:
            label = _label(definition, transition), _detail(transition)
            ways.setdefault((transition.source, transition.target), []).append(label)
    return Picture(
        boxes=tuple(
            Box(
                name=state.name,
                title=state.title or words_of(state.name),
                parent=state.parent,
                parallel=state.parallel,
                final=state.final,
                first=state.name in first and not (state.parent and state.parent in chart.parallel),
                notes=_notes(state),
            )
            for state in definition.states
        ),
        arrows=tuple(
            Arrow(
                source=source,
                target=target,
                labels=tuple(dict.fromkeys(label for label, _ in found if label)),
                details=tuple(detail for _, detail in found),
            )
            for (source, target), found in ways.items()
        ),
    )


def mermaid(picture: Picture, *, active: Collection[str] = ()) -> str:
    """Write a picture as Mermaid's `stateDiagram-v2`.

    Args:
        picture: what to write.
        active: states to mark.
    """
    lines = ["stateDiagram-v2"]
    inside: dict[str, list[Box]] = {}
    for box in picture.boxes:
        inside.setdefault(box.parent, []).append(box)
    _write("", inside, lines, "  ")
    for arrow in picture.arrows:
        label = ", ".join(arrow.labels)
        lines.append(f"  {_id(arrow.source)} --> {_id(arrow.target)}" + (f" : {_plain(label)}" if label else ""))
    marked = [_id(box.name) for box in picture.boxes if box.name in active]
    if marked:
        lines += ["  classDef active stroke-width:3px", f"  class {','.join(marked)} active"]
    return "\n".join(lines) + "\n"


def words_of(name: str) -> str:
    """Write a name in words: `not_needed` is "Not needed"."""
    words = name.replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:]


def _write(parent: str, inside: Mapping[str, Sequence[Box]], lines: list[str], margin: str) -> None:
    boxes = inside.get(parent, ())
    together = bool(parent) and any(
        box.name == parent and box.parallel for level in inside.values() for box in level
    )
    for number, box in enumerate(boxes):
        if together and number:
            lines.append(f"{margin}--")
        name, nested = _id(box.name), box.name in inside
        lines.append(f'{margin}state "{_plain(box.title)}" as {name}{" {" if nested else ""}')
        if nested:
            _write(box.name, inside, lines, margin + "  ")
            lines.append(f"{margin}}}")
        if box.first or together:
            lines.append(f"{margin}[*] --> {name}")
        if box.final:
            lines.append(f"{margin}{name} --> [*]")


def _id(name: str) -> str:
    return f"{name}_" if name.lower() in _MERMAIDS_OWN else name


def _plain(text: str) -> str:
    """Leave out what Mermaid would read as its own."""
    return re.sub(r'[";{}#\n]', " ", text).replace(":", " ").strip()


def _notes(state: State) -> tuple[str, ...]:
    notes = []
    for one in state.work:
        match one:
            case Ask():
                notes.append(f"asks {one.role}" if one.role else f"asks {_person(one.person)}")
            case Call():
                notes.append(one.action)
            case _:
                notes.append(f"starts {one.definition}")
    if state.undoes:
        notes.append("takes back what was done")
    return tuple(dict.fromkeys(notes))


def _person(template: str) -> str:
    inner = re.fullmatch(r"\{(?:data|run)\.(\w+)\}", template.strip())
    if inner is None:
        return "a person"
    return "who started it" if inner[1] == "started_by" else inner[1].replace("_", " ")


def _label(definition: Definition, transition: Transition) -> str:
    beside = [
        one for one in definition.by_source[transition.source] if one.event == transition.event and one.target
    ]
    event = _event_words(definition, transition.event)
    if transition.guards and (len(beside) > 1 or not event):
        guard = _guard_words(transition.guards)
        return f"{event} {guard}".strip()
    if not event and len(beside) > 1:
        return "otherwise"
    return event


def _event_words(definition: Definition, event: str) -> str:
    if not event:
        return ""
    for deadline in definition.deadlines:
        if deadline.event == event:
            return f"after {duration_words(deadline.after)}" if deadline.after is not None else _small(event)
    family, _, rest = event.partition(".")
    if event.startswith("done.state."):
        return "all done" if rest.removeprefix("state.") in definition.chart.parallel else "done"
    if event == "done.undo":
        return "taken back"
    if rest:
        return {"done": "done", "failed": "fails", "overdue": "overdue"}.get(family, _small(family))
    return "anything" if event == "*" else _small(event)


def _small(name: str) -> str:
    return name.replace("_", " ")


def _guard_words(guards: Sequence[str]) -> str:
    words = " and ".join(guard if not guard.isidentifier() else _small(guard) for guard in guards)
    words = re.sub(r"\b(?:data|event)\.", "", words)
    short = words if len(words) <= LONGEST_GUARD else words[: LONGEST_GUARD - 1].rstrip() + "…"
    return f"if {short}"


def _detail(transition: Transition) -> str:
    event = transition.event or "at once"
    return event + (f" if {' and '.join(transition.guards)}" if transition.guards else "")
