from __future__ import annotations

import asyncio
import contextlib
import random
import threading

import aioice.ice
import numpy as np
import pytest
from av import AudioFrame, Packet

from media.adapters.tracks import QUEUED, SETTLED, EncodedMixTrack, MixTrack
from media.adapters.webrtc import WebRtcCaller, WebRtcPeer, gather_on_loopback_if_alone
from media.audio import FRAME, RATE, Samples, dbfs
from media.errors import NegotiationError, ShapeError
from media.signaling import candidate_hosts, opus_parameters

LIMIT = 8.0


def tone(seconds: float, frequency: float = 440.0, level: float = 0.3) -> Samples:
    return (level * np.sin(2 * np.pi * frequency * np.arange(int(RATE * seconds)) / RATE)).astype(np.float32)


class Ear:
    """Collects frames and lets a test wait for something to be heard."""

    def __init__(self) -> None:
        self.frames: list[Samples] = []
        self.news = asyncio.Event()

    def __call__(self, frame: Samples) -> None:
        self.frames.append(frame)
        self.news.set()

    async def loud(self, count: int) -> Samples:
        async with asyncio.timeout(LIMIT):
            while len(found := [f for f in self.frames if dbfs(f) > -40.0]) < count:
                self.news.clear()
                await self.news.wait()
        return np.concatenate(found, axis=-1)


async def frame_of(track: MixTrack) -> AudioFrame:
    frame = await track.recv()
    assert isinstance(frame, AudioFrame)
    return frame


async def connect(peer: WebRtcPeer, caller: WebRtcCaller, *, change_offer: str = "") -> None:
    offer = await caller.offer()
    if change_offer:
        offer = "\r\n".join(
            line.replace(candidate_hosts(line)[0], change_offer) if candidate_hosts(line) else line
            for line in offer.splitlines()
        )
        offer += "\r\n"
    await caller.accept(await peer.answer(offer))
    async with asyncio.timeout(LIMIT):
        await asyncio.gather(peer.connected.wait(), caller.connected.wait())


@pytest.mark.parametrize("stock", [False, True])
async def test_sound_flows_both_ways_and_left_stays_left(stock: bool) -> None:
    at_server, at_home = Ear(), Ear()
    states: list[str] = []
    peer = WebRtcPeer(on_frame=at_server, on_state=states.append, stock_encoder=stock)
    caller = WebRtcCaller(on_frame=at_home)
    threads = threading.active_count()
    try:
        await connect(peer, caller)
        assert "connected" in states
        caller.push(tone(1.0))
        heard = await at_server.loud(15)
        assert {f.shape for f in at_server.frames} == {(FRAME,)}
        assert dbfs(heard[FRAME * 5 :]) == pytest.approx(dbfs(tone(1.0)), abs=1.0)
        spectrum = np.abs(np.fft.rfft(heard[FRAME * 5 : FRAME * 15]))
        assert np.argmax(spectrum) * RATE / (FRAME * 10) == pytest.approx(440, abs=10)

        wave = tone(2.0, 1000.0).reshape(-1, FRAME)
        for frame in wave[:40]:
            peer.push(np.stack([0.8 * frame, 0.2 * frame]))
            async with asyncio.timeout(LIMIT):
                at_home.news.clear()
                await at_home.news.wait()
        stereo = (await at_home.loud(10))[:, FRAME * 4 :]
        assert dbfs(stereo[0]) - dbfs(stereo[1]) == pytest.approx(12.04, abs=1.5)
    finally:
        await asyncio.gather(peer.close(), caller.close())
    await peer.close()
    assert peer.ended.is_set()
    others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
    async with asyncio.timeout(LIMIT):
        await asyncio.gather(*others, return_exceptions=True)
    decoders = [t for t in threading.enumerate() if "decoder" in t.name]
    for thread in decoders:
        await asyncio.to_thread(thread.join, 2.0)
    assert not [t for t in decoders if t.is_alive()]
    assert threads >= 1


async def test_the_answer_says_stereo_and_keeps_the_rest() -> None:
    peer, caller = WebRtcPeer(), WebRtcCaller()
    try:
        offer = await caller.offer()
        assert opus_parameters(offer)["stereo"] == "1"
        answer = await peer.answer(offer)
        assert opus_parameters(answer)["stereo"] == "1"
        assert opus_parameters(answer)["sprop-stereo"] == "1"
        assert "usedtx" not in opus_parameters(answer)
        assert "a=sendrecv" in answer
    finally:
        await asyncio.gather(peer.close(), caller.close())


async def test_a_listener_without_a_microphone_hears() -> None:
    ear = Ear()
    peer, caller = WebRtcPeer(on_frame=lambda _: None), WebRtcCaller(on_frame=ear, speaks=False)
    try:
        await connect(peer, caller)
        for frame in tone(1.0).reshape(-1, FRAME)[:30]:
            peer.push(np.stack([frame, frame]))
            ear.news.clear()
            async with asyncio.timeout(LIMIT):
                await ear.news.wait()
        await ear.loud(5)
        with pytest.raises(NegotiationError, match="no microphone"):
            caller.push(tone(0.1))
    finally:
        await asyncio.gather(peer.close(), caller.close())


async def test_a_browser_that_hides_its_address_is_found_by_its_own_checks() -> None:
    peer, caller = WebRtcPeer(), WebRtcCaller()
    try:
        await connect(peer, caller, change_offer="6f6c2a1c-94a8-4f3c-8d6d-9c9b0d7b1f00.local")
    finally:
        await asyncio.gather(peer.close(), caller.close())


