"""Layout: where the boxes, arrows and words of a picture stand, from top to bottom, boxes in boxes.

The boxes that stand in the same one are ranked by their arrows and put into rows; between two rows of boxes there
is one for the words on arrows, so that these have places of their own. An arrow that leaves the box around crosses
its border, and goes on from there among the boxes outside. Arrows bend between rows only, where no box stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from workflows.diagram import Arrow, Box, Picture
from workflows.layers import Item, Link, arrange

Point = tuple[float, float]

TITLE_SIZE, SMALL_SIZE = 14.0, 12.0
"""Pixels of letters: titles; notes and words on arrows."""
LINE_HEIGHT = 16.0
PADDING = 14.0
"""Within a box."""
GAP = 22.0
"""Between rows: where arrows bend."""
MARGIN = 16.0
DOT = 10.0
"""Width of the dot from where the first box is entered."""
_BOX_SPACE, _WORD_SPACE, _BEND_SPACE = 28.0, 12.0, 14.0
_SPREAD = 18.0
"""Between arrows that leave the same side of a box."""
_SLOPE = 0.14
"""By how much arrows get more height for each pixel to the side."""
_STRAIGHT = 8.0
"""How much it matters that an arrow is straight between its ends, where its ends matter 1."""
_TOP, _BOTTOM = "^top", "^bottom"
"""Borders of the box around; no state is called so."""
_ENTRY = -1
"""In place of an arrow's number: the way from the dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    """A place. Pixels from the top left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """An arrow with its places."""

    arrow: Arrow
    points: tuple[Point, ...]
    """Straight down or up through rows, from one pair to the next; bends lie between pairs."""
    words: Rect | None
    """Where its labels stand; None: it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A picture with places."""

    width: float
    height: float
    picture: Picture
    """Where an arrow leads back to the same box, that is a note in it."""
    boxes: Mapping[str, Rect]
    """By name; a box before those in it."""
    arrows: tuple[Drawn, ...]
    entries: tuple[tuple[Point, ...], ...]
    """From the dots to the boxes that are entered first: the dot, then points as those of an arrow."""


def lay_out(picture: Picture) -> Layout:
    """Find places for a picture."""
    return _Whole(picture).layout()


def text_width(text: str, size: float) -> float:
    """How wide some words are in a usual sans-serif font, a little too much rather than too little."""
    return size * sum(_letter(letter) for letter in text)


def _letter(letter: str) -> float:
    if letter in "ijl.,:;'|!() tfrI":
        return 0.36
    if letter in "mwMW@%…":
        return 0.95
    return 0.72 if letter.isupper() else 0.62


def header_height(box: Box) -> float:
    """Height of a box's title and notes."""
    return LINE_HEIGHT * (1.25 + len(box.notes))


@dataclass(slots=True, kw_only=True, eq=False)
class _Hop:
    """The part of an arrow within one box: from one that stands there, or a border, to another."""

    arrow: int
    inside: str
    source: str
    target: str
    worded: bool = False
    """The arrow's words stand here."""
    chain: list[int] = field(default_factory=list)
    """Items on the way, from the source."""


@dataclass(slots=True)
class _Level:
    """What stands in one box."""

    ranks: dict[str, int]
    hops: list[_Hop]
    items: list[Item] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    number: dict[str, int] = field(default_factory=dict)
    """Boxes by name: places in `items`."""
    tops: dict[int, float] = field(default_factory=dict)
    """Where each row begins."""
    heights: dict[int, float] = field(default_factory=dict)
    entry: list[int] = field(default_factory=list)
    """Items from the dot to the box that is entered first."""
    first: str = ""
    width: float = 0.0
    height: float = 0.0

    @property
    def rows(self) -> tuple[int, int]:
        """The rows of the borders at the top and the bottom."""
        return -2, 2 * max(self.ranks.values(), default=0) + 2


