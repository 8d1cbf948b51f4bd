"""Writer: one thread, one connection, and as many pieces of work in a commit as wait for it (group commit).

A disk needs far longer to make a commit safe than Python needs to prepare one. So while one commit is under way
the next ones gather, and share theirs. Whoever asked is answered only after the commit.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from workflows.adapters.bulk import Batch
from workflows.adapters.draft import Draft
from workflows.adapters.known import Known
from workflows.adapters.unit import Unit
from workflows.errors import Fenced, Rival, StoreError
from workflows.store import Settled

logger = logging.getLogger(__name__)

T = TypeVar("T")

MOST_TOGETHER = 64
"""Pieces of work in one commit at most."""
LINGER = 0.0002
"""Seconds to wait for company when the last commit had some."""
WAITS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds before a commit is tried again that another process was in the way of, or a server that starts again."""
TROUBLE = ("disk is full", "readonly database", "disk I/O error", "unable to open", "No space left")
"""What databases say when the fault is the disk's or the folder's."""
RIVALRY = ("40001", "40P01")
"""PostgreSQL's states of what another was in the way of: serialization failure, deadlock."""
TAKEN = "23505"
"""PostgreSQL's state of a row whose key is there already."""
AWAY = (None, "08000", "08001", "08003", "08004", "08006", "53300", "57P01", "57P02", "57P03")
"""PostgreSQL's states of a server that is going, gone, coming or too busy to let one in."""


@dataclass(slots=True)
class _Job(Generic[T]):
    """A piece of work, and who waits for it."""

    work: Callable[[Any], T]
    """Takes a `Draft`, or a `Connection` where `plain`."""
    plain: bool
    forget: bool
    """It may change what the writer knows of runs, keys and the audit chain."""
    settled: Settled | None
    runs: Sequence[str]
    """Runs that it will ask for: loaded together with those of the others."""
    future: asyncio.Future[T]
    loop: asyncio.AbstractEventLoop
    result: T | None = None
    error: BaseException | None = None


class Marks(Protocol):
    """Leaves a mark in each commit, so that it can be asked whether that was kept."""

    def leave(self, batch: Batch) -> str:
        """Leave a new mark in this transaction, and give it."""

    def found(self, mark: str) -> bool:
        """Say whether that mark is there, once the server answers again; raises DBAPIError if it does not."""


