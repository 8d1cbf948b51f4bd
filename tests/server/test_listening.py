"""Sound becomes captions while somebody speaks, and an utterance that is not lost: in an open office."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from media.audio import Samples
from media.schedule import Urgency
from server.app import open_office
from server.config import load
from server.protocol import messages as m
from server.speech_port import Recognised, Segment, SpeechFailed
from server.spool import Kept
from spatial.participant import ParticipantId
from tests.fakes import Scripted, ScriptedSpeech
from tests.house import OpenHouse, Visitor
from tests.walks.test_spoken_task import speech, start_meeting

TEXT = "we look at the plan for the new office before the others arrive"


def talk(seconds: float) -> list[Samples]:
    """Speech without the silence that ends it."""
    return speech(seconds)[:-50]


def silence(seconds: float) -> list[Samples]:
    return [np.zeros(960, np.float32)] * round(seconds * 50)


def hear(house: OpenHouse, visitor: Visitor, frames: list[Samples]) -> None:
    for frame in frames:
        house.running.listening.hear(visitor.id, frame)


async def tell(house: OpenHouse, visitor: Visitor, frames: list[Samples]) -> None:
    """Frame by frame, with time between them for what comes of each."""
    for frame in frames:
        house.running.listening.hear(visitor.id, frame)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


def captions(visitor: Visitor) -> list[m.Caption]:
    return [r for r in visitor.received if isinstance(r, m.Caption) and r.kind == "human"]


class Stuck(ScriptedSpeech):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def recognise(self, segment: Segment) -> Recognised | None:
        await self.go.wait()
        return await super().recognise(segment)


@pytest.fixture
def stuck(house: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stuck]:
    """The recogniser does not answer until it is let."""
    stuck = Stuck()
    monkeypatch.setattr(house.running.listening, "_speech", stuck)
    yield stuck
    stuck.go.set()


async def test_the_caption_grows_while_somebody_speaks_and_what_has_settled_stays(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    house.scripted.speech.early = True
    house.scripted.speech.lines.append(TEXT)
    await tell(house, ana, speech(4.5))
    await house.running.listening.settle()
    await bo.get(m.Caption, lambda c: c.final)
    seen = captions(bo)
    assert len(seen) >= 3, "it is seen before it is over"
    assert len({caption.id for caption in seen}) == 1
    for before, after in pairwise(seen):
        assert after.text.startswith(before.text[: before.settled])
        assert after.settled >= before.settled
    assert 0 < seen[0].settled < len(TEXT)
    assert (seen[-1].text, seen[-1].settled) == (TEXT, len(TEXT))
    assert [caption.final for caption in seen] == [False] * (len(seen) - 1) + [True]
    assert house.running.listening.captions.delays.count == 1


async def test_it_is_known_how_soon_words_are_in_a_caption(
    house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await house.enter()
    assert house.running.listening.captions.delays.word_p50 is None
    house.scripted.speech.lines.append(TEXT)
    now = house.running.office.wall()
    monkeypatch.setattr(house.running.office, "wall", lambda: now)
    hear(house, ana, speech(2.0))
    await house.running.listening.settle()
    caption = await ana.get(m.Caption, lambda c: c.final)
    middle = 0.3 * (len(TEXT.split()) // 2) + 0.25
    assert house.running.listening.captions.delays.word_p50 == pytest.approx(now.timestamp() - caption.at - middle)


async def test_who_comes_back_after_a_correction_reads_it_with_its_author(house: OpenHouse) -> None:
    ana = await house.enter()
    meeting = await start_meeting(house, ana)
    house.scripted.speech.lines.append("we sip on Friday")
    hear(house, ana, speech(1.5))
    line = await ana.get(m.Caption, lambda c: c.final)
    await house.running.listening.settle()
    for text in ("we slip on Friday", "we ship on Friday"):
        answer = await house.owner.patch(f"/v1/meetings/{meeting}/utterances/{line.id}", json={"text": text})
        assert answer.status_code == 200
    back = await house.enter()
    (welcome,) = (r for r in back.received if isinstance(r, m.Welcome))
    (caption,) = (c for c in welcome.captions if c["id"] == line.id)
    assert (caption["text"], caption["heard"]) == ("we ship on Friday", "we sip on Friday")
    assert caption["corrected_by"] != ""


async def test_what_was_recognised_in_the_pause_is_not_recognised_again(house: OpenHouse) -> None:
    ana = await house.enter()
    house.scripted.speech.early = True
    house.scripted.speech.lines.append(TEXT)
    await tell(house, ana, speech(2.0))
    await house.running.listening.settle()
    assert (await ana.get(m.Caption, lambda c: c.final)).text == TEXT
    urgencies = {segment.urgency for segment in house.scripted.speech.heard}
    assert urgencies == {Urgency.PARTIAL, Urgency.LIKELY}
    assert house.scripted.speech.ended == [house.scripted.speech.heard[0].stream], "it may be forgotten"


async def test_early_captions_come_no_more_often_than_there_is_time_for(
    house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await house.enter()
    monkeypatch.setattr(house.scripted.speech, "cadence", lambda: 1.5)
    hear(house, ana, talk(4.0))
    await asyncio.sleep(0)
    partials = [s for s in house.scripted.speech.heard if s.urgency is Urgency.PARTIAL]
    assert len(partials) == 2


async def test_an_utterance_waits_on_disk_until_its_words_are_kept(
    house: OpenHouse, stuck: Stuck, tmp_path: Path
) -> None:
    ana = await house.enter()
    meeting = await start_meeting(house, ana)
    stuck.lines.append(TEXT)
    hear(house, ana, speech(1.5))
    (file,) = (tmp_path / "data" / "spool").glob("*.segment")
    stuck.go.set()
    await house.running.listening.settle()
    assert not file.exists()
    minutes = (await house.owner.get(f"/v1/meetings/{meeting}")).json()
    (line,) = (u for u in minutes["utterances"] if u["speaker_name"] == "Ana")
    assert line["text"] == TEXT
    assert [word[0] for word in line["words"]] == TEXT.split()


async def test_what_an_office_had_not_finished_stands_in_the_minutes_after_a_restart(tmp_path: Path) -> None:
    settings = load({"data_dir": tmp_path / "data", "timezone": "Europe/Berlin"}, {}, None)
    async with open_office(settings, Scripted().adapters()) as before:
        meeting = await before.records.start_meeting(
            title="Plan", room="hq", zone="cedar", zone_name="Cedar", facilitator="ana", facilitator_name="Ana",
            at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        )  # fmt: skip
        spool = before.listening._spool
        for second in (2, 1):
            spool.put(
                Kept(
                    id=f"u{second}",
                    speaker="ana",
                    speaker_name="Ana",
                    room="hq",
                    zone="cedar",
                    meeting=meeting.id,
                    started_at=datetime.now(UTC).replace(microsecond=second),
                    seconds=1.0,
                    samples=np.zeros(16_000, np.float32),
                )
            )
    scripted = Scripted()
    scripted.speech.lines = ["first", "second"]
    async with open_office(settings, scripted.adapters()) as after:
        await after.listening.settle()
        record = await after.records.meeting(meeting.id)
        assert record.reading is None
        assert [(line.id, line.text) for line in record.utterances] == [("u1", "first"), ("u2", "second")]
        assert not after.listening._spool.ids()


async def test_a_meeting_is_read_when_its_last_words_are_known(house: OpenHouse, stuck: Stuck) -> None:
    ana = await house.enter()
    meeting = await start_meeting(house, ana)
    stuck.lines.append(TEXT)
    hear(house, ana, speech(1.5))
    await ana.send(m.MeetingEnd(meeting=meeting))
    await ana.get(m.Notice, lambda n: n.link == f"/meetings/{meeting}")
    page = (await house.owner.get(f"/v1/meetings/{meeting}")).json()
    assert (page["utterances"], page["reading"]) == ([], "waiting")
    stuck.go.set()
    await house.running.readings.settle()
    page = (await house.owner.get(f"/v1/meetings/{meeting}")).json()
    assert ([line["text"] for line in page["utterances"]], page["reading"]) == ([TEXT], "done")
    assert page["reading_note"] is None


async def test_a_meeting_that_was_not_read_yet_is_read_after_a_restart_with_its_last_words(
    tmp_path: Path,
) -> None:
    settings = load({"data_dir": tmp_path / "data", "timezone": "Europe/Berlin"}, {}, None)
    async with open_office(settings, Scripted().adapters()) as before:
        meeting = await before.records.start_meeting(
            title="Plan", room="hq", zone="cedar", zone_name="Cedar", facilitator="ana", facilitator_name="Ana",
            at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        )  # fmt: skip
        await before.records.end_meeting(meeting.id, datetime(2026, 11, 20, 10, 0, tzinfo=UTC))
        before.listening._spool.put(
            Kept(
                id="u1", speaker="ana", speaker_name="Ana", room="hq", zone="cedar", meeting=meeting.id,
                started_at=datetime.now(UTC), seconds=1.0,
                samples=np.zeros(16_000, np.float32),
            )
        )  # fmt: skip
    scripted = Scripted()
    scripted.speech.lines = ["and you will be looking at the user interface by Friday"]
    async with open_office(settings, scripted.adapters()) as after:
        await after.readings.settle()
        record = await after.records.meeting(meeting.id)
        assert ([line.id for line in record.utterances], record.reading) == (["u1"], "done")
    async with open_office(settings, Scripted().adapters()) as again:
        assert await again.records.unread_meetings() == []


async def test_who_refuses_is_forgotten_unheard_also_what_waits(
    house: OpenHouse, stuck: Stuck, tmp_path: Path
) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    stuck.lines += [TEXT, TEXT]
    hear(house, ana, speech(1.5))
    hear(house, ana, talk(1.5))
    await ana.send(m.Consent(transcribed=False))
    await ana.settled()
    assert not list((tmp_path / "data" / "spool").glob("*.segment"))
    assert stuck.forgotten == [ana.id]
    stuck.go.set()
    await house.running.listening.settle()
    await bo.settled()
    assert captions(bo) == []


async def test_a_caption_that_stands_is_taken_back_when_its_speaker_refuses(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    house.scripted.speech.early = True
    house.scripted.speech.lines.append(TEXT)
    await tell(house, ana, talk(2.0))
    shown = await bo.get(m.Caption)
    await ana.send(m.Consent(transcribed=False))
    gone = await bo.get(m.Caption, lambda c: c.final)
    assert (gone.id, gone.text) == (shown.id, "")


async def test_who_leaves_has_said_what_they_said(house: OpenHouse, stuck: Stuck) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    stuck.lines.append(TEXT)
    hear(house, bo, talk(1.5))
    house.running.listening.leave(ParticipantId(bo.id))
    stuck.go.set()
    await house.running.listening.settle()
    assert (await ana.get(m.Caption, lambda c: c.final)).text == TEXT


async def test_off_the_record_nobody_is_recognised_and_then_they_are_again(house: OpenHouse) -> None:
    ana = await house.enter()
    zone = next(p for p in house.running.office.people() if p.name == "Ana").zone
    house.scripted.speech.lines += ["before", "after"]
    hear(house, ana, talk(1.5))
    await ana.send(m.OffRecord(zone=zone, on=True))
    await ana.get(m.Privacy, lambda p: p.off_record == [zone])
    await house.running.listening.settle()
    assert (await ana.get(m.Caption, lambda c: c.final)).text == "before"
    heard = len(house.scripted.speech.heard)
    hear(house, ana, speech(1.5))
    await house.running.listening.settle()
    assert len(house.scripted.speech.heard) == heard
    await ana.send(m.OffRecord(zone=zone, on=False))
    await ana.get(m.Privacy, lambda p: p.off_record == [], since=len(ana.received))
    hear(house, ana, speech(1.5))
    await house.running.listening.settle()
    assert (await ana.get(m.Caption, lambda c: c.text == "after")).final


async def test_what_nobody_can_make_out_is_counted_and_goes(
    house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(segment: Segment) -> Recognised | None:
        if segment.urgency is Urgency.FINAL:
            raise SpeechFailed("three processes ended over it")
        return None

    ana = await house.enter()
    monkeypatch.setattr(house.scripted.speech, "recognise", fail)
    hear(house, ana, speech(1.5))
    await house.running.listening.settle()
    assert house.running.listening.failed == 1
    assert not house.running.listening._spool.ids()


async def test_more_than_fits_into_memory_waits_on_disk_alone(
    house: OpenHouse, stuck: Stuck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.running.listening, "_room", asyncio.Semaphore(1))
    ana = await house.enter()
    stuck.lines += ["one", "two", "three"]
    for _ in range(3):
        hear(house, ana, speech(1.0))
        await asyncio.sleep(0)
    assert len(house.running.listening._spool.ids()) == 3
    stuck.go.set()
    await house.running.listening.settle()
    await ana.get(m.Caption, lambda c: c.text == "three")
    assert [c.text for c in captions(ana)] == ["one", "two", "three"]


async def test_a_language_that_is_known_is_taken_and_another_refused(
    house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await house.enter()
    await ana.send(m.SetLanguage(language="de"))
    refused = await ana.get(m.ErrorMessage)
    assert refused.code == "language"
    assert "en" in refused.text
    await ana.send(m.SetLanguage(language="en"))
    await ana.settled()
    hear(house, ana, speech(1.0))
    assert {s.language for s in house.scripted.speech.heard} <= {"en"}


async def test_the_recogniser_is_told_the_names_of_people_rooms_and_things(house: OpenHouse) -> None:
    await house.enter("Agnieszka", "member")
    reply = await house.owner.put("/v1/glossary", json={"terms": ["Zephyr"]})
    assert reply.status_code == 200, reply.text
    known = house.scripted.speech.vocabulary
    assert {"Agnieszka", "Ada", "Cedar", "Reading nook", "Zephyr"} <= set(known)
