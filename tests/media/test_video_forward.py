from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.forward import CLOCK, LONGEST_GAP, Forward
from media.rtp import Rtp, build, parse, sequence_gap, timestamp_gap
from media.video import Stream, VideoSettings
from media.vp8 import Vp8, read

KEY = b"\x10\x02\x00\x9d\x01\x2a\x40\x01\xf0\x00key"
INTER = b"\x11\x02\x00inter"
ANYTHING_GOES = VideoSettings(screen_bps=10**12)
FRAME_SECONDS = 0.1


@dataclass
class Sender:
    """Somebody's screen, 10 pictures a second of some packets each."""

    sequence: int = 65_500
    timestamp: int = 2**32 - 50_000
    picture: int = 32_760
    tl0: int = 250
    ssrc: int = 7

    def frame(self, key: bool = False, packets: int = 2) -> list[Rtp]:
        out = []
        for part in range(packets):
            first = 0x90 if part == 0 else 0x80
            head = bytes((first, 0xE0, 0x80 | self.picture >> 8, self.picture & 0xFF, self.tl0, 0))
            body = (KEY if key else INTER) if part == 0 else b"more"
            out.append(Rtp(96, part == packets - 1, self.sequence, self.timestamp, self.ssrc, head + body))
            self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + int(FRAME_SECONDS * CLOCK)) & 0xFFFFFFFF
        self.picture = (self.picture + 1) % (1 << 15)
        self.tl0 = (self.tl0 + 1) % 256
        return out


@dataclass
class Show:
    """A sender, what the office keeps of it, and the time."""

    sender: Sender
    stream: Stream

    def give(self, forward: Forward, packets: list[Rtp], now: float) -> list[bytes]:
        out = []
        for packet in packets:
            vp8 = self.stream.take(packet, now)
            if vp8 is not None and forward.source is self.stream:
                sent = forward.take(packet, vp8, now)
                out += [sent] if sent is not None else []
        return out


def show(**start: int) -> Show:
    return Show(Sender(**start), Stream("screen", ANYTHING_GOES))


def forward(sequence: int = 30_000) -> Forward:
    return Forward(ssrc=1, payload_type=100, sequence=sequence, timestamp=2**32 - 3000, picture=32_766)


def opened(data: bytes) -> tuple[Rtp, Vp8]:
    packet = parse(data)
    return packet, read(packet.payload)


def number(one: int | None) -> int:
    assert one is not None
    return one


def test_nothing_is_let_through_before_a_key_picture() -> None:
    one, line = show(), forward()
    line.switch(one.stream)
    assert one.give(line, one.sender.frame() + one.sender.frame(), 0.0) == []
    assert line.waiting
    sent = one.give(line, one.sender.frame(key=True), 0.1)
    assert opened(sent[0])[1].key
    assert not line.waiting


def test_the_rest_of_a_key_picture_that_came_too_early_can_be_had() -> None:
    one, line = show(), forward()
    line.switch(one.stream)
    first, second, third = one.sender.frame(key=True, packets=3)
    (sent,) = one.give(line, [second, first], 0.0)
    assert one.give(line, [third], 0.0)
    missed = (opened(sent)[0].sequence + 1) & 0xFFFF
    again = line.again(missed)
    assert again is not None
    assert opened(again)[0].payload.endswith(b"more")


@st.composite
def plays(draw: st.DrawFn) -> list[tuple[int, list[tuple[bool, int]]]]:
    """Which of three senders is shown, one after another, and the pictures of each (key, packets)."""
    frames = st.lists(st.tuples(st.booleans(), st.integers(1, 4)), min_size=1, max_size=12)
    return draw(st.lists(st.tuples(st.integers(0, 2), frames), min_size=1, max_size=6))


def senders() -> list[Show]:
    return [
        show(),
        show(sequence=3, timestamp=9, picture=0, tl0=0, ssrc=8),
        show(sequence=32_760, timestamp=2**31 - 5, picture=16_380, tl0=100, ssrc=9),
    ]


@given(plays(), st.integers(0, 32_767))
def test_numbers_go_on_without_a_gap_whoever_is_shown(
    play: list[tuple[int, list[tuple[bool, int]]]], start: int
) -> None:
    shows, line, now = senders(), forward(start), 0.0
    got: list[tuple[Rtp, Vp8]] = []
    for which, frames in play:
        one = shows[which]
        line.switch(one.stream)
        sent: list[bytes] = []
        for key, packets in frames:
            now += FRAME_SECONDS
            sent += one.give(line, one.sender.frame(key, packets), now)
        if sent:
            assert opened(sent[0])[1].key
        got += [opened(data) for data in sent]
    for (packet, vp8), (after, later) in itertools.pairwise(got):
        assert sequence_gap(after.sequence, packet.sequence) == 1
        steps = timestamp_gap(after.timestamp, packet.timestamp)
        assert steps > 0 if later.starts else steps == 0
        assert (number(later.picture) - number(vp8.picture)) % (1 << 15) == later.starts
        assert (number(later.tl0) - number(vp8.tl0)) % 256 == later.starts
    assert {(packet.ssrc, packet.payload_type) for packet, _ in got} <= {(1, 100)}


