"""Placing: where all of a measured picture stands, from the outside in. Arrows bend between rows only."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.drawn import DOT, GAP, MARGIN, PADDING, Drawn, Layout, Point, Rect, header_height
from workflows.layers import Item
from workflows.levels import BOTTOM, TOP, Hop, Level, Levels
from workflows.measuring import slack

_SPREAD = 18.0
"""Between arrows that leave the same side of a box."""
_ENTRY = -1
"""In place of an arrow's number: the way from the dot."""


class Placing:
    """Places for one picture."""

    def __init__(self, measured: Levels) -> None:
        """`measured` are its levels; they are moved to where they stand in the whole."""
        self._all = measured

    def layout(self) -> Layout:
        """Find all places."""
        root = self._all.levels.get("", Level({}, []))
        places: dict[str, Rect] = {}
        self._put("", MARGIN, MARGIN, places)
        return Layout(
            width=root.width + 2 * MARGIN,
            height=root.height + 2 * MARGIN,
            picture=self._all.picture,
            boxes=places,
            arrows=tuple(self._drawn(number, places) for number, hops in enumerate(self._all.hops) if hops),
            entries=tuple(self._entry(name, places) for name, level in self._all.levels.items() if level.entry),
        )

    def _put(self, name: str, x: float, y: float, places: dict[str, Rect]) -> None:
        """Give places to all in a box, what stands in which begins at x and y."""
        level = self._all.levels.get(name)
        if level is None:
            return
        for item in level.items:
            item.x += x
        for row in level.tops:
            level.tops[row] += y
        for child in self._all.inside[name]:
            item = level.items[level.number[child]]
            place = Rect(x=item.x - item.width / 2, y=level.tops[item.row], width=item.width, height=item.height)
            places[child] = place
            if self._all.inside[child]:
                left = place.x + PADDING + slack(self._all, child, item.width)
                self._put(child, left, place.y + header_height(self._all.box[child]) + GAP / 2, places)

    def _drawn(self, number: int, places: Mapping[str, Rect]) -> Drawn:
        hops = self._all.hops[number]
        points: list[Point] = []
        words = None
        for at, hop in enumerate(hops):
            level, up = self._all.levels[hop.inside], self._goes_up(hop)
            if hop.source in level.number:
                x = points[-1][0] if at else self._own(hop, hop.source, places)
                points += self._touched(hop, hop.source, x, places)
            for place in hop.chain:
                item = level.items[place]
                points += self._through(level, item, up=up)
                if item.width:
                    top = level.tops[item.row] + (level.heights[item.row] - item.height) / 2
                    words = Rect(x=item.x - item.width / 2, y=top, width=item.width, height=item.height)
            if hop.target in level.number:
                following = hops[at + 1] if at + 1 < len(hops) else None
                x = self._border_x(following) if following else self._own(hop, hop.target, places)
                points += reversed(self._touched(hop, hop.target, x, places))
        around = places.get(hops[0].inside if hops[0].source == TOP else hops[-1].inside)
        if around is not None and hops[0].source == TOP:
            points = [(points[0][0], around.y)] * 2 + points
        if around is not None and hops[-1].target == BOTTOM:
            points += [(points[-1][0], around.y + around.height)] * 2
        return Drawn(arrow=self._all.picture.arrows[number], points=tuple(points), words=words)

    def _border_x(self, hop: Hop) -> float:
        """Where an arrow that comes in crosses the border; the hop is that within the box."""
        return self._all.levels[hop.inside].items[hop.chain[0]].x

    def _own(self, hop: Hop, name: str, places: Mapping[str, Rect]) -> float:
        """Where an arrow touches the box that it begins or ends at."""
        return places[name].x + places[name].width / 2 + self._share(hop, name)

    def _goes_up(self, hop: Hop) -> bool:
        if hop.source in (TOP, BOTTOM):
            return hop.source == BOTTOM
        if hop.target in (TOP, BOTTOM):
            return hop.target == TOP
        ranks = self._all.levels[hop.inside].ranks
        return ranks[hop.source] > ranks[hop.target]

    def _is_below(self, hop: Hop, name: str) -> bool:
        """Whether a hop touches a box at its lower side."""
        return self._goes_up(hop) == (name == hop.target)

    @staticmethod
    def _through(level: Level, item: Item, *, up: bool) -> list[Point]:
        top = level.tops[item.row]
        ends = [(item.x, top), (item.x, top + level.heights[item.row])]
        return ends[::-1] if up else ends

    def _touched(self, hop: Hop, name: str, x: float, places: Mapping[str, Rect]) -> list[Point]:
        """Where an arrow touches a box, and where it is out of the box's row."""
        level, place = self._all.levels[hop.inside], places[name]
        if not self._is_below(hop, name):
            return [(x, place.y), (x, place.y)]
        row = 2 * level.ranks[name]
        return [(x, place.y + place.height), (x, level.tops[row] + level.heights[row])]

    def _share(self, hop: Hop, name: str) -> float:
        """How far from the middle of a box's side an arrow touches it: those that share the side stand apart."""
        level, below = self._all.levels[hop.inside], self._is_below(hop, name)
        beside: list[tuple[float, int]] = []
        for other in level.hops:
            hops = self._all.hops[other.arrow]
            for end, number, last in ((other.source, 0, hops[0]), (other.target, -1, hops[-1])):
                if end == name and last is other and self._is_below(other, name) == below:
                    beside.append((level.items[other.chain[number]].x, other.arrow))
        if not below and level.first == name:
            beside.append((level.items[level.entry[-1]].x, _ENTRY))
        beside.sort()
        step = min(_SPREAD, (level.items[level.number[name]].width - 2 * PADDING) / len(beside))
        at = [arrow for _, arrow in beside].index(hop.arrow)
        return (at - (len(beside) - 1) / 2) * step

    def _entry(self, name: str, places: Mapping[str, Rect]) -> tuple[Point, ...]:
        level = self._all.levels[name]
        dot, *bends = (level.items[number] for number in level.entry)
        middle = (dot.x, level.tops[dot.row] + level.heights[dot.row] / 2)
        hop = Hop(arrow=_ENTRY, inside=name, source=TOP, target=level.first)
        points = [point for bend in bends for point in self._through(level, bend, up=False)]
        end = self._touched(hop, level.first, self._own(hop, level.first, places), places)
        return (middle, (dot.x, middle[1] + DOT / 2), *points, *reversed(end))
