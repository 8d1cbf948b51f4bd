"""Schedules over HTTP, and runs that start by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.roles import Role
from server.work.timers import Timers
from tests.server.work_offices import CHAIRS, SENDING, WorkOffice, got, open_work, refused
from workflows.engine import Changes
from workflows.errors import StoreError
from workflows.parts import Rules
from workflows.run import Run
from workflows.store import RunFilter
from workflows.written import read_definition

DAILY = {"name": "chairs", "definition": "purchase", "every": "0 16 * * *", "data": CHAIRS}
"""At four in Berlin; the test's clock begins at three, on 20 November 2026."""


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[WorkOffice]:
    async with open_work(tmp_path) as opened:
        yield opened


def stamp(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


async def planned(work: WorkOffice, **changes: Any) -> dict[str, Any]:
    ana = await work.who("Ana", Role.OWNER)
    reply = await ana.post("/v1/schedules", json=DAILY | changes)
    assert reply.status_code == 201, reply.text
    view: dict[str, Any] = reply.json()
    return view


async def changed(work: WorkOffice, name: str = "chairs", **changes: Any) -> dict[str, Any]:
    ana = await work.who("Ana", Role.OWNER)
    reply = await ana.patch(f"/v1/schedules/{name}", json=changes)
    assert reply.status_code == 200, reply.text
    view: dict[str, Any] = reply.json()
    return view


async def listed(work: WorkOffice) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await got(await work.who("Ana", Role.OWNER), "/v1/schedules"))["schedules"]
    return found


async def runs(work: WorkOffice) -> list[Run]:
    return await work.office.store.find(RunFilter(definitions=("purchase",)))


async def until(work: WorkOffice, text: str) -> None:
    """Move the clock, and let what is due start."""
    work.office.clock[0] = datetime.fromisoformat(text).astimezone(work.office.now.tzinfo)
    await work.office.schedules.due(work.office.now)


async def test_a_schedule_is_shown_with_what_comes_next(work: WorkOffice) -> None:
    view = await planned(work)
    assert view == {
        "name": "chairs",
        "definition": "purchase",
        "title": "Purchase",
        "every": "0 16 * * *",
        "timezone": "Europe/Berlin",
        "data": CHAIRS,
        "catch_up": "once",
        "paused": False,
        "created_by": "ana",
        "created_by_name": "Ana",
        "next_at": stamp("2026-11-20T15:00:00Z"),
        "coming": [stamp("2026-11-20T15:00:00Z"), stamp("2026-11-21T15:00:00Z"), stamp("2026-11-22T15:00:00Z")],
        "last_at": None,
        "trouble": "",
    }
    assert await listed(work) == [view]
    other = await planned(work, name="weekly", every="7 days", timezone="Asia/Tokyo", catch_up="all")
    assert (other["timezone"], other["catch_up"]) == ("Asia/Tokyo", "all")
    assert other["next_at"] == stamp("2026-11-27T14:00:00Z")
    assert [one["name"] for one in await listed(work)] == ["chairs", "weekly"]


async def test_only_owners_have_to_do_with_schedules(work: WorkOffice) -> None:
    await planned(work)
    for who in (await work.who("Kim", Role.FACILITATOR), await work.who("Bo"), await work.who("Gus", Role.GUEST)):
        for reply in (
            await who.get("/v1/schedules"),
            await who.post("/v1/schedules", json=DAILY | {"name": "more"}),
            await who.patch("/v1/schedules/chairs", json={"paused": True}),
            await who.delete("/v1/schedules/chairs"),
        ):
            refused(reply, 403, "forbidden")
    async with work.office.client() as nobody:
        refused(await nobody.get("/v1/schedules"), 401, "not_signed_in")
    assert not (await listed(work))[0]["paused"]


async def test_what_cannot_be_scheduled_is_refused(work: WorkOffice) -> None:
    await planned(work)
    ana = await work.who("Ana", Role.OWNER)

    async def wrong(status: int, code: str, **changes: Any) -> str:
        body = DAILY | {"name": "more"} | changes
        return str(refused(await ana.post("/v1/schedules", json=body), status, code)["detail"])

    assert "already" in await wrong(409, "name_taken", name="chairs")
    assert "five fields" in await wrong(422, "schedule", every="now and then")
    assert "never comes" in await wrong(422, "schedule", every="0 0 */31 * MON#5")
    assert "once a minute" in await wrong(422, "schedule", every="1 s")
    assert "time zone" in await wrong(422, "schedule", timezone="Europe/Nowhere")
    await wrong(404, "missing", definition="nothing")
    await wrong(404, "missing", definition="action_item")
    await wrong(422, "does_not_fit", data={"what": "Chairs"})
    await wrong(422, "invalid", name="../chairs")
    await wrong(422, "invalid", catch_up="twice")
    for reply in (
        await ana.patch("/v1/schedules/none", json={"paused": True}),
        await ana.delete("/v1/schedules/none"),
    ):
        refused(reply, 404, "missing")
    refused(await ana.patch("/v1/schedules/chairs", json={"every": "61 * * * *"}), 422, "schedule")
    refused(await ana.patch("/v1/schedules/chairs", json={"data": {"what": ""}}), 422, "does_not_fit")
    assert [one["name"] for one in await listed(work)] == ["chairs"]


