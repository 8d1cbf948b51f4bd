"""Written summaries are kept once a meeting, go with its words, and say why there is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from avatars.errors import MindError
from avatars.mind import Message, Mind
from server.errors import Missing, Unacceptable
from server.exports.record import MeetingRecord
from server.flows.writing import Writing
from server.records import Meeting
from server.summaries import Summaries, WritingState
from tests.server.offices import TestOffice, open_office

BUDGET = "The budget for the booth is 780 euros"
GOOD = "Title: Budget for the booth [1]\nThe budget for the booth is 780 euros. [1]"


@dataclass
class Scripted:
    """Gives the next answer, or raises it; waits where it is told to."""

    answers: list[str | Exception]
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    is_asked: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)
    model, host, most_characters = "small", "llm.example.org", 8000

    async def ask(self, messages: Sequence[Message]) -> str:
        self.asked.append(messages[-1].text)
        self.is_asked.set()
        await self.may_answer.wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[TestOffice]:
    async with open_office(tmp_path) as opened:
        yield opened


async def nothing_under_way(meeting: str) -> None:
    """All was heard."""


def writing(
    office: TestOffice, mind: Mind | None, heard_out: Callable[[str], Awaitable[None]] = nothing_under_way
) -> Writing:
    summaries = Summaries(office.store.rows)
    return Writing(office.records, summaries, mind, wall=lambda: office.now, heard_out=heard_out)


async def say(office: TestOffice, meeting: Meeting, id: str, who: str, text: str) -> None:
    await office.records.append_utterance(
        meeting.id, id=id, speaker_id=who.lower(), speaker_name=who, text=text, started_at=office.now, seconds=2.0,
        engine="test",
    )  # fmt: skip


async def held(office: TestOffice, *said: str) -> MeetingRecord:
    """A meeting of Ana and Bo that is over; Bo said this."""
    meeting = await office.meeting("Ana", "Bo")
    for number, text in enumerate(said):
        await say(office, meeting, f"u{number}", "Bo", text)
    await say(office, meeting, "a", "avatar-ada", "Noted. I am no source.")
    await office.records.end_meeting(meeting.id, office.now)
    return await office.records.meeting(meeting.id)


def ready(*answers: str | Exception) -> Scripted:
    mind = Scripted(list(answers))
    mind.may_answer.set()
    return mind


async def test_the_last_words_are_waited_for_and_colleagues_are_not_sent(office: TestOffice) -> None:
    mind, meeting = ready(GOOD), await office.meeting("Ana", "Bo")
    await say(office, meeting, "a", "avatar-ada", "Noted. I am no source.")

    async def heard_out(meeting_id: str) -> None:
        await say(office, meeting, "u0", "Bo", BUDGET)

    flow = writing(office, mind, heard_out)
    flow.ended(await office.records.end_meeting(meeting.id, office.now))
    await flow.settled()
    assert mind.asked == [f'[1] "Bo": "{BUDGET}"']
    writ = await flow.read(await office.records.meeting(meeting.id))
    assert (writ.state, writ.fault, writ.can_ask) == (WritingState.WRITTEN, "", True)
    assert writ.summary is not None
    assert (writ.summary.title, writ.summary.model, writ.summary.host) == (
        "Budget for the booth",
        "small",
        mind.host,
    )
    assert not writ.summary.outdated


async def test_asked_for_twice_it_is_written_once_and_one_of_before_stays_where_it_fails(
    office: TestOffice,
) -> None:
    record = await held(office, BUDGET)
    mind = Scripted(
        [GOOD, "All were happy. [1] Really.", MindError("it is asleep; wake it"), LookupError("a slip")]
    )
    flow = writing(office, mind)
    flow.ask(record)
    flow.ask(record)
    assert (await flow.read(record)).state is WritingState.WRITING
    mind.may_answer.set()
    await flow.settled()
    assert len(mind.asked) == 1
    for words in ("wrote nothing that could be found in what was said (2 sentences", "wake it", "try again"):
        flow.ask(record)
        await flow.settled()
        writ = await flow.read(record)
        assert (writ.state, writ.can_ask) == (WritingState.FAILED, True)
        assert words in writ.fault
        assert writ.summary is not None
    assert len(await office.store.rows.select("written")) == 1


@pytest.mark.parametrize("answer", [GOOD, MindError("it is asleep; wake it")])
async def test_words_that_are_deleted_meanwhile_do_not_come_back(
    office: TestOffice, answer: str | Exception
) -> None:
    record = await held(office, BUDGET)
    mind = Scripted([answer, GOOD])
    flow = writing(office, mind)
    flow.ask(record)
    await mind.is_asked.wait()
    await office.store.erase_person("bo")
    mind.may_answer.set()
    await flow.settled()
    assert await office.store.rows.select("written") == []
    writ = await flow.read(await office.records.meeting(record.id))
    assert (writ.state, writ.can_ask) == (WritingState.FAILED, False)
    assert ("deleted while" in writ.fault) == (answer == GOOD)


async def test_who_is_erased_takes_the_summaries_of_their_meetings_along(office: TestOffice) -> None:
    record = await held(office, BUDGET)
    other = await office.meeting("Ana")
    await say(office, other, "o", "Ana", BUDGET)
    await office.records.end_meeting(other.id, office.now)
    flow = writing(office, ready(GOOD, GOOD))
    for one in (record, await office.records.meeting(other.id)):
        flow.ask(one)
        await flow.settled()
    await office.store.erase_person("bo")
    assert [row["meeting"] for row in await office.store.rows.select("written")] == [other.id]
    await office.records.delete_meeting(other.id)
    assert await office.store.rows.select("written") == []


async def test_a_meeting_that_is_deleted_meanwhile_leaves_nothing(office: TestOffice) -> None:
    record = await held(office, BUDGET)
    mind = Scripted([GOOD])
    flow = writing(office, mind)
    flow.ask(record)
    await mind.is_asked.wait()
    await office.records.delete_meeting(record.id)
    mind.may_answer.set()
    await flow.settled()
    assert await office.store.rows.select("written") == []
    with pytest.raises(Missing):
        await office.records.meeting(record.id)


async def test_what_cannot_be_summed_up_is_refused_with_why(office: TestOffice) -> None:
    record, mind = await held(office, BUDGET), ready()
    nobody = writing(office, None)
    assert (await nobody.read(record)).state is WritingState.OFF
    with pytest.raises(Unacceptable, match="chat_url"):
        nobody.ask(record)
    flow = writing(office, mind)
    assert (await flow.read(record)).state is WritingState.NONE
    running = await office.meeting("Ana")
    with pytest.raises(Unacceptable, match="under way"):
        flow.ask(await office.records.meeting(running.id))
    silent = await office.records.end_meeting(running.id, office.now)
    with pytest.raises(Unacceptable, match="nothing was said"):
        flow.ask(await office.records.meeting(silent.id))
    flow.ended(silent)
    nobody.ended(silent)
    await flow.settled()
    writ = await flow.read(await office.records.meeting(silent.id))
    assert (writ.state, writ.can_ask, mind.asked) == (WritingState.NONE, False, [])


async def test_an_office_that_closes_gives_up_what_is_being_written(office: TestOffice) -> None:
    record = await held(office, BUDGET)
    mind = Scripted([GOOD, GOOD])
    flow = writing(office, mind)
    flow.ask(record)
    await mind.is_asked.wait()
    with suppress(asyncio.CancelledError):
        await flow.close()
    assert await office.store.rows.select("written") == []
    assert (await writing(office, mind).read(record)).state is WritingState.NONE
