"""Video over the direct path and real sockets; aiortc is the browser on the other side."""

from __future__ import annotations

import asyncio
import fractions
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.rtp import RtcpPsfbPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSrPacket, unpack_remb_fci
from av import VideoFrame

from media.adapters.direct import DirectPath
from media.adapters.video import VideoPeer
from media.errors import NegotiationError
from media.rtp import Rtp, build, is_rtcp
from media.video import Stream
from media.vp8 import Vp8

LIMIT = 10.0
Colour = tuple[int, int, int]
RED, GREEN = (220, 20, 20), (20, 200, 20)


class Plain(VideoStreamTrack):
    """A small picture of one colour, 20 times a second."""

    def __init__(self, colour: Colour) -> None:
        super().__init__()
        self._count = 0
        self.paint(colour)

    def paint(self, colour: Colour) -> None:
        self._picture = np.full((48, 64, 3), colour, np.uint8)

    async def recv(self) -> VideoFrame:
        await asyncio.sleep(0.05)  # the pace of the pictures
        self._count += 1
        frame = VideoFrame.from_ndarray(self._picture, "rgb24")
        frame.pts, frame.time_base = self._count * 4500, fractions.Fraction(1, 90_000)
        return frame


class Browser:
    """The other end of a video connection: a camera and a screen out, eight lines in."""

    def __init__(self, screen: Colour | None = None) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.pc.addTransceiver("video", direction="sendonly")
        self.screen = Plain(screen or (0, 0, 0))
        self.pc.addTransceiver("video" if screen is None else self.screen, direction="sendonly")
        for _ in range(8):
            self.pc.addTransceiver("video", direction="recvonly")

    async def offer(self) -> str:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return self.pc.localDescription.sdp

    async def accept(self, answer: str) -> None:
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))

    async def colour(self, line: int, like: Colour) -> npt.NDArray[np.float64]:
        """Look at a line (2..9) until it has this colour; the colour then seen."""
        track = self.pc.getTransceivers()[line].receiver.track
        async with asyncio.timeout(LIMIT):
            while True:
                frame = await track.recv()
                assert isinstance(frame, VideoFrame)
                picture = frame.to_ndarray(format="rgb24")
                seen: npt.NDArray[np.float64] = picture.mean(axis=(0, 1))
                if np.abs(seen - like).max() < 25:
                    return seen


class Hall:
    """Everybody's peers behind one port; `show` says whose screen is on whose line."""

    def __init__(self, path: DirectPath) -> None:
        self.path = path
        self.asked: list[VideoPeer] = []
        self._shown: list[tuple[VideoPeer, str, Stream]] = []
        self._owner: dict[int, VideoPeer] = {}

    @asynccontextmanager
    async def enter(self, browser: Browser) -> AsyncIterator[VideoPeer]:
        peer = VideoPeer(self.path.mux, self.path.certificate, on_packet=self._pass_on, on_blind=self._blind)
        self.path.look_after(peer)
        try:
            await browser.accept(await peer.answer(await browser.offer()))
            async with asyncio.timeout(LIMIT):
                await peer.connected.wait()
            for stream in peer.streams.values():
                self._owner[id(stream)] = peer
            yield peer
        finally:
            await browser.pc.close()
            await peer.close()

    def show(self, viewer: VideoPeer, mid: str, owner: VideoPeer) -> None:
        viewer.forwards[mid].switch(owner.streams["screen"])
        self._shown = [one for one in self._shown if one[:2] != (viewer, mid)]
        self._shown.append((viewer, mid, owner.streams["screen"]))
        self._blind(viewer.forwards[mid], asyncio.get_running_loop().time())

    def _pass_on(self, stream: Stream, packet: Rtp, vp8: Vp8, now: float) -> None:
        for viewer, mid, shown in self._shown:
            if shown is stream:
                out = viewer.forwards[mid].take(packet, vp8, now)
                if out is not None:
                    viewer.send_rtp(out)

    def _blind(self, forward: object, now: float) -> None:
        for viewer, mid, stream in self._shown:
            if viewer.forwards[mid] is forward and stream.ask_key(now):
                self.asked.append(self._owner[id(stream)])
                self._owner[id(stream)].ask_key(stream)


async def test_a_screen_is_seen_at_the_other_side_and_then_another_one_on_the_same_line() -> None:
    async with DirectPath() as path:
        hall, ana_end, ben_end, cem_end = Hall(path), Browser(RED), Browser(GREEN), Browser()
        async with hall.enter(ana_end) as ana, hall.enter(ben_end) as ben, hall.enter(cem_end) as cem:
            hall.show(cem, "3", ana)
            await cem_end.colour(3, RED)
            hall.show(cem, "3", ben)
            await cem_end.colour(3, GREEN)
            hall.show(cem, "3", ana)
            await cem_end.colour(3, RED)
            assert {id(one) for one in hall.asked} >= {id(ana), id(ben)}