class Writer:
    """Does all writing of one process. Work is done in the order it came, each piece whole or not at all."""

    def __init__(
        self,
        engine: Engine,
        *,
        marks: Marks | None = None,
        alone: bool = False,
        afterwards: Callable[[], None] | None = None,
    ) -> None:
        """Prepare.

        Args:
            engine: gives the one connection.
            alone: no other process writes to this database.
            marks: tells whether a commit was kept that the server went away over; None where that cannot be.
            afterwards: called when all who shared a commit were answered, outside of any transaction; it must not
                fail.
        """
        self._engine, self._marks, self._afterwards = engine, marks, afterwards
        self._known = Known(alone=alone)
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="database", daemon=True)
        self._closed = False
        self._ending = False
        """All that was asked for before the end has been taken up."""
        self._together = 1
        self.commits = 0
        """Commits since the start."""
        self.works = 0
        """Pieces of work in them."""

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    async def run(
        self, work: Callable[[Draft], T], *, runs: Sequence[str] = (), settled: Settled | None = None
    ) -> T:
        """Do a piece of work of the engine; it must be free of effects but those on the unit, and may be repeated.

        Raises:
            StoreError: it could not be kept.
        """
        return await self._submit(work, plain=False, forget=False, runs=runs, settled=settled)

    async def plain(self, work: Callable[[Connection], T], *, forget: bool = True) -> T:
        """Do a piece of work on the connection itself; it may be repeated.

        Args:
            work: gets the connection.
            forget: it may change runs, timers, keys of people or the audit.

        Raises:
            StoreError: it could not be kept.
        """
        return await self._submit(work, plain=True, forget=forget)

    async def _submit(
        self,
        work: Callable[[Any], T],
        *,
        plain: bool,
        forget: bool,
        runs: Sequence[str] = (),
        settled: Settled | None = None,
    ) -> T:
        if self._closed:
            raise StoreError("the database is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        job = _Job(work=work, plain=plain, forget=forget, settled=settled, runs=runs, future=future, loop=loop)
        self._jobs.put(job)
        return await future

    async def close(self) -> None:
        """Finish what was asked for, then end the thread."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
            if self._thread.ident is not None:
                await asyncio.to_thread(self._thread.join)

    # --- in the thread ------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._ending:
            batch = self._gather()
            if batch:
                self._commit(batch, open=True)
            self._together = max(1, len(batch) // 2)
            _deliver(batch)
            if self._afterwards is not None:
                self._afterwards()

    def _gather(self) -> list[_Job[Any]]:
        """Wait for work, and for company where the last commit had some."""
        batch: list[_Job[Any]] = []
        self._join(batch, None)
        while batch and len(batch) < self._together and self._join(batch, LINGER):
            pass
        return batch

    def _join(self, batch: list[_Job[Any]], wait: float | None) -> bool:
        """Let the next piece of work into a commit, if there is room and it comes in time; say whether one did.

        Args:
            batch: what the commit has so far.
            wait: seconds; None: for ever. Whoever asked and went away again is passed over.
        """
        while len(batch) < MOST_TOGETHER and not self._ending:
            try:
                job = self._jobs.get(timeout=wait) if wait != 0 else self._jobs.get_nowait()
            except queue.Empty:
                return False
            if job is None:
                self._ending = True
            elif not job.future.cancelled():
                batch.append(job)
                return True
        return False

    def _commit(self, batch: list[_Job[Any]], *, open: bool) -> None:
        for wait in (*WAITS, None):
            try:
                self._attempt(batch, open=open)
            except (DBAPIError, Rival, Fenced) as fault:
                if wait is not None and _is_passing(fault):
                    time.sleep(wait)
                    continue
                self._commit_singly(batch, fault)
            except BaseException as fault:  # handed to whoever waits; a piece of work must not end the thread
                self._commit_singly(batch, fault)
            return

    def _commit_singly(self, batch: list[_Job[Any]], fault: BaseException) -> None:
        """One piece of work spoilt the commit of all: find out which."""
        if len(batch) == 1 or is_trouble(fault):
            for job in batch:
                job.error = said(fault)
            return
        for job in batch:
            self._commit([job], open=False)

    def _attempt(self, batch: list[_Job[Any]], *, open: bool) -> None:
        for job in batch:
            job.result, job.error = None, None
        with self._engine.connect() as connection:
            transaction = connection.begin()
            try:
                unit = self._work(connection, batch, open=open)
                sent = unit.batch if unit else Batch(connection)
                token = self._marks.leave(sent) if self._marks else ""
                with _rivals():
                    if unit is not None:
                        unit.flush()
                    else:
                        sent.send()
            except BaseException:
                self._known.forget()
                if transaction.is_active:
                    transaction.rollback()
                raise
            try:
                transaction.commit()
            except DBAPIError as fault:
                self._known.forget()
                # The server went away over the commit: it may have kept everything, or nothing.
                if self._marks is None or not fault.connection_invalidated or not self._marks.found(token):
                    raise
            if unit is not None:
                unit.learn()
            self.commits += 1
            self.works += len(batch)

    def _work(self, connection: Connection, batch: list[_Job[Any]], *, open: bool) -> Unit | None:
        """Do all, with `open` also what comes meanwhile, and give the unit that is still to be flushed, if any."""
        unit: Unit | None = None
        number = 0
        while number < len(batch) or (open and self._join(batch, 0)):
            job = batch[number]
            number += 1
            if job.plain:
                if unit is not None:
                    unit.flush()
                with _aside(job), connection.begin_nested():
                    job.result = job.work(connection)
                if job.forget:
                    unit = None
                    self._known.forget()
                continue
            if unit is None:
                unit = Unit(connection, self._known)
                unit.load([id for later in batch[number - 1 :] if not later.plain for id in later.runs])
            draft = Draft(unit)
            with _aside(job):
                job.result = job.work(draft)
                draft.keep()
        return unit


class _aside:
    """Keep an error for whoever asked, but not one of the database: that spoils the transaction."""

    def __init__(self, job: _Job[Any]) -> None:
        self._job = job

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if error is None or isinstance(error, DBAPIError):
            return False
        self._job.error = error
        return True


@contextmanager
def _rivals() -> Iterator[None]:
    """Another process wrote the same row a moment earlier: what is done again finds it."""
    try:
        yield
    except IntegrityError as fault:
        if getattr(fault.orig, "sqlstate", None) != TAKEN:
            raise
        raise Rival("a run") from fault


def _deliver(batch: Sequence[_Job[Any]]) -> None:
    """Answer all of a commit; one wake-up for each event loop."""
    loops: dict[asyncio.AbstractEventLoop, list[_Job[Any]]] = {}
    for job in batch:
        loops.setdefault(job.loop, []).append(job)
    for loop, jobs in loops.items():
        try:
            loop.call_soon_threadsafe(_resolve, jobs)
        except RuntimeError:  # that loop is closed: nobody waits there any more
            logger.debug("nobody waits for %d pieces of work", len(jobs))


def _resolve(jobs: Sequence[_Job[Any]]) -> None:
    for job in jobs:
        if job.settled is not None:
            try:
                job.settled(job.error is None)
            except Exception as fault:  # of one who was told: the others are told all the same
                logger.exception("somebody could not be told of a commit")
                job.error = job.error or fault
        if job.future.done():  # whoever asked went away
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)


def _is_passing(fault: Exception) -> bool:
    """Another process was in the way, and will not be for long."""
    if not isinstance(fault, DBAPIError):
        return isinstance(fault, Rival)
    return getattr(fault.orig, "sqlstate", None) in RIVALRY or _is_away(fault) or _is_busy(fault)


def _is_away(fault: DBAPIError) -> bool:
    """The server is gone, or not there yet."""
    if fault.connection_invalidated:
        return True
    # SQLite's faults have no such state; PostgreSQL's have, but for those of a connection that was never made.
    state = getattr(fault.orig, "sqlstate", "none of a server")
    return isinstance(fault, OperationalError) and state in AWAY


def _is_busy(fault: DBAPIError) -> bool:
    """Another program holds SQLite's only right to write."""
    return "database is locked" in str(fault.orig)


def is_trouble(fault: BaseException) -> bool:
    """The fault is the disk's or the folder's, or the server is gone."""
    if not isinstance(fault, DBAPIError):
        return False
    return _is_away(fault) or _is_busy(fault) or any(words in str(fault.orig) for words in TROUBLE)


def said(fault: BaseException) -> BaseException:
    """Say what to do about a fault of the database, where that is known."""
    if not isinstance(fault, DBAPIError):
        return fault
    if _is_away(fault):
        return StoreError("the database server does not answer; what was asked for is not kept, try again later")
    if _is_busy(fault):
        return StoreError(
            "another program has held the database for too long; close whatever else has the file open, "
            "then try again"
        )
    if is_trouble(fault):
        return StoreError(
            f"the database cannot be written ({fault.orig}); free some disk space or give the "
            "office write permission to its data folder, then try again"
        )
    return fault
