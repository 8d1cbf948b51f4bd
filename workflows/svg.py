"""Diagrams as SVG, drawn without a browser; light or dark as the reader's screen is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape

from workflows.diagram import Box, Picture
from workflows.drawn import DOT, LINE_HEIGHT, PADDING, SMALL_SIZE, TITLE_SIZE, Drawn, Layout, Point, Rect
from workflows.layout import lay_out

RADIUS = 10.0
_LIGHT = {
    "paper": "#FBFAF7", "inner": "#F4F1EA", "box": "#FFFFFF", "line": "#C9C3B8", "ink": "#1E2329",
    "muted": "#565B61", "way": "#6B6F74", "moss": "#3F7D58",
}  # fmt: skip
_DARK = {
    "paper": "#15171A", "inner": "#1A1D21", "box": "#1F2328", "line": "#4A4F57", "ink": "#ECEAE4",
    "muted": "#A9ABAA", "way": "#A3A6AA", "moss": "#7CC49A",
}  # fmt: skip
_KINDS: Mapping[str, Mapping[str, str]] = {
    "paper": {"fill": "paper"},
    "box": {"fill": "box", "stroke": "line", "stroke-width": "1.25"},
    "outer": {"fill": "inner"},
    "part": {"stroke-dasharray": "5 4"},
    "active": {"stroke": "moss", "stroke-width": "3"},
    "end": {"fill": "none", "stroke": "line", "stroke-width": "1.25"},
    "title": {"fill": "ink", "font-size": "14", "font-weight": "600"},
    "note": {"fill": "muted"},
    "words": {"fill": "ink"},
    "middle": {"text-anchor": "middle"},
    "over": {"stroke": "inner", "stroke-width": "5", "stroke-linejoin": "round", "paint-order": "stroke"},
    "way": {"fill": "none", "stroke": "way", "stroke-width": "1.4"},
    "head": {"fill": "way"},
    "under": {"fill": "paper"},
    "inside": {"fill": "inner"},
}
"""How things look; of several kinds the later count. As attributes, which also hold where style sheets do not."""
_FONT = 'font-family="Inter, Segoe UI, DejaVu Sans, sans-serif" font-size="12"'


def _dark() -> str:
    """The style sheet for dark screens."""
    rules = []
    for kind, looks in _KINDS.items():
        colours = "; ".join(f"{name}: {_DARK[value]}" for name, value in looks.items() if value in _DARK)
        rules += [f".{kind} {{ {colours} }}"] if colours else []
    return f"@media (prefers-color-scheme: dark) {{ {' '.join(rules)} }}"


def _as(*kinds: str) -> str:
    """Attributes of something of these kinds."""
    looks: dict[str, str] = {}
    for kind in kinds:
        looks |= _KINDS[kind]
    said = " ".join(f'{name}="{_LIGHT.get(value, value)}"' for name, value in looks.items())
    return f'class="{" ".join(kinds)}" {said}'


def svg(picture: Picture, *, title: str = "", active: Collection[str] = ()) -> str:
    """Draw a picture.

    Args:
        picture: what to draw.
        title: what it shows, for those who hear it.
        active: states to mark.
    """
    layout = lay_out(picture)
    width, height = round(layout.width), round(layout.height)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {_FONT}>',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(_described(picture))}</desc>",
        f"<style>{_dark()}</style>",
        f'<rect {_as("paper")} width="{width}" height="{height}"/>',
        *_boxes(layout, active),
        *(line for points in layout.entries for line in _entry(points)),
        *(line for one in layout.arrows for line in _way(one)),
        *(line for one in layout.arrows for line in _words(one, layout)),
        *_titles(layout),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _described(picture: Picture) -> str:
    """The picture in words."""
    titles = {box.name: box.title for box in picture.boxes}
    ways = [
        f"{titles[one.source]} to {titles[one.target]}" + (f" ({', '.join(one.labels)})" if one.labels else "")
        for one in picture.arrows
    ]
    return "; ".join(ways)


def _boxes(layout: Layout, active: Collection[str]) -> Iterator[str]:
    outer = {box.parent for box in layout.picture.boxes}
    together = {box.name for box in layout.picture.boxes if box.parallel}
    for box in layout.picture.boxes:
        kinds = ["box"]
        kinds += ["outer"] if box.name in outer else []
        kinds += ["part"] if box.parent in together else []
        kinds += ["active"] if box.name in active else []
        place = layout.boxes[box.name]
        yield f'<g id="state-{escape(box.name)}">'
        yield _rect(place, _as(*kinds))
        if box.final:
            inner = Rect(x=place.x + 3, y=place.y + 3, width=place.width - 6, height=place.height - 6)
            yield _rect(inner, _as("end"), RADIUS - 3)
        yield "</g>"


def _titles(layout: Layout) -> Iterator[str]:
    """What stands in boxes; over the arrows that come in where a title is."""
    outer = {box.parent for box in layout.picture.boxes}
    for box in layout.picture.boxes:
        yield from _texts(box, layout.boxes[box.name], left=box.name in outer)


def _rect(place: Rect, looks: str, radius: float = RADIUS) -> str:
    return (
        f'<rect {looks} x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}" '
        f'height="{place.height:.1f}" rx="{radius:g}"/>'
    )


def _texts(box: Box, place: Rect, *, left: bool) -> Iterator[str]:
    """Title and notes: in the middle, or at the left of a box that others stand in."""
    x = place.x + (PADDING if left else place.width / 2)
    kind = "over" if left else "middle"
    y = place.y + PADDING + TITLE_SIZE * 0.7
    yield f'<text {_as("title", kind)} x="{x:.1f}" y="{y:.1f}">{escape(box.title)}</text>'
    for note in box.notes:
        y += LINE_HEIGHT
        yield f'<text {_as("note", kind)} x="{x:.1f}" y="{y:.1f}">{escape(note)}</text>'


def _entry(points: Sequence[Point]) -> Iterator[str]:
    (x, y), *way = points
    yield f'<circle {_as("head")} cx="{x:.1f}" cy="{y:.1f}" r="{DOT / 2:g}"/>'
    yield from _line(way)


def _way(drawn: Drawn) -> Iterator[str]:
    yield f"<g><title>{escape('; '.join(drawn.arrow.details))}</title>"
    yield from _line(drawn.points)
    yield "</g>"


def _line(points: Sequence[Point]) -> Iterator[str]:
    """A line through points, two of which follow each other straight, and its head."""
    (x, y), *rest = points
    parts = [f"M{x:.1f},{y:.1f}"]
    for number, (to_x, to_y) in enumerate(rest):
        if number % 2 == 0 or abs(to_x - x) < 0.1:
            parts.append(f"L{to_x:.1f},{to_y:.1f}")
        else:
            middle = (y + to_y) / 2
            parts.append(f"C{x:.1f},{middle:.1f} {to_x:.1f},{middle:.1f} {to_x:.1f},{to_y:.1f}")
        x, y = to_x, to_y
    yield f'<path {_as("way")} d="{" ".join(parts)}"/>'
    way = 1.0 if y >= _before(points) else -1.0
    yield f'<path {_as("head")} d="M{x:.1f},{y:.1f} l-4.5,{-8 * way:g} h9 z"/>'


def _before(points: Sequence[Point]) -> float:
    """The height from which a line comes to its end."""
    return next((y for _, y in reversed(points) if y != points[-1][1]), points[-1][1])


def _words(drawn: Drawn, layout: Layout) -> Iterator[str]:
    place = drawn.words
    if place is None:
        return
    inside = any(_holds(layout.boxes[box.name], place) for box in layout.picture.boxes)
    yield _rect(place, _as("under", "inside") if inside else _as("under"), 3)
    x = place.x + place.width / 2
    for number, label in enumerate(drawn.arrow.labels):
        y = place.y + LINE_HEIGHT * number + SMALL_SIZE
        yield f'<text {_as("words", "middle")} x="{x:.1f}" y="{y:.1f}">{escape(label)}</text>'


def _holds(box: Rect, place: Rect) -> bool:
    return (
        box.x <= place.x
        and box.y <= place.y
        and place.x + place.width <= box.x + box.width
        and place.y + place.height <= box.y + box.height
    )
