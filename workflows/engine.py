"""Engine: load, step, save and record effects, in one transaction a transition."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from workflows.definition import Definition
from workflows.effects import Announce, ClearDeadline, SetDeadline
from workflows.errors import Conflict, DefinitionError, NotAllowed, NotFound
from workflows.library import LIBRARY
from workflows.machine import Step, arm, begin, step
from workflows.run import Data, Event, HistoryEntry, Run
from workflows.store import Store, Timer, Transaction
from workflows.task import Task, TaskDraft, TaskState, draft_data, task_of

OFFICE = "office"
"""The actor of everything that happens by itself."""
TIMERS_A_ROUND = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a call did, after it was committed."""

    task: Task
    changed: bool
    """False where the call repeated what was already so; then nothing is to be announced."""


def new_id() -> str:
    """Make a random id for a run."""
    return uuid.uuid4().hex


class Engine:
    """Keeps tasks. Every public call is one transaction; an answer means that it is on the disk.

    Args:
        store: where runs are kept.
        timezone: the office's; due days end at its midnight.
        library: the definitions that can be started, by name.
        ids: makes ids of new runs.
    """

    def __init__(
        self,
        store: Store,
        *,
        timezone: tzinfo,
        library: Mapping[str, Definition] = LIBRARY,
        ids: Callable[[], str] = new_id,
    ) -> None:
        self._store = store
        self._timezone = timezone
        self._library = library
        self._ids = ids
        self._by_hash = {d.content_hash(): d for d in library.values()}
        self._kept: set[str] = set()

    async def start(self, definition: str, draft: TaskDraft, *, key: str, now: datetime) -> Outcome:
        """Start a task; the same key gives the same task again, never a second.

        Raises:
            DefinitionError: there is no such definition.
        """
        rules = self._library.get(definition)
        if rules is None:
            raise DefinitionError(definition, f"there is none; known are {', '.join(sorted(self._library))}")
        content_hash = rules.content_hash()
        async with self._store.transaction() as tx:
            known = await tx.run_by_key(definition, key)
            if known is not None:
                return Outcome(task=task_of(known), changed=False)
            if content_hash not in self._kept:
                await tx.keep_definition(content_hash, definition, rules.to_document())
            taken = begin(
                rules,
                run_id=self._ids(),
                key=key,
                data=draft_data(draft),
                actor=draft.created_by,
                now=self._local(now),
            )
            await self._save(tx, taken)
        self._kept.add(content_hash)
        return Outcome(task=task_of(taken.run), changed=True)

    async def send(
        self,
        run_id: str,
        event: str,
        data: Data | None = None,
        *,
        actor: str,
        expected_version: int | None = None,
        now: datetime,
        key: str | None = None,
    ) -> Outcome:
        """Send an event to a task.

        Args:
            run_id: the task.
            event: accept, done, decline, reopen or edit.
            data: for edit: any of text, owner_id, owner_name, due, due_phrase.
            actor: who does it.
            expected_version: the version the actor saw; None to take whatever is there.
            now: aware.
            key: where given, a repeat with the same key changes nothing.

        Raises:
            NotFound: there is no such task.
            Conflict: it is not in the expected version any more.
            NotAllowed: its state has no transition for the event.
            TaskError: the data cannot be taken.
        """
        async with self._store.transaction() as tx:
            run = await tx.run(run_id)
            if run is None:
                raise NotFound(run_id)
            if key is not None and await tx.has_event(run_id, key):
                return Outcome(task=task_of(run), changed=False)
            if expected_version is not None and expected_version != run.version:
                raise Conflict(run_id, expected_version, run.version)
            rules = await self._rules(tx, run)
            happened = Event(name=event, actor=actor, data=dict(data or {}), key=key)
            taken = step(rules, run, happened, self._local(now))
            if taken.refused:
                raise NotAllowed(run_id, run.state, event, rules.events_from(run.state))
            await self._save(tx, taken)
        return Outcome(task=task_of(taken.run), changed=taken.entry is not None)

    async def due(self, now: datetime) -> list[Task]:
        """Let every timer ring whose time has come; give the tasks that became overdue."""
        changed: list[Task] = []
        while timers := await self._store.timers_due(now, TIMERS_A_ROUND):
            for timer in timers:
                task = await self._ring(timer, now)
                if task is not None:
                    changed.append(task)
        return changed

    async def next_due(self) -> datetime | None:
        """Say when `due` next has something to do (UTC), or None."""
        return await self._store.next_timer()

    async def task(self, run_id: str) -> Task:
        """Give a task.

        Raises:
            NotFound: there is no such task.
        """
        run = await self._store.get(run_id)
        if run is None:
            raise NotFound(run_id)
        return task_of(run)

    async def tasks(self, *, meeting_id: str | None = None, states: tuple[TaskState, ...] = ()) -> list[Task]:
        """List tasks, oldest first: all, or those of a meeting, or those in certain states."""
        matching = {"meeting_id": meeting_id} if meeting_id is not None else None
        runs = await self._store.find("action_item", matching=matching, states=states)
        return [task_of(run) for run in runs]

    async def history(self, run_id: str) -> list[HistoryEntry]:
        """List what happened to a task, oldest first; as long as its version says."""
        return await self._store.history(run_id)

    async def unannounced(self, limit: int = 1000) -> list[Task]:
        """List tasks whose last change may not have reached the rooms (after a crash); then `settle` them."""
        runs = dict.fromkeys(effect.run for effect in await self._store.unsettled(limit))
        return [await self.task(run_id) for run_id in runs]

    async def settle(self, task: Task) -> None:
        """Note that the rooms know this version of the task."""
        async with self._store.transaction() as tx:
            await tx.settle(task.id, task.version)

    def _local(self, now: datetime) -> datetime:
        return now.astimezone(self._timezone)

    async def _ring(self, timer: Timer, now: datetime) -> Task | None:
        async with self._store.transaction() as tx:
            current = await tx.timer(timer.run, timer.name)
            if current is None or current.fence != timer.fence:
                return None
            await tx.clear_timer(timer.run, timer.name)
            run = await tx.run(timer.run)
            if run is None:
                return None
            rules = await self._rules(tx, run)
            event = Event(name=timer.event, actor=OFFICE, key=f"timer:{timer.name}:{timer.fence}")
            taken = step(rules, run, event, self._local(now))
            await self._save(tx, taken)
            if taken.refused:  # rang too early, as after a change of the office's time zone: set it anew
                for effect in arm(rules, run, self._local(now)):
                    if effect.name == timer.name and effect.at > now:
                        await tx.set_timer(replace(timer, at=effect.at))
        return task_of(taken.run) if taken.entry is not None else None

    async def _rules(self, tx: Transaction, run: Run) -> Definition:
        """Give the definition that the run is pinned to, from the store where it is an older one."""
        known = self._by_hash.get(run.definition_hash)
        if known is not None:
            return known
        document = await tx.definition(run.definition_hash)
        current = self._library.get(run.definition)
        if document is None or current is None:
            reason = f"its version {run.definition_hash[:12]}, that of the task {run.id}, was not kept"
            raise DefinitionError(run.definition, reason)
        older = Definition.from_document(document, current.rules)
        self._by_hash[run.definition_hash] = older
        return older

    async def _save(self, tx: Transaction, taken: Step) -> None:
        if taken.entry is None:
            return
        if taken.entry.seq == 1:
            await tx.create(taken.run, taken.entry)
        else:
            await tx.advance(taken.run, taken.entry)
        for effect in taken.effects:
            match effect:
                case Announce():
                    await tx.add_effect(effect, taken.entry.at)
                case SetDeadline():
                    await tx.set_timer(
                        Timer(
                            run=effect.run,
                            name=effect.name,
                            at=effect.at,
                            event=effect.event,
                            fence=taken.run.version,
                        )
                    )
                case ClearDeadline():
                    await tx.clear_timer(effect.run, effect.name)
