"""Letters: who is not in the office hears by mail of questions that wait for them. Nothing is decided by mail.

What somebody was told of stands in the database, so that each is told once, and again when nobody decides for so
long that others are asked as well. A letter that could not be sent is tried again; its Message-ID stays the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from server.mailboxes import Mailboxes
from server.mailing import Letter, Mailer
from server.office import Office
from server.records import Person
from server.roles import roles_down_to
from server.rows import Rows
from server.work.sight import Sight
from server.work.wording import Value, definition_title, ids_in_run, ids_in_task, name_of, shown_values
from spatial.participant import ParticipantId
from workflows.connector import Did, TryAgain
from workflows.engine import Changes, Engine
from workflows.errors import StoreError
from workflows.gates import ESCALATE
from workflows.run import OVER, Kind, Run, Status
from workflows.store import HumanTask, Store

logger = logging.getLogger(__name__)

NEWS = timedelta(days=2)
"""After a start, questions that are older are no news: an office that begins to send mail sends no heap of it."""
AGAIN_SECONDS = 60.0
MOST_RESTORED = 10_000
MOST_TITLE = 150
MOST_VALUE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What a letter is about."""

    task: HumanTask
    run: Run
    title: str
    """Of its definition."""
    names: Mapping[str, str]
    shown: tuple[Value, ...]
    stage: int
    """How often others were asked as well."""


