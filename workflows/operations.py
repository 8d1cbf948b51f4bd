"""How people move a run that does not move by itself. Each is an event with a reason, recorded like any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from workflows.effects import ChangeTask, ClearDeadline
from workflows.errors import NotPossible
from workflows.parts import UNDO, Call, Child
from workflows.run import OVER, Event, Kind, Status
from workflows.turn import Turn

CANCEL, PAUSE, RESUME, RETRY = "$cancel", "$pause", "$resume", "$retry"
SKIP, REASSIGN, REWIND, UPGRADE = "$skip", "$reassign", "$rewind", "$upgrade"

Operation = Callable[[Turn], None]
"""Takes the turn's event. Raises a WorkflowError to refuse."""


def cancel(turn: Turn) -> None:
    """End the run; what was done is taken back first, the last of it first. Nothing else moves it meanwhile."""
    _must_live(turn)
    if turn.cancelling:
        return
    _hear_held(turn)
    undoing = turn.open.pop(UNDO, None)
    turn.withdraw_all()
    turn.held.clear()
    turn.go_on()
    turn.cancelling = True
    if undoing is None or undoing.failed:
        turn.take_back()
    else:
        turn.open[UNDO] = undoing


def pause(turn: Turn) -> None:
    """Hold back what comes from now on."""
    _must_live(turn)
    if turn.status is Status.PAUSED:
        raise NotPossible(turn.run.id, "pause", "it is paused already")
    turn.status = Status.PAUSED


def resume(turn: Turn) -> None:
    """Go on, with what came meanwhile; a run in which something failed is stuck again."""
    if turn.status is not Status.PAUSED:
        raise NotPossible(turn.run.id, "resume", "it is not paused")
    turn.go_on()


def retry(turn: Turn) -> None:
    """Try again what failed: `call` alone, or everything, and the events that could not be taken."""
    failed = _failed(turn)
    stuck = turn.status is Status.STUCK
    if not failed and not (stuck and turn.held):
        raise NotPossible(turn.run.id, "retry", "nothing has failed")
    for name in failed:
        if name == UNDO:
            turn.withdraw(UNDO)
            turn.take_back()
        else:
            turn.begin(turn.definition.work[name][1])
    if stuck:
        turn.go_on()


def skip(turn: Turn) -> None:
    """Go on as if `call`, which failed, had been done with `result`; or without the event that cannot be taken.

    `call` may also be that event's name. An event that says how a call ended counts as that call, done with
    `result`: nobody will say again that it has ended.
    """
    failed = _failed(turn)
    untaken = _untaken(turn)
    if not failed and untaken is not None:
        del turn.held[0]
        name = _ended_by(turn, untaken)
        if not name:
            turn.go_on()
            return
        _note_ended(turn, name, untaken)
    elif len(failed) == 1:
        name = failed[0]
    else:
        which = ", ".join(failed) or "nothing has failed"
        raise NotPossible(turn.run.id, "skip", f"name one call to skip: {which}")
    turn.withdraw(name)
    if turn.status is Status.STUCK:
        turn.go_on()
    result = turn.event.data.get("result")
    if name == UNDO:
        turn.undo.pop()
        turn.take_back()
        return
    work = turn.definition.work[name][1]
    assert isinstance(work, Call | Child), "questions do not fail"
    if work.save:
        turn.data[work.save] = result
    turn.take(replace(turn.event, name=f"done.{name}", data={"result": result}))


def reassign(turn: Turn) -> None:
    """Put a question before `to` alone, or make `to` the one who looks after the run."""
    to = str(turn.event.data.get("to") or "")
    name = str(turn.event.data.get("task") or "")
    if not to:
        raise NotPossible(turn.run.id, "reassign", "say who is to do it")
    if not name:
        if turn.status is not Status.STUCK:
            raise NotPossible(turn.run.id, "reassign", "nobody has to look after it; name a question to reassign")
        turn.steward = to
        return
    opened = turn.open.get(name)
    if opened is None or opened.kind is not Kind.ASK:
        raise NotPossible(turn.run.id, "reassign", f"there is no open question {name!r}")
    if to in opened.barred:
        raise NotPossible(turn.run.id, "reassign", "who asked for it may not decide it; choose somebody else")
    turn.open[name] = opened = replace(opened, people=(to,), roles=())
    turn.effects.append(
        ChangeTask(run=turn.run.id, name=name, number=opened.number, roles=(), people=(to,), votes=opened.votes)
    )


