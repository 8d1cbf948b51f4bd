"""When a meeting that is over is read: after its last words, again while the models cannot, after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from server.assets import asset
from server.errors import Busy, Missing
from server.flows.readings import FAULT, LATE, PAUSES, SETTLE_SECONDS, Readings
from server.flows.unsettled import Unsettled
from server.office import Office
from server.protocol import messages as m
from server.records import Meeting, Records
from server.workers import WorkersBusy
from spatial.plan import Plan
from spatial.room import Room
from workflows.adapters.sql_store import SqlStore

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


class Models:
    """Raise what they are told to, one a try; then they find one thing."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.read: list[str] = []

    async def review(self, meeting: str) -> int:
        self.read.append(meeting)
        if self.faults:
            raise self.faults.pop(0)
        return 1


def busy(cause: Exception) -> Busy:
    error = Busy("try again")
    error.__cause__ = cause
    return error


class Time:
    """Passes at once, but for the time in which words are to settle: that passes when it is told to."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self.over = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        if seconds == SETTLE_SECONDS:
            await self.over.wait()
        else:
            self.pauses.append(seconds)


class House:
    """An office with a meeting that is over."""

    def __init__(self, records: Records, meeting: Meeting) -> None:
        plan = Plan.load(asset("rooms/hq.json").read_text(encoding="utf-8"), "hq.json")
        self.office = Office(
            name="Test", room=Room("hq", plan), plan=plan, timezone=ZoneInfo("UTC"), monotonic=lambda: 1.0,
            wall=lambda: NOW,
        )  # fmt: skip
        self.records, self.meeting = records, meeting
        self.unsettled, self.time = Unsettled(), Time()

    def readings(self, models: Models) -> Readings:
        return Readings(self.office, self.records, models.review, self.unsettled.settled, wait=self.time.wait)

    async def stands(self) -> tuple[str | None, str | None]:
        record = await self.records.meeting(self.meeting.id)
        return record.reading, record.reading_note


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    store = await SqlStore.open(f"sqlite:///{tmp_path / 'office.db'}")
    records = Records(store.rows)
    meeting = await records.start_meeting(
        title="Weekly", room="hq", zone="open", zone_name="Open floor", facilitator="ana", facilitator_name="Ana",
        at=NOW,
    )  # fmt: skip
    yield House(records, await records.end_meeting(meeting.id, NOW))
    await store.close()


async def test_a_meeting_waits_to_be_read_from_its_end_on(house: House) -> None:
    assert await house.stands() == ("waiting", None)
    assert [meeting.id for meeting in await house.records.unread_meetings()] == [house.meeting.id]
    models = Models()
    readings = house.readings(models)
    readings.ended(house.meeting)
    await readings.settle()
    assert (models.read, await house.stands()) == ([house.meeting.id], ("done", None))
    assert await house.records.unread_meetings() == []


async def test_it_is_not_read_before_its_last_words_are_known(house: House) -> None:
    models = Models()
    readings = house.readings(models)
    for utterance, meeting in (("u1", house.meeting.id), ("u2", None), ("u3", "another")):
        house.unsettled.begin(utterance, meeting)
    readings.ended(house.meeting)
    for utterance in ("u1", "u2"):
        for _ in range(5):
            await asyncio.sleep(0)
        assert models.read == []
        house.unsettled.end(utterance)
    await readings.settle()
    assert await house.stands() == ("done", None)


async def test_an_utterance_that_turns_out_to_be_of_another_meeting_holds_up_none_else() -> None:
    unsettled = Unsettled()
    unsettled.begin("u1", None)
    waiting = asyncio.ensure_future(unsettled.settled("m1"))
    await asyncio.sleep(0)
    assert not waiting.done()
    unsettled.begin("u1", "m2")
    await waiting
    unsettled.end("u1")
    unsettled.end("u1")
    await unsettled.settled("m2")


async def test_words_that_do_not_come_are_not_waited_for_for_ever_and_the_page_says_so(house: House) -> None:
    models = Models()
    readings = house.readings(models)
    house.unsettled.begin("u1", house.meeting.id)
    readings.ended(house.meeting)
    house.time.over.set()
    await readings.settle()
    assert (models.read, await house.stands()) == ([house.meeting.id], ("done", LATE))
    assert await readings.look_again(house.meeting.id) == 1
    assert await house.stands() == ("done", None)


async def test_while_the_models_are_busy_it_is_tried_again_after_growing_pauses(house: House) -> None:
    models = Models(*(busy(WorkersBusy("full")) for _ in range(3)))
    readings = house.readings(models)
    readings.ended(house.meeting)
    await readings.settle()
    assert house.time.pauses == list(PAUSES[:3])
    assert list(PAUSES) == sorted(set(PAUSES))
    assert (len(models.read), await house.stands()) == (4, ("done", None))


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (WorkersBusy("full"), "the models had too much to do"),
        (BrokenProcessPool("gone"), "the models did not answer"),
    ],
)
async def test_after_the_last_try_the_page_says_why_and_who_is_there_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch, cause: Exception, why: str
) -> None:
    tries = len(PAUSES) + 1
    models = Models(*(busy(cause) for _ in range(tries)))
    told: list[m.Notice] = []
    monkeypatch.setattr(house.office, "broadcast", lambda notice, only: told.append(notice))
    readings = house.readings(models)
    readings.ended(house.meeting)
    await readings.settle()
    assert house.time.pauses == list(PAUSES)
    assert (len(models.read), await house.stands()) == (tries, ("failed", f"{why} in {tries} tries"))
    assert [notice.text for notice in told] == [
        f"Weekly was not read as a whole: {why} in {tries} tries. Its page can do it."
    ]
    assert await readings.restore() == 0, "a restart does not try what has failed"
    assert await readings.look_again(house.meeting.id) == 1
    assert await house.stands() == ("done", None)


async def test_a_fault_leaves_it_unread_and_is_counted(house: House, caplog: pytest.LogCaptureFixture) -> None:
    readings = house.readings(Models(ValueError("broken")))
    readings.ended(house.meeting)
    await readings.settle()
    assert await house.stands() == ("failed", FAULT)
    assert "background task failed" in caplog.text


async def test_a_meeting_that_was_deleted_meanwhile_is_none(house: House) -> None:
    readings = house.readings(Models(Missing("there is no meeting")))
    await house.records.delete_meeting(house.meeting.id)
    readings.ended(house.meeting)
    await readings.settle()
    assert await house.records.unread_meetings() == []


async def test_what_an_office_that_stopped_had_not_read_the_next_one_reads(house: House) -> None:
    house.unsettled.begin("u1", house.meeting.id)
    models = Models()
    readings = house.readings(models)
    readings.ended(house.meeting)
    await readings.close()
    assert (models.read, await house.stands()) == ([], ("waiting", None))
    house.unsettled.end("u1")
    later = house.readings(models)
    assert await later.restore() == 1
    await later.settle()
    assert (models.read, await house.stands()) == ([house.meeting.id], ("done", None))
