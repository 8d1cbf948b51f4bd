"""Definitions written by hand: YAML to a document, with every fault in its place.

YAML is read by the core schema of its version 1.2: `on`, `off`, `yes`, `no` and dates are texts. What has no
counterpart in JSON is refused. A fault stands where the key is, or the entry of the list, that is wrong.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from yaml.constructor import ConstructorError
from yaml.reader import ReaderError

from workflows.definition import Definition
from workflows.durations import DurationError, seconds_of
from workflows.errors import DefinitionError, WorkflowError
from workflows.parts import Rules

SCHEMA = Path(__file__).with_name("definition.schema.json")
"""What a document must look like; editors that know JSON Schema complete and check with it."""
DEEPEST = 60
"""Maps and lists that may stand in one another."""
MOST_NODES = 50_000
"""Maps, lists and values of a document, each as often as it is referred to."""

LONGEST_SHOWN = 60
"""Characters of a wrong value that are repeated in its fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong with a text."""

    line: int
    """Counted from 1."""
    column: int
    """Counted from 1."""
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.text}"


class WrittenWrong(WorkflowError):
    """A text is no definition; every fault has its place."""

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
    document, places = read_document(text, SCHEMA, name)
    try:
        return Definition.from_document(document, rules)
    except DefinitionError as error:
        faults = [fault_at(path, places, reason) for path, reason in error.problems]
        raise WrittenWrong(name, sorted(faults, key=_place)) from error


def read_document(text: str, schema: Path, name: str) -> tuple[Any, Places]:
    """Read YAML that fits a JSON Schema, which lies in a file; give the document, and where all of it stands.

    Raises:
        WrittenWrong: it is no YAML, or does not fit.
    """
    document, places = _load(text, name)
    errors = _validator(schema).iter_errors(document)
    _refuse(name, [fault for error in errors for fault in _faults(error, places)])
    return document, places


def places_in(text: str) -> Places:
    """Say where everything stands in a text that was read before."""
    return _load(text, "")[1]


def write_definition(definition: Definition) -> str:
    """Write a definition as YAML that `read_definition` reads."""
    return yaml.dump(definition.to_document(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _refuse(name: str, faults: list[Fault]) -> None:
    if faults:
        raise WrittenWrong(name, sorted(dict.fromkeys(faults), key=_place))


def _place(fault: Fault) -> tuple[int, int]:
    return fault.line, fault.column


# --- YAML --------------------------------------------------------------------------------------------------------

_TAG = "tag:yaml.org,2002:"
_STR, _MERGE = _TAG + "str", _TAG + "merge"
_PLAIN = (
    ("null", r"(?:~|null|Null|NULL|)\Z", ["~", "n", "N", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", list("tTfF")),
    ("int", r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z", list("-+.0123456789")),
    ("merge", r"<<\Z", ["<"]),
)
"""How values look that are no texts though they have no quotes: kind, form, and how they may begin."""


class _Loader(yaml.SafeLoader):
    """Reads YAML 1.2."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012


class _Dumper(yaml.SafeDumper):
    """Writes YAML 1.2, without references."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Write line breaks that only some programs know as escapes: else they would be read as spaces."""
        style = '"' if _ODD_BREAKS.search(text) else None
        return self.represent_scalar(_STR, text, style=style)


_ODD_BREAKS = re.compile("[\x85\u2028\u2029]")
_Dumper.add_representer(str, _Dumper.represent_text)


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | float:
    text = node.value.lower()
    try:
        number = int(text, 0 if text[:2] in ("0o", "0x") else 10) if node.tag == _TAG + "int" else float(text)
        finite = math.isfinite(number)
    except (ValueError, OverflowError):  # more digits than Python reads, or than a float holds
        finite = False
    if not finite:
        raise ConstructorError(None, None, "this number is too large", node.start_mark)
    return number


for _kind, _form, _first in _PLAIN:
    _Loader.add_implicit_resolver(_TAG + _kind, re.compile(_form), _first)
    _Dumper.add_implicit_resolver(_TAG + _kind, re.compile(_form), _first)
for _kind in ("int", "float"):
    _Loader.add_constructor(_TAG + _kind, _number)


