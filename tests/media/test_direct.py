"""The direct path over real sockets: one port, aiortc's ICE and DTLS on the other side."""

from __future__ import annotations

import asyncio
import inspect
import random
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pylibsrtp
import pytest
from aioice import stun
from aiortc import RTCDtlsTransport
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtcpRrPacket, RtcpSrPacket
from hypothesis import given, settings
from hypothesis import strategies as st

from media.adapters.direct import DirectPath, DirectPeer
from media.adapters.ice import IceLite
from media.adapters.mux import MuxSettings, UdpMux, advertised_hosts, own_addresses, parse_ports
from media.adapters.opus import OpusEncoder
from media.adapters.webrtc import WebRtcCaller
from media.audio import FRAME, RATE, Samples, dbfs
from media.errors import NegotiationError
from media.signaling import candidate_hosts, opus_parameters

LIMIT = 8.0


def tone(seconds: float) -> Samples:
    return (0.3 * np.sin(2 * np.pi * 440 * np.arange(int(RATE * seconds)) / RATE)).astype(np.float32)


@asynccontextmanager
async def call(
    path: DirectPath, on_frame: Callable[[Samples], None] | None = None
) -> AsyncIterator[tuple[DirectPeer, WebRtcCaller]]:
    peer, end = path.peer(), WebRtcCaller(on_frame=on_frame)
    try:
        await end.accept(await peer.answer(await end.offer()))
        async with asyncio.timeout(LIMIT):
            await asyncio.gather(peer.connected.wait(), end.connected.wait())
        yield peer, end
    finally:
        await end.close()
        await peer.close()


async def listen(peer: DirectPeer, ready: Callable[[Samples], bool]) -> Samples:
    """Take frames at the pace of the tick until what was heard is enough."""
    frames: list[Samples] = []
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(LIMIT):
        while True:
            frame = np.zeros(FRAME, np.float32)
            peer.take(frame, loop.time())
            frames.append(frame)
            if ready(np.concatenate(frames)):
                return np.concatenate(frames)
            await asyncio.sleep(0.02)


