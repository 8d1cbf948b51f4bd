"""A real office on a real port, and people who come in by real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from server.app import Running, open_office
from server.config import Settings
from server.protocol import PROTOCOL_VERSION, SUBPROTOCOL
from server.protocol import messages as m
from server.protocol.codec import MAX_BYTES, LevelsFrame, PosesFrame, decode_server, encode
from tests.fakes import Clock, Scripted

PATIENCE = 10.0
T = TypeVar("T")


@asynccontextmanager
async def served(settings: Settings, scripted: Scripted) -> AsyncIterator[tuple[int, Running]]:
    """Serve an office with scripted models while the block lasts; gives its port, and itself."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with open_office(settings, scripted.adapters()) as running:
            config = uvicorn.Config(
                running.http, log_config=None, ws="websockets-sansio", ws_max_size=MAX_BYTES + 1024, lifespan="off"
            )
            server = uvicorn.Server(config)
            server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            try:
                yield listener.getsockname()[1], running
            finally:
                server.should_exit = True
                with contextlib.suppress(asyncio.CancelledError):
                    await serving


@dataclass(slots=True)
class Visitor:
    """One person with a socket; keeps everything it is sent."""

    name: str
    token: str
    socket: ClientConnection
    clock: Clock
    received: list[m.Message | PosesFrame | LevelsFrame] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    closed: tuple[int, str] | None = None
    seq: int = 0

    async def read(self) -> None:
        try:
            async for data in self.socket:
                assert isinstance(data, bytes)
                async with self.changed:
                    self.received.append(decode_server(data))
                    self.changed.notify_all()
        except ConnectionClosed:
            pass
        async with self.changed:
            self.closed = (self.socket.close_code or 0, self.socket.close_reason or "")
            self.changed.notify_all()

    async def send(self, message: m.Message) -> None:
        await self.socket.send(encode(message))

    async def get(self, kind: type[T], holds: Callable[[T], bool] = lambda _: True, since: int = 0) -> T:
        """The first received message of a kind for which `holds`, from index `since` on."""

        def find() -> T | None:
            return next((r for r in self.received[since:] if isinstance(r, kind) and holds(r)), None)

        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: find() is not None)
        found = find()
        assert found is not None
        return found

    async def gone(self) -> tuple[int, str]:
        """The close code and reason, once the office has closed the socket."""
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: self.closed is not None)
        assert self.closed is not None
        return self.closed

    @property
    def slot(self) -> int:
        return int(next(r for r in self.received if isinstance(r, m.Welcome)).you["slot"])

    @property
    def id(self) -> str:
        return str(next(r for r in self.received if isinstance(r, m.Welcome)).you["id"])

    async def settled(self) -> None:
        """Wait until the office has dealt with everything sent until now."""
        mark = len(self.received)
        await self.send(m.Ping(at=float(mark)))
        await self.get(m.Pong, since=mark)

    async def walk(self, x: float, z: float) -> m.Path:
        """Ask for the way and walk it in steps that the office allows; the clock is moved, nobody waits."""
        mark = len(self.received)
        await self.send(m.WalkTo(x=x, z=z))
        path = await self.get(m.Path, since=mark)
        for (ax, az), (bx, bz) in zip(path.points, path.points[1:], strict=False):
            steps = max(1, math.ceil(math.hypot(bx - ax, bz - az) / 0.15))
            for k in range(1, steps + 1):
                self.seq += 1
                step = m.Move(
                    seq=self.seq, x=ax + (bx - ax) * k / steps, z=az + (bz - az) * k / steps, yaw=0.0, motion=2
                )
                self.clock.skip(0.05)
                await self.send(step)
                await self.settled()
        return path


@dataclass(slots=True)
class OpenHouse:
    """The office and its people."""

    port: int
    running: Running
    scripted: Scripted
    owner: httpx.AsyncClient
    owner_token: str
    visitors: list[Visitor] = field(default_factory=list)
    readers: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def open(cls, port: int, running: Running, scripted: Scripted) -> AsyncIterator[OpenHouse]:
        base = f"http://127.0.0.1:{port}"
        key = running.identity.owner_key(now=running.office.wall())
        async with httpx.AsyncClient(base_url=base) as http:
            reply = await http.post("/v1/sessions", json={"key": key, "name": "Ana", "look": [0, 1, 2, 3, 4]})
            assert reply.status_code == 201, reply.text
            token = reply.json()["token"]
            http.cookies.clear()
            http.headers["Authorization"] = f"Bearer {token}"
            house = cls(port, running, scripted, http, token)
            try:
                yield house
            finally:
                for visitor in house.visitors:
                    await visitor.socket.close()
                await asyncio.gather(*house.readers)

    async def admit(self, name: str, role: str = "member") -> str:
        """Invite somebody and sign them in; their token."""
        invite = await self.owner.post("/v1/invites", json={"role": role, "hours": 1})
        async with httpx.AsyncClient(base_url=self.owner.base_url) as http:
            body = {"invite": invite.json()["token"], "name": name, "look": [1, 1, 1, 1, 1]}
            reply = await http.post("/v1/sessions", json=body)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["token"])

    async def enter(
        self, name: str = "Ana", role: str = "owner", token: str | None = None, **hello: Any
    ) -> Visitor:
        """Come in by the front door and wait for the room's snapshot."""
        if token is None:
            token = self.owner_token if role == "owner" else await self.admit(name, role)
        visitor = await self.knock(token)
        visitor.name = name
        await visitor.send(m.Hello(version=PROTOCOL_VERSION, **{"muted": False, **hello}))
        await visitor.get(m.SnapshotMessage)
        await visitor.get(PosesFrame)
        return visitor

    async def knock(self, token: str, **headers: str) -> Visitor:
        """Open the socket, say nothing yet."""
        socket = await connect(
            f"ws://127.0.0.1:{self.port}/ws",
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            additional_headers={"Authorization": f"Bearer {token}", **headers},
        )
        visitor = Visitor("", token, socket, self.scripted.clock)
        self.visitors.append(visitor)
        self.readers.append(asyncio.create_task(visitor.read()))
        return visitor