class _Whole:
    """All levels of a picture."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture = _noted(picture)
        self._box = {box.name: box for box in picture.boxes}
        self._inside: dict[str, list[str]] = {"": [], **{box.name: [] for box in picture.boxes}}
        self._line: dict[str, tuple[str, ...]] = {"": ()}
        for box in picture.boxes:
            self._inside[box.parent].append(box.name)
            self._line[box.name] = (*self._line[box.parent], box.name)
        across = [self._across(arrow) for arrow in picture.arrows if arrow.source != arrow.target]
        self._levels = {
            name: _Level(_ranks(own, [(a, b) for inside, a, b in across if inside == name and a and b]), [])
            for name, own in self._inside.items()
            if own
        }
        self._hops = [self._hops_of(number, arrow) for number, arrow in enumerate(picture.arrows)]
        for hops in self._hops:
            for hop in hops:
                self._levels[hop.inside].hops.append(hop)

    # --- arrows, part by part -----------------------------------------------------------------------------------

    def _across(self, arrow: Arrow) -> tuple[str, str, str]:
        """The innermost box that an arrow stays in, and between which two in it it leads; empty: its border."""
        source, target = self._line[arrow.source], self._line[arrow.target]
        same = 0
        while same < min(len(source), len(target)) and source[same] == target[same]:
            same += 1
        inside = source[same - 1] if same else ""
        return inside, next(iter(source[same:]), ""), next(iter(target[same:]), "")

    def _hops_of(self, number: int, arrow: Arrow) -> list[_Hop]:
        if arrow.source == arrow.target:
            return []  # drawn as a note
        inside, source, target = self._across(arrow)
        ranks = self._levels[inside].ranks
        up = bool(source and target) and ranks[source] > ranks[target]
        out, into = (_TOP, _BOTTOM) if up else (_BOTTOM, _TOP)
        hops = []
        left = self._line[arrow.source]
        for depth in range(len(left) - 1, len(self._line[inside]), -1):
            hops.append(_Hop(arrow=number, inside=left[depth - 1], source=left[depth], target=out))
        hops.append(_Hop(arrow=number, inside=inside, source=source or _TOP, target=target or _BOTTOM))
        entered = self._line[arrow.target]
        for depth in range(len(self._line[inside]) + 1, len(entered)):
            hops.append(_Hop(arrow=number, inside=entered[depth - 1], source=into, target=entered[depth]))
        hops[0].worded = bool(arrow.labels)
        return hops

    # --- sizes, from the inside out ------------------------------------------------------------------------------

    def layout(self) -> Layout:
        """Find all places."""
        self._measure("")
        root = self._levels.get("", _Level({}, []))
        places: dict[str, Rect] = {}
        self._put("", MARGIN, MARGIN, places)
        return Layout(
            width=root.width + 2 * MARGIN,
            height=root.height + 2 * MARGIN,
            picture=self._picture,
            boxes=places,
            arrows=tuple(self._drawn(number, places) for number, hops in enumerate(self._hops) if hops),
            entries=tuple(self._entry(name, places) for name, level in self._levels.items() if level.entry),
        )

    def _measure(self, name: str) -> tuple[float, float]:
        """Find the size of a box, and the places of what stands in it; those of "" are the whole's."""
        own = self._box.get(name)
        texts = [] if own is None else [(own.title, TITLE_SIZE), *((note, SMALL_SIZE) for note in own.notes)]
        wide = max((text_width(text, size) for text, size in texts), default=0.0)
        high = 0.0 if own is None else header_height(own)
        level = self._levels.get(name)
        if level is None:
            return wide + 2 * PADDING, high + PADDING
        for child in self._inside[name]:
            width, height = self._measure(child)
            level.number[child] = len(level.items)
            row = 2 * level.ranks[child]
            level.items.append(Item(width=width, height=height, row=row, space=_BOX_SPACE))
        for hop in level.hops:
            self._chain(level, hop)
        self._begin(level, name)
        arrange(level.items, level.links)
        level.width = max(item.x + item.width / 2 for item in level.items)
        at = 0.0
        for row in sorted({item.row for item in level.items}):
            level.tops[row] = at
            level.heights[row] = max(item.height for item in level.items if item.row == row)
            level.height = at + level.heights[row]
            at = level.height + _gap(level, row)
        if own is None:
            return level.width, level.height
        inner = max(level.width, wide)
        return inner + 2 * PADDING, high + level.height + GAP + PADDING

    def _chain(self, level: _Level, hop: _Hop) -> None:
        """Put the words and bends of a hop into the rows that it passes."""
        top, bottom = level.rows
        ends = {_TOP: top, _BOTTOM: bottom}
        start = ends.get(hop.source, 2 * level.ranks.get(hop.source, 0))
        end = ends.get(hop.target, 2 * level.ranks.get(hop.target, 0))
        step = 1 if end > start else -1
        rows = list(range(start + step, end, step))
        if hop.source in ends:
            rows.insert(0, start)
        if hop.target in ends:
            rows.append(end)
        words_row = next((row for row in rows if row % 2), None) if hop.worded else None
        for row in rows:
            hop.chain.append(len(level.items))
            level.items.append(self._words(hop.arrow, row) if row == words_row else _bend(row))
        ways = list(hop.chain)
        if hop.source not in ends:
            ways.insert(0, level.number[hop.source])
        if hop.target not in ends:
            ways.append(level.number[hop.target])
        self._link(level, hop, ways)

    def _link(self, level: _Level, hop: _Hop, ways: list[int]) -> None:
        """Link what follows each other; what comes out of a box begins where it crosses that one's border."""
        hops = self._hops[hop.arrow]
        at = hops.index(hop)
        before = hops[at - 1] if at else None
        after = hops[at + 1] if at + 1 < len(hops) else None
        for one, other in pairwise(ways):
            offsets = [
                self._offset(before, level.items[one]) if one == level.number.get(hop.source) else 0.0,
                self._offset(after, level.items[other]) if other == level.number.get(hop.target) else 0.0,
            ]
            down = level.items[one].row < level.items[other].row
            pair = (one, other) if down else (other, one)
            level.links.append(
                Link(
                    upper=pair[0],
                    lower=pair[1],
                    upper_offset=offsets[0 if down else 1],
                    lower_offset=offsets[1 if down else 0],
                    weight=_STRAIGHT if {one, other} <= {*hop.chain} else 1.0,
                )
            )

    def _offset(self, hop: _Hop | None, box: Item) -> float:
        """How far from a box's middle an arrow crosses its border; the hop is that within the box."""
        if hop is None:
            return 0.0
        level = self._levels[hop.inside]
        border = hop.chain[-1] if hop.target in (_TOP, _BOTTOM) else hop.chain[0]
        return PADDING + level.items[border].x + self._slack(hop.inside, box.width) - box.width / 2

    def _slack(self, name: str, width: float) -> float:
        """How much what stands in a box is moved to the right, where its title is wider."""
        return (width - 2 * PADDING - self._levels[name].width) / 2

    def _words(self, number: int, row: int) -> Item:
        labels = self._picture.arrows[number].labels
        width = max(text_width(label, SMALL_SIZE) for label in labels) + 8.0
        return Item(width=width, height=LINE_HEIGHT * len(labels), row=row, space=_WORD_SPACE)

    def _begin(self, level: _Level, name: str) -> None:
        """Put the dot before the box that is entered first, and bends on the way."""
        first = next((child for child in self._inside[name] if self._box[child].first), "")
        if not first:
            return
        level.first = first
        for row in range(-1, 2 * level.ranks[first]):
            level.entry.append(len(level.items))
            dot = Item(width=DOT, height=DOT, row=row, space=_BEND_SPACE)
            level.items.append(dot if row == -1 else _bend(row))
        ways = [*level.entry, level.number[first]]
        level.links += [Link(upper=one, lower=other, weight=2.0) for one, other in pairwise(ways)]

    # --- places, from the outside in -----------------------------------------------------------------------------

    def _put(self, name: str, x: float, y: float, places: dict[str, Rect]) -> None:
        """Give places to all in a box, what stands in which begins at x and y."""
        level = self._levels.get(name)
        if level is None:
            return
        for item in level.items:
            item.x += x
        for row in level.tops:
            level.tops[row] += y
        for child in self._inside[name]:
            item = level.items[level.number[child]]
            place = Rect(x=item.x - item.width / 2, y=level.tops[item.row], width=item.width, height=item.height)
            places[child] = place
            if self._inside[child]:
                left = place.x + PADDING + self._slack(child, item.width)
                self._put(child, left, place.y + header_height(self._box[child]) + GAP / 2, places)

    def _drawn(self, number: int, places: Mapping[str, Rect]) -> Drawn:
        hops = self._hops[number]
        points: list[Point] = []
        words = None
        for at, hop in enumerate(hops):
            level, up = self._levels[hop.inside], self._goes_up(hop)
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
        around = places.get(hops[0].inside if hops[0].source == _TOP else hops[-1].inside)
        if around is not None and hops[0].source == _TOP:
            points = [(points[0][0], around.y)] * 2 + points
        if around is not None and hops[-1].target == _BOTTOM:
            points += [(points[-1][0], around.y + around.height)] * 2
        return Drawn(arrow=self._picture.arrows[number], points=tuple(points), words=words)

    def _border_x(self, hop: _Hop) -> float:
        """Where an arrow that comes in crosses the border; the hop is that within the box."""
        return self._levels[hop.inside].items[hop.chain[0]].x

    def _own(self, hop: _Hop, name: str, places: Mapping[str, Rect]) -> float:
        """Where an arrow touches the box that it begins or ends at."""
        return places[name].x + places[name].width / 2 + self._share(hop, name)

    def _goes_up(self, hop: _Hop) -> bool:
        if hop.source in (_TOP, _BOTTOM):
            return hop.source == _BOTTOM
        if hop.target in (_TOP, _BOTTOM):
            return hop.target == _TOP
        ranks = self._levels[hop.inside].ranks
        return ranks[hop.source] > ranks[hop.target]

    def _is_below(self, hop: _Hop, name: str) -> bool:
        """Whether a hop touches a box at its lower side."""
        return self._goes_up(hop) == (name == hop.target)

    @staticmethod
    def _through(level: _Level, item: Item, *, up: bool) -> list[Point]:
        top = level.tops[item.row]
        ends = [(item.x, top), (item.x, top + level.heights[item.row])]
        return ends[::-1] if up else ends

    def _touched(self, hop: _Hop, name: str, x: float, places: Mapping[str, Rect]) -> list[Point]:
        """Where an arrow touches a box, and where it is out of the box's row."""
        level, place = self._levels[hop.inside], places[name]
        if not self._is_below(hop, name):
            return [(x, place.y), (x, place.y)]
        row = 2 * level.ranks[name]
        return [(x, place.y + place.height), (x, level.tops[row] + level.heights[row])]

    def _share(self, hop: _Hop, name: str) -> float:
        """How far from the middle of a box's side an arrow touches it: those that share the side stand apart."""
        level, below = self._levels[hop.inside], self._is_below(hop, name)
        beside: list[tuple[float, int]] = []
        for other in level.hops:
            hops = self._hops[other.arrow]
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
        level = self._levels[name]
        dot, *bends = (level.items[number] for number in level.entry)
        middle = (dot.x, level.tops[dot.row] + level.heights[dot.row] / 2)
        hop = _Hop(arrow=_ENTRY, inside=name, source=_TOP, target=level.first)
        points = [point for bend in bends for point in self._through(level, bend, up=False)]
        end = self._touched(hop, level.first, self._own(hop, level.first, places), places)
        return (middle, (dot.x, middle[1] + DOT / 2), *points, *reversed(end))


