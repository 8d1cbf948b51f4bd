"""Unit: reads and writes of many transitions, gathered, and written in bulk at the end.

What was written is seen by all that follows in the same unit. A piece of work writes to a draft, which is kept
as a whole or dropped as a whole.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from workflows.adapters import tables
from workflows.adapters.bulk import Batch
from workflows.adapters.json_text import compact
from workflows.adapters.known import Known
from workflows.adapters.run_rows import row_of, run_of
from workflows.adapters.statements import (
    ASK,
    ASKED,
    AUDIT,
    BY_KEY,
    CHANGE_TASK,
    CLEAR_TIMER,
    CLOSE_TASK,
    DEFINITION,
    EVENT,
    HAS_EVENT,
    HEAD,
    KEYS,
    MOVE,
    MOVE_HEAD,
    MOVE_WORDS,
    NEW_DEFINITION,
    NEW_RUN,
    OPEN_TASK,
    RUNS,
    SET_TIMER,
    SETTLE,
    TIMERS,
    UNASK,
    WITHDRAW,
)
from workflows.audit import commitment, link
from workflows.effects import ChangeTask, CloseTask, OpenTask, Request
from workflows.errors import Fenced, Rival
from workflows.outbox import retry_values
from workflows.run import HistoryEntry, Run
from workflows.run_document import more_of
from workflows.store import Lease, Timer
from workflows.words import words_of

_KeyOf = tuple[str, int, str]


class _Changes:
    """What is to be written, in the order of the tables."""

    __slots__ = (
        "cleared", "created", "definitions", "entries", "keys", "opened", "people", "requests", "runs", "settled",
        "tasks", "timers", "withdrawn",
    )  # fmt: skip

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}
        """As they are now."""
        self.created: dict[str, None] = {}
        self.keys: dict[tuple[str, str], str] = {}
        """(definition, key) of new runs."""
        self.entries: list[tuple[str, HistoryEntry]] = []
        """With the name of the definition."""
        self.definitions: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self.timers: dict[tuple[str, str], Timer | None] = {}
        self.cleared: dict[tuple[str, str], None] = {}
        self.requests: dict[_KeyOf, dict[str, Any]] = {}
        self.settled: list[tuple[Lease, dict[str, Any]]] = []
        self.withdrawn: dict[_KeyOf, datetime] = {}
        self.opened: dict[_KeyOf, dict[str, Any]] = {}
        self.tasks: dict[_KeyOf, dict[str, Any]] = {}
        self.people: dict[_KeyOf, tuple[str, ...] | None] = {}
        """Before whom a question is now; None: before nobody any more."""

    def add(self, other: _Changes) -> None:
        self.runs |= other.runs
        self.created |= other.created
        self.keys |= other.keys
        self.entries += other.entries
        self.definitions |= other.definitions
        self.timers |= other.timers
        self.cleared |= other.cleared
        self.requests |= other.requests
        self.settled += other.settled
        self.withdrawn |= other.withdrawn
        self.opened |= other.opened
        for key, values in other.tasks.items():
            self.tasks[key] = self.tasks.get(key, {}) | values
        self.people |= other.people


class Unit:
    """What is read and written in one commit."""

    def __init__(self, connection: Connection, known: Known) -> None:
        """Begin with what is known; the caller owns the transaction."""
        self._connection, self._known = connection, known
        self.batch = Batch(connection)
        """What is sent when it is flushed."""
        self._postgres = connection.dialect.name == "postgresql"
        self._loaded: dict[str, Run | None] = {}
        self._timers: dict[tuple[str, str], Timer] = {}
        self._timers_of: set[str] = set()
        """Runs whose timers are loaded."""
        self._head: tuple[int, str] | None = None
        self.changes = _Changes()
        self.written: dict[str, Run] = {}
        """Runs as they were flushed."""

    def load(self, run_ids: Sequence[str]) -> None:
        """Load runs together."""
        wanted = []
        for id in dict.fromkeys(run_ids):
            if id not in self._loaded:
                self._loaded[id] = known = self._known.run(id)
                if known is None:
                    wanted.append(id)
        if wanted:
            for row in RUNS.all(self._connection, {"ids": self._list(sorted(wanted))}):
                self._loaded[row[0]] = run_of(row)

    def _list(self, values: list[str]) -> Any:
        """A list as one value of a statement."""
        return values if self._postgres else compact(values)

    def draft(self) -> Draft:
        """Begin a piece of work."""
        return Draft(self)

    # --- reading ------------------------------------------------------------------------------------------------

    def run(self, run_id: str) -> Run | None:
        """Give a run as it is in this unit."""
        found = self.changes.runs.get(run_id)
        if found is not None:
            return found
        if run_id not in self._loaded:
            self.load([run_id])
        return self._loaded[run_id]

    def run_by_key(self, definition: str, key: str) -> Run | None:
        """Give the run that was started with this key."""
        known = self.changes.keys.get((definition, key))
        if known is not None:
            return self.run(known)
        found = BY_KEY.first(self._connection, {"definition": definition, "key": key})
        return None if found is None else self.run(found[0])

    def has_event(self, run_id: str, key: str) -> bool:
        """Say whether the run has taken an event with this key."""
        if any(entry.key == key and entry.run == run_id for _, entry in self.changes.entries):
            return True
        return HAS_EVENT.first(self._connection, {"run": run_id, "key": key}) is not None

    def definition(self, content_hash: str) -> Mapping[str, Any] | None:
        """Give the document of a definition."""
        known = self.changes.definitions.get(content_hash)
        if known is not None:
            return known[1]
        row = DEFINITION.first(self._connection, {"hash": content_hash})
        return None if row is None else row[0]

    def timer(self, run_id: str, name: str) -> Timer | None:
        """Give a timer."""
        if (run_id, name) in self.changes.timers:
            return self.changes.timers[run_id, name]
        if run_id not in self._timers_of:
            # Of all runs that this unit is about: where one timer rings, others often do.
            runs = sorted({run_id, *self._loaded} - self._timers_of)
            for row in TIMERS.all(self._connection, {"ids": self._list(runs)}):
                timer = Timer(run=row[0], name=row[1], at=row[2], event=row[3], fence=row[4])
                self._timers[timer.run, timer.name] = timer
            self._timers_of.update(runs)
        return self._timers.get((run_id, name))

    # --- writing ------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Write all that was kept; the unit can go on after it.

        Raises:
            Rival, Fenced: another process was first, so that nothing of this unit can be kept as it is.
        """
        changes = self.changes
        self.batch.add(
            NEW_DEFINITION,
            [
                {"hash": hash, "name": name, "document": document}
                for hash, (name, document) in changes.definitions.items()
            ],
        )
        self._flush_runs()
        self._flush_timers()
        self._flush_requests()
        self._flush_tasks()
        if changes.entries:
            self._flush_entries()
        self.batch.send()
        self.written |= changes.runs
        self._loaded |= changes.runs
        for key, timer in changes.timers.items():
            if timer is None:
                self._timers.pop(key, None)
            else:
                self._timers[key] = timer
        self.changes = _Changes()

    def learn(self) -> None:
        """What was flushed is committed."""
        self._known.learn(self.written, self._head)

    def _flush_runs(self) -> None:
        changes = self.changes
        new = [row_of(changes.runs[id]) for id in changes.created]
        self.batch.add(NEW_RUN, new)
        moved = [(self._loaded[id], run) for id, run in changes.runs.items() if id not in changes.created]
        rows = []
        for before, run in moved:
            assert before is not None
            same = before.data is run.data or before.data == run.data
            rows.append(
                {
                    "b_id": run.id,
                    "b_version": before.version,
                    "definition_hash": run.definition_hash,
                    "state": run.state,
                    "data": run.data,
                    "version": run.version,
                    "updated_at": run.updated_at,
                    "status": run.status.value,
                    "trouble": run.trouble,
                    "steward": run.steward,
                    "more": more_of(run),
                    **({} if same else {"words": words_of(run.data)}),
                }
            )
        for move, some in (
            (MOVE, [row for row in rows if "words" not in row]),
            (MOVE_WORDS, [row for row in rows if "words" in row]),
        ):
            self.batch.add(move, some, Rival(str(some[0]["b_id"])) if some else None)

    def _flush_timers(self) -> None:
        changes = self.changes
        gone = [
            {"b_run": run, "b_name": name} for run, name in changes.cleared if changes.timers[run, name] is None
        ]
        self.batch.add(CLEAR_TIMER, gone)
        rows = [
            {"run": timer.run, "name": timer.name, "at": timer.at, "event": timer.event, "fence": timer.fence}
            for timer in changes.timers.values()
            if timer is not None
        ]
        self.batch.add(SET_TIMER, rows)

    def _flush_requests(self) -> None:
        changes = self.changes
        self.batch.add(ASK, changes.requests.values())
        if changes.settled:
            fenced = Fenced(changes.settled[0][0].name)
            self.batch.add(SETTLE, [values for _, values in changes.settled], fenced)
        rows = [
            {
                "b_run": run,
                "b_number": number,
                "b_name": name,
                "ended_at": at,
                "status": "withdrawn",
                "lease_until": None,
            }
            for (run, number, name), at in changes.withdrawn.items()
        ]
        self.batch.add(WITHDRAW, rows)

    def _flush_tasks(self) -> None:
        changes = self.changes
        self.batch.add(OPEN_TASK, changes.opened.values())
        for statement, first in ((CHANGE_TASK, "roles"), (CLOSE_TASK, "status")):
            rows = [
                {"b_run": key[0], "b_number": key[1], "b_name": key[2], **values}
                for key, values in changes.tasks.items()
                if first in values
            ]
            self.batch.add(statement, rows)
        gone = [
            {"b_run": run, "b_number": number, "b_name": name}
            for run, number, name in changes.people
            if (run, number, name) not in changes.opened
        ]
        self.batch.add(UNASK, gone)
        rows = [
            {"run": run, "number": number, "name": name, "who": who}
            for (run, number, name), everyone in changes.people.items()
            for who in everyone or ()
        ]
        self.batch.add(ASKED, rows)

    def _flush_entries(self) -> None:
        entries = self.changes.entries
        self.batch.add(
            EVENT,
            [
                {
                    "run": entry.run,
                    "seq": entry.seq,
                    "name": entry.event,
                    "actor": entry.actor,
                    "data": entry.data,
                    "key": entry.key,
                    "from_state": entry.from_state,
                    "to_state": entry.to_state,
                    "at": entry.at,
                    "outcome": entry.outcome.value,
                }
                for _, entry in entries
            ],
        )
        keys = self._keys({entry.actor for _, entry in entries})
        seq, previous = self._head or self._known.head or HEAD.all(self._connection, {})[0]
        links = []
        for definition, entry in entries:
            seq += 1
            made = link(
                seq=seq,
                at=entry.at,
                actor=entry.actor,
                action=f"{definition}.{entry.event}",
                run=entry.run,
                version=entry.seq,
                digest=commitment(keys[entry.actor], entry.data),
                previous=previous,
            )
            previous = made.hash
            links.append(
                {
                    "seq": made.seq,
                    "at": made.at,
                    "actor": made.actor,
                    "action": made.action,
                    "run": made.run,
                    "version": made.version,
                    "digest": made.digest,
                    "previous": made.previous,
                    "hash": made.hash,
                }
            )
        self.batch.add(AUDIT, links)
        self.batch.add(MOVE_HEAD, [{"b_id": 1, "seq": seq, "hash": previous}])
        self._head = (seq, previous)

    def _keys(self, people: set[str]) -> dict[str, bytes]:
        """The keys with which the chain commits to what these people said; made where one has none."""
        keys = self._known.keys
        for again in (False, True):
            missing = sorted(people - set(keys))
            if missing and again:
                rows = [{"person": person, "key": secrets.token_bytes(32)} for person in missing]
                self._connection.execute(self._insert(tables.person_key).on_conflict_do_nothing(), rows)
            if missing:
                found = KEYS.all(self._connection, {"people": self._list(missing)})
                keys.update((person, bytes(key)) for person, key in found)
        return keys

    def _insert(self, table: Table) -> Any:
        return (postgresql.insert if self._postgres else sqlite.insert)(table)


