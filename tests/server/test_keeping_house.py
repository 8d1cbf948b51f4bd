"""What the open office does by itself: erases people who are there, signs its audit, starts what is scheduled."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

from server.__main__ import main
from server.app import open_office
from server.audit.keys import FOLDER
from server.audit.roots_file import ROOTS_FILE
from server.config import load
from server.protocol import messages as m
from tests.fakes import Scripted
from tests.house import OpenHouse
from workflows.engine import Changes
from workflows.run import Status
from workflows.task import TaskDraft


async def test_somebody_who_is_there_is_shown_out_and_forgotten(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    await bo.send(m.Chat(id="c-1", text="My secret"))
    await ana.get(m.ChatMessage, lambda c: c.text == "My secret")
    owned = {"text": "Water the plants", "owner_id": bo.id, "owner_name": "Bo"}
    assert (await house.owner.post("/v1/tasks", json=owned)).status_code == 201
    await ana.get(m.DeltaMessage, lambda d: "Water the plants" in str(d.put))
    over = asyncio.Event()

    def notice(changes: Changes) -> None:
        if any(run.definition == "erasure" and run.status is Status.DONE for run, _ in changes.moved):
            over.set()

    house.running.engine.listeners.append(notice)
    mark = len(ana.received)
    assert (await house.owner.delete(f"/v1/people/{bo.id}")).status_code == 202
    assert (await bo.gone())[0] == 4001
    error = await bo.get(m.ErrorMessage)
    assert (error.code, error.fatal) == ("erased", True)
    async with asyncio.timeout(20):
        await over.wait()
    await ana.get(m.DeltaMessage, lambda d: "Somebody" in f"{d.put}{d.patch}", since=mark)
    kim = await house.enter("Kim", "member")
    welcome, snapshot = await kim.get(m.Welcome), await kim.get(m.SnapshotMessage)
    assert welcome.chat == []
    assert {one["name"] for one in snapshot.participants.values()} == {"Ana", "Ada", "Kim"}
    assert "Bo" not in [one.get("owner_name") for one in snapshot.cards.values()]
    again = await house.knock(bo.token)
    assert (await again.gone())[0] == 4001


async def test_what_is_scheduled_over_the_api_is_rung_with_the_timers(house: OpenHouse) -> None:
    wish = {"name": "daily", "definition": "purchase", "every": "1 day"}
    data = {"what": "Tea", "amount": 4, "why": "Thirst"}
    reply = await house.owner.post("/v1/schedules", json=wish | {"data": data})
    assert reply.status_code == 201, reply.text
    assert reply.json()["timezone"] == "Europe/Berlin"
    health = (await house.owner.get("/healthz")).json()
    assert health["parts"]["audit"] == "ok"


async def test_an_office_that_closes_signs_what_it_has_recorded(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = load({"data_dir": data, "timezone": "Europe/Berlin"}, {}, None)
    async with open_office(settings, Scripted().adapters()) as running:
        await running.tasks.add(TaskDraft(text="Send it"), key="k", now=datetime.now(UTC))
    lines = await asyncio.to_thread((data / FOLDER / ROOTS_FILE).read_text)
    assert [json.loads(line)["seq"] for line in lines.splitlines()] == [1]
    assert main(["audit", "verify", "--data-dir", str(data)]) == 0
