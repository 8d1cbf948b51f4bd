"""What RTCP reports say of a stream that comes in (RFC 3550 section 6.4), counted by aiortc's statistics."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final, cast

from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtcpReceiverInfo, RtcpSenderInfo, RtpPacket

CNAME: Final = "atrium"
"""By which receivers know that our streams belong together."""
_NTP_EPOCH: Final = 2_208_988_800
"""Seconds from 1900 to 1970."""


@dataclass(slots=True)
class _Arrival:
    """What aiortc's statistics look at of a packet."""

    sequence_number: int = 0
    timestamp: int = 0


class Arrivals:
    """Counts the packets of one stream.

    Args:
        rate: ticks of its timestamps in a second.
    """

    def __init__(self, rate: int) -> None:
        self.statistics = StreamStatistics(rate)
        self._arrival = _Arrival()
        self._last_report: tuple[int, float] | None = None

    def add(self, sequence: int, timestamp: int) -> None:
        """A packet came."""
        self._arrival.sequence_number, self._arrival.timestamp = sequence, timestamp
        self.statistics.add(cast(RtpPacket, self._arrival))

    @property
    def lost(self) -> int:
        """Packets that never came, as far as numbers tell."""
        return int(self.statistics.packets_lost) if self.statistics.max_seq is not None else 0

    def reported(self, info: RtcpSenderInfo, now: float) -> None:
        """The sender's own report came."""
        self._last_report = (info.ntp_timestamp >> 16) & 0xFFFFFFFF, now

    def report(self, ssrc: int, now: float) -> list[Any]:
        """What to tell the sender: one report, or none before their first packet."""
        statistics = self.statistics
        if statistics.max_seq is None:
            return []
        middle, since = self._last_report or (0, now)
        return [
            RtcpReceiverInfo(
                ssrc=ssrc,
                fraction_lost=statistics.fraction_lost,
                packets_lost=statistics.packets_lost,
                highest_sequence=(statistics.cycles + statistics.max_seq) & 0xFFFFFFFF,
                jitter=statistics.jitter & 0xFFFFFFFF,
                lsr=middle,
                dlsr=min(int((now - since) * 65536), 0xFFFFFFFF),
            )
        ]


def sender_info(timestamp: int, packets: int, octets: int) -> RtcpSenderInfo:
    """Of a stream of ours: its timestamp of this moment, and what was sent so far."""
    return RtcpSenderInfo(
        ntp_timestamp=int((time.time() + _NTP_EPOCH) * 2**32),
        rtp_timestamp=timestamp,
        packet_count=packets & 0xFFFFFFFF,
        octet_count=octets & 0xFFFFFFFF,
    )
