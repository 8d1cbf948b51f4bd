from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from media.adapters.webrtc import WebRtcCaller, WebRtcPeer
from media.audio import FRAME, RATE, SILENCE_DBFS, Samples, dbfs
from media.errors import NegotiationError, ShapeError
from server.sound import SoundEngine

LIMIT = 10.0


def tone(seconds: float, level: float = 0.3) -> Samples:
    return (level * np.sin(2 * np.pi * 440 * np.arange(int(RATE * seconds)) / RATE)).astype(np.float32)


def matrix(*rows: list[float]) -> Samples:
    return np.array(rows, np.float32)


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
        self.engine = SoundEngine(self._make, on_frame=on_frame)

    def _make(self, *, on_frame: Callable[[Samples], None], on_state: Callable[[str], None]) -> FakePeer:
        self.peers.append(FakePeer(on_frame, on_state))
        return self.peers[-1]

    async def join(self, name: str, *, muted: bool = False, transcribed: bool = True) -> FakePeer:
        await self.engine.connect(name, "offer", muted=muted, transcribed=transcribed)
        self.peers[-1].on_state("connected")
        return self.peers[-1]


async def test_each_listener_gets_the_sources_as_the_gains_say() -> None:
    studio = Studio()
    ana, bo, cy = [await studio.join(name) for name in ("ana", "bo", "cy")]
    names = ["ana", "bo", "cy"]
    left = matrix([1, 0.8, 0], [0, 1, 0], [0.1, 0.1, 1])
    right = matrix([1, 0.2, 0], [0, 1, 0], [0.1, 0.1, 1])
    studio.engine.set_gains(names, names, left, right)
    for _ in range(3):
        bo.on_frame(np.full(FRAME, 0.5, np.float32))
        studio.engine.tick()
    assert np.allclose(ana.sent[-1][0], 0.4, atol=1e-6)
    assert np.allclose(ana.sent[-1][1], 0.1, atol=1e-6)
    assert not np.any(bo.sent), "nobody hears themselves, even if the matrix would let them"
    assert np.allclose(cy.sent[-1], 0.05, atol=1e-6)


async def test_a_gain_of_zero_is_exact_digital_silence() -> None:
    studio = Studio()
    ana, bo = await studio.join("ana"), await studio.join("bo")
    studio.engine.set_gains(["ana", "bo"], ["ana", "bo"], matrix([0, 0], [0, 0]), matrix([0, 0], [0, 0]))
    for frame in tone(0.2).reshape(-1, FRAME):
        bo.on_frame(frame)
        studio.engine.tick()
    assert len(ana.sent) == 10
    assert not np.any(ana.sent)


async def test_people_who_are_not_in_the_gains_are_not_heard() -> None:
    studio = Studio()
    ana, bo = await studio.join("ana"), await studio.join("bo")
    bo.on_frame(np.full(FRAME, 0.5, np.float32))
    studio.engine.tick()
    assert not np.any(ana.sent)


async def test_who_refuses_is_mixed_but_never_reaches_recognition() -> None:
    heard: list[tuple[str, float]] = []
    studio = Studio(lambda name, frame: heard.append((name, float(frame[0]))))
    ana, bo = await studio.join("ana"), await studio.join("bo", transcribed=False)
    studio.engine.set_gains(["ana"], ["bo"], matrix([1.0]), matrix([1.0]))
    for _ in range(2):
        bo.on_frame(np.full(FRAME, 0.25, np.float32))
        studio.engine.tick()
    assert np.any(ana.sent[-1])
    assert heard == []
    studio.engine.set_transcribed("bo", True)
    bo.on_frame(np.full(FRAME, 0.5, np.float32))
    studio.engine.set_transcribed("bo", False)
    bo.on_frame(np.full(FRAME, 0.75, np.float32))
    assert heard == [("bo", 0.5)]


async def test_who_is_muted_reaches_nobody() -> None:
    heard: list[str] = []
    studio = Studio(lambda name, frame: heard.append(name))
    ana, bo = await studio.join("ana"), await studio.join("bo", muted=True)
    studio.engine.set_gains(["ana"], ["bo"], matrix([1.0]), matrix([1.0]))
    bo.on_frame(np.full(FRAME, 0.5, np.float32))
    studio.engine.tick()
    assert not np.any(ana.sent)
    assert heard == []
    studio.engine.set_muted("bo", False)
    bo.on_frame(np.full(FRAME, 0.5, np.float32))
    studio.engine.tick()
    assert np.any(ana.sent[-1])
    bo.on_frame(np.full(FRAME, 0.5, np.float32))
    studio.engine.set_muted("bo", True)
    for _ in range(2):
        studio.engine.tick()
    assert not np.any(ana.sent[-1])
    assert heard == ["bo", "bo"]
    assert studio.engine.levels()["bo"] < -6.0


