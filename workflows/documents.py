"""Definitions as JSON values: what is stored, hashed and written by hand as YAML.

States are nested maps, with their transitions by event, so that the whole reads from top to bottom. Lengths of
time may be written in words ("2 days"). What an older Atrium stored, states as a list and transitions beside them,
is read as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence, Sized
from dataclasses import fields
from typing import Any

from workflows.durations import DurationError, seconds_of
from workflows.errors import DefinitionError
from workflows.parts import (
    USUAL_TIMEOUT,
    Ask,
    Call,
    Child,
    Deadline,
    Escalation,
    Retry,
    State,
    Transition,
    Undo,
    Whole,
)


def hash_of(document: Mapping[str, Any]) -> str:
    """Give the SHA-256 (hex) of a document. The order of its states and transitions counts."""
    text = json.dumps(document, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


# --- writing -----------------------------------------------------------------------------------------------------


def document_of(definition: Whole) -> dict[str, Any]:
    """Write a definition; functions by name, what is as usual left out."""
    children: dict[str, list[State]] = {}
    for state in definition.states:
        children.setdefault(state.parent, []).append(state)

    def nested(parent: str) -> dict[str, Any]:
        return {
            state.name: _state(state, definition.transitions) | _some(states=nested(state.name))
            for state in children.get(parent, ())
        }

    return (
        {"name": definition.name}
        | _some(title=definition.title, owner=definition.owner)
        | _given(data=definition.data)
        | {"initial": definition.initial, "states": nested("")}
        | _some(
            deadlines={d.name: _deadline(d) for d in definition.deadlines},
            renamed=dict(definition.renamed),
        )
    )


def _state(state: State, transitions: Sequence[Transition]) -> dict[str, Any]:
    on: dict[str, list[dict[str, Any]]] = {}
    for transition in transitions:
        if transition.source == state.name:
            on.setdefault(transition.event, []).append(
                _some(
                    to=transition.target,
                    **{"if": list(transition.guards)},
                    do=list(transition.changes),
                    **{"raise": list(transition.raises)},
                )
            )
    always = on.pop("", [])
    return _some(
        title=state.title,
        initial=state.initial,
        parallel=state.parallel,
        final=state.final,
        entry=list(state.entry),
        exit=list(state.exit),
        calls={call.name: _call(call) for call in state.calls},
        asks={ask.name: _ask(ask) for ask in state.asks},
        children={child.name: _child(child) for child in state.children},
        undoes=state.undoes,
        on=on,
        always=always,
    )


def _call(call: Call) -> dict[str, Any]:
    undo = call.undo
    retry, usual = call.retry, Retry()
    return (
        {"action": call.action}
        | _some(
            **{"with": dict(call.params)},
            save=call.save,
            retry={
                field.name: getattr(retry, field.name)
                for field in fields(Retry)
                if getattr(retry, field.name) != getattr(usual, field.name)
            },
        )
        | _given(
            timeout=call.timeout if call.timeout != USUAL_TIMEOUT else None,
            undo=undo and {"action": undo.action} | _some(**{"with": dict(undo.params)}),
        )
    )


def _ask(ask: Ask) -> dict[str, Any]:
    return (
        {"title": ask.title}
        | _some(
            role=ask.role,
            person=ask.person,
            decisions=dict(ask.decisions),
            apart_from=list(ask.apart_from),
            shows=list(ask.shows),
        )
        | _given(form=ask.form, due=ask.due)
        | _some(escalate=[{"after": one.after} | _some(role=one.role, person=one.person) for one in ask.escalate])
    )


def _child(child: Child) -> dict[str, Any]:
    return {"definition": child.definition} | _some(**{"with": dict(child.params)}, save=child.save)


def _deadline(deadline: Deadline) -> dict[str, Any]:
    when: dict[str, Any] = {"at": deadline.at} if deadline.after is None else {"after": deadline.after}
    return {"in": list(deadline.states)} | when | {"event": deadline.event}


def _some(**values: bool | Sized) -> dict[str, Any]:
    """Leave out what is empty or false."""
    return {name: value for name, value in values.items() if value}


def _given(**values: Any) -> dict[str, Any]:
    """Leave out what is not there; what is empty, or zero, is."""
    return {name: value for name, value in values.items() if value is not None}


# --- reading -----------------------------------------------------------------------------------------------------


def definition_values(document: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a `Definition` is built with, but for its rules.

    Raises:
        DefinitionError: something is missing, or is of the wrong kind.
    """
    name = "?"
    try:
        name = _text(document, "name")
        if isinstance(document["states"], list):
            return _flat(document)
        states: list[State] = []
        transitions: list[Transition] = []
        _read_states(_map(document, "states"), "", states, transitions)
        return {
            "name": name,
            "title": _text(document, "title", ""),
            "owner": _text(document, "owner", ""),
            "data": _maybe(document, "data"),
            "initial": _text(document, "initial"),
            "states": tuple(states),
            "transitions": tuple(transitions),
            "deadlines": tuple(_read_deadline(key, one) for key, one in _map(document, "deadlines", {}).items()),
            "renamed": {old: _text(document["renamed"], old) for old in _map(document, "renamed", {})},
        }
    except DurationError as fault:
        raise DefinitionError(name, str(fault)) from fault
    except (KeyError, TypeError, AttributeError) as fault:
        raise DefinitionError(name, f"its document is incomplete ({fault})") from fault


