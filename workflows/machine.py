"""The machine: step(definition, run, event, now) -> Step. Pure: no clock, no database, no chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from workflows.definition import Definition
from workflows.effects import Announce, ClearDeadline, Effect, SetDeadline
from workflows.run import Data, Event, HistoryEntry, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one event did to a run.

    `entry` is None where nothing changed: the event was refused, or it said what was already so.
    """

    run: Run
    effects: tuple[Effect, ...] = ()
    entry: HistoryEntry | None = None
    refused: bool = False


def begin(definition: Definition, *, run_id: str, key: str, data: Data, actor: str, now: datetime) -> Step:
    """Start a run.

    Args:
        definition: the rules it will follow, pinned by content hash.
        run_id: the new run's id.
        key: its idempotency key.
        data: what it starts with; JSON values.
        actor: who starts it.
        now: aware, in the office's time zone.
    """
    at = now.astimezone(UTC)
    run = Run(
        id=run_id,
        definition=definition.name,
        definition_hash=definition.content_hash(),
        key=key,
        state=definition.initial,
        data=data,
        version=1,
        created_at=at,
        updated_at=at,
    )
    entry = HistoryEntry(
        run=run.id,
        seq=1,
        event="start",
        actor=actor,
        data=data,
        key=None,
        from_state="",
        to_state=run.state,
        at=at,
    )
    effects = (*_deadlines(definition, None, run, now), Announce(run=run.id, version=1, event="start"))
    return Step(run=run, effects=effects, entry=entry)


def step(definition: Definition, run: Run, event: Event, now: datetime) -> Step:
    """Take one event.

    Args:
        definition: the definition the run is pinned to.
        run: the run as it is.
        event: what happened.
        now: aware, in the office's time zone.

    Raises:
        WorkflowError: a change function cannot take the event's data.
    """
    for transition in definition.leaving(run.state, event.name):
        if not all(definition.rules.guards[name](run.data, event, now) for name in transition.guards):
            continue
        data = run.data
        for name in transition.changes:
            data = definition.rules.changes[name](data, event, now)
        if transition.target == run.state and data == run.data:
            return Step(run=run)
        return _taken(definition, run, event, transition.target, data, now)
    return Step(run=run, refused=True)


def _taken(definition: Definition, run: Run, event: Event, target: str, data: Data, now: datetime) -> Step:
    at = max(now.astimezone(UTC), run.updated_at)
    moved = replace(run, state=target, data=data, version=run.version + 1, updated_at=at)
    entry = HistoryEntry(
        run=run.id,
        seq=moved.version,
        event=event.name,
        actor=event.actor,
        data=event.data,
        key=event.key,
        from_state=run.state,
        to_state=target,
        at=at,
    )
    announce = Announce(run=run.id, version=moved.version, event=event.name)
    return Step(run=moved, effects=(*_deadlines(definition, run, moved, now), announce), entry=entry)


def arm(definition: Definition, run: Run, now: datetime) -> list[SetDeadline]:
    """Give the deadlines that hold for a run as it stands."""
    return [
        SetDeadline(run=run.id, name=d.name, at=end.astimezone(UTC), event=d.event)
        for d in definition.deadlines
        if run.state in d.states and (end := definition.rules.instants[d.at](run.data, now)) is not None
    ]


def _deadlines(definition: Definition, old: Run | None, new: Run, now: datetime) -> list[Effect]:
    """Set or clear each deadline whose end is not what it was."""
    before = {d.name: d for d in arm(definition, old, now)} if old else {}
    after = {d.name: d for d in arm(definition, new, now)}
    gone = [ClearDeadline(run=new.id, name=name) for name in before if name not in after]
    return [*gone, *(d for name, d in after.items() if before.get(name) != d)]
