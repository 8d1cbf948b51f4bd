"""From an older version of a definition to a newer one: where a run would stand, or why it cannot go there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workflows.definition import Definition
from workflows.errors import CannotUpgrade
from workflows.parts import Ask, Call, Child
from workflows.run import Event, Kind, Run

_KINDS: Mapping[type[object], Kind] = {Call: Kind.CALL, Ask: Kind.ASK, Child: Kind.CHILD}


def prepared(
    old: Definition, new: Definition, run: Run, renamed: Mapping[str, str], actor: str
) -> tuple[Run, Event]:
    """Put a run where it stands in a newer version, and give the event that makes it follow that.

    Args:
        old: the definition that the run follows.
        new: the one that it shall follow.
        run: the run.
        renamed: what states of the old version are called in the new one, beside what `new` says itself.
        actor: who wants it.

    Raises:
        CannotUpgrade: it cannot; all reasons.
    """
    names = {**new.renamed, **renamed}
    leaves = [names.get(leaf, leaf) for leaf in run.states]
    reasons = _obstacles(new, run, leaves)
    if reasons:
        raise CannotUpgrade(run.id, reasons)
    moved = replace(run, state=",".join(new.chart.sorted(leaves)))
    active = {state for leaf in leaves for state in new.chart.line[leaf]}
    begin = [name for name, (state, _) in new.work.items() if state.name in active and name not in old.work]
    event = Event(name="$upgrade", actor=actor, data={"from": run.definition_hash, "begin": begin})
    return moved, event


def _obstacles(new: Definition, run: Run, leaves: list[str]) -> list[str]:
    reasons = [
        f"it stands in {old}, which the new version does not have; say which state that becomes"
        for old, leaf in zip(run.states, leaves, strict=True)
        if leaf not in new.by_name
    ]
    if reasons:
        return reasons
    active = {state for leaf in leaves for state in new.chart.line[leaf]}
    reasons += [f"{leaf} has states in it; say which of them" for leaf in leaves if new.chart.children[leaf]]
    for state in ("", *new.chart.sorted(active)):
        inside = [child for child in new.chart.children[state] if child in active]
        wanted = len(new.chart.children[state]) if state in new.chart.parallel else 1
        if new.chart.children[state] and len(inside) not in (0, wanted):
            reasons.append(f"{', '.join(inside)} cannot be active alone in {state or new.name}")
    for name, opened in run.open.items():
        if opened.kind is Kind.UNDO:
            continue
        work = new.work.get(name)
        if work is None or _KINDS[type(work[1])] is not opened.kind:
            reasons.append(f"it waits for the {opened.kind} {name}, which the new version does not have")
        elif work[0].name not in active:
            reasons.append(f"it waits for {name}, which belongs to {work[0].name} in the new version")
    return reasons
