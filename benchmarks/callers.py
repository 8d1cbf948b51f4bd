"""A person's end of a WebRTC connection: aiortc shakes hands, then the generator takes the socket over."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aioice.ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from benchmarks.generator import Heard, Line, payload_of
from media.signaling import with_stereo

PATIENCE = 30.0
"""Seconds that a connection may take."""

Exchange = Callable[[str], Awaitable[str]]
"""Offer -> answer."""


class Caller:
    """One connection, in a loop of asyncio's own (uvloop hands no socket over).

    `dial` makes the line; until the generator has it, packets are kept in `early`.
    """

    def __init__(self) -> None:
        _gather_one_address()
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.early: list[Heard] = []
        """What arrived before the generator had the socket."""
        self.offered = 0.0
        """When the offer was sent, seconds since 1970."""

    async def dial(self, name: str, exchange: Exchange) -> Line:
        """Connect.

        Args:
            name: the participant.
            exchange: brings the offer to the server.

        Raises:
            ConnectionError: it failed, or took too long.
        """
        transceiver: Any = self._pc.addTransceiver("audio", direction="sendrecv")
        # aiortc's own sending and receiving is what the generator replaces.
        transceiver.sender.send = _nothing
        transceiver.receiver.receive = _nothing
        dtls: Any = transceiver.sender.transport
        dtls._handle_rtp_data = self._keep
        connected, state = asyncio.Event(), self._pc

        @state.on("connectionstatechange")
        def follow() -> None:
            if state.connectionState in ("connected", "failed", "closed"):
                connected.set()

        offer = await self._pc.createOffer()
        await self._pc.setLocalDescription(RTCSessionDescription(sdp=with_stereo(offer.sdp), type="offer"))
        sdp = with_stereo(self._pc.localDescription.sdp)
        self.offered = time.time()
        answer = await exchange(sdp)
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
        try:
            async with asyncio.timeout(PATIENCE):
                await connected.wait()
        except TimeoutError as error:
            raise ConnectionError(f"{name} was not connected within {PATIENCE:.0f} s") from error
        if self._pc.connectionState != "connected":
            raise ConnectionError(f"the connection of {name} is {self._pc.connectionState}")
        return self._take_over(name, dtls, transceiver.sender._ssrc, _opus_type(answer))

    async def close(self) -> None:
        """End the connection."""
        await self._pc.close()

    async def _keep(self, data: bytes, arrival_time_ms: int) -> None:
        self.early.append(Heard(time=time.time(), payload=payload_of(data)))

    def _take_over(self, name: str, dtls: Any, ssrc: int, payload_type: int) -> Line:
        (pair,) = dtls.transport._connection._nominated.values()
        protocol = pair.protocol
        original = protocol.transport.get_extra_info("socket")
        loop: Any = asyncio.get_running_loop()
        loop._remove_reader(original.fileno())
        sock = socket.socket(fileno=os.dup(original.fileno()))
        sock.connect(pair.remote_addr)
        return Line(
            name=name,
            sock=sock,
            ssrc=ssrc,
            payload_type=payload_type,
            protect=dtls._tx_srtp.protect,
            unprotect=dtls._rx_srtp.unprotect,
            other=lambda data: protocol.datagram_received(data, pair.remote_addr),
        )


async def _nothing(_: object) -> None:
    """Do not start."""


def _opus_type(sdp: str) -> int:
    """The payload type of Opus in a session description."""
    for line in sdp.splitlines():
        if line.startswith("a=rtpmap:") and "opus/48000" in line.lower():
            return int(line.removeprefix("a=rtpmap:").split()[0])
    raise ConnectionError("the answer has no Opus")


def _gather_one_address() -> None:
    """Let callers have one address each: with more, aiortc's two ends may settle on different pairs."""
    look_up = aioice.ice.get_host_addresses
    if getattr(look_up, "gathers_one", False):
        return

    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return (look_up(True, False) or ["127.0.0.1"])[:1]

    addresses.gathers_one = True  # type: ignore[attr-defined]
    aioice.ice.get_host_addresses = addresses