def rewind(turn: Turn) -> None:
    """Leave everything and enter `state` again, with the data as it is now."""
    state = str(turn.event.data.get("state") or "")
    if state not in turn.definition.by_name:
        raise NotPossible(turn.run.id, "rewind", f"there is no state {state!r}")
    if turn.definition.by_name[state].final:
        raise NotPossible(turn.run.id, "rewind", f"{state} is an end; choose a state before it")
    _hear_held(turn)
    turn.withdraw_all()
    turn.leave_all()
    turn.cancelling = False
    turn.go_on()
    turn.enter(state)


def upgrade(turn: Turn) -> None:
    """Take the turn's definition, of which the run followed an older version; `workflows.upgrade` makes sure.

    The event's data: `begin`, what is done in the run's states since this version; `clear`, timers that nobody
    waits for any more; `keep`, deadlines that run on.
    """
    turn.run = replace(turn.run, definition_hash=turn.definition.content_hash())
    for name in _names(turn, "clear"):
        turn.effects.append(ClearDeadline(run=turn.run.id, name=name))
    turn.keep_deadlines(_names(turn, "keep"))
    for name in _names(turn, "begin"):
        if name == UNDO:
            turn.take_back()
        else:
            turn.begin(turn.definition.work[name][1])


OPERATIONS: Mapping[str, Operation] = {
    CANCEL: cancel,
    PAUSE: pause,
    RESUME: resume,
    RETRY: retry,
    SKIP: skip,
    REASSIGN: reassign,
    REWIND: rewind,
    UPGRADE: upgrade,
}


def _hear_held(turn: Turn) -> None:
    """Note what was done, or taken back, while events were held: nobody will say so again."""
    waiting: list[Event] = []
    for event in turn.held:
        name = _ended_by(turn, event)
        if not name:
            waiting.append(event)
            continue
        family, opened = event.name.partition(".")[0], turn.open[name]
        if family == "failed" and opened.kind is Kind.UNDO:
            turn.open[name] = replace(opened, failed=str(event.data.get("reason") or "it failed"))
        elif family == "done" and opened.kind is Kind.UNDO:
            del turn.open[name]
            turn.undo.pop()
        elif family == "done" and opened.kind is Kind.CALL:
            del turn.open[name]
            work = turn.definition.work[name][1]
            assert isinstance(work, Call)
            turn.current = event
            turn.note_done(work, event.data.get("result"))
    turn.held = waiting
    turn.current = turn.event


def _untaken(turn: Turn) -> Event | None:
    """The event that a stuck run could not take, unless something else is to be skipped."""
    if turn.status is not Status.STUCK or not turn.held:
        return None
    first = turn.held[0]
    return first if turn.event.data.get("call") in (None, "", first.name) else None


def _ended_by(turn: Turn, event: Event) -> str:
    """Which of what is under way has ended by a held event, if any has."""
    family, _, name = event.name.partition(".")
    opened = turn.open.get(name)
    if family not in {"done", "failed"} or opened is None or opened.kind is Kind.ASK:
        return ""
    return "" if opened.failed or opened.number != event.data.get("number") else name


def _note_ended(turn: Turn, name: str, event: Event) -> None:
    """What is skipped has ended outside: it is not withdrawn, and what was done can be taken back."""
    opened = turn.open[name]
    if event.name.startswith("done.") and opened.kind is Kind.CALL:
        work = turn.definition.work[name][1]
        assert isinstance(work, Call)
        given = turn.event.data.get("result")
        result = event.data.get("result") if given is None else given
        turn.current = replace(event, data={**event.data, "result": result})
        turn.note_done(work, result)
        turn.current = turn.event
    turn.open[name] = replace(opened, failed="skipped")


def _must_live(turn: Turn) -> None:
    if turn.status in OVER:
        raise NotPossible(turn.run.id, turn.event.name.removeprefix("$"), f"it is {turn.status} already")


def _names(turn: Turn, field: str) -> list[str]:
    names = turn.event.data.get(field)
    return [str(name) for name in names] if isinstance(names, list | tuple) else []


def _failed(turn: Turn) -> list[str]:
    wanted = turn.event.data.get("call")
    return [name for name, one in turn.open.items() if one.failed and wanted in (None, "", name)]
