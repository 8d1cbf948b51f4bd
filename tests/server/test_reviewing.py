"""A meeting that is over is read as a whole: over a real store, with a reader that finds what it is told to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from avatars.by_rules import RuleRecognizer
from avatars.mentions import Surroundings
from avatars.requests import RequestKind, SpokenRequest
from avatars.review import Item, clean
from avatars.reviewing import Digest, Review, Spoken
from server import model_process
from server.assets import asset
from server.flows.reviewing import Reviewing
from server.flows.tasks import Tasks
from server.model_process import Models
from server.office import Office
from server.records import Records
from spatial.plan import Plan
from spatial.room import Room
from tests.fakes import InlineWorkers
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.task import Quote, Task
from workflows.tasks import TaskList

BEGAN = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
ADA = "avatar-ada"


class Finds:
    """Finds the lines that begin like this."""

    def __init__(self, *openings: str) -> None:
        self.openings = openings
        self.read: list[Spoken] = []

    def prepare(self, texts: Sequence[str]) -> None:
        return None

    def review(self, meeting: Spoken) -> Review:
        self.read.append(meeting)
        items = tuple(
            Item(line=line.id, text=clean(line.text), words=line.text, confidence=0.5, owner="bo")
            for line in meeting.lines
            if line.text.startswith(self.openings) and line.id not in meeting.sources["actions"]
        )
        return Review(actions=items, decisions=(), model="m", sha256="s" * 64, seconds=0.0)

    def digest(self, meeting: Spoken) -> Digest:
        raise NotImplementedError


class Nobody:
    """Is asked for nothing."""

    def read(self, text: str, around: Surroundings) -> SpokenRequest:
        return SpokenRequest(kind=RequestKind.NONE, confidence=0.0)


@dataclass(kw_only=True)
class House:
    """A meeting and who reads it."""

    office: Office
    records: Records
    tasks: TaskList
    reviewing: Reviewing
    meeting: str = ""

    async def hold(self, *said: str) -> None:
        """Ana holds a meeting and says all of it; Bo and Lin agree first."""
        meeting = await self.records.start_meeting(
            title="Weekly", room="hq", zone="meeting-a", zone_name="Cedar", facilitator="ana",
            facilitator_name="Ana", at=BEGAN,
        )  # fmt: skip
        self.meeting = meeting.id
        lines = [("bo", "Bo", "Hello"), ("lin", "Lin", "Hello"), *(("ana", "Ana", text) for text in said)]
        for number, (id, name, text) in enumerate(lines):
            await self.records.append_utterance(
                meeting.id, id=f"u{number}", speaker_id=id, speaker_name=name, text=text,
                started_at=BEGAN + timedelta(seconds=5 * number), seconds=3.0, engine="known",
            )  # fmt: skip

    async def proposals(self) -> list[Task]:
        return await self.tasks.all(meeting_id=self.meeting)


@asynccontextmanager
async def house(folder: Path, reader: Finds) -> AsyncIterator[House]:
    store = await SqlStore.open(f"sqlite:///{folder / 'office.db'}")
    model_process.install(lambda: Models(recognizer=RuleRecognizer(), requests=Nobody(), reader=reader))
    try:
        plan = Plan.load(asset("rooms/hq.json").read_text(encoding="utf-8"), "hq.json")
        office = Office(
            name="Test", room=Room("hq", plan), plan=plan, timezone=ZoneInfo("UTC"), monotonic=lambda: 1.0,
            wall=lambda: BEGAN + timedelta(hours=1),
        )  # fmt: skip
        records, tasks = Records(store.rows), TaskList(Engine(store, timezone=UTC), store)
        reviewing = Reviewing(office, records, Tasks(office, tasks), InlineWorkers(), colleague=ADA)
        yield House(office=office, records=records, tasks=tasks, reviewing=reviewing)
    finally:
        await store.close()


async def test_what_was_changed_in_the_meeting_is_proposed_as_it_stood_at_its_end(tmp_path: Path) -> None:
    async with house(tmp_path, Finds("so bo", "and bo")) as here:
        await here.hold(
            "so bo designs the brochure", "Make that Monday.", "No, Lin does it.", "and bo paints the fence",
            "Let's drop the fence after all.",
        )  # fmt: skip
        assert await here.reviewing.review(here.meeting) == 1
        [task] = await here.proposals()
        assert (task.text, task.owner_id, task.owner_name, task.due) == (
            "Bo designs the brochure", "lin", "Lin", date(2026, 11, 23),
        )  # fmt: skip
        assert task.source_words == "so bo designs the brochure"
        assert task.later == (
            Quote(utterance="u3", words="Make that Monday."),
            Quote(utterance="u4", words="No, Lin does it."),
        )
        assert await here.reviewing.review(here.meeting) == 0
        assert await here.proposals() == [task]


async def test_a_task_that_is_there_already_is_left_alone(tmp_path: Path) -> None:
    reader = Finds("so bo", "Make")
    async with house(tmp_path, reader) as here:
        await here.hold("so bo designs the brochure")
        assert await here.reviewing.review(here.meeting) == 1
        [task] = await here.proposals()
        await here.tasks.send(task.id, "accept", actor="ana", now=BEGAN)
        await here.records.append_utterance(
            here.meeting, id="u9", speaker_id="ana", speaker_name="Ana", text="Make that Monday.",
            started_at=BEGAN + timedelta(seconds=18), seconds=1.0, engine="known",
        )  # fmt: skip
        assert await here.reviewing.review(here.meeting) == 0
        [accepted] = await here.proposals()
        assert (accepted.state.value, accepted.due, accepted.later) == ("open", None, ())
        assert [noted.text for noted in reader.read[-1].tasks] == ["Bo designs the brochure"]


@pytest.mark.parametrize(("event", "verdict"), [("drop", "waiting"), ("reject", "rejected")])
async def test_what_people_took_back_is_no_proposal_and_taught_nothing(
    tmp_path: Path, event: str, verdict: str
) -> None:
    async with house(tmp_path, Finds("so bo")) as here:
        await here.hold("so bo designs the brochure")
        await here.reviewing.review(here.meeting)
        [task] = await here.proposals()
        await here.tasks.send(task.id, event, actor=ADA if event == "drop" else "ana", now=BEGAN)
        [task] = await here.proposals()
        assert (task.state.value, task.verdict) == ("rejected", verdict)
        await here.tasks.send(task.id, "reopen", actor="ana", now=BEGAN)
        await here.tasks.send(task.id, "reject", actor="ana", now=BEGAN)
        [task] = await here.proposals()
        assert task.verdict == "rejected"
