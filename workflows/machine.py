"""The machine: step(definition, run, event, now) -> Step. Pure: no clock, no database, no chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from workflows.definition import Definition
from workflows.effects import Announce, Effect, SetDeadline, TellParent, net
from workflows.errors import NotPossible, WorkflowError
from workflows.gates import DECIDE, DELEGATE, ESCALATE, GATES
from workflows.operations import OPERATIONS, RESUME, RETRY, REWIND, SKIP, Operation
from workflows.parts import UNDO, Ask, Call, Child
from workflows.run import OVER, Data, Event, HistoryEntry, Kind, Open, Outcome, Run, Status
from workflows.turn import OWNER, Turn

DONE, FAILED = "done.", "failed."
START = "start"
GO_ON = frozenset({RESUME, RETRY, SKIP, REWIND})
"""Operations after which what is held is taken, unless the run stays paused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one event did to a run.

    `entry` is None where nothing is to be recorded: the event said what was already so.
    """

    run: Run
    effects: tuple[Effect, ...] = ()
    entry: HistoryEntry | None = None
    outcome: Outcome = Outcome.TAKEN

    @property
    def refused(self) -> bool:
        """Nothing waited for the event."""
        return self.outcome is Outcome.IGNORED


def begin(
    definition: Definition,
    *,
    run_id: str,
    key: str,
    data: Data,
    actor: str,
    now: datetime,
    tenant: str = "",
    parent: tuple[str, str, int] = ("", "", 0),
) -> Step:
    """Start a run.

    Args:
        definition: the rules it will follow, pinned by content hash.
        run_id: the new run's id.
        key: its idempotency key.
        data: what it starts with; JSON values.
        actor: who starts it.
        now: aware, in the office's time zone.
        tenant: for whom the work is.
        parent: run, name and number of the child that it is, if it is one.
    """
    at = now.astimezone(UTC)
    run = Run(
        id=run_id,
        definition=definition.name,
        definition_hash=definition.content_hash(),
        key=key,
        state="",
        data=data,
        version=0,
        created_at=at,
        updated_at=at,
        tenant=tenant,
        started_by=actor,
        parent=parent[0],
        slot=parent[1],
        slot_number=parent[2],
    )
    event = Event(name=START, actor=actor, data=data)
    turn = Turn(definition, run, event, now)
    turn.enter(definition.initial)
    turn.settle()
    return _finished(turn, run, event)


def step(definition: Definition, run: Run, event: Event, now: datetime) -> Step:
    """Take one event.

    Args:
        definition: the definition the run is pinned to.
        run: the run as it is.
        event: what happened.
        now: aware, in the office's time zone.

    Raises:
        WorkflowError: a change function cannot take the event's data, or the event is one of those by which people
            move a run and it is not theirs to do, or cannot be done now.
    """
    turn = Turn(definition, run, event, now)
    operation = OPERATIONS.get(event.name)
    if operation is not None:
        _operate(turn, operation)
        return _resumed(turn, run, event)
    if run.status in OVER:
        return _ignored(turn, run, event)
    if run.status is Status.PAUSED or run.held:
        # What is held came before: nothing overtakes it, or the run would take its events in another order.
        if event.name in {DECIDE, DELEGATE}:
            raise NotPossible(run.id, "to decide", _why_not_now(run))
        return _held(turn, run, event)
    return _finished(turn, run, event) if _taken(turn, event) else _ignored(turn, run, event)


def _operate(turn: Turn, operation: Operation) -> None:
    """Move a run by hand. Whoever looks after it hears of a function that breaks, and can choose another way."""
    try:
        operation(turn)
        turn.settle()
    except WorkflowError:
        raise
    except Exception as fault:
        why = fault_of(turn.definition, fault)
        raise NotPossible(turn.run.id, turn.event.name.removeprefix("$"), why) from fault


def _taken(turn: Turn, event: Event) -> bool:
    """Take an event, and say whether anything waited for it."""
    family, _, name = event.name.partition(".")
    if f"{family}." in (DONE, FAILED) and (name == UNDO or name in turn.definition.work):
        return _result(turn, event, name)
    if turn.cancelling:
        return False
    gate = GATES.get(family if family == ESCALATE else event.name)
    if gate is not None:
        return gate(turn)
    if event.name.startswith("$") or _comes_of_itself(turn, family, name):
        return False
    turn.take(event)
    return turn.moved


def _comes_of_itself(turn: Turn, family: str, name: str) -> bool:
    """Whether an event about a question comes without its cause: decisions come by votes, and it must be open."""
    found = turn.definition.work.get(name)
    if found is None or not isinstance(found[1], Ask):
        return False
    return family in found[1].decisions or (family == "overdue" and name not in turn.open)


def fault_of(definition: Definition, fault: Exception) -> str:
    """Say for people why an event could not be taken: by the rules, or because a function broke."""
    if isinstance(fault, WorkflowError):
        return str(fault)
    return f"a function of {definition.name!r} failed with {type(fault).__name__}: {fault}"


def halt(run: Run, event: Event, why: str, steward: str, now: datetime) -> Step:
    """Give a run that could not take an event, which is kept until somebody has looked at it.

    Args:
        run: as it is.
        event: that it could not take; it is taken when the run is tried again.
        why: for people.
        steward: role or person who is to look at it.
        now: aware.
    """
    at = max(now.astimezone(UTC), run.updated_at)
    held = (*run.held, replace(event, key=None))
    stuck = _stuck(replace(run, version=run.version + 1, updated_at=at), held, why, steward)
    entry = _entry(stuck, run, event, Outcome.HELD)
    return Step(run=stuck, effects=(_announce(stuck, event),), entry=entry, outcome=Outcome.HELD)


def arm(definition: Definition, run: Run, now: datetime) -> list[SetDeadline]:
    """Give the deadlines of a run that its data sets, as they are now; instants in UTC."""
    ends = Turn(definition, run, Event(name="", actor=""), now).deadlines()
    return [
        SetDeadline(run=run.id, name=deadline.name, at=at, event=deadline.event)
        for deadline in definition.deadlines
        if (at := ends.get(deadline.name)) is not None
    ]


def _result(turn: Turn, event: Event, name: str) -> bool:
    """Something that was under way has ended; one of before, or of a state that was left, does not count."""
    opened = turn.open.get(name)
    if opened is None or opened.kind is Kind.ASK or opened.failed or opened.number != event.data.get("number"):
        return False
    if event.name.startswith(FAILED):
        _failed(turn, event, name, opened)
        return True
    del turn.open[name]
    turn.mend()
    if opened.kind is Kind.UNDO:
        turn.undo.pop()
        turn.take_back()
        turn.settle()
        return True
    work = turn.definition.work[name][1]
    if isinstance(work, Call):
        turn.note_done(work, event.data.get("result"))
    elif isinstance(work, Child) and work.save:
        turn.data[work.save] = event.data.get("result")
    turn.take(event)
    return True


def _failed(turn: Turn, event: Event, name: str, opened: Open) -> None:
    """Something failed for good: the definition knows a way on, or somebody has to look at it."""
    opened = replace(opened, failed=str(event.data.get("reason") or "it failed"))
    turn.open[name] = opened
    if turn.cancelling or not turn.take(event):
        turn.stick(f"{name}: {opened.failed}")
    elif turn.open.get(name) is opened:
        del turn.open[name]


def _resumed(turn: Turn, run: Run, event: Event) -> Step:
    """Finish what people did to a run; events that were held back come after it, in their order.

    The first that cannot be taken keeps those behind it from being taken. A run that is stuck because a call
    failed takes what was held, as it would have taken it without the pause.
    """
    first = _finished(turn, run, event)
    waiting = first.run.held
    if first.entry is None or not waiting or event.name not in GO_ON or first.run.status is Status.PAUSED:
        return first
    effects = list(first.effects)
    current = replace(first.run, held=())
    for place, held in enumerate(waiting):
        # All of it is one event in the history: the version stays.
        before = replace(current, version=current.version - 1)
        try:
            following = step(turn.definition, before, held, turn.now)
        except Exception as fault:  # kept with the run, for whoever looks after it
            current = _stuck(current, waiting[place:], fault_of(turn.definition, fault), turn.definition.owner)
            break
        if following.entry is not None:
            current = following.run
            effects += [effect for effect in following.effects if not isinstance(effect, Announce)]
    entry = replace(first.entry, to_state=current.state)
    return Step(run=current, effects=tuple(net(effects)), entry=entry)


def _finished(turn: Turn, run: Run, event: Event) -> Step:
    turn.rearm()
    after, effects = turn.result(), net(turn.effects)
    if not effects and run.version and replace(after, version=run.version, updated_at=run.updated_at) == run:
        return Step(run=run, outcome=Outcome.UNCHANGED)
    if after.status in OVER and run.status not in OVER and run.parent:
        effects.append(_tell_parent(after))
    effects.append(_announce(after, event))
    return Step(run=after, effects=tuple(effects), entry=_entry(after, run, event, Outcome.TAKEN))


def _stuck(run: Run, held: tuple[Event, ...], why: str, steward: str) -> Run:
    """The run, with an event that it could not take and those behind it."""
    return replace(
        run,
        status=Status.STUCK,
        trouble=why,
        steward=run.steward or steward or OWNER,
        held=held,
    )


def _why_not_now(run: Run) -> str:
    if run.status is Status.PAUSED:
        return "the work is paused; resume it first"
    return f"{run.held[0].name} came before and could not be taken ({run.trouble}); have it tried again or skipped"


def _ignored(turn: Turn, run: Run, event: Event) -> Step:
    after = replace(run, version=turn.number, updated_at=max(turn.now.astimezone(UTC), run.updated_at))
    return Step(run=after, entry=_entry(after, run, event, Outcome.IGNORED), outcome=Outcome.IGNORED)


def _held(turn: Turn, run: Run, event: Event) -> Step:
    at = max(turn.now.astimezone(UTC), run.updated_at)
    after = replace(run, version=turn.number, updated_at=at, held=(*run.held, replace(event, key=None)))
    return Step(run=after, entry=_entry(after, run, event, Outcome.HELD), outcome=Outcome.HELD)


def _entry(after: Run, before: Run, event: Event, outcome: Outcome) -> HistoryEntry:
    return HistoryEntry(
        run=after.id,
        seq=after.version,
        event=event.name,
        actor=event.actor,
        data=event.data,
        key=event.key,
        from_state=before.state,
        to_state=after.state,
        at=after.updated_at,
        outcome=outcome,
    )


def _announce(run: Run, event: Event) -> Announce:
    return Announce(run=run.id, version=run.version, event=event.name)


def _tell_parent(run: Run) -> TellParent:
    done = run.status is Status.DONE
    data: dict[str, Any] = {"number": run.slot_number, "run": run.id}
    data |= {"result": dict(run.data), "state": run.state} if done else {"reason": "it was cancelled"}
    return TellParent(
        run=run.id,
        parent=run.parent,
        slot=run.slot,
        slot_number=run.slot_number,
        event=f"{DONE if done else FAILED}{run.slot}",
        data=data,
    )


__all__ = ["DONE", "FAILED", "START", "UNDO", "Step", "arm", "begin", "fault_of", "halt", "step"]
