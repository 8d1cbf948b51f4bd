"""Upgrading: the open runs of a workflow follow its newest version, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from server.assets import assets_dir
from server.config import Settings
from server.errors import Missing
from server.work.definitions import FOLDER, load_definitions
from workflows.adapters.sql_store import SqlStore
from workflows.definition import Definition
from workflows.engine import OFFICE, Engine
from workflows.errors import CannotUpgrade
from workflows.library import LIBRARY
from workflows.run import Run, Status
from workflows.store import RunFilter, Store

DATABASE = "atrium.db"
REASON = "atrium workflow upgrade"
_OPEN = (Status.ACTIVE.value, Status.PAUSED.value, Status.STUCK.value)


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

    def told(self, *, dry: bool) -> list[str]:
        """Say it in lines."""
        version = f"version {self.version[:12]} of {self.name}"
        if self.refused:
            many = f"{len(self.refused)} of {len(self.refused) + len(self.moved)} runs"
            reasons = [f"{run}: {reason}" for run, reasons in self.refused.items() for reason in reasons]
            return [*reasons, f"{many} cannot follow {version}, so none was changed."]
        if not self.moved:
            already = f"All {self.newest} open runs follow {version} already."
            return [already if self.newest else f"There are no open runs of {self.name}."]
        done = "could follow" if dry else "now follow"
        count = f"{len(self.moved)} {'run' if len(self.moved) == 1 else 'runs'}"
        return [
            *(f"{run}: {before} -> {after}" for run, (before, after) in self.moved.items()),
            f"{count} {done} {version}.",
        ]


async def upgrade_office(settings: Settings, name: str, *, renamed: Mapping[str, str], dry: bool) -> Plan:
    """Let the open runs of an office that is closed follow the newest version of their workflow.

    Args:
        settings: the office's.
        name: of the workflow.
        renamed: what states are called now.
        dry: only look whether they could.

    Raises:
        Missing: there is no office, or no such workflow; a file with mistakes holds none.
        StoreError: the office is open, or its database cannot be used.
    """
    path = settings.data_dir / DATABASE
    if not path.exists():
        raise Missing(f"there is no office in {settings.data_dir}; give its data folder with --data-dir")
    definitions = _definitions(settings, name)
    store = await SqlStore.open(path)
    try:
        engine = Engine(store, timezone=settings.zone, library=LIBRARY)
        for definition in definitions:
            engine.put(definition)
        now = datetime.now(UTC) + settings.clock_offset
        return await upgrade_all(engine, store, name, renamed=renamed, dry=dry, now=now)
    finally:
        await store.close()


async def upgrade_all(
    engine: Engine, store: Store, name: str, *, renamed: Mapping[str, str], dry: bool, now: datetime
) -> Plan:
    """Let all open runs of a workflow follow its newest version, or none where one cannot."""
    newest = engine.library[name]
    plan = Plan(name=name, version=newest.hash)
    for run in await store.find(RunFilter(definitions=(name,), statuses=_OPEN)):
        if run.definition_hash == newest.hash:
            plan.newest += 1
        else:
            await _try(engine, run, renamed, plan, now)
    if not plan.refused and not dry:
        for run_id in plan.moved:
            await engine.upgrade(run_id, renamed=renamed, reason=REASON, actor=OFFICE, now=now)
    return plan


async def _try(engine: Engine, run: Run, renamed: Mapping[str, str], plan: Plan, now: datetime) -> None:
    try:
        moved = await engine.upgrade(run.id, renamed=renamed, actor=OFFICE, now=now, dry=True)
    except CannotUpgrade as fault:
        plan.refused[run.id] = fault.reasons
    else:
        plan.moved[run.id] = (run.state, moved.run.state)


def _definitions(settings: Settings, name: str) -> tuple[Definition, ...]:
    loaded = load_definitions(assets_dir() / "workflows", settings.data_dir / FOLDER, known=LIBRARY)
    names = sorted(one.name for one in loaded.definitions)
    if name not in names:
        faults = "".join(f"\n{fault}" for fault in loaded.faults)
        raise Missing(f"there is no workflow {name!r}; known are {', '.join(names)}{faults}")
    return loaded.definitions
