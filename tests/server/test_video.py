from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import pytest

from media.errors import NegotiationError
from media.forward import Forward
from media.rtp import Rtp, parse
from media.video import Kind, Stream, VideoSettings
from server.lines import PcmLines, PcmPeerFactory
from server.sound import SoundEngine
from server.sound_port import View
from server.video import OnBlind, OnPacket, VideoRouter

KEY = b"\x10\x10\x02\x00\x9d\x01\x2a\x40\x01\xf0\x00"
INTER = b"\x10\x11\x02\x00"
SMALL = VideoSettings(screen_bps=1_000_000, camera_bps=100_000, most_bps=2_000_000)


@dataclass(eq=False)
class FakePeer:
    on_packet: OnPacket
    on_blind: OnBlind
    on_state: Callable[[str], None]
    streams: dict[Kind, Stream] = field(default_factory=dict)
    forwards: dict[str, Forward] = field(default_factory=dict)
    sent: list[bytes] = field(default_factory=list)
    asked: list[Stream] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    closed: bool = False
    sequence: int = 0

    async def answer(self, offer_sdp: str) -> str:
        if offer_sdp == "broken":
            raise NegotiationError("no")
        self.offers.append(offer_sdp)
        self.streams = self.streams or {"screen": Stream("screen", SMALL), "camera": Stream("camera", SMALL)}
        for line in range(8) if not self.forwards else ():
            mid = str(2 + line)
            self.forwards[mid] = Forward(ssrc=line, payload_type=96, sequence=10, timestamp=0, picture=0)
        return f"answer to {offer_sdp}"

    def continues(self, offer_sdp: str) -> bool:
        return offer_sdp in self.offers

    def send_rtp(self, packet: bytes) -> None:
        self.sent.append(packet)

    def ask_key(self, stream: Stream) -> None:
        self.asked.append(stream)

    async def close(self) -> None:
        self.closed = True

    def gives(self, kind: Kind, payload: bytes, now: float = 0.0) -> None:
        """A packet arrives from this person."""
        packet = Rtp(96, True, self.sequence, 0, 1, payload)
        self.sequence += 1
        vp8 = self.streams[kind].take(packet, now)
        if vp8 is not None:
            self.on_packet(self.streams[kind], packet, vp8, now)

    def shown(self) -> list[int]:
        """Lines on which packets came, in order."""
        return [2 + parse(data).ssrc for data in self.sent]


@dataclass
class Hall:
    """A router with the peers that it made, and a clock."""

    made: list[FakePeer] = field(default_factory=list)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.router = VideoRouter(self.make, settings=SMALL, clock=lambda: self.now)

    def make(self, *, on_packet: OnPacket, on_blind: OnBlind, on_state: Callable[[str], None]) -> FakePeer:
        self.made.append(FakePeer(on_packet, on_blind, on_state))
        return self.made[-1]

    async def enter(self, name: str) -> FakePeer:
        await self.router.connect(name, f"offer of {name}")
        return self.made[-1]


def screen(mid: str, owner: str) -> View:
    return View(mid=mid, owner=owner, kind="screen")


async def test_a_screen_goes_to_those_who_see_it_and_to_nobody_else() -> None:
    hall = Hall()
    ana, ben, cem = [await hall.enter(name) for name in ("ana", "ben", "cem")]
    hall.router.set_views("ben", [screen("3", "ana")])
    ana.gives("screen", KEY)
    ana.gives("screen", INTER)
    ana.gives("camera", KEY)
    assert ben.shown() == [3, 3]
    assert cem.sent == ana.sent == []
    assert hall.router.counters.packets == 2
    assert hall.router.counters.forwards == 1


async def test_nothing_is_sent_any_more_once_it_is_out_of_sight() -> None:
    hall = Hall()
    ana, ben = await hall.enter("ana"), await hall.enter("ben")
    hall.router.set_views("ben", [screen("2", "ana")])
    ana.gives("screen", KEY)
    hall.router.set_views("ben", [])
    ana.gives("screen", INTER)
    ana.gives("screen", KEY)
    assert ben.shown() == [2]
    assert hall.router.counters.forwards == 0


async def test_a_viewer_who_comes_gets_a_key_picture_asked_for() -> None:
    hall = Hall()
    ana, ben, cem = [await hall.enter(name) for name in ("ana", "ben", "cem")]
    hall.router.set_views("ben", [screen("2", "ana")])
    assert ana.asked == [ana.streams["screen"]]
    ana.gives("screen", KEY)
    hall.now = 10.0
    hall.router.set_views("cem", [screen("2", "ana")])
    assert len(ana.asked) == 2
    ana.gives("screen", INTER, 10.1)
    assert cem.sent == []
    ana.gives("screen", KEY, 10.2)
    assert cem.shown() == [2]
    assert ben.shown() == [2, 2, 2]


async def test_a_request_that_came_too_soon_is_made_when_it_may() -> None:
    hall = Hall()
    ana, _, _ = [await hall.enter(name) for name in ("ana", "ben", "cem")]
    hall.router.set_views("ben", [screen("2", "ana")])
    hall.router.set_views("cem", [screen("2", "ana")])
    assert len(ana.asked) == 1
    ana.gives("screen", INTER, 0.4)
    assert len(ana.asked) == 1
    ana.gives("screen", INTER, 0.6)
    assert len(ana.asked) == 2


