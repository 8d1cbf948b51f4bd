"""Newer versions of workflows over HTTP: files are read again, and runs follow, or it is said why they cannot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from server.roles import Role
from server.work.versions import Wish, upgrade_all
from tests.server.offices import START
from tests.server.work_offices import WorkOffice, got, open_work, refused
from workflows.engine import Engine, Outcome
from workflows.memory import MemoryStore
from workflows.parts import Rules
from workflows.written import read_definition

OLD = "name: w\ninitial: a\nstates:\n  a: {on: {go: b, end: z}}\n  b: {on: {end: z}}\n  z: {final: true}\n"
NEW = "name: w\ninitial: a\nstates:\n  a: {on: {go: c, end: z}}\n  c: {on: {end: z}}\n  z: {final: true}\n"
SVG = "{http://www.w3.org/2000/svg}"
WHY = {"reason": "The new form"}


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[WorkOffice]:
    async with open_work(tmp_path) as opened:
        yield opened


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "workflows"
    folder.mkdir()
    return folder


async def test_files_are_read_again_while_the_office_is_open(work: WorkOffice, own: Path) -> None:
    ana, bo = await work.who("Ana", Role.OWNER), await work.who("Bo")
    refused(await bo.post("/v1/definitions/reload"), 403, "forbidden")
    (own / "w.yaml").write_text(OLD)
    reply = (await ana.post("/v1/definitions/reload")).json()
    assert reply == {"new": ["onboarding", "purchase", "w"], "changed": [], "gone": [], "faults": []}
    run = await work.started(bo, "w", any=1)
    (own / "w.yaml").write_text(NEW)
    assert (await ana.post("/v1/definitions/reload")).json()["changed"] == ["w"]
    assert (await got(bo, f"/v1/runs/{run['id']}"))["picture"]["boxes"][1]["name"] == "b", "it keeps its version"
    (own / "w.yaml").write_text("name: [")
    reply = (await ana.post("/v1/definitions/reload")).json()
    assert (reply["gone"], reply["faults"][0]["file"], reply["faults"][0]["line"]) == ([], "workflows/w.yaml", 1)
    assert (await got(ana, "/v1/definitions"))["faults"] == reply["faults"]
    await work.started(bo, "w", any=1)
    (own / "w.yaml").unlink()
    assert (await ana.post("/v1/definitions/reload")).json()["gone"] == ["w"]
    refused(await bo.post("/v1/runs", json={"definition": "w", "data": {}}), 404, "missing")
    reply = (await ana.post("/v1/definitions/reload")).json()
    assert reply == {"new": [], "changed": [], "gone": [], "faults": []}
    reply = await bo.post(f"/v1/runs/{run['id']}/events", json={"event": "go"})
    assert reply.json()["run"]["states"][0]["name"] == "b", "runs go on"


async def test_a_run_follows_the_newest_version_or_all_reasons_are_told(work: WorkOffice) -> None:
    ana, bo = await work.who("Ana", Role.OWNER), await work.who("Bo")
    work.office.engine.put(read_definition(OLD, Rules()))
    run = await work.started(bo, "w", any=1)
    await bo.post(f"/v1/runs/{run['id']}/events", json={"event": "go"})
    path = f"/v1/runs/{run['id']}"
    assert not (await got(ana, path))["upgradable"]
    work.office.engine.put(read_definition(NEW, Rules()))
    assert (await got(ana, path))["upgradable"]
    assert not (await got(bo, path))["upgradable"]
    refused(await bo.post(f"{path}/upgrade", json=WHY), 403, "forbidden")
    refused(await ana.post("/v1/runs/none/upgrade", json=WHY), 404, "missing")
    refused(await ana.post(f"{path}/upgrade", json={"reason": "  "}), 409, "not_possible")
    body = refused(await ana.post(f"{path}/upgrade", json=WHY), 409, "cannot_upgrade")
    reason = "it stands in b, which the new version does not have; say which state that becomes"
    assert body["errors"] == [{"run": run["id"], "reason": reason}]
    choices = [{"name": "a", "title": "A"}, {"name": "c", "title": "C"}]
    assert body["unplaced"] == [{"name": "b", "title": "B", "choices": choices}]
    reply = await ana.post(f"{path}/upgrade", json={**WHY, "renamed": {"b": "c"}})
    assert (reply.json()["changed"], reply.json()["run"]["states"][0]["name"]) == (True, "c")
    entry = (await got(ana, path))["timeline"][-1]
    assert (entry["event"], entry["actor_name"], entry["data"]["reason"]) == ("$upgrade", "Ana", "The new form")
    assert not (await ana.post(f"{path}/upgrade", json=WHY)).json()["changed"]


async def test_all_runs_of_a_workflow_follow_or_none(work: WorkOffice) -> None:
    ana, bo = await work.who("Ana", Role.OWNER), await work.who("Bo")
    work.office.engine.put(read_definition(OLD, Rules()))
    first, second = await work.started(bo, "w", any=1), await work.started(bo, "w", any=2)
    await bo.post(f"/v1/runs/{second['id']}/events", json={"event": "go"})
    work.office.engine.put(read_definition(NEW, Rules()))
    third = await work.started(bo, "w", any=3)
    path = "/v1/definitions/w/upgrade"
    refused(await bo.post(path, json=WHY), 403, "forbidden")
    refused(await ana.post("/v1/definitions/none/upgrade", json=WHY), 404, "missing")
    reply = (await ana.post(path, json=WHY)).json()
    assert (reply["done"], reply["newest"], len(reply["moved"])) == (False, 1, 1)
    assert [one["run"] for one in reply["refused"]] == [second["id"]]
    assert "say which state" in reply["refused"][0]["reasons"][0]
    reply = (await ana.post(path, json={**WHY, "renamed": {"b": "c"}, "dry": True})).json()
    assert (reply["done"], reply["refused"]) == (False, [])
    reply = (await ana.post(path, json={**WHY, "renamed": {"b": "c"}})).json()
    moved = {one["run"]: (one["before"], one["after"]) for one in reply["moved"]}
    assert (reply["done"], moved) == (True, {first["id"]: ("a", "a"), second["id"]: ("b", "c")})
    hashes = {(await got(ana, f"/v1/runs/{one['id']}"))["definition_hash"] for one in (first, second, third)}
    assert hashes == {reply["version"]}


async def test_a_run_that_moves_on_in_the_very_moment_is_left_out() -> None:
    class Racing(Engine):
        """A run goes on between the look at it and its upgrade."""

        async def upgrade(self, run_id: str, **how: Any) -> Outcome:
            if not how.get("dry") and run_id == "first":
                await self.send(run_id, "go", actor="bo", now=START)
            return await super().upgrade(run_id, **how)

    ids, store = iter(("first", "second")), MemoryStore()
    old = {"w": read_definition(OLD, Rules())}
    engine = Racing(store, timezone=ZoneInfo("UTC"), library=old, ids=lambda: next(ids))
    for key in ("1", "2"):
        await engine.start("w", {}, key=key, actor="bo", now=START)
    engine.put(read_definition(NEW, Rules()))
    plan = await upgrade_all(engine, store, Wish(name="w", reason="New", actor="ana"), START)
    assert (plan.done, list(plan.moved), list(plan.refused)) == (True, ["second"], ["first"])


async def test_diagrams_are_drawn_with_what_is_active(work: WorkOffice) -> None:
    bo, lin, guest = await work.who("Bo"), await work.who("Lin"), await work.who("Gus", Role.GUEST)
    reply = await bo.get("/v1/definitions/purchase/diagram.svg")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/svg+xml")
    assert ElementTree.fromstring(reply.text).findtext(f"{SVG}title") == "Purchase"
    assert "active" not in {kind for rect in _rects(reply.text) for kind in rect}
    refused(await guest.get("/v1/definitions/purchase/diagram.svg"), 403, "forbidden")
    refused(await bo.get("/v1/definitions/none/diagram.svg"), 404, "missing")
    run = await work.started(bo)
    path = f"/v1/runs/{run['id']}/diagram.svg"
    assert sum("active" in kinds for kinds in _rects((await bo.get(path)).text)) == 2, "open, and what is in it"
    refused(await lin.get(path), 404, "missing")


def _rects(text: str) -> list[list[str]]:
    return [(rect.get("class") or "").split() for rect in ElementTree.fromstring(text).iter(f"{SVG}rect")]
