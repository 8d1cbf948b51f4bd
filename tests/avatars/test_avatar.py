"""Ada at work, with intents written by hand: no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from avatars.actions import Action, AssignTask, ById, ByKey, EditTask, LookAt, MoveTask, NoteDecision, Say
from avatars.avatar import Avatar
from avatars.intent import Intent, IntentKind
from avatars.persona import Persona
from avatars.recognizer import Context, OpenTask, Present, PresentKind
from media.utterance import Utterance, UtteranceId
from workflows.errors import NotAllowed, StoreError
from workflows.library.action_item import ACTION_ITEM
from workflows.machine import begin
from workflows.task import draft_data, task_of

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)
PERSONA = Persona(id="ada", name="Ada", role="Notes", heard_as=("eda",), help="I note tasks.")
EVERYBODY = (
    *(Present(id=name.lower(), name=name) for name in ("Bo", "Lin", "Ana")),
    Present(id="ada", name="Ada", kind=PresentKind.AVATAR),
    Present(id="max", name="Max", kind=PresentKind.AVATAR),
)


class Meeting:
    """A meeting with Ada, told line by line."""

    def __init__(self, *, in_meeting: bool = True, open_tasks: tuple[OpenTask, ...] = ()) -> None:
        self.ada = Avatar(PERSONA, "ada")
        self.now = 0.0
        self.number = 0
        self._recent: list[Utterance] = []
        self._in_meeting = in_meeting
        self._open_tasks = open_tasks

    def say(self, speaker: str, text: str, *intents: Intent, wait: float = 3.0, id: str = "") -> list[Action]:
        self.now += wait
        self.number += 1
        utterance = Utterance(
            id=UtteranceId(id or f"u{self.number}"),
            speaker=speaker,
            speaker_name=speaker.capitalize(),
            room="hq",
            zone="birch",
            text=text,
            words=(),
            started_at=START + timedelta(seconds=self.now),
            seconds=2.0,
            engine="known",
        )
        context = Context(
            present=EVERYBODY,
            now=utterance.started_at,
            timezone="UTC",
            in_meeting=self._in_meeting,
            meeting_id="m1" if self._in_meeting else None,
            recent=tuple(self._recent),
            open_tasks=self._open_tasks,
        )
        actions = self.ada.hear(utterance, intents, context, self.now)
        self._recent.append(utterance)
        return actions


def task(
    what: str = "Send the budget",
    owner: str | None = "bo",
    due: date | None = FRIDAY,
    confidence: float = 0.9,
    addressed: bool = False,
) -> Intent:
    return Intent(
        kind=IntentKind.ACTION_ITEM,
        confidence=confidence,
        text="bo will send the budget by friday",
        span=(0, 10),
        what=what,
        owner=owner,
        owner_name=owner.capitalize() if owner else None,
        due=due,
        due_phrase="by friday" if due else None,
        addressed=addressed,
    )


def other(kind: IntentKind, text: str, confidence: float = 0.9, addressed: bool = False) -> Intent:
    return Intent(kind=kind, confidence=confidence, text=text, span=(0, len(text)), what=text, addressed=addressed)


def said(actions: Sequence[Action]) -> str:
    return " ".join(action.text for action in actions if isinstance(action, Say))


def assigned(actions: Sequence[Action]) -> list[AssignTask]:
    return [action for action in actions if isinstance(action, AssignTask)]


def updates(actions: Sequence[Action]) -> list[EditTask]:
    return [action for action in actions if isinstance(action, EditTask)]


def test_an_action_item_becomes_a_task_and_is_confirmed() -> None:
    actions = Meeting().say("ana", "bo will send the budget by friday", task())
    (action,) = assigned(actions)
    draft = action.draft
    assert (draft.text, draft.owner_id, draft.due, draft.meeting_id) == ("Send the budget", "bo", FRIDAY, "m1")
    assert (draft.source_utterance, draft.created_by, draft.confidence) == ("u1", "ada", 0.9)
    assert draft.source_words == "bo will send the budget by friday"
    assert action.key == "u1:0"
    assert said(actions) == "Noted. Bo sends the budget by Friday, the 27th."
    assert actions[0] == LookAt(participant="ana")


def test_several_at_once_are_one_answer_with_a_key_each() -> None:
    actions = Meeting().say("ana", "...", task(), task("Book the room", "lin", None))
    assert [action.key for action in assigned(actions)] == ["u1:0", "u1:1"]
    assert said(actions) == "Noted. Bo sends the budget by Friday, the 27th, and Lin books the room."


def test_she_is_silent_when_nothing_was_agreed() -> None:
    meeting = Meeting()
    assert said(meeting.say("ana", "the release went well")) == ""
    assert said(meeting.say("bo", "when is it", other(IntentKind.QUESTION, "when is it"))) == ""
    assert said(meeting.say("bo", "i hope bo sends it", task(confidence=0.3))) == ""


def test_the_same_utterance_never_makes_two_tasks() -> None:
    meeting = Meeting()
    assert assigned(meeting.say("ana", "x", task(), id="u1"))
    assert meeting.say("ana", "x", task(), id="u1") == []


def test_a_commitment_said_again_makes_no_second_task() -> None:
    meeting = Meeting()
    meeting.say("ana", "x", task("Send the budget to finance"))
    actions = meeting.say("bo", "yes i will send the budget", task("Send the budget"))
    assert not assigned(actions)
    assert not updates(actions)
    assert said(actions) == ""


def test_said_again_with_another_day_the_task_is_moved() -> None:
    meeting = Meeting()
    meeting.say("ana", "x", task())
    actions = meeting.say("bo", "x", task(due=date(2026, 11, 30)))
    assert [(update.task, update.due) for update in updates(actions)] == [(ByKey("u1:0"), date(2026, 11, 30))]
    assert said(actions) == "Noted. Bo sends the budget by Monday, the 30th."


def test_others_may_have_the_same_task() -> None:
    meeting = Meeting()
    meeting.say("ana", "x", task("Read the guide"))
    assert assigned(meeting.say("ana", "x", task("Read the guide", "lin")))


def test_she_never_answers_herself_or_another_avatar() -> None:
    meeting = Meeting()
    assert meeting.say("ada", "noted bo sends the budget", task()) == []
    assert meeting.say("max", "bo will send the budget", task()) == []


def test_outside_of_meetings_she_works_only_when_called() -> None:
    lobby = Meeting(in_meeting=False)
    assert lobby.say("ana", "bo will send the budget", task()) == []
    assert assigned(lobby.say("ana", "ada note that bo sends the budget", task(addressed=True)))


@pytest.mark.parametrize(
    ("answer", "owner"),
    [
        ("i do", "lin"),
        ("me", "lin"),
        ("i can take it", "lin"),
        ("i will", "lin"),
        ("bo", "bo"),
        ("bo will do it", "bo"),
        ("i think that is for bo", "bo"),
        ("bow takes it", "bo"),
    ],
)
def test_who_takes_it_is_answered(answer: str, owner: str) -> None:
    meeting = Meeting()
    asked = meeting.say("ana", "x", task(owner=None))
    assert said(asked) == "Noted: send the budget by Friday, the 27th. Who takes it?"
    actions = meeting.say("lin", answer)
    assert [(update.task, update.owner_id) for update in updates(actions)] == [(ByKey("u1:0"), owner)]
    assert said(actions) == f"Thanks. {owner.capitalize()} sends the budget by Friday, the 27th."


@pytest.mark.parametrize("words", ["i do not know", "who knows", "nice weather today", "the customer called me"])
def test_other_words_are_no_answer(words: str) -> None:
    meeting = Meeting()
    meeting.say("ana", "x", task(owner=None))
    assert not updates(meeting.say("lin", words))


def test_an_answer_comes_too_late() -> None:
    meeting = Meeting()
    meeting.say("ana", "x", task(owner=None))
    assert not updates(meeting.say("lin", "i do", wait=21.0))


def test_an_answer_may_bring_a_date() -> None:
    meeting = Meeting()
    meeting.say("ana", "x", task(owner=None, due=None))
    (update,) = updates(meeting.say("lin", "i can do it by monday"))
    assert (update.owner_id, update.due) == ("lin", date(2026, 11, 23))


def test_i_will_do_that_fills_the_open_task() -> None:
    meeting = Meeting()
    meeting.say("ana", "x", task(owner=None))
    actions = meeting.say("lin", "i'll do that", task("Do that", "lin", None))
    assert not assigned(actions)
    assert [update.owner_id for update in updates(actions)] == ["lin"]


def test_i_will_do_that_takes_what_was_asked_before() -> None:
    meeting = Meeting()
    meeting.say("ana", "who can book the room by friday", other(IntentKind.QUESTION, "who can book the room"))
    (action,) = assigned(meeting.say("lin", "i can do that", task("Do that", "lin", None)))
    assert (action.draft.text, action.draft.owner_id, action.draft.due) == ("Book the room", "lin", FRIDAY)


def test_decisions_are_noted_once_and_aloud_only_when_asked() -> None:
    meeting = Meeting()
    text = "Move the launch to December"
    actions = meeting.say("ana", "let's move it", other(IntentKind.DECISION, text))
    assert [action.text for action in actions if isinstance(action, NoteDecision)] == [text]
    assert said(actions) == ""
    again = meeting.say("ana", "ada note that", other(IntentKind.DECISION, text, addressed=True))
    assert not [action for action in again if isinstance(action, NoteDecision)]
    assert said(again) == "Noted as decided: Move the launch to December."


OPEN = (
    OpenTask(id="t1", text="Send the budget", owner_id="bo", owner_name="Bo"),
    OpenTask(id="t2", text="Book the room", owner_id="lin", owner_name="Lin"),
)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("ada what are the open tasks", "There are two open tasks. Bo sends the budget. Lin books the room."),
        ("ada what are my tasks", "There is one open task. Lin books the room."),
        ("ada what can you do", "I note tasks."),
        ("ada help", "I note tasks."),
        ("ada thank you", "You're welcome."),
        ("ada can you hear me", "Yes, I can hear you."),
        ("hello ada", "Hello Lin."),
        ("ada who has the budget", "Bo sends the budget."),
        ("ada what did we decide", "No decision so far."),
        ("ada fly to the moon", "Sorry, I cannot do that. I keep the tasks and decisions."),
        ("ada stop", ""),
        ("ada", "Yes?"),
    ],
)
def test_she_answers_simple_requests(request_: str, answer: str) -> None:
    meeting = Meeting(in_meeting=False, open_tasks=OPEN)
    assert said(meeting.say("lin", request_, other(IntentKind.REQUEST, request_, addressed=True))) == answer


def test_she_repeats_what_she_said() -> None:
    meeting = Meeting()
    first = said(meeting.say("ana", "x", task()))
    request = other(IntentKind.REQUEST, "ada repeat that please", addressed=True)
    assert said(meeting.say("ana", "ada repeat that please", request)) == first


def test_an_answer_after_the_meeting_is_over_takes_nothing() -> None:
    meeting = Meeting()
    meeting.say("ana", "somebody books the room", task("Book the room", None, None))
    meeting._in_meeting = False
    assert meeting.say("lin", "i can do it") == [LookAt(participant="lin")]


def test_what_is_dropped_after_all_is_taken_back_and_noted_as_decided() -> None:
    meeting = Meeting()
    meeting.say("ana", "bo will send the budget by friday", task())
    words = "Let's drop the budget after all."
    actions = meeting.say("ana", words, other(IntentKind.DECISION, "Drop the budget after all"))
    [drop] = [action for action in actions if isinstance(action, MoveTask)]
    assert drop == MoveTask(task=ByKey("u1:0"), event="drop", by="ada", utterance="u2", words=words)
    assert [action.text for action in actions if isinstance(action, NoteDecision)] == ["Drop the budget after all"]
    assert said(actions) == "Dropped: Send the budget."
    again = meeting.say("ana", "bo will send the budget by friday", task())
    assert [action.key for action in assigned(again)] == ["u3:0"]


def test_what_was_not_kept_is_said_again_and_remembered_as_it_stands() -> None:
    meeting = Meeting()
    [assign] = assigned(meeting.say("ana", "bo will send the budget by friday", task()))
    [drop] = [a for a in meeting.say("ana", "Let's drop the budget.") if isinstance(a, MoveTask)]
    run = begin(ACTION_ITEM, run_id="t", key="k", data=draft_data(assign.draft), actor="ada", now=START).run
    stands = replace(task_of(run), owner_id="lin", owner_name="Lin")
    line = meeting.ada.refused(drop, stands, NotAllowed("t", "open", "drop", ("done",)), START.date())
    assert line.text == "I left it as it is: Lin sends the budget by Friday, the 27th, and that is open."
    assert assigned(meeting.say("ana", "lin will send the budget by friday", task(owner="lin"))) == []
    again = other(IntentKind.REQUEST, "repeat that", addressed=True)
    assert said(meeting.say("ana", "ada repeat that", again)) == line.text
    meeting.ada.refused(replace(drop, task=ById("t")), stands, NotAllowed("t", "open", "drop", ()), START.date())
    meeting.ada.refused(replace(drop, task=ByKey("?")), stands, NotAllowed("t", "open", "drop", ()), START.date())


def test_what_could_not_be_noted_is_noted_when_it_is_said_again() -> None:
    meeting = Meeting()
    [assign] = assigned(meeting.say("ana", "bo will send the budget by friday", task()))
    line = meeting.ada.refused(assign, None, StoreError("full"), START.date())
    assert line.text.startswith("I could not write that down just now")
    assert len(assigned(meeting.say("ana", "bo will send the budget by friday", task()))) == 1
