"""Who hears whom, as the office carries it out: deafening, volumes, do not disturb, sharing, levels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from media.scene import Scene
from server.assets import asset
from server.office import Office
from server.outbox import Outbox
from server.protocol import messages as m
from server.protocol.codec import LevelsFrame, decode_server
from server.session import Session
from server.ticker import LEVELS_EVERY, Ticker
from spatial.commands import Join, Move, SetDeaf, SetStatus
from spatial.participant import Kind, Look, ParticipantId
from spatial.plan import Plan
from spatial.pose import Pose
from spatial.room import Room
from tests.house import OpenHouse, Visitor
from tests.walks.test_spoken_task import speech

ANA, BO, CY = ParticipantId("ana"), ParticipantId("bo"), ParticipantId("cy")
LOOK = Look(skin=0, hair=0, hair_style=0, outfit=0, accent=0)


class Desk:
    """A mixer that keeps what it is told."""

    def __init__(self) -> None:
        self.scenes: list[Scene] = []
        self.sounding: dict[str, float] = {}

    def set_scene(self, scene: Scene) -> None:
        self.scenes.append(scene)

    def levels(self) -> dict[str, float]:
        return self.sounding


class Tables:
    """An office with nobody but who is put in, and its tick."""

    def __init__(self) -> None:
        plan = Plan.load(asset("rooms/hq.json").read_text(encoding="utf-8"), "hq.json")
        self.now = 0.0
        self.office = Office(
            name="Test", room=Room("hq", plan), plan=plan, timezone=ZoneInfo("UTC"),
            monotonic=lambda: self.now, wall=lambda: datetime(2026, 11, 20, tzinfo=UTC),
        )  # fmt: skip
        self.desk = Desk()
        self.ticker = Ticker(self.office, self.desk, [])

    def enter(self, id: ParticipantId, x: float, z: float, yaw: float = 0.0) -> None:
        pose = Pose(x=x, z=z, yaw=yaw)
        self.office.apply(Join(id=id, name=id, kind=Kind.HUMAN, look=LOOK, role="member", pose=pose))

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            self.now += 0.05
            self.ticker.tick()

    def watch(self, id: ParticipantId) -> Outbox:
        outbox = Outbox()
        session = SimpleNamespace(outbox=outbox, flush=lambda: None, send=outbox.put, slot=1)
        self.office.sessions[id] = cast(Session, session)
        return outbox


@pytest.fixture
def tables() -> Tables:
    return Tables()


def gain(scene: Scene, listener: ParticipantId, source: ParticipantId) -> float:
    return float(scene.gain[scene.listeners.index(listener), scene.sources.index(source)])


def test_the_mixer_is_told_once_of_what_stays_and_again_of_what_changes(tables: Tables) -> None:
    tables.enter(ANA, 0, 9)
    tables.enter(BO, 1, 9)
    tables.tick(5)
    assert len(tables.desk.scenes) == 1
    tables.office.apply(Move(id=BO, seq=1, pose=Pose(x=1.1, z=9, yaw=0)))
    tables.tick(5)
    assert len(tables.desk.scenes) == 2
    tables.office.set_volume(ANA, BO, 0.5)
    tables.tick(5)
    assert len(tables.desk.scenes) == 3
    before, after = tables.desk.scenes[1:]
    assert gain(after, ANA, BO) == pytest.approx(0.5 * gain(before, ANA, BO))
    tables.office.set_volume(ANA, BO, 1.0)
    tables.tick()
    assert gain(tables.desk.scenes[3], ANA, BO) == gain(before, ANA, BO)


def test_deafness_and_volume_are_of_the_ears_and_do_not_disturb_is_of_the_words_too(tables: Tables) -> None:
    for id, x in ((ANA, 0.0), (BO, 2.0), (CY, 4.0)):
        tables.enter(id, x, 9)
    tables.office.apply(SetDeaf(id=ANA, deaf=True))
    tables.office.set_volume(BO, CY, 0.0)
    tables.tick()
    scene = tables.desk.scenes[-1]
    assert gain(scene, ANA, CY) == gain(scene, BO, CY) == 0.0
    assert tables.office.audience(CY) == {ANA, BO, CY}
    assert tables.office.hears(ANA, CY)
    tables.office.apply(SetStatus(id=BO, status="busy"))
    tables.tick()
    assert tables.office.audience(CY) == {ANA, CY}
    assert tables.office.loudness(BO, CY) == 0.0


def test_before_the_first_tick_and_for_strangers_nothing_is_heard(tables: Tables) -> None:
    tables.enter(ANA, 0, 9)
    assert tables.office.loudness(ANA, BO) == 0.0
    assert tables.office.audience(ANA) == {ANA}
    tables.tick()
    assert tables.office.loudness(ANA, BO) == tables.office.loudness(BO, ANA) == 0.0
    assert tables.office.audience(BO) == {BO}


def test_who_cannot_be_heard_is_not_seen_to_speak(tables: Tables) -> None:
    tables.enter(ANA, 0, 9)
    tables.enter(BO, 2, 9)
    tables.enter(CY, -12, -7)  # behind closed doors
    outboxes = {id: tables.watch(id) for id in (ANA, BO, CY)}
    tables.desk.sounding = {BO: -20.0, CY: -20.0, "gone": -20.0}
    tables.tick(LEVELS_EVERY)

    def speaking(outbox: Outbox) -> set[ParticipantId]:
        frames = [decode_server(frame) for frame in outbox.take()]
        (levels,) = [frame.levels for frame in frames if isinstance(frame, LevelsFrame)]
        return {tables.office.room.by_slot[int(row["slot"])] for row in levels}

    assert {id: speaking(outbox) for id, outbox in outboxes.items()} == {ANA: {BO}, BO: {BO}, CY: {CY}}


# Over real sockets


def record(visitor: Visitor, slot: int) -> Callable[[m.DeltaMessage], dict[str, Any]]:
    """The changed fields of one participant in a delta."""

    def of(delta: m.DeltaMessage) -> dict[str, Any]:
        return dict(delta.patch.get("participants", {}).get(str(slot), {}))

    return of


async def say(house: OpenHouse, visitor: Visitor, text: str) -> None:
    """Let recognition hear the visitor say `text`, without a sound connection."""
    house.scripted.speech.lines.append(text)
    for frame in speech(1.5):
        house.running.listening.hear(visitor.id, frame)
    await house.running.listening.settle()


async def test_a_deaf_person_is_seen_to_be_and_reads_on(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    await bo.send(m.Deafen(deaf=True))
    await ana.get(m.DeltaMessage, lambda d: record(ana, bo.slot)(d) == {"deaf": True})
    await say(house, ana, "Can you read this?")
    caption = await bo.get(m.Caption, lambda c: c.final)
    assert caption.text == "Can you read this?"


async def test_a_busy_person_is_left_alone_with_the_words_too(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    await bo.walk(2.4, 5.5)
    await bo.send(m.Status(status="busy"))
    await ana.get(m.DeltaMessage, lambda d: record(ana, bo.slot)(d) == {"status": "busy"})
    await say(house, ana, "Can you read this?")
    await ana.get(m.Caption, lambda c: c.final)
    await bo.settled()
    assert not [r for r in bo.received if isinstance(r, m.Caption)]


async def test_who_shares_on_a_path_without_pictures_is_told_so(house: OpenHouse) -> None:
    ana = await house.enter()
    await ana.send(m.Share(screen=True, camera=False))
    await ana.get(m.ErrorMessage, lambda e: e.code == "no_video")


async def test_a_volume_lasts_through_a_lost_line_and_ends_with_leaving(
    house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    await bo.send(m.Volume(person=ana.id, gain=0.5))
    await bo.settled()
    office, key, other = house.running.office, ParticipantId(bo.id), ParticipantId(ana.id)
    assert office.volumes == {key: {other: 0.5}}
    bo.socket.transport.abort()
    await ana.get(m.DeltaMessage, lambda d: record(ana, bo.slot)(d).get("present") is False)
    again = await house.enter("Bo", token=bo.token)
    assert office.volumes == {key: {other: 0.5}}
    monkeypatch.setattr("server.flows.presence.LEFT_SECONDS", 0.0)
    await again.socket.close()
    await ana.get(m.DeltaMessage, lambda d: str(bo.slot) in d.remove.get("participants", []))
    async with asyncio.timeout(5):
        while office.volumes:
            await ana.settled()


async def test_a_volume_for_somebody_who_is_not_here_is_refused(house: OpenHouse) -> None:
    ana = await house.enter()
    await ana.send(m.Volume(person="nobody", gain=0.5))
    assert (await ana.get(m.ErrorMessage)).code == "gone"
    assert not house.running.office.volumes
