"""What the packets of VP8 pictures say about themselves (RFC 7741); read and renumbered, the picture untouched."""

from __future__ import annotations

from typing import Final, NamedTuple

from media.errors import MediaError

PICTURES: Final = 1 << 15
"""Picture numbers wrap here."""
LAYERS: Final = 1 << 8
"""Numbers of pictures of the base layer (TL0PICIDX) wrap here."""

_EXTENDED, _STARTS, _PARTITION = 0x80, 0x10, 0x07
_HAS_PICTURE, _HAS_TL0, _HAS_LAYER, _HAS_KEY = 0x80, 0x40, 0x20, 0x10
_WIDE = 0x80
_KEY_HEADER: Final = 10
"""Bytes that a key picture begins with: frame tag, start code and size (RFC 6386 section 9.1)."""


class Vp8Error(MediaError):
    """A payload that is no VP8; it is dropped and counted."""

    code = "vp8"


class Vp8(NamedTuple):
    """What stands before the picture data of one packet."""

    starts: bool
    """It is the first packet of a picture."""
    key: bool
    """It is the first packet of a picture that needs no earlier one."""
    picture: int | None
    """Number of the picture, 0..32767 (0..127 from a sender of short numbers); None if it has none."""
    wide: bool
    """The number takes two bytes."""
    tl0: int | None
    """Number of the last picture of the base layer, 0..255; None if it has none."""


NOTHING: Final = Vp8(starts=False, key=False, picture=None, wide=False, tl0=None)
"""Of a packet without payload: padding, with which a sender tries how much the network carries."""


def read(payload: bytes) -> Vp8:
    """Read the payload descriptor, and of a picture's first packet whether it is a key picture.

    Raises:
        Vp8Error: it ends too early.
    """
    if not payload:
        return NOTHING
    first = payload[0]
    at, picture, wide, tl0 = 1, None, False, None
    try:
        if first & _EXTENDED:
            extensions, at = payload[1], 2
            if extensions & _HAS_PICTURE:
                picture = payload[at]
                at += 1
                if wide := picture >= _WIDE:
                    picture = (picture & 0x7F) << 8 | payload[at]
                    at += 1
            if extensions & _HAS_TL0:
                tl0 = payload[at]
                at += 1
            if extensions & (_HAS_LAYER | _HAS_KEY):
                at += 1
        starts = bool(first & _STARTS) and not first & _PARTITION
        key = starts and not payload[at] & 1
    except IndexError:
        raise Vp8Error(f"a VP8 payload of {len(payload)} bytes ends in its descriptor") from None
    if at >= len(payload):
        raise Vp8Error("a VP8 payload without picture data")
    if key and len(payload) - at < _KEY_HEADER:
        raise Vp8Error("a VP8 key picture without its size")
    return Vp8(starts, key, picture, wide, tl0)


def renumber(payload: bytes, vp8: Vp8, picture: int, tl0: int) -> bytes:
    """The payload with other numbers in place of those it has; picture numbers always take two bytes then.

    Args:
        payload: what `vp8` was read from.
        vp8: its descriptor.
        picture: 0..32767.
        tl0: 0..255.
    """
    if vp8.picture is None and vp8.tl0 is None:
        return payload
    out = bytearray(payload[:2])
    at = 2
    if vp8.picture is not None:
        out += bytes((_WIDE | picture >> 8, picture & 0xFF))
        at += 2 if vp8.wide else 1
    if vp8.tl0 is not None:
        out.append(tl0)
        at += 1
    return bytes(out) + payload[at:]
