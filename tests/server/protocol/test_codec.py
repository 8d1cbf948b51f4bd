"""Malformed bytes are refused with a reason; nothing else happens."""

from __future__ import annotations

from contextlib import suppress

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol import PROTOCOL_VERSION
from server.protocol.codec import MAX_BYTES, decode_browser, decode_server, encode, level_byte
from server.protocol.errors import (
    MalformedMessage,
    MessagesTooFast,
    MessageTooLarge,
    ProtocolError,
    VersionMismatch,
)
from server.protocol.handshake import Handshake, RateSettings, State
from server.protocol.messages import Chat, Hello, Move, Ping, WalkTo


def packed(body: object) -> bytes:
    data: bytes = msgpack.packb(body)
    return b"\x01" + data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "begins with"),
        (b"\x07abc", "begins with"),
        (b"\x01\xc1", "not msgpack"),
        (packed([1, 2]), "is a map"),
        (packed({"x": 1}), "is a map"),
        (packed({"t": "fly"}), "no message is called 'fly'"),
        (packed({"t": "chat", "id": "1"}), "text is missing"),
        (packed({"t": "chat", "id": "1", "text": 5}), "text has a wrong type"),
        (packed({"t": "chat", "id": "1", "text": "x" * 2001}), "too long"),
        (packed({"t": "mute", "muted": 1}), "muted has a wrong type"),
        (packed({"t": "mute", "muted": True, "more": 1}), "no field 'more'"),
        (packed({"t": "walk_to", "x": float("nan"), "z": 0.0}), "x has a wrong type"),
        (packed({"t": "volume", "person": "p-bo", "gain": 2.01}), "gain .* out of range"),
        (packed({"t": "volume", "person": "p-bo", "gain": -0.01}), "gain .* out of range"),
        (packed({"t": "volume", "person": "p-bo", "gain": True}), "gain has a wrong type"),
        (packed({"t": "deafen", "deaf": 0}), "deaf has a wrong type"),
        (packed({"t": "share", "screen": True}), "camera is missing"),
        (packed({"t": "video_offer", "sdp": "x" * 60_001, "generation": 1}), "too long"),
        (packed({"t": "look", "name": "Bo", "look": [1] * 6}), "too long"),
        (packed({"t": "move", "seq": 1}), "no message is called 'move'"),
        (b"\x02\x00\x00", "a move has"),
    ],
)
def test_a_malformed_frame_says_what_is_wrong(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedMessage, match=reason):
        decode_browser(data)


def test_too_large_a_message_is_refused_before_it_is_read() -> None:
    with pytest.raises(MessageTooLarge, match="at most"):
        decode_browser(b"\x01" * (MAX_BYTES + 1))


@given(st.binary(max_size=300))
def test_any_bytes_decode_or_are_refused(data: bytes) -> None:
    for decode in (decode_browser, decode_server):
        with suppress(ProtocolError):  # any other exception fails the test
            assert decode(data) is not None


@given(st.text(max_size=200), st.integers(0, 2**31))
def test_messages_survive_the_wire(text: str, number: int) -> None:
    chat = Chat(id="1", text=text)
    assert decode_browser(encode(chat)) == chat
    ping = Ping(at=float(number))
    assert decode_browser(encode(ping)) == ping


def test_a_move_keeps_a_centimetre_and_two_degrees() -> None:
    decoded = decode_browser(encode(Move(seq=9, x=1.234, z=-12.345, yaw=-0.5, motion=2)))
    assert isinstance(decoded, Move)
    assert (decoded.seq, decoded.x, decoded.z, decoded.motion) == (9, 1.23, -12.35, 2) or decoded.z == -12.34
    assert abs(decoded.yaw - (2 * 3.14159265 - 0.5)) < 0.0175


def test_levels_cover_sixty_decibels() -> None:
    assert [level_byte(d) for d in (-90.0, -60.0, -30.0, 0.0, 6.0)] == [0, 0, 128, 255, 255]


def shake() -> Handshake:
    return Handshake(RateSettings(message_burst=3, messages_per_second=1), lambda room: room == "hq")


def test_hello_comes_first_and_once() -> None:
    with pytest.raises(MalformedMessage, match="first message"):
        shake().receive(Ping(at=0), 0)
    handshake = shake()
    handshake.receive(Hello(version=PROTOCOL_VERSION), 0)
    assert handshake.state is State.JOINED
    with pytest.raises(MalformedMessage, match="once"):
        handshake.receive(Hello(version=PROTOCOL_VERSION), 0)


def test_another_version_is_told_to_reload() -> None:
    with pytest.raises(VersionMismatch, match="reload"):
        shake().receive(Hello(version=PROTOCOL_VERSION + 1), 0)


def test_an_unknown_room_is_refused() -> None:
    with pytest.raises(MalformedMessage, match="no room"):
        shake().receive(Hello(version=PROTOCOL_VERSION, room="cellar"), 0)


def test_a_session_may_talk_so_fast_and_no_faster() -> None:
    handshake = shake()
    handshake.receive(Hello(version=PROTOCOL_VERSION), 10.0)
    handshake.receive(WalkTo(x=0.0, z=0.0), 10.0)
    handshake.receive(WalkTo(x=0.0, z=0.0), 10.0)
    with pytest.raises(MessagesTooFast):
        handshake.receive(WalkTo(x=0.0, z=0.0), 10.0)
    handshake.receive(WalkTo(x=0.0, z=0.0), 11.5)
