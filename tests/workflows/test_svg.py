"""Diagrams without a browser: where everything stands, whatever the picture, and the SVG that is made of it."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.diagram import Arrow, Box, Picture, picture_of
from workflows.drawn import Layout, Point, Rect, text_width
from workflows.layers import Item, Link, arrange
from workflows.layout import lay_out
from workflows.parts import Rules
from workflows.svg import svg
from workflows.written import read_definition

SHIPPED = Path(__file__).parents[2] / "assets" / "workflows"
SVG = "{http://www.w3.org/2000/svg}"
CLOSE = 0.01
"""Pixels."""


def shipped(name: str) -> Picture:
    return picture_of(read_definition((SHIPPED / f"{name}.yaml").read_text("utf-8"), Rules()))


def box(name: str, parent: str = "", *, first: bool = False, parallel: bool = False) -> Box:
    return Box(name=name, title=name.title(), parent=parent, parallel=parallel, final=False, first=first, notes=())


def arrow(source: str, target: str, *labels: str) -> Arrow:
    return Arrow(source=source, target=target, labels=labels, details=labels)


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Some boxes in boxes, and arrows between any of them."""
    boxes: list[Box] = []
    for number in range(draw(st.integers(1, 9))):
        parent = draw(st.sampled_from(["", "", *(one.name for one in boxes)]))
        alone = not any(one.parent == parent for one in boxes)
        boxes.append(box(f"s{number}", parent, first=alone and draw(st.booleans())))
    names = st.sampled_from([one.name for one in boxes])
    pairs = draw(st.lists(st.tuples(names, names), unique=True, max_size=12))
    words = st.lists(st.text("abcmw ", min_size=1, max_size=12), max_size=2)
    return Picture(boxes=tuple(boxes), arrows=tuple(arrow(a, b, *draw(words)) for a, b in pairs))


# --- places ------------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(pictures())
def test_nothing_overlaps_and_arrows_keep_out_of_boxes(picture: Picture) -> None:
    check(picture)


@pytest.mark.parametrize("name", ["onboarding", "purchase"])
def test_so_it_is_with_what_atrium_brings(name: str) -> None:
    check(shipped(name))


def check(picture: Picture) -> None:
    """Everything that holds of any picture."""
    layout = lay_out(picture)
    parents = {one.name: one.parent for one in picture.boxes}
    leaves = [name for name in parents if name not in parents.values()]
    assert set(layout.boxes) == set(parents)
    whole = Rect(x=0, y=0, width=layout.width, height=layout.height)
    for name, place in layout.boxes.items():
        around = layout.boxes.get(parents[name], whole)
        assert holds(around, place), f"{name} stands in {parents[name]}"
    for one, other in combinations(parents, 2):
        if parents[one] == parents[other]:
            assert apart(layout.boxes[one], layout.boxes[other]), f"{one} and {other}"
    words = [drawn.words for drawn in layout.arrows if drawn.words]
    for place in words:
        assert all(apart(place, layout.boxes[leaf]) for leaf in leaves)
    assert all(apart(one, other) for one, other in combinations(words, 2))
    assert [drawn.arrow for drawn in layout.arrows] == [one for one in picture.arrows if one.source != one.target]
    for drawn in layout.arrows:
        assert on_side(drawn.points[0], layout.boxes[drawn.arrow.source])
        assert on_side(drawn.points[-1], layout.boxes[drawn.arrow.target])
        check_way(layout, drawn.points, leaves)


def check_way(layout: Layout, points: tuple[Point, ...], leaves: list[str]) -> None:
    """A way is straight in rows, bends between them, and goes through no box that stands alone."""
    assert len(points) % 2 == 0
    for number, ((x, y), (to_x, to_y)) in enumerate(pairwise(points)):
        if number % 2 == 0:
            assert abs(x - to_x) < CLOSE
        passed = Rect(x=min(x, to_x), y=min(y, to_y), width=abs(to_x - x), height=abs(to_y - y))
        assert all(apart(passed, layout.boxes[leaf]) for leaf in leaves)


def apart(one: Rect, other: Rect) -> bool:
    """Two places share no more than an edge."""
    return (
        one.x + one.width <= other.x + CLOSE
        or other.x + other.width <= one.x + CLOSE
        or one.y + one.height <= other.y + CLOSE
        or other.y + other.height <= one.y + CLOSE
    )


def holds(outer: Rect, inner: Rect) -> bool:
    return (
        outer.x <= inner.x + CLOSE
        and outer.y <= inner.y + CLOSE
        and inner.x + inner.width <= outer.x + outer.width + CLOSE
        and inner.y + inner.height <= outer.y + outer.height + CLOSE
    )


