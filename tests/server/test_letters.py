"""Who is not in the office hears by mail of what waits for them: once, and again when nobody decides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.config import load
from server.flows.letters import NEWS, Letters
from server.mailboxes import Mailboxes
from server.mailing import Mailer
from server.roles import Role
from server.work.sight import Sight
from tests.post_office import PostOffice, post_office
from tests.server.offices import TestOffice
from tests.server.work_offices import WorkOffice, got, open_work
from workflows.parts import Rules
from workflows.written import read_definition

LEAVE = """
name: leave
title: Leave
data: {type: object, properties: {why: {type: string, title: What for}, cover: {type: string, format: person}}}
initial: asked
states:
  asked:
    asks:
      approval:
        title: "Leave: {data.why}"
        role: facilitator
        apart_from: "{run.started_by}"
        decisions: {approve: 2, reject: 1}
        due: 3 days
        escalate: [{after: 2 days, role: owner}]
    on: {approve.approval: granted, reject.approval: refused, overdue.approval: refused}
  granted: {final: true}
  refused: {final: true}
"""


class Office:
    """What letters need of a live office."""

    def __init__(self, office: TestOffice) -> None:
        self._office = office
        self.name, self.timezone = "Harbour", load({"timezone": "Europe/Berlin"}, {}).zone
        self.sessions: dict[str, object] = {}

    def wall(self) -> datetime:
        return self._office.now


class Desk:
    """An office with a mail server, and people who gave their addresses."""

    def __init__(self, work: WorkOffice, post: PostOffice) -> None:
        self.work, self.post, self.live = work, post, Office(work.office)
        self.boxes = Mailboxes(work.office.store.rows)
        self.letters = self.open()

    def open(self, url: str = "https://office.test/") -> Letters:
        """As after a start."""
        office = self.work.office
        sight = Sight(office.engine, office.store, office.records, office.store.rows)
        live: Any = self.live
        mailer = Mailer(self.post.settings())
        return Letters(live, sight, self.boxes, office.store.rows, office.engine, office.store, mailer, url)

    async def person(self, name: str, role: Role = Role.MEMBER, address: str = "") -> httpx.AsyncClient:
        """Somebody who has confirmed an address."""
        client = await self.work.who(name, role)
        box = {
            "mail": address or f"{name.lower()}@example.org",
            "mail_confirmed_at": self.work.office.now,
        }
        await self.work.office.store.rows.update("person", box, {"id": name.lower()})
        return client

    async def written(self) -> list[tuple[str, str]]:
        """Who was written to since the last time, and under which subject."""
        before = len(self.post.letters)
        await self.letters.write()
        return sorted((one["To"], one["Subject"]) for one in self.post.letters[before:])

    async def pause(self, run: str, *, on: bool = True) -> None:
        """The owner pauses a run, or pauses it and lets it go on again."""
        ana = await self.work.who("Ana", Role.OWNER)
        for operation in ("pause",) if on else ("pause", "resume"):
            deed = {"operation": operation, "reason": "Wait"}
            assert (await ana.post(f"/v1/runs/{run}/operations", json=deed)).status_code == 200

    async def ring(self, **later: float) -> None:
        self.work.office.wait(**later)
        await self.work.office.engine.due(self.work.office.now)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with post_office() as post, open_work(tmp_path, post=post) as work:
        work.office.engine.put(read_definition(LEAVE, Rules()))
        yield Desk(work, post)


BOX = "/v1/me/mailbox"
WAITS = "Waits for you: Leave: A rest"
STILL = "Still waits for you: Leave: A rest"


async def test_whoever_may_decide_hears_of_it_once(desk: Desk) -> None:
    bo = await desk.person("Bo", Role.FACILITATOR)
    await desk.person("Lin", Role.FACILITATOR)
    await desk.person("Kim")
    run = await desk.work.started(bo, "leave", why="A rest", cover="lin")
    assert await desk.written() == [("lin@example.org", WAITS)], "who asked may not decide; members are not asked"
    assert await desk.written() == []
    (letter,) = desk.post.letters
    lines = letter.get_content().splitlines()
    assert lines[:2] == ["Leave: A rest", "Leave, from Bo"]
    assert "What for: A rest" in lines
    assert "Cover: Lin" in lines, "people by name"
    assert "To be decided by: Mon 23 Nov 2026, 15:00" in lines, "in the office's time zone"
    assert f"https://office.test/runs/{run['id']}" in lines
    assert "http" not in "".join(lines).replace(f"https://office.test/runs/{run['id']}", ""), (
        "no link that decides"
    )


async def test_nobody_is_told_anew_after_a_start(desk: Desk) -> None:
    bo, _ = await desk.person("Bo"), await desk.person("Lin", Role.FACILITATOR)
    await desk.work.started(bo, "leave", why="A rest")
    await desk.written()
    await desk.work.started(bo, "leave", why="A walk")
    desk.letters = desk.open()  # before the second letter was written
    await desk.letters.restore()
    assert await desk.written() == [("lin@example.org", "Waits for you: Leave: A walk")]


async def test_what_is_old_is_no_news_after_a_start(desk: Desk) -> None:
    bo, _ = await desk.person("Bo"), await desk.person("Lin", Role.FACILITATOR)
    await desk.work.started(bo, "leave", why="A rest")
    desk.work.office.wait(seconds=NEWS.total_seconds() + 1)
    desk.letters = desk.open()
    await desk.letters.restore()
    assert await desk.written() == []


async def test_who_is_in_the_office_is_told_there_alone(desk: Desk) -> None:
    bo, _ = await desk.person("Bo"), await desk.person("Lin", Role.FACILITATOR)
    desk.live.sessions["lin"] = object()
    run = await desk.work.started(bo, "leave", why="A rest")
    assert await desk.written() == []
    desk.live.sessions.clear()
    await desk.pause(run["id"], on=False)
    assert await desk.written() == [], "it is not told again because they went"


async def test_when_nobody_decides_all_are_told_again(desk: Desk) -> None:
    bo, kim = await desk.person("Bo"), await desk.person("Kim", Role.FACILITATOR)
    await desk.person("Lin", Role.FACILITATOR)
    await desk.person("Ana", Role.OWNER)
    run = await desk.work.started(bo, "leave", why="A rest")
    assert [to for to, _ in await desk.written()] == ["ana@example.org", "kim@example.org", "lin@example.org"]
    (task,) = (await got(kim, "/v1/inbox"))["tasks"]
    body = {"decision": "approve", "subject": task["subject"]}
    assert (await kim.post(f"/v1/inbox/{run['id']}/approval/decision", json=body)).status_code == 200
    assert await desk.written() == [], "a vote is no reason to write"
    await desk.ring(days=2, seconds=1)
    assert await desk.written() == [("ana@example.org", STILL), ("lin@example.org", STILL)], "Kim has voted"
    first, again = (one for one in desk.post.letters if one["To"] == "lin@example.org")
    assert first["Message-ID"] != again["Message-ID"]
    assert first["References"] == again["References"], "they belong together"
    await desk.ring(days=1)
    assert await desk.written() == [], "it is over"
    assert await desk.work.office.store.rows.select("setting", {"name": marks(await settings_of(desk))}) == []


async def settings_of(desk: Desk) -> list[str]:
    return [row["name"] for row in await desk.work.office.store.rows.select("setting")]


def marks(names: list[str]) -> list[str]:
    """Those that say who was told."""
    return [name for name in names if name.startswith("letters:")]


async def test_it_is_passed_on_and_who_is_asked_now_hears_of_it(desk: Desk) -> None:
    bo, lin = await desk.person("Bo"), await desk.person("Lin", Role.FACILITATOR)
    await desk.person("Kim")
    run = await desk.work.started(bo, "leave", why="A rest")
    await desk.written()
    passed = await lin.post(f"/v1/inbox/{run['id']}/approval/delegate", json={"to": "kim"})
    assert passed.status_code == 200, passed.text
    assert await desk.written() == [("kim@example.org", WAITS)]


async def test_a_server_that_is_away_is_tried_again_and_a_refused_address_is_not(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    bo, _ = await desk.person("Bo"), await desk.person("Lin", Role.FACILITATOR)
    await desk.person("Kim", Role.FACILITATOR, "no@example.org")
    desk.post.recipients |= {"lin@example.org": "450 later", "no@example.org": "550 nobody"}
    await desk.work.started(bo, "leave", why="A rest")
    assert await desk.written() == []
    logged = {
        record.getMessage(): str(vars(record)) for record in caplog.records if "letter" in record.getMessage()
    }
    assert set(logged) == {"a letter is tried again", "a letter was refused"}
    assert "550 nobody" in logged["a letter was refused"]
    assert "example.org" not in "".join(logged.values()), "addresses stay out of the log"
    desk.post.recipients.clear()
    assert await desk.written() == [("lin@example.org", WAITS)]


async def test_a_paused_run_writes_when_it_goes_on(desk: Desk) -> None:
    bo, _ = await desk.person("Bo"), await desk.person("Lin", Role.FACILITATOR)
    run = await desk.work.started(bo, "leave", why="A rest")
    await desk.pause(run["id"])
    assert await desk.written() == []
    ana = await desk.work.who("Ana", Role.OWNER)
    await ana.post(f"/v1/runs/{run['id']}/operations", json={"operation": "resume", "reason": "On"})
    assert await desk.written() == [("lin@example.org", WAITS)]


async def test_without_a_public_address_a_letter_has_no_link(desk: Desk) -> None:
    bo, _ = await desk.person("Bo"), await desk.person("Lin", Role.FACILITATOR)
    desk.letters = desk.open(url="")
    await desk.work.started(bo, "leave", why="A rest")
    await desk.written()
    (letter,) = desk.post.letters
    assert "http" not in letter.get_content()
    assert "it waits in your inbox" in letter.get_content()


async def test_an_address_is_written_to_once_it_is_confirmed_and_while_it_is_wanted(desk: Desk) -> None:
    bo, lin = await desk.work.who("Bo"), await desk.work.who("Lin", Role.FACILITATOR)
    await lin.put(BOX, json={"address": "lin@example.org", "wanted": True})
    await desk.work.started(bo, "leave", why="A rest")
    assert await desk.written() == [], "a stranger may read what goes there"
    confirmed = await lin.post(f"{BOX}/confirm", json={"code": desk.post.code()})
    assert confirmed.status_code == 200, confirmed.text
    await desk.work.started(bo, "leave", why="A walk")
    assert await desk.written() == [("lin@example.org", "Waits for you: Leave: A walk")]
    await lin.put(BOX, json={"address": "lin@example.org", "wanted": False})
    await desk.work.started(bo, "leave", why="A swim")
    assert await desk.written() == [], "turned off"
    await lin.put(BOX, json={"address": "lin@home.example", "wanted": True})
    await desk.work.started(bo, "leave", why="A ride")
    assert await desk.written() == [], "another address, another proof"


async def test_to_sign_in_again_keeps_the_address(desk: Desk) -> None:
    office = desk.work.office
    await desk.person("Lin")
    await office.records.put_person(id="lin", name="Lin", role=Role.MEMBER, look=[0] * 5, now=office.now)
    assert (await desk.boxes.wanted()) == {"lin": "lin@example.org"}
