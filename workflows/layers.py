"""Layers: things in rows, linked from row to row, put so that links are short and cross seldom; nothing overlaps.

As Sugiyama, Tagawa and Toda have it (1981): the order within rows by the middle of those linked to, swept down and
up, and neighbours changed that stand better the other way round; then places as near to those linked to as the
order and the widths let them be, which is an isotonic regression for each row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 12
"""Of ordering; places take as many."""


@dataclass(slots=True, kw_only=True)
class Item:
    """Something in a row. Lengths are in pixels."""

    width: float
    height: float
    row: int
    space: float
    """To the next one beside it."""
    x: float = 0.0
    """Of its middle; found by `arrange`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Two items in rows that follow each other."""

    upper: int
    """Its place in the list of items."""
    lower: int
    upper_offset: float = 0.0
    """Where it begins, from the middle of the upper item."""
    lower_offset: float = 0.0
    weight: float = 1.0
    """How much it matters that it is straight."""


def arrange(items: Sequence[Item], links: Sequence[Link]) -> None:
    """Find places from left to right for all items; the leftmost begins at 0."""
    if not items:
        return
    rows: dict[int, list[int]] = {}
    for number, item in enumerate(items):
        rows.setdefault(item.row, []).append(number)
    order = _Order([rows[row] for row in sorted(rows)], links, len(items)).best()
    _place(items, links, order)
    left = min(item.x - item.width / 2 for item in items)
    for item in items:
        item.x -= left


class _Order:
    """Who stands beside whom."""

    def __init__(self, rows: list[list[int]], links: Sequence[Link], count: int) -> None:
        self._rows = rows
        self._above: list[list[int]] = [[] for _ in range(count)]
        self._below: list[list[int]] = [[] for _ in range(count)]
        for link in links:
            self._below[link.upper].append(link.lower)
            self._above[link.lower].append(link.upper)

    def best(self) -> list[list[int]]:
        best, fewest = [list(row) for row in self._rows], self._crossings()
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            order = list(pairwise(self._rows))
            for upper, lower in order if down else reversed(order):
                fixed, moved = (upper, lower) if down else (lower, upper)
                self._sort(moved, fixed, self._above if down else self._below)
            for row in self._rows:
                self._change_neighbours(row)
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(row) for row in self._rows], crossings
        return best

    @staticmethod
    def _sort(moved: list[int], fixed: list[int], linked: list[list[int]]) -> None:
        place = {number: where for where, number in enumerate(fixed)}
        middle = {}
        for where, number in enumerate(moved):
            near = [place[one] for one in linked[number] if one in place]
            middle[number] = sum(near) / len(near) if near else where * len(fixed) / len(moved)
        moved.sort(key=middle.__getitem__)

    def _change_neighbours(self, row: list[int]) -> None:
        place = {number: where for other in self._rows for where, number in enumerate(other)}
        for where in range(len(row) - 1):
            one, other = row[where], row[where + 1]
            if self._crossed(one, other, place) > self._crossed(other, one, place):
                row[where], row[where + 1] = other, one
                place[one], place[other] = where + 1, where

    def _crossed(self, left: int, right: int, place: Mapping[int, int]) -> int:
        """How many links of two neighbours cross, above and below them."""
        return sum(
            place[one] > place[other]
            for linked in (self._above, self._below)
            for one in linked[left]
            for other in linked[right]
        )

    def _crossings(self) -> int:
        place = {number: where for row in self._rows for where, number in enumerate(row)}
        found = 0
        for row in self._rows:
            ends = [place[one] for number in row for one in sorted(self._below[number], key=place.__getitem__)]
            found += sum(one > other for k, one in enumerate(ends) for other in ends[k + 1 :])
        return found


def _place(items: Sequence[Item], links: Sequence[Link], rows: list[list[int]]) -> None:
    near: list[list[tuple[int, float, float]]] = [[] for _ in items]
    """For each item those linked to it: which, how far to the right of it this one would stand, and the weight."""
    for link in links:
        shift = link.upper_offset - link.lower_offset
        near[link.lower].append((link.upper, shift, link.weight))
        near[link.upper].append((link.lower, -shift, link.weight))
    for row in rows:
        _keep_apart(items, row, [0.0] * len(row), [1.0] * len(row))
    for sweep in range(2 * SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted, weights = [], []
            for number in row:
                total = sum(weight for *_, weight in near[number])
                pulled = sum((items[one].x + shift) * weight for one, shift, weight in near[number])
                wanted.append(pulled / total if total else items[number].x)
                weights.append(total or 0.1)
            _keep_apart(items, row, wanted, weights)


def _keep_apart(items: Sequence[Item], row: list[int], wanted: list[float], weights: list[float]) -> None:
    """Put a row as near to the wanted places as its widths let it be (pool adjacent violators)."""
    offsets, at = [], 0.0
    for before, number in zip([None, *row], row, strict=False):
        if before is not None:
            space = max(items[before].space, items[number].space)
            at += (items[before].width + items[number].width) / 2 + space
        offsets.append(at)
    pools: list[tuple[float, float, int]] = []
    """Mean, weight and length of items that touch each other."""
    for want, weight, offset in zip(wanted, weights, offsets, strict=True):
        pool = (want - offset, weight, 1)
        while pools and pools[-1][0] > pool[0]:
            mean, heavy, length = pools.pop()
            total = heavy + pool[1]
            pool = ((mean * heavy + pool[0] * pool[1]) / total, total, length + pool[2])
        pools.append(pool)
    means = [mean for mean, _, length in pools for _ in range(length)]
    for number, mean, offset in zip(row, means, offsets, strict=True):
        items[number].x = mean + offset