async def test_a_run_starts_when_its_time_has_come(work: WorkOffice) -> None:
    await planned(work)
    await until(work, "2026-11-20T15:59:59+01:00")
    assert await runs(work) == []
    await until(work, "2026-11-20T16:00:00+01:00")
    await until(work, "2026-11-20T16:00:00+01:00")
    (run,) = await runs(work)
    assert (run.key, run.started_by) == ("schedule:chairs:2026-11-20T15:00:00+00:00", "office")
    assert run.data["what"] == CHAIRS["what"]
    (view,) = await listed(work)
    assert (view["last_at"], view["next_at"]) == (stamp("2026-11-20T15:00:00Z"), stamp("2026-11-21T15:00:00Z"))
    assert await work.office.schedules.next_due() == datetime.fromisoformat("2026-11-21T15:00:00+00:00")


@pytest.mark.parametrize(("catch_up", "count"), [("once", 1), ("skip", 0), ("all", 3)])
async def test_missed_starts_are_made_up_for_as_was_chosen(work: WorkOffice, catch_up: str, count: int) -> None:
    await planned(work, catch_up=catch_up)
    await until(work, "2026-11-22T18:00:00+01:00")
    assert len(await runs(work)) == count
    assert (await listed(work))[0]["next_at"] == stamp("2026-11-23T15:00:00Z")


async def test_paused_it_starts_nothing_and_makes_up_for_nothing(work: WorkOffice) -> None:
    await planned(work)
    view = await changed(work, paused=True)
    assert (view["paused"], view["next_at"], view["coming"]) == (True, None, [])
    assert await work.office.schedules.next_due() is None
    await until(work, "2026-11-22T18:00:00+01:00")
    assert await runs(work) == []
    view = await changed(work, paused=False)
    assert view["next_at"] == stamp("2026-11-23T15:00:00Z")
    await until(work, "2026-11-23T16:00:00+01:00")
    assert len(await runs(work)) == 1


async def test_what_is_changed_holds_from_then_on(work: WorkOffice) -> None:
    await planned(work)
    view = await changed(work, every="0 9 * * MON", timezone="America/New_York", catch_up="skip")
    assert (view["next_at"], view["catch_up"]) == (stamp("2026-11-23T14:00:00Z"), "skip")
    view = await changed(work, data=CHAIRS | {"what": "Desks"})
    assert view["next_at"] == stamp("2026-11-23T14:00:00Z")
    await until(work, "2026-11-23T14:00:00+00:00")
    assert [run.data["what"] for run in await runs(work)] == ["Desks"]
    ana = await work.who("Ana", Role.OWNER)
    assert (await ana.delete("/v1/schedules/chairs")).status_code == 204
    await until(work, "2026-11-30T14:00:00+00:00")
    assert (len(await runs(work)), await listed(work)) == (1, [])


async def test_a_start_that_cannot_be_is_shown_and_the_next_one_is_tried(work: WorkOffice) -> None:
    await planned(work, definition="sending", data={"to": "Zoe"})
    narrower = SENDING.replace("{type: object,", "{type: object, required: [by],")
    work.office.engine.put(read_definition(narrower, Rules()))
    await until(work, "2026-11-20T16:00:00+01:00")
    (view,) = await listed(work)
    assert view["trouble"] == "By is missing"
    assert (view["last_at"], view["next_at"]) == (None, stamp("2026-11-21T15:00:00Z"))
    work.office.engine.put(read_definition(SENDING, Rules()))
    await until(work, "2026-11-21T16:00:00+01:00")
    (view,) = await listed(work)
    assert (view["trouble"], view["last_at"]) == ("", stamp("2026-11-21T15:00:00Z"))


async def test_a_rule_that_this_machine_cannot_read_any_more_is_shown(work: WorkOffice) -> None:
    await planned(work)
    await work.office.store.rows.update("schedule", {"timezone": "Europe/Atlantis"}, {"name": "chairs"})
    await until(work, "2026-11-20T16:00:00+01:00")
    (view,) = await listed(work)
    assert (view["next_at"], view["coming"]) == (None, [])
    assert "there is no time zone" in view["trouble"]
    assert (await changed(work, timezone="Europe/Berlin"))["next_at"] == stamp("2026-11-21T15:00:00Z")


async def test_a_crash_between_start_and_note_starts_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: Any) -> int:
        raise StoreError("the machine went off")

    async with open_work(tmp_path / "own") as work:
        await planned(work)
        monkeypatch.setattr(work.office.store.rows, "update", crash)
        with pytest.raises(StoreError):
            await until(work, "2026-11-20T16:00:00+01:00")
        assert len(await runs(work)) == 1
    async with open_work(tmp_path / "own") as work:
        await until(work, "2026-11-20T16:00:30+01:00")
        assert len(await runs(work)) == 1
        assert await work.office.schedules.next_due() == datetime.fromisoformat("2026-11-21T15:00:00+00:00")


async def test_one_wake_up_serves_timers_and_schedules(work: WorkOffice) -> None:
    office = work.office
    timers = Timers(office.engine, lambda: office.now, beside=(office.schedules,))
    office.schedules.on_change = timers.look
    started = asyncio.Event()

    def notice(changes: Changes) -> None:
        if any(run.started_by == "office" for run, _ in changes.moved):
            started.set()

    office.engine.listeners.append(notice)
    job = asyncio.create_task(timers.run())
    try:
        await planned(work)
        office.wait(hours=2)
        timers.look()
        async with asyncio.timeout(20):
            await started.wait()
        started.clear()
        await planned(work, name="often", every="1 min", paused=True)
        office.clock[0] -= timedelta(minutes=1)
        await changed(work, "often", paused=False)
        office.clock[0] += timedelta(minutes=2)
        await changed(work, "often", catch_up="all")
        async with asyncio.timeout(20):
            await started.wait()
    finally:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job
