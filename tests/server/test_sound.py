from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from media.adapters.webrtc import WebRtcCaller
from media.audio import FRAME, RATE, SILENCE_DBFS, Samples, dbfs
from media.errors import NegotiationError
from media.scene import Scene
from server.lines import PcmLines
from server.media_path import open_path
from server.sound import HEARD_OUT_TICKS, SoundEngine
from server.sound_port import MediaPath, MediaSettings

LIMIT = 10.0
PATHS: tuple[MediaPath, ...] = ("direct", "stock")
LEFT = -np.pi / 2


def tone(seconds: float, level: float = 0.3, frequency: float = 440.0) -> Samples:
    return (level * np.sin(2 * np.pi * frequency * np.arange(int(RATE * seconds)) / RATE)).astype(np.float32)


def scene(listeners: str, sources: str, *gains: list[float], azimuth: float = 0.0, flat: bool = True) -> Scene:
    gain = np.array(gains, np.float32)
    return Scene(
        listeners=tuple(listeners.split()),
        sources=tuple(sources.split()),
        gain=gain,
        azimuth=np.full_like(gain, azimuth),
        elevation=np.zeros_like(gain),
        flat=np.full(gain.shape, flat),
    )


class FakePeer:
    """A peer whose sound the test itself brings and takes."""

    made: list[FakePeer]

    def __init__(self, on_frame: Callable[[Samples], None], on_state: Callable[[str], None]) -> None:
        self.on_frame, self.on_state = on_frame, on_state
        self.sent: list[Samples] = []
        self.dropped_frames = 0
        self.closed = 0

    async def answer(self, offer_sdp: str) -> str:
        if offer_sdp == "bad":
            raise NegotiationError("bad offer")
        return f"answer to {offer_sdp}"

    def push(self, stereo: Samples) -> None:
        self.sent.append(stereo)

    async def close(self) -> None:
        self.closed += 1


class Studio:
    """An engine with fake peers; its own clock is not running: the test calls tick()."""

    def __init__(self, on_frame: Callable[[str, Samples], None] | None = None) -> None:
        self.peers: list[FakePeer] = []
        self.engine = SoundEngine(PcmLines(self._make), on_frame=on_frame)

    def _make(self, *, on_frame: Callable[[Samples], None], on_state: Callable[[str], None]) -> FakePeer:
        self.peers.append(FakePeer(on_frame, on_state))
        return self.peers[-1]

    async def join(self, name: str, *, muted: bool = False, transcribed: bool = True) -> FakePeer:
        await self.engine.connect(name, "offer", muted=muted, transcribed=transcribed)
        self.peers[-1].on_state("connected")
        return self.peers[-1]

    def say(self, peer: FakePeer, sound: Samples) -> None:
        """Speak frame by frame, at the pace of the tick."""
        for start in range(0, len(sound) - FRAME + 1, FRAME):
            peer.on_frame(sound[start : start + FRAME])
            self.engine.tick()


def heard(peer: FakePeer) -> Samples:
    return np.concatenate(peer.sent, axis=1)


async def test_each_listener_gets_the_sources_as_the_scene_says() -> None:
    studio = Studio()
    ana, bo, cy = [await studio.join(name) for name in ("ana", "bo", "cy")]
    studio.engine.set_scene(scene("ana bo cy", "ana bo cy", [0, 1, 0], [0, 0, 0], [0, 0.25, 0]))
    studio.say(bo, tone(0.3))
    loud, soft = dbfs(heard(ana)[:, FRAME * 4 :]), dbfs(heard(cy)[:, FRAME * 4 :])
    assert loud - soft == pytest.approx(12.0, abs=0.5)
    assert not np.any(heard(bo)), "nobody hears themselves"


async def test_a_gain_of_zero_is_exact_digital_silence() -> None:
    studio = Studio()
    ana, bo = await studio.join("ana"), await studio.join("bo")
    studio.engine.set_scene(scene("ana bo", "ana bo", [0, 0], [0, 0]))
    studio.say(bo, tone(0.2))
    assert len(ana.sent) == 10
    assert not np.any(heard(ana))


async def test_people_who_are_not_in_the_scene_are_not_heard() -> None:
    studio = Studio()
    ana, bo = await studio.join("ana"), await studio.join("bo")
    studio.say(bo, tone(0.1))
    assert not np.any(heard(ana))


async def test_who_refuses_is_mixed_but_never_reaches_recognition() -> None:
    frames: list[str] = []
    studio = Studio(lambda name, frame: frames.append(name))
    ana, bo = await studio.join("ana"), await studio.join("bo", transcribed=False)
    studio.engine.set_scene(scene("ana", "bo", [1.0]))
    studio.say(bo, tone(0.1))
    assert np.any(ana.sent[-1])
    assert frames == []
    studio.engine.set_transcribed("bo", True)
    studio.say(bo, tone(0.02))
    assert frames == ["bo"]
    studio.engine.set_transcribed("bo", False)
    studio.say(bo, tone(0.04))
    assert frames == ["bo"]