async def test_two_callers_share_one_port_and_are_told_apart() -> None:
    async with DirectPath() as path, call(path) as (ana, ana_end), call(path) as (bo, _):
        assert {port for _, port in path.mux.candidates()} == {path.mux.port}
        ana_end.push(tone(2.0))
        heard = await listen(ana, lambda sound: bool(np.count_nonzero(sound) > RATE // 4))
        assert dbfs(heard[np.flatnonzero(heard)[FRAME] :]) == pytest.approx(dbfs(tone(1.0)), abs=3.0)
        silent = await listen(bo, lambda sound: len(sound) >= 5 * FRAME)
        assert dbfs(silent) < -90
        assert ana.agent.address != bo.agent.address


async def test_the_mix_arrives_in_stereo() -> None:
    heard: list[Samples] = []
    async with DirectPath() as path, call(path, on_frame=heard.append) as (peer, _):
        encoder = OpusEncoder()
        sound = tone(2.0)
        stereo = np.ascontiguousarray(np.stack([sound, 0.25 * sound], axis=1)).reshape(-1, FRAME, 2)
        for frame in stereo:
            peer.send(encoder.encode(frame))
            await asyncio.sleep(0.02)  # the pace of the tick, which is what is tested here
            if sum(dbfs(f) > -30 for f in heard) > 15:
                break
        loud = np.concatenate([f for f in heard if dbfs(f) > -30], axis=1)[:, FRAME * 4 :]
        assert dbfs(loud[0]) - dbfs(loud[1]) == pytest.approx(12.0, abs=1.0)


async def test_the_answer_asks_for_what_saves_and_names_the_advertised_address() -> None:
    async with DirectPath(MuxSettings(advertised=("203.0.113.9",))) as path:
        peer, caller = path.peer(), WebRtcCaller()
        answer = await peer.answer(await caller.offer())
        assert candidate_hosts(answer) == ["203.0.113.9"]
        assert "a=ice-lite" in answer
        assert opus_parameters(answer) == {
            "minptime": "10", "useinbandfec": "1", "usedtx": "1", "stereo": "0", "sprop-stereo": "1",
        }  # fmt: skip
        await caller.close()
        await peer.close()


async def test_receiver_reports_tell_what_was_lost() -> None:
    async with DirectPath() as path, call(path) as (peer, end):
        end.push(tone(1.0))
        await listen(peer, lambda sound: bool(np.count_nonzero(sound) > RATE // 4))
        real, skipped = peer.take_opened, iter(range(10))

        def lossy(data: bytes, now: float) -> None:
            if next(skipped, None) is None:
                real(data, now)

        peer.take_opened = lossy  # type: ignore[method-assign]
        end.push(tone(1.0))
        await listen(peer, lambda sound: len(sound) >= 40 * FRAME)
        report = peer.report(asyncio.get_running_loop().time())[0]
        assert isinstance(report, RtcpRrPacket | RtcpSrPacket)
        (info,) = report.reports
        assert info.packets_lost == 10
        assert peer.numbers()["packets_lost"] == 10
        assert len(bytes(report)) > 0


async def test_an_ice_restart_keeps_the_call() -> None:
    async with DirectPath() as path, call(path) as (peer, end):
        offer = end._pc.localDescription.sdp
        before = peer.agent.ufrag
        again = offer.replace(f"a=ice-ufrag:{peer._offer_ufrag}", "a=ice-ufrag:ANEW")
        assert peer.continues(again)
        answer = await peer.answer(again)
        assert f"a=ice-ufrag:{peer.agent.ufrag}" in answer
        assert peer.agent.ufrag != before
        end.push(tone(1.0))
        await listen(peer, lambda sound: bool(np.count_nonzero(sound) > RATE // 4))
        assert peer.state == "connected"


async def test_an_offer_of_somebody_else_is_no_restart() -> None:
    async with DirectPath() as path, call(path) as (peer, _):
        stranger = WebRtcCaller()
        offer = await stranger.offer()
        assert not peer.continues(offer)
        with pytest.raises(NegotiationError, match="another connection"):
            await peer.answer(offer)
        await stranger.close()


@pytest.mark.parametrize(
    ("offer", "reason"),
    [
        ("", "could not be read"),
        ("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "no ICE"),
        ("v=0\r\nnonsense" * 9, "could not be read"),
        ("x" * 70_000, "70000 characters"),
    ],
)
async def test_an_offer_that_cannot_be_used_says_why(offer: str, reason: str) -> None:
    async with DirectPath() as path:
        peer = path.peer()
        with pytest.raises(NegotiationError, match=reason):
            await peer.answer(offer)
        assert len(path.mux) == 0
        await peer.close()


async def test_who_goes_without_a_word_is_noticed() -> None:
    async with DirectPath() as path, call(path) as (peer, _):
        assert not peer.overdue(peer.agent.last_check + 14.0)
        assert peer.overdue(peer.agent.last_check + 16.0)
        peer.give_up()
        assert peer.ended.is_set()


async def test_a_report_that_fails_is_counted_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    async with DirectPath() as path, call(path) as (ana, _), call(path) as (bo, _):
        sent: list[object] = []
        ana.report = lambda now: 1 / 0  # type: ignore[method-assign,assignment,return-value]
        bo.send_rtcp = sent.append  # type: ignore[method-assign,assignment]
        for peer in (ana, bo):
            path._look_at(peer, peer.agent.last_check)
        assert (ana.faults, bo.faults) == (1, 0)
        assert ana.counts()["faults"] == 1
        assert len(sent) == 1
        assert "report failed" in caplog.text


async def test_closing_gives_everything_back() -> None:
    async with DirectPath() as path:
        async with call(path):
            assert len(path.mux) == 1
        assert len(path.mux) == 0
        assert not path.mux._by_address
    assert path.mux.port == 0
    assert {task.get_name() for task in asyncio.all_tasks()}.isdisjoint({"DTLS handshake", "media reports"})


async def test_the_next_port_of_the_range_is_taken_and_a_full_range_says_so() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((own_addresses()[0], 0))
        port = taken.getsockname()[1]
        async with DirectPath(MuxSettings(ports=range(port, port + 20))) as path:
            assert port < path.mux.port < port + 20
        with pytest.raises(NegotiationError, match="--media-ports"):
            async with DirectPath(MuxSettings(ports=range(port, port + 1))):
                pass


@pytest.mark.parametrize(
    ("text", "ports"), [("0", range(1)), ("40000", range(40000, 40001)), ("5-7", range(5, 8))]
)
def test_ports_are_read(text: str, ports: range) -> None:
    assert parse_ports(text) == ports


@pytest.mark.parametrize("text", ["", "x", "7-5", "70000", "-1", "0-5"])
def test_ports_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  int() has words of its own
        parse_ports(text)


def test_an_advertised_name_is_refused() -> None:
    assert advertised_hosts(["203.0.113.9", "2001:db8::1"]) == ("203.0.113.9", "2001:db8::1")
    with pytest.raises(ValueError, match=r"office\.example"):
        advertised_hosts(["office.example"])


class Sink:
    """A socket that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, object]] = []

    def sendto(self, data: bytes, address: object) -> int:
        self.sent.append((data, address))
        return len(data)


def request(agent: IceLite, *, password: str | None = None, nominate: bool = False) -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = f"{agent.ufrag}:them"
    if nominate:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity((password or agent.password).encode())
    return bytes(message)


def ready() -> tuple[UdpMux, IceLite, Sink, list[bytes]]:
    media: list[bytes] = []
    mux, out = UdpMux(), Sink()
    agent = IceLite(lambda data, now: media.append(data), lambda: None, now=0.0)
    mux.add(agent)
    return mux, agent, out, media


def test_a_check_is_answered_and_opens_the_way_for_media() -> None:
    mux, agent, out, media = ready()
    here, there = ("198.51.100.1", 5000), ("198.51.100.2", 6000)
    mux.receive(out, b"\x80too early", here, 0.0)  # type: ignore[arg-type]
    assert media == []
    mux.receive(out, request(agent), here, 1.0)  # type: ignore[arg-type]
    answer = stun.parse_message(out.sent[0][0])
    assert answer.message_class == stun.Class.RESPONSE
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == here
    assert answer.check_message_integrity(agent.password.encode())
    mux.receive(out, b"\x80media", here, 1.0)  # type: ignore[arg-type]
    assert media == [b"\x80media"]
    assert (agent.address, agent.last_check) == (here, 1.0)
    mux.receive(out, request(agent), there, 2.0)  # type: ignore[arg-type]
    assert agent.address == here, "a check alone moves nothing"
    mux.receive(out, request(agent, nominate=True), there, 3.0)  # type: ignore[arg-type]
    assert agent.address == there, "the browser decides: a new network, the same call"


def test_a_wrong_password_or_name_gets_no_answer() -> None:
    mux, agent, out, _ = ready()
    mux.receive(out, request(agent, password="guessed"), ("198.51.100.1", 1), 0.0)  # type: ignore[arg-type]
    mux.remove(agent)
    mux.receive(out, request(agent), ("198.51.100.1", 1), 0.0)  # type: ignore[arg-type]
    assert out.sent == []
    assert mux.counters.refused == 2


def test_one_browser_cannot_fill_the_memory_with_addresses() -> None:
    mux, agent, out, media = ready()
    home = ("198.51.100.1", 1)
    mux.receive(out, request(agent, nominate=True), home, 0.0)  # type: ignore[arg-type]
    for port in range(2, 200):
        mux.receive(out, request(agent), ("198.51.100.1", port), 0.0)  # type: ignore[arg-type]
    assert len(mux._by_address) <= 16
    mux.receive(out, b"\x80still here", home, 0.0)  # type: ignore[arg-type]
    assert media == [b"\x80still here"]


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_datagram_is_taken_or_counted(data: bytes) -> None:
    mux, agent, out, media = ready()
    mux.receive(out, request(agent), ("198.51.100.1", 1), 0.0)  # type: ignore[arg-type]
    out.sent.clear()
    for address in (("198.51.100.1", 1), ("198.51.100.9", 9)):
        mux.receive(out, data, address, 0.0)  # type: ignore[arg-type]
    counters = mux.counters
    dropped = counters.strangers + counters.malformed + counters.refused
    assert dropped + len(media) + len(agent._handshake) == 2
    assert out.sent == []


async def test_a_storm_of_broken_packets_only_counts() -> None:
    chance = random.Random(7)
    async with DirectPath() as path, call(path) as (peer, end):
        address, out = peer.agent.address, peer.agent.out
        assert address is not None
        assert isinstance(out, socket.socket)
        for _ in range(500):
            first = chance.choice([0, 1, 22, 64, 128, 144, 191, 200])
            data = bytes([first]) + chance.randbytes(chance.randrange(200))
            path.mux.receive(out, data, address, 0.0)
        assert peer.malformed > 0
        assert path.mux.counters.malformed > 0
        end.push(tone(1.0))
        await listen(peer, lambda sound: bool(np.count_nonzero(sound) > RATE // 4))
        assert peer.state == "connected"


async def test_whatever_an_authentic_browser_sends_is_taken_or_counted() -> None:
    chance = random.Random(11)
    async with DirectPath() as path:
        peer = path.peer()
        peer._open = peer._open_rtcp = lambda data: data  # as if it had been sealed with the right keys
        for _ in range(5_000):
            head = bytes([0x80 | chance.randrange(64), chance.choice([111, 96, 200, 201, 203, 205, 206])])
            size = bytes([0, chance.randrange(12)])
            peer._take_media(head + size + chance.randbytes(chance.randrange(60)), 0.0)
        assert peer.malformed > 1_000
        assert peer.reception.waiting < 200
        await peer.close()


def test_the_private_names_of_aiortc_are_where_they_were() -> None:
    """The direct path stands on these; when this fails, aiortc was changed under it (see decision 0020)."""
    source = inspect.getsource(RTCDtlsTransport)
    for name in (
        "self._rx_srtp",
        "self._tx_srtp",
        "_set_role",
        "self.transport._recv()",
        "self.transport._send(data)",
    ):
        assert name in source, name
    assert 'emit("statechange")' in source
    assert list(inspect.signature(RTCDtlsTransport.start).parameters) == ["self", "remoteParameters"]
    for name in ("unprotect", "unprotect_rtcp", "protect", "protect_rtcp"):
        assert callable(getattr(pylibsrtp.Session, name))
    counted = StreamStatistics(RATE)
    for name in ("max_seq", "cycles", "fraction_lost", "packets_received", "packets_lost", "jitter"):
        assert name in dir(counted)
