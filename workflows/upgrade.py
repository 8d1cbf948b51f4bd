"""From an older version of a definition to a newer one: where a run would stand, or why it cannot go there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from workflows.definition import Definition
from workflows.diagram import words_of
from workflows.errors import CannotUpgrade, Unplaced
from workflows.operations import UPGRADE
from workflows.parts import UNDO, Ask, Call, Child, Deadline
from workflows.run import Event, Kind, Run

_KINDS: Mapping[type[object], Kind] = {Call: Kind.CALL, Ask: Kind.ASK, Child: Kind.CHILD}


def prepared(
    old: Definition, new: Definition, run: Run, renamed: Mapping[str, str], reason: str, actor: str
) -> tuple[Run, Event]:
    """Put a run where it stands in a newer version, and give the event that makes it follow that.

    Questions that are open keep their people and when they are due.

    Args:
        old: the definition that the run follows.
        new: the one that it shall follow.
        run: the run.
        renamed: what states of the old version are called in the new one, beside what `new` says itself.
        reason: why, for the history; empty: nobody says.
        actor: who wants it.

    Raises:
        CannotUpgrade: it cannot; all reasons.
    """
    names = {**new.renamed, **renamed}
    leaves = list(dict.fromkeys(names.get(leaf, leaf) for leaf in run.states))
    reasons = [
        f"it stands in {leaf}, which the new version does not have; say which state that becomes"
        for leaf in run.states
        if names.get(leaf, leaf) not in new.by_name
    ]
    if not reasons:
        reasons = [f"{end} is an end in the new version" for end in _new_ends(old, new, run, names)]
        reasons += [*_misplaced(new, leaves), *_unawaited(new, run, _active(new, leaves))]
    if reasons:
        raise CannotUpgrade(run.id, reasons, [*_unplaced(old, new, run, names)])
    moved = replace(run, state=",".join(new.chart.sorted(leaves)))
    was, active = _active(old, run.states), _active(new, leaves)
    running = [deadline for deadline in old.deadlines if was & {*deadline.states}]
    keep = [deadline.name for deadline in running if _goes_on(deadline, new, names, active)]
    data = {
        "from": run.definition_hash,
        "begin": [*_to_begin(old, new, was, active)],
        "clear": [*(one.name for one in running if one.name not in keep), *_lost_timers(old, new, run)],
        "keep": keep,
    }
    if reason:
        data["reason"] = reason
    return moved, Event(name=UPGRADE, actor=actor, data=data)


def _active(definition: Definition, leaves: Collection[str]) -> set[str]:
    return {state for leaf in leaves for state in definition.chart.line[leaf]}


def _unplaced(old: Definition, new: Definition, run: Run, names: Mapping[str, str]) -> Iterator[Unplaced]:
    """The states that are no more, or in which there are states now; with what each may become."""
    for leaf in run.states:
        now = names.get(leaf, leaf)
        inside = new.chart.children.get(now, ())
        if now in new.by_name and not inside:
            continue
        was = old.by_name[leaf]
        choices = (
            (state.name, state.title or words_of(state.name))
            for state in new.by_name.values()
            if not new.chart.children[state.name]
            and (was.final or not state.final)  # else it would be refused for being an end
            and (not inside or now in new.chart.line[state.name])
        )
        yield Unplaced(state=leaf, title=was.title or words_of(leaf), choices=tuple(choices))


def _new_ends(old: Definition, new: Definition, run: Run, names: Mapping[str, str]) -> Iterator[str]:
    for leaf in run.states:
        now = names.get(leaf, leaf)
        if new.by_name[now].final and not old.by_name[leaf].final:
            yield now


def _misplaced(new: Definition, leaves: list[str]) -> Iterator[str]:
    """Why these states cannot be active in the new version."""
    for leaf in leaves:
        if new.chart.children[leaf]:
            yield f"{leaf} has states in it; say which of them"
    active = _active(new, leaves)
    for state in ("", *new.chart.sorted(active)):
        children = new.chart.children[state]
        inside = [child for child in children if child in active]
        wanted = len(children) if state in new.chart.parallel else 1
        if inside and len(inside) != wanted:
            yield f"{', '.join(inside)} cannot be active alone in {state or new.name}"


def _unawaited(new: Definition, run: Run, active: Collection[str]) -> Iterator[str]:
    """Why the new version could not take what comes of the run's work."""
    if run.cancelling:
        yield "it is being cancelled"
    for name, opened in run.open.items():
        work = new.work.get(name)
        if opened.kind is Kind.UNDO:
            if not run.cancelling and not any(new.by_name[state].undoes for state in active):
                yield "it takes work back, which the new version does not do there"
        elif work is None or _KINDS[type(work[1])] is not opened.kind:
            yield f"it waits for the {opened.kind} {name}, which the new version does not have"
        elif work[0].name not in active:
            yield f"it waits for {name}, which belongs to {work[0].name} in the new version"


def _to_begin(old: Definition, new: Definition, was: Collection[str], active: Collection[str]) -> Iterator[str]:
    """What is done in the active states, and was not while the run stood in the old ones."""
    begun = {name for name, (state, _) in old.work.items() if state.name in was}
    yield from (name for name, (state, _) in new.work.items() if state.name in active and name not in begun)
    if any(new.by_name[state].undoes for state in active) and not any(old.by_name[state].undoes for state in was):
        yield UNDO


def _goes_on(deadline: Deadline, new: Definition, names: Mapping[str, str], active: Collection[str]) -> bool:
    """Whether a deadline is the same in the new version; it does not begin anew then."""
    now = replace(deadline, states=tuple(names.get(state, state) for state in deadline.states))
    return deadline.after is not None and now in new.deadlines and any(state in active for state in now.states)


def _lost_timers(old: Definition, new: Definition, run: Run) -> Iterator[str]:
    """Timers of open questions that the new version would not clear."""
    for name, opened in run.open.items():
        if opened.kind is Kind.ASK:
            before, after = old.work[name][1], new.work[name][1]
            assert isinstance(before, Ask)
            assert isinstance(after, Ask)
            yield from (timer for timer in before.timers if timer not in after.timers)
