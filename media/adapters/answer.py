"""The answer of the direct path: what we take of a browser's offer, written with aiortc's description classes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aiortc import RTCDtlsFingerprint, RTCDtlsParameters, RTCIceCandidate, RTCIceParameters
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import GroupDescription, MediaDescription, SessionDescription, SsrcDescription

from media.errors import NegotiationError

# aiortc's parser meets malformed text with whatever its code happens to stumble over.
UNREADABLE = (ValueError, KeyError, IndexError, AttributeError, AssertionError, TypeError, StopIteration)
REVERSED = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a browser offers, as far as the direct path looks at it."""

    description: SessionDescription
    media: tuple[MediaDescription, ...]
    ufrag: str
    fingerprints: tuple[RTCDtlsFingerprint, ...]

    @classmethod
    def read(cls, sdp: str) -> Offer:
        """Parse an offer.

        Raises:
            NegotiationError: it is malformed, or lacks what ICE and DTLS need.
        """
        try:
            description = SessionDescription.parse(sdp)
            first = description.media[0]
            ufrag = "" if first.ice is None else str(first.ice.usernameFragment or "")
            fingerprints = () if first.dtls is None else tuple(first.dtls.fingerprints)
        except UNREADABLE as error:
            raise NegotiationError(f"the offer could not be read: {type(error).__name__}") from error
        if not ufrag or not fingerprints:
            raise NegotiationError("the offer has no ICE user name or no DTLS fingerprint")
        return cls(description=description, media=tuple(description.media), ufrag=ufrag, fingerprints=fingerprints)

    @property
    def identity(self) -> frozenset[tuple[str, str]]:
        """Of which certificate the offerer is: the same again means the same connection, restarted."""
        return frozenset((f.algorithm.lower(), f.value.upper()) for f in self.fingerprints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How one media line of the offer is answered."""

    codecs: Sequence[RTCRtpCodecParameters]
    """Of the offer's codecs those that are taken, with the parameters we answer."""
    direction: str
    """As seen from us: "sendrecv", "sendonly", "recvonly" or "inactive"."""
    ssrc: int | None = None
    """Of what we send on it."""
    stream: str = ""
    """Name of the stream that it belongs to, for the browser."""
    extensions: frozenset[str] = field(default_factory=frozenset)
    """URIs of the offer's header extensions that are taken."""


def write_answer(
    offer: Offer,
    choose: Callable[[MediaDescription], Line | None],
    *,
    version: int,
    ice: tuple[str, str],
    fingerprints: Sequence[RTCDtlsFingerprint],
    candidates: Sequence[tuple[str, int]],
) -> str:
    """The answer as text.

    Args:
        offer: what is answered.
        choose: how a line is answered; None refuses it.
        version: grows with each answer of a connection.
        ice: our user name fragment and password.
        fingerprints: of our certificate.
        candidates: our addresses and port.

    Raises:
        NegotiationError: no line at all is taken.
    """
    lines = [(media, choose(media)) for media in offer.media]
    taken: list[int | str] = [media.rtp.muxId for media, line in lines if line is not None]
    if not taken:
        raise NegotiationError("nothing in the offer can be used")
    answer = SessionDescription()
    answer.origin = f"- {secrets.randbits(62)} {version} IN IP4 127.0.0.1"
    answer.group = [GroupDescription(semantic="BUNDLE", items=taken)]
    answer.msid_semantic = [GroupDescription(semantic="WMS", items=["*"])]
    answer.media = [_described(media, line, ice, fingerprints, candidates) for media, line in lines]
    return _with_rtcp_mux(str(answer))


def _described(
    offered: MediaDescription,
    line: Line | None,
    ice: tuple[str, str],
    fingerprints: Sequence[RTCDtlsFingerprint],
    candidates: Sequence[tuple[str, int]],
) -> MediaDescription:
    if line is None:
        out = MediaDescription(kind=offered.kind, port=0, profile=offered.profile, fmt=offered.fmt)
        out.direction = "inactive"
    else:
        types = [codec.payloadType for codec in line.codecs]
        out = MediaDescription(kind=offered.kind, port=9, profile=offered.profile, fmt=types)
        out.direction = line.direction
        out.rtp.codecs = list(line.codecs)
        out.rtp.headerExtensions = [h for h in offered.rtp.headerExtensions if h.uri in line.extensions]
        if line.ssrc is not None:
            out.msid = f"{line.stream} {line.stream}-{offered.rtp.muxId}"
            out.ssrc = [SsrcDescription(ssrc=line.ssrc, cname="atrium")]
    out.host = "0.0.0.0"
    out.rtp.muxId = offered.rtp.muxId
    out.ice = RTCIceParameters(usernameFragment=ice[0], password=ice[1], iceLite=True)
    out.dtls = RTCDtlsParameters(fingerprints=list(fingerprints), role="server")
    if line is not None:
        out.ice_candidates = [_candidate(i, host, port) for i, (host, port) in enumerate(candidates)]
        out.ice_candidates_complete = True
    return out


def _candidate(index: int, host: str, port: int) -> RTCIceCandidate:
    return RTCIceCandidate(
        component=1,
        foundation=str(index + 1),
        ip=host,
        port=port,
        # RFC 8445 section 5.1.2: a host candidate, the first address preferred.
        priority=(126 << 24) | ((65535 - index) << 8) | 255,
        protocol="udp",
        type="host",
    )


def _with_rtcp_mux(text: str) -> str:
    """Say on each line that RTCP shares its port, which these classes say only together with an RTCP port."""
    lines: list[str] = []
    for line in text.splitlines():
        lines.append(line)
        if line.startswith("a=mid:"):
            lines.append("a=rtcp-mux")
    return "\r\n".join(lines) + "\r\n"
