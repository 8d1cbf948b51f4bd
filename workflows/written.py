"""Definitions written by hand: YAML to a document, with every fault on its line.

YAML is read as its version 1.2 says: `on`, `off`, `yes` and `no` are words, not truth values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from workflows.definition import Definition
from workflows.errors import DefinitionError, WorkflowError
from workflows.parts import Rules

SCHEMA = Path(__file__).with_name("definition.schema.json")
"""What a document must look like; editors that know JSON Schema complete and check with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong with a text."""

    line: int
    """Counted from 1."""
    column: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.text}"


class WrittenWrong(WorkflowError):
    """A text is no definition; every fault has its line."""

    code = "written_wrong"

    def __init__(self, name: str, faults: list[Fault]) -> None:
        super().__init__("\n".join(f"{name}:{fault.line}:{fault.column}: {fault.text}" for fault in faults))
        self.faults = faults


def read_definition(text: str, rules: Rules, *, name: str = "definition") -> Definition:
    """Read a definition from YAML.

    Args:
        text: the YAML.
        rules: functions that it may name.
        name: of the file, for messages.

    Raises:
        WrittenWrong: it is no YAML, does not fit the schema, or contradicts itself.
    """
    document, places = _load(text, name)
    faults = [_fault(error, places) for error in _validator().iter_errors(document)]
    if faults:
        raise WrittenWrong(name, sorted(faults, key=lambda fault: (fault.line, fault.column)))
    try:
        return Definition.from_document(document, rules)
    except DefinitionError as error:
        line, column = _named_in(error.reason, places)
        raise WrittenWrong(name, [Fault(line=line, column=column, text=error.reason)]) from error


def write_definition(definition: Definition) -> str:
    """Write a definition as YAML that `read_definition` reads."""
    return yaml.dump(definition.to_document(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


# --- YAML with places --------------------------------------------------------------------------------------------

_Places = Mapping[tuple[str | int, ...], tuple[int, int]]
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")


class _Loader(yaml.SafeLoader):
    pass


class _Dumper(yaml.SafeDumper):
    pass


_resolvers = {
    first: [(tag, expression) for tag, expression in found if tag != "tag:yaml.org,2002:bool"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_resolvers = {
    first: [one for one in found if one[0] != "tag:yaml.org,2002:timestamp"] for first, found in _resolvers.items()
}
for _kind in (_Loader, _Dumper):
    _kind.yaml_implicit_resolvers = dict(_resolvers)
    _kind.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOL, list("tTfF"))


def _load(text: str, name: str) -> tuple[Any, _Places]:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise WrittenWrong(name, [Fault(line=1, column=1, text="it is empty")])
        places: dict[tuple[str | int, ...], tuple[int, int]] = {}
        doubled = _walk(node, (), places)
        if doubled:
            raise WrittenWrong(name, doubled)
        return loader.construct_document(node), places
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise WrittenWrong(
            name, [Fault(line=line, column=column, text=error.problem or "it is no YAML")]
        ) from error
    except yaml.YAMLError as error:
        raise WrittenWrong(name, [Fault(line=1, column=1, text=str(error))]) from error
    finally:
        loader.dispose()


def _walk(
    node: Any, path: tuple[str | int, ...], places: dict[tuple[str | int, ...], tuple[int, int]]
) -> list[Fault]:
    places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
    faults: list[Fault] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            at = (key.start_mark.line + 1, key.start_mark.column + 1)
            if key.value in seen:
                faults.append(Fault(line=at[0], column=at[1], text=f"{key.value!r} is there twice"))
            seen.add(key.value)
            places[(*path, key.value)] = at
            faults += _walk(value, (*path, key.value), places)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            faults += _walk(value, (*path, number), places)
    return faults


# --- faults ------------------------------------------------------------------------------------------------------


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _fault(error: ValidationError, places: _Places) -> Fault:
    inner = best_match(error.context) if error.context else None
    if inner is not None and len(inner.absolute_path) > len(error.absolute_path):
        error = inner
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        known = set(_schema(error).get("properties", {}))
        extra = next((key for key in error.instance if key not in known), None)
        if extra is not None:
            line, column = _place((*path, extra), places)
            words = ", ".join(sorted(known))
            return Fault(line=line, column=column, text=f"{extra!r} is not known here; known are {words}")
    line, column = _place(path, places)
    where = ".".join(str(part) for part in path)
    return Fault(line=line, column=column, text=f"{where + ': ' if where else ''}{_words(error)}")


def _words(error: ValidationError) -> str:
    if error.validator == "required":
        there = error.instance if isinstance(error.instance, Mapping) else {}
        missing = [name for name in _schema(error)["required"] if name not in there]
        return f"{', '.join(missing)} is missing"
    described = _schema(error).get("description")
    return f"{error.message}; it should be {described}" if described else error.message


def _schema(error: ValidationError) -> Mapping[str, Any]:
    return error.schema if isinstance(error.schema, Mapping) else {}


def _place(path: tuple[str | int, ...], places: _Places) -> tuple[int, int]:
    while path and path not in places:
        path = path[:-1]
    return places.get(path, (1, 1))


def _named_in(reason: str, places: _Places) -> tuple[int, int]:
    """Where the thing stands that a fault names: the innermost key in its words, as far as that can be told."""
    transition = re.match(r"transition (\w+) --([\w.*]+)-->", reason)
    if transition:
        event = "always" if transition[2] == "always" else transition[2]
        for path, place in places.items():
            if path[-1:] == (event,) and transition[1] in path:
                return place
    words = re.findall(r"[A-Za-z][A-Za-z0-9_]*", reason)
    found = [
        (words.index(str(path[-1])), place)
        for path, place in places.items()
        if path and str(path[-1]) in words and len(path) > 1
    ]
    named = re.match(r"(?:state|deadline) (\w+)", reason)
    if named:
        for path, place in places.items():
            if path[-1:] == (named[1],):
                return place
    return min(found, default=(0, (1, 1)))[1]
