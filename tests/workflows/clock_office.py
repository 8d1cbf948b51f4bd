"""A program for `test_clock_jumps`: one run with timers, by the clock of the machine, on a database that stays.

Each time it starts the run, if there is none yet, lets ring what is due, says as JSON what that was, and ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from workflows.adapters.sql_store import SqlStore
from workflows.engine import Changes, Engine
from workflows.parts import Rules
from workflows.written import read_definition

CLOCKS = """
name: clocks
initial: a
states:
  a:
    on:
      half_an_hour: {do: "log = [data.log, event.name]"}
      two_hours: {do: "log = [data.log, event.name]"}
      day: {do: "log = [data.log, event.name]"}
      last_second: {do: "log = [data.log, event.name]"}
deadlines:
  half_an_hour: {in: a, after: 30 min, event: half_an_hour}
  two_hours: {in: a, after: 2 h, event: two_hours}
  day: {in: a, at: data.day, event: day}
  last_second: {in: a, at: data.last, event: last_second}
"""


async def work(database: str, data: dict[str, str]) -> dict[str, Any]:
    """Open, start, ring, close."""
    store = await SqlStore.open(database)
    try:
        library = {"clocks": read_definition(CLOCKS, Rules())}
        engine = Engine(store, timezone=ZoneInfo("Europe/Berlin"), library=library)
        rung: list[str] = []

        def notice(changes: Changes) -> None:
            rung.extend(entry.event for _, entry in changes.moved if entry.event != "start")

        engine.listeners.append(notice)
        now = datetime.now(UTC)
        run = (await engine.start("clocks", data, key="k", actor="ana", now=now)).run
        await engine.due(now)
        next_due = await engine.next_due()
        history = [entry.event for entry in await engine.history(run.id)]
        return {
            "now": now.isoformat(),
            "rung": rung,
            "next": next_due and next_due.isoformat(),
            "history": history,
            "fault": await store.audit_fault(),
        }
    finally:
        await store.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(work(sys.argv[1], json.loads(sys.argv[2])))))
