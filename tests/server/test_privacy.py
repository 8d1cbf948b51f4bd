"""Off the record nobody is recognised; sound is kept only where who may wants it; everybody knows."""

from __future__ import annotations

import asyncio
import functools
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from server.assets import asset
from server.flows.meetings import Meetings
from server.flows.privacy import EMPTY_SECONDS, Privacy
from server.office import Office, look_of
from server.protocol import messages as m
from server.protocol.codec import decode_server
from server.protocol.handshake import RateSettings
from server.recordings import Recordings
from server.records import Records
from server.roles import Role
from server.sealed import Sealer
from server.session import Refusal, Session
from spatial.commands import Join, Leave, Teleport
from spatial.participant import Kind, ParticipantId
from spatial.plan import Plan
from spatial.pose import Pose
from spatial.room import Room
from workflows.adapters.sql_store import SqlStore

START = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
LOOK = [0, 1, 2, 3, 4]
SOUND = np.full(1600, 0.1, np.float32)


class NoSocket:
    """A browser that never says anything by itself."""

    async def receive(self) -> bytes | int:
        raise AssertionError("nobody reads here")

    async def send(self, data: bytes) -> None:
        raise AssertionError("nobody writes here")

    async def close(self, code: int, reason: str) -> None:
        raise AssertionError("nobody closes here")


@functools.cache
def the_plan() -> Plan:
    """Read once: it takes a while."""
    return Plan.load(asset("rooms/hq.json").read_text(encoding="utf-8"), "hq.json")


class House:
    """An office's room with its meetings and privacy, and people in it."""

    def __init__(self, folder: Path, records: Records) -> None:
        self.records = records
        self.clock = [START]
        plan = the_plan()
        self.office = Office(
            name="Test",
            room=Room("hq", plan),
            plan=plan,
            timezone=ZoneInfo("UTC"),
            monotonic=lambda: (self.clock[0] - START).total_seconds(),
            wall=lambda: self.clock[0],
        )
        self.recordings = Recordings(
            folder / "recordings", Sealer(bytes(32), "recordings"), days=7, wall=lambda: self.clock[0]
        )
        self.stopped: list[set[str]] = []
        self.meetings = Meetings(
            self.office, records, lambda zone, is_open: self.privacy.meeting_changed(zone, is_open)
        )
        self.privacy = Privacy(
            self.office,
            records,
            self.meetings,
            self.recordings,
            on_off_record=lambda people: self.stopped.append(set(people)),
        )

    def enter(self, name: str, zone: str, role: Role = Role.MEMBER) -> Session:
        pid = self._placed(zone, name, role)
        session = Session(
            socket=NoSocket(), participant_id=pid, name=name, role=role, look=LOOK, handlers={},
            rates=RateSettings(), rooms=frozenset({"hq"}), now=self.office.monotonic, wall=lambda: 0.0,
        )  # fmt: skip
        self.office.sessions[pid] = session
        participant = self.office.room.participants[pid]
        assert participant.zone == zone
        self.privacy.joined(participant)
        return session

    def go(self, session: Session, zone: str) -> None:
        spot = self.office.room.participants[self._placed(zone)].pose
        self.office.apply(Leave(id=ParticipantId("somebody")))
        self.office.apply(Teleport(id=session.participant_id, pose=spot))
        participant = self.office.room.participants[session.participant_id]
        assert participant.zone == zone
        self.meetings.entered(participant)
        self.privacy.entered(participant)

    def _placed(self, zone: str, name: str = "Somebody", role: Role = Role.MEMBER) -> ParticipantId:
        """Put somebody at a free spot of a zone."""
        pid = ParticipantId(name.lower())
        x, z = self.office.middle(zone)
        pose = Pose(x=x, z=z, yaw=0.0)
        self.office.apply(Join(id=pid, name=name, kind=Kind.HUMAN, look=look_of(LOOK), role=role, pose=pose))
        return pid

    async def off_record(self, session: Session, zone: str, on: bool = True) -> None:
        await self.privacy.handlers()[m.OffRecord](session, m.OffRecord(zone=zone, on=on))

    async def keep_sound(self, session: Session, zone: str, on: bool = True) -> None:
        await self.privacy.handlers()[m.KeepSound](session, m.KeepSound(zone=zone, on=on))

    async def meet(self, session: Session, zone: str) -> str:
        await self.meetings.handlers()[m.MeetingStart](session, m.MeetingStart(zone=zone, title="Weekly"))
        meeting = self.meetings.in_zone(zone)
        assert meeting is not None
        return meeting.id

    async def end(self, session: Session, meeting: str) -> None:
        await self.meetings.handlers()[m.MeetingEnd](session, m.MeetingEnd(meeting=meeting))
        await self.privacy.close()

    async def close(self) -> None:
        await self.meetings.close()
        await self.privacy.close()


