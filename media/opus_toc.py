"""How long the sound in an Opus packet is, read from its first bytes (RFC 6716, sections 3.1 and 3.2.5)."""

from __future__ import annotations

LONGEST = 5760
"""Samples at 48 kHz in the longest packet there may be: 120 ms."""

_SILK = (480, 960, 1920, 2880)
_HYBRID = (480, 960)
_CELT = (120, 240, 480, 960)
_BY_CONFIGURATION = _SILK * 3 + _HYBRID * 2 + _CELT * 4


def _of_first_byte(toc: int) -> int:
    """Samples in a packet that starts so; below 0: samples in each of its frames, which the next byte counts."""
    frame = _BY_CONFIGURATION[toc >> 3]
    return (frame, 2 * frame, 2 * frame, -frame)[toc & 3]


_SAMPLES = tuple(_of_first_byte(toc) for toc in range(256))


def packet_samples(payload: bytes) -> int:
    """Samples per channel at 48 kHz that a packet holds, 120..5760; 0 if it is not an Opus packet."""
    if not payload:
        return 0
    samples = _SAMPLES[payload[0]]
    if samples > 0:
        return samples
    if len(payload) < 2:
        return 0
    samples *= -(payload[1] & 63)
    return samples if samples <= LONGEST else 0
