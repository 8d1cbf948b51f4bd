"""A person's video connection on the direct path: what they send comes in, what they may see goes out."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from aiortc import RTCCertificate
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpCodecParameters
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSourceInfo,
    RtcpSrPacket,
    pack_remb_fci,
)
from aiortc.sdp import MediaDescription

from media.adapters.answer import Line
from media.adapters.connection import DirectConnection, OnState
from media.adapters.mux import UdpMux
from media.adapters.reports import CNAME, Arrivals, sender_info
from media.errors import NegotiationError
from media.forward import CLOCK, Forward
from media.rtp import Rtp, extension, parse
from media.video import Allowance, Kind, Stream, VideoLines, VideoSettings
from media.vp8 import Vp8

MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
_FEEDBACK: Final = (("nack", ""), ("nack", "pli"), ("ccm", "fir"), ("goog-remb", ""))
_MOST_ASKED: Final = 128
"""Packets that one request may ask for again."""

OnPacket = Callable[[Stream, Rtp, Vp8, float], None]
"""Takes each packet that viewers may get, as it comes."""
OnBlind = Callable[[Forward, float], None]
"""Takes a viewer's line on which nothing can be decoded until a key picture comes."""


@dataclass(slots=True)
class _Sending:
    """A stream with what reports say of it."""

    stream: Stream
    arrivals: Arrivals