async def test_recognition_hears_what_came_and_then_the_silence_after_it() -> None:
    frames: list[Samples] = []
    studio = Studio(lambda name, frame: frames.append(frame))
    bo = await studio.join("bo")
    spoken = tone(0.1, level=0.01)
    studio.say(bo, spoken)
    assert np.allclose(np.concatenate(frames)[FRAME:], spoken[FRAME:]), "as it came, not as it is levelled"
    for _ in range(HEARD_OUT_TICKS + 20):
        studio.engine.tick()
    assert not np.any(frames[-1])
    assert len(frames) == 5 + HEARD_OUT_TICKS + 1  # one more: the fade-out of the queue


async def test_who_is_muted_reaches_nobody() -> None:
    frames: list[str] = []
    studio = Studio(lambda name, frame: frames.append(name))
    ana, bo = await studio.join("ana"), await studio.join("bo", muted=True)
    studio.engine.set_scene(scene("ana", "bo", [1.0]))
    studio.say(bo, tone(0.1))
    assert not np.any(heard(ana))
    assert frames == []
    studio.engine.set_muted("bo", False)
    studio.say(bo, tone(0.1))
    assert np.any(ana.sent[-1])
    bo.on_frame(tone(0.02))
    studio.engine.set_muted("bo", True)
    for _ in range(3):
        studio.engine.tick()
    assert not np.any(ana.sent[-1])
    assert studio.engine.levels()["bo"] > SILENCE_DBFS


async def test_a_fault_in_recognition_does_not_stop_the_sound() -> None:
    def broken(name: str, frame: Samples) -> None:
        raise ValueError("no")

    studio = Studio(broken)
    ana, bo = await studio.join("ana"), await studio.join("bo")
    studio.engine.set_scene(scene("ana", "bo", [1.0]))
    studio.say(bo, tone(0.04))
    assert np.any(ana.sent[-1])
    assert studio.engine.counters.faults == 2


async def test_an_avatar_is_heard_and_can_be_stopped() -> None:
    studio = Studio()
    ana = await studio.join("ana")
    studio.engine.set_scene(scene("ana", "ada", [0.5]))
    assert studio.engine.play("ada", tone(1.0, level=0.7)) == pytest.approx(1.0)
    for _ in range(5):
        studio.engine.tick()
    assert dbfs(ana.sent[-1]) > -25
    assert studio.engine.levels()["ada"] == pytest.approx(dbfs(tone(1.0, level=0.7)), abs=1.0)
    assert studio.engine.seconds_left("ada") == pytest.approx(0.9)
    studio.engine.stop("ada")
    for _ in range(40):
        studio.engine.tick()
    assert not np.any(ana.sent[-1])
    assert studio.engine.seconds_left("ada") == 0.0
    studio.engine.remove_source("ada")
    studio.engine.tick()
    assert "ada" not in studio.engine.levels()


async def test_the_delay_stays_short_and_what_is_dropped_is_counted() -> None:
    studio = Studio()
    bo = await studio.join("bo")
    for _ in range(10):
        bo.on_frame(np.full(FRAME, 0.1, np.float32))
    assert studio.engine.counters.dropped_frames == 7
    await studio.engine.disconnect("bo")
    assert studio.engine.counters.dropped_frames == 7
    assert bo.closed == 1


async def test_a_second_connection_replaces_the_first() -> None:
    studio = Studio()
    ana, old = await studio.join("ana"), await studio.join("bo")
    new = await studio.join("bo")
    studio.engine.set_scene(scene("ana", "bo", [1.0]))
    assert old.closed == 1
    old.on_state("closed")
    studio.say(old, tone(0.1))
    assert not np.any(heard(ana))
    studio.say(new, tone(0.1))
    assert np.any(heard(ana))
    assert studio.engine.is_connected("bo")
    assert studio.engine.counters.peers == 2


async def test_an_offer_that_cannot_be_used_leaves_nothing_behind() -> None:
    studio = Studio()
    with pytest.raises(NegotiationError):
        await studio.engine.connect("bo", "bad", muted=False, transcribed=True)
    assert studio.peers[0].closed == 1
    assert not studio.engine.is_connected("bo")
    studio.engine.tick()


async def test_without_a_port_of_ours_there_are_no_pictures() -> None:
    with pytest.raises(NegotiationError, match="--media-path direct"):
        await Studio().engine.connect_video("bo", "offer")


async def test_levels_fall_slowly() -> None:
    studio = Studio()
    bo = await studio.join("bo")
    studio.say(bo, np.full(4 * FRAME, 0.5, np.float32))
    loud = studio.engine.levels()["bo"]
    studio.engine.tick()
    studio.engine.tick()
    assert loud == pytest.approx(-6.0, abs=1.0)
    assert SILENCE_DBFS < studio.engine.levels()["bo"] < loud


async def test_a_report_tells_how_somebody_is_heard() -> None:
    studio = Studio()
    bo = await studio.join("bo")
    studio.say(bo, tone(0.2))
    report = await studio.engine.report("bo")
    assert report["connected"]
    assert report["packets_in"] == 10
    assert report["level_dbfs"] == pytest.approx(dbfs(tone(0.2)), abs=1.0)
    assert not (await studio.engine.report("nobody"))["connected"]