def _read_states(
    nested: Mapping[str, Any], parent: str, states: list[State], transitions: list[Transition]
) -> None:
    for name, given in nested.items():
        one: Mapping[str, Any] = {} if given is None else given
        states.append(
            State(
                name=name,
                parent=parent,
                initial=_text(one, "initial", ""),
                parallel=_flag(one, "parallel"),
                final=_flag(one, "final"),
                title=_text(one, "title", ""),
                entry=_texts(one.get("entry")),
                exit=_texts(one.get("exit")),
                calls=tuple(_read_call(key, value) for key, value in _map(one, "calls", {}).items()),
                asks=tuple(_read_ask(key, value) for key, value in _map(one, "asks", {}).items()),
                children=tuple(_read_child(key, value) for key, value in _map(one, "children", {}).items()),
                undoes=_flag(one, "undoes"),
            )
        )
        for event, ways in _map(one, "on", {}).items():
            transitions.extend(_read_transition(name, event, way) for way in _several(ways))
        transitions.extend(_read_transition(name, "", way) for way in _several(one.get("always")))
        _read_states(_map(one, "states", {}), name, states, transitions)


def _read_transition(source: str, event: str, way: Any) -> Transition:
    if isinstance(way, str):
        way = {"to": way}
    return Transition(
        source=source,
        event=event,
        target=_text(way, "to", ""),
        guards=_texts(way.get("if")),
        changes=_texts(way.get("do")),
        raises=_texts(way.get("raise")),
    )


def _read_call(name: str, one: Mapping[str, Any]) -> Call:
    undo = _maybe(one, "undo")
    return Call(
        name=name,
        action=_text(one, "action"),
        params=_map(one, "with", {}),
        save=_text(one, "save", ""),
        retry=_read_retry(_map(one, "retry", {})),
        timeout=seconds_of(one.get("timeout", USUAL_TIMEOUT)),
        undo=None if undo is None else Undo(action=_text(undo, "action"), params=_map(undo, "with", {})),
    )


def _read_retry(given: Mapping[str, Any]) -> Retry:
    values: dict[str, Any] = {
        name: seconds_of(value) if name in ("first", "most") else value for name, value in given.items()
    }
    for name, value in values.items():
        if not isinstance(value, int if name == "attempts" else int | float):
            raise TypeError(f"{name} must be a number")
    return Retry(**values)


def _read_ask(name: str, one: Mapping[str, Any]) -> Ask:
    due = one.get("due")
    return Ask(
        name=name,
        title=_text(one, "title"),
        role=_text(one, "role", ""),
        person=_text(one, "person", ""),
        decisions=_read_decisions(one.get("decisions", ("approve", "reject"))),
        apart_from=_texts(one.get("apart_from")),
        shows=_texts(one.get("shows")),
        form=_maybe(one, "form"),
        due=None if due is None else seconds_of(due),
        escalate=tuple(
            Escalation(
                after=seconds_of(step["after"]), role=_text(step, "role", ""), person=_text(step, "person", "")
            )
            for step in one.get("escalate", ())
        ),
    )


def _read_decisions(given: Any) -> dict[str, int]:
    votes = dict(given) if isinstance(given, Mapping) else dict.fromkeys(_texts(given), 1)
    if not all(isinstance(one, int) for one in votes.values()):
        raise TypeError("votes must be whole numbers")
    return votes


def _read_child(name: str, one: Mapping[str, Any]) -> Child:
    return Child(
        name=name, definition=_text(one, "definition"), params=_map(one, "with", {}), save=_text(one, "save", "")
    )


def _read_deadline(name: str, one: Mapping[str, Any]) -> Deadline:
    after = one.get("after")
    return Deadline(
        name=name,
        states=_texts(one["in"]),
        at=_text(one, "at", ""),
        after=None if after is None else seconds_of(after),
        event=_text(one, "event"),
    )


def _flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """Read what was stored before states could be nested."""
    return {
        "name": document["name"],
        "initial": _text(document, "initial"),
        "states": tuple(State(name=name) for name in _texts(document["states"])),
        "transitions": tuple(
            Transition(
                source=_text(one, "source"),
                event=_text(one, "event"),
                target=_text(one, "target"),
                guards=_texts(one.get("guards")),
                changes=_texts(one.get("changes")),
            )
            for one in document["transitions"]
        ),
        "deadlines": tuple(
            Deadline(
                name=_text(one, "name"),
                states=_texts(one["states"]),
                at=_text(one, "at"),
                event=_text(one, "event"),
            )
            for one in document.get("deadlines", ())
        ),
    }


# --- kinds of values ---------------------------------------------------------------------------------------------


def _text(one: Mapping[str, Any], name: str, usual: str | None = None) -> str:
    value = one[name] if usual is None else one.get(name, usual)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text")
    return value


def _flag(one: Mapping[str, Any], name: str) -> bool:
    value = one.get(name, False)
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false")
    return value


def _map(one: Mapping[str, Any], name: str, usual: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    value = one[name] if usual is None else one.get(name, usual)
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a map")
    return value


def _maybe(one: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    return None if one.get(name) is None else _map(one, name)


def _texts(given: Any) -> tuple[str, ...]:
    several = tuple(_several(given))
    if not all(isinstance(one, str) for one in several):
        raise TypeError("a text was expected")
    return several


def _several(given: Any) -> Sequence[Any]:
    return () if given is None else given if isinstance(given, list | tuple) else (given,)
