"""The tiny language of guards and templates: comparisons over a run's data and an event. Never `eval`.

An expression is read with Python's own parser; everything but names, fields, constants, comparisons and
`and`, `or`, `not`, `in` is refused when a definition is loaded, so that a wrong one never meets a run.
A field that is not there is None. None, and values of unlike kinds, have no order: `data.amount > 10` is false
where there is no amount. `and`, `or` and `not` give true or false.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from keyword import iskeyword
from typing import Any

from workflows.errors import WorkflowError
from workflows.run import FACTS

Names = Mapping[str, Any]
"""What an expression may name: `data`, `event`, `run`; each a map of JSON values."""
Expression = Callable[[Names], Any]
Path = tuple[str | int, ...]
"""Where something stands in JSON values: keys of maps and places in lists, from the outside."""

NAMES = frozenset({"data", "event", "run"})
"""What guards and changes may name."""
WORK_NAMES = frozenset({"data", "run"})
"""What the work in a state may name: not the event, for the work may begin anew with another one."""
LONGEST = 500
"""Characters of an expression."""
_CONSTANTS = {"true": True, "false": False, "null": None}
_FIELD = re.compile(r"\.\s*([a-z]+)\b")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


class ExpressionError(WorkflowError):
    """A text is no expression of this language."""

    code = "expression"

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source!r} cannot be understood: {reason}")
        self.source = source
        self.reason = reason


@lru_cache(maxsize=4096)
def compile_expression(source: str, known: frozenset[str] = NAMES) -> Expression:
    """Read an expression such as `data.amount > 1000 and event.by != run.started_by`.

    Args:
        source: its text.
        known: what it may name.

    Raises:
        ExpressionError: it is none; the text says why.
    """
    if len(source) > LONGEST:
        raise ExpressionError(source[:40] + "…", f"at most {LONGEST} characters")
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except SyntaxError as fault:
        raise ExpressionError(source, _about_syntax(source, fault)) from fault
    except ValueError as fault:  # half of a surrogate pair
        raise ExpressionError(source, "it has characters that are none") from fault
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in known and node.id not in _CONSTANTS:
            raise ExpressionError(source, f"there is no {node.id!r} here; known are {', '.join(sorted(known))}")
    return _compiled(source, tree)


def _about_syntax(source: str, fault: SyntaxError) -> str:
    """Say what is wrong, also where a field has a name that Python's parser keeps for itself."""
    kept = next((name for name in _FIELD.findall(source) if iskeyword(name)), "")
    if not kept:
        return fault.msg
    return f"{kept!r} cannot stand after a dot; write [{kept!r}], or give the field another name"


@lru_cache(maxsize=4096)
def compile_template(text: str, known: frozenset[str] = NAMES) -> Expression:
    """Read a text with expressions in braces: "Approve {data.title}".

    A text that is one placeholder alone gives the value as it is. Within a text None is written as nothing, and
    what is in a list with commas between.

    Raises:
        ExpressionError: what stands in braces is no expression.
    """
    parts = _PLACEHOLDER.split(text)
    if len(parts) == 1:
        return lambda names: text
    inner = [compile_expression(part, known) for part in parts[1::2]]
    if len(inner) == 1 and not parts[0] and not parts[2]:
        return inner[0]
    around = parts[::2]

    def filled(names: Names) -> str:
        values = [*(_text(expression(names)) for expression in inner), ""]
        return "".join(before + value for before, value in zip(around, values, strict=True))

    return filled


def fill(value: Any, names: Names) -> Any:
    """Replace the placeholders in all texts of a JSON value."""
    if isinstance(value, str):
        return compile_template(value)(names) if "{" in value else value
    if isinstance(value, Mapping):
        return {key: fill(one, names) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [fill(one, names) for one in value]
    return value


def template_faults(
    value: Any, known: frozenset[str] = NAMES, at: Path = ()
) -> Iterator[tuple[Path, ExpressionError]]:
    """List the texts of a JSON value in which something in braces is no expression, each with its path."""
    if isinstance(value, str):
        try:
            compile_template(value, known)
        except ExpressionError as fault:
            yield at, fault
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from template_faults(one, known, (*at, key))
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from template_faults(one, known, (*at, number))


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return ", ".join(_text(one) for one in value)
    return str(value)


# --- from a tree to a function -----------------------------------------------------------------------------------


def _compiled(source: str, node: ast.AST) -> Expression:
    match node:
        case ast.Constant(value=float() as value) if not math.isfinite(value):
            raise ExpressionError(source, "a number is too large")
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return lambda names: value
        case ast.Name(id=name):
            if name in _CONSTANTS:
                constant = _CONSTANTS[name]
                return lambda names: constant
            return lambda names: names[name]
        case (
            ast.Attribute(value=inner, attr=field)
            | ast.Subscript(value=inner, slice=ast.Constant(value=str() | int() as field))
        ):
            return _field(source, inner, field)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            each = [_compiled(source, item) for item in items]
            return lambda names: [one(names) for one in each]
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            negated = _compiled(source, inner)
            return lambda names: not negated(names)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float()) as operand):
            number = _compiled(source, operand)
            return lambda names: -number(names)
        case ast.BoolOp(op=operator, values=values):
            sides = [_compiled(source, value) for value in values]
            if isinstance(operator, ast.And):
                return lambda names: all(side(names) for side in sides)
            return lambda names: any(side(names) for side in sides)
        case ast.Compare(left=left, ops=operators, comparators=others):
            return _comparison(source, [left, *others], operators)
    kind = type(node).__name__
    raise ExpressionError(source, f"{kind} is not part of the language; use fields, constants and comparisons")


def _field(source: str, node: ast.expr, field: str | int) -> Expression:
    if isinstance(node, ast.Name) and node.id == "run" and field not in FACTS:
        raise ExpressionError(source, f"run has no {field!r}; known are {', '.join(FACTS)}")
    inner = _compiled(source, node)

    def read(names: Names) -> Any:
        whole = inner(names)
        if isinstance(whole, Mapping):
            return whole.get(field)
        if isinstance(whole, list | tuple) and isinstance(field, int) and field < len(whole):
            return whole[field]
        return None

    return read


def _comparison(source: str, nodes: list[ast.expr], operators: list[ast.cmpop]) -> Expression:
    sides = [_compiled(source, node) for node in nodes]
    tests = []
    for operator in operators:
        test = _TESTS.get(type(operator))
        if test is None:
            raise ExpressionError(source, "compare with ==, !=, <, <=, >, >=, in or not in")
        tests.append(test)

    def compared(names: Names) -> bool:
        values = [side(names) for side in sides]
        return all(test(values[k], values[k + 1]) for k, test in enumerate(tests))

    return compared


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def test(left: Any, right: Any) -> bool:
        numbers = _is_number(left) and _is_number(right)
        return (numbers or (isinstance(left, str) and isinstance(right, str))) and compare(left, right)

    return test


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(whole, str | Mapping):
        return isinstance(part, str) and part in whole
    return isinstance(whole, list | tuple) and part in whole


_TESTS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: lambda left, right: bool(left == right),
    ast.NotEq: lambda left, right: bool(left != right),
    ast.Lt: _ordered(lambda left, right: left < right),
    ast.LtE: _ordered(lambda left, right: left <= right),
    ast.Gt: _ordered(lambda left, right: left > right),
    ast.GtE: _ordered(lambda left, right: left >= right),
    ast.In: lambda left, right: _contains(right, left),
    ast.NotIn: lambda left, right: not _contains(right, left),
}