async def test_the_clock_runs_only_while_somebody_listens_or_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    studio = Studio()
    ticks: asyncio.Queue[int] = asyncio.Queue()
    step = studio.engine.tick

    def tick() -> None:
        step()
        ticks.put_nowait(studio.engine.counters.ticks)

    monkeypatch.setattr(studio.engine, "tick", tick)
    async with asyncio.timeout(LIMIT), studio.engine as engine:
        engine.play("ada", tone(0.1))
        assert [await ticks.get() for _ in range(5)] == [1, 2, 3, 4, 5]
        assert engine.seconds_left("ada") == 0.0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await ticks.get()
        assert engine.levels()["ada"] == SILENCE_DBFS
        peer = await studio.join("ana")
        assert await ticks.get() == 6
        assert len(peer.sent) == 1
    assert peer.closed == 1
    assert "sound tick" not in {task.get_name() for task in asyncio.all_tasks()}


# With real connections


class Caller:
    """A caller that keeps what it hears."""

    def __init__(self, *, speaks: bool = True) -> None:
        self.heard: list[Samples] = []
        self.news = asyncio.Event()
        self.end = WebRtcCaller(on_frame=self._hear, speaks=speaks)

    def _hear(self, frame: Samples) -> None:
        self.heard.append(frame)
        self.news.set()

    async def until(self, ready: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT):
            while not ready():
                self.news.clear()
                await self.news.wait()

    def loud(self) -> Samples:
        return np.concatenate([np.zeros((2, 0), np.float32), *(f for f in self.heard if dbfs(f) > -45)], axis=1)


@asynccontextmanager
async def call(
    path: MediaPath, *names: str, listening_only: str = ""
) -> AsyncIterator[tuple[SoundEngine, dict[str, Caller]]]:
    async with open_path(MediaSettings(path=path)) as opened, SoundEngine(opened.lines) as engine:
        callers = {name: Caller(speaks=name != listening_only) for name in names}
        try:
            for name, caller in callers.items():
                offer = await caller.end.offer()
                await caller.end.accept(await engine.connect(name, offer, muted=False, transcribed=False))
            async with asyncio.timeout(LIMIT):
                await asyncio.gather(*(caller.end.connected.wait() for caller in callers.values()))
            yield engine, callers
        finally:
            await asyncio.gather(*(caller.end.close() for caller in callers.values()))


@pytest.mark.parametrize("path", PATHS)
async def test_one_speaks_and_the_other_hears_it_on_the_left(path: MediaPath) -> None:
    async with call(path, "ana", "bo") as (engine, callers):
        engine.set_scene(scene("ana bo", "ana bo", [0, 1], [0, 0], azimuth=LEFT, flat=False))
        callers["bo"].end.push(tone(2.0, frequency=2500.0))
        ana = callers["ana"]
        await ana.until(lambda: ana.loud().shape[1] > RATE // 2)
        sound = ana.loud()[:, RATE // 5 :]
        assert dbfs(sound[0]) - dbfs(sound[1]) > 6.0, "the head is in the way"
        assert not callers["bo"].loud().size, "the speaker hears nothing"
        assert engine.counters.ticks > 20


@pytest.mark.parametrize("path", PATHS)
async def test_three_callers_hear_what_is_meant_for_them(path: MediaPath) -> None:
    async with call(path, "ana", "bo", "cy", listening_only="cy") as (engine, callers):
        engine.set_scene(scene("ana bo cy", "ana bo cy", [0, 0, 0], [1, 0, 0], [0.25, 0, 0]))
        callers["ana"].end.push(tone(3.0))
        for name in ("bo", "cy"):
            await callers[name].until(lambda name=name: callers[name].loud().shape[1] > RATE // 2)  # type: ignore[misc]
        loud, soft = (dbfs(callers[name].loud()[:, RATE // 4 : RATE // 2]) for name in ("bo", "cy"))
        assert loud - soft == pytest.approx(12.0, abs=2.0)
        assert engine.counters.peers == 3
        assert (await engine.report("ana"))["packets_in"] > 0


@pytest.mark.parametrize("path", PATHS)
async def test_hanging_up_cleans_up_and_the_others_go_on(path: MediaPath) -> None:
    lost: list[str] = []
    async with call(path, "ana", "bo") as (engine, callers):
        engine.set_scene(scene("ana", "ada", [1.0]))
        engine.play("ada", tone(5.0))
        engine._on_lost = lost.append
        await callers["bo"].end.close()
        ana = callers["ana"]
        await ana.until(lambda: not engine.is_connected("bo"))
        count = len(ana.heard)
        await ana.until(lambda: len(ana.heard) > count + 5)
        await ana.until(lambda: bool(lost))
        assert lost == ["bo"]
        assert engine.counters.peers == 1
        await engine.disconnect("ana")
        assert engine.counters.peers == 0
    assert not [t for t in threading.enumerate() if "decoder" in t.name and t.is_alive()]
    names = {task.get_name() for task in asyncio.all_tasks()}
    assert not names & {"sound tick", "incoming sound", "lost sound connection", "media reports", "DTLS handshake"}
