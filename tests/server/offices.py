"""An office's HTTP side on a fresh database, for tests of what people ask over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from fastapi import FastAPI

from server.api.parts import HttpParts, HttpSettings, LobbyPerson, OfficeView
from server.assets import assets_dir
from server.http import create_http
from server.identity import Identity
from server.mail_codes import MailCodes
from server.mailboxes import Mailboxes
from server.mailing import Mailer
from server.records import Meeting, Records
from server.roles import Role
from server.work.desk import Desk
from server.work.erasure import Erasure
from server.work.schedules import Schedules
from server.work.shelf import Shelf
from server.work.sight import Sight
from tests.post_office import PostOffice
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.task import Task
from workflows.tasks import TaskList

LOOK = [0, 1, 2, 3, 4]
START = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
ADDRESS = "http://office.test"


@dataclass(kw_only=True)
class TestOffice:
    """One office; its clock stands until it is moved."""

    __test__ = False

    store: SqlStore
    identity: Identity
    records: Records
    engine: Engine
    tasks: TaskList
    app: FastAPI
    schedules: Schedules
    erasure: Erasure
    clock: list[datetime]
    changed_tasks: list[Task] = field(default_factory=list)
    changed_meetings: list[Meeting] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.clock[0]

    def wait(self, **span: float) -> None:
        self.clock[0] += timedelta(**span)

    def client(self, token: str | None = None, *, host: str = "10.0.0.7", **more: Any) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(app=self.app, client=(host, 4711), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=headers, **more)

    async def person(self, name: str, role: Role) -> str:
        """Make somebody of this role; their id is their name. Gives their token."""
        await self.records.put_person(id=name.lower(), name=name, role=role, look=LOOK, now=self.now)
        return self.identity.issue(name.lower(), role, now=self.now)

    async def meeting(self, *people: str, title: str = "Stand-up") -> Meeting:
        """Hold a meeting of these people, by name; the first is its facilitator."""
        meeting = await self.records.start_meeting(
            title=title,
            room="hq",
            zone="meeting-a",
            zone_name="Cedar",
            facilitator=people[0].lower(),
            facilitator_name=people[0],
            at=self.now,
        )
        for name in people[1:]:
            await self.records.attend(meeting.id, name.lower(), name, at=self.now)
        return meeting


@asynccontextmanager
async def open_office(
    folder: Path, *, post: PostOffice | None = None, **settings: Any
) -> AsyncIterator[TestOffice]:
    """Open an office that sends by a post office or not at all; more settings as `HttpSettings` has them."""
    store = await SqlStore.open(folder / "office.db")
    clock = [START]
    identity = await Identity.open(folder, store.rows, now=START)
    records, engine = Records(store.rows), Engine(store, timezone=ZoneInfo("Europe/Berlin"))
    tasks = TaskList(engine, store)
    changed: list[Task] = []
    tasks.on_change(changed.append)
    meetings: list[Meeting] = []
    sight = Sight(engine, store, records, store.rows, monotonic=lambda: clock[0].timestamp())

    async def meeting_changed(meeting: Meeting) -> None:
        meetings.append(meeting)

    desk = Desk(engine, store, sight)
    schedules = Schedules(engine, store.rows, desk, lambda: clock[0])
    erasure = Erasure(engine, store, store.rows, records, identity, store.erase_person, lambda: clock[0])
    timezone = ZoneInfo("Europe/Berlin")
    codes = (
        MailCodes(Mailer(post.settings()), secret=b"of this office", office="Harbour", timezone=timezone)
        if post
        else None
    )
    chosen: dict[str, Any] = {"web_dir": folder / "web", "timezone": timezone} | settings
    parts = HttpParts(
        identity=identity,
        records=records,
        engine=engine,
        tasks=tasks,
        sight=sight,
        desk=desk,
        schedules=schedules,
        shelf=Shelf(engine, assets_dir() / "workflows", folder / "workflows"),
        erasure=erasure,
        mailboxes=Mailboxes(store.rows, codes),
        plans={"hq": '{"walls": []}'},
        office_view=lambda: OfficeView(
            people=[LobbyPerson(name="Ada", zone="Lounge", look=LOOK, kind="avatar")],
            engine={"recognizer": {"name": "test"}},
        ),
        metrics=lambda: "atrium_people 1\n",
        health=lambda: {"models": "ok (test)"},
        on_meeting_changed=meeting_changed,
        now=lambda: clock[0],
        settings=HttpSettings(**chosen),
    )
    yield TestOffice(
        store=store,
        identity=identity,
        records=records,
        engine=engine,
        tasks=tasks,
        app=create_http(parts),
        schedules=schedules,
        erasure=erasure,
        clock=clock,
        changed_tasks=changed,
        changed_meetings=meetings,
    )
    await store.close()
