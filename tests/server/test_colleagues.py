"""What a colleague hears is proposed to people, unless the room says that it counts at once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from avatars.avatar import Avatar
from avatars.intent import Intent, IntentKind
from avatars.recognizer import Context, OpenTask, Present
from avatars.requests import RequestKind, Slot, SlotName, SpokenRequest
from avatars.speech import Voice
from avatars.understood import Understood
from media.utterance import Utterance, UtteranceId
from server.adapters import colleague
from server.assets import asset
from server.flows.colleagues import Colleagues
from server.flows.meetings import Meetings
from server.flows.tasks import Tasks
from server.office import Office
from server.records import Records
from server.sound_port import Sound
from spatial.errors import PlanError
from spatial.participant import ParticipantId
from spatial.plan import Plan
from spatial.pose import Pose
from spatial.room import Room
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.errors import StoreError
from workflows.task import Quote, Task, TaskState, Verdict
from workflows.tasks import Outcome, TaskList

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
WORDS = "Bo, please send the budget by Friday."


def plan(**zone: str) -> Plan:
    """The house's, with something else said of its open floor."""
    document = json.loads(asset("rooms/hq.json").read_text(encoding="utf-8"))
    for one in document["zones"]:
        if one["id"] == "open":
            one.update(zone)
    return Plan.load(json.dumps(document), "hq.json")


BUDGET = Intent(
    kind=IntentKind.ACTION_ITEM, confidence=0.9, text=WORDS, span=(0, len(WORDS)), what="Send the budget",
    owner="bo", owner_name="Bo", due=date(2026, 11, 27), due_phrase="by Friday",
)  # fmt: skip


@dataclass(kw_only=True)
class Talk:
    """Lin talks in a meeting; Ada is heard, but has no voice: what she says is kept."""

    tasks: TaskList
    colleagues: Colleagues
    spoken: list[str]
    said: int = 0
    seen: tuple[OpenTask, ...] = ()

    async def see(self) -> Task:
        """What Ada knows of the board from now on; gives the one task."""
        [task] = await self.tasks.all()
        owner = {"owner_id": task.owner_id, "owner_name": task.owner_name}
        self.seen = (OpenTask(id=task.id, text=task.text, due=task.due, version=task.version, **owner),)
        return task

    async def hear(
        self, text: str, *intents: Intent, again: bool = False, request: SpokenRequest | None = None
    ) -> None:
        self.said += not again
        utterance = Utterance(
            id=UtteranceId(f"u{self.said}"), speaker="lin", speaker_name="Lin", room="hq", zone="open", text=text,
            words=(), started_at=NOW, seconds=2.0, engine="known",
        )  # fmt: skip
        context = Context(
            present=(Present(id="lin", name="Lin"), Present(id="bo", name="Bo")), now=NOW, in_meeting=True,
            open_tasks=self.seen,
        )  # fmt: skip
        audience = frozenset({ParticipantId("lin"), ParticipantId("ada")})
        await self.colleagues.hear(utterance, Understood(intents=intents, request=request), context, audience)


@asynccontextmanager
async def talk(folder: Path, plan: Plan) -> AsyncIterator[Talk]:
    store = await SqlStore.open(f"sqlite:///{folder / 'office.db'}")
    try:
        office = Office(
            name="Test", room=Room("hq", plan), plan=plan, timezone=ZoneInfo("UTC"), monotonic=lambda: 1.0,
            wall=lambda: NOW,
        )  # fmt: skip
        tasks = TaskList(Engine(store, timezone=UTC), store)
        records = Records(store.rows)
        meetings = Meetings(office, records, lambda zone, is_open: None)
        nobody = cast("Sound", None)
        colleagues = Colleagues(office, records, Tasks(office, tasks), meetings, nobody, humans_speaking=set)
        colleagues.enter(Avatar(colleague(), "ada"), cast("Voice", None), Pose(x=0.0, z=0.0, yaw=0.0))
        spoken: list[str] = []
        [ada] = colleagues._colleagues
        ada.speaking.say = spoken.append  # type: ignore[method-assign, assignment]
        yield Talk(tasks=tasks, colleagues=colleagues, spoken=spoken)
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("zone", "state"),
    [({}, TaskState.PROPOSED), ({"tasks": "propose"}, TaskState.PROPOSED), ({"tasks": "publish"}, TaskState.OPEN)],
)
async def test_a_task_that_was_heard_waits_for_a_person_unless_the_room_says_otherwise(
    tmp_path: Path, zone: dict[str, str], state: TaskState
) -> None:
    async with talk(tmp_path, plan(**zone)) as meeting:
        await meeting.hear(WORDS, BUDGET)
        await meeting.hear(WORDS, BUDGET, again=True)
        [task] = await meeting.tasks.all()
    assert (task.state, task.text, task.owner_name, task.source_words, task.confidence) == (
        state, "Send the budget", "Bo", WORDS, 0.9,
    )  # fmt: skip


