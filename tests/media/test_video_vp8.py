from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.vp8 import NOTHING, Vp8, Vp8Error, read, renumber

KEY = b"\x10\x02\x00\x9d\x01\x2a\x40\x01\xf0\x00rest"
"""How a key picture of 320 by 240 begins; the lowest bit of the first byte is 0."""
INTER = b"\x11\x02\x00rest"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\x10" + KEY, Vp8(True, True, None, False, None)),
        (b"\x10" + INTER, Vp8(True, False, None, False, None)),
        (b"\x00" + KEY, Vp8(False, False, None, False, None)),
        (b"\x11" + KEY, Vp8(False, False, None, False, None)),
        (b"\x90\x80\x05" + KEY, Vp8(True, True, 5, False, None)),
        (b"\x90\x80\x81\x05" + KEY, Vp8(True, True, 0x105, True, None)),
        (b"\x90\xe0\xff\xff\x07\x20" + KEY, Vp8(True, True, 0x7FFF, True, 7)),
        (b"\x90\x40\x09" + INTER, Vp8(True, False, None, False, 9)),
        (b"\x90\x20\x40" + INTER, Vp8(True, False, None, False, None)),
        (b"\x90\x10\x1f" + INTER, Vp8(True, False, None, False, None)),
        (b"", NOTHING),
    ],
    ids=[
        "key",
        "inter",
        "later packet",
        "later partition",
        "short id",
        "long id",
        "all",
        "tl0",
        "tid",
        "key index",
        "padding",
    ],
)
def test_a_descriptor_says_what_the_packet_is(payload: bytes, expected: Vp8) -> None:
    assert read(payload) == expected


@pytest.mark.parametrize(
    "payload",
    [b"\x10", b"\x80", b"\x90\x80", b"\x90\x80\x81", b"\x90\xc0\x05", b"\x90\x20\x00", b"\x00", b"\x10\x10\x02"],
)
def test_what_ends_too_early_is_no_vp8(payload: bytes) -> None:
    with pytest.raises(Vp8Error):
        read(payload)


@given(st.binary(max_size=24))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    try:
        vp8 = read(payload)
    except Vp8Error:
        return
    assert vp8.picture is None or 0 <= vp8.picture < 1 << 15
    assert not vp8.key or vp8.starts


@given(st.binary(min_size=1, max_size=40), st.integers(0, (1 << 15) - 1), st.integers(0, 255))
def test_other_numbers_leave_the_rest_as_it_was(payload: bytes, picture: int, tl0: int) -> None:
    try:
        before = read(payload)
    except Vp8Error:
        return
    out = renumber(payload, before, picture, tl0)
    after = read(out)
    assert (after.starts, after.key) == (before.starts, before.key)
    assert after.picture == (None if before.picture is None else picture)
    assert after.tl0 == (None if before.tl0 is None else tl0)
    numbers = (before.picture is not None) + before.wide + (before.tl0 is not None)
    assert out[len(out) - len(payload) + 2 + numbers :] == payload[2 + numbers :]