class VideoPeer(DirectConnection):
    """One person's screen and camera in, others' out.

    Args:
        mux: the port.
        certificate: ours.
        on_packet: gets what this person sends.
        on_blind: told when this person cannot decode what they get.
        on_state: called with each change of state.
        settings: bit rates and patience.
    """

    def __init__(
        self,
        mux: UdpMux,
        certificate: RTCCertificate,
        *,
        on_packet: OnPacket,
        on_blind: OnBlind,
        on_state: OnState | None = None,
        settings: VideoSettings | None = None,
    ) -> None:
        super().__init__(mux, certificate, on_state=on_state)
        self.settings = settings or VideoSettings()
        self.streams: dict[Kind, Stream] = {}
        self.forwards: dict[str, Forward] = {}
        """Lines on which this person sees others, by mid."""
        self._on_packet, self._on_blind = on_packet, on_blind
        self._lines: VideoLines | None = None
        self._sending: dict[str, _Sending] = {}
        self._by_ssrc: dict[int, _Sending] = {}
        self._by_line: dict[int, Forward] = {}
        self._mid_extension = 0
        rate = self.settings.resends_per_second
        self._resends = Allowance(rate, rate)

    # Signalling

    async def answer(self, offer_sdp: str) -> str:
        """Take an offer of the fixed lines (`media.video.VideoLines`), give the answer.

        Raises:
            NegotiationError: it has other lines, or no VP8.
        """
        lines = VideoLines.read(offer_sdp)
        if self._lines is not None and lines != self._lines:
            raise NegotiationError("the lines of a video connection stay as they are; close it and offer again")
        self._lines = lines
        return await super().answer(offer_sdp)

    def choose(self, media: MediaDescription) -> Line | None:
        """Take VP8 on a line."""
        assert self._lines is not None
        codec = next((c for c in media.rtp.codecs if c.mimeType.lower() == "video/vp8"), None)
        if codec is None:
            raise NegotiationError("the offer has no VP8; offer VP8/90000")
        mid = str(media.rtp.muxId)
        taken = _with_feedback(codec)
        for kind, line in self._lines.sends.items():
            if line == mid:
                self._expect(kind, mid, media)
                return Line(codecs=[taken], direction="recvonly", extensions=frozenset({MID}))
        assert codec.payloadType is not None
        forward = self.forwards.get(mid) or self._lay(mid, codec.payloadType)
        return Line(codecs=[taken], direction="sendonly", ssrc=forward.ssrc, stream=f"line{mid}")

    def _expect(self, kind: Kind, mid: str, media: MediaDescription) -> None:
        sending = self._sending.get(mid)
        if sending is None:
            stream = self.streams[kind] = Stream(kind, self.settings)
            sending = self._sending[mid] = _Sending(stream, Arrivals(CLOCK))
        # The first of several is the stream itself; the others would be its repairs, which we take none of.
        for source in media.ssrc[:1]:
            self._adopt(sending, source.ssrc)
        for header in media.rtp.headerExtensions:
            if header.uri == MID:
                self._mid_extension = header.id

    def _lay(self, mid: str, payload_type: int) -> Forward:
        forward = Forward(
            ssrc=secrets.randbits(32),
            payload_type=payload_type,
            sequence=secrets.randbits(15),
            timestamp=secrets.randbits(32),
            picture=secrets.randbits(15),
        )
        self.forwards[mid] = self._by_line[forward.ssrc] = forward
        return forward

    def _adopt(self, sending: _Sending, ssrc: int) -> bool:
        """Know a stream by its number from now on; one that has a number keeps it."""
        if sending not in self._by_ssrc.values():
            self._by_ssrc[ssrc] = sending
        return self._by_ssrc.get(ssrc) is sending

    # In

    def take_opened(self, data: bytes, now: float) -> None:
        """A packet of a sender."""
        self.take_rtp(parse(data), data, now)

    def take_rtp(self, packet: Rtp, data: bytes, now: float) -> None:
        """Keep a packet, pass it on, and ask for those that are missing before it."""
        sending = self._by_ssrc.get(packet.ssrc) or self._by_mid(packet, data)
        if sending is None:
            self.malformed += 1
            return
        sending.arrivals.add(packet.sequence, packet.timestamp)
        stream = sending.stream
        vp8 = stream.take(packet, now)
        if vp8 is not None:
            self._on_packet(stream, packet, vp8, now)
        if stream.missing and (lost := stream.due(now)):
            request = RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=self.ssrc, media_ssrc=packet.ssrc, lost=lost)
            self.send_rtcp([request])

    def _by_mid(self, packet: Rtp, data: bytes) -> _Sending | None:
        """Whose stream an unknown one is, by the mid that it carries (RFC 8843 section 9.2)."""
        mid = extension(data, self._mid_extension) if self._mid_extension else None
        sending = None if mid is None else self._sending.get(mid.decode("ascii", "replace"))
        return sending if sending is not None and self._adopt(sending, packet.ssrc) else None

    def take_rtcp(self, packet: Any, now: float) -> None:
        """Give again what a viewer missed, pass on that they cannot decode, remember senders' times."""
        match packet:
            case RtcpRtpfbPacket(fmt=1, media_ssrc=ssrc, lost=lost):
                self._give_again(self._by_line.get(ssrc), lost[:_MOST_ASKED], now)
            case RtcpPsfbPacket(fmt=fmt, media_ssrc=ssrc) if fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
                # A full intra request (RFC 5104) names the stream in its body.
                target = int.from_bytes(packet.fci[:4], "big") if fmt == RTCP_PSFB_FIR else ssrc
                if (forward := self._by_line.get(target)) is not None:
                    self._on_blind(forward, now)
            case RtcpSrPacket(ssrc=ssrc, sender_info=info):
                if (sending := self._by_ssrc.get(ssrc)) is not None:
                    sending.arrivals.reported(info, now)

    def _give_again(self, forward: Forward | None, lost: Sequence[int], now: float) -> None:
        if forward is None:
            return
        for sequence in lost:
            packet = forward.again(sequence)
            if packet is not None and self._resends.take(1.0, now):
                self.send_rtp(packet)

    # Out

    def ask_key(self, stream: Stream) -> None:
        """Ask this person for a key picture of what they send."""
        for ssrc, sending in self._by_ssrc.items():
            if sending.stream is stream:
                self.send_rtcp([RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=self.ssrc, media_ssrc=ssrc)])

    def report(self, now: float) -> list[Any]:
        """Reports of what came and of what was sent, and how much may come (REMB).

        Whoever still waits for a key picture says so again: a sender with nothing new to show sends nothing.
        """
        for forward in self.forwards.values():
            if forward.waiting:
                self._on_blind(forward, now)
        received = [one for ssrc, sending in self._by_ssrc.items() for one in sending.arrivals.report(ssrc, now)]
        active = [forward for forward in self.forwards.values() if forward.packets]
        packets: list[Any] = [
            RtcpSrPacket(
                ssrc=forward.ssrc,
                sender_info=sender_info(forward.clock(now), forward.packets, forward.octets),
            )
            for forward in active
        ]
        packets.append(RtcpRrPacket(ssrc=self.ssrc, reports=received))
        ours = [self.ssrc, *(forward.ssrc for forward in active)]
        packets.append(
            RtcpSdesPacket(chunks=[RtcpSourceInfo(ssrc=ssrc, items=[(1, CNAME.encode())]) for ssrc in ours])
        )
        if sources := list(self._by_ssrc):
            # Browsers take the number for all they send on a connection; each stream has its own limit besides.
            bps = sum(self.settings.bps(kind) for kind in self.streams)
            limit = pack_remb_fci(bps, sources)
            packets.append(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=self.ssrc, media_ssrc=0, fci=limit))
        return packets


def _with_feedback(codec: RTCRtpCodecParameters) -> RTCRtpCodecParameters:
    feedback = [RTCRtcpFeedback(type=kind, parameter=parameter) for kind, parameter in _FEEDBACK]
    return replace(codec, rtcpFeedback=feedback)
