"""Broken plans are refused with line and reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from spatial.errors import PlanError
from spatial.plan import Plan

Doc = dict[str, Any]


def small() -> Doc:
    """One room of 8 x 6 m with a closed room of 4 x 6 m beside it."""

    def wall(id: str, a: list[float], b: list[float], **more: Any) -> Doc:
        return {"id": id, "a": a, "b": b, "height": 3, "thickness": 0.2, "material": "plaster", **more}

    def zone(id: str, x0: float, x1: float, enclosed: bool) -> Doc:
        polygon = [[x0, -3], [x1, -3], [x1, 3], [x0, 3]]
        return {
            "id": id,
            "name": id.title(),
            "kind": "meeting" if enclosed else "open",
            "polygon": polygon,
            "floor": "oak",
            "enclosed": enclosed,
            "capacity": 2 if enclosed else 20,
            "floor_height": 0,
        }

    return {
        "id": "small",
        "name": "Small",
        "version": 1,
        "size": {"width": 12, "depth": 6},
        "zones": [zone("hall", -6, 2, False), zone("den", 2, 6, True)],
        "walls": [
            wall("north", [-6, -3], [6, -3]),
            wall("south", [-6, 3], [6, 3]),
            wall("west", [-6, -3], [-6, 3]),
            wall("east", [6, -3], [6, 3]),
            wall("front-north", [2, -3], [2, -0.6], material="glass"),
            wall("front-south", [2, 0.6], [2, 3], material="glass"),
            wall("low", [-2, -3], [-2, 0], material="low"),
        ],
        "doors": [{"id": "door", "a": [2, -0.6], "b": [2, 0.6], "zone": "den", "name": "Den", "hinge": "a"}],
        "spawn_points": [{"id": "in", "x": -5, "z": 2, "yaw": 0}, {"id": "in2", "x": -4, "z": 2, "yaw": 0}],
        "avatar_homes": [{"persona": "ada", "x": 0, "z": 2, "yaw": 0}],
        "board": {"x": -4, "z": -2.85, "yaw": 3.1416, "width": 2, "height": 1.5},
        "seats": [
            {"id": "one", "x": 4, "z": -1.2, "yaw": 3.1416, "height": 0.46, "kind": "chair"},
            {"id": "two", "x": 4, "z": 1.2, "yaw": 0, "height": 0.46, "kind": "chair"},
            {"id": "hall", "x": -3, "z": 2.4, "yaw": 0, "height": 0.46, "kind": "chair"},
        ],
        "furniture": [
            {"id": "table", "kind": "table", "x": 4, "z": 0, "yaw": 0, "width": 1.6, "depth": 1, "height": 0.7}
            | {"solid": True},
        ],
    }


def written(doc: Doc) -> str:
    """One object a line, as in the shipped plan."""
    parts = []
    for key, value in doc.items():
        if isinstance(value, list):
            lines = ",\n".join("    " + json.dumps(entry) for entry in value)
            parts.append(f'  "{key}": [\n{lines}\n  ]')
        else:
            parts.append(f'  "{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_sound_plan_is_read() -> None:
    plan = Plan.load(written(small()), "small.json")
    zone = plan.zone_at(4, 0)
    assert zone is not None
    assert zone.id == "den"
    assert plan.zone_at(7, 0) is None
    assert plan.seat("two").z == 1.2
    home = plan.home("ada")
    assert home is not None
    assert home.z == 2
    assert plan.home("nobody") is None


def test_a_meeting_zone_is_a_conference_unless_it_says_otherwise() -> None:
    doc = small()
    assert [zone.sound for zone in Plan.load(written(doc), "small.json").zones] == ["spatial", "conference"]
    doc["zones"][0]["sound"], doc["zones"][1]["sound"] = "stage", "spatial"
    assert [zone.sound for zone in Plan.load(written(doc), "small.json").zones] == ["stage", "spatial"]


def _set(table: str, index: int, **fields: Any) -> Callable[[Doc], None]:
    def change(doc: Doc) -> None:
        doc[table][index].update(fields)

    return change


def _drop(table: str, index: int, field: str) -> Callable[[Doc], None]:
    def change(doc: Doc) -> None:
        del doc[table][index][field]

    return change


def _whole(field: str, value: Any) -> Callable[[Doc], None]:
    def change(doc: Doc) -> None:
        doc[field] = value

    return change


def _without(table: str, index: int) -> Callable[[Doc], None]:
    def change(doc: Doc) -> None:
        del doc[table][index]

    return change


@pytest.mark.parametrize(
    ("change", "mark", "reason"),
    [
        (_drop("walls", 2, "height"), '"id": "west"', 'wall "west": the field "height" is missing'),
        (_set("walls", 2, height="tall"), '"id": "west"', '"height" must be a number, not "tall"'),
        (_set("walls", 2, height=True), '"id": "west"', '"height" must be a number, not true'),
        (_set("walls", 2, height=0), '"id": "west"', '"height" must be greater than 0'),
        (_set("walls", 2, a=[1]), '"id": "west"', '"a" must be a point [x, z]'),
        (_set("walls", 2, a=[-6, 3]), '"id": "west"', "the same point"),
        (_set("walls", 2, material="straw"), '"id": "west"', "must be one of: plaster, glass, low"),
        (_set("walls", 2, id="north"), '"a": [-6, -3], "b": [-6, 3]', 'the id "north" is already used on line'),
        (_set("walls", 2, id=3), '"a": [-6, -3], "b": [-6, 3]', '"id" must be a text, not 3'),
        (_set("seats", 1, x=40), '"id": "two"', "outside every zone"),
        (_set("seats", 1, kind="throne"), '"id": "two"', '"kind" is "throne", which is unknown'),
        (_set("furniture", 0, solid="yes"), '"id": "table"', '"solid" must be true or false'),
        (_set("furniture", 0, kind="pool"), '"id": "table"', '"kind" is "pool", which is unknown'),
        (_set("furniture", 0, elevation=-1), '"id": "table"', '"elevation" must be at least 0'),
        (_set("zones", 1, capacity=2.5), '"id": "den"', '"capacity" must be a whole number'),
        (_set("zones", 1, polygon=[[0, 0], [1, 1]]), '"id": "den"', "a list of at least 3 points"),
        (_set("zones", 1, sound="loud"), '"id": "den"', "must be one of: spatial, conference, private, stage"),
        (_set("zones", 1, accent="red"), '"id": "den"', '"accent" must be a colour'),
        (_without("walls", 3), '"id": "den"', "neither wall nor door at [6,"),
        (_set("doors", 0, zone="attic"), '"id": "door"', 'its "zone" is "attic"'),
        (_set("doors", 0, hinge="c"), '"id": "door"', '"hinge" must be "a" or "b"'),
        (_set("doors", 0, a=[0, -0.6], b=[0, 0.6]), '"id": "den"', "neither wall nor door at [2,"),
        (_set("doors", 0, zone="hall", a=[-2, 0], b=[-2, 2]), '"id": "den"', "neither wall nor door"),
        (_set("doors", 0, a=[2, -0.9], b=[2, 2.8]), '"id": "door"', "there is a wall across it"),
        (_set("spawn_points", 1, x=4, z=0), '"id": "in2"', "there is no room to stand here"),
        (_set("spawn_points", 1, x=7, z=0), '"id": "in2"', "outside every zone"),
        (_whole("spawn_points", []), "{", '"spawn_points" is empty'),
        (_whole("zones", {}), "{", '"zones" must be a list'),
        (_whole("seats", [3]), "{", 'number 1 of "seats" must be an object'),
        (_whole("size", 3), "{", '"size" must be an object'),
        (_whole("size", {"width": 12}), '"size"', 'the field "depth" is missing'),
        (_whole("version", 0), "{", '"version" must be a whole number of at least 1'),
    ],
)
def test_a_broken_plan_is_refused_at_its_line(change: Callable[[Doc], None], mark: str, reason: str) -> None:
    doc = small()
    change(doc)
    text = written(doc)
    with pytest.raises(PlanError) as caught:
        Plan.load(text, "small.json")
    assert reason in caught.value.reason
    assert caught.value.line == line_of(text, mark)
    assert str(caught.value).startswith(f"small.json, line {caught.value.line}: ")
    assert caught.value.code == "plan"


def test_a_door_beside_no_wall_is_refused() -> None:
    doc = small()
    doc["doors"].append({"id": "odd", "a": [-5, 0], "b": [-4, 0], "zone": "hall", "name": "", "hinge": "a"})
    doc["doors"][1]["name"] = "Odd"
    with pytest.raises(PlanError, match="touches no wall"):
        Plan.load(written(doc), "small.json")


def test_a_closed_off_spawn_point_is_refused() -> None:
    doc = small()
    wall = doc["walls"][0]
    doc["walls"] += [wall | {"id": "cut", "a": [-4.5, -3], "b": [-4.5, 3]}]
    text = written(doc)
    with pytest.raises(PlanError, match='cannot be reached from spawn point "in"') as caught:
        Plan.load(text, "small.json")
    assert caught.value.line == line_of(text, '"id": "in2"')


def test_an_unreachable_seat_is_refused() -> None:
    doc = small()
    doc["furniture"].append(doc["furniture"][0] | {"id": "block", "x": 2, "width": 0.6, "depth": 1.2})
    with pytest.raises(PlanError, match='seat "one": nobody could sit down here'):
        Plan.load(written(doc), "small.json")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('{\n "id": "x",\n "name": }', 3, "this is not JSON"),
        ("[]", 1, "one JSON object"),
        ('{\n"id": NaN}', 1, "NaN is not a number"),
        ("[" * 100_000, 1, "cannot be read"),
        ("", 1, "this is not JSON"),
    ],
)
def test_text_that_is_no_plan_is_refused(text: str, line: int, reason: str) -> None:
    with pytest.raises(PlanError) as caught:
        Plan.load(text, "x.json")
    assert (caught.value.line, reason in caught.value.reason) == (line, True), caught.value
