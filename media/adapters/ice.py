"""ICE as a server with a known address does it: the lite agent of RFC 8445, one for each connection.

It sends no checks of its own: it answers those of the browser, and where the browser's checks come from is where
our packets go. A browser that changes its network goes on by itself: its next checks come from elsewhere.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from aioice import stun

Address = tuple[str, int] | tuple[str, int, int, int]
"""As the socket module has it for IPv4 and IPv6."""

PATIENCE: Final = 15.0
"""Seconds without a check after which the browser is taken for gone; browsers check every 2.5 s."""
WAITING: Final = 64
"""Datagrams of the handshake that may wait; more are dropped, DTLS sends them again."""


class Out(Protocol):
    """Where an agent's datagrams leave: one of our sockets."""

    def sendto(self, data: bytes, address: Address, /) -> int:
        """Send one datagram; raises OSError."""


class IceLite:
    """One connection's agent. It is also the transport that aiortc's DTLS runs on.

    Args:
        on_media: called with each datagram of SRTP or SRTCP and its time of arrival.
        on_path: called when packets can flow, and again when they go another way.
    """

    role: Final = "controlled"

    def __init__(
        self, on_media: Callable[[bytes, float], None], on_path: Callable[[], None], *, now: float
    ) -> None:
        self.on_media = on_media
        self._on_path = on_path
        self.ufrag, self.password = new_credentials()
        self.out: Out | None = None
        """The socket of the path in use; None before the first check."""
        self.address: Address | None = None
        self.last_check = now
        """When the browser last proved that it is there and wants to hear from us (RFC 7675)."""
        self.seen_at: deque[Address] = deque()
        """Where its checks came from, the newest last."""
        self.sent = self.send_faults = self.dropped = 0
        self._handshake: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._closed = False

    def restart(self) -> tuple[str, str]:
        """New credentials for an ICE restart; the path in use stays until the browser has another."""
        self.ufrag, self.password = new_credentials()
        return self.ufrag, self.password

    def checked(self, request: stun.Message, out: Out, address: Address, now: float) -> bool:
        """Take a binding request that proved to know our password; answers it.

        Returns:
            Whether our packets go to this address from now on.
        """
        answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, request.transaction_id)
        answer.attributes["XOR-MAPPED-ADDRESS"] = address[:2]
        answer.add_message_integrity(self.password.encode())
        try:
            out.sendto(bytes(answer), address)
        except OSError:
            # The browser asks again; if it cannot be answered at all, this is no path.
            self.send_faults += 1
        self.last_check = now
        # Before anything is nominated the first path that works is used; after that the browser decides.
        if self.address is not None and "USE-CANDIDATE" not in request.attributes:
            return False
        moved = (self.out, self.address) != (out, address)
        if moved:
            self.out, self.address = out, address
            self._on_path()
        return moved

    def take_handshake(self, data: bytes) -> None:
        """Queue a datagram of DTLS."""
        if len(self._handshake) >= WAITING:
            self.dropped += 1
            return
        self._handshake.append(data)
        self._news.set()

    def send(self, data: bytes) -> None:
        """Send a datagram over the path in use; what cannot be sent now is lost, as on any network."""
        if self.out is None or self.address is None:
            return
        try:
            self.out.sendto(data, self.address)
            self.sent += 1
        except OSError:
            # A full buffer or a network that went away: the packet is lost and counted, the call goes on.
            self.send_faults += 1

    def close(self) -> None:
        """Let whoever waits for a datagram know that none will come."""
        self._closed = True
        self._news.set()

    # What aiortc's RTCDtlsTransport asks of its transport.

    async def _recv(self) -> bytes:
        while not self._handshake:
            if self._closed:
                raise ConnectionError("the connection is closed")
            self._news.clear()
            await self._news.wait()
        return self._handshake.popleft()

    async def _send(self, data: bytes) -> None:
        if self._closed:
            raise ConnectionError("the connection is closed")
        self.send(data)


def new_credentials() -> tuple[str, str]:
    """A user name fragment and a password, with more randomness than RFC 8445 section 5.3 asks for."""
    return secrets.token_hex(4), secrets.token_hex(16)
