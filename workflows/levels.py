"""Levels: what stands in each box of a picture, and the parts of arrows that each of them holds.

The boxes that stand in the same one are ranked by their arrows. An arrow that leaves the box around crosses its
border, and goes on from there among the boxes outside: it is hops, one a level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from workflows.diagram import Arrow, Picture
from workflows.layers import Item, Link

TOP, BOTTOM = "^top", "^bottom"
"""Borders of the box around; no state is called so."""


@dataclass(slots=True, kw_only=True, eq=False)
class Hop:
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
class Level:
    """What stands in one box."""

    ranks: dict[str, int]
    hops: list[Hop]
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


class Levels:
    """All levels of a picture."""

    def __init__(self, picture: Picture) -> None:
        """Rank the boxes, and take the arrows apart."""
        self.picture = picture = _noted(picture)
        """With what leads back to the same box as a note in it."""
        self.box = {box.name: box for box in picture.boxes}
        self.inside: dict[str, list[str]] = {"": [], **{box.name: [] for box in picture.boxes}}
        self.line: dict[str, tuple[str, ...]] = {"": ()}
        for box in picture.boxes:
            self.inside[box.parent].append(box.name)
            self.line[box.name] = (*self.line[box.parent], box.name)
        across = [self._across(arrow) for arrow in picture.arrows if arrow.source != arrow.target]
        self.levels = {
            name: Level(_ranks(own, [(a, b) for inside, a, b in across if inside == name and a and b]), [])
            for name, own in self.inside.items()
            if own
        }
        self.hops = [self._hops_of(number, arrow) for number, arrow in enumerate(picture.arrows)]
        for hops in self.hops:
            for hop in hops:
                self.levels[hop.inside].hops.append(hop)

    def _across(self, arrow: Arrow) -> tuple[str, str, str]:
        """The innermost box that an arrow stays in, and between which two in it it leads; empty: its border."""
        source, target = self.line[arrow.source], self.line[arrow.target]
        same = 0
        while same < min(len(source), len(target)) and source[same] == target[same]:
            same += 1
        inside = source[same - 1] if same else ""
        return inside, next(iter(source[same:]), ""), next(iter(target[same:]), "")

    def _hops_of(self, number: int, arrow: Arrow) -> list[Hop]:
        if arrow.source == arrow.target:
            return []  # drawn as a note
        inside, source, target = self._across(arrow)
        ranks = self.levels[inside].ranks
        up = bool(source and target) and ranks[source] > ranks[target]
        out, into = (TOP, BOTTOM) if up else (BOTTOM, TOP)
        hops = []
        left = self.line[arrow.source]
        for depth in range(len(left) - 1, len(self.line[inside]), -1):
            hops.append(Hop(arrow=number, inside=left[depth - 1], source=left[depth], target=out))
        hops.append(Hop(arrow=number, inside=inside, source=source or TOP, target=target or BOTTOM))
        entered = self.line[arrow.target]
        for depth in range(len(self.line[inside]) + 1, len(entered)):
            hops.append(Hop(arrow=number, inside=entered[depth - 1], source=into, target=entered[depth]))
        hops[0].worded = bool(arrow.labels)
        return hops


def _noted(picture: Picture) -> Picture:
    """Write what leads back to the same box as a note in it."""
    again: dict[str, list[str]] = {}
    for arrow in picture.arrows:
        if arrow.source == arrow.target:
            again.setdefault(arrow.source, []).append(f"again: {', '.join(arrow.labels)}")
    boxes = (replace(box, notes=(*box.notes, *again.get(box.name, ()))) for box in picture.boxes)
    return Picture(boxes=tuple(boxes), arrows=picture.arrows)


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
