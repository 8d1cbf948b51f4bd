"""Versions: the open runs of a workflow follow its newest version, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workflows.engine import Engine
from workflows.errors import CannotUpgrade
from workflows.run import Status
from workflows.store import RunFilter, Store

_OPEN = (Status.ACTIVE.value, Status.PAUSED.value, Status.STUCK.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be done with the runs of a workflow."""

    name: str
    """Of the workflow."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """What states are called now, beside what the new version says itself."""
    reason: str
    actor: str
    dry: bool = False
    """Only look whether they could."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """What was done with runs, or would be."""

    name: str
    """Of the workflow."""
    version: str
    """The newest one's hash."""
    newest: int = 0
    """So many open runs follow it already."""
    moved: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Run -> where it stood, and where it stands then."""
    refused: dict[str, list[str]] = field(default_factory=dict)
    """Run -> all reasons why it cannot."""
    done: bool = False
    """The runs in `moved` were moved; else they only could be."""

    def told(self) -> list[str]:
        """Say it in lines."""
        version = f"version {self.version[:12]} of {self.name}"
        if self.refused:
            many = f"{len(self.refused)} of {len(self.refused) + len(self.moved)} runs"
            reasons = [f"{run}: {reason}" for run, reasons in self.refused.items() for reason in reasons]
            return [*reasons, f"{many} cannot follow {version}{'' if self.done else ', so none was changed'}."]
        if not self.moved:
            already = f"All {self.newest} open runs follow {version} already."
            return [already if self.newest else f"There are no open runs of {self.name}."]
        count = f"{len(self.moved)} {'run' if len(self.moved) == 1 else 'runs'}"
        return [
            *(f"{run}: {before} -> {after}" for run, (before, after) in self.moved.items()),
            f"{count} {'now follow' if self.done else 'could follow'} {version}.",
        ]


async def upgrade_all(engine: Engine, store: Store, wish: Wish, now: datetime) -> Plan:
    """Let all open runs of a workflow follow its newest version, or none where one cannot.

    A run that comes to where it cannot follow in the very moment between looking and moving is left out.

    Raises:
        DefinitionError: there is no such workflow.
    """
    newest = engine.current(wish.name)
    plan = Plan(name=wish.name, version=newest.hash)
    for run in await store.find(RunFilter(definitions=(wish.name,), statuses=_OPEN)):
        if run.definition_hash == newest.hash:
            plan.newest += 1
            continue
        try:
            moved = await engine.upgrade(run.id, renamed=wish.renamed, actor=wish.actor, now=now, dry=True)
        except CannotUpgrade as fault:
            plan.refused[run.id] = fault.reasons
        else:
            plan.moved[run.id] = (run.state, moved.run.state)
    if not plan.refused and not wish.dry:
        await _move(engine, wish, plan, now)
    return plan


async def _move(engine: Engine, wish: Wish, plan: Plan, now: datetime) -> None:
    plan.done = True
    for run_id in list(plan.moved):
        try:
            await engine.upgrade(run_id, renamed=wish.renamed, reason=wish.reason, actor=wish.actor, now=now)
        except CannotUpgrade as fault:
            del plan.moved[run_id]
            plan.refused[run_id] = fault.reasons