async def test_a_fault_in_recognition_does_not_stop_the_sound() -> None:
    def broken(name: str, frame: Samples) -> None:
        raise ValueError("no")

    studio = Studio(broken)
    ana, bo = await studio.join("ana"), await studio.join("bo")
    studio.engine.set_gains(["ana"], ["bo"], matrix([1.0]), matrix([1.0]))
    bo.on_frame(np.full(FRAME, 0.5, np.float32))
    studio.engine.tick()
    assert np.any(ana.sent[-1])
    assert studio.engine.counters.faults == 1


async def test_an_avatar_is_heard_and_can_be_stopped() -> None:
    studio = Studio()
    ana = await studio.join("ana")
    studio.engine.set_gains(["ana"], ["ada"], matrix([0.5]), matrix([0.25]))
    assert studio.engine.play("ada", np.full(RATE, 0.5, np.float32)) == pytest.approx(1.0)
    for _ in range(5):
        studio.engine.tick()
    assert np.allclose(ana.sent[-1][0], 0.25, atol=1e-6)
    assert np.allclose(ana.sent[-1][1], 0.125, atol=1e-6)
    assert studio.engine.levels()["ada"] == pytest.approx(-6.0, abs=1.0)
    assert studio.engine.seconds_left("ada") == pytest.approx(0.9)
    studio.engine.stop("ada")
    for _ in range(5):
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
    heard: list[float] = []
    studio = Studio(lambda name, frame: heard.append(float(frame[0])))
    old = await studio.join("bo")
    new = await studio.join("bo")
    assert old.closed == 1
    old.on_frame(np.full(FRAME, 0.1, np.float32))
    old.on_state("closed")
    new.on_frame(np.full(FRAME, 0.2, np.float32))
    assert heard == [pytest.approx(0.2)]
    assert studio.engine.is_connected("bo")
    assert studio.engine.counters.peers == 1


async def test_an_offer_that_cannot_be_used_leaves_nothing_behind() -> None:
    studio = Studio()
    with pytest.raises(NegotiationError):
        await studio.engine.connect("bo", "bad", muted=False, transcribed=True)
    assert studio.peers[0].closed == 1
    assert not studio.engine.is_connected("bo")
    studio.engine.tick()


async def test_gains_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match="1 listeners and 2 sources"):
        Studio().engine.set_gains(["ana"], ["bo", "cy"], matrix([1.0]), matrix([1.0]))


async def test_levels_fall_slowly() -> None:
    studio = Studio()
    bo = await studio.join("bo")
    for _ in range(4):
        bo.on_frame(np.full(FRAME, 0.5, np.float32))
        studio.engine.tick()
    loud = studio.engine.levels()["bo"]
    studio.engine.tick()
    studio.engine.tick()
    assert loud == pytest.approx(-6.0, abs=1.0)
    assert SILENCE_DBFS < studio.engine.levels()["bo"] < loud


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
async def call(*names: str, listening_only: str = "") -> AsyncIterator[tuple[SoundEngine, dict[str, Caller]]]:
    async with SoundEngine(WebRtcPeer) as engine:
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


async def test_one_speaks_and_the_other_hears_it_on_the_left() -> None:
    async with call("ana", "bo") as (engine, callers):
        engine.set_gains(["ana", "bo"], ["ana", "bo"], matrix([0, 0.8], [0, 0]), matrix([0, 0.2], [0, 0]))
        callers["bo"].end.push(tone(2.0))
        ana = callers["ana"]
        await ana.until(lambda: ana.loud().shape[1] > RATE // 2)
        sound = ana.loud()[:, RATE // 5 :]
        assert dbfs(sound[0]) == pytest.approx(dbfs(tone(1.0)) - 1.9, abs=1.5)
        assert dbfs(sound[0]) - dbfs(sound[1]) == pytest.approx(12.0, abs=1.5)
        assert not callers["bo"].loud().size, "the speaker hears nothing"
        assert engine.counters.ticks > 20


async def test_three_callers_hear_what_is_meant_for_them() -> None:
    async with call("ana", "bo", "cy", listening_only="cy") as (engine, callers):
        names = ["ana", "bo", "cy"]
        engine.set_gains(
            names, names, matrix([0, 0, 0], [1, 0, 0], [1, 0, 0]), matrix([0, 0, 0], [1, 0, 0], [0, 0, 0])
        )
        callers["ana"].end.push(tone(2.0))
        for name in ("bo", "cy"):
            await callers[name].until(lambda name=name: callers[name].loud().shape[1] > RATE // 4)  # type: ignore[misc]
        left, right = callers["cy"].loud()[:, RATE // 8 :]
        assert dbfs(left) - dbfs(right) > 20
        assert engine.counters.peers == 3


async def test_hanging_up_cleans_up_and_the_others_go_on() -> None:
    lost: list[str] = []
    async with call("ana", "bo") as (engine, callers):
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
    assert not names & {"sound tick", "incoming sound", "lost sound connection"}
