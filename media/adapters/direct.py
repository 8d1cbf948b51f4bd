"""The direct path of sound: packets from the port into the jitter buffer, from the mixer's tick to the port.

No thread, no queue and no task stands between: what arrives is put into its buffer at once, and the tick decodes,
mixes, encodes and sends.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Final, Self, cast

from aiortc import RTCCertificate
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import (
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    RtpPacket,
)
from aiortc.sdp import MediaDescription

from media.adapters.answer import REVERSED, Line
from media.adapters.connection import DirectConnection, OnState
from media.adapters.mux import MuxSettings, UdpMux
from media.adapters.opus import SILENCE
from media.adapters.opus_av import decoder
from media.audio import FRAME, RATE, Samples
from media.errors import NegotiationError
from media.reception import Reception
from media.rtp import HEADER, MARKER, parse

REPORT_SECONDS: Final = 1.0
CNAME: Final = "atrium"
_PLAIN: Final = 0x80
"""First byte of a packet of version 2 without padding, extension and contributors."""
_NTP_EPOCH: Final = 2_208_988_800
"""Seconds from 1900 to 1970."""
_ROUNDS: Final = 10
"""Parts into which the reports of a second are spread."""
_WANTED: Final = {"minptime": "10", "useinbandfec": "1", "usedtx": "1", "stereo": "0", "sprop-stereo": "1"}
"""Of browsers: error correction, silence that costs nothing, one channel. Two channels come from us."""


@dataclass(slots=True)
class _Arrival:
    """What aiortc's statistics look at of a packet."""

    sequence_number: int = 0
    timestamp: int = 0


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
        self._arrival = _Arrival()
        self._statistics = StreamStatistics(RATE)
        self._last_sr: tuple[int, float] | None = None
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
            self._statistics = StreamStatistics(RATE)
            self.reception.clear()
        arrival = self._arrival
        arrival.sequence_number, arrival.timestamp = sequence, timestamp
        self._statistics.add(cast(RtpPacket, arrival))
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
            self._last_sr = ((packet.sender_info.ntp_timestamp >> 16) & 0xFFFFFFFF, now)
        if isinstance(packet, RtcpSrPacket | RtcpRrPacket):
            for report in packet.reports:
                if report.ssrc == self.ssrc:
                    self._heard_lost = report.fraction_lost / 256

    def report(self, now: float) -> list[Any]:
        """A sender report with what we received of them, and our name (RFC 3550 section 6.4)."""
        clock = time.time() + _NTP_EPOCH
        sender = RtcpSenderInfo(
            ntp_timestamp=int(clock * 2**32),
            rtp_timestamp=self._timestamp,
            packet_count=self._packets & 0xFFFFFFFF,
            octet_count=self._octets & 0xFFFFFFFF,
        )
        name = RtcpSourceInfo(ssrc=self.ssrc, items=[(1, CNAME.encode())])
        reports = self._received(now)
        first = (
            RtcpSrPacket(ssrc=self.ssrc, sender_info=sender, reports=reports)
            if self._packets
            else RtcpRrPacket(ssrc=self.ssrc, reports=reports)
        )
        return [first, RtcpSdesPacket(chunks=[name])]

    def _received(self, now: float) -> list[RtcpReceiverInfo]:
        statistics = self._statistics
        if statistics.max_seq is None:
            return []
        lsr, delay = 0, 0
        if self._last_sr is not None:
            lsr, delay = self._last_sr[0], min(int((now - self._last_sr[1]) * 65536), 0xFFFFFFFF)
        return [
            RtcpReceiverInfo(
                ssrc=self._source,
                fraction_lost=statistics.fraction_lost,
                packets_lost=statistics.packets_lost,
                highest_sequence=(statistics.cycles + statistics.max_seq) & 0xFFFFFFFF,
                jitter=statistics.jitter & 0xFFFFFFFF,
                lsr=lsr,
                dlsr=delay,
            )
        ]

    def numbers(self) -> dict[str, Any]:
        """The connection as it is now.

        Returns:
            connected (bool), packets_in, packets_lost (int), delay_ms in the jitter buffer (float), address that
            their packets come from (text), heard_lost (share of our packets that they lost of late, 0..1).
        """
        got, address = self._statistics, self.agent.address
        return {
            "connected": self.state == "connected",
            "packets_in": got.packets_received,
            "packets_lost": got.packets_lost if got.max_seq is not None else 0,
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

    async def _keep(self) -> None:
        part = 0
        while True:
            await asyncio.sleep(REPORT_SECONDS / _ROUNDS)
            now = time.monotonic()
            part = (part + 1) % _ROUNDS
            for connection in self._connections[part::_ROUNDS]:
                if connection.overdue(now):
                    connection.give_up()
                elif connection.state == "connected":
                    connection.send_rtcp(connection.report(now))
            if part == 0:
                self._connections = [c for c in self._connections if not c.ended.is_set()]
