"""People, meetings and their words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from media.transcriber import Word
from server.errors import Missing, Unacceptable
from server.records import NoteKind
from server.roles import Role
from tests.server.offices import LOOK, START, TestOffice, open_office


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[TestOffice]:
    async with open_office(tmp_path) as opened:
        yield opened


def said(id: str, text: str, seconds: float = 0.0) -> dict[str, Any]:
    return {
        "id": id,
        "speaker_id": "bo",
        "speaker_name": "Bo",
        "text": text,
        "started_at": START + timedelta(seconds=seconds),
        "seconds": 2.0,
        "engine": "test",
    }


async def test_a_person_comes_back_as_they_left(office: TestOffice) -> None:
    first = await office.records.put_person(id="bo", name=" Bo  Li ", role=Role.MEMBER, look=LOOK, now=START)
    assert (first.name, first.last_pose) == ("Bo Li", None)
    await office.records.save_pose("bo", (1.0, 2.0, 0.5), "hq")
    await office.records.save_person("bo", "Bo", [5, 5, 5, 5, 5])
    later = START + timedelta(days=1)
    again = await office.records.put_person(id="bo", name="Bo", role=Role.OWNER, look=LOOK, now=later)
    assert (again.role, again.created_at, again.seen_at) == (Role.OWNER, START, later)
    assert (again.last_room, await office.records.last_pose("bo")) == ("hq", (1.0, 2.0, 0.5))
    assert [person.id for person in await office.records.people()] == ["bo"]
    assert await office.records.person("lin") is None
    assert await office.records.last_pose("lin") is None


@pytest.mark.parametrize(
    ("name", "look"),
    [("", LOOK), ("\u202e\n", LOOK), ("x" * 41, LOOK), ("Bo", [0, 0]), ("Bo", [0, 0, 0, 0, 6])],
)
async def test_a_name_that_cannot_be_seen_or_a_look_that_is_none_is_refused(
    office: TestOffice, name: str, look: list[int]
) -> None:
    with pytest.raises(Unacceptable):
        await office.records.put_person(id="bo", name=name, role=Role.MEMBER, look=look, now=START)


async def test_a_name_keeps_its_emoji(office: TestOffice) -> None:
    family = "Bo \U0001f469\u200d\U0001f4bb"
    person = await office.records.put_person(id="bo", name=family, role=Role.GUEST, look=LOOK, now=START)
    assert person.name == family


async def test_a_meeting_holds_what_was_said_in_order(office: TestOffice) -> None:
    meeting = await office.meeting("Bo", "Lin")
    await office.records.attend(meeting.id, "lin", "Lin", at=START + timedelta(minutes=5))
    await office.records.attend(meeting.id, "ada", "Ada", kind="avatar")
    assert await office.records.append_utterance(meeting.id, **said("u2", "Second", 9.0))
    assert await office.records.append_utterance(meeting.id, **said("u1", "First", 3.0))
    assert not await office.records.append_utterance(meeting.id, **said("u1", "Again"))
    note = await office.records.add_note(
        NoteKind.DECISION, meeting.id, text="We ship", utterance_id="u1", confidence=0.8, now=START, id="d"
    )
    await office.records.add_note(
        NoteKind.DECISION, meeting.id, text="We ship", utterance_id="u1", confidence=0.8, now=START, id="d"
    )
    await office.records.add_note(
        NoteKind.QUESTION, meeting.id, text="When?", utterance_id=None, confidence=0.7, now=START
    )
    record = await office.records.meeting(meeting.id)
    assert [person.name for person in record.people] == ["Bo", "Lin", "Ada"]
    assert [(line.text, record.offset(line)) for line in record.utterances] == [("First", 3.0), ("Second", 9.0)]
    assert record.decisions == (note,)
    assert [question.text for question in record.questions] == ["When?"]


async def test_a_correction_keeps_what_was_heard_and_who_corrected(office: TestOffice) -> None:
    meeting = await office.meeting("Bo")
    await office.records.append_utterance(meeting.id, **said("u1", "Send the butcher"))
    await office.records.edit_utterance(meeting.id, "u1", text="Send the bud get", by="bo", now=START)
    line = await office.records.edit_utterance(meeting.id, "u1", text="Send the budget", by="lin", now=START)
    assert (line.text, line.original_text, line.edited_by) == ("Send the budget", "Send the butcher", "lin")
    assert await office.records.utterance(meeting.id, "u1") == line
    other = await office.meeting("Bo")
    with pytest.raises(Missing):
        await office.records.edit_utterance(other.id, "u1", text="x", by="bo", now=START)
    with pytest.raises(Missing):
        await office.records.utterance(other.id, "u1")
    with pytest.raises(Unacceptable):
        await office.records.edit_utterance(meeting.id, "u1", text=" ", by="bo", now=START)


def word(text: str, start: float, confidence: float = 0.5) -> Word:
    return Word(text=text, start=start, end=start + 0.4, confidence=confidence)


async def test_an_utterance_keeps_its_words_with_their_times(office: TestOffice) -> None:
    meeting = await office.meeting("Bo")
    words = (word("Grüße", 0.12345, 1.0), word("Bo", 0.8))
    await office.records.append_utterance(meeting.id, **said("u1", "Grüße Bo"), words=words, language="de")
    await office.records.append_utterance(meeting.id, **said("u2", "Yes"), confidence=0.25)
    await office.records.append_utterance(meeting.id, **said("u3", "No"))
    first, second, third = (await office.records.meeting(meeting.id)).utterances
    assert first.words == (
        Word(text="Grüße", start=0.123, end=0.523, confidence=1.0),
        Word(text="Bo", start=0.8, end=1.2, confidence=0.5),
    )
    assert (first.language, first.confidence) == ("de", 0.75)
    assert (second.words, second.language, second.confidence) == ((), "", 0.25)
    assert third.confidence is None


async def test_a_correction_keeps_the_name_of_who_made_it_then(office: TestOffice) -> None:
    meeting = await office.meeting("Bo")
    await office.records.put_person(id="lin", name="Lin", role=Role.MEMBER, look=LOOK, now=START)
    await office.records.append_utterance(meeting.id, **said("u1", "Send the butcher"), words=[word("Send", 0)])
    line = await office.records.edit_utterance(meeting.id, "u1", text="Send the budget", by="lin", now=START)
    assert line.edited_by_name == "Lin"
    await office.records.save_person("lin", "Linda", LOOK)
    kept = await office.records.utterance(meeting.id, "u1")
    assert (kept.edited_by_name, kept.words) == ("Lin", (word("Send", 0),))


async def test_the_office_remembers_one_value_under_a_name(office: TestOffice) -> None:
    assert await office.records.remembered("privacy:hq") is None
    await office.records.remember("privacy:hq", {"off_record": ["cedar"]})
    await office.records.remember("privacy:hq", {"off_record": []})
    assert await office.records.remembered("privacy:hq") == {"off_record": []}


async def test_notes_can_be_changed_and_removed(office: TestOffice) -> None:
    meeting = await office.meeting("Bo")
    note = await office.records.add_note(
        NoteKind.DECISION, meeting.id, text="We ship", utterance_id=None, confidence=1.0, now=START
    )
    changed = await office.records.edit_note(NoteKind.DECISION, meeting.id, note.id, text="We wait", by="bo")
    assert changed.text == "We wait"
    with pytest.raises(Missing):
        await office.records.edit_note(NoteKind.QUESTION, meeting.id, note.id, text="x", by="bo")
    await office.records.delete_note(NoteKind.DECISION, meeting.id, note.id)
    with pytest.raises(Missing):
        await office.records.delete_note(NoteKind.DECISION, meeting.id, note.id)


async def test_a_meeting_ends_once(office: TestOffice) -> None:
    meeting = await office.meeting("Bo")
    assert [m.id for m in await office.records.open_meetings()] == [meeting.id]
    end = START + timedelta(hours=1)
    assert (await office.records.end_meeting(meeting.id, end)).ended_at == end
    assert (await office.records.end_meeting(meeting.id, end + timedelta(hours=1))).ended_at == end
    assert await office.records.open_meetings() == []
    with pytest.raises(Missing):
        await office.records.end_meeting("none", end)


async def test_meetings_are_listed_newest_first_and_by_who_was_in(office: TestOffice) -> None:
    one = await office.meeting("Bo", title="One")
    office.wait(hours=1)
    two = await office.meeting("Lin", "Bo", title="Two")
    office.wait(hours=1)
    three = await office.meeting("Lin", title="Three")
    assert [m.id for m in await office.records.meetings()] == [three.id, two.id, one.id]
    assert [m.id for m in await office.records.meetings(attended_by="bo")] == [two.id, one.id]
    assert await office.records.meetings(attended_by="nobody") == []
    assert (await office.records.rename_meeting(one.id, title="First")).title == "First"
    with pytest.raises(Unacceptable):
        await office.records.rename_meeting(one.id, title="")
