"""The room socket: accept, authenticate, hand over to a session."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

from fastapi import FastAPI
from starlette.websockets import WebSocket, WebSocketDisconnect

from server.api.auth import comes_from_us, token_of
from server.errors import NotSignedIn
from server.flows.presence import Presence
from server.identity import Identity
from server.office import Office
from server.protocol import SUBPROTOCOL
from server.protocol.codec import encode
from server.protocol.handshake import RateSettings
from server.protocol.messages import ErrorMessage, Message
from server.records import Records
from server.session import Handler, Session, SocketGone
from spatial.participant import ParticipantId

logger = logging.getLogger(__name__)

BAD_TOKEN = 4001


class StarletteSocket:
    """A session's socket on Starlette's."""

    def __init__(self, socket: WebSocket) -> None:
        """The socket is accepted already."""
        self._socket = socket

    async def receive(self) -> bytes | int:
        """The next frame, or the close code; a text frame is no frame of ours and reads as empty."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            return int(message.get("code") or 1006)
        return message.get("bytes") or b""

    async def send(self, data: bytes) -> None:
        """One binary frame."""
        try:
            await self._socket.send_bytes(data)
        except (WebSocketDisconnect, RuntimeError, OSError) as error:
            raise SocketGone(str(error)) from error

    async def close(self, code: int, reason: str) -> None:
        """Say goodbye."""
        try:
            await self._socket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError, OSError) as error:
            raise SocketGone(str(error)) from error


class Gateway:
    """Opens sessions."""

    def __init__(
        self,
        office: Office,
        identity: Identity,
        records: Records,
        presence: Presence,
        handlers: Mapping[type[Message], Handler],
        *,
        rates: RateSettings | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`handlers` are those of all flows together."""
        self._office, self._identity, self._records = office, identity, records
        self._presence, self._handlers = presence, handlers
        self._rates, self._now = rates or RateSettings(), now

    def mount(self, app: FastAPI) -> None:
        """Answer at /ws."""
        app.add_api_websocket_route("/ws", self._serve)

    async def _serve(self, socket: WebSocket) -> None:
        if not comes_from_us(socket):
            await socket.close(1008, "origin")
            return
        offered = socket.scope.get("subprotocols", [])
        await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
        line = StarletteSocket(socket)
        try:
            session = await self._open(socket, line)
        except NotSignedIn as error:
            await line.send(encode(ErrorMessage(code=error.code, text=str(error), fatal=True)))
            await line.close(BAD_TOKEN, error.code)
            return
        left = False
        try:
            left = await session.run()
        finally:
            self._presence.lost(session, left)

    async def _open(self, socket: WebSocket, line: StarletteSocket) -> Session:
        signed = self._identity.authenticate(token_of(socket), now=self._office.wall())
        person = await self._records.person(signed.person)
        if person is None:
            raise NotSignedIn("this office does not know you any more; open your invite link again")
        return Session(
            socket=line,
            participant_id=ParticipantId(person.id),
            name=person.name,
            role=signed.role,
            look=list(person.look),
            handlers=self._handlers,
            rates=self._rates,
            rooms=frozenset({self._office.room.id}),
            now=self._now,
            wall=lambda: self._office.wall().timestamp(),
        )