async def test_a_viewer_who_cannot_decode_is_helped_at_once_but_not_all_the_time() -> None:
    hall = Hall()
    ana, ben = await hall.enter("ana"), await hall.enter("ben")
    hall.router.set_views("ben", [screen("2", "ana")])
    ana.gives("screen", KEY)
    for now in (1.0, 1.1, 1.2, 1.6):
        ben.on_blind(ben.forwards["2"], now)
    ben.on_blind(ben.forwards["3"], 9.0)
    assert len(ana.asked) == 1 + 2
    assert hall.router.counters.key_requests == 3


async def test_a_line_shows_another_person_only_from_a_key_picture_on() -> None:
    hall = Hall()
    ana, ben, cem = [await hall.enter(name) for name in ("ana", "ben", "cem")]
    hall.router.set_views("cem", [screen("2", "ana")])
    ana.gives("screen", KEY)
    hall.router.set_views("cem", [screen("2", "ben")])
    ana.gives("screen", INTER)
    ben.gives("screen", INTER)
    ben.gives("screen", KEY)
    first, second = [parse(data) for data in cem.sent]
    assert second.sequence == first.sequence + 1


async def test_who_comes_later_is_seen_by_those_who_wait_for_them() -> None:
    hall = Hall()
    ben = await hall.enter("ben")
    hall.router.set_views("ben", [screen("2", "ana")])
    ana = await hall.enter("ana")
    ana.gives("screen", KEY)
    assert ben.shown() == [2]


async def test_a_new_connection_of_the_same_person_takes_the_place_of_the_old_one() -> None:
    hall = Hall()
    ana, ben = await hall.enter("ana"), await hall.enter("ben")
    hall.router.set_views("ben", [screen("2", "ana")])
    ana.gives("screen", KEY)
    await hall.router.connect("ana", "another offer")
    again = hall.made[-1]
    assert ana.closed
    again.gives("screen", KEY)
    ana.gives("screen", INTER)
    assert ben.shown() == [2, 2]
    assert hall.router.counters.peers == 2


async def test_an_offer_of_the_same_connection_restarts_it() -> None:
    hall = Hall()
    ana = await hall.enter("ana")
    assert await hall.router.connect("ana", "offer of ana") == "answer to offer of ana"
    assert hall.made == [ana]
    assert not ana.closed


async def test_of_a_broken_offer_nothing_is_left() -> None:
    hall = Hall()
    with pytest.raises(NegotiationError):
        await hall.router.connect("ana", "broken")
    assert hall.made[-1].closed
    assert hall.router.counters.peers == 0


async def test_who_leaves_is_seen_no_more_and_sees_no_more() -> None:
    hall = Hall()
    ana, ben = await hall.enter("ana"), await hall.enter("ben")
    hall.router.set_views("ben", [screen("2", "ana")])
    hall.router.set_views("ana", [screen("2", "ben")])
    await hall.router.disconnect("ana")
    assert ana.closed
    assert hall.router.counters.forwards == 0
    ben.gives("screen", KEY)
    assert ana.sent == []
    await hall.enter("ana")
    assert hall.router.counters.forwards == 1


async def test_a_connection_that_failed_is_cleared_away() -> None:
    hall = Hall()
    ana = await hall.enter("ana")
    ana.on_state("failed")
    await asyncio.sleep(0)
    assert ana.closed
    assert hall.router.counters.peers == 0


async def test_no_more_is_forwarded_than_the_office_may() -> None:
    hall = Hall()
    _, ben, cem = [await hall.enter(name) for name in ("ana", "ben", "cem")]
    both = [screen("2", "ana"), View(mid="4", owner="ana", kind="camera")]
    hall.router.set_views("ben", both)
    hall.router.set_views("cem", both)
    assert hall.router.counters.refused == 1
    assert (ben.forwards["2"].source is not None, cem.forwards["2"].source is not None) == (True, False)
    assert cem.forwards["4"].source is not None
    hall.router.set_views("ben", [])
    hall.router.set_views("cem", both)
    assert hall.router.counters.refused == 1
    assert cem.forwards["2"].source is not None


async def test_the_numbers_of_pictures_stand_beside_those_of_the_sound() -> None:
    hall = Hall()
    lines = PcmLines(cast(PcmPeerFactory, None))
    engine = SoundEngine(lines, video=hall.router)
    await engine.connect_video("ana", "offer of ana")
    await engine.connect_video("ben", "offer of ben")
    engine.set_views("ben", [screen("2", "ana")])
    hall.made[0].gives("screen", KEY)
    counters = engine.counters
    assert (counters.video_peers, counters.video_forwards) == (2, 1)
    assert (counters.video_packets, counters.video_key_requests, counters.video_refused) == (1, 1, 0)
    await engine.disconnect_video("ben")
    assert engine.counters.video_peers == 1


async def test_closing_closes_everybody() -> None:
    hall = Hall()
    async with hall.router:
        ana, ben = await hall.enter("ana"), await hall.enter("ben")
    assert ana.closed
    assert ben.closed
