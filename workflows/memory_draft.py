"""A piece of work on a store in memory: it writes beside what is kept, until all of that is taken over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from workflows.effects import ChangeTask, CloseTask, OpenTask, Request
from workflows.errors import Fenced
from workflows.memory_kept import Kept, Wish, piece_of
from workflows.run import HistoryEntry, Run
from workflows.store import HumanTask, Lease, RequestRecord, Timer


class Draft:
    """A piece of work. See `workflows.store.Transaction`."""

    def __init__(self, seen: Kept) -> None:
        """`seen` is what the work sees and writes."""
        self._seen = seen

    def run(self, run_id: str) -> Run | None:
        """Load a run."""
        return self._seen.runs.get(run_id)

    def run_by_key(self, definition: str, key: str) -> Run | None:
        """Load the run that was started with this key."""
        known = self._seen.by_key.get((definition, key))
        return None if known is None else self.run(known)

    def has_event(self, run_id: str, key: str) -> bool:
        """Say whether the run has taken an event with this key."""
        return (run_id, key) in self._seen.events

    def definition(self, content_hash: str) -> Mapping[str, Any] | None:
        """Load the document of a definition by its content hash."""
        return self._seen.definitions.get(content_hash)

    def keep_definition(self, content_hash: str, name: str, document: Mapping[str, Any]) -> None:
        """Store the document of a definition; harmless where it is known."""
        self._seen.definitions.setdefault(content_hash, _read_again(document))

    def create(self, run: Run, entry: HistoryEntry) -> None:
        """Store a new run with the first entry of its history."""
        self._seen.by_key[run.definition, run.key] = run.id
        self.advance(run, entry)

    def advance(self, run: Run, entry: HistoryEntry) -> None:
        """Store the next version of a run, and its history."""
        self._seen.runs[run.id] = replace(run, data=_read_again(run.data))
        self._seen.history[run.id, entry.seq] = replace(entry, data=_read_again(entry.data))
        if entry.key is not None:
            self._seen.events[run.id, entry.key] = entry.seq

    def timer(self, run_id: str, name: str) -> Timer | None:
        """Load a timer."""
        return self._seen.timers.get((run_id, name))

    def set_timer(self, timer: Timer) -> None:
        """Set or replace the run's timer of this name."""
        self._seen.timers[timer.run, timer.name] = replace(timer, at=timer.at.astimezone(UTC))

    def clear_timer(self, run_id: str, name: str) -> None:
        """Remove a timer, if there is one."""
        self._seen.timers[run_id, name] = None

    def ask(self, request: Request, *, tenant: str, at: datetime, lease: Lease | None) -> None:
        """Put a request into the outbox, at work already where a lease is given."""
        record = RequestRecord(
            run=request.run,
            number=request.number,
            name=request.name,
            action=request.action,
            params=_read_again(request.params),
            status="running" if lease else "waiting",
            due=at,
            attempts=1 if lease else 0,
            result=None,
            errors=[],
            asked_at=at,
            ended_at=None,
        )
        self._seen.wishes[piece_of(record)] = Wish(
            record=record,
            tenant=tenant,
            timeout=request.timeout,
            retry=asdict(request.retry),
            owner=lease.owner if lease else "",
            fence=lease.fence if lease else 0,
            lease_until=lease.until if lease else None,
        )

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
        wish = self._seen.wishes.get((lease.run, lease.number, lease.name))
        if wish is None or not wish.fits(lease):
            raise Fenced(lease.name)
        record = replace(
            wish.record,
            status=status,
            result=_read_again(result),
            errors=_read_again(list(errors)),
            due=due.astimezone(UTC),
            ended_at=None if status == "waiting" else at.astimezone(UTC),
        )
        self._seen.wishes[piece_of(record)] = replace(wish, record=record, lease_until=None)

    def withdraw(self, run_id: str, number: int, name: str, at: datetime) -> None:
        """A request is not wanted any more; one that is being worked on finishes unheard."""
        wish = self._seen.wishes.get((run_id, number, name))
        if wish is not None and wish.record.status in ("waiting", "running"):
            record = replace(wish.record, status="withdrawn", ended_at=at.astimezone(UTC))
            self._seen.wishes[piece_of(record)] = replace(wish, record=record, lease_until=None)

    def open_task(self, task: OpenTask, *, definition: str, at: datetime) -> None:
        """Put a question before people."""
        self._seen.tasks[task.run, task.number, task.name] = HumanTask(
            run=task.run,
            number=task.number,
            name=task.name,
            definition=definition,
            title=task.title,
            roles=task.roles,
            people=task.people,
            barred=task.barred,
            decisions=dict(task.decisions),
            shown=_read_again(task.shown),
            subject=task.subject,
            form=_read_again(task.form),
            due=task.due,
            votes={},
            status="open",
            decision="",
            decided_by="",
            opened_at=at,
            closed_at=None,
        )

    def change_task(self, task: ChangeTask) -> None:
        """Note before whom it is now, and the votes."""
        self._change(task, roles=task.roles, people=task.people, votes=dict(task.votes))

    def close_task(self, task: CloseTask, at: datetime) -> None:
        """Note how it was decided, or that it is not asked any more."""
        self._change(
            task,
            status="decided" if task.decision else "withdrawn",
            decision=task.decision,
            decided_by=task.by,
            closed_at=at.astimezone(UTC),
            votes=dict(task.votes),
        )

    def _change(self, task: ChangeTask | CloseTask, **values: Any) -> None:
        key = (task.run, task.number, task.name)
        self._seen.tasks[key] = replace(self._seen.tasks[key], **values)


def _read_again(value: Any) -> Any:
    """Write JSON and read it, as a database does; raises TypeError or ValueError for what is none."""
    return json.loads(json.dumps(value))
