"""The direct path of sound: packets from the port into the jitter buffer, from the mixer's tick to the port.

No thread, no queue and no task stands between: what arrives is put into its buffer at once, and the tick decodes,
mixes, encodes and sends.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Self

from aiortc import RTCCertificate
from aiortc.rtp import (
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSourceInfo,
    RtcpSrPacket,
)
from aiortc.sdp import MediaDescription

from media.adapters.answer import REVERSED, Line
from media.adapters.connection import DirectConnection, OnState
from media.adapters.mux import MuxSettings, UdpMux
from media.adapters.opus import SILENCE
from media.adapters.opus_av import decoder
from media.adapters.reports import CNAME, Arrivals, sender_info
from media.audio import FRAME, RATE, Samples
from media.errors import NegotiationError
from media.reception import Reception
from media.rtp import HEADER, MARKER, parse

logger = logging.getLogger(__name__)

REPORT_SECONDS: Final = 1.0
_PLAIN: Final = 0x80
"""First byte of a packet of version 2 without padding, extension and contributors."""
_ROUNDS: Final = 10
"""Parts into which the reports of a second are spread."""
_WANTED: Final = {"minptime": "10", "useinbandfec": "1", "usedtx": "1", "stereo": "0", "sprop-stereo": "1"}
"""Of browsers: error correction, silence that costs nothing, one channel. Two channels come from us."""


class DirectPeer(DirectConnection):
    """One person's sound: mono in, their own stereo mix out.

    Args:
        mux: the port.
        certificate: ours.
        on_state: called with each change of state.
    """

    def __init__(self, mux: UdpMux, certificate: RTCCertificate, *, on_state: OnState | None = None) -> None:
        super().__init__(mux, certificate, on_state=on_state)
        self.reception = Reception(decoder())
        self._payload_type = 111
        self._source = -1
        self._sequence = secrets.randbits(16)
        self._timestamp = secrets.randbits(32)
        self._quiet = True
        self._packets = self._octets = 0
        self._arrivals = Arrivals(RATE)
        self._heard_lost = 0.0

    # Signalling

    def choose(self, media: MediaDescription) -> Line | None:
        """Take the first audio line that has Opus."""
        if media.kind != "audio":
            return None
        codec = next((c for c in media.rtp.codecs if c.mimeType.lower() == "audio/opus"), None)
        if codec is None:
            raise NegotiationError("the offer has no Opus; offer opus/48000/2")
        self._payload_type = int(codec.payloadType or 0)
        return Line(
            codecs=[replace(codec, parameters=dict(_WANTED), rtcpFeedback=[])],
            direction=REVERSED[media.direction or "sendrecv"],
            ssrc=self.ssrc,
            stream="mix",
        )

    # In

    def take_opened(self, data: bytes, now: float) -> None:
        """Put a packet into the jitter buffer."""
        if data[0] == _PLAIN and len(data) >= HEADER.size:  # nearly always, and three times as quick
            _, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
            kind, payload = second & 0x7F, data[HEADER.size :]
        else:
            kind, _, sequence, timestamp, ssrc, payload = parse(data)
        if kind != self._payload_type:
            self.malformed += 1
            return
        if ssrc != self._source:
            # Another track of the same person: numbers start anew.
            self._source = ssrc
            self._arrivals = Arrivals(RATE)
            self.reception.clear()
        self._arrivals.add(sequence, timestamp)
        self.reception.put(sequence, timestamp, payload, now)

    def take(self, out: Samples, now: float) -> bool:
        """The next 20 ms of what the person says, into `out` (960,); False in silence, `out` is untouched then."""
        return self.reception.take(out, now)

    # Out

    def send(self, payload: bytes) -> None:
        """Send the Opus packet of this tick."""
        second = self._payload_type | MARKER if self._quiet else self._payload_type
        self._quiet = payload is SILENCE
        self._sequence = (self._sequence + 1) & 0xFFFF
        if self._seal is not None:
            packet = HEADER.pack(_PLAIN, second, self._sequence, self._timestamp, self.ssrc) + payload
            self.agent.send(self._seal(packet))
            self._packets += 1
            self._octets += len(payload)
        self._timestamp = (self._timestamp + FRAME) & 0xFFFFFFFF

    def skip(self) -> None:
        """Send nothing in this tick; time goes on."""
        self._timestamp = (self._timestamp + FRAME) & 0xFFFFFFFF

    # Reports

    def take_rtcp(self, packet: Any, now: float) -> None:
        """Remember when they sent a report, and how well they hear us."""
        if isinstance(packet, RtcpSrPacket):
            self._arrivals.reported(packet.sender_info, now)
        if isinstance(packet, RtcpSrPacket | RtcpRrPacket):
            for report in packet.reports:
                if report.ssrc == self.ssrc:
                    self._heard_lost = report.fraction_lost / 256

    def report(self, now: float) -> list[Any]:
        """A sender report with what we received of them, and our name (RFC 3550 section 6.4)."""
        sender = sender_info(self._timestamp, self._packets, self._octets)
        name = RtcpSourceInfo(ssrc=self.ssrc, items=[(1, CNAME.encode())])
        received = self._arrivals.report(self._source, now)
        first = (
            RtcpSrPacket(ssrc=self.ssrc, sender_info=sender, reports=received)
            if self._packets
            else RtcpRrPacket(ssrc=self.ssrc, reports=received)
        )
        return [first, RtcpSdesPacket(chunks=[name])]

    def numbers(self) -> dict[str, Any]:
        """The connection as it is now.

        Returns:
            connected (bool), packets_in, packets_lost (int), delay_ms in the jitter buffer (float), address that
            their packets come from (text), heard_lost (share of our packets that they lost of late, 0..1).
        """
        address = self.agent.address
        return {
            "connected": self.state == "connected",
            "packets_in": self._arrivals.statistics.packets_received,
            "packets_lost": self._arrivals.lost,
            "delay_ms": self.reception.stats.delay_ms,
            "address": "" if address is None else f"{address[0]}:{address[1]}",
            "heard_lost": self._heard_lost,
        }

    def counts(self) -> dict[str, int]:
        """What the jitter buffer and the connection have counted since they began."""
        stats = self.reception.stats
        return {
            "packets_lost": stats.lost,
            "packets_late": stats.late,
            "packets_malformed": self.malformed,
            "faults": self.faults,
            "frames_concealed": stats.concealed,
            "frames_recovered": stats.recovered,
            "missed_frames": stats.concealed,
            "dropped_frames": stats.dropped + self.agent.send_faults,
        }


class DirectPath:
    """The port with all connections behind it. Use as `async with`."""

    def __init__(self, settings: MuxSettings | None = None) -> None:
        """Nothing is opened yet."""
        self.mux = UdpMux(settings)
        self.certificate = RTCCertificate.generateCertificate()
        self._connections: list[DirectConnection] = []
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.mux.open()
        self._keeper = asyncio.create_task(self._keep(), name="media reports")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        for connection in list(self._connections):
            await connection.close()
        self.mux.close()

    def peer(self, *, on_state: OnState | None = None) -> DirectPeer:
        """A new person's connection, waiting for their offer."""
        peer = DirectPeer(self.mux, self.certificate, on_state=on_state)
        self.look_after(peer)
        return peer

    def look_after(self, connection: DirectConnection) -> None:
        """Send this connection's reports and watch it until it has ended."""
        self._connections.append(connection)

    def _look_at(self, connection: DirectConnection, now: float) -> None:
        try:
            if connection.overdue(now):
                connection.give_up()
            elif connection.state == "connected":
                connection.send_rtcp(connection.report(now))
        except Exception:
            # One connection's report must not end the reports of all.
            connection.faults += 1
            logger.exception("report failed")

    async def _keep(self) -> None:
        part = 0
        while True:
            await asyncio.sleep(REPORT_SECONDS / _ROUNDS)
            now = time.monotonic()
            part = (part + 1) % _ROUNDS
            for connection in self._connections[part::_ROUNDS]:
                self._look_at(connection, now)
            if part == 0:
                self._connections = [c for c in self._connections if not c.ended.is_set()]
