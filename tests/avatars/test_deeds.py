"""What a colleague does about a request: on the board, and about people and rooms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from avatars.actions import ById, EditTask, MoveTask
from avatars.deeds import LEAST, reply, which
from avatars.recognizer import Area, Context, OpenTask, Present, PresentKind
from avatars.requests import RequestKind, Slot, SlotName, SpokenRequest
from avatars.understood import asked, surroundings
from media.utterance import Utterance, UtteranceId

ADA = Present(id="avatar-ada", name="Ada", kind=PresentKind.AVATAR)
BUDGET = OpenTask(
    id="t1", text="Send the budget to finance", owner_id="bo", owner_name="Bo", due=date(2026, 11, 23)
)
CONTEXT = Context(
    present=(Present(id="bo", name="Bo"), Present(id="lin", name="Lin"), Present(id="ana", name="Ana"), ADA),
    now=datetime(2026, 11, 18, 23, 30, tzinfo=UTC),
    timezone="Europe/Berlin",
    open_tasks=(
        BUDGET,
        OpenTask(id="t2", text="Book the meeting room", owner_id="lin", owner_name="Lin"),
        OpenTask(id="t3", text="Clean the meeting room"),
        OpenTask(id="t4", text="Call the printer", owner_name="Marek", due=date(2026, 12, 1)),
    ),
    areas=(
        Area(name="Open floor", people=("bo", "ana")),
        Area(name="Birch", people=("lin",), meeting="Planning", room=True),
        Area(name="Cedar", room=True),
        Area(name="Stage"),
    ),
)


def request(kind: RequestKind, confidence: float = 0.9, **slots: str) -> SpokenRequest:
    return SpokenRequest(
        kind=kind,
        confidence=confidence,
        slots={SlotName(name): Slot(value=said.lower(), text=said, span=(0, 1)) for name, said in slots.items()},
    )


def said(text: str = "Ada, please", speaker: str = "ana") -> Utterance:
    return Utterance(
        id=UtteranceId("u1"), speaker=speaker, speaker_name=speaker.capitalize(), room="hq", zone="open",
        text=text, words=(), started_at=CONTEXT.now, seconds=2.0, engine="known",
    )  # fmt: skip


def answer(
    wanted: SpokenRequest, context: Context = CONTEXT, speaker: str = "ana", text: str = "Ada, please"
) -> str:
    made = reply(wanted, context, said(text, speaker))
    assert made is not None
    return made.line


def test_a_task_is_ticked_off_by_word() -> None:
    made = reply(request(RequestKind.CLOSE_TASK, what="the budget"), CONTEXT, said())
    assert made is not None
    assert made.line == "Done: Send the budget to finance."
    assert made.actions == (MoveTask(task=ById("t1"), event="done", by="ana", utterance="u1"),)


@pytest.mark.parametrize(
    ("slots", "edit", "line"),
    [
        ({"owner": "Lin"}, {"owner_id": "lin", "owner_name": "Lin"},
         "Changed. Lin sends the budget to finance by Monday, the 23rd."),
        ({"owner": "me"}, {"owner_id": "ana", "owner_name": "Ana"},
         "Changed. Ana sends the budget to finance by Monday, the 23rd."),
        ({"owner": "marek"}, {"owner_name": "Marek"},
         "Changed. Marek sends the budget to finance by Monday, the 23rd."),
        ({"due": "2026-11-24"}, {"due": date(2026, 11, 24)},
         "Changed. Bo sends the budget to finance by Tuesday, the 24th."),
    ],
)  # fmt: skip
def test_owner_and_day_are_changed_by_word(slots: dict[str, str], edit: dict[str, object], line: str) -> None:
    wanted = request(RequestKind.CHANGE_TASK, 0.9, **{"what": "the budget"} | slots)
    made = reply(wanted, CONTEXT, said())
    assert made is not None
    assert made.line == line
    assert made.actions == (EditTask(task=ById("t1"), by="ana", utterance="u1", **edit),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        (request(RequestKind.CLOSE_TASK, what="the lamp"), "I find no open task about the lamp."),
        (request(RequestKind.CLOSE_TASK, what="the meeting room"),
         "Which one: book the meeting room, and clean the meeting room?"),
        (request(RequestKind.CHANGE_TASK, what="the printer"), "What shall I change, the owner or the day?"),
        (request(RequestKind.CHANGE_TASK, what="the printer", due="in the evening"),
         "What shall I change, the owner or the day?"),
        (request(RequestKind.QUERY_TASKS, owner="Lin"), "There is one open task. Lin books the meeting room."),
        (request(RequestKind.QUERY_TASKS, owner="marek"),
         "There is one open task. Marek calls the printer by Tuesday, the 1st of December."),
        (request(RequestKind.QUERY_TASKS, owner="me"), "There are no open tasks."),
        (request(RequestKind.QUERY_TASKS, owner="lin", due="2026-11-20"), "Nothing is due by tomorrow."),
        (request(RequestKind.QUERY_TASKS, due="2026-11-23"),
         "There is one open task. Bo sends the budget to finance by Monday, the 23rd."),
        (request(RequestKind.FIND_PERSON, person="lin"), "Lin is in Birch."),
        (request(RequestKind.FIND_PERSON, person="bo"), "Bo is on the open floor."),
        (request(RequestKind.FIND_PERSON, person="Olga"), "Olga is not in the office."),
        (request(RequestKind.FIND_ROOM), "Cedar is free just now."),
        (request(RequestKind.START_WORKFLOW), "I cannot start workflows. The page Runs can."),
    ],
)  # fmt: skip
def test_she_says_how_things_stand(wanted: SpokenRequest, line: str) -> None:
    assert answer(wanted) == line


def test_whose_tasks_are_asked_for_is_told_by_the_words() -> None:
    wanted = request(RequestKind.QUERY_TASKS)
    assert answer(wanted, text="Ada, what is open?").startswith("There are four open tasks.")
    assert answer(wanted, speaker="lin", text="What have I got to do, Ada?").startswith("There is one open task.")
    assert reply(wanted, CONTEXT, said("Ada, who has the budget?")) is None


def slot_of(name: SlotName, value: str) -> dict[SlotName, Slot]:
    return {name: Slot(value=value, text=value, span=(0, 1))}


@pytest.mark.parametrize(
    ("kind", "room", "line"),
    [
        (RequestKind.FIND_ROOM, "Birch", "Planning is on in Birch."),
        (RequestKind.FIND_ROOM, "Cedar", "Nobody is in Cedar."),
        (RequestKind.FIND_PERSON, "Open floor", "Bo, and Ana are on the open floor."),
        (RequestKind.FIND_PERSON, "Stage", "Nobody is on the stage."),
    ],
)
def test_she_says_who_is_in_a_room(kind: RequestKind, room: str, line: str) -> None:
    assert answer(SpokenRequest(kind=kind, confidence=0.9, slots=slot_of(SlotName.ROOM, room))) == line


def test_when_every_room_is_taken_she_says_so() -> None:
    taken = replace(CONTEXT, areas=tuple(replace(area, people=("bo",)) for area in CONTEXT.areas))
    assert answer(request(RequestKind.FIND_ROOM), taken) == "No room is free just now."


def test_a_guest_changes_only_what_is_theirs() -> None:
    guest = replace(CONTEXT, may_edit=False)
    wanted = request(RequestKind.CLOSE_TASK, what="the budget")
    assert "Guests" in answer(wanted, guest, "ana")
    assert answer(wanted, guest, "bo").startswith("Done")


@pytest.mark.parametrize(
    "wanted",
    [
        request(RequestKind.CLOSE_TASK, LEAST - 0.01, what="the budget"),
        request(RequestKind.CLOSE_TASK),
        request(RequestKind.FIND_PERSON),
        SpokenRequest(kind=RequestKind.FIND_PERSON, confidence=0.9, slots=slot_of(SlotName.PERSON, "avatar-ada")),
        request(RequestKind.SMALL_TALK),
        request(RequestKind.NONE),
    ],
)
def test_what_is_unclear_or_no_deed_is_left_to_others(wanted: SpokenRequest) -> None:
    assert reply(wanted, CONTEXT, said()) is None


def test_a_task_is_meant_by_most_of_its_words() -> None:
    assert [task.id for task in which("booking the meeting room", CONTEXT.open_tasks)] == ["t2"]
    assert which("the", CONTEXT.open_tasks) == []
    assert which("the budget of the year of the office", CONTEXT.open_tasks) == []


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("Ada, close the budget task", "close the budget task"),
        ("okay so ada close it", "close it"),
        ("Close the budget task please, Ada.", "Close the budget task please"),
        ("eda what is open", "what is open"),
        ("Ada!", ""),
        ("I told Ada about it", None),
        ("close the budget task", None),
    ],
)
def test_what_is_asked_stands_behind_the_name_or_before_it(said: str, rest: str | None) -> None:
    assert asked(said, CONTEXT, {"ada": ("eda",)}) == rest


def test_days_count_in_the_time_zone_of_the_office() -> None:
    around = surroundings(CONTEXT)
    assert around.now.date() == date(2026, 11, 19)
    assert around.rooms == ("Open floor", "Birch", "Cedar", "Stage")
