"""The durability test: an office dies at every point of its work, is opened again, and must have kept its word."""

from __future__ import annotations

import asyncio
import gc
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, delete, update
from sqlalchemy.engine import make_url

from server.selftest import branch
from server.selftest.branch import Place
from server.selftest.checks import Expected, Finding, Kind
from server.selftest.forks import Child, Tell, follow, fork, result
from server.selftest.points import Points, watch
from workflows.adapters.tables import audit_head, metadata
from workflows.audit import GENESIS

LIMIT = branch.PATIENCE + 20.0
"""Seconds for one child; then it hangs."""
STRIDE = 7919
"""A prime, by which second points are strewn over what is left of the load."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What an undisturbed office does."""

    names: Sequence[str]
    """Of the points that it comes by."""
    expected: Expected


@dataclass(slots=True)
class Report:
    """What came of one store."""

    points: int = 0
    """At so many an office died."""
    again: int = 0
    """So many died once more while they recovered."""
    found: list[Finding] = field(default_factory=list)

    def take(self, one: dict[str, Any]) -> None:
        """Add what came of one point."""
        if one["deaths"]:
            self.points += 1
            self.again += len(one["deaths"]) - 1
        for kind, text in one["found"]:
            self.found.append(Finding(Kind(kind), text))

    def count(self, kind: Kind) -> int:
        """How many findings of a kind there are."""
        return sum(finding.kind is kind for finding in self.found)

    def counts(self) -> dict[str, int]:
        """How many findings of each kind there are."""
        return {kind.value: self.count(kind) for kind in Kind}


class Ground:
    """A place where offices are made and thrown away, one after another."""

    def __init__(self, folder: Path, url: str) -> None:
        """Make an empty database.

        Args:
            folder: to be made.
            url: of an empty database of a PostgreSQL server; empty for a file in the folder.
        """
        folder.mkdir()
        self._template = folder / "template.db"
        self._office = folder / "office"
        self.place = Place(folder=self._office, url=url or f"sqlite:///{self._office / 'office.db'}")
        template = Place(folder=folder, url=url or f"sqlite:///{self._template}")
        _well(_in_child(lambda tell: asyncio.run(branch.make(template))))

    def clear(self) -> None:
        """Throw the office away, and put an empty one there."""
        shutil.rmtree(self._office, ignore_errors=True)
        self._office.mkdir()
        if self.place.shared:
            _empty(self.place.url)
        else:
            shutil.copy(self._template, self._office / "office.db")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Of points."""

    most: int | None = None
    """So many at most, evenly spread; None: all."""
    at: str = ""
    """Only those with this in their names."""
    twice: bool = False
    """The office dies once more while it recovers."""

    def of(self, names: Sequence[str]) -> list[int]:
        """Give the numbers of the points, from 1."""
        found = [number for number, name in enumerate(names, start=1) if self.at in name]
        return found[:: 1 if self.most is None else max(1, -(-len(found) // self.most))]


def crash_everywhere(
    name: str, folder: Path, urls: Sequence[str], choice: Choice, progress: Callable[[str], None]
) -> Report:
    """Let an office die at every point, or at some.

    Args:
        name: of the store, for the progress.
        folder: an empty one.
        urls: of empty databases, each for a process of its own; an empty text: a file in the folder.
        choice: at which points.
        progress: gets a line now and then.

    Raises:
        RuntimeError: an office that does not crash fails as well.
    """
    grounds = [Ground(folder / str(number), url) for number, url in enumerate(urls)]
    survey = _survey(grounds[0])
    chosen = choice.of(survey.names)
    progress(f"{name}: an undisturbed office comes by {len(survey.names)} points; {len(chosen)} are tried")
    gc.collect()
    gc.freeze()
    report, workers = Report(), []
    for number, ground in enumerate(grounds):
        workers.append(fork(_worker(ground, chosen[number :: len(grounds)], survey, choice.twice)))

    def take(one: dict[str, Any]) -> None:
        report.take(one)
        for kind, text in one["found"]:
            deaths = ", then ".join(one["deaths"])
            progress(f"{name}: {kind} after a crash {deaths} (point {one['point']}): {text}")
        if one["deaths"] and report.points % 100 == 0:
            progress(f"{name}: {report.points} of {len(chosen)} points")

    follow(workers, take, 3 * LIMIT)
    for worker in workers:
        _well(worker)
    return report


def _survey(ground: Ground) -> Survey:
    ground.clear()
    worked = _well(_in_child(partial(_work, ground.place, None, 0)))
    checked = _well(_in_child(lambda tell: tell(_recover(ground.place, None, 0))))
    ended, found = checked.said[-1]
    if found:
        raise RuntimeError(f"an office that never crashed is not as it should be: {found}")
    return Survey(worked.said[-1], ended)


def _worker(ground: Ground, points: Sequence[int], survey: Survey, twice: bool) -> Callable[[Tell], None]:
    def work(tell: Tell) -> None:
        for point in points:
            tell(_one(ground, point, survey, twice))

    return work


def _one(ground: Ground, point: int, survey: Survey, twice: bool) -> dict[str, Any]:
    """Let one office die at a point, and open it again."""
    ground.clear()
    deaths: list[str] = []
    left = len(survey.names) - point
    for last in (point, 1 + point * STRIDE % (left + 1)) if twice else (point,):
        died = _in_child(partial(_work, ground.place, last, len(deaths)))
        if not died.killed and died.status:
            return {"point": point, "deaths": [*deaths, "in the load itself"], "found": _hangs(died)}
        if died.killed:
            deaths.append(died.said[0])
    again = _in_child(lambda tell: tell(_recover(ground.place, survey.expected, len(deaths))))
    found = again.said[-1][1] if again.status == 0 else _hangs(again)
    return {"point": point, "deaths": deaths, "found": found}


def _hangs(ended: Child) -> list[tuple[str, str]]:
    why = "it hangs" if ended.late else str(ended.said[-1] if ended.said else f"it ended with {ended.status}")
    return [(Kind.STUCK.value, why)]


def _work(place: Place, last: int | None, crashes: int, tell: Tell) -> None:
    points = Points(last, tell)
    watch(points)
    asyncio.run(branch.work(place, points, crashes=crashes))
    tell(points.names)


def _recover(place: Place, expected: Expected | None, crashes: int) -> tuple[Expected, list[tuple[str, str]]]:
    ended, found = asyncio.run(branch.recover(place, expected, crashes=crashes))
    return ended, [(finding.kind.value, finding.text) for finding in found]


def _in_child(work: Callable[[Tell], None]) -> Child:
    return result(work, LIMIT)


def _well(ended: Child) -> Child:
    if ended.status:
        raise RuntimeError(f"a process of the test failed: {_hangs(ended)[0][1]}")
    return ended


def _empty(url: str) -> None:
    """Delete all rows of a database on a server."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table is audit_head:
                connection.execute(update(table).values(seq=0, hash=GENESIS))
            else:
                connection.execute(delete(table))
    engine.dispose()
