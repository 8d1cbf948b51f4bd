from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import NegotiationError
from media.rtp import Rtp
from media.video import HISTORY, Allowance, Stream, VideoLines, VideoSettings
from media.vp8 import Vp8

KEY = b"\x10\x10\x02\x00\x9d\x01\x2a\x40\x01\xf0\x00"
INTER = b"\x10\x11\x02\x00"


def packet(sequence: int, payload: bytes = INTER) -> Rtp:
    return Rtp(96, True, sequence & 0xFFFF, 0, 7, payload)


def fed(*sequences: int, now: float = 0.0) -> Stream:
    stream = Stream("screen", VideoSettings())
    for sequence in sequences:
        stream.take(packet(sequence), now)
    return stream


@pytest.mark.parametrize(
    ("arrived", "missing"),
    [
        ((5, 6, 7), []),
        ((5, 8), [6, 7]),
        ((5, 8, 6), [7]),
        ((65_534, 1), [0, 65_535]),
        ((5, 5, 7, 7), [6]),
        ((9, 5, 11), [10]),
    ],
)  # fmt: skip
def test_what_did_not_come_is_asked_for_once_it_is_late(arrived: tuple[int, ...], missing: list[int]) -> None:
    stream = fed(*arrived)
    assert stream.due(0.005) == []
    assert stream.due(0.02) == missing
    assert stream.due(0.03) == []
    assert stream.due(0.13) == missing


def test_after_some_asking_only_a_key_picture_helps() -> None:
    stream = fed(5, 7)
    asked = [stream.due(0.02 + n * 0.11) for n in range(6)]
    assert asked == [[6]] * 4 + [[], []]
    assert stream.broken
    assert not stream.missing
    stream.take(packet(8, KEY), 1.0)
    assert not stream.broken


def test_a_hole_too_large_to_mend_is_not_asked_for() -> None:
    stream = fed(5, 5 + HISTORY - 1)
    assert stream.due(1.0) == []
    assert stream.broken


@pytest.mark.parametrize("far", [600, 40_000, 65_000])
def test_one_packet_far_from_the_rest_is_a_stray_and_two_are_another_beginning(far: int) -> None:
    stream = fed(5, far, 6)
    assert stream.stray == 1
    assert [stream.take(packet(n), 0.0) is not None for n in (7, far, far + 1, far + 2)] == [
        True,
        False,
        True,
        True,
    ]
    assert stream.broken
    assert stream.find(7) is None
    assert stream.due(1.0) == []


@given(st.lists(st.integers(0, 65_535), max_size=400))
def test_never_is_more_remembered_as_missing_than_can_be_kept(sequences: list[int]) -> None:
    stream = fed(*sequences)
    due = stream.due(0.1)
    assert len(due) < HISTORY
    assert due == sorted(set(due))


@given(st.lists(st.integers(0, 700), max_size=200))
def test_the_last_packets_can_be_found_each_under_its_number(sequences: list[int]) -> None:
    stream = Stream("screen", VideoSettings())
    taken: list[int] = []
    for sequence in sequences:
        if stream.take(packet(sequence), 0.0) is not None:
            taken.append(sequence)
    assert len(taken) == stream.packets
    assert stream.packets + stream.repeated + stream.stray == len(sequences)
    for number in range(700):
        kept = stream.find(number)
        assert kept is None or kept[0].sequence == number
    assert not taken or stream.find(taken[-1]) is not None


def test_a_packet_that_came_already_is_given_to_nobody() -> None:
    stream = fed(5, 6)
    assert stream.take(packet(5), 0.0) is None
    assert stream.repeated == 1


def test_what_is_no_vp8_is_counted_and_given_to_nobody() -> None:
    stream = fed(5)
    assert stream.take(packet(6, b"\x80"), 0.0) is None
    assert stream.malformed == 1


def test_who_sends_more_than_is_allowed_is_cut_off_until_it_is_less() -> None:
    stream = Stream("camera", VideoSettings(camera_bps=8000, burst_seconds=2.0))
    big = INTER + b"." * 996
    taken = [stream.take(packet(n, big), 10.0) for n in range(4)]
    assert [one is not None for one in taken] == [True, True, False, False]
    assert stream.over == 2
    assert stream.take(packet(4, big), 10.9) is not None
    assert isinstance(stream.find(4), tuple)


def test_key_pictures_are_asked_for_seldom() -> None:
    stream = fed(5)
    assert [stream.ask_key(now) for now in (0.0, 0.1, 0.49, 0.5, 0.9, 1.1)] == [
        True,
        False,
        False,
        True,
        False,
        True,
    ]


def test_padding_is_taken_too() -> None:
    vp8 = fed(5).take(packet(6, b""), 0.0)
    assert isinstance(vp8, Vp8)
    assert not vp8.key


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 50)), max_size=50))
def test_never_is_more_allowed_than_the_rate_and_the_burst(asked: list[tuple[float, float]]) -> None:
    allowance, now, used = Allowance(per_second=10.0, at_once=30.0), 100.0, 0.0
    for after, amount in asked:
        now += after
        used += amount if allowance.take(amount, now) else 0.0
    assert used <= 30.0 + (now - 100.0) * 10.0 + 1e-6


def offer(*ways: str, kind: str = "video") -> str:
    lines = [f"m={kind} 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:{n}\r\na={way}\r\n" for n, way in enumerate(ways)]
    return "v=0\r\ns=-\r\nt=0 0\r\n" + "".join(lines)


WAYS = ["sendonly"] * 2 + ["recvonly"] * 8


def test_the_lines_of_an_offer_are_told_by_their_order() -> None:
    lines = VideoLines.read(offer(*WAYS))
    assert lines.sends == {"camera": "0", "screen": "1"}
    assert lines.sees == {"screen": ("2", "3"), "camera": ("4", "5", "6", "7", "8", "9")}


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        offer(),
        offer(*WAYS[1:]),
        offer(*WAYS, "recvonly"),
        offer(*WAYS[:-1], "sendrecv"),
        offer(*WAYS, kind="audio"),
        offer(*WAYS).replace("mid:3", "mid:2"),
        offer(*WAYS).replace("a=mid:3\r\n", ""),
    ],
)
def test_an_offer_laid_out_otherwise_is_refused(sdp: str) -> None:
    with pytest.raises(NegotiationError):
        VideoLines.read(sdp)