class Draft:
    """A piece of work in a unit. See `workflows.store.Transaction`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._own = _Changes()

    def keep(self) -> None:
        """Make all of it part of the unit."""
        self._unit.changes.add(self._own)

    def run(self, run_id: str) -> Run | None:
        """Load a run."""
        return self._own.runs.get(run_id) or self._unit.run(run_id)

    def run_by_key(self, definition: str, key: str) -> Run | None:
        """Load the run that was started with this key."""
        known = self._own.keys.get((definition, key))
        return self._own.runs[known] if known is not None else self._unit.run_by_key(definition, key)

    def has_event(self, run_id: str, key: str) -> bool:
        """Say whether the run has taken an event with this key."""
        own = any(entry.key == key and entry.run == run_id for _, entry in self._own.entries)
        return own or self._unit.has_event(run_id, key)

    def definition(self, content_hash: str) -> Mapping[str, Any] | None:
        """Load the document of a definition by its content hash."""
        return self._unit.definition(content_hash)

    def keep_definition(self, content_hash: str, name: str, document: Mapping[str, Any]) -> None:
        """Store the document of a definition; harmless where it is known."""
        self._own.definitions[content_hash] = (name, document)

    def create(self, run: Run, entry: HistoryEntry) -> None:
        """Store a new run with the first entry of its history and of the audit."""
        self._own.created[run.id] = None
        self._own.keys[run.definition, run.key] = run.id
        self.advance(run, entry)

    def advance(self, run: Run, entry: HistoryEntry) -> None:
        """Store the next version of a run, its history and audit entry."""
        self._own.runs[run.id] = run
        self._own.entries.append((run.definition, entry))

    def timer(self, run_id: str, name: str) -> Timer | None:
        """Load a timer."""
        if (run_id, name) in self._own.timers:
            return self._own.timers[run_id, name]
        return self._unit.timer(run_id, name)

    def set_timer(self, timer: Timer) -> None:
        """Set or replace the run's timer of this name."""
        self._own.timers[timer.run, timer.name] = timer

    def clear_timer(self, run_id: str, name: str) -> None:
        """Remove a timer, if there is one."""
        self._own.timers[run_id, name] = None
        self._own.cleared[run_id, name] = None

    def ask(self, request: Request, *, tenant: str, at: datetime, lease: Lease | None) -> None:
        """Put a request into the outbox, at work already where a lease is given."""
        self._own.requests[request.run, request.number, request.name] = {
            "run": request.run,
            "number": request.number,
            "name": request.name,
            "action": request.action,
            "params": request.params,
            "retry": retry_values(request.retry),
            "timeout": request.timeout,
            "tenant": tenant,
            "status": "running" if lease else "waiting",
            "due": at,
            "attempts": 1 if lease else 0,
            "owner": lease.owner if lease else "",
            "fence": lease.fence if lease else 0,
            "lease_until": lease.until if lease else None,
            "result": None,
            "errors": [],
            "asked_at": at,
            "ended_at": None,
        }

    def settle(
        self,
        lease: Lease,
        *,
        status: str,
        result: Any,
        errors: Sequence[Mapping[str, Any]],
        at: datetime,
        due: datetime,
    ) -> None:
        """Write back what came of a request. See `workflows.store.Transaction.settle`."""
        self._own.settled.append(
            (
                lease,
                {
                    "b_run": lease.run, "b_number": lease.number, "b_name": lease.name, "b_fence": lease.fence,
                    "status": status, "result": result, "errors": list(errors), "due": due,
                    "ended_at": None if status == "waiting" else at, "lease_until": None,
                },
            )
        )  # fmt: skip

    def withdraw(self, run_id: str, number: int, name: str, at: datetime) -> None:
        """A request is not wanted any more; one that is being worked on finishes unheard."""
        own = self._own.requests.get((run_id, number, name))
        if own is not None:
            own |= {"status": "withdrawn", "ended_at": at}
        else:
            self._own.withdrawn[run_id, number, name] = at

    def open_task(self, task: OpenTask, *, definition: str, at: datetime) -> None:
        """Put a question before people."""
        key = (task.run, task.number, task.name)
        self._own.opened[key] = {
            "run": task.run,
            "number": task.number,
            "name": task.name,
            "definition": definition,
            "title": task.title,
            "roles": list(task.roles),
            "people": list(task.people),
            "barred": list(task.barred),
            "decisions": dict(task.decisions),
            "shown": dict(task.shown),
            "subject": task.subject,
            "form": task.form,
            "due": task.due,
            "votes": {},
            "status": "open",
            "decision": "",
            "decided_by": "",
            "opened_at": at,
            "closed_at": None,
        }
        self._own.people[key] = _who(task.roles, task.people)

    def change_task(self, task: ChangeTask) -> None:
        """Note before whom it is now, and the votes."""
        key = (task.run, task.number, task.name)
        values = {"roles": list(task.roles), "people": list(task.people), "votes": dict(task.votes)}
        self._own.tasks[key] = self._own.tasks.get(key, {}) | values
        self._own.people[key] = _who(task.roles, task.people)

    def close_task(self, task: CloseTask, at: datetime) -> None:
        """Note how it was decided, or that it is not asked any more."""
        key = (task.run, task.number, task.name)
        values = {
            "status": "decided" if task.decision else "withdrawn",
            "decision": task.decision,
            "decided_by": task.by,
            "closed_at": at,
            "votes": dict(task.votes),
        }
        self._own.tasks[key] = self._own.tasks.get(key, {}) | values
        self._own.people[key] = None


def _who(roles: Sequence[str], people: Sequence[str]) -> tuple[str, ...]:
    return (*(f"role:{role}" for role in roles), *(f"person:{person}" for person in people))
