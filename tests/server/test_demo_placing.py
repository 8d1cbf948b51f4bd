"""Where scripted colleagues stand in the shipped office."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest

from server.demo.placing import PlaceError, find_zone, places
from server.demo.script import parse
from spatial.plan import Plan

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "assets" / "demo").glob("*.toml"))


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The shipped office."""
    return Plan.load((ROOT / "assets" / "rooms" / "hq.json").read_text(encoding="utf-8"), "hq.json")


def script_of(count: int, zone: str, extra: str = "") -> str:
    """A script with so many people."""
    people = "".join(f'[[people]]\nname = "P{n}"\n{extra}\n' for n in range(count))
    return f'zone = "{zone}"\n{people}[[lines]]\nwho = "P0"\nsay = "Hello."\n'


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_script_fits_the_office(path: Path, plan: Plan) -> None:
    script = parse(path.read_text(encoding="utf-8"), path.name)
    zone = find_zone(plan, script.zone)
    for place in places(script, plan).values():
        at = plan.zone_at(place.x, place.z)
        assert at is not None
        assert at.id == zone.id


@pytest.mark.parametrize("zone", ["open", "Birch", "cedar", "lounge", "library", "forum", "reception"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_people_without_a_place_stand_apart_and_face_each_other(zone: str, count: int, plan: Plan) -> None:
    found = list(places(parse(script_of(count, zone), "x"), plan).values())
    assert len(found) == count
    for place in found:
        assert plan.floor.holds((place.x, place.z))
        at = plan.zone_at(place.x, place.z)
        assert at is not None
        assert at.id == zone.lower()
    for one, other in itertools.pairwise(found):
        assert math.dist((one.x, one.z), (other.x, other.z)) > 0.7
        middle = (sum(place.x for place in found) / count, sum(place.z for place in found) / count)
        assert one.facing == pytest.approx(middle)


def test_a_place_inside_furniture_moves_beside_it(plan: Plan) -> None:
    (place,) = places(parse(script_of(1, "open", "at = [1.1, 2.95]"), "x"), plan).values()
    assert plan.floor.holds((place.x, place.z))
    assert math.dist((place.x, place.z), (1.1, 2.95)) < 1.5


@pytest.mark.parametrize(
    ("zone", "extra", "words"),
    [
        ("attic", "", "there is no zone"),
        ("birch", 'seat = "chair-birch-x9"', "chair-birch-"),
        ("open", "at = [90, 90]", "cannot stand at"),
    ],
)
def test_what_the_plan_does_not_have_is_named(zone: str, extra: str, words: str, plan: Plan) -> None:
    with pytest.raises(PlaceError, match=words):
        places(parse(script_of(1, zone, extra), "x"), plan)
