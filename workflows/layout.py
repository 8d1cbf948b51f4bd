"""Layout: where the boxes, arrows and words of a picture stand, from top to bottom, boxes in boxes.

`levels` takes the picture apart, `measuring` finds sizes from the inside out, `placing` puts all of it where it
stands, from the outside in.
"""

from __future__ import annotations

from workflows.diagram import Picture
from workflows.drawn import Layout
from workflows.levels import Levels
from workflows.measuring import measure
from workflows.placing import Placing


def lay_out(picture: Picture) -> Layout:
    """Find places for a picture."""
    levels = Levels(picture)
    measure(levels, "")
    return Placing(levels).layout()
