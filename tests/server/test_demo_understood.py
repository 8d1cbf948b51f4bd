"""The shipped scripts, read instead of spoken: what they expect is what the recogniser understands."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from avatars.adapters.bert import BertRecognizer
from avatars.intent import IntentKind
from avatars.recognizer import Context, Present, PresentKind
from media.utterance import Utterance, UtteranceId
from server.demo.score import TaskFacts, score_tasks
from server.demo.script import DemoScript, parse

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "assets" / "demo").glob("*.toml"))
DAYS = [date(2026, 11, 23), date(2026, 11, 27), date(2026, 11, 30)]
"""A Monday, a Friday, the last day of a month."""


@pytest.fixture(scope="module")
def recognizer() -> BertRecognizer:
    """The shipped recogniser."""
    return BertRecognizer(ROOT / "assets" / "models" / "understanding")


def tasks_of(script: DemoScript, recognizer: BertRecognizer, day: date) -> list[TaskFacts]:
    """What is understood of a script whose meeting is on a day."""
    now = datetime.combine(day, time(10), UTC)
    people = [Present(id=person.name.lower(), name=person.name) for person in script.people]
    present = (*people, Present(id="ada", name="Ada", kind=PresentKind.AVATAR))
    recent: tuple[Utterance, ...] = ()
    found = []
    for number, line in enumerate(script.lines):
        utterance = Utterance(
            id=UtteranceId(f"u{number}"),
            speaker=line.who.lower(),
            speaker_name=line.who,
            room="hq",
            zone="open",
            text=line.say,
            words=(),
            started_at=now,
            seconds=3.0,
            engine="script",
        )
        context = Context(present=present, now=now, in_meeting=True, recent=recent)
        intents = recognizer.recognize(utterance, context)
        found += [
            TaskFacts(text=intent.what, owner=intent.owner_name, due=intent.due)
            for intent in intents
            if intent.kind is IntentKind.ACTION_ITEM
        ]
        recent = (*recent, utterance)
    return found


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_task_is_found_and_none_is_wrong(path: Path, day: date, recognizer: BertRecognizer) -> None:
    script = parse(path.read_text(encoding="utf-8"), path.name)
    expected = [TaskFacts(text=task.text, owner=task.owner, due=task.due_on(day)) for task in script.expected]
    score = score_tasks(expected, tasks_of(script, recognizer, day))
    assert (score.found, score.wrong) == (len(expected), 0)
    assert (score.owner_accuracy, score.due_accuracy) == (1.0, 1.0)
