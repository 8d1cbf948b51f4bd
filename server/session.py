"""One browser: read loop, write loop, what may be sent how fast."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from server.errors import ServerError, problem_of
from server.outbox import Outbox
from server.protocol.codec import decode_browser, encode
from server.protocol.errors import ProtocolError
from server.protocol.handshake import Handshake, RateSettings
from server.protocol.messages import ErrorMessage, Hello, Message, Ping, Pong
from server.roles import Role
from spatial.participant import ParticipantId
from workflows.errors import WorkflowError

logger = logging.getLogger(__name__)

SILENCE_SECONDS = 30.0
"""A browser that says nothing for so long (it pings every 10 s) is taken for lost."""

CLEAN_CLOSE = frozenset({1000, 1001})


class Socket(Protocol):
    """The three things a session does with a WebSocket."""

    async def receive(self) -> bytes | int:
        """The next frame, or the close code."""

    async def send(self, data: bytes) -> None:
        """One binary frame; raises SocketGone."""

    async def close(self, code: int, reason: str) -> None:
        """Say goodbye."""


class SocketGone(Exception):
    """The browser is no longer there."""


class Refusal(Exception):
    """Something asked for that this person may not do or that cannot be done; the session goes on."""

    def __init__(self, code: str, text: str) -> None:
        """`text` is for the person: what happened and what to do."""
        super().__init__(text)
        self.code, self.text = code, text


class Session:
    """One person's socket from hello to goodbye."""

    def __init__(
        self,
        *,
        socket: Socket,
        participant_id: ParticipantId,
        name: str,
        role: Role,
        look: list[int],
        handlers: Mapping[type[Message], Handler],
        rates: RateSettings,
        rooms: frozenset[str],
        now: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        """`handlers` carry out each kind of message; `hello` among them joins the room."""
        self.participant_id, self.name, self.role, self.look = participant_id, name, role, look
        self.outbox = Outbox()
        self.slot: int | None = None
        self._socket, self._handlers, self._now, self._wall = socket, handlers, now, wall
        self._handshake = Handshake(rates, rooms.__contains__)
        self._ready = asyncio.Event()
        self._goodbye: tuple[int, str] | None = None

    def send(self, frame: bytes) -> None:
        """Queue an event frame."""
        self.outbox.put(frame)
        self._ready.set()

    def flush(self) -> None:
        """Something was put into the outbox directly."""
        self._ready.set()

    def dismiss(self, code: int, error_code: str, text: str) -> None:
        """Tell the browser why, then close."""
        self.send(encode(ErrorMessage(code=error_code, text=text, fatal=True)))
        self._goodbye = (code, error_code)
        self._ready.set()

    async def run(self) -> bool:
        """Serve until either side goes. Returns whether the browser left on purpose."""
        writer = asyncio.create_task(self._write(), name=f"write {self.participant_id}")
        reader = asyncio.create_task(self._read(), name=f"read {self.participant_id}")
        try:
            await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
            if reader.done() and self._goodbye is not None:
                await asyncio.wait({writer}, timeout=2.0)
            return reader.done() and reader.exception() is None and reader.result() in CLEAN_CLOSE
        finally:
            for task in (reader, writer):
                task.cancel()
            for result in await asyncio.gather(reader, writer, return_exceptions=True):
                if isinstance(result, Exception) and not isinstance(result, SocketGone):
                    logger.error("session failed", exc_info=result, extra={"session": self.participant_id})

    async def _read(self) -> int:
        """The close code."""
        while True:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    data = await self._socket.receive()
            except TimeoutError:
                return 4000
            if isinstance(data, int):
                return data
            try:
                message = self._handshake.receive(decode_browser(data), self._now())
                await self._handle(message)
            except ProtocolError as error:
                logger.warning(
                    "session broke the protocol", extra={"session": self.participant_id, "code": error.code}
                )
                self.dismiss(error.close_code, error.code, error.reason)
                return error.close_code

    async def _handle(self, message: Message) -> None:
        if isinstance(message, Ping):
            self.send(encode(Pong(at=message.at, server_time=self._wall())))
            return
        try:
            await self._handlers[type(message)](self, message)
        except Refusal as refusal:
            self._refuse(message, refusal.code, refusal.text)
        except (ServerError, WorkflowError) as error:
            problem = problem_of(error)
            self._refuse(message, problem.code, problem.detail)

    def _refuse(self, message: Message, code: str, text: str) -> None:
        if isinstance(message, Hello):
            self.dismiss(4007, code, text)
        else:
            self.send(encode(ErrorMessage(code=code, text=text)))

    async def _write(self) -> None:
        while True:
            await self._ready.wait()
            self._ready.clear()
            for frame in self.outbox.take():
                await self._socket.send(frame)
            if self._goodbye is not None and not len(self.outbox):
                await self._socket.close(*self._goodbye)
                return


Handler = Callable[[Session, Message], Awaitable[None]]
