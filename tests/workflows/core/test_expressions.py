"""The language of guards and templates: what it says, what it refuses, and that nothing else gets through."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.expressions import (
    LONGEST,
    WORK_NAMES,
    ExpressionError,
    compile_expression,
    compile_template,
    fill,
    template_faults,
)

DATA: Mapping[str, Any] = {
    "amount": 1200,
    "rate": 0.5,
    "title": "Desk",
    "paid": True,
    "items": ["lamp", "desk"],
    "by": {"name": "Ana", "tags": ["a", None]},
    "none": None,
}
NAMES = {"data": DATA, "event": {"name": "go", "by": "bo"}, "run": {"id": "r", "started_by": "ana"}}


def value_of(source: str) -> Any:
    return compile_expression(source)(NAMES)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1", 1),
        ("-2.5", -2.5),
        ("'text'", "text"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("None", None),
        ("data.amount", 1200),
        ("data['by']['name']", "Ana"),
        ("data.by.tags[1]", None),
        ("data.items[1]", "desk"),
        ("data.items[2]", None),
        ("data.items.first", None),
        ("data.gone.further.still", None),
        ("data.title[0]", None),
        ("[data.amount, 'x', [1]]", [1200, "x", [1]]),
        ("(1, 2)", [1, 2]),
        ("  data.paid\t", True),
        ("run.started_by", "ana"),
        ("event.by", "bo"),
        ("not data.paid", False),
        ("not data.gone", True),
        ("data.amount and data.title", True),
        ("data.amount and data.gone", False),
        ("data.gone or data.none", False),
        ("data.gone or data.title", True),
    ],
)
def test_an_expression_gives_its_value(source: str, value: object) -> None:
    assert value_of(source) == value
    assert type(value_of(source)) is type(value)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("data.amount > 1000", True),
        ("data.amount >= 1200", True),
        ("data.amount < 1200", False),
        ("data.amount <= 1200", True),
        ("1000 < data.amount < 1100", False),
        ("1000 < data.amount <= 1200 != 5", True),
        ("data.title < 'Lamp'", True),
        ("data.title < 5", False),
        ("data.title > 5", False),
        ("data.gone > 10", False),
        ("data.gone <= 10", False),
        ("data.paid > 0", False),
        ("data.gone == null", True),
        ("data.title != 'Desk'", False),
        ("event.by != run.started_by", True),
        ("'lamp' in data.items", True),
        ("'lamp' not in data.items", False),
        ("'esk' in data.title", True),
        ("5 in data.title", False),
        ("'name' in data.by", True),
        ("5 not in data.by", True),
        ("1 in data.amount", False),
        ("data.title in ('Desk', 'Lamp')", True),
    ],
)
def test_a_comparison_is_true_or_false_whatever_it_compares(source: str, value: bool) -> None:
    assert value_of(source) is value


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "invalid syntax"),
        ("data.", "invalid syntax"),
        ("data.amount + 1", "BinOp is not part of the language"),
        ("-data.amount", "UnaryOp is not part of the language"),
        ("~1", "UnaryOp is not part of the language"),
        ("len(data)", "there is no 'len' here; known are data, event, run"),
        ("data.pop()", "Call is not part of the language"),
        ("data[run]", "Subscript is not part of the language"),
        ("data[-1]", "Subscript is not part of the language"),
        ("data[1:2]", "Subscript is not part of the language"),
        ("1 if data else 2", "IfExp is not part of the language"),
        ("{'a': 1}", "Dict is not part of the language"),
        ("lambda: 1", "Lambda is not part of the language"),
        ("f'{data}'", "JoinedStr is not part of the language"),
        ("1j", "Constant is not part of the language"),
        ("b'x'", "Constant is not part of the language"),
        ("...", "Constant is not part of the language"),
        ("data is null", "compare with ==, !=, <, <=, >, >=, in or not in"),
        ("1e999", "a number is too large"),
        ("[1, -1e999]", "a number is too large"),
        ("run.version", "run has no 'version'; known are id, key, tenant, started_by"),
        ("run[0]", "run has no 0"),
        ("'\ud800'", "characters that are none"),
        ("'" + "x" * LONGEST + "'", f"at most {LONGEST} characters"),
    ],
)
def test_anything_else_is_refused_when_it_is_read(source: str, reason: str) -> None:
    with pytest.raises(ExpressionError, match="cannot be understood") as refused:
        compile_expression(source)
    assert reason in refused.value.reason
    assert refused.value.code == "expression"


def test_the_work_in_a_state_cannot_name_the_event() -> None:
    with pytest.raises(ExpressionError, match="there is no 'event' here; known are data, run"):
        compile_expression("event.by", WORK_NAMES)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.sampled_from(["", "a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=5,
)
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@given(left=_JSON, right=_JSON, sign=st.sampled_from(sorted(_OPERATORS)))
def test_values_have_an_order_where_they_are_two_numbers_or_two_texts(left: Any, right: Any, sign: str) -> None:
    compared = compile_expression(f"data.l {sign} data.r")({"data": {"l": left, "r": right}})
    kinds = {type(left), type(right)}
    comparable = kinds == {str} or kinds <= {int, float}
    assert compared is (comparable and _OPERATORS[sign](left, right))


@given(st.text(max_size=40) | st.text(alphabet="data.evnt[]()'\"0129<>=!+-*/ lambdifor:,{}", max_size=40))
def test_any_text_gives_an_expression_or_says_why_not(source: str) -> None:
    try:
        expression = compile_expression(source)
    except ExpressionError:
        return
    assert {type(node) for node in ast.walk(ast.parse(source.strip(), mode="eval"))}.isdisjoint(
        {ast.Call, ast.Lambda, ast.BinOp, ast.comprehension, ast.IfExp, ast.JoinedStr}
    )
    expression(NAMES)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("Approve", "Approve"),
        ("{data.amount}", 1200),
        ("{data.items}", ["lamp", "desk"]),
        ("{data.gone}", None),
        ("Pay {data.amount} for {data.title}?", "Pay 1200 for Desk?"),
        ("{data.title}: {data.gone}", "Desk: "),
        (" {data.amount}", " 1200"),
        ("{data.paid} {data.none}{data.rate}", "true 0.5"),
        ("{data.paid == false}.", "false."),
        ("of {data.items}", "of lamp, desk"),
        ("{data.by.tags}!", "a, !"),
        ("{", "{"),
        ("{}", "{}"),
    ],
)
def test_a_template_gives_a_text_or_the_value_of_its_only_placeholder(template: str, value: object) -> None:
    assert compile_template(template)(NAMES) == value


def test_placeholders_are_filled_wherever_they_stand() -> None:
    params = {"to": ["{run.started_by}", "x"], "pair": ("{data.amount}",), "n": 5, "deep": {"t": "a {event.name}"}}
    assert fill(params, NAMES) == {"to": ["ana", "x"], "pair": [1200], "n": 5, "deep": {"t": "a go"}}


def test_the_faults_of_templates_have_their_paths() -> None:
    value = {"a": ["ok", "{len(data)}"], "b": {"c": "x {data +}"}, "d": ("{event.name}",), "e": 5}
    found = {path: fault.reason for path, fault in template_faults(value, WORK_NAMES)}
    assert list(found) == [("a", 1), ("b", "c"), ("d", 0)]
    assert "there is no 'event'" in found["d", 0]
