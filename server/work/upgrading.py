"""Upgrading on the command line: runs of an office that is closed follow the newest version of their workflow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from server.assets import assets_dir
from server.config import DATABASE_FILE, Settings
from server.errors import Missing
from server.work.definitions import FOLDER, load_definitions
from server.work.versions import Plan, Wish, upgrade_all
from workflows.adapters.sql_store import SqlStore
from workflows.definition import Definition
from workflows.engine import OFFICE, Engine
from workflows.library import LIBRARY

REASON = "atrium workflow upgrade"


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
    if not settings.database_url and not (settings.data_dir / DATABASE_FILE).exists():
        raise Missing(f"there is no office in {settings.data_dir}; give its data folder with --data-dir")
    definitions = _definitions(settings, name)
    store = await SqlStore.open(settings.database)
    try:
        engine = Engine(store, timezone=settings.zone, library=LIBRARY)
        for definition in definitions:
            engine.put(definition)
        wish = Wish(name=name, renamed=renamed, reason=REASON, actor=OFFICE, dry=dry)
        return await upgrade_all(engine, store, wish, datetime.now(UTC) + settings.clock_offset)
    finally:
        await store.close()


def _definitions(settings: Settings, name: str) -> tuple[Definition, ...]:
    loaded = load_definitions(assets_dir() / "workflows", settings.data_dir / FOLDER, known=LIBRARY)
    names = sorted(one.name for one in loaded.definitions)
    if name not in names:
        faults = "".join(f"\n{fault}" for fault in loaded.faults)
        raise Missing(f"there is no workflow {name!r}; known are {', '.join(names)}{faults}")
    return loaded.definitions