async def test_a_machine_with_loopback_only_connects_over_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: [])
    peer, caller = WebRtcPeer(), WebRtcCaller()
    try:
        await connect(peer, caller)
        offered = candidate_hosts(caller._pc.localDescription.sdp)
        assert offered == ["127.0.0.1"]
    finally:
        await asyncio.gather(peer.close(), caller.close())


def test_the_loopback_fallback_leaves_real_addresses_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["198.51.100.7"])
    gather_on_loopback_if_alone()
    wrapped = aioice.ice.get_host_addresses
    gather_on_loopback_if_alone()
    assert aioice.ice.get_host_addresses is wrapped
    assert wrapped(True, True) == ["198.51.100.7"]


async def test_a_caller_knows_when_it_has_said_everything() -> None:
    ear = Ear()
    peer, caller = WebRtcPeer(on_frame=ear), WebRtcCaller()
    try:
        await connect(peer, caller)
        await caller.said()
        started = asyncio.get_running_loop().time()
        caller.push(tone(0.301))
        assert caller.seconds_left == pytest.approx(0.3)
        async with asyncio.timeout(LIMIT):
            await caller.said()
        assert asyncio.get_running_loop().time() - started > 0.28
        assert caller.seconds_left == 0.0
        caller.push(tone(60.0))
        waiting = asyncio.ensure_future(caller.said())
        await caller.close()
        async with asyncio.timeout(LIMIT):
            await waiting
    finally:
        await asyncio.gather(peer.close(), caller.close())


@pytest.mark.parametrize(
    ("offer", "reason"),
    [
        ("", "no audio line"),
        ("v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "no audio line"),
        ("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=rtpmap:0 PCMU/8000\r\n", "no Opus"),
        ("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n", "could not be read"),
        ("v=0\r\nm=audio x y\r\na=rtpmap:111 opus/48000/2\r\n", "could not be read"),
        ("v=0" + "x" * 70_000, "characters"),
    ],
)
async def test_an_offer_that_cannot_be_used_says_why(offer: str, reason: str) -> None:
    peer = WebRtcPeer()
    try:
        with pytest.raises(NegotiationError, match=reason):
            await peer.answer(offer)
    finally:
        await peer.close()


async def test_garbled_offers_are_answered_or_refused_and_nothing_else() -> None:
    caller, dice = WebRtcCaller(), random.Random(7)
    lines = (await caller.offer()).split("\r\n")
    for _ in range(40):
        garbled = list(lines)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(garbled))
            words = garbled[at].split(" ")
            words[dice.randrange(len(words))] = dice.choice(["999999", "-1", "x", "", "0"])
            garbled[at] = dice.choice([" ".join(words), garbled[at][: dice.randrange(len(garbled[at]) + 1)], ""])
        peer = WebRtcPeer()
        with contextlib.suppress(NegotiationError):
            await peer.answer("\r\n".join(garbled))
        await peer.close()
    await caller.close()


async def test_a_peer_that_never_connected_closes_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    peer, caller = WebRtcPeer(on_frame=lambda _: None), WebRtcCaller()
    await peer.answer(await caller.offer())
    await peer.close()
    await caller.close()
    others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
    async with asyncio.timeout(LIMIT):
        await asyncio.gather(*others, return_exceptions=True)
    assert not [t for t in threading.enumerate() if "decoder" in t.name and t.is_alive()]


async def test_the_mix_track_sends_what_was_pushed_and_silence_when_it_is_late() -> None:
    track = MixTrack()
    frame = np.stack([np.full(FRAME, 0.5, np.float32), np.full(FRAME, -0.25, np.float32)])
    track.push(frame)
    sent = (await frame_of(track)).to_ndarray().reshape(-1, 2)
    assert set(sent[:, 0]) == {16384}
    assert set(sent[:, 1]) == {-8192}
    late = await frame_of(track)
    assert not late.to_ndarray().any()
    assert (late.pts, late.sample_rate, track.silent_frames) == (FRAME, RATE, 1)
    for _ in range(QUEUED + 2):
        track.push(frame)
    assert track.dropped_frames == 2
    with pytest.raises(ShapeError):
        track.push(np.zeros((960, 2), np.float32))


async def test_zeros_are_exact_silence_before_the_encoder() -> None:
    track = MixTrack()
    track.push(np.zeros((2, FRAME), np.float32))
    assert not (await frame_of(track)).to_ndarray().any()


async def test_packets_come_one_a_frame_and_long_silence_is_encoded_once() -> None:
    track = EncodedMixTrack()
    sizes, stamps = [], []
    wave = tone(1.0).reshape(-1, FRAME)
    silence = np.zeros((2, FRAME), np.float32)
    for stereo in [
        *(np.stack([f, f]) for f in wave[:10]),
        *[silence] * 40,
        *(np.stack([f, f]) for f in wave[10:20]),
    ]:
        track.push(stereo)
        packet = await track.recv()
        assert isinstance(packet, Packet)
        sizes.append(packet.size)
        stamps.append(packet.pts)
    assert np.diff([s for s in stamps if s is not None]).tolist() == [FRAME] * (len(stamps) - 1)
    assert max(sizes[10 + SETTLED : 50]) < 10
    assert min(sizes[:9] + sizes[51:]) > 40
