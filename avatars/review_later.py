"""What is said later in a meeting of what its review found: another day, somebody else, or not at all. Pure.

It is told as it is while people speak (`avatars.later`), line by line over the whole meeting. What was noted then
already had its changes then: what is said of it later is nobody's here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from avatars.intent import Intent, IntentKind
from avatars.later import Change, apply, change_of, known, said_again
from avatars.meaning import AvatarSettings, with_day_behind, without_echoes
from avatars.meeting_input import Line
from avatars.memory import Memory, Noted, content_words, key_of, utterance_of
from avatars.persona import Thresholds
from avatars.recognizer import Context, Present, PresentKind
from avatars.reference import gathered
from avatars.review import Item
from avatars.reviewing import Review, Spoken
from media.utterance import Utterance, UtteranceId
from workflows.task import Quote

RECENT = 12
"""So many lines before one are its context."""
_SHARED = 2
"""A line that shares so many telling words with a find may speak of it, however much later."""
_SETTINGS = AvatarSettings()
_LEAST = Thresholds().action_item


def worth_understanding(review: Review, meeting: Spoken) -> list[int]:
    """Numbers of the lines that may say something of a find; of the others it is enough to know the words."""
    finds = {item.line: set(content_words(item.text)) for item in review.actions}
    told: list[int] = []
    ended, before = -math.inf, list[set[str]]()
    for at, line in enumerate(meeting.lines):
        near = line.start - ended <= _SETTINGS.back_seconds
        if near or any(len(words & set(content_words(line.text))) >= _SHARED for words in before):
            told.append(at)
        if line.id in finds:
            ended = line.end
            before.append(finds[line.id])
    return told


def said(meeting: Spoken, at: int) -> tuple[Utterance, Context]:
    """A line as a colleague who was there would have heard it."""
    people = (Present(id=id, name=name) for id, name in meeting.names.items())
    others = (
        Present(id=id, name=name, kind=PresentKind.AVATAR)
        for id, name in meeting.colleagues.items()
        if id not in meeting.names
    )
    utterance = _utterance(meeting, meeting.lines[at])
    return utterance, Context(
        present=(*people, *others),
        now=utterance.started_at,
        timezone=str(meeting.began.tzinfo),
        in_meeting=True,
        recent=tuple(_utterance(meeting, line) for line in meeting.lines[max(0, at - RECENT) : at]),
    )


def with_changes(review: Review, meeting: Spoken, understood: Mapping[int, Sequence[Intent]]) -> Review:
    """A review with its finds as they stood when the meeting was over; without what was dropped or said again.

    Args:
        review: what was found.
        meeting: what was said.
        understood: by the number of a line what it means, of `worth_understanding`.
    """
    memory = Memory(keep_seconds=math.inf)
    finds = {item.line: item for item in review.actions}
    noted: dict[str, list[Noted]] = {}
    for task in meeting.tasks:
        noted.setdefault(utterance_of(task.key), []).append(task)
    for at, line in enumerate(meeting.lines):
        if line.id in noted:
            for task in noted[line.id]:
                memory.note(task)
            continue
        meant = _of_another(meeting, at, understood.get(at, ()), memory) if memory.tasks else None
        if meant is not None:
            finds.pop(line.id, None)
            _take(meant, line, memory, finds)
        elif line.id in finds:
            memory.note(_noted(finds[line.id], line, meeting))
    return replace(review, actions=tuple(finds.values()))


def _of_another(meeting: Spoken, at: int, intents: Sequence[Intent], memory: Memory) -> Change | None:
    """What a line that is only about something noted before makes of it; a `Change` of nothing: it repeats it."""
    utterance, context = said(meeting, at)
    now = meeting.lines[at].end
    change = change_of(utterance, intents, context, memory, now, _SETTINGS)
    if change is not None:
        return change
    work = [
        intent
        for intent in with_day_behind(without_echoes(gathered(intents)), utterance, context)
        if intent.kind is IntentKind.ACTION_ITEM and intent.confidence >= _LEAST
    ]
    task = known(work[0], utterance, context, memory, now, _SETTINGS) if len(work) == 1 else None
    return said_again(task, work[0]) or Change(key=task.key) if isinstance(task, Noted) else None


def _take(change: Change, line: Line, memory: Memory, finds: dict[str, Item]) -> None:
    apply(change, memory)
    found = utterance_of(change.key)
    item = finds.get(found)
    if item is None or change == Change(key=change.key):
        return
    if change.dropped:
        del finds[found]
        return
    if change.owner_name is not None:
        item = replace(item, owner=change.owner_id, owner_name=change.owner_name, everybody=False)
    finds[found] = replace(
        item,
        text=change.text or item.text,
        due=change.due or item.due,
        due_phrase=change.due_phrase or item.due_phrase,
        later=(*item.later, Quote(utterance=line.id, words=line.text)),
    )


def _noted(item: Item, line: Line, meeting: Spoken) -> Noted:
    return Noted(
        key=key_of(item.line, 0),
        text=item.text,
        owner_id=item.owner,
        owner_name="everybody" if item.everybody else meeting.names.get(item.owner or ""),
        due=item.due,
        due_phrase=item.due_phrase,
        at=line.end,
        speaker=line.speaker,
    )


def _utterance(meeting: Spoken, line: Line) -> Utterance:
    return Utterance(
        id=UtteranceId(line.id),
        speaker=line.speaker,
        speaker_name=meeting.names.get(line.speaker, ""),
        room="",
        zone="",
        text=line.text,
        words=(),
        started_at=meeting.began + timedelta(seconds=line.start),
        seconds=line.end - line.start,
        engine="",
    )