def told(session: Session) -> list[m.Message]:
    """What was sent since the last look."""
    messages = [decode_server(frame) for frame in session.outbox.take()]
    return [message for message in messages if isinstance(message, m.Message)]


def states(session: Session) -> list[tuple[list[str], list[str]]]:
    return [(p.off_record, p.recording) for p in told(session) if isinstance(p, m.Privacy)]


def notices(session: Session) -> str:
    return " / ".join(n.text for n in told(session) if isinstance(n, m.Notice))


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables, to be copied: making them takes a while."""
    path = tmp_path_factory.mktemp("empty") / "office.db"

    async def make() -> None:
        await (await SqlStore.open(path)).close()

    asyncio.run(make())
    return path


@pytest.fixture
async def records(tmp_path: Path, empty_database: Path) -> AsyncIterator[Records]:
    store = await SqlStore.open(shutil.copy(empty_database, tmp_path / "office.db"))
    yield Records(store.rows)
    await store.close()


@pytest.fixture
async def house(tmp_path: Path, records: Records) -> AsyncIterator[House]:
    opened = House(tmp_path, records)
    yield opened
    await opened.close()


async def test_whoever_is_there_takes_a_room_off_the_record_and_everybody_knows(house: House) -> None:
    bo, gus = house.enter("Bo", "cedar"), house.enter("Gus", "cedar", Role.GUEST)
    lin = house.enter("Lin", "birch")
    assert states(lin) == [([], [])]
    told(bo), told(gus)
    await house.off_record(gus, "cedar")
    assert house.privacy.off_record("cedar")
    assert not house.privacy.off_record("birch")
    assert house.stopped == [{"bo", "gus"}]
    assert "Gus took Cedar off the record: nobody is recognised here." in notices(bo)
    assert [type(message) for message in told(lin)] == [m.Privacy]
    await house.off_record(bo, "cedar", on=False)
    assert not house.privacy.off_record("cedar")
    assert states(lin) == [([], [])]
    assert "back on the record" in notices(gus)


async def test_those_elsewhere_cannot_choose_for_a_room(house: House) -> None:
    ana = house.enter("Ana", "birch", Role.OWNER)
    with pytest.raises(Refusal, match="You are not in Cedar"):
        await house.off_record(ana, "cedar")
    with pytest.raises(Refusal, match="no such place"):
        await house.off_record(ana, "attic")
    assert not house.privacy.off_record("cedar")


async def test_switching_to_what_is_so_already_tells_nobody(house: House) -> None:
    bo = house.enter("Bo", "cedar")
    told(bo)
    await house.off_record(bo, "cedar", on=False)
    assert told(bo) == []


async def test_who_walks_in_is_stopped_and_told(house: House) -> None:
    bo, lin = house.enter("Bo", "cedar"), house.enter("Lin", "birch")
    await house.off_record(bo, "cedar")
    told(lin)
    house.go(lin, "cedar")
    assert house.stopped[-1] == {"lin"}
    assert notices(lin) == "Cedar is off the record: nobody is recognised here."
    new = house.enter("New", "cedar")
    assert house.stopped[-1] == {"new"}
    assert [type(message) for message in told(new)] == [m.Privacy, m.Notice]


async def test_a_room_that_everybody_has_left_is_on_the_record_again(house: House) -> None:
    bo = house.enter("Bo", "cedar")
    await house.off_record(bo, "cedar")
    house.privacy.step(0.0)
    house.privacy.step(500.0)
    assert house.privacy.off_record("cedar")
    house.office.apply(Leave(id=bo.participant_id))
    house.privacy.step(500.0 + EMPTY_SECONDS - 1)
    assert house.privacy.off_record("cedar")
    assert not house.privacy.step(500.0 + EMPTY_SECONDS)
    assert not house.privacy.off_record("cedar")
    await house.privacy.close()
    assert (await house.records.remembered("privacy:hq"))["off_record"] == []


async def test_a_meeting_off_the_record_says_so_and_ends_it(house: House) -> None:
    fay = house.enter("Fay", "cedar", Role.FACILITATOR)
    await house.off_record(fay, "cedar")
    told(fay)
    meeting = await house.meet(fay, "cedar")
    assert "nothing of this meeting is written down" in notices(fay)
    await house.end(fay, meeting)
    assert not house.privacy.off_record("cedar")
    assert states(fay)[-1] == ([], [])


@pytest.mark.parametrize(
    ("name", "role", "allowed"),
    [("Ana", Role.OWNER, True), ("Fay", Role.FACILITATOR, True), ("Flo", Role.FACILITATOR, False),
     ("Bo", Role.MEMBER, False), ("Gus", Role.GUEST, False)],
)  # fmt: skip
async def test_only_owners_and_who_holds_the_meeting_have_sound_kept(
    house: House, name: str, role: Role, allowed: bool
) -> None:
    fay = house.enter("Fay", "cedar", Role.FACILITATOR)
    asking = fay if name == "Fay" else house.enter(name, "cedar", role)
    await house.meet(fay, "cedar")
    told(fay)
    if allowed:
        await house.keep_sound(asking, "cedar")
        assert f"{name} has the sound of Weekly kept from now on, for 7 days" in notices(fay)
    else:
        with pytest.raises(Refusal, match="Only owners and whoever holds the meeting"):
            await house.keep_sound(asking, "cedar")
    assert house.privacy.recording("cedar") is allowed


async def test_sound_is_kept_only_in_a_meeting_on_the_record_by_who_is_there(house: House) -> None:
    ana = house.enter("Ana", "birch", Role.OWNER)
    fay = house.enter("Fay", "cedar", Role.FACILITATOR)
    with pytest.raises(Refusal, match="No meeting is under way"):
        await house.keep_sound(ana, "cedar")
    await house.meet(fay, "cedar")
    with pytest.raises(Refusal, match="Go there first"):
        await house.keep_sound(ana, "cedar")
    await house.off_record(fay, "cedar")
    with pytest.raises(Refusal, match="Put it back on the record first"):
        await house.keep_sound(fay, "cedar")
    await house.off_record(fay, "cedar", on=False)
    await house.keep_sound(fay, "cedar")
    await house.keep_sound(ana, "cedar", on=False)
    assert not house.privacy.recording("cedar")
    assert "The sound of Weekly is no longer kept." in notices(fay)


async def test_off_the_record_ends_the_recording(house: House) -> None:
    fay, gus = house.enter("Fay", "cedar", Role.FACILITATOR), house.enter("Gus", "cedar", Role.GUEST)
    await house.meet(fay, "cedar")
    await house.keep_sound(fay, "cedar")
    assert states(gus)[-1] == ([], ["cedar"])
    await house.off_record(gus, "cedar")
    assert states(gus) == [(["cedar"], [])]
    assert "The sound is no longer kept." in notices(fay)
    await house.off_record(gus, "cedar", on=False)
    assert not house.privacy.recording("cedar")


async def test_the_recording_ends_with_the_meeting(house: House) -> None:
    fay = house.enter("Fay", "cedar", Role.FACILITATOR)
    meeting = await house.meet(fay, "cedar")
    await house.keep_sound(fay, "cedar")
    late = house.enter("Late", "cedar")
    assert "The sound of this meeting is kept for 7 days." in notices(late)
    await house.end(fay, meeting)
    assert not house.privacy.recording("cedar")
    await house.privacy.keep_sound(meeting, "u1", SOUND)
    assert house.recordings.kept(meeting) == {}


async def test_only_what_began_after_the_switch_is_kept(house: House) -> None:
    fay = house.enter("Fay", "cedar", Role.FACILITATOR)
    meeting = await house.meet(fay, "cedar")
    await house.privacy.keep_sound(meeting, "u0", SOUND)
    await house.keep_sound(fay, "cedar")
    await house.privacy.keep_sound(meeting, "u1", SOUND)
    await house.privacy.keep_sound(meeting, "u2", SOUND, START - timedelta(seconds=1))
    await house.privacy.keep_sound(meeting, "u3", SOUND, START)
    await house.privacy.keep_sound("another", "u4", SOUND, START)
    house.clock[0] += timedelta(seconds=1)
    await house.privacy.keep_sound(meeting, "u5", SOUND)
    assert list(house.recordings.kept(meeting)) == ["u3", "u5"]
    assert house.recordings.meetings() == [meeting]


async def test_a_disk_that_takes_nothing_costs_the_sound_alone_and_is_said_once(
    house: House, tmp_path: Path
) -> None:
    fay = house.enter("Fay", "cedar", Role.FACILITATOR)
    meeting = await house.meet(fay, "cedar")
    await house.keep_sound(fay, "cedar")
    told(fay)
    (tmp_path / "recordings").write_text("a file")
    for id in ("u1", "u2"):
        await house.privacy.keep_sound(meeting, id, SOUND, START)
    assert house.privacy.unkept == 2
    assert notices(fay).count("cannot be kept") == 1


async def test_what_holds_outlasts_a_restart(house: House, records: Records, tmp_path: Path) -> None:
    fay, bo = house.enter("Fay", "cedar", Role.FACILITATOR), house.enter("Bo", "birch")
    meeting = await house.meet(fay, "cedar")
    house.clock[0] += timedelta(seconds=5)
    await house.keep_sound(fay, "cedar")
    await house.off_record(bo, "birch")
    again = House(tmp_path, records)
    await again.meetings.restore()
    await again.privacy.restore()
    assert again.privacy.recording("cedar")
    assert again.privacy.off_record("birch")
    assert states(again.enter("Bo", "birch")) == [(["birch"], ["cedar"])]
    await again.privacy.keep_sound(meeting, "u1", SOUND, START + timedelta(seconds=4))
    await again.privacy.keep_sound(meeting, "u2", SOUND, START + timedelta(seconds=5))
    assert list(again.recordings.kept(meeting)) == ["u2"]


async def test_a_recording_of_a_meeting_that_ended_meanwhile_does_not_come_back(
    house: House, records: Records, tmp_path: Path
) -> None:
    fay = house.enter("Fay", "cedar", Role.FACILITATOR)
    meeting = await house.meet(fay, "cedar")
    await house.keep_sound(fay, "cedar")
    await records.end_meeting(meeting, START)
    again = House(tmp_path, records)
    await again.meetings.restore()
    await again.privacy.restore()
    assert not again.privacy.recording("cedar")


async def test_sound_is_swept_when_its_time_is_over_or_its_meeting_is_gone(house: House) -> None:
    fay = house.enter("Fay", "cedar", Role.FACILITATOR)
    meeting = await house.meet(fay, "cedar")
    house.recordings.keep(meeting, "u1", SOUND)
    house.recordings.keep("gone", "u1", SOUND)
    assert await house.privacy.sweep() == 1
    assert house.recordings.meetings() == [meeting]
    house.clock[0] += timedelta(days=7)
    assert await house.privacy.sweep() == 1
    assert house.recordings.meetings() == []
