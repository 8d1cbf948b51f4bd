"""The load generator's packets, what counts as keeping up, and what the command line asks for."""

from __future__ import annotations

import math
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import crowds, sound
from benchmarks.crowds import Load
from benchmarks.generator import Line, payload_of

JANUS = Path(__file__).parents[2] / "benchmarks" / "peers" / "janus"
HEADER = bytes([0x80, 111, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3])


@pytest.mark.parametrize(
    ("packet", "payload"),
    [
        (HEADER + b"abc", b"abc"),
        (bytes([0x82]) + HEADER[1:] + bytes(8) + b"abc", b"abc"),
        (bytes([0x90]) + HEADER[1:] + bytes([0xBE, 0xDE, 0, 1, 1, 2, 3, 4]) + b"abc", b"abc"),
        (bytes([0xA0]) + HEADER[1:] + b"abc" + bytes([0, 0, 3]), b"abc"),
    ],
    ids=["plain", "two sources", "extension", "padding"],
)
def test_the_payload_is_found_behind_every_header(packet: bytes, payload: bytes) -> None:
    assert payload_of(packet) == payload


@pytest.fixture
def ends() -> Iterator[tuple[Line, socket.socket]]:
    """A line without SRTP, and the socket it sends to."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    far.setblocking(False)
    with near, far:
        yield Line(name="ana", sock=near, ssrc=7, payload_type=111), far


def received(sock: socket.socket) -> list[bytes]:
    """Everything that is there."""
    packets = []
    while True:
        try:
            packets.append(sock.recv(2048))
        except BlockingIOError:
            return packets


def test_a_line_counts_frames_in_silence_too_and_marks_the_first_packet_after_it(
    ends: tuple[Line, socket.socket],
) -> None:
    line, far = ends
    line.say([b"one", None, None, b"two", b"three"])
    for _ in range(6):
        line.beat()
    packets = received(far)
    assert [payload_of(packet) for packet in packets] == [b"one", b"two", b"three", b"one"]
    assert [packet[1] >> 7 for packet in packets] == [1, 1, 0, 0]
    sequence = [int.from_bytes(packet[2:4], "big") for packet in packets]
    stamps = [int.from_bytes(packet[4:8], "big") for packet in packets]
    assert [one - sequence[0] for one in sequence] == [0, 1, 2, 3]
    assert [one - stamps[0] for one in stamps] == [0, 3 * 960, 4 * 960, 5 * 960]


def test_lost_packets_leave_a_hole_in_the_numbers(ends: tuple[Line, socket.socket]) -> None:
    line, far = ends
    line.say([b"x"])
    line.said, line.loss = [], 0.5
    for _ in range(100):
        line.beat()
    packets = received(far)
    assert len(packets) == sum(not one.lost for one in line.said) < 100
    assert (int.from_bytes(packets[-1][2:4], "big") - int.from_bytes(packets[0][2:4], "big")) % 65536 > len(
        packets
    )


def test_what_is_not_rtp_is_handed_on(ends: tuple[Line, socket.socket]) -> None:
    _, far = ends
    others: list[bytes] = []
    near, sender = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with near, sender:
        line = Line(name="bo", sock=near, ssrc=1, payload_type=111, other=others.append)
        for packet in (b"\x00stun", HEADER + b"abc", bytes([0x80, 200]) + bytes(20)):
            sender.send(packet)
        line.drain()
    assert others == [b"\x00stun"]
    assert line.heard == 1
    assert received(far) == []


LOAD = Load(
    people=100, cpu_share=0.5, cpu_us=100, packets=50, fewest_packets=50, late_share=0.0, encodes=0.3,
    generator_late=0.0, effort="normal",
)  # fmt: skip


@pytest.mark.parametrize(
    ("load", "kept_up"),
    [
        (LOAD, True),
        (replace(LOAD, late_share=0.001), True),
        (replace(LOAD, late_share=0.0011), False),
        (replace(LOAD, cpu_share=1.01), False),
    ],
)
def test_one_late_tick_in_a_thousand_is_allowed(load: Load, kept_up: bool) -> None:
    assert load.kept_up is kept_up


def test_people_per_core_follow_from_the_cost() -> None:
    assert LOAD.per_core == 200
    assert math.isnan(replace(LOAD, cpu_share=0.0).per_core)


@pytest.mark.parametrize(("limit", "expected"), [(137, 100), (100, 100), (20, 100), (300, 150), (1000, 325)])
async def test_the_largest_office_is_found_from_anywhere(
    limit: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def measure(make: object, kind: str, people: int, recordings: object, *, seconds: float) -> Load:
        return replace(LOAD, people=people, late_share=0.0 if people <= limit else 0.5)

    monkeypatch.setattr(crowds, "measure", measure)
    nothing = type("Nothing", (), {})
    good, bad = await crowds.largest(nothing, nothing(), seconds=1, say=lambda text: None, expected=expected)
    steps = min(limit, crowds.LARGEST) // 25 * 25
    assert good.people == max(25, steps)
    assert (bad is None) == (limit >= crowds.LARGEST)


@pytest.mark.parametrize(
    ("options", "subjects"),
    [
        ("", ("direct", "stock", "janus")),
        ("--path stock", ("stock",)),
        ("--path direct --peer janus", ("direct", "janus")),
        ("--path stock --peer janus", ("stock", "janus")),
        ("--peer stock", ("direct", "stock")),
    ],
)
def test_the_command_line_says_who_is_measured(options: str, subjects: tuple[str, ...]) -> None:
    plan = sound.plan_of(sound.parser().parse_args([*options.split(), "--participants", "12"]))
    assert plan.subjects == subjects
    assert plan.participants == 12


def test_lines_come_in_the_order_of_the_table() -> None:
    findings = sound.Findings()
    for metric in reversed(sound.HEADLINE):
        for subject in ("stock", "direct"):
            findings.add(metric, subject, 1.0)
    findings.add(sound.CPU, "janus", 1.0)
    found = [(one.name, one.peer) for one in findings.measurements()]
    names = [metric.name for metric in sound.HEADLINE]
    assert found[:11] == [*((name, None) for name in names), (names[0], "janus"), (names[0], "stock")]
    assert names == [
        "cpu_us_per_participant_tick", "people_per_core", "encodes_per_listener_tick", "mix_panned_us",
        "mix_binaural_us", "added_delay_p95_ms", "loss_recovery_seconds", "dtx_tail_ms", "join_to_sound_ms",
    ]  # fmt: skip


def test_janus_listens_on_loopback_and_a_socket_in_its_own_folder_only() -> None:
    text = {path.name: path.read_text(encoding="utf-8") for path in JANUS.glob("*.jcfg")}
    assert 'local_ip = "127.0.0.1"' in text["janus.plugin.audiobridge.jcfg"]
    assert 'path = "@FOLDER@/api"' in text["janus.transport.pfunix.jcfg"]
    left_out = set(re.findall(r"libjanus_\w+", text["janus.jcfg"]))
    assert {"libjanus_http", "libjanus_websockets", "libjanus_mqtt", "libjanus_rabbitmq"} <= left_out
    assert not {"libjanus_audiobridge", "libjanus_pfunix"} & left_out