def on_side(point: Point, place: Rect) -> bool:
    """It is on the upper or the lower side."""
    inside = place.x - CLOSE <= point[0] <= place.x + place.width + CLOSE
    return inside and min(abs(point[1] - place.y), abs(point[1] - place.y - place.height)) < CLOSE


def test_what_leads_somewhere_stands_above_it_and_ways_back_lead_up() -> None:
    layout = lay_out(
        Picture(
            boxes=(box("a", first=True), box("b"), box("c")),
            arrows=(arrow("a", "b"), arrow("b", "c"), arrow("c", "a", "again")),
        )
    )
    assert layout.boxes["a"].y < layout.boxes["b"].y < layout.boxes["c"].y
    back = layout.arrows[2]
    assert back.points[0][1] > back.points[-1][1]
    assert back.words is not None
    assert back.words.y > layout.boxes["b"].y, "words stand near to where an arrow begins"
    (entry,) = layout.entries
    assert on_side(entry[-1], layout.boxes["a"])


@pytest.mark.parametrize("words", [(), ("go",)])
@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("out", "in"),
        ("in", "out"),
        ("out", "deep"),
        ("deep", "out"),
        ("deep", "side"),
        ("side", "deep"),
        ("in", "deep"),
    ],
)
def test_arrows_lead_over_borders_from_and_to_what_stands_within(
    source: str, target: str, words: tuple[str, ...]
) -> None:
    boxes = (
        box("out"),
        box("in", "out", first=True),
        box("deep", "in", first=True),
        box("side", "out"),
        box("far"),
    )
    check(Picture(boxes=boxes, arrows=(arrow(source, target, *words), arrow("far", "deep"), arrow("deep", "far"))))


def test_the_same_picture_is_laid_out_alike() -> None:
    assert lay_out(shipped("onboarding")) == lay_out(shipped("onboarding"))


def test_neighbours_are_changed_where_their_links_cross() -> None:
    items = [Item(width=10, height=10, row=row, space=5) for row in (0, 0, 1, 1)]
    arrange(items, [Link(upper=0, lower=3), Link(upper=1, lower=2)])
    assert (items[0].x < items[1].x) == (items[3].x < items[2].x)
    assert min(item.x for item in items) == pytest.approx(5)
    arrange([], [])


def test_a_picture_without_boxes_is_empty() -> None:
    layout = lay_out(Picture(boxes=(), arrows=()))
    assert (layout.boxes, layout.arrows) == ({}, ())


# --- drawing -----------------------------------------------------------------------------------------------------


def test_all_titles_notes_and_words_are_drawn() -> None:
    picture = shipped("onboarding")
    root = ElementTree.fromstring(svg(picture, title="Onboarding", active=["first_week"]))
    texts = [text.text for text in root.iter(f"{SVG}text")]
    for one in picture.boxes:
        assert one.title in texts
        assert set(one.notes) <= set(texts)
    for way in picture.arrows:
        assert set(way.labels) <= set(texts)
    assert root.findtext(f"{SVG}title") == "Onboarding"
    assert "First week to First month (went well)" in (root.findtext(f"{SVG}desc") or "")
    marked = [group.get("id") for group in root.iter(f"{SVG}g") if "active" in (group[0].get("class") or "")]
    assert marked == ["state-first_week"]
    assert len(list(root.iter(f"{SVG}circle"))) == 3, (
        "a dot for the whole, and for each of the two that are parallel"
    )


def test_an_arrow_without_words_is_only_a_line() -> None:
    picture = Picture(boxes=(box("a"), box("b")), arrows=(arrow("a", "b"),))
    root = ElementTree.fromstring(svg(picture))
    assert [text.text for text in root.iter(f"{SVG}text")] == ["A", "B"]
    assert len([path for path in root.iter(f"{SVG}path") if path.get("class") == "way"]) == 1
    assert root.findtext(f"{SVG}desc") == "A to B"


def test_what_leads_back_to_the_same_box_is_a_note_in_it() -> None:
    picture = Picture(boxes=(box("a", first=True),), arrows=(arrow("a", "a", "later", "soon"),))
    root = ElementTree.fromstring(svg(picture))
    assert [text.text for text in root.iter(f"{SVG}text")] == ["A", "again: later, soon"]


def test_words_cannot_break_out_of_the_drawing() -> None:
    evil = '<script>alert("1")</script>&'
    odd = Box(name="a", title=evil, parent="", parallel=False, final=True, first=True, notes=(evil,))
    root = ElementTree.fromstring(svg(Picture(boxes=(odd, box("b")), arrows=(arrow("a", "b", evil),)), title=evil))
    assert not list(root.iter("script"))
    assert [text.text for text in root.iter(f"{SVG}text")].count(evil) == 3


def test_wide_letters_need_more_room() -> None:
    assert text_width("mmm", 12) > text_width("aaa", 12) > text_width("iii", 12)
