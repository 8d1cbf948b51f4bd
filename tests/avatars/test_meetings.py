"""Short talks on the shipped model, from words to the tasks on the board; every line stands alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from avatars.actions import AssignTask, ByKey, EditTask, MoveTask
from avatars.adapters.bert import BertRecognizer
from avatars.avatar import Avatar
from avatars.persona import Persona
from avatars.recognizer import Context, Present, PresentKind
from media.utterance import Utterance, UtteranceId

MODELS = Path(__file__).parents[2] / "assets" / "models" / "understanding"
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PRESENT = (
    *(Present(id=name.lower(), name=name) for name in ("Ben", "Maya", "Omar")),
    Present(id="ada", name="Ada", kind=PresentKind.AVATAR),
)
TALKS = Path(__file__).parent / "talks"


def rows(name: str) -> list[str]:
    return [line for line in (TALKS / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


@pytest.fixture(scope="module")
def recognizer() -> BertRecognizer:
    return BertRecognizer(MODELS)


def board(recognizer: BertRecognizer, talk: str) -> list[str]:
    """The tasks after a talk, as "what|who|11-27"."""
    ada = Avatar(Persona(id="ada", name="Ada", role="Notes"), "ada")
    tasks: dict[str, tuple[str, str, date | None]] = {}
    recent: list[Utterance] = []
    for number, part in enumerate(talk.split(" / ")):
        speaker, _, text = part.strip().partition(": ")
        utterance = Utterance(
            id=UtteranceId(f"u{number}"), speaker=speaker.lower(), speaker_name=speaker, room="hq", zone="birch",
            text=text, words=(), started_at=START + timedelta(seconds=6 * number), seconds=3.0, engine="known",
        )  # fmt: skip
        context = Context(
            present=PRESENT, now=utterance.started_at, timezone="UTC", in_meeting=True, recent=tuple(recent),
            meeting_id="m1",
        )  # fmt: skip
        for action in ada.hear(utterance, recognizer.recognize(utterance, context), context, 6.0 * number):
            if isinstance(action, AssignTask):
                tasks[action.key] = action.draft.text, action.draft.owner_name or "", action.draft.due
            elif isinstance(action, EditTask):
                assert isinstance(action.task, ByKey)
                text, owner, due = tasks[action.task.key]
                tasks[action.task.key] = action.text or text, action.owner_name or owner, action.due or due
            elif isinstance(action, MoveTask):
                assert isinstance(action.task, ByKey)
                assert action.event == "drop"
                del tasks[action.task.key]
        recent.append(utterance)
    return [f"{what}|{owner}|{due.strftime('%m-%d') if due else ''}" for what, owner, due in tasks.values()]


@pytest.mark.parametrize("row", rows("taken.txt"))
def test_what_was_agreed_is_on_the_board(recognizer: BertRecognizer, row: str) -> None:
    talk, _, wanted = row.partition(" => ")
    assert "; ".join(board(recognizer, talk)) == wanted


@pytest.mark.parametrize("row", rows("changed.txt"))
def test_what_is_changed_a_moment_later_is_changed_on_the_board(recognizer: BertRecognizer, row: str) -> None:
    talk, _, wanted = row.partition(" =>")
    assert "; ".join(board(recognizer, talk)) == wanted.strip()


@pytest.mark.parametrize("talk", rows("not_taken.txt"))
def test_what_nobody_took_on_is_not(recognizer: BertRecognizer, talk: str) -> None:
    assert board(recognizer, talk) == []
