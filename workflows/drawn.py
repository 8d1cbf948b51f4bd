"""What a laid out picture is made of: places, and arrows on their way; and how much room words take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.diagram import Arrow, Box, Picture

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
