"""Rehearsal: a workflow played through by hand, with a clock that is moved and people who are only named.

It is the engine of an office on a store in memory, so that nothing goes another way than there; a year passes in
milliseconds. Nothing has to be awaited: the store never waits, so each call is run to its end at once.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jsonschema import Draft202012Validator, FormatChecker

from workflows.answers import MOST_AT_ONCE, Answers, Asked, Late, Told
from workflows.at_once import finished
from workflows.connector import Did, Refuse, TryAgain
from workflows.definition import Definition
from workflows.durations import seconds_of
from workflows.engine import Engine
from workflows.errors import RehearsalError
from workflows.memory import MemoryStore
from workflows.parts import Rules
from workflows.run import OVER, Data, HistoryEntry, Run, Status
from workflows.store import HumanTask, RequestRecord, RunFilter, Timer

__all__ = ["RANKS", "Asked", "Did", "Late", "Refuse", "Rehearsal", "RehearsalError", "TryAgain"]

RANKS = ("owner", "facilitator", "member", "guest")
"""The roles of an office, the highest first: whoever has one may do what those after it may."""
BEGINNING = "2026-01-05T09:00"
"""When a rehearsal begins, where nothing else is said: a Monday."""


class Rehearsal:
    """An office without walls: runs follow their definitions, and the clock stands until it is moved.

    Where a call names no run, the first that was started is meant; questions are found wherever they are asked.
    """

    def __init__(
        self,
        *definitions: Definition,
        people: Mapping[str, str | Sequence[str]] | None = None,
        at: datetime | str = BEGINNING,
        timezone: str = "UTC",
        answers: Mapping[str, Told | Sequence[Told]] | None = None,
        rules: Rules | None = None,
    ) -> None:
        """Begin with no runs.

        Args:
            definitions: all that can be started, also as children; the first is the one that `start` starts.
            people: who there is, with their roles; a role of an office brings those below it (see `RANKS`).
            at: when it begins; without an offset, in the office's time zone.
            timezone: the office's, as `Europe/Berlin`.
            answers: what connectors answer, by action (see `answer`); all others do what they are asked.
            rules: functions that older versions of the definitions may name.

        Raises:
            RehearsalError: there is no definition, or the time cannot be read.
        """
        if not definitions:
            raise RehearsalError("there is nothing to rehearse; give a definition at least")
        self.zone = ZoneInfo(timezone)
        self.people = {person: _roles(given) for person, given in (people or {}).items()}
        self._formats = FormatChecker(formats=())
        self._formats.checkers = dict(FormatChecker.checkers)
        self._formats.checks("person")(self._is_person)
        self._now = self._instant(at)
        self._store = MemoryStore()
        self._first, self._ids = definitions[0].name, iter(range(1, 10**9))
        self._engine = Engine(
            self._store,
            timezone=self.zone,
            library={one.name: one for one in definitions},
            rules=rules,
            ids=lambda: f"run{next(self._ids)}",
        )
        self.log: list[tuple[Run, HistoryEntry]] = []
        """What happened to all runs, in order: the run as it then was, and the entry of its history."""
        self._engine.listeners.append(lambda changes: self.log.extend(changes.moved))
        self._answers = Answers(self._engine, self._store)
        self._started: list[str] = []
        for action, told in (answers or {}).items():
            self.answer(action, *(told if isinstance(told, Sequence) else [told]))

    # --- what is done -------------------------------------------------------------------------------------------

    def start(
        self, data: Data | None = None, *, by: str = "", definition: str = "", key: str = "", tenant: str = ""
    ) -> Run:
        """Start a run, and let everything happen that needs no more than that.

        Args:
            data: what it starts with; checked as an office would.
            by: who starts it; somebody of `people`, if any are named.
            definition: of which kind; empty: the first that was given.
            key: its idempotency key; empty: one of its own.
            tenant: for whom.

        Raises:
            RehearsalError: the data is not what the definition asks for, or nobody knows that person.
            DefinitionError: there is no such definition.
        """
        name = definition or self._first
        known = self._engine.library.get(name)
        values = dict(data or {})
        if known is not None:
            self._check_fits("data", known.data, values)
        actor = self._known(by)
        key = key or f"start{len(self._started) + 1}"
        run = finished(self._engine.start(name, values, key=key, actor=actor, now=self._now, tenant=tenant)).run
        if run.id not in self._started:
            self._started.append(run.id)
        self._answers.work(self._now)
        return self.look(run)

    def send(self, event: str, data: Data | None = None, *, by: str = "", run: Run | str = "") -> Run:
        """Send a run an event, as people or programs do.

        Raises:
            NotAllowed: nothing waits for it.
            RehearsalError: it comes of itself; decide the question, or move the clock.
        """
        one = self.look(run)
        definition = self.definition_of(one)
        if "." in event or event.startswith("$") or event in {d.event for d in definition.deadlines}:
            raise RehearsalError(
                f"{event!r} comes of itself; decide the question, answer the call or move the clock"
            )
        actor = self._known(by)
        moved = self._engine.send(one.id, event, data, actor=actor, roles=self._roles(actor), now=self._now)
        return self._after(moved)

    def decide(
        self, question: str, decision: str, *, by: str, form: Data | None = None, run: Run | str = ""
    ) -> Run:
        """Decide a question, as it is shown now.

        Raises:
            RehearsalError: it is not asked, or the form is not filled in as it should be.
            NotYours: it is not theirs to decide.
        """
        task = self.question(question, run=run)
        values = dict(form or {})
        self._check_fits("form", task.form, values)
        actor = self._known(by)
        decided = self._engine.decide(
            task.run, question, decision, subject=task.subject, form=values,
            actor=actor, roles=self._roles(actor), now=self._now,
        )  # fmt: skip
        return self._after(decided)

    def delegate(self, question: str, to: str, *, by: str, run: Run | str = "") -> Run:
        """Put another person before a question. Raises as `decide` does."""
        task, actor = self.question(question, run=run), self._known(by)
        passed = self._engine.delegate(
            task.run, question, self._known(to), actor=actor, roles=self._roles(actor), now=self._now
        )
        return self._after(passed)

    def operate(
        self, operation: str, *, reason: str = "a rehearsal", by: str = "", run: Run | str = "", **more: Any
    ) -> Run:
        """Move a run by hand: cancel, pause, resume, retry, skip, reassign or rewind; see `Engine.operate`."""
        one = self.look(run)
        return self._after(
            self._engine.operate(one.id, operation, reason=reason, actor=self._known(by), now=self._now, **more)
        )

    def put(self, definition: Definition) -> None:
        """Bring in a definition, or a newer version of one; runs that go on follow their own."""
        self._engine.put(definition)

    def upgrade(
        self, definition: Definition | None = None, *, renamed: Mapping[str, str] | None = None,
        by: str = "", run: Run | str = "",
    ) -> Run:  # fmt: skip
        """Let a run follow a newer version: `definition`, or the newest that was put in.

        Raises:
            CannotUpgrade: it cannot; all reasons.
        """
        one = self.look(run)
        if definition is not None:
            self.put(definition)
        return self._after(self._engine.upgrade(one.id, renamed=renamed, actor=self._known(by), now=self._now))

    def answer(self, action: str, *told: Told) -> None:
        """Say what a connector answers from now on.

        Args:
            action: as in `mail.send`; `mail.*` for all of a connector, `*` for all.
            told: its answers, one after the other; the last one stays. None: it does what it is asked, again.
        """
        self._answers.tell(action, list(told))

    # --- time ---------------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """What time it is, in the office's time zone."""
        return self._now.astimezone(self.zone)

    def advance(self, length: str | float | timedelta) -> datetime:
        """Move the clock; everything that is due meanwhile happens, each thing at its time.

        Args:
            length: as `30 days` or `1 h 30 min`, or in seconds.

        Returns:
            What time it is then.
        """
        seconds = length.total_seconds() if isinstance(length, timedelta) else seconds_of(length)
        return self.advance_to(self._now + timedelta(seconds=seconds))

    def advance_to(self, at: datetime | str) -> datetime:
        """Move the clock to an instant; without an offset, in the office's time zone.

        Raises:
            RehearsalError: that is over already, or so much happens on the way that it never gets there.
        """
        end = self._instant(at)
        if end < self._now:
            raise RehearsalError(
                f"{end.astimezone(self.zone):%Y-%m-%d %H:%M} is over; the clock only goes forward"
            )
        for _ in range(MOST_AT_ONCE):
            due = self._next()
            if due is None or due > end:
                self._now = end
                return self.now
            self._happen(due)
        raise RehearsalError(
            f"more than {MOST_AT_ONCE} things happened until {self.now:%Y-%m-%d %H:%M}; "
            "does the workflow turn in a circle?"
        )

    def advance_to_next(self) -> bool:
        """Move the clock to when the next thing happens by itself; False: nothing does."""
        due = self._next()
        if due is not None:
            self._happen(due)
        return due is not None

    @property
    def next_at(self) -> datetime | None:
        """When the next thing happens by itself, in the office's time zone."""
        due = self._next()
        return None if due is None else due.astimezone(self.zone)

    # --- looking ------------------------------------------------------------------------------------------------

    @property
    def asked(self) -> list[Asked]:
        """What connectors were asked, each attempt, in order."""
        return self._answers.asked

    @property
    def unheard(self) -> list[Asked]:
        """Of these, what was not wanted any more when the answer came."""
        return self._answers.unheard

    def look(self, run: Run | str = "") -> Run:
        """Give a run as it is now.

        Raises:
            RehearsalError: none was started.
            NotFound: there is none of this id.
        """
        if not run and not self._started:
            raise RehearsalError("nothing was started yet; call start first")
        name = run.id if isinstance(run, Run) else run or self._started[0]
        return finished(self._engine.get(name))

    @property
    def run(self) -> Run:
        """The run that was started first, as it is now."""
        return self.look()

    @property
    def state(self) -> str:
        """Where it stands: its innermost active states, with commas between them."""
        return self.look().state

    @property
    def status(self) -> Status:
        """How it is: active, paused, stuck, done or cancelled."""
        return self.look().status

    @property
    def data(self) -> Data:
        """Its data."""
        return self.look().data

    @property
    def is_over(self) -> bool:
        """It has ended."""
        return self.look().status in OVER

    def runs(self) -> list[Run]:
        """List all runs, children too, in the order in which they began."""
        found = finished(self._store.find(RunFilter()))
        return sorted(found, key=lambda run: int(run.id.removeprefix("run")))

    def child(self, name: str, *, run: Run | str = "") -> Run:
        """Give the newest child that a run started under this name.

        Raises:
            RehearsalError: there is none.
        """
        parent = self.look(run)
        found = [one for one in self.runs() if one.parent == parent.id and one.slot == name]
        if not found:
            raise RehearsalError(f"{parent.id} has started no child {name!r}; it stands in {parent.state}")
        return found[-1]

    def history(self, run: Run | str = "") -> list[HistoryEntry]:
        """List what happened to a run, oldest first."""
        return finished(self._engine.history(self.look(run).id))

    def events(self, run: Run | str = "") -> list[str]:
        """List the names of the events that a run has taken or ignored, oldest first."""
        return [entry.event for entry in self.history(run)]

    def timers(self, run: Run | str = "") -> list[Timer]:
        """List the timers of a run, the next first."""
        return finished(self._store.timers(self.look(run).id))

    def requests(self, run: Run | str = "") -> list[RequestRecord]:
        """List what connectors were asked to do for a run, and what came of it."""
        return finished(self._store.requests(self.look(run).id))

    def questions(self, person: str = "", *, only_open: bool = True, run: Run | str = "") -> list[HumanTask]:
        """List questions, oldest first.

        Args:
            person: only those that they may decide; empty: all.
            only_open: leave out those that were decided or withdrawn.
            run: of this run; empty: of all.
        """
        who = [f"person:{person}", *(f"role:{role}" for role in self._roles(person))] if person else []
        name = run.id if isinstance(run, Run) else run
        found = finished(self._store.human_tasks(run=name, who=who, only_open=only_open))
        return [task for task in found if person not in task.barred and person not in task.votes]

    def question(self, name: str, *, run: Run | str = "") -> HumanTask:
        """Give the open question of this name.

        Raises:
            RehearsalError: it is not asked, or by several runs.
        """
        waiting = self.questions(run=run)
        found = [task for task in waiting if task.name == name]
        if not found:
            asked = ", ".join(task.name for task in waiting) or "nothing"
            raise RehearsalError(f"{name!r} is not asked now; what is asked: {asked}")
        if len(found) > 1:
            runs = ", ".join(task.run for task in found)
            raise RehearsalError(f"{name!r} is asked by several runs ({runs}); say of which with run=")
        return found[0]

    def definition_of(self, run: Run | str = "") -> Definition:
        """Give the version of its definition that a run follows."""
        return finished(self._engine.definition_of(self.look(run)))

    # --- within -------------------------------------------------------------------------------------------------

    def _after(self, moved: Coroutine[Any, Any, Any]) -> Run:
        run: Run = finished(moved).run
        self._answers.work(self._now)
        return self.look(run)

    def _next(self) -> datetime | None:
        times = [finished(self._store.next_timer()), self._answers.next_at()]
        return min((at for at in times if at is not None), default=None)

    def _happen(self, due: datetime) -> None:
        """Let happen what is due at an instant, which is the next one at which anything is."""
        self._now = max(self._now, due)
        self._answers.work(self._now)
        timers = finished(self._store.timers_due(self._now, MOST_AT_ONCE))
        finished(self._engine.ring(timers, self._now))
        self._answers.work(self._now)

    def _instant(self, at: datetime | str) -> datetime:
        try:
            read = datetime.fromisoformat(at) if isinstance(at, str) else at
        except ValueError as fault:
            raise RehearsalError(f"{at!r} is no instant; write it like 2026-01-05 or 2026-01-05T09:00") from fault
        return (read if read.tzinfo else read.replace(tzinfo=self.zone)).astimezone(UTC)

    def _known(self, person: str) -> str:
        if person and self.people and person not in self.people:
            raise RehearsalError(f"nobody is called {person!r} here; known are {', '.join(self.people)}")
        return person or next(iter(self.people), "somebody")

    def _is_person(self, value: object) -> bool:
        return not isinstance(value, str) or not self.people or value in self.people

    def _roles(self, person: str) -> tuple[str, ...]:
        return self.people.get(person, ())

    def _check_fits(self, what: str, schema: Mapping[str, Any] | None, values: Data) -> None:
        """Raise a RehearsalError with all faults where values are not what their JSON Schema asks for."""
        faults = [
            f"{'.'.join(str(part) for part in error.absolute_path) or what}: {error.message}"
            for error in Draft202012Validator(dict(schema or {}), format_checker=self._formats).iter_errors(values)
        ]
        if faults:
            raise RehearsalError(f"{what} does not fit: {'; '.join(sorted(faults))}")


def _roles(given: str | Sequence[str]) -> tuple[str, ...]:
    """The roles of a person, with those of an office that stand below them."""
    own = [given] if isinstance(given, str) else list(given)
    below = [lower for role in own if role in RANKS for lower in RANKS[RANKS.index(role) :]]
    return tuple(dict.fromkeys([*own, *below]))
