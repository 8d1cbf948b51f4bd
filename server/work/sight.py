"""Sight: which runs somebody may see, and all that belongs to one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.errors import Missing
from server.identity import Session
from server.records import Person, Records
from server.roles import Permission, may, require, roles_down_to
from server.rows import Rows
from workflows.definition import Definition
from workflows.engine import OFFICE, Engine
from workflows.errors import DefinitionError
from workflows.library.action_item import ACTION_ITEM
from workflows.run import OVER, HistoryEntry, Kind, Run, Status
from workflows.store import HumanTask, Involved, RequestRecord, RunFilter, Store, Timer

Place = tuple[datetime, str]
"""Where a page of runs ends: the last one's `updated_at` and id."""

MOST_LOOKED_AT = 2000
"""Runs that are looked at for one page; it may be short then, and another follows."""
COUNT_SECONDS = 3.0
"""Counts may be so old."""
_AT_ONCE = 500
_OPEN = tuple(status.value for status in Status if status not in OVER)
_COLLEAGUE = "avatar-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which runs somebody looks for; what is left empty does not matter."""

    definitions: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    state: str = ""
    """It stands in this state, or in one within it."""
    words: str = ""
    steward: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Runs, those that changed last first."""

    runs: tuple[Run, ...]
    after: Place | None
    """Where the next page begins; None where this is the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A run with all that belongs to it."""

    run: Run
    definition: Definition | None
    """None where its version was not kept."""
    history: Sequence[HistoryEntry]
    requests: Sequence[RequestRecord]
    tasks: Sequence[HumanTask]
    timers: Sequence[Timer]
    children: Sequence[Run]
    parent: Run | None
    """None where there is none, or it is not for whoever asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many open runs of a definition stand where."""

    open: int
    states: Mapping[str, int]
    """Innermost state -> runs."""
    stuck: int


class Sight:
    """Reads runs for somebody. What is not theirs looks as if it were not there."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        records: Records,
        rows: Rows,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """One engine with its store.

        Args:
            engine: moves runs.
            store: is asked for them.
            records: know people.
            rows: the plain tables beside the runs.
            monotonic: seconds; counts are kept for a moment.
        """
        self._engine, self._store, self._records, self._rows = engine, store, records, rows
        self._monotonic = monotonic
        self._counted: tuple[float, Mapping[str, Standing]] | None = None

    # --- which ---------------------------------------------------------------------------------------------------

    async def run(self, session: Session, run_id: str) -> Run:
        """Give a run.

        Raises:
            Forbidden: they may see none at all.
            Missing: there is none, or not for this person; the two look the same from outside.
        """
        require(session.role, Permission.START_RUNS)
        run = await self._store.get(run_id)
        if run is None or not (self.concerns(session, run) or await self._took_part(session, run)):
            raise Missing("there is no such run, or it is not yours to see")
        return run

    def concerns(self, session: Session, run: Run) -> bool:
        """They may read all, started it, look after it, or are asked."""
        if may(session.role, Permission.READ_RUNS) or run.started_by == session.person:
            return True
        if self.looks_after(session, run):
            return True
        roles = set(roles_down_to(session.role))
        return any(
            one.kind is Kind.ASK and (session.person in one.people or not roles.isdisjoint(one.roles))
            for one in run.open.values()
        )

    @staticmethod
    def looks_after(session: Session, run: Run) -> bool:
        """It is stuck, and they are to see to it."""
        mine = (session.person, *roles_down_to(session.role))
        return run.status is Status.STUCK and run.steward in mine

    async def _took_part(self, session: Session, run: Run) -> bool:
        return any(entry.actor == session.person for entry in await self._store.history(run.id))

    async def page(self, session: Session, wanted: Wanted, *, limit: int, after: Place | None) -> Page:
        """List runs that somebody may see. A page may be short though more follow.

        Raises:
            Forbidden: they may see none at all.
        """
        require(session.role, Permission.START_RUNS)
        states = self._exactly(wanted)
        lookup = RunFilter(
            definitions=wanted.definitions,
            states=states or (),
            statuses=wanted.statuses,
            words=wanted.words,
            steward=wanted.steward,
            involves=self._only(session),
        )
        at_once = min(_AT_ONCE, max(50, limit + 1))
        chosen: list[Run] = []
        for _ in range(0, MOST_LOOKED_AT, at_once):
            found = await self._store.find(lookup, limit=at_once, after=after)
            for run in found:
                if states is not None or self._stands_in(run, wanted.state):
                    if len(chosen) == limit:
                        return Page(runs=tuple(chosen), after=after)
                    chosen.append(run)
                after = (run.updated_at, run.id)
            if len(found) < at_once:
                return Page(runs=tuple(chosen), after=None)
        return Page(runs=tuple(chosen), after=after)

    def _exactly(self, wanted: Wanted) -> tuple[str, ...] | None:
        """What `Run.state` must be, where that can be said; None: each run has to be looked at."""
        if not wanted.state:
            return ()
        definition = self._engine.library.get(wanted.definitions[0]) if len(wanted.definitions) == 1 else None
        if definition is None or definition.chart.parallel or wanted.state not in definition.by_name:
            return None
        chart = definition.chart
        return tuple(name for name in chart.order if not chart.children[name] and chart.within(name, wanted.state))

    def _stands_in(self, run: Run, state: str) -> bool:
        if not state or state in run.states:
            return True
        definition = self._engine.library.get(run.definition)
        line = definition.chart.line if definition else {}
        return any(state in line.get(leaf, ()) for leaf in run.states)

    @staticmethod
    def _only(session: Session) -> Involved | None:
        """Whose runs are listed: everybody's for those who may read all."""
        if may(session.role, Permission.READ_RUNS):
            return None
        return Involved(person=session.person, roles=roles_down_to(session.role))

    # --- one -----------------------------------------------------------------------------------------------------

    async def whole(self, session: Session, run_id: str) -> Whole:
        """Give a run with all that belongs to it.

        Raises:
            Forbidden: they may see none at all.
            Missing: there is none, or not for this person.
        """
        run = await self.run(session, run_id)
        parent = await self._store.get(run.parent) if run.parent else None
        return Whole(
            run=run,
            definition=await self.definition_of(run),
            history=await self._store.history(run.id),
            requests=await self._store.requests(run.id),
            tasks=await self._store.human_tasks(run=run.id),
            timers=await self._store.timers(run.id),
            children=[c for c in await self._store.find(RunFilter(parent=run.id)) if self.concerns(session, c)],
            parent=parent if parent is not None and self.concerns(session, parent) else None,
        )

    async def definition_of(self, run: Run) -> Definition | None:
        """Give the version that a run follows, or None where it was not kept."""
        try:
            return await self._engine.definition_of(run)
        except DefinitionError:
            return None

    # --- how many ------------------------------------------------------------------------------------------------

    async def standing(self) -> Mapping[str, Standing]:
        """Count open runs by definition and state; tasks of the board are left out."""
        if self._counted is not None and self._monotonic() - self._counted[0] < COUNT_SECONDS:
            return self._counted[1]
        names = tuple(name for name in self._engine.library if name != ACTION_ITEM.name)
        states: dict[str, Counter[str]] = {name: Counter() for name in names}
        total: Counter[str] = Counter()
        stuck: Counter[str] = Counter()
        for one in await self._store.counts(RunFilter(definitions=names, statuses=_OPEN)):
            states[one.definition].update(dict.fromkeys(one.states, one.runs))
            total[one.definition] += one.runs
            stuck[one.definition] += one.runs if one.status == Status.STUCK else 0
        counts = {name: Standing(open=total[name], states=states[name], stuck=stuck[name]) for name in names}
        self._counted = (self._monotonic(), counts)
        return counts

    # --- who -----------------------------------------------------------------------------------------------------

    async def names(self, ids: Iterable[str]) -> dict[str, str]:
        """Say what people are called; those who are not known any more are left out."""
        wanted = sorted({one for one in ids if one})
        rows = await self._rows.select("person", {"id": wanted}) if wanted else []
        named = {one: one.removeprefix(_COLLEAGUE).capitalize() for one in wanted if one.startswith(_COLLEAGUE)}
        if OFFICE in wanted:
            named[OFFICE] = "The office"
        return named | {row["id"]: row["name"] for row in rows}

    async def deciders(self) -> list[Person]:
        """List people who may be asked, by name."""
        people = [one for one in await self._records.people() if may(one.role, Permission.DECIDE)]
        return sorted(people, key=lambda one: one.name.casefold())