async def test_what_is_lost_on_the_way_to_a_viewer_is_given_again() -> None:
    async with DirectPath() as path:
        hall, ana_end, ben_end = Hall(path), Browser(RED), Browser()
        async with hall.enter(ana_end) as ana, hall.enter(ben_end) as ben:
            given = asyncio.Event()
            real = ben.send_rtp
            lost: set[int] = set()

            def lossy(packet: bytes) -> None:
                number = int.from_bytes(packet[2:4], "big")
                if number % 5 == 0 and number not in lost:
                    lost.add(number)
                    return
                if number in lost:
                    given.set()
                real(packet)

            ben.send_rtp = lossy  # type: ignore[method-assign]
            hall.show(ben, "2", ana)
            await ben_end.colour(2, RED)
            async with asyncio.timeout(LIMIT):
                await given.wait()


async def test_what_is_lost_on_the_way_up_is_asked_for_and_comes() -> None:
    async with DirectPath() as path:
        hall, ana_end, ben_end = Hall(path), Browser(RED), Browser()
        async with hall.enter(ana_end) as ana, hall.enter(ben_end) as ben:
            back = asyncio.Event()
            real = ana.agent.on_media
            lost: set[int] = set()

            def lossy(data: bytes, now: float) -> None:
                number = int.from_bytes(data[2:4], "big")
                if not is_rtcp(data) and number % 5 == 0 and number not in lost:
                    lost.add(number)
                    return
                if not is_rtcp(data) and number in lost:
                    back.set()
                real(data, now)

            ana.agent.on_media = lossy
            hall.show(ben, "2", ana)
            await ben_end.colour(2, RED)
            async with asyncio.timeout(LIMIT):
                await back.wait()


async def test_a_lossy_network_holds_up_pictures_but_never_freezes_them() -> None:
    chance = random.Random(5)

    def lossy(real: Callable[..., None]) -> Callable[..., None]:
        def pass_on(*packet: Any) -> None:
            if is_rtcp(packet[0]) or chance.random() >= 0.05:
                real(*packet)

        return pass_on

    async with DirectPath() as path:
        hall, ana_end, ben_end = Hall(path), Browser(RED), Browser()
        async with hall.enter(ana_end) as ana, hall.enter(ben_end) as ben:
            ana.agent.on_media = lossy(ana.agent.on_media)
            ben.agent.send = lossy(ben.agent.send)  # type: ignore[method-assign]
            hall.show(ben, "2", ana)
            for colour in (RED, GREEN, RED, GREEN, RED):
                ana_end.screen.paint(colour)
                await ben_end.colour(2, colour)


async def test_whatever_an_honest_key_seals_breaks_nothing() -> None:
    """Packets that open, from somebody inside who means ill: junk as pictures, requests and reports."""
    chance = random.Random(11)
    async with DirectPath() as path:
        hall, ana_end, ben_end = Hall(path), Browser(RED), Browser()
        async with hall.enter(ana_end) as ana, hall.enter(ben_end) as ben:
            hall.show(ben, "2", ana)
            await ben_end.colour(2, RED)
            own = next(iter(ana._by_ssrc))
            for peer in (ana, ben):
                open_rtp, open_rtcp = peer._open, peer._open_rtcp
                peer._open = peer._open_rtcp = bytes
                for _ in range(2000):
                    ssrc = chance.choice([own, ben.forwards["2"].ssrc, chance.getrandbits(32)])
                    body = ssrc.to_bytes(4, "big") + chance.randbytes(chance.randrange(60) * 4)
                    head = chance.randbytes(2) + chance.choice([b"", ssrc.to_bytes(4, "big")])
                    rtp = bytes((0x80 | chance.choice([0, 0x10, 0x20, 0x05]), 97)) + chance.randbytes(6) + body
                    kind = chance.choice([200, 201, 202, 203, 205, 206])
                    words = (len(body) + len(head) - 2) // 4
                    rtcp = bytes((0x80 | chance.randrange(32), kind)) + words.to_bytes(2, "big") + head[2:] + body
                    peer._take_media(chance.choice([rtp, rtcp]), asyncio.get_running_loop().time())
                peer._open, peer._open_rtcp = open_rtp, open_rtcp
                assert peer.state == "connected"
                assert peer.malformed > 0
            hall.show(ben, "2", ana)
            ana_end.screen.paint(GREEN)
            await ben_end.colour(2, GREEN)


