"""A meeting that is over, looked at again as a whole: what was agreed in it that nobody noted. Pure.

While people speak, a colleague notes what a single utterance says clearly ("I will send it by Friday"). What is
agreed over several utterances ("so who does the layout?", "that would be you then") is found by the model that
reads each with those around it; here its finds become items, each once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from avatars.everyday import telling
from avatars.meeting_input import Line
from avatars.memory import alike
from avatars.owners import EVERYBODY, OwnerWeights, owner
from avatars.words import CONNECTORS
from workflows.task import Quote

LEAST = 0.4
"""Confidence from which on an item is worth a person's look: of ten such, four are right."""
APART = 3
"""Finds with more lines between them are two items."""
_SAME = 0.55
"""Cosine from which on two lines speak of the same."""
_LEAST_WORDS = 2
"""A line with fewer telling words says nothing by itself."""
_NEAR = 2
"""An item so few lines from where something was noted may be that, said again."""
_LONGEST = 200
"""Characters of an item's text."""
_FILLERS = frozenset({"um", "uh", "er", "erm", "hm", "mm", "so", "well", "okay", "yeah", "right", "like"})
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that was agreed."""

    line: str
    """Id of the utterance that says it best."""
    text: str
    """In its words, without what people say before they begin."""
    words: str
    """As it was said."""
    confidence: float
    owner: str | None = None
    """The speaker who takes it on; None: unclear, or everybody."""
    everybody: bool = False
    due: date | None = None
    due_phrase: str | None = None
    later: tuple[Quote, ...] = ()
    """What was said of it later in the meeting, and made it what it is."""
    owner_name: str | None = None
    """Of an owner who did not speak."""
    heard_with: float | None = None
    """The confidence before it was corrected by what people of this office said of others; None: it was not."""


def strongest_lines(
    confidences: Sequence[float], lines: Sequence[Line], vectors: NDArray[np.float32], *, least: float = LEAST
) -> list[int]:
    """Numbers of the lines that stand for an item each: the surest of every group of finds, in order.

    Finds that follow each other are one item where they speak of the same, or where one says nothing by itself.

    Args:
        confidences: of each line that it agrees on something.
        lines: the meeting.
        vectors: (lines, length) of what was said, each of length 1 or 0.
        least: below it a line is no find.
    """
    groups: list[list[int]] = []
    for at in (at for at, confidence in enumerate(confidences) if confidence >= least):
        near = bool(groups) and at - groups[-1][-1] <= APART + 1
        if near and any(_same(lines, vectors, at, other) for other in groups[-1]):
            groups[-1].append(at)
        else:
            groups.append([at])
    return [max(group, key=lambda at: (confidences[at], -at)) for group in groups]


def unnoted(
    places: Sequence[int],
    lines: Sequence[Line],
    vectors: NDArray[np.float32],
    sources: Collection[str],
    texts: Sequence[str],
) -> list[int]:
    """Those of the places that say something which nobody has noted yet.

    Args:
        places: numbers of lines.
        lines: the meeting.
        vectors: (lines, length) of what was said, each of length 1 or 0.
        sources: ids of the utterances from which something was noted, rejected proposals among them.
        texts: what was noted.
    """
    noted = [at for at, line in enumerate(lines) if line.id in sources]
    kept: list[int] = []
    for at in places:
        known = [*texts, *(clean(lines[other].text) for other in kept)]
        if any(at == other or (abs(at - other) <= _NEAR and _same(lines, vectors, at, other)) for other in noted):
            continue
        if any(alike(text, clean(lines[at].text)) for text in known):
            continue
        kept.append(at)
    return kept


def _same(lines: Sequence[Line], vectors: NDArray[np.float32], at: int, other: int) -> bool:
    """Whether two lines speak of the same, or one says nothing by itself."""
    few = min(len(telling(lines[at].text)), len(telling(lines[other].text))) < _LEAST_WORDS
    return few or float(vectors[at] @ vectors[other]) >= _SAME


def taker(lines: Sequence[Line], at: int, weights: OwnerWeights) -> tuple[str | None, bool]:
    """The speaker who takes it on (None where that is unclear), and whether everybody does."""
    who = owner(lines, at, weights).who
    return (None if who == EVERYBODY else who), who == EVERYBODY


def clean(text: str) -> str:
    """A text without the words people begin with, with a capital, and not too long."""
    words = _SPACE.split(text.strip())
    while len(words) > 1 and words[0].lower().strip(",.!") in (_FILLERS | CONNECTORS):
        words = words[1:]
    said = " ".join(words)
    if len(said) > _LONGEST:
        said = said[:_LONGEST].rsplit(" ", 1)[0] + " …"
    return said[:1].upper() + said[1:]
