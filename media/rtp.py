"""RTP headers (RFC 3550): parse, build, and arithmetic on numbers that wrap around."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from media.errors import MediaError

HEADER: Final = struct.Struct("!BBHII")
_EXTENSION: Final = struct.Struct("!HH")
_VERSION: Final = 0x80
MARKER: Final = 0x80
ONE_BYTE: Final = 0xBEDE
"""Profile of a header extension with elements of one-byte headers (RFC 8285)."""


class RtpError(MediaError):
    """A datagram that is no RTP packet; it is dropped and counted."""

    code = "rtp"


class Rtp(NamedTuple):
    """One RTP packet."""

    payload_type: int
    marker: bool
    sequence: int
    """0..65535."""
    timestamp: int
    """0..2**32 - 1, in samples at the clock rate of the payload type."""
    ssrc: int
    payload: bytes
    """Without padding; may be empty."""


def parse(data: bytes) -> Rtp:
    """Read a packet whose header extension does not matter.

    Raises:
        RtpError: it is too short, of another version, or says more of itself than there is.
    """
    if len(data) < 12:
        raise RtpError(f"an RTP packet has at least 12 bytes, not {len(data)}")
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    if first & 0xC0 != _VERSION:
        raise RtpError(f"RTP version {first >> 6} is not known, only 2")
    start, end = 12, len(data)
    if first & 0x3F:
        start += (first & 0x0F) << 2
        if first & 0x10:
            start = _after_extension(data, start)
        if first & 0x20 and end:
            end -= data[-1]
            if data[-1] == 0:
                raise RtpError("padding of 0 bytes is announced")
        if start > end:
            raise RtpError("header and padding are longer than the packet")
    return Rtp(second & 0x7F, second >= MARKER, sequence, timestamp, ssrc, data[start:end])


def extension(data: bytes, number: int) -> bytes | None:
    """The element of this number (1..14) in a packet's one-byte header extension; None if there is none.

    Raises:
        RtpError: the extension reaches past the packet.
    """
    if len(data) < 12 or not data[0] & 0x10:
        return None
    start = 12 + ((data[0] & 0x0F) << 2)
    end = _after_extension(data, start)
    if _EXTENSION.unpack_from(data, start)[0] != ONE_BYTE:
        return None
    at = start + 4
    while at < end:
        found, length = data[at] >> 4, (data[at] & 0x0F) + 1
        if data[at] == 0:
            at += 1
            continue
        if found == 15:
            return None
        if found == number:
            return data[at + 1 : min(at + 1 + length, end)]
        at += 1 + length
    return None


def build(
    payload_type: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, marker: bool = False
) -> bytes:
    """A packet with a header of 12 bytes.

    Args:
        payload_type: 0..127.
        sequence: 0..65535.
        timestamp: 0..2**32 - 1.
        ssrc: 0..2**32 - 1.
        payload: what follows the header.
        marker: whether this is the first packet after silence (audio) or the last one of a picture (video).
    """
    return (
        HEADER.pack(_VERSION, payload_type | MARKER if marker else payload_type, sequence, timestamp, ssrc)
        + payload
    )


def is_rtcp(data: bytes) -> bool:
    """Whether a datagram on a port of RTP and RTCP (RFC 5761) is RTCP."""
    return len(data) >= 2 and 192 <= data[1] <= 223


def sequence_gap(newer: int, older: int) -> int:
    """How far `newer` is ahead of `older` on the circle of 16 bits, -32768..32767."""
    return ((newer - older + 0x8000) & 0xFFFF) - 0x8000


def timestamp_gap(newer: int, older: int) -> int:
    """How far `newer` is ahead of `older` on the circle of 32 bits, in clock ticks."""
    return ((newer - older + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def _after_extension(data: bytes, start: int) -> int:
    if start + 4 > len(data):
        raise RtpError("the header extension reaches past the packet")
    end = start + 4 + 4 * int(_EXTENSION.unpack_from(data, start)[1])
    if end > len(data):
        raise RtpError("the header extension reaches past the packet")
    return end
