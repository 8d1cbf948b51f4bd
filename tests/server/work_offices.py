"""An office with workflows, and people who start, decide and move them over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from server.assets import assets_dir
from server.roles import Role
from server.work.definitions import load_definitions
from tests.post_office import PostOffice
from tests.server.offices import TestOffice, open_office
from workflows.parts import Rules
from workflows.written import read_definition

CHAIRS = {"what": "Ten chairs", "amount": 900, "why": "New colleagues"}
SENDING = """
name: sending
title: Sending
owner: facilitator
data: {type: object, properties: {to: {type: string, title: To whom}}}
initial: writing
states:
  writing:
    calls:
      letter: {action: mail.send, with: {to: "{data.to}"}, save: letter, retry: {attempts: 1}}
    on: {done.letter: sent, hurry: {do: fast = true}}
  sent: {title: Sent off, final: true}
"""


@dataclass(kw_only=True)
class WorkOffice:
    """An office with the shipped workflows and one that sends letters."""

    office: TestOffice
    stack: AsyncExitStack
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    async def who(self, name: str, role: Role = Role.MEMBER) -> httpx.AsyncClient:
        """Somebody's client; the same each time."""
        if name not in self.clients:
            token = await self.office.person(name, role)
            self.clients[name] = await self.stack.enter_async_context(self.office.client(token))
        return self.clients[name]

    async def started(
        self, client: httpx.AsyncClient, definition: str = "purchase", **data: Any
    ) -> Mapping[str, Any]:
        body = {"definition": definition, "data": data or CHAIRS}
        reply = await client.post("/v1/runs", json=body)
        assert reply.status_code == 201, reply.text
        run: Mapping[str, Any] = reply.json()
        return run

    async def fails(self, run: str, reason: str = "the server is full") -> None:
        """The letter of a run cannot be sent, for good."""
        until = self.office.now + timedelta(seconds=30)
        claimed = await self.office.store.claim("a test", self.office.now, until, {"": 10})
        one = next(one for one in claimed if one.lease.run == run)
        await self.office.engine.failed(one, reason, self.office.now, final=True)


@asynccontextmanager
async def open_work(folder: Path, *, post: PostOffice | None = None) -> AsyncIterator[WorkOffice]:
    """Open an office that has workflows, and sends by a post office or not at all."""
    async with open_office(folder, post=post) as office, AsyncExitStack() as stack:
        loaded = load_definitions(assets_dir() / "workflows", folder / "none", known=office.engine.library)
        assert loaded.faults == ()
        for definition in (*loaded.definitions, read_definition(SENDING, Rules())):
            office.engine.put(definition)
        yield WorkOffice(office=office, stack=stack)


async def got(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    """What is there; it has to be."""
    reply = await client.get(path, params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


def refused(reply: httpx.Response, status: int, code: str) -> Mapping[str, Any]:
    """The problem that a reply is."""
    assert reply.status_code == status, reply.text
    body: Mapping[str, Any] = reply.json()
    assert body["code"] == code, body
    return body
