"""What a recogniser makes of words: learnt from talk that it was made to hear, and put over what is generated."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rapidfuzz.distance import Indel

from avatars.request_text import Piece, pieces

FILE = Path(__file__).with_name("channel.tsv")
TRUST = 2
"""So many times more than it was each word counts as heard rightly: once misheard is not always misheard."""
_JOIN = 0.3
"""What it costs to take two heard words for one."""
_LOST = 0.7
"""What it costs to take a word for lost, or for put in."""
_OTHER = 1.2
"""What it costs to take a word for one that shares no letter with it."""
_STEPS = ((1, 1), (1, 2), (1, 0), (0, 1))
"""So many said words may be so many heard ones."""
_TURNING = frozenset({"not", "no", "never", "nobody", "none", "cannot", "without", "instead"})
_MARK = "'s"
Name = TypeVar("Name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What was said, and what was heard in its place."""

    said: str
    """One word; "" where one was put in."""
    heard: str
    """One or two words; "" where it was lost."""


def align(said: Sequence[str], heard: Sequence[str]) -> list[Pair]:
    """What became of each word, in order: the cheapest way, by the letters that words share.

    Args:
        said: words, lower case.
        heard: what was recognised of them, the same.
    """
    costs = [[0.0] * (len(heard) + 1) for _ in range(len(said) + 1)]
    steps = [[(0, 0)] * (len(heard) + 1) for _ in range(len(said) + 1)]
    for row in range(len(said) + 1):
        for column in range(len(heard) + 1):
            ways = [
                (costs[row - taken][column - given] + _cost(said, heard, row, column, taken, given), taken, given)
                for taken, given in _STEPS
                if taken <= row and given <= column
            ]
            if ways:
                cost, taken, given = min(ways, key=lambda way: way[0])
                costs[row][column], steps[row][column] = cost, (taken, given)
    pairs: list[Pair] = []
    row, column = len(said), len(heard)
    while row or column:
        taken, given = steps[row][column]
        pairs.append(Pair(said=" ".join(said[row - taken : row]), heard=" ".join(heard[column - given : column])))
        row, column = row - taken, column - given
    return pairs[::-1]


def _cost(said: Sequence[str], heard: Sequence[str], row: int, column: int, taken: int, given: int) -> float:
    if not taken or not given:
        return _LOST
    far = Indel.normalized_distance(said[row - 1], "".join(heard[column - given : column]))
    return _OTHER * far + _JOIN * (given - 1)


def count(pairs: Iterable[Pair]) -> dict[str, Counter[str]]:
    """How often each word was heard as what; below "" what was put in, and how often nothing was ("")."""
    found: dict[str, Counter[str]] = {}
    for pair in pairs:
        found.setdefault(pair.said, Counter())[pair.heard] += 1
        if pair.said:
            found.setdefault("", Counter())[""] += 1
    return found


def write(counts: Mapping[str, Counter[str]], head: Sequence[str]) -> str:
    """The text of a channel's file, sorted: what was said, tab, what was heard, tab, how often.

    Args:
        counts: as `count` gives them.
        head: lines that say where they come from.
    """
    rows = [
        f"{said}\t{heard}\t{number}" for said in sorted(counts) for heard, number in sorted(counts[said].items())
    ]
    return "\n".join([*(f"# {line}" for line in head), *rows]) + "\n"


class Channel:
    """Mishears words as often, and as what, as a recogniser did."""

    def __init__(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Use these counts; a word without any is heard as it is."""
        self._choices: dict[str, tuple[list[str], list[int]]] = {}
        for said, heard in counts.items():
            trusted = Counter(heard)
            if said:
                trusted[said] += TRUST
            choices = sorted(trusted.items())
            self._choices[said] = ([form for form, _ in choices], [number for _, number in choices])

    @classmethod
    def load(cls, path: Path = FILE) -> Channel:
        """Read a file that `write` made.

        Raises:
            ValueError: a line is not of that form; the message names it.
        """
        counts: dict[str, dict[str, int]] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("#"):
                continue
            parts = line.split("\t")
            if len(parts) != 3 or not parts[2].isdecimal():
                raise ValueError(f"{path.name}, line {number}: said, tab, heard, tab, how often; not {line!r}")
            counts.setdefault(parts[0], {})[parts[1]] = int(parts[2])
        return cls(counts)

    def hear(self, word: str, chance: random.Random) -> str:
        """What is heard in place of a word: none, one or two words; of "": what is put in between two words.

        What turns a sentence into another ("not", "never") is kept: "do not pay" would be taught as "pay".
        """
        if word in _TURNING or word.endswith("n't"):
            return word
        forms, numbers = self._choices.get(word, ([word], [1]))
        return chance.choices(forms, numbers)[0]

    def passed(
        self, text: str, spans: Mapping[Name, tuple[int, int]], chance: random.Random
    ) -> tuple[str, dict[Name, tuple[int, int]]]:
        """A text as it might be recognised, and where the marked words are in it.

        Args:
            text: what was said.
            spans: character offsets of words that are marked.
            chance: decides.

        Returns:
            the text, and offsets of what is left of each mark; a mark of which nothing is left is gone.
        """
        words = pieces(text)
        said, places = "", list[tuple[int, int]]()
        for at, piece in enumerate(words):
            alone = at == 0 or places[-1][0] == places[-1][1]
            heard = "" if piece.word == _MARK and alone else self.hear(piece.word, chance)
            if not said:
                heard = heard.removeprefix(_MARK).lstrip()
            joint = " " if said and heard and not heard.startswith(_MARK) else ""
            places.append((len(said + joint), len(said + joint + heard)))
            said += joint + heard
            if [behind.word for behind in words[at + 1 : at + 2]] != [_MARK]:
                said = f"{said} {self.hear('', chance)}".strip()
        moved = {name: _moved(words, places, span) for name, span in spans.items()}
        return said, {name: span for name, span in moved.items() if span[0] < span[1]}


def _moved(words: Sequence[Piece], places: Sequence[tuple[int, int]], span: tuple[int, int]) -> tuple[int, int]:
    """From the first word of a mark that was heard to the last; (0, 0) where none was."""
    left = [
        place
        for piece, place in zip(words, places, strict=True)
        if span[0] <= piece.start and piece.end <= span[1] and place[0] < place[1]
    ]
    return (left[0][0], left[-1][1]) if left else (0, 0)
