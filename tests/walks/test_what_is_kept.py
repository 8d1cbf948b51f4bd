"""What is said is recognised, kept and heard again only as those who are there have chosen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.protocol import messages as m
from tests.fakes import FakePeer
from tests.house import OpenHouse, Visitor
from tests.walks.test_spoken_task import speech, start_meeting

WORDS = "The new product is called Heron"


def zone_of(house: OpenHouse, visitor: Visitor) -> str:
    return next(p.zone for p in house.running.office.people() if p.id == visitor.id)


async def dial(house: OpenHouse, visitor: Visitor) -> FakePeer:
    """Give the sound connection of somebody."""
    await visitor.send(m.SoundOffer(sdp="offer", generation=1))
    await visitor.get(m.SoundAnswer)
    return house.scripted.peers[-1]


async def say(house: OpenHouse, peer: FakePeer, text: str) -> None:
    """Speak; the scripted recogniser understands `text`."""
    house.scripted.speech.lines = [text]
    house.scripted.speak(peer, speech(1.5))
    await house.running.listening.settle()


async def test_off_the_record_nobody_is_recognised_and_everybody_knows(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "guest")
    assert (await bo.get(m.Privacy)).off_record == []
    zone, voice = zone_of(house, bo), await dial(house, ana)
    await start_meeting(house, ana)
    await bo.send(m.OffRecord(zone=zone, on=True))
    await ana.get(m.Privacy, lambda p: p.off_record == [zone])
    assert "Bo took" in (await ana.get(m.Notice, lambda n: "off the record" in n.text)).text
    await say(house, voice, WORDS)
    assert house.scripted.speech.heard == []
    late = await house.enter("Lin", "member")
    assert (await late.get(m.Privacy)).off_record == [zone]
    await ana.send(m.OffRecord(zone=zone, on=False))
    await ana.settled()
    await say(house, voice, "Back again")
    assert (await bo.get(m.Caption, lambda c: c.final)).text == "Back again"


async def test_sound_is_kept_from_the_switch_on_and_can_be_heard_and_deleted(
    house: OpenHouse, tmp_path: Path
) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    zone, meeting = zone_of(house, ana), await start_meeting(house, ana)
    voice = await dial(house, bo)
    await say(house, voice, "Not for the record")
    await bo.send(m.KeepSound(zone=zone, on=True))
    assert (await bo.get(m.ErrorMessage)).code == "forbidden"
    await ana.send(m.KeepSound(zone=zone, on=True))
    await bo.get(m.Privacy, lambda p: p.recording == [zone])
    house.running.office.wall = lambda: datetime.now(UTC) + timedelta(seconds=10)  # what follows is said later
    await say(house, voice, WORDS)
    lines = (await house.owner.get(f"/v1/meetings/{meeting}")).json()["utterances"]
    assert [(line["text"], line["sound_until"] is not None) for line in lines] == [
        ("Not for the record", False),
        (WORDS, True),
    ]
    path = f"/v1/meetings/{meeting}/utterances/{lines[1]['id']}/audio"
    sound = await house.owner.get(path)
    assert sound.content.startswith(b"RIFF")
    assert len(sound.content) > 16_000 * 2
    assert (await house.owner.delete(path)).status_code == 204
    assert (await house.owner.get(path)).status_code == 404
    assert not list((tmp_path / "data" / "recordings").rglob("*.sound"))
    mark = len(bo.received)
    await ana.send(m.MeetingEnd(meeting=meeting))
    assert (await bo.get(m.Privacy, since=mark)).recording == []


async def test_a_correction_reaches_those_who_are_there_with_its_author(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    meeting = await start_meeting(house, ana)
    await say(house, await dial(house, bo), "The new product is called Herring")
    caption = await ana.get(m.Caption, lambda c: c.final)
    assert caption.meeting == meeting
    path = f"/v1/meetings/{meeting}/utterances/{caption.id}"
    line = (await house.owner.patch(path, json={"text": WORDS})).json()
    assert (line["edited_by_name"], line["original_text"]) == ("Ana", "The new product is called Herring")
    corrected = await bo.get(m.Corrected)
    assert (corrected.id, corrected.text, corrected.by) == (caption.id, WORDS, "Ana")
    missed = (await house.owner.get(f"/v1/meetings/{meeting}/catch-up")).json()
    assert [one["text"] for one in missed["highlights"]] == [WORDS]
    assert [one["name"] for one in missed["speakers"]] == ["Bo"]
    subtitles = (await house.owner.get(f"/v1/meetings/{meeting}/transcript.vtt")).text
    assert "<v Bo>The <00:" in subtitles
