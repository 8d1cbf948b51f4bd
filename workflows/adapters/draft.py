"""Draft: a piece of work in a unit, which is kept as a whole or dropped as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from workflows.adapters.pending import Pending
from workflows.adapters.unit import Unit
from workflows.effects import ChangeTask, CloseTask, OpenTask, Request
from workflows.outbox import retry_values
from workflows.run import HistoryEntry, Run
from workflows.store import Lease, Timer


class Draft:
    """A piece of work in a unit. See `workflows.store.Transaction`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._own = Pending()

    def keep(self) -> None:
        """Make all of it part of the unit."""
        self._unit.pending.add(self._own)

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
