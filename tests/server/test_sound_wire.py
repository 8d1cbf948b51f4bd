"""What office and sound process say to each other survives the socket; anything else is refused as a whole."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.audio import FRAME, RATE, Samples
from media.scene import Scene
from server.line import IN_ORDER, MOST_CONTROL, Line, Waiting
from server.sound_bulk import (
    PIECE,
    decode_frames,
    decode_levels,
    decode_piece,
    decode_scene,
    encode_frames,
    encode_levels,
    encode_pieces,
    encode_scene,
)
from server.sound_wire import (
    VERSION,
    Beat,
    Fault,
    Hello,
    Lost,
    Reply,
    Request,
    Tell,
    decode_control,
)
from server.wire import MAX_BYTES, Control, Failed, Kind, Ready, Unpacker, WireError, encode_control, pack

names = st.lists(st.text(max_size=12), unique=True, max_size=5)
seeds = st.integers(0, 2**32 - 1)


def scene_of(listeners: list[str], sources: list[str], seed: int) -> Scene:
    random, shape = np.random.default_rng(seed), (len(listeners), len(sources))
    gain = (random.random(shape) * 4).astype(np.float32)
    gain[random.random(shape) < 0.3] = 0.0
    return Scene(
        listeners=tuple(listeners),
        sources=tuple(sources),
        gain=gain,
        azimuth=(np.pi - random.random(shape) * 2 * np.pi).astype(np.float32),
        elevation=((random.random(shape) - 0.5) * np.pi).astype(np.float32),
        flat=random.random(shape) < 0.5,
    )


MESSAGES: list[Control] = [
    Hello(version=VERSION, settings={"path": "direct", "advertised": ["203.0.113.7"]}, log_level="info"),
    Ready(version=VERSION),
    Failed(text="no port is free"),
    Request(number=7, call="connect", arguments=["ana", "v=0", True, False]),
    Request(number=8, call="report", arguments=["ana"]),
    Reply(number=7, value="v=0"),
    Reply(number=8, value={"connected": True, "delay_ms": 41.5}),
    Fault(number=7, code="negotiation", text="no audio"),
    Tell(call="set_muted", arguments=["ana", True]),
    Tell(call="set_views", arguments=["ana", [["1", "bo", "screen"]]]),
    Tell(call="stop", arguments=["ada", 0.08]),
    Lost(participant="ana"),
    Beat(counters={"ticks": 50}, load="normal", detail={"busy": 0.2}),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.NAME)
def test_a_control_message_comes_out_as_it_went_in(message: Control) -> None:
    assert decode_control(encode_control(message)) == message


def test_numbers_of_numpy_travel_as_numbers() -> None:
    beat = Beat(counters={"ticks": np.int64(5)}, load="normal", detail={"busy": np.float32(0.5)})
    assert decode_control(encode_control(beat)) == Beat(counters={"ticks": 5}, load="normal", detail={"busy": 0.5})


@pytest.mark.parametrize(
    "parts",
    [
        None,
        {},
        [],
        ["dance"],
        [1],
        ["ready"],
        ["ready", "1"],
        ["ready", True],
        ["ready", 1, 2],
        ["request", 1, "dance", []],
        ["request", 1, "connect", ["ana", "v=0", True]],
        ["request", 1, "connect", ["ana", "v=0", True, 0]],
        ["request", 1, "set_muted", ["ana", True]],
        ["tell", "set_muted", ["ana", 1]],
        ["tell", "set_views", ["ana", [["1", "bo"]]]],
        ["tell", "set_views", ["ana", [["1", "bo", "face"]]]],
        ["tell", "connect", ["ana", "v=0", True, False]],
    ],
)
def test_a_control_message_that_nobody_agreed_on_is_refused(parts: Any) -> None:
    with pytest.raises(WireError):
        decode_control(msgpack.packb(parts))


@given(st.lists(st.tuples(st.sampled_from(list(Kind)), st.binary(max_size=40)), max_size=6), seeds)
def test_messages_come_out_whole_however_the_bytes_are_cut(messages: list[tuple[Kind, bytes]], seed: int) -> None:
    stream = b"".join(pack(kind, payload) for kind, payload in messages)
    cuts = sorted(np.random.default_rng(seed).integers(0, len(stream) + 1, 4))
    unpacker, got = Unpacker(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        got += [(kind, bytes(payload)) for kind, payload in unpacker.feed(stream[start:end])]
    assert got == messages


@pytest.mark.parametrize(
    "header", [struct.pack("<IB", 0, 0), struct.pack("<IB", 0, 7), struct.pack("<IB", MAX_BYTES + 1, 1)]
)
def test_a_header_that_cannot_be_is_refused(header: bytes) -> None:
    with pytest.raises(WireError):
        list(Unpacker().feed(header))


def test_a_message_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(WireError, match="longer than"):
        pack(Kind.PIECE, bytes(MAX_BYTES + 1))


# Arrays


@given(names, names, seeds)
def test_a_scene_comes_out_as_exact_as_it_is_heard(listeners: list[str], sources: list[str], seed: int) -> None:
    scene = scene_of(listeners, sources, seed)
    got = decode_scene(encode_scene(scene))
    assert (got.listeners, got.sources) == (scene.listeners, scene.sources)
    assert np.array_equal(got.gain == 0, scene.gain == 0), "who is not heard stays unheard, exactly"
    assert np.allclose(got.gain, scene.gain, rtol=1e-3)
    assert np.array_equal(got.flat, scene.flat)
    for one, other in ((got.azimuth, scene.azimuth), (got.elevation, scene.elevation)):
        apart = np.abs((one - other + np.pi) % (2 * np.pi) - np.pi)
        assert np.all(apart <= np.pi / 255)
    assert np.all(got.azimuth > -np.pi)


def test_straight_behind_stays_behind() -> None:
    scene = scene_of(["ana"], ["bo"], 1)
    scene.azimuth[:] = np.pi
    assert decode_scene(encode_scene(scene)).azimuth[0, 0] == pytest.approx(np.pi)


def test_a_scene_with_a_number_that_is_none_is_not_sent() -> None:
    scene = scene_of(["ana"], ["bo"], 1)
    scene.gain[0, 0] = np.nan
    with pytest.raises(WireError, match="not finite"):
        encode_scene(scene)


@given(st.lists(st.tuples(st.text(max_size=9), st.booleans()), max_size=6, unique_by=lambda one: one[0]), seeds)
def test_frames_of_one_tick_travel_together(who: list[tuple[str, bool]], seed: int) -> None:
    random = np.random.default_rng(seed)
    frames = [
        (name, (random.random(FRAME, np.float32) - 0.5 if sounds else np.zeros(FRAME, np.float32)))
        for name, sounds in who
    ]
    payload = encode_frames(frames)
    got = dict(decode_frames(payload))
    assert got.keys() == dict(frames).keys()
    for name, frame in frames:
        assert got[name].dtype == np.float32
        assert np.allclose(got[name], frame, atol=1e-4)
    sounding = sum(sounds for _, sounds in who)
    assert len(payload) < 2 * FRAME * sounding + 64 + 40 * len(who), "silence carries no samples"


def test_levels_are_exact_to_a_hundredth() -> None:
    levels = {"ana": -12.345, "bo": -99.99, "ada": 3.0, "cy": -4000.0}
    assert decode_levels(encode_levels(levels)) == pytest.approx(
        {"ana": -12.345, "bo": -99.99, "ada": 3.0, "cy": -327.0}, abs=0.006
    )


@pytest.mark.parametrize("count", [0, 1, PIECE, PIECE + 1, 3 * RATE])
def test_what_an_avatar_says_travels_in_short_pieces(count: int) -> None:
    said = np.sin(np.arange(count)).astype(np.float32)
    pieces = [decode_piece(piece) for piece in encode_pieces("ada", said)]
    assert all(source == "ada" and len(part) <= PIECE for source, part in pieces)
    together: Samples = np.concatenate([np.zeros(0, np.float32), *(part for _, part in pieces)])
    assert np.allclose(together, said, atol=1e-4)


DECODERS: list[Callable[[bytes], Any]] = [decode_control, decode_scene, decode_frames, decode_levels, decode_piece]
EXAMPLES = [
    encode_control(MESSAGES[0]),
    encode_scene(scene_of(["ana", "bo"], ["ana", "bo"], 1)),
    encode_scene(scene_of(["ana", "bo"], ["ada"], 1)),
    encode_frames([("ana", np.ones(FRAME, np.float32)), ("bo", np.zeros(FRAME, np.float32))]),
    encode_levels({"ana": -12.0}),
    encode_pieces("ada", np.ones(5, np.float32))[0],
]


def understood_or_refused(decode: Callable[[bytes], Any], payload: bytes) -> None:
    """Any other exception than a WireError fails the test."""
    with contextlib.suppress(WireError):
        assert decode(payload) is not None


@given(st.sampled_from(DECODERS), st.binary(max_size=200))
def test_any_bytes_are_understood_or_refused(decode: Callable[[bytes], Any], payload: bytes) -> None:
    understood_or_refused(decode, payload)


@given(st.sampled_from(DECODERS), st.sampled_from(EXAMPLES), st.data())
def test_bytes_that_were_changed_are_understood_or_refused(
    decode: Callable[[bytes], Any], example: bytes, data: st.DataObject
) -> None:
    spoilt = bytearray(example)
    for _ in range(data.draw(st.integers(1, 3))):
        spoilt[data.draw(st.integers(0, min(len(spoilt) - 1, 80)))] = data.draw(st.integers(0, 255))
    spoilt = spoilt[: data.draw(st.integers(0, len(spoilt)))]
    understood_or_refused(decode, bytes(spoilt))


# What waits


def rest(frame: bytes | None) -> bytes:
    assert frame is not None
    return frame[5:]


def test_control_goes_first_and_then_the_newest() -> None:
    waiting = Waiting()
    waiting.put(Kind.PIECE, b"word", "ada")
    waiting.put(Kind.SCENE, b"old")
    waiting.put(Kind.SCENE, b"new")
    waiting.put(Kind.CONTROL, b"1")
    waiting.put(Kind.CONTROL, b"2")
    assert len(waiting) == 4
    assert [rest(waiting.take()) for _ in range(4)] == [b"1", b"2", b"new", b"word"]
    assert waiting.take() is None
    assert not waiting.dropped, "a scene that was replaced is not missed"


@pytest.mark.parametrize("kind", IN_ORDER)
def test_the_oldest_sound_goes_when_too_much_waits(kind: Kind) -> None:
    waiting = Waiting()
    for number in range(IN_ORDER[kind] + 3):
        waiting.put(kind, str(number).encode())
    assert len(waiting) == IN_ORDER[kind]
    assert rest(waiting.take()) == b"3"
    assert waiting.dropped[kind] == 3


def test_what_an_avatar_shall_not_say_any_more_is_taken_back() -> None:
    waiting = Waiting()
    waiting.put(Kind.PIECE, b"a1", "ada")
    waiting.put(Kind.PIECE, b"b1", "bob")
    waiting.put(Kind.PIECE, b"a2", "ada")
    waiting.forget(Kind.PIECE, "ada")
    assert rest(waiting.take()) == b"b1"
    assert waiting.take() is None


def test_control_is_never_dropped() -> None:
    waiting = Waiting()
    for _ in range(MOST_CONTROL):
        waiting.put(Kind.CONTROL, b"")
    with pytest.raises(WireError, match="does not read"):
        waiting.put(Kind.CONTROL, b"")
    assert len(waiting) == MOST_CONTROL


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_a_line_takes_any_bytes_and_ends_at_the_first_that_are_no_message(chunks: list[bytes]) -> None:
    taken: list[Control] = []

    def take(kind: Kind, payload: memoryview) -> None:
        taken.append(decode_control(payload))

    line = Line(on_message=take)
    line.data_received(pack(Kind.CONTROL, encode_control(Ready(version=1))))
    for chunk in chunks:
        line.data_received(chunk)
    assert taken[0] == Ready(version=1)
    assert line.malformed == int(line.ended)
