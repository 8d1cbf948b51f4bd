"""A whole office on PostgreSQL: what people began in it is there when it opens again, and goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.__main__ import main
from server.config import DATABASE_FILE, load
from server.protocol import messages as m
from tests.fakes import Scripted
from tests.house import OpenHouse, served
from tests.postgres import PostgresServer, postgres_server
from workflows.adapters.sql_store import SqlStore

CHAIRS = {"what": "Ten chairs", "amount": 900, "why": "New colleagues"}
MONDAYS = {"name": "mondays", "definition": "purchase", "every": "0 9 * * MON", "timezone": "UTC", "data": CHAIRS}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.fixture
def address(server: PostgresServer) -> str:
    """An empty database."""
    return server.database()


@asynccontextmanager
async def as_(port: int, token: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        yield client


async def got(client: httpx.AsyncClient, path: str) -> Any:
    reply = await client.get(path)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def made(client: httpx.AsyncClient, path: str, body: object) -> Any:
    reply = await client.post(path, json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def decide(client: httpx.AsyncClient, run: str, decision: str) -> None:
    """Decide the one question of a run that is in this person's inbox."""
    (task,) = [one for one in (await got(client, "/v1/inbox"))["tasks"] if one["run"] == run]
    body = {"decision": decision, "subject": task["subject"]}
    reply = await client.post(f"/v1/inbox/{run}/{task['name']}/decision", json=body)
    assert reply.status_code == 200, reply.text


async def test_a_row_is_added_once(address: str, tmp_path: Path) -> None:
    for database in (address, tmp_path / DATABASE_FILE):
        store = await SqlStore.open(database)
        row = {"name": "x", "value": 1, "expires_at": None}
        assert await store.rows.add("setting", row)
        assert not await store.rows.add("setting", {**row, "value": 2})
        assert [one["value"] for one in await store.rows.select("setting")] == [1]
        await store.close()


async def test_an_office_on_postgres_keeps_what_people_began_and_goes_on_with_it(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    settings = load({"data_dir": data, "timezone": "Europe/Berlin"}, {"ATRIUM_DATABASE_URL": address}, None)
    scripted = Scripted()
    async with served(settings, scripted) as (port, running), OpenHouse.open(port, running, scripted) as house:
        fay, bo, ana = await house.admit("Fay", "facilitator"), await house.admit("Bo"), house.owner_token
        here = await house.enter("Fay", token=fay)
        async with as_(port, bo) as his, as_(port, fay) as hers:
            ended = (await made(his, "/v1/runs", {"definition": "purchase", "data": CHAIRS}))["id"]
            await here.get(m.InboxChanged)
            await decide(hers, ended, "approve")
            await decide(his, ended, "ordered")
            waiting = (await made(his, "/v1/runs", {"definition": "purchase", "data": CHAIRS}))["id"]
            await made(house.owner, "/v1/schedules", MONDAYS)
            before = [await got(his, f"/v1/runs/{run}") for run in (ended, waiting)]
        assert [run["status"] for run in before] == ["done", "active"]
    assert not (data / DATABASE_FILE).exists(), "nothing is in a file that nobody would look for"

    async with (
        served(settings, Scripted()) as (port, _),
        as_(port, bo) as his,
        as_(port, fay) as hers,
        as_(port, ana) as owner,
    ):
        assert [await got(his, f"/v1/runs/{run}") for run in (ended, waiting)] == before
        assert [one["name"] for one in (await got(owner, "/v1/schedules"))["schedules"]] == ["mondays"]
        again = await owner.post("/v1/schedules", json=MONDAYS)
        assert again.status_code == 409, "it is there already"
        await decide(hers, waiting, "reject")
        assert (await got(his, f"/v1/runs/{waiting}"))["status"] == "done"
        assert (await got(hers, "/v1/inbox"))["tasks"] == []

    monkeypatch.setenv("ATRIUM_DATABASE_URL", address)
    for command in (["audit", "verify"], ["workflow", "upgrade", "purchase", "--dry-run"], ["owner-link"]):
        assert await asyncio.to_thread(main, [*command, "--data-dir", str(data)]) == 0, capsys.readouterr()
    said = capsys.readouterr().out
    assert "entries hold" in said
    assert "/?key=" in said