def _gap(level: _Level, row: int) -> float:
    """Height of the space below a row: more where arrows go far to the side."""
    ways = [(level.items[one.upper], level.items[one.lower], one) for one in level.links]
    far = [
        abs(upper.x + one.upper_offset - lower.x - one.lower_offset)
        for upper, lower, one in ways
        if upper.row == row
    ]
    return GAP + min(GAP, _SLOPE * max(far, default=0.0))


def _noted(picture: Picture) -> Picture:
    """Write what leads back to the same box as a note in it."""
    again: dict[str, list[str]] = {}
    for arrow in picture.arrows:
        if arrow.source == arrow.target:
            again.setdefault(arrow.source, []).append(f"again: {', '.join(arrow.labels)}")
    boxes = (replace(box, notes=(*box.notes, *again.get(box.name, ()))) for box in picture.boxes)
    return Picture(boxes=tuple(boxes), arrows=picture.arrows)


def _bend(row: int) -> Item:
    return Item(width=0.0, height=0.0, row=row, space=_BEND_SPACE)


def _ranks(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Put what leads somewhere above what it leads to; a way that closes a circle leads back up."""
    after: dict[str, list[str]] = {name: [] for name in names}
    for source, target in pairs:
        if target not in after[source]:
            after[source].append(target)
    done: list[str] = []
    on_way: set[str] = set()

    def visit(name: str) -> None:
        on_way.add(name)
        for target in list(after[name]):
            if target in on_way:
                after[name].remove(target)
            elif target not in done:
                visit(target)
        on_way.discard(name)
        done.append(name)

    for name in names:
        if name not in done:
            visit(name)
    ranks = dict.fromkeys(names, 0)
    for name in reversed(done):
        for target in after[name]:
            ranks[target] = max(ranks[target], ranks[name] + 1)
    return ranks
