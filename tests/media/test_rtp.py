from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp import MARKER, RtpError, build, extension, is_rtcp, parse, sequence_gap, timestamp_gap

U16, U32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)


@given(st.integers(0, 127), U16, U32, U32, st.binary(max_size=200), st.booleans())
def test_what_was_built_is_read_again(
    kind: int, seq: int, at: int, ssrc: int, payload: bytes, marker: bool
) -> None:
    packet = parse(build(kind, seq, at, ssrc, payload, marker))
    assert packet == (kind, marker, seq, at, ssrc, payload)


def test_contributors_extension_and_padding_are_left_out() -> None:
    header = bytes([0x80 | 0x20 | 0x10 | 2, 111 | MARKER]) + bytes(10)
    contributors = bytes(8)
    extended = bytes.fromhex("bede0001") + bytes([0x30, 7, 0, 0])
    packet = parse(header + contributors + extended + b"sound" + bytes([0, 0, 3]))
    assert packet.payload == b"sound"
    assert packet.marker


@pytest.mark.parametrize(
    ("number", "found"),
    [(3, b"\x07"), (5, b"ab"), (4, None)],
)
def test_elements_of_a_header_extension_are_found(number: int, found: bytes | None) -> None:
    elements = bytes([0x30, 7, 0, 0x51]) + b"ab" + bytes(2)
    data = bytes([0x90, 96]) + bytes(10) + bytes.fromhex("bede0002") + elements + b"rest"
    assert extension(data, number) == found


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x80" * 11, "at least 12"),
        (b"\x40" + bytes(11), "version 1"),
        (b"\x8f" + bytes(11), "longer than the packet"),
        (b"\x90" + bytes(11) + b"\xbe\xde\x00\x05", "reaches past"),
        (b"\x90" + bytes(11), "reaches past"),
        (b"\xa0" + bytes(11) + b"\x00", "0 bytes"),
        (b"\xa0" + bytes(11) + b"\x09", "longer than the packet"),
    ],
)
def test_a_broken_packet_says_what_is_wrong(data: bytes, reason: str) -> None:
    with pytest.raises(RtpError, match=reason):
        parse(data)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_packet_or_an_rtp_error(data: bytes) -> None:
    try:
        packet = parse(data)
    except RtpError:
        return
    assert len(packet.payload) <= len(data) - 12
    try:
        extension(data, 3)
    except RtpError:
        pytest.fail("what parses has a readable extension")


@given(U16, st.integers(-32768, 32767))
def test_sequence_numbers_wrap_around(start: int, step: int) -> None:
    assert sequence_gap((start + step) & 0xFFFF, start) == step


@given(U32, st.integers(-(2**31), 2**31 - 1))
def test_timestamps_wrap_around(start: int, step: int) -> None:
    assert timestamp_gap((start + step) & 0xFFFFFFFF, start) == step


@pytest.mark.parametrize(("second", "rtcp"), [(200, True), (207, True), (111, False), (111 | MARKER, False)])
def test_rtcp_is_told_from_rtp_by_its_type(second: int, rtcp: bool) -> None:
    assert is_rtcp(bytes([0x80, second])) is rtcp