_Path = tuple[str | int, ...]
Places = Mapping[_Path, tuple[int, int]]
"""Where everything of a document stands: path -> line and column, both from 1."""


def _load(text: str, name: str) -> tuple[Any, Places]:
    """Give the document, and where all of it stands."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise WrittenWrong(name, [Fault(line=1, column=1, text="it is empty")])
        walk = _Walk(loader)
        walk.over(node, ())
        _refuse(name, walk.faults)
        return loader.construct_document(node), walk.places
    except ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        words = f"the character #x{error.character:04x} is not allowed"
        raise WrittenWrong(name, [Fault(line=line, column=column, text=words)]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        assert mark is not None, "PyYAML says where"
        words = error.problem or "it is no YAML"
        raise WrittenWrong(name, [Fault(line=mark.line + 1, column=mark.column + 1, text=words)]) from error
    except RecursionError as error:
        raise WrittenWrong(name, [Fault(line=1, column=1, text=_TOO_DEEP)]) from error


_TOO_DEEP = "it is nested too deeply"


class _Walk:
    """Notes where everything stands, and what JSON does not know."""

    def __init__(self, loader: yaml.SafeLoader) -> None:
        self.places: dict[_Path, tuple[int, int]] = {}
        self.faults: list[Fault] = []
        self._resolve: Callable[..., str] = loader.resolve
        self._nodes = 0

    def over(self, node: yaml.Node, path: _Path) -> None:
        """Note a node and all below it."""
        self.places.setdefault(path, _start(node))
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise ConstructorError(None, None, "it is too large", node.start_mark)
        if len(path) > DEEPEST:
            raise ConstructorError(None, None, _TOO_DEEP, node.start_mark)
        if node.tag not in (_STR, self._resolve(type(node), node.value, (True, False))):
            self._fault(node, f"{node.tag!r} is no kind of value here")
        elif isinstance(node, yaml.MappingNode):
            self._over_map(node, path)
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                self.over(value, (*path, number))

    def _over_map(self, node: yaml.MappingNode, path: _Path) -> None:
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag not in (_STR, _MERGE):
                self._fault(key, "a key must be a text; put it into quotes")
            elif key.tag == _MERGE:
                for one in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    self.over(one, path)
            else:
                if key.value in seen:
                    self._fault(key, f"{key.value!r} is there twice")
                seen.add(key.value)
                self.places[*path, key.value] = _start(key)
                self.over(value, (*path, key.value))

    def _fault(self, node: yaml.Node, text: str) -> None:
        line, column = _start(node)
        self.faults.append(Fault(line=line, column=column, text=text))


def _start(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


# --- faults ------------------------------------------------------------------------------------------------------

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("length-of-time", raises=DurationError)
def _is_length_of_time(value: object) -> bool:
    return not isinstance(value, str) or seconds_of(value) >= 0.0


@cache
def _validator(schema: Path) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")), format_checker=_FORMATS)


def _faults(error: ValidationError, places: Places) -> Iterator[Fault]:
    path, instance, schema = tuple(error.absolute_path), cast(Any, error.instance), cast(Any, error.schema)
    if error.validator == "additionalProperties":
        known = schema["properties"]
        for extra in instance:
            if extra not in known:
                words = ", ".join(sorted(known))
                yield fault_at((*path, extra), places, f"{extra!r} is not known here; known are {words}")
        return
    if "propertyNames" in error.absolute_schema_path:
        path = (*path, instance)
    where = ".".join(str(part) for part in path) or "it"
    yield fault_at(path, places, f"{where}: {_words(error, instance, schema)}")


def _words(error: ValidationError, instance: Any, schema: Mapping[str, Any]) -> str:
    if error.validator == "required":
        return f"{', '.join(name for name in schema['required'] if name not in instance)} is missing"
    if isinstance(error.cause, DurationError):
        return str(error.cause)
    described = schema.get("description")
    return f"{_short(instance)} is not {described}" if described else error.message


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def fault_at(path: _Path, places: Places, text: str) -> Fault:
    """Put a fault at the innermost of the path that is written; one thing alone may be meant by a list of one."""
    known: _Path = ()
    for part in path:
        if (*known, part) in places:
            known = (*known, part)
        elif isinstance(part, str):
            break
    line, column = places[known]
    return Fault(line=line, column=column, text=text)