async def test_reports_say_what_came_what_went_and_how_much_may_come() -> None:
    async with DirectPath() as path:
        hall, ana_end, ben_end = Hall(path), Browser(RED), Browser()
        async with hall.enter(ana_end) as ana, hall.enter(ben_end) as ben:
            hall.show(ben, "2", ana)
            await ben_end.colour(2, RED)
            now = asyncio.get_running_loop().time()
            to_ana, to_ben = ana.report(now), ben.report(now)
            (received,) = [one for packet in to_ana if isinstance(packet, RtcpRrPacket) for one in packet.reports]
            assert received.packets_lost == 0
            (limit,) = [packet for packet in to_ana if isinstance(packet, RtcpPsfbPacket)]
            assert unpack_remb_fci(limit.fci)[0] == pytest.approx(1_650_000, rel=0.01)
            (sent,) = [packet for packet in to_ben if isinstance(packet, RtcpSrPacket)]
            assert sent.ssrc == ben.forwards["2"].ssrc
            assert sent.sender_info.packet_count == ben.forwards["2"].packets > 0
            assert all(bytes(packet) for packet in [*to_ana, *to_ben])


async def test_a_viewer_may_not_have_the_same_again_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async with DirectPath() as path:
        hall, ana_end, ben_end = Hall(path), Browser(RED), Browser()
        async with hall.enter(ana_end) as ana, hall.enter(ben_end) as ben:
            hall.show(ben, "2", ana)
            await ben_end.colour(2, RED)
            line = ben.forwards["2"]
            newest = line._sequence
            sent: list[bytes] = []
            monkeypatch.setattr(ben, "send_rtp", sent.append)
            greedy = RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=line.ssrc, lost=[newest] * 100)
            for _ in range(5):
                ben.take_rtcp(greedy, 1000.0)
            assert len(sent) == ben.settings.resends_per_second


async def test_streams_nobody_announced_are_told_by_their_mid_and_only_once() -> None:
    async with DirectPath() as path:
        got: list[Stream] = []
        peer = VideoPeer(
            path.mux,
            path.certificate,
            on_packet=lambda stream, packet, vp8, now: got.append(stream),
            on_blind=lambda forward, now: None,
        )
        browser = Browser()
        offer = await browser.offer()
        await peer.answer(
            "\r\n".join(line for line in offer.splitlines() if not line.startswith("a=ssrc")) + "\r\n"
        )
        payload = b"\x10\x11\x02\x00"
        number = next(int(line.split()[0].partition(":")[2]) for line in offer.splitlines() if "sdes:mid" in line)

        def arrives(ssrc: int, mid: str | None) -> None:
            data = build(97, 5 + len(got), 0, ssrc, payload)
            if mid is not None:
                element = bytes((number << 4, ord(mid), 0, 0))
                data = bytes((data[0] | 0x10,)) + data[1:12] + b"\xbe\xde\x00\x01" + element + data[12:]
            peer.take_rtp(Rtp(97, False, 5 + len(got), 0, ssrc, payload), data, 0.0)

        arrives(1001, None)
        arrives(1001, "7")
        assert got == []
        arrives(1001, "1")
        arrives(1001, None)
        assert got == [peer.streams["screen"]] * 2
        arrives(1002, "1")
        assert len(got) == 2
        assert peer.malformed == 3
        await browser.pc.close()
        await peer.close()


async def test_the_answer_takes_vp8_alone_and_names_what_we_send() -> None:
    async with DirectPath() as path:
        peer = VideoPeer(path.mux, path.certificate, on_packet=lambda *_: None, on_blind=lambda *_: None)
        browser = Browser()
        offer = await browser.offer()
        answer = await peer.answer(offer)
        assert answer.count("a=rtpmap:") == answer.count(" VP8/90000") == 10
        assert answer.count("nack pli") == answer.count("goog-remb") == answer.count("ccm fir") == 10
        assert answer.count("a=recvonly") == 2
        assert answer.count("a=sendonly") == 8
        again = await peer.answer(offer)
        assert [line for line in again.splitlines() if line.startswith("a=ssrc")] == [
            line for line in answer.splitlines() if line.startswith("a=ssrc")
        ]
        with pytest.raises(NegotiationError, match="VP8"):
            await VideoPeer(
                path.mux, path.certificate, on_packet=lambda *_: None, on_blind=lambda *_: None
            ).answer(offer.replace("VP8", "VP7"))
        await browser.pc.close()
        await peer.close()
