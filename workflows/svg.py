"""Diagrams as SVG, drawn without a browser; light or dark as the reader's screen is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from html import escape

from workflows.diagram import Box, Picture
from workflows.layout import DOT, LINE_HEIGHT, PADDING, SMALL_SIZE, TITLE_SIZE, Drawn, Layout, Point, Rect, lay_out

RADIUS = 10.0
_LIGHT = {
    "paper": "#FBFAF7", "inner": "#F4F1EA", "box": "#FFFFFF", "line": "#C9C3B8", "ink": "#1E2329",
    "muted": "#565B61", "way": "#6B6F74", "moss": "#3F7D58",
}  # fmt: skip
_DARK = {
    "paper": "#15171A", "inner": "#1A1D21", "box": "#1F2328", "line": "#4A4F57", "ink": "#ECEAE4",
    "muted": "#A9ABAA", "way": "#A3A6AA", "moss": "#7CC49A",
}  # fmt: skip
_COLOURS = """
.paper, .under { fill: %(paper)s; }
.box { fill: %(box)s; stroke: %(line)s; }
.outer, .inside .under { fill: %(inner)s; }
.end { stroke: %(line)s; }
.active { stroke: %(moss)s; }
.title, .words { fill: %(ink)s; }
.note { fill: %(muted)s; }
.over { stroke: %(inner)s; }
.way { stroke: %(way)s; }
.head, .dot { fill: %(way)s; }
"""
_STYLE = f"""
text {{ font-family: Inter, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 12px; }}
.title {{ font-size: 14px; font-weight: 600; }}
.words, .middle {{ text-anchor: middle; }}
.over {{ stroke-width: 5px; stroke-linejoin: round; paint-order: stroke; }}
.part {{ stroke-dasharray: 5 4; }}
.end, .way {{ fill: none; stroke-width: 1.4; }}
.active {{ stroke-width: 3; }}
{_COLOURS % _LIGHT}
@media (prefers-color-scheme: dark) {{ {_COLOURS % _DARK} }}
"""


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
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(_described(picture))}</desc>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
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
        yield _rect(place, " ".join(kinds))
        if box.final:
            inner = Rect(x=place.x + 3, y=place.y + 3, width=place.width - 6, height=place.height - 6)
            yield _rect(inner, "end", RADIUS - 3)
        yield "</g>"


def _titles(layout: Layout) -> Iterator[str]:
    """What stands in boxes; over the arrows that come in where a title is."""
    outer = {box.parent for box in layout.picture.boxes}
    for box in layout.picture.boxes:
        yield from _texts(box, layout.boxes[box.name], left=box.name in outer)


def _rect(place: Rect, kind: str, radius: float = RADIUS) -> str:
    return (
        f'<rect class="{kind}" x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}" '
        f'height="{place.height:.1f}" rx="{radius:g}"/>'
    )


def _texts(box: Box, place: Rect, *, left: bool) -> Iterator[str]:
    """Title and notes: in the middle, or at the left of a box that others stand in."""
    x = place.x + (PADDING if left else place.width / 2)
    kind = "over" if left else "middle"
    y = place.y + PADDING + TITLE_SIZE * 0.7
    yield f'<text class="title {kind}" x="{x:.1f}" y="{y:.1f}">{escape(box.title)}</text>'
    for note in box.notes:
        y += LINE_HEIGHT
        yield f'<text class="note {kind}" x="{x:.1f}" y="{y:.1f}">{escape(note)}</text>'


def _entry(points: Sequence[Point]) -> Iterator[str]:
    (x, y), *way = points
    yield f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{DOT / 2:g}"/>'
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
    yield f'<path class="way" d="{" ".join(parts)}"/>'
    way = 1.0 if y >= _before(points) else -1.0
    yield f'<path class="head" d="M{x:.1f},{y:.1f} l-4.5,{-8 * way:g} h9 z"/>'


def _before(points: Sequence[Point]) -> float:
    """The height from which a line comes to its end."""
    return next((y for _, y in reversed(points) if y != points[-1][1]), points[-1][1])


def _words(drawn: Drawn, layout: Layout) -> Iterator[str]:
    place = drawn.words
    if place is None:
        return
    inside = any(_holds(layout.boxes[box.name], place) for box in layout.picture.boxes)
    yield f'<g class="{"inside" if inside else "outside"}">'
    yield _rect(place, "under", 3)
    x = place.x + place.width / 2
    for number, label in enumerate(drawn.arrow.labels):
        y = place.y + LINE_HEIGHT * number + SMALL_SIZE
        yield f'<text class="words" x="{x:.1f}" y="{y:.1f}">{escape(label)}</text>'
    yield "</g>"


def _holds(box: Rect, place: Rect) -> bool:
    return (
        box.x <= place.x
        and box.y <= place.y
        and place.x + place.width <= box.x + box.width
        and place.y + place.height <= box.y + box.height
    )
