"""Definitions written by hand: read as YAML 1.2, every fault at its line and column."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings

from tests.workflows.core.definitions import definitions
from workflows.definition import Definition
from workflows.library.action_item import ACTION_ITEM, RULES
from workflows.parts import Call, Rules, State
from workflows.written import DEEPEST, WrittenWrong, places_in, read_definition, write_definition

DOOR = """
name: door
initial: shut
states:
  shut:
    on: {open: ajar}
  ajar:
    on:
      close: shut
      leave: gone
  gone: {final: true}
"""


def read(text: str) -> Definition:
    return read_definition(text, Rules(), name="door.yaml")


def faults(text: str) -> list[str]:
    """What is wrong, as people see it."""
    with pytest.raises(WrittenWrong) as refused:
        read(text)
    assert str(refused.value).splitlines() == [
        f"door.yaml:{one.line}:{one.column}: {one.text}" for one in refused.value.faults
    ]
    return [str(one) for one in refused.value.faults]


def with_value(value: str) -> str:
    """A definition in which a call gets this value."""
    return f"name: d\ninitial: a\nstates:\n  a:\n    calls:\n      c: {{action: t.do, with: {{x: {value}}}}}\n"


def value_of(text: str) -> object:
    return read(with_value(text)).by_name["a"].calls[0].params["x"]


# --- values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"),
        ("No", "No"),
        ("2026-11-27", "2026-11-27"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("Null", None),
        ("", None),
        ("017", 17),
        ("-5", -5),
        ("0o17", 15),
        ("0xFF", 255),
        ("+.5", 0.5),
        ("1e3", 1000.0),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("!!int 5", 5),
        ("[1, {a: b}]", [1, {"a": "b"}]),
    ],
)
def test_values_are_read_by_the_core_schema_of_yaml_1_2(written: str, value: object) -> None:
    found = value_of(written)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("1e999", "this number is too large"),
        ("1" + "0" * 400, "this number is too large"),
        ("9" * 5000, "this number is too large"),
        ("0x" + "f" * 300, "this number is too large"),
        ("!!int x", "'tag:yaml.org,2002:int' is no kind of value here"),
        ("!!float 5", "'tag:yaml.org,2002:float' is no kind of value here"),
        ("!!binary aGk=", "'tag:yaml.org,2002:binary' is no kind of value here"),
        ("!!set {a, b}", "'tag:yaml.org,2002:set' is no kind of value here"),
        ("!!omap [a: b]", "'tag:yaml.org,2002:omap' is no kind of value here"),
        ("!!int [1]", "'tag:yaml.org,2002:int' is no kind of value here"),
        ("!thing {a: b}", "'!thing' is no kind of value here"),
        ("!!str {a: b}", "expected a scalar node, but found mapping"),
        ("<<", "could not determine a constructor for the tag 'tag:yaml.org,2002:merge'"),
        ("&a [*a]", "it is nested too deeply"),
        ("[" * DEEPEST + "]" * DEEPEST, "it is nested too deeply"),
    ],
)
def test_what_json_does_not_know_is_refused_where_it_stands(written: str, reason: str) -> None:
    (fault,) = faults(with_value(written))
    deep = DEEPEST + 1 - 6 if written.startswith("[[") else 0  # the value itself stands in six maps
    assert fault == f"line 6, column {35 + deep}: {reason}"


def test_a_document_of_endless_brackets_is_refused() -> None:
    (fault,) = faults("[" * 500)
    assert fault.endswith("it is nested too deeply")


def test_references_count_each_time_they_are_used() -> None:
    lines = ["name: d", "data:", "  l0: &l0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 6)]
    (fault,) = faults("\n".join(lines))
    assert fault.endswith("it is too large")


def test_maps_may_share_what_they_have_in_common() -> None:
    text = """
        name: d
        initial: a
        states:
          a:
            calls:
              one: &usual {action: t.do, timeout: 5}
              two: {<<: *usual, save: x}
              three: {<<: [*usual, {save: z}], timeout: 9}
    """
    one, two, three = read(textwrap.dedent(text)).by_name["a"].calls
    assert (two.action, two.timeout, two.save) == (one.action, 5, "x")
    assert (three.timeout, three.save) == (9, "z")


# --- faults and their places -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1, column 1: it is empty"),
        ("# nothing\n", "line 1, column 1: it is empty"),
        ("name: [a\nb: c", "line 2, column 2: expected ',' or ']', but got ':'"),
        ("name: a\n\tinitial: b", "line 2, column 1: found character '\\t' that cannot start any token"),
        ("name: a\ninitial: \x07", "line 2, column 10: the character #x0007 is not allowed"),
        ("\x00", "line 1, column 1: the character #x0000 is not allowed"),
        ("name: *gone", "line 1, column 7: found undefined alias 'gone'"),
        ("a: b\n---\nc: d", "line 2, column 1: but found another document"),
        ("[1, 2]", "line 1, column 1: it: [1, 2] is not of type 'object'"),
        ("5: a", "line 1, column 1: a key must be a text; put it into quotes"),
        ("? [a]\n: b", "line 1, column 3: a key must be a text; put it into quotes"),
        ("name: a\nname: b", "line 2, column 1: 'name' is there twice"),
        ("<<: 5", "line 1, column 5: expected a mapping or list of mappings for merging, but found scalar"),
    ],
)
def test_what_is_no_yaml_is_refused_where_it_goes_wrong(text: str, expected: str) -> None:
    (fault,) = faults(text)
    if "is not of type" in expected:
        assert fault.startswith("line 1, column 1: it: ")
    else:
        assert fault == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("name: door\n", "", "line 2, column 1: it: name is missing"),
        ("name: door\ninitial: shut\n", "", "line 2, column 1: it: name, initial is missing"),
        ("name: door", "name: 5", "line 2, column 1: name: 5 is not a name of letters, digits and _"),
        ("name: door", "name: a door", "line 2, column 1: name: 'a door' is not a name of letters, digits and _"),
        (
            "{open: ajar}",
            "{open: 5}",
            "line 6, column 10: states.shut.on.open: 5 is not a state, or a map of to, if, do and raise, or a list"
            " of these",
        ),
        (
            "{open: ajar}",
            "{open: [shut, {to: ajar, when: x}]}",
            "line 6, column 34: 'when' is not known here; known are do, if, raise, to",
        ),
        (
            "    on: {open: ajar}",
            "    colour: red\n    on: {open: ajar}",
            "line 6, column 5: 'colour' is not known here; known are always, asks, calls, children, entry, exit, "
            "final, initial, on, parallel, states, title, undoes",
        ),
        (
            "  gone: {final: true}",
            "  gone: {final: 'yes'}",
            "line 11, column 10: states.gone.final: 'yes' is not of type 'boolean'",
        ),
        (
            "  gone: {final: true}",
            "  gone: {final: true}\n  so-so:",
            "line 12, column 3: states.so-so: 'so-so' is not a name of letters, digits and _",
        ),
        (
            "  gone: {final: true}",
            "  gone: {final: true}\ndeadlines:\n  late: {in: shut, after: soon, event: leave}",
            "line 13, column 20: deadlines.late.after: 'soon' is no length of time; write it like 30 s, 15 min, "
            "2 h or 3 days",
        ),
        (
            "  gone: {final: true}",
            "  gone: {final: true}\ndeadlines:\n  late: {in: shut}",
            "line 13, column 3: deadlines.late: event is missing",
        ),
        (
            "{open: ajar}",
            "{open: {if: [data.x, 'data.y +'], to: ajar}}",
            "line 6, column 30: transition shut --open--> ajar: 'data.y +' cannot be understood: invalid syntax",
        ),
        (
            "{open: ajar}",
            "{open: {if: data.y +, to: ajar}}",
            "line 6, column 17: transition shut --open--> ajar: 'data.y +' cannot be understood: invalid syntax",
        ),
        (
            "      leave: gone\n",
            "      leave: away\n",
            "line 10, column 7: transition ajar --leave--> away: there is no state 'away'",
        ),
        ("initial: shut", "initial: open", "line 3, column 1: its initial state 'open' is not among its states"),
        (
            "initial: shut",
            "initial: shut\nowner: " + "x" * 3 + "\ntitle: " + "y" * 121,
            f"line 5, column 1: title: '{'y' * 121}' is too long",
        ),
        (
            "name: door",
            "name: " + "n" * 81,
            f"line 2, column 1: name: '{'n' * 59}… is not a name of letters, digits and _",
        ),
    ],
)
def test_a_fault_stands_where_its_key_or_its_entry_does(before: str, after: str, expected: str) -> None:
    assert before in DOOR
    (fault,) = faults(DOOR.replace(before, after))
    assert fault == expected


def test_all_faults_of_a_kind_are_told_in_the_order_of_the_text() -> None:
    text = DOOR.replace("{open: ajar}", "{open: ajar}\n    final: 5").replace("name: door", "colour: red")
    assert [fault.split(":")[0] for fault in faults(text)] == [
        "line 2, column 1",
        "line 2, column 1",
        "line 7, column 5",
    ]
    text = DOOR.replace("leave: gone", "leave: away").replace("{open: ajar}", "{open: inside}")
    assert [fault.split(":")[0] for fault in faults(text)] == ["line 6, column 10", "line 10, column 7"]


def test_what_only_the_parts_say_together_is_told_at_the_top() -> None:
    text = DOOR.replace("  gone:", "  part: {calls: {c: {action: t.do, retry: {attempts: 2.0}}}}\n  gone:")
    assert faults(text) == ["line 2, column 1: its document is incomplete (attempts must be a number)"]


# --- writing -----------------------------------------------------------------------------------------------------


@settings(max_examples=30)
@given(definitions())
def test_any_definition_survives_being_written(definition: Definition) -> None:
    again = read(write_definition(definition))
    assert again == definition
    assert again.hash == definition.hash


@pytest.mark.parametrize("odd", ["\x85", "\u2028", "\u2029"])
def test_odd_line_breaks_are_no_spaces(odd: str) -> None:
    names = {f"name{odd}R": f"a{odd}b", f"{'long ' * 40}{odd}": [odd, f"it's{odd}"]}
    state = State(name="a", calls=(Call(name="c", action="t.do", params=names),))
    definition = Definition(name="odd", initial="a", states=(state,), transitions=(), title=f"T{odd}")
    assert read(write_definition(definition)) == definition


def test_the_shipped_definition_survives_being_written() -> None:
    assert read_definition(write_definition(ACTION_ITEM), RULES) == ACTION_ITEM


def test_what_is_written_is_plain_and_has_no_references() -> None:
    text = write_definition(read(DOOR))
    assert text.splitlines()[:6] == ["name: door", "initial: shut", "states:", "  shut:", "    on:", "      open:"]
    shared = {"x": [1]}
    twice = Definition(
        name="d", initial="a", states=(State(name="a"),), transitions=(), data={"one": shared, "two": shared}
    )
    assert "&" not in write_definition(twice)
    assert read(write_definition(twice)) == twice


def test_everything_in_a_text_has_its_place() -> None:
    places = places_in("name: a\nstates:\n  b: {final: true}\n")
    assert places["name",][:2] == (1, 1)
    assert places["states", "b", "final"][:2] == (3, 7)
