"""Definitions as JSON values: what is stored, hashed and written by hand as YAML.

States are nested maps, with their transitions by event, so that the whole reads from top to bottom. Lengths of
time may be written in words ("2 days"). What an older Atrium stored, states as a list and transitions beside them,
is read as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflows.durations import DurationError, seconds_of
from workflows.errors import DefinitionError
from workflows.parts import Ask, Call, Child, Deadline, Escalation, Retry, State, Transition, Undo, Whole


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
        | _some(title=definition.title, owner=definition.owner, data=definition.data)
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
    return {"action": call.action} | _some(
        **{"with": dict(call.params)},
        save=call.save,
        retry={
            name: getattr(retry, name)
            for name in ("attempts", "first", "factor", "most", "jitter")
            if getattr(retry, name) != getattr(usual, name)
        },
        timeout=call.timeout if call.timeout != 60.0 else None,
        undo=undo and {"action": undo.action} | _some(**{"with": dict(undo.params)}),
    )


def _ask(ask: Ask) -> dict[str, Any]:
    return {"title": ask.title} | _some(
        role=ask.role,
        person=ask.person,
        decisions=dict(ask.decisions),
        apart_from=list(ask.apart_from),
        shows=list(ask.shows),
        form=ask.form,
        due=ask.due,
        escalate=[{"after": one.after} | _some(role=one.role, person=one.person) for one in ask.escalate],
    )


def _child(child: Child) -> dict[str, Any]:
    return {"definition": child.definition} | _some(**{"with": dict(child.params)}, save=child.save)


def _deadline(deadline: Deadline) -> dict[str, Any]:
    when: dict[str, Any] = {"at": deadline.at} if deadline.after is None else {"after": deadline.after}
    return {"in": list(deadline.states)} | when | {"event": deadline.event}


def _some(**values: Any) -> dict[str, Any]:
    """Leave out what says nothing."""
    return {name: value for name, value in values.items() if value not in (None, "", False, [], {}, ())}


# --- reading -----------------------------------------------------------------------------------------------------


def definition_values(document: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a `Definition` is built with, but for its rules.

    Raises:
        DefinitionError: something is missing, or is of the wrong kind.
    """
    name = str(document.get("name", "?"))
    try:
        if isinstance(document["states"], Sequence):
            return _flat(document)
        states: list[State] = []
        transitions: list[Transition] = []
        _read_states(document["states"], "", states, transitions)
        return {
            "name": name,
            "title": document.get("title", ""),
            "owner": document.get("owner", ""),
            "data": document.get("data"),
            "initial": document["initial"],
            "states": tuple(states),
            "transitions": tuple(transitions),
            "deadlines": tuple(_read_deadline(key, one) for key, one in document.get("deadlines", {}).items()),
            "renamed": dict(document.get("renamed", {})),
        }
    except DurationError as fault:
        raise DefinitionError(name, str(fault)) from fault
    except (KeyError, TypeError, AttributeError) as fault:
        raise DefinitionError(name, f"its document is incomplete ({fault})") from fault


def _read_states(
    nested: Mapping[str, Any], parent: str, states: list[State], transitions: list[Transition]
) -> None:
    for name, given in nested.items():
        one: Mapping[str, Any] = given or {}
        states.append(
            State(
                name=name,
                parent=parent,
                initial=one.get("initial", ""),
                parallel=one.get("parallel", False),
                final=one.get("final", False),
                title=one.get("title", ""),
                entry=_texts(one.get("entry")),
                exit=_texts(one.get("exit")),
                calls=tuple(_read_call(key, value) for key, value in one.get("calls", {}).items()),
                asks=tuple(_read_ask(key, value) for key, value in one.get("asks", {}).items()),
                children=tuple(_read_child(key, value) for key, value in one.get("children", {}).items()),
                undoes=one.get("undoes", False),
            )
        )
        for event, ways in one.get("on", {}).items():
            transitions.extend(_read_transition(name, event, way) for way in _several(ways))
        transitions.extend(_read_transition(name, "", way) for way in _several(one.get("always")))
        _read_states(one.get("states", {}), name, states, transitions)


def _read_transition(source: str, event: str, way: Any) -> Transition:
    if isinstance(way, str):
        way = {"to": way}
    return Transition(
        source=source,
        event=event,
        target=way.get("to", ""),
        guards=_texts(way.get("if")),
        changes=_texts(way.get("do")),
        raises=_texts(way.get("raise")),
    )


def _read_call(name: str, one: Mapping[str, Any]) -> Call:
    retry = one.get("retry", {})
    undo = one.get("undo")
    values: dict[str, Any] = {
        key: seconds_of(value) if key in ("first", "most") else value for key, value in retry.items()
    }
    return Call(
        name=name,
        action=one["action"],
        params=one.get("with", {}),
        save=one.get("save", ""),
        retry=Retry(**values),
        timeout=seconds_of(one.get("timeout", 60.0)),
        undo=Undo(action=undo["action"], params=undo.get("with", {})) if undo else None,
    )


def _read_ask(name: str, one: Mapping[str, Any]) -> Ask:
    due = one.get("due")
    given = one.get("decisions")
    decisions = given if isinstance(given, Mapping) else {key: 1 for key in given or ("approve", "reject")}
    return Ask(
        name=name,
        title=one["title"],
        role=one.get("role", ""),
        person=one.get("person", ""),
        decisions=dict(decisions),
        apart_from=_texts(one.get("apart_from")),
        shows=_texts(one.get("shows")),
        form=one.get("form"),
        due=None if due is None else seconds_of(due),
        escalate=tuple(
            Escalation(after=seconds_of(step["after"]), role=step.get("role", ""), person=step.get("person", ""))
            for step in one.get("escalate", ())
        ),
    )


def _read_child(name: str, one: Mapping[str, Any]) -> Child:
    return Child(name=name, definition=one["definition"], params=one.get("with", {}), save=one.get("save", ""))


def _read_deadline(name: str, one: Mapping[str, Any]) -> Deadline:
    after = one.get("after")
    return Deadline(
        name=name,
        states=_texts(one["in"]),
        at=one.get("at", ""),
        after=None if after is None else seconds_of(after),
        event=one["event"],
    )


def _texts(given: str | Iterable[str] | None) -> tuple[str, ...]:
    return () if given is None else (given,) if isinstance(given, str) else tuple(given)


def _several(given: Any) -> Sequence[Any]:
    return () if given is None else given if isinstance(given, list | tuple) else (given,)


def _flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """Read what was stored before states could be nested."""
    return {
        "name": document["name"],
        "initial": document["initial"],
        "states": tuple(State(name=name) for name in document["states"]),
        "transitions": tuple(
            Transition(
                source=one["source"],
                event=one["event"],
                target=one["target"],
                guards=_texts(one.get("guards")),
                changes=_texts(one.get("changes")),
            )
            for one in document["transitions"]
        ),
        "deadlines": tuple(
            Deadline(name=one["name"], states=_texts(one["states"]), at=one["at"], event=one["event"])
            for one in document.get("deadlines", ())
        ),
    }