def test_a_pause_between_two_sources_is_a_pause_for_the_viewer() -> None:
    one, other = show(), show(timestamp=77)
    line = forward()
    line.switch(one.stream)
    (before,) = one.give(line, one.sender.frame(key=True, packets=1), 10.0)
    line.switch(other.stream)
    (after,) = other.give(line, other.sender.frame(key=True, packets=1), 12.5)
    assert timestamp_gap(opened(after)[0].timestamp, opened(before)[0].timestamp) == 2.5 * CLOCK


@st.composite
def weather(draw: st.DrawFn) -> tuple[int, random.Random, float, float]:
    """A first sequence number and a network that loses, doubles and reorders."""
    return (
        draw(st.integers(0, 65_535)),
        draw(st.randoms(use_true_random=False)),
        draw(st.floats(0, 0.4)),
        draw(st.floats(0, 0.4)),
    )


def through(packets: list[Rtp], chance: random.Random, lost: float, doubled: float) -> Iterator[Rtp]:
    out: list[tuple[float, Rtp]] = []
    for place, packet in enumerate(packets):
        if place and chance.random() < lost:
            continue
        out.append((place + 4 * chance.random(), packet) if place else (-1, packet))
        if chance.random() < doubled:
            out.append((place + 8 * chance.random(), packet))
    yield from (packet for _, packet in sorted(out, key=lambda item: item[0]))


@given(weather())
def test_a_number_never_stands_for_two_packets_and_gaps_stay_gaps(
    given_weather: tuple[int, random.Random, float, float],
) -> None:
    first, chance, lost, doubled = given_weather
    one, line = show(sequence=first), forward()
    line.switch(one.stream)
    packets = [p for n in range(20) for p in one.sender.frame(key=n % 7 == 0, packets=3)]
    sent = one.give(line, list(through(packets, chance, lost, doubled)), 0.0)
    by_number = {opened(data)[0].sequence: data for data in sent}
    assert len(by_number) == len(sent)
    for data in sent:
        packet, _ = opened(data)
        assert packet.payload[-4:] == packets[packet.sequence - 30_000].payload[-4:]
        assert line.again(packet.sequence) == data


def test_what_was_never_given_out_is_not_given_again() -> None:
    one, line = show(), forward()
    assert line.again(30_000) is None
    line.switch(one.stream)
    one.give(line, one.sender.frame(key=True), 0.0)
    assert line.again(29_999) is None
    assert line.again(30_002) is None
    line.switch(None)
    assert line.again(30_000) is None


def test_the_numbers_of_an_earlier_source_are_not_asked_of_a_later_one() -> None:
    one, other, line = show(), show(), forward()
    line.switch(one.stream)
    one.give(line, one.sender.frame(key=True, packets=4), 0.0)
    line.switch(other.stream)
    (sent, *_) = other.give(line, other.sender.frame(key=True, packets=4), 0.1)
    assert opened(sent)[0].sequence == 30_004
    assert line.again(30_003) is None
    assert line.again(30_004) == sent


def test_a_stream_may_run_longer_than_its_numbers_are_wide() -> None:
    one, line = show(sequence=0), forward()
    line.switch(one.stream)
    one.give(line, one.sender.frame(key=True, packets=1), 0.0)
    for count in range(1, 70_000):
        one.sender.sequence = count & 0xFFFF
        if count % 400 == 0:
            (sent,) = one.give(line, one.sender.frame(packets=1), 0.0)
            assert opened(sent)[0].sequence == (30_000 + count) & 0xFFFF


@pytest.mark.parametrize("to", [LONGEST_GAP + 1, 40_000])
def test_a_jump_too_long_for_a_loss_is_another_beginning(to: int) -> None:
    one, line = show(sequence=0), forward()
    line.switch(one.stream)
    one.give(line, one.sender.frame(key=True, packets=1), 0.0)
    one.sender.sequence = to
    assert one.give(line, one.sender.frame(packets=3), 0.1) == []
    assert line.waiting
    (sent,) = one.give(line, one.sender.frame(key=True, packets=1), 0.2)
    assert opened(sent)[0].sequence == 30_001


def test_numbers_that_begin_anew_are_never_taken_for_old_ones() -> None:
    one, line = show(sequence=1000), forward()
    line.switch(one.stream)
    one.give(line, one.sender.frame(key=True, packets=600), 0.0)
    held_up = [p for _ in range(30) for p in one.sender.frame(packets=10)]
    for packet in held_up:
        one.stream.take(packet, 0.1)  # the office has them, the viewer's line does not
    one.sender.sequence = 1350
    assert one.give(line, one.sender.frame(packets=4), 0.2) == []
    assert line.waiting
    assert one.stream.beginning == 1
    (sent,) = one.give(line, one.sender.frame(key=True, packets=1), 0.3)
    assert opened(sent)[0].sequence == 30_600


def test_padding_keeps_its_place_in_the_row() -> None:
    one, line = show(sequence=100), forward()
    line.switch(one.stream)
    one.give(line, one.sender.frame(key=True, packets=1), 0.0)
    (sent,) = one.give(line, [parse(build(96, 101, 5, 7, b""))], 0.0)
    assert parse(sent).sequence == 30_001
    assert parse(sent).payload == b""


def test_a_stream_without_numbers_of_pictures_passes_as_it_is() -> None:
    one, line = show(), forward()
    line.switch(one.stream)
    (sent,) = one.give(line, [parse(build(96, 9, 5, 7, b"\x10" + KEY))], 0.0)
    assert parse(sent).payload == b"\x10" + KEY
