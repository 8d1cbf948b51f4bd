"""Measuring: how big each box of a picture is, and where in it stands what it holds, from the inside out.

Between two rows of boxes there is one for the words on arrows, so that these have places of their own.
"""

from __future__ import annotations

from itertools import pairwise

from workflows.drawn import DOT, GAP, LINE_HEIGHT, PADDING, SMALL_SIZE, TITLE_SIZE, header_height, text_width
from workflows.layers import Item, Link, arrange
from workflows.levels import BOTTOM, TOP, Hop, Level, Levels

_BOX_SPACE, _WORD_SPACE, _BEND_SPACE = 28.0, 12.0, 14.0
_SLOPE = 0.14
"""By how much arrows get more height for each pixel to the side."""
_STRAIGHT = 8.0
"""How much it matters that an arrow is straight between its ends, where its ends matter 1."""


def measure(whole: Levels, name: str) -> tuple[float, float]:
    """Find the size of a box, and the places of what stands in it; those of "" are the whole's."""
    own = whole.box.get(name)
    texts = [] if own is None else [(own.title, TITLE_SIZE), *((note, SMALL_SIZE) for note in own.notes)]
    wide = max((text_width(text, size) for text, size in texts), default=0.0)
    high = 0.0 if own is None else header_height(own)
    level = whole.levels.get(name)
    if level is None:
        return wide + 2 * PADDING, high + PADDING
    for child in whole.inside[name]:
        width, height = measure(whole, child)
        level.number[child] = len(level.items)
        row = 2 * level.ranks[child]
        level.items.append(Item(width=width, height=height, row=row, space=_BOX_SPACE))
    for hop in level.hops:
        _chain(whole, level, hop)
    _begin(whole, level, name)
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


def _chain(whole: Levels, level: Level, hop: Hop) -> None:
    """Put the words and bends of a hop into the rows that it passes."""
    top, bottom = level.rows
    ends = {TOP: top, BOTTOM: bottom}
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
        level.items.append(_words(whole, hop.arrow, row) if row == words_row else _bend(row))
    ways = list(hop.chain)
    if hop.source not in ends:
        ways.insert(0, level.number[hop.source])
    if hop.target not in ends:
        ways.append(level.number[hop.target])
    _link(whole, level, hop, ways)


def _link(whole: Levels, level: Level, hop: Hop, ways: list[int]) -> None:
    """Link what follows each other; what comes out of a box begins where it crosses that one's border."""
    hops = whole.hops[hop.arrow]
    at = hops.index(hop)
    before = hops[at - 1] if at else None
    after = hops[at + 1] if at + 1 < len(hops) else None
    for one, other in pairwise(ways):
        offsets = [
            _offset(whole, before, level.items[one]) if one == level.number.get(hop.source) else 0.0,
            _offset(whole, after, level.items[other]) if other == level.number.get(hop.target) else 0.0,
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


def _offset(whole: Levels, hop: Hop | None, box: Item) -> float:
    """How far from a box's middle an arrow crosses its border; the hop is that within the box."""
    if hop is None:
        return 0.0
    level = whole.levels[hop.inside]
    border = hop.chain[-1] if hop.target in (TOP, BOTTOM) else hop.chain[0]
    return PADDING + level.items[border].x + slack(whole, hop.inside, box.width) - box.width / 2


def slack(whole: Levels, name: str, width: float) -> float:
    """How much what stands in a box is moved to the right, where its title is wider."""
    return (width - 2 * PADDING - whole.levels[name].width) / 2


def _words(whole: Levels, number: int, row: int) -> Item:
    labels = whole.picture.arrows[number].labels
    width = max(text_width(label, SMALL_SIZE) for label in labels) + 8.0
    return Item(width=width, height=LINE_HEIGHT * len(labels), row=row, space=_WORD_SPACE)


def _begin(whole: Levels, level: Level, name: str) -> None:
    """Put the dot before the box that is entered first, and bends on the way."""
    first = next((child for child in whole.inside[name] if whole.box[child].first), "")
    if not first:
        return
    level.first = first
    for row in range(-1, 2 * level.ranks[first]):
        level.entry.append(len(level.items))
        dot = Item(width=DOT, height=DOT, row=row, space=_BEND_SPACE)
        level.items.append(dot if row == -1 else _bend(row))
    ways = [*level.entry, level.number[first]]
    level.links += [Link(upper=one, lower=other, weight=2.0) for one, other in pairwise(ways)]


def _gap(level: Level, row: int) -> float:
    """Height of the space below a row: more where arrows go far to the side."""
    ways = [(level.items[one.upper], level.items[one.lower], one) for one in level.links]
    far = [
        abs(upper.x + one.upper_offset - lower.x - one.lower_offset)
        for upper, lower, one in ways
        if upper.row == row
    ]
    return GAP + min(GAP, _SLOPE * max(far, default=0.0))


def _bend(row: int) -> Item:
    return Item(width=0.0, height=0.0, row=row, space=_BEND_SPACE)