async def test_what_is_said_later_of_a_proposal_changes_it_and_its_words_are_kept(tmp_path: Path) -> None:
    async with talk(tmp_path, plan()) as meeting:
        await meeting.hear(WORDS, BUDGET)
        await meeting.hear("No, Lin does it.")
        await meeting.hear("Make that Monday.")
        [task] = await meeting.tasks.all()
        assert (task.owner_id, task.due, task.verdict) == ("lin", date(2026, 11, 23), Verdict.WAITING)
        assert [quote.words for quote in task.later] == ["No, Lin does it.", "Make that Monday."]
        await meeting.hear("Let's drop the budget after all.")
        [task] = await meeting.tasks.all()
        assert (task.state, task.dropped, task.verdict) == (TaskState.REJECTED, True, Verdict.WAITING)
        assert task.later[-1] == Quote(utterance="u4", words="Let's drop the budget after all.")


def asked(kind: RequestKind, **slots: str) -> SpokenRequest:
    return SpokenRequest(
        kind=kind,
        confidence=0.9,
        slots={SlotName(name): Slot(value=text.lower(), text=text, span=(0, 1)) for name, text in slots.items()},
    )


async def test_she_says_that_it_is_done_when_it_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talk(tmp_path, plan()) as meeting:
        await meeting.hear(WORDS, BUDGET)
        await meeting.see()
        meeting.spoken.clear()
        send = meeting.tasks.send
        before: list[list[str]] = []

        async def watched(*args: Any, **more: Any) -> Outcome:
            outcome = await send(*args, **more)
            before.append([*meeting.spoken])
            return outcome

        monkeypatch.setattr(meeting.tasks, "send", watched)
        await meeting.hear("Ada, the budget is done", request=asked(RequestKind.CLOSE_TASK, what="the budget"))
        assert (before, meeting.spoken) == ([[]], ["Done: Send the budget."])
        assert (await meeting.see()).state is TaskState.DONE


async def test_when_somebody_was_faster_she_says_how_it_stands(tmp_path: Path) -> None:
    async with talk(tmp_path, plan()) as meeting:
        await meeting.hear(WORDS, BUDGET)
        task = await meeting.see()
        await meeting.tasks.send(task.id, "edit", {"owner_id": None, "owner_name": "Zoe"}, actor="bo", now=NOW)
        await meeting.hear(
            "Ada, give it to Lin", request=asked(RequestKind.CHANGE_TASK, what="budget", owner="Lin")
        )
        assert meeting.spoken[-1] == (
            "Somebody was faster: Zoe sends the budget by Friday, the 27th, and that is only proposed."
        )
        await meeting.tasks.send(task.id, "reject", actor="bo", now=NOW)
        await meeting.hear("Ada, the budget is done", request=asked(RequestKind.CLOSE_TASK, what="the budget"))
        assert meeting.spoken[-1] == (
            "I left it as it is: Zoe sends the budget by Friday, the 27th, and that was rejected."
        )
        assert (await meeting.see()).owner_name == "Zoe"


async def test_a_task_that_is_gone_or_a_name_that_is_none_is_said(tmp_path: Path) -> None:
    async with talk(tmp_path, plan()) as meeting:
        await meeting.hear(WORDS, BUDGET)
        await meeting.see()
        long = asked(RequestKind.CHANGE_TASK, what="budget", owner="x" * 81)
        await meeting.hear("Ada, give it to x", request=long)
        assert meeting.spoken[-1].startswith("I cannot do that: at most 80 characters")
        meeting.seen = (OpenTask(id="gone", text="Send the budget"),)
        await meeting.hear("Ada, the budget is done", request=asked(RequestKind.CLOSE_TASK, what="the budget"))
        assert meeting.spoken[-1] == "I cannot find that task any more."


async def test_what_the_disk_does_not_take_is_not_said_to_be_noted_and_may_be_said_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with talk(tmp_path, plan()) as meeting:

        async def full(*args: Any, **more: Any) -> Outcome:
            raise StoreError("the disk is full")

        with monkeypatch.context() as broken:
            broken.setattr(meeting.tasks, "add", full)
            await meeting.hear(WORDS, BUDGET)
        assert meeting.spoken == ["I could not write that down just now; please say it again in a moment."]
        assert "ERROR" in caplog.text
        await meeting.hear("Make that Monday.")
        await meeting.hear(WORDS, BUDGET)
        assert meeting.spoken[1:] == ["Noted. Bo sends the budget by Friday, the 27th."]
        await meeting.see()


async def test_a_change_of_what_was_never_made_is_said(tmp_path: Path) -> None:
    async with talk(tmp_path, plan()) as meeting:
        await meeting.hear(WORDS, BUDGET)
        meeting.colleagues._colleagues[0].task_ids.clear()
        await meeting.hear("Make that Monday.")
        assert meeting.spoken[-1] == "I cannot find that task any more."


async def test_a_task_that_somebody_accepted_is_not_taken_back_by_word(tmp_path: Path) -> None:
    async with talk(tmp_path, plan()) as meeting:
        await meeting.hear(WORDS, BUDGET)
        [task] = await meeting.tasks.all()
        await meeting.tasks.send(task.id, "accept", actor="bo", now=NOW)
        await meeting.hear("Let's drop the budget after all.")
        assert meeting.spoken[-1] == (
            "I left it as it is: Bo sends the budget by Friday, the 27th, and that has been accepted."
        )
        await meeting.hear(WORDS, BUDGET)
        [task] = await meeting.tasks.all()
        assert (task.state, task.dropped) == (TaskState.ACCEPTED, False)


def test_a_room_cannot_do_a_third_thing_with_tasks() -> None:
    with pytest.raises(PlanError, match=r"tasks.*propose, publish"):
        plan(tasks="forget")
