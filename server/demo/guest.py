"""One scripted colleague: comes in by a real socket and a real sound connection, walks, speaks, listens."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from media.adapters.webrtc import WebRtcCaller
from media.audio import Samples, dbfs
from server.demo.errors import DemoError
from server.protocol import PROTOCOL_VERSION, SUBPROTOCOL
from server.protocol import messages as m
from server.protocol.codec import LevelsFrame, PosesFrame, decode_server, encode

STEP_SECONDS = 0.05
HEARTBEAT_SECONDS = 10.0
SPEED = 3.0
"""Metres a second, a brisk walk; the server allows a run."""
HEARD_DBFS = -50.0
PATIENCE = 30.0
"""Seconds to wait for an answer before the demo gives up and says what it was waiting for."""

Received = m.Message | PosesFrame | LevelsFrame


@dataclass(slots=True)
class Guest:
    """A person in the office, driven by a script."""

    name: str
    socket: ClientConnection
    on_message: Callable[[Guest, Received], None]
    slot: int = -1
    id: str = ""
    x: float = 0.0
    z: float = 0.0
    yaw: float = 0.0
    seated: bool = False
    fault: DemoError | None = None
    """Set when the office closed the socket."""
    heard_dbfs: float = -120.0
    """Level of the last frame of the mix."""
    _seq: int = 0
    _caller: WebRtcCaller | None = None
    _reader: asyncio.Task[None] | None = None
    _heart: asyncio.Task[None] | None = None
    _waiting: list[tuple[Callable[[Received], bool], asyncio.Future[Received]]] = field(default_factory=list)

    @classmethod
    async def enter(
        cls, origin: str, token: str, name: str, on_message: Callable[[Guest, Received], None]
    ) -> Guest:
        """Open the socket and join the room."""
        address = origin.replace("http", "ws", 1) + "/ws"
        socket = await connect(
            address,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            additional_headers={"Authorization": f"Bearer {token}"},
            max_size=None,
            ping_interval=None,
        )
        guest = cls(name=name, socket=socket, on_message=on_message)
        guest._reader = asyncio.create_task(guest._read(), name=f"demo {name}")
        guest._heart = asyncio.create_task(guest._beat(), name=f"demo heart {name}")
        welcome = guest.expect(lambda r: isinstance(r, m.Welcome))
        placed = guest.expect(lambda r: isinstance(r, m.Placed))
        await guest.send(m.Hello(version=PROTOCOL_VERSION, muted=False, transcribed=True))
        answer = await guest.within(welcome, "to be let in")
        assert isinstance(answer, m.Welcome)
        guest.slot, guest.id = answer.you["slot"], answer.you["id"]
        await guest.within(placed, "a place to stand")
        return guest

    async def send(self, message: m.Message) -> None:
        """To the office."""
        await self.socket.send(encode(message))

    def expect(self, wanted: Callable[[Received], bool]) -> asyncio.Future[Received]:
        """The next message that fits; ask before doing what causes it."""
        future: asyncio.Future[Received] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, future))
        return future

    async def within(self, future: asyncio.Future[Received], what: str, seconds: float = PATIENCE) -> Received:
        """Wait for an expected message.

        Raises:
            DemoError: it did not come.
        """
        try:
            return await asyncio.wait_for(future, seconds)
        except TimeoutError:
            raise DemoError(f"{self.name} waited {seconds:.0f} s for {what}") from None

    async def connect_sound(self) -> None:
        """Open the sound connection and wait for the first frame of the mix."""
        first = asyncio.Event()

        def hear(stereo: Samples) -> None:
            self.heard_dbfs = dbfs(stereo.ravel())
            first.set()

        self._caller = WebRtcCaller(on_frame=hear)
        answered = self.expect(lambda r: isinstance(r, m.SoundAnswer | m.SoundError))
        await self.send(m.SoundOffer(sdp=await self._caller.offer(), generation=1))
        answer = await self.within(answered, "an answer to the sound offer")
        if isinstance(answer, m.SoundError):
            raise DemoError(f"{self.name} has no sound: {answer.text}")
        assert isinstance(answer, m.SoundAnswer)
        await self._caller.accept(answer.sdp)
        try:
            await asyncio.wait_for(first.wait(), PATIENCE)
        except TimeoutError:
            raise DemoError(f"{self.name} is connected but hears nothing") from None

    async def walk_to(self, x: float, z: float) -> None:
        """Ask for the way and walk it, step by step."""
        asked = self.expect(lambda r: isinstance(r, m.Path | m.ErrorMessage))
        await self.send(m.WalkTo(x=x, z=z))
        answer = await self.within(asked, "a way")
        if not isinstance(answer, m.Path):
            raise DemoError(f"{self.name} finds no way to {x:.1f}, {z:.1f}")
        for px, pz in answer.points[1:]:
            await self._walk_straight(px, pz)
        await self._step(self.x, self.z, self.yaw, 0)

    async def sit(self, seat: str, x: float, z: float) -> None:
        """Walk to a seat and take it."""
        await self.walk_to(x, z)
        placed = self.expect(lambda r: isinstance(r, m.Placed | m.Refused | m.Path))
        await self.send(m.Sit(seat=seat))
        answer = await self.within(placed, f"the seat {seat}")
        self.seated = isinstance(answer, m.Placed)

    async def face(self, x: float, z: float) -> None:
        """Turn to a place."""
        if not self.seated and math.hypot(self.x - x, self.z - z) > 0.1:
            await self._step(self.x, self.z, math.atan2(self.x - x, self.z - z), 0)

    async def speak(self, samples: Samples) -> None:
        """Say it; returns when the last of it is sent."""
        assert self._caller is not None
        self._caller.push(samples)
        await self._caller.said()

    @property
    def hears(self) -> bool:
        """Whether the mix is sounding now."""
        return self.heard_dbfs > HEARD_DBFS

    async def leave(self) -> None:
        """Hang up and go."""
        if self._heart is not None:
            self._heart.cancel()
        if self._caller is not None:
            await self._caller.close()
        await self.socket.close()
        if self._reader is not None:
            await self._reader

    async def _walk_straight(self, x: float, z: float) -> None:
        away = math.hypot(x - self.x, z - self.z)
        steps = max(1, math.ceil(away / (SPEED * STEP_SECONDS)))
        x0, z0 = self.x, self.z
        yaw = math.atan2(x0 - x, z0 - z) if away > 0.01 else self.yaw
        for k in range(1, steps + 1):
            await self._step(x0 + (x - x0) * k / steps, z0 + (z - z0) * k / steps, yaw, 2)
            await asyncio.sleep(STEP_SECONDS)

    async def _step(self, x: float, z: float, yaw: float, motion: int) -> None:
        self.x, self.z, self.yaw = x, z, yaw
        self._seq += 1
        await self.send(m.Move(seq=self._seq, x=x, z=z, yaw=yaw, motion=motion))

    async def _beat(self) -> None:
        """A browser that says nothing for long is taken for lost; so say something."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await self.send(m.Ping(at=asyncio.get_running_loop().time()))

    async def _read(self) -> None:
        try:
            async for data in self.socket:
                self._take(decode_server(data if isinstance(data, bytes) else data.encode()))
        except ConnectionClosed as closed:
            self.fault = DemoError(f"{self.name} was put out of the office: {closed.reason or closed}")
            for _, future in self._waiting:
                if not future.done():
                    future.set_exception(self.fault)

    def _take(self, received: Received) -> None:
        if isinstance(received, m.Placed | m.Refused):
            self.x, self.z, self.yaw = received.x, received.z, received.yaw
        for entry in list(self._waiting):
            wanted, future = entry
            if future.done() or wanted(received):
                self._waiting.remove(entry)
                if not future.done():
                    future.set_result(received)
        self.on_message(self, received)


async def sign_in(http: httpx.AsyncClient, invite: str, name: str, look: tuple[int, ...]) -> str:
    """Use an invite; give the session token.

    Raises:
        DemoError: the office refused.
    """
    reply = await http.post("/v1/sessions", json={"invite": invite, "name": name, "look": list(look)})
    if reply.status_code >= 400:
        raise DemoError(f"{name} could not sign in: {reply.json().get('detail', reply.text)}")
    token: str = reply.json()["token"]
    return token


def silence(seconds: float) -> Samples:
    """Nothing, at 48 kHz."""
    return np.zeros(int(seconds * 48_000), dtype=np.float32)