class Letters:
    """Writes to whom a question is before."""

    def __init__(
        self,
        office: Office,
        sight: Sight,
        mailboxes: Mailboxes,
        rows: Rows,
        engine: Engine,
        store: Store,
        mailer: Mailer,
        url: str,
    ) -> None:
        """One office.

        Args:
            office: tells who is here.
            sight: knows people and definitions.
            mailboxes: where they hear.
            rows: keep who was told of what.
            engine: tells when questions change.
            store: is asked for them.
            mailer: sends.
            url: where people open the office; empty: letters have no link.
        """
        self._office, self._sight, self._mailboxes = office, sight, mailboxes
        self._rows, self._store, self._mailer = rows, store, mailer
        self._url = url.rstrip("/")
        self._asking: set[str] = set()
        """Runs that asked something when they were last heard of."""
        self._due: set[str] = set()
        """Runs whose questions are to be looked at."""
        self._news = asyncio.Event()
        engine.listeners.append(self._changed)

    async def restore(self) -> None:
        """Take up what was asked before a start, as far as it is still news."""
        oldest = self._office.wall() - NEWS
        for task in await self._store.human_tasks(only_open=True, limit=MOST_RESTORED):
            self._asking.add(task.run)
            if task.opened_at >= oldest:
                self._due.add(task.run)
        self._news.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_SECONDS if self._due else None):
                    await self._news.wait()
            await self.write()

    async def write(self) -> None:
        """Write what is due now; what cannot be sent stays due."""
        self._news.clear()
        due, self._due = self._due, set()
        for run in due:
            try:
                done = await self._write_of(run)
            except StoreError as error:
                logger.error("letters of a run cannot be written", extra={"run": run, "error": str(error)})
                done = False
            if not done:
                self._due.add(run)

    def _changed(self, changes: Changes) -> None:
        for run, _ in changes.moved:
            asks = any(one.kind is Kind.ASK for one in run.open.values())
            if asks or run.id in self._asking:
                self._due.add(run.id)
                self._news.set()
            (self._asking.add if asks else self._asking.discard)(run.id)

    async def _write_of(self, run_id: str) -> bool:
        """Write to those before whom questions of a run are; False where something could not be sent now."""
        run = await self._store.get(run_id)
        tasks = await self._store.human_tasks(run=run_id)
        over = [_mark(task) for task in tasks if task.status != "open"]
        if over:
            await self._rows.delete("setting", {"name": over})
        if run is None or run.status in OVER or run.status is Status.PAUSED:
            return True
        addresses = await self._mailboxes.wanted()
        people = await self._sight.deciders()
        done = True
        for task in tasks:
            if task.status == "open":
                done = await self._write_about(await self._question(task, run), people, addresses) and done
        return done

    async def _question(self, task: HumanTask, run: Run) -> _Question:
        definition = await self._sight.definition_of(run)
        names = await self._sight.names([*ids_in_task(task), *ids_in_run(run)])
        escalated = f"{ESCALATE}.{task.name}."
        history = await self._store.history(run.id)
        return _Question(
            task=task,
            run=run,
            title=definition_title(definition, task.definition),
            names=names,
            shown=tuple(shown_values(task, definition, names)),
            stage=sum(one.event.startswith(escalated) and one.seq > task.number for one in history),
        )

    async def _write_about(self, about: _Question, people: list[Person], addresses: Mapping[str, str]) -> bool:
        rows = await self._rows.select("setting", {"name": _mark(about.task)})
        told: dict[str, int] = dict(rows[0]["value"]) if rows else {}
        before, done = dict(told), True
        for person in _asked(about.task, people):
            if told.get(person.id, -1) >= about.stage:
                continue
            here = ParticipantId(person.id) in self._office.sessions
            if not here and person.id in addresses:
                letter = self._letter(about, person, addresses[person.id], again=person.id in told)
                if not await self._sent(letter, person):
                    done = False
                    continue
            told[person.id] = about.stage
        if told != before:
            await self._rows.put("setting", {"name": _mark(about.task), "value": told, "expires_at": None})
        return done

    async def _sent(self, letter: Letter, person: Person) -> bool:
        """Send a letter; False where it is to be tried again."""
        answer = await self._mailer.send(letter, now=self._office.wall())
        if isinstance(answer, Did):
            return True
        reason = answer.reason
        for address in letter.to:
            reason = reason.replace(address, "the address")  # which is nobody's business who reads the log
        again = isinstance(answer, TryAgain)
        outcome = "a letter is tried again" if again else "a letter was refused"
        logger.warning(outcome, extra={"person": person.id, "reason": reason})
        return not again

    def _letter(self, about: _Question, person: Person, address: str, *, again: bool) -> Letter:
        task = about.task
        question = f"{task.run}:{task.number}:{task.name}:{person.id}"
        return Letter(
            to=(address,),
            subject=f"{'Still waits' if again else 'Waits'} for you: {_short(task.title, MOST_TITLE)}",
            text="\n".join(self._lines(about)),
            key=f"{question}:{about.stage}",
            about=question,
        )

    def _lines(self, about: _Question) -> Iterator[str]:
        task = about.task
        yield task.title
        yield f"{about.title}, from {name_of(about.run.started_by, about.names) or 'the office'}"
        yield ""
        for value in about.shown:
            yield f"{value.label}: {_words(value)}"
        if task.due is not None:
            yield f"To be decided by: {task.due.astimezone(self._office.timezone):%a %d %b %Y, %H:%M}"
        yield ""
        if self._url:
            yield "Decide it in the office, where you are signed in:"
            yield f"{self._url}/runs/{task.run}"
            yield "To open the link decides nothing yet."
        else:
            yield "Decide it in the office; it waits in your inbox."
        yield ""
        yield f"{self._office.name} writes to you as you gave it this address. Turn it off in your settings there."


def _asked(task: HumanTask, people: list[Person]) -> Iterator[Person]:
    """Who may still answer."""
    for person in people:
        theirs = person.id in task.people or not set(task.roles).isdisjoint(roles_down_to(person.role))
        if theirs and person.id not in task.barred and person.id not in task.votes:
            yield person


def _mark(task: HumanTask) -> str:
    """Under which name it stands who was told of a question; ids may be longer than names of settings."""
    return f"letters:{hashlib.sha256(f'{task.run}:{task.number}:{task.name}'.encode()).hexdigest()}"


def _words(value: Value) -> str:
    given: Any = value.value
    match given:
        case bool():
            text = "yes" if given else "no"
        case int() | float() if len(value.unit) == 3 and value.unit.isupper():
            text = f"{given:,.2f}"
        case list():
            text = ", ".join(str(one) for one in given)
        case str() if value.format == "date":
            text = _day(given)
        case _:
            text = str(given)
    return _short(f"{text} {value.unit}".strip(), MOST_VALUE)


def _day(text: str) -> str:
    try:
        return f"{date.fromisoformat(text):%a %d %b %Y}"
    except ValueError:
        return text  # data that came before its form knew days


def _short(text: str, most: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
