"""What a meeting's utterances look like to the model that reads them in context."""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

REACH = 8
"""Utterances on each side that one is read with."""
WINDOW = 2 * REACH + 1
WORD_PLACES = 8192
"""Words and pairs of words are hashed to places 1 … this; 0 is no word."""
MOST_WORDS = 64
"""Of an utterance, words and pairs counted; what is longer is cut."""
ROLES = ("PM", "ME", "UI", "ID")
"""Roles of the AMI corpus: project manager, marketing expert, user interface and industrial designer. Anything
else is a role that is known to be another."""
MOMENT, PLACE, ROLE = 5, 8, 6
"""Length of what is known of a moment, a place in the meeting, and a role."""
LAYOUT = f"reach {REACH}, words {MOST_WORDS} of {WORD_PLACES}, moment {MOMENT}, place {PLACE}, roles {ROLES}"
"""What a model is given beside sentence vectors; one that was trained for another layout tells nonsense."""
_WORD = re.compile(r"[a-z']+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An utterance of a meeting, as far as the model may know it."""

    id: str
    speaker: str
    start: float
    """Seconds from the start of the meeting."""
    end: float
    text: str
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingInput:
    """The arrays of one meeting of n utterances, but for the sentence vectors."""

    words: Integers
    """(n, MOST_WORDS) places of hashed words, 0 behind the last."""
    moments: Floats
    """(n, MOMENT): same speaker as before, as next; words; duration; pause before."""
    places: Floats
    """(n, PLACE): where in the meeting, and a 1 that says so; all 0 where that must not or cannot be known."""
    roles: Floats
    """(n, ROLE): one of `ROLES`, another, or unknown."""
    neighbours: Integers
    """(n, WINDOW): numbers of the utterances around; n where there is none."""
    same: Floats
    """(n, WINDOW): 1 where a neighbour is said by the same person."""

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """By the names of the model's inputs."""
        return {name: getattr(self, name) for name in self.__slots__}


def arrange(lines: Sequence[Line], *, whole: bool, roles: bool) -> MeetingInput:
    """Lay out a meeting.

    Args:
        lines: in order of time.
        whole: the meeting is over, so that it is known how far from its end each was said.
        roles: the roles may be used.
    """
    count = len(lines)
    speakers = np.array([line.speaker for line in lines], dtype=object)
    starts = np.array([line.start for line in lines], dtype=np.float64)
    ends = np.array([line.end for line in lines], dtype=np.float64)
    neighbours = np.arange(count)[:, None] + np.arange(-REACH, REACH + 1)
    inside = (neighbours >= 0) & (neighbours < count)
    neighbours = np.where(inside, neighbours, count)
    spoken_by = np.concatenate([speakers, np.array([None], dtype=object)])
    return MeetingInput(
        words=_words(lines),
        moments=_moments(lines, speakers, starts, ends),
        places=_places(starts, ends) if whole else np.zeros((count, PLACE), np.float32),
        roles=_roles(lines, known=roles),
        neighbours=neighbours.astype(np.int64),
        same=(inside & (spoken_by[neighbours] == speakers[:, None])).astype(np.float32),
    )


def word_places(text: str) -> list[int]:
    """Hashed places of the words and pairs of words in a text, each once, at most MOST_WORDS."""
    return [1 + zlib.crc32(gram.encode()) % WORD_PLACES for gram in grams(text)][:MOST_WORDS]


def grams(text: str) -> list[str]:
    """Words and pairs of words of a text, each once."""
    words = _WORD.findall(text.lower())
    return list(dict.fromkeys([*words, *(" ".join(pair) for pair in itertools.pairwise(words))]))


def _words(lines: Sequence[Line]) -> Integers:
    found = np.zeros((len(lines), MOST_WORDS), np.int64)
    for row, line in zip(found, lines, strict=True):
        places = word_places(line.text)
        row[: len(places)] = places
    return found


def _moments(
    lines: Sequence[Line], speakers: NDArray[np.object_], starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> Floats:
    change = speakers[1:] == speakers[:-1]
    lengths = np.array([len(line.text.split()) for line in lines], dtype=np.float64)
    columns = (
        np.append(False, change) if len(lines) else change,
        np.append(change, False) if len(lines) else change,
        np.log1p(lengths) / 3,
        np.log1p(np.clip(ends - starts, 0, 30)) / 2,
        np.append(0.0, np.clip(starts[1:] - ends[:-1], -2, 10))[: len(lines)] / 5,
    )
    return np.stack(columns, axis=1).astype(np.float32)


def _places(starts: NDArray[np.float64], ends: NDArray[np.float64]) -> Floats:
    count = len(starts)
    number = np.arange(count)
    left = count - 1 - number
    share = number / max(1, count)
    seconds = np.maximum(0.0, (ends.max() if count else 0.0) - starts)
    columns = (
        share, share**4, np.log1p(left) / 5, np.log1p(seconds) / 5, left < 20, left < 60, np.log1p(number) / 5,
        np.ones(count),
    )  # fmt: skip
    return np.stack(columns, axis=1).astype(np.float32)


def _roles(lines: Sequence[Line], *, known: bool) -> Floats:
    found = np.zeros((len(lines), ROLE), np.float32)
    for row, line in zip(found, lines, strict=True):
        if not known or line.role is None:
            row[ROLE - 1] = 1
        else:
            row[ROLES.index(line.role) if line.role in ROLES else ROLE - 2] = 1
    return found
