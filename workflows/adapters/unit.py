"""Unit: reads and writes of many transitions, gathered, and written in bulk at the end.

What was written is seen by all that follows in the same unit.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from workflows.adapters import tables
from workflows.adapters.bulk import Batch
from workflows.adapters.json_text import compact
from workflows.adapters.known import Known
from workflows.adapters.pending import Pending
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
from workflows.errors import Fenced, Rival
from workflows.run import Run
from workflows.run_document import more_of
from workflows.store import Timer
from workflows.words import words_of


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
        self.pending = Pending()
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

    # --- reading ------------------------------------------------------------------------------------------------

    def run(self, run_id: str) -> Run | None:
        """Give a run as it is in this unit."""
        found = self.pending.runs.get(run_id)
        if found is not None:
            return found
        if run_id not in self._loaded:
            self.load([run_id])
        return self._loaded[run_id]

    def run_by_key(self, definition: str, key: str) -> Run | None:
        """Give the run that was started with this key."""
        known = self.pending.keys.get((definition, key))
        if known is not None:
            return self.run(known)
        found = BY_KEY.first(self._connection, {"definition": definition, "key": key})
        return None if found is None else self.run(found[0])

    def has_event(self, run_id: str, key: str) -> bool:
        """Say whether the run has taken an event with this key."""
        if any(entry.key == key and entry.run == run_id for _, entry in self.pending.entries):
            return True
        return HAS_EVENT.first(self._connection, {"run": run_id, "key": key}) is not None

    def definition(self, content_hash: str) -> Mapping[str, Any] | None:
        """Give the document of a definition."""
        known = self.pending.definitions.get(content_hash)
        if known is not None:
            return known[1]
        row = DEFINITION.first(self._connection, {"hash": content_hash})
        return None if row is None else row[0]

    def timer(self, run_id: str, name: str) -> Timer | None:
        """Give a timer."""
        if (run_id, name) in self.pending.timers:
            return self.pending.timers[run_id, name]
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
        pending = self.pending
        self.batch.add(
            NEW_DEFINITION,
            [
                {"hash": hash, "name": name, "document": document}
                for hash, (name, document) in pending.definitions.items()
            ],
        )
        self._flush_runs()
        self._flush_timers()
        self._flush_requests()
        self._flush_tasks()
        if pending.entries:
            self._flush_entries()
        self.batch.send()
        self.written |= pending.runs
        self._loaded |= pending.runs
        for key, timer in pending.timers.items():
            if timer is None:
                self._timers.pop(key, None)
            else:
                self._timers[key] = timer
        self.pending = Pending()

    def learn(self) -> None:
        """What was flushed is committed."""
        self._known.learn(self.written, self._head)

    def _flush_runs(self) -> None:
        pending = self.pending
        new = [row_of(pending.runs[id]) for id in pending.created]
        self.batch.add(NEW_RUN, new)
        moved = [(self._loaded[id], run) for id, run in pending.runs.items() if id not in pending.created]
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
        pending = self.pending
        gone = [
            {"b_run": run, "b_name": name} for run, name in pending.cleared if pending.timers[run, name] is None
        ]
        self.batch.add(CLEAR_TIMER, gone)
        rows = [
            {"run": timer.run, "name": timer.name, "at": timer.at, "event": timer.event, "fence": timer.fence}
            for timer in pending.timers.values()
            if timer is not None
        ]
        self.batch.add(SET_TIMER, rows)

    def _flush_requests(self) -> None:
        pending = self.pending
        self.batch.add(ASK, pending.requests.values())
        if pending.settled:
            fenced = Fenced(pending.settled[0][0].name)
            self.batch.add(SETTLE, [values for _, values in pending.settled], fenced)
        rows = [
            {
                "b_run": run,
                "b_number": number,
                "b_name": name,
                "ended_at": at,
                "status": "withdrawn",
                "lease_until": None,
            }
            for (run, number, name), at in pending.withdrawn.items()
        ]
        self.batch.add(WITHDRAW, rows)

    def _flush_tasks(self) -> None:
        pending = self.pending
        self.batch.add(OPEN_TASK, pending.opened.values())
        for statement, first in ((CHANGE_TASK, "roles"), (CLOSE_TASK, "status")):
            rows = [
                {"b_run": key[0], "b_number": key[1], "b_name": key[2], **values}
                for key, values in pending.tasks.items()
                if first in values
            ]
            self.batch.add(statement, rows)
        gone = [
            {"b_run": run, "b_number": number, "b_name": name}
            for run, number, name in pending.people
            if (run, number, name) not in pending.opened
        ]
        self.batch.add(UNASK, gone)
        rows = [
            {"run": run, "number": number, "name": name, "who": who}
            for (run, number, name), everyone in pending.people.items()
            for who in everyone or ()
        ]
        self.batch.add(ASKED, rows)

    def _flush_entries(self) -> None:
        entries = self.pending.entries
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
