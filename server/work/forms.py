"""Forms: what people fill in, checked against its JSON Schema, with faults in words for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError

from server.errors import DoesNotFit, FieldFault
from workflows.diagram import words_of
from workflows.run import Data

PERSON = "person"
"""The `format` of a text that is the id of somebody whom the office knows."""
MOST_FAULTS = 20

Schema = Mapping[str, Any]

_KINDS = {
    "string": "must be a text",
    "number": "must be a number",
    "integer": "must be a whole number",
    "boolean": "must be yes or no",
    "array": "must be a list",
    "object": "must be a map",
    "null": "must be empty",
}
_FORMATS = {
    "date": "must be a day like 2026-11-27",
    "date-time": "must be a time like 2026-11-27T09:00:00Z",
    "time": "must be a time like 09:00:00",
    "email": "must be an address like ana@example.org",
    PERSON: "must be somebody whom this office knows",
}


def schema_fault(schema: Schema | None) -> str:
    """Say what is wrong with a schema itself, or nothing."""
    try:
        Draft202012Validator.check_schema(dict(schema or {}))
    except SchemaError as fault:
        where = ".".join(str(part) for part in fault.absolute_path)
        return f"{where}: {fault.message}" if where else fault.message
    elsewhere = _elsewhere(schema)
    return f"$ref: {elsewhere} lies elsewhere; write it here, or refer to #/$defs" if elsewhere else ""


def checked(schema: Schema | None, values: Data, *, people: Iterable[str] = ()) -> dict[str, Any]:
    """Give what was filled in, when it fits.

    Args:
        schema: JSON Schema; None takes anything.
        values: what was filled in.
        people: ids of those who may be named where a person is asked for.

    Raises:
        DoesNotFit: it does not; every fault with its field.
    """
    if schema is None:
        return dict(values)
    formats = FormatChecker(formats=())
    formats.checkers = dict(FormatChecker.checkers)
    known = frozenset(people)
    formats.checks(PERSON)(lambda value: not isinstance(value, str) or value in known)
    validator = Draft202012Validator(dict(schema), format_checker=formats)
    faults = {fault for error in validator.iter_errors(values) for fault in _faults(error, schema)}
    if faults:
        raise DoesNotFit(sorted(faults, key=lambda fault: (fault.field, fault.reason))[:MOST_FAULTS])
    return dict(values)


def title_of(name: str, schema: Schema | None = None) -> str:
    """What people call a field: its title, else its name in words."""
    given = schema.get("title") if schema else None
    return str(given) if given else words_of(name)


def within(schema: Schema | None, path: Iterable[str]) -> Schema | None:
    """Give the schema of a field within a schema, as far as it says."""
    for part in path:
        properties = (schema or {}).get("properties")
        inner = properties.get(part) if isinstance(properties, Mapping) else None
        schema = inner if isinstance(inner, Mapping) else None
    return schema


def _elsewhere(schema: Any) -> str:
    """The first reference out of a schema: nothing is fetched from elsewhere; empty: none."""
    if isinstance(schema, Mapping):
        ref = schema.get("$ref", "#")
        if not str(ref).startswith("#"):
            return str(ref)
        schema = list(schema.values())
    inner = schema if isinstance(schema, list) else []
    return next((found for one in inner if (found := _elsewhere(one))), "")


def _faults(error: ValidationError, schema: Schema) -> list[FieldFault]:
    path = [str(part) for part in error.absolute_path]
    if error.validator == "required":
        there = error.instance if isinstance(error.instance, Mapping) else {}
        missing = [str(name) for name in _wanted(error) if name not in there]
        return [_fault([*path, name], "is missing", schema) for name in missing]
    say = _WORDS.get(str(error.validator))
    return [_fault(path, say(error) if say else f"cannot be taken: {error.message}", schema)]


def _fault(path: list[str], reason: str, schema: Schema) -> FieldFault:
    label = title_of(path[-1], within(schema, path)) if path else ""
    return FieldFault(field=".".join(path), label=label, reason=reason)


def _wanted(error: ValidationError) -> Any:
    """What the schema says where it was not met."""
    return error.validator_value


def _kind(error: ValidationError) -> str:
    kinds = _wanted(error) if isinstance(_wanted(error), list) else [_wanted(error)]
    return " or ".join(_KINDS.get(str(kind), f"must be {kind}") for kind in kinds)


_WORDS: Mapping[str, Callable[[ValidationError], str]] = {
    "type": _kind,
    "format": lambda e: _FORMATS.get(str(_wanted(e)), f"must be a {_wanted(e)}"),
    "enum": lambda e: f"must be one of {', '.join(str(one) for one in _wanted(e))}",
    "const": lambda e: f"must be {_wanted(e)}",
    "minimum": lambda e: f"must be {_wanted(e)} or more",
    "maximum": lambda e: f"must be {_wanted(e)} or less",
    "exclusiveMinimum": lambda e: f"must be more than {_wanted(e)}",
    "exclusiveMaximum": lambda e: f"must be less than {_wanted(e)}",
    "multipleOf": lambda e: f"must be a multiple of {_wanted(e)}",
    "minLength": lambda e: "must not be empty" if _wanted(e) == 1 else f"needs {_wanted(e)} characters",
    "maxLength": lambda e: f"may have {_wanted(e)} characters, this has {len(str(e.instance))}",
    "minItems": lambda e: f"needs {_wanted(e)} at least",
    "maxItems": lambda e: f"may hold {_wanted(e)}",
    "additionalProperties": lambda e: "has a field that is not asked for",
}
