"""What a colleague does about a request: change the board, or say where people, rooms and tasks stand. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from avatars import phrasing
from avatars.actions import Action, ById, EditTask, MoveTask
from avatars.memory import content_words
from avatars.recognizer import Area, Context, OpenTask, PresentKind
from avatars.requests import RequestKind, SlotName, SpokenRequest
from avatars.understanding import local_day
from avatars.verbs import word_set
from avatars.words import norms, tokenise
from media.utterance import Utterance

LEAST = 0.6
"""Confidence below which a request is not acted upon."""
_ENOUGH = 0.5
"""Share of the words asked for that a task has to have."""
_MOST = 3
"""Areas or people that are named aloud."""
_MINE = word_set("i me my mine")
_GUEST = "Guests can change only their own tasks. Ask a member of the office."
_NOT_YET = {
    RequestKind.START_WORKFLOW: "I cannot start workflows. The page Runs can.",
    RequestKind.QUERY_WORKFLOW: "I do not follow workflows. The page Runs shows where each stands.",
    RequestKind.SUBMIT_INVOICE: "I cannot take invoices.",
    RequestKind.QUERY_INVOICE: "I know nothing about invoices.",
    RequestKind.DISPUTE_INVOICE: "I cannot dispute invoices.",
    RequestKind.APPROVE_INVOICE: "I cannot approve invoices. What waits for you is in your inbox.",
    RequestKind.REMIND: "I cannot remind people. I can note a task: say who does what, and by when.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is done and said."""

    line: str
    actions: tuple[Action, ...] = ()


def reply(request: SpokenRequest, context: Context, utterance: Utterance) -> Reply | None:
    """What to do about a request; None: it is none that is dealt with here.

    Args:
        request: what was understood.
        context: who and what is there.
        utterance: what was said, and by whom.
    """
    if request.confidence < LEAST:
        return None
    match request.kind:
        case RequestKind.CLOSE_TASK | RequestKind.CHANGE_TASK:
            return _change(request, context, utterance.speaker, utterance.id)
        case RequestKind.QUERY_TASKS:
            return _tasks(request, context, utterance)
        case RequestKind.FIND_PERSON:
            return _person(request, context)
        case RequestKind.FIND_ROOM:
            return Reply(line=_room(request, context))
        case kind if kind in _NOT_YET:
            return Reply(line=_NOT_YET[kind])
        case _:
            return None


def which(what: str, tasks: Sequence[OpenTask]) -> list[OpenTask]:
    """The tasks that are meant by some words: those that share most of them, all where several share as many."""
    wanted = content_words(what)
    if not wanted:
        return []
    shares = [len(set(wanted) & set(content_words(task.text))) / len(wanted) for task in tasks]
    best = max(shares, default=0.0)
    return [task for task, share in zip(tasks, shares, strict=True) if share == best >= _ENOUGH]


def _change(request: SpokenRequest, context: Context, speaker: str, utterance: str) -> Reply | None:
    slot = request.slots.get(SlotName.WHAT)
    if slot is None:
        return None
    found = which(slot.value, context.open_tasks)
    if not found:
        return Reply(line=f"I find no open task about {slot.text}.")
    if len(found) > 1:
        named = phrasing.joined([task.text[:1].lower() + task.text[1:] for task in found[:_MOST]])
        return Reply(line=f"Which one: {named}?")
    task = found[0]
    if not context.may_edit and task.owner_id != speaker:
        return Reply(line=_GUEST)
    if request.kind is RequestKind.CLOSE_TASK:
        return Reply(
            line=f"Done: {phrasing.sentence(task.text)}",
            actions=(MoveTask(task=ById(task.id), event="done", by=speaker, utterance=utterance),),
        )
    owner_id, owner_name = _owner(request, context, speaker)
    due = _day(request)
    if owner_name is None and due is None:
        return Reply(line="What shall I change, the owner or the day?")
    edit = EditTask(
        task=ById(task.id, task.version),
        owner_id=owner_id,
        owner_name=owner_name,
        due=due,
        by=speaker,
        utterance=utterance,
    )
    said = phrasing.statement(task.text, owner_name or task.owner_name, due or task.due, None, local_day(context))
    return Reply(line=f"Changed. {phrasing.sentence(said)}", actions=(edit,))


def _owner(request: SpokenRequest, context: Context, speaker: str) -> tuple[str | None, str | None]:
    slot = request.slots.get(SlotName.OWNER)
    if slot is None:
        return None, None
    wanted = speaker if slot.value in ("me", "myself") else slot.value
    for person in context.present:
        if person.id == wanted:
            return person.id, person.name
    return None, slot.text[:1].upper() + slot.text[1:]


def _day(request: SpokenRequest) -> date | None:
    slot = request.slots.get(SlotName.DUE)
    try:
        return date.fromisoformat(slot.value) if slot is not None else None
    except ValueError:
        return None  # words that are no day: "in the evening"


def _tasks(request: SpokenRequest, context: Context, utterance: Utterance) -> Reply | None:
    said = set(norms(tokenise(utterance.text)))
    if "who" in said:
        return None  # "who has the budget?": that asks for one task
    owner_id, owner_name = _owner(request, context, utterance.speaker)
    if owner_name is None and said & _MINE:
        owner_id, owner_name = utterance.speaker, utterance.speaker_name
    due, today = _day(request), local_day(context)
    tasks = [
        task
        for task in context.open_tasks
        if (owner_name is None or _owns(task, owner_id, owner_name))
        and (due is None or (task.due is not None and task.due <= due))
    ]
    if due is not None and not tasks:
        return Reply(line=f"Nothing is due by {phrasing.spoken_date(due, today)}.")
    read = [phrasing.statement(task.text, task.owner_name, task.due, None, today) for task in tasks]
    return Reply(line=phrasing.open_tasks(read))


def _owns(task: OpenTask, owner_id: str | None, owner_name: str) -> bool:
    if owner_id is not None and task.owner_id is not None:
        return task.owner_id == owner_id
    return task.owner_name is not None and task.owner_name.casefold() == owner_name.casefold()


def _person(request: SpokenRequest, context: Context) -> Reply | None:
    slot, room = request.slots.get(SlotName.PERSON), request.slots.get(SlotName.ROOM)
    if slot is not None:
        if any(one.id == slot.value and one.kind is PresentKind.AVATAR for one in context.present):
            return None  # where a colleague stands, everybody sees
        for area in context.areas:
            if slot.value in area.people:
                name = next(person.name for person in context.present if person.id == slot.value)
                return Reply(line=f"{name} is {_where(area)}.")
        return Reply(line=f"{slot.text[:1].upper()}{slot.text[1:]} is not in the office.")
    for area in context.areas:
        if room is not None and area.name == room.value:
            return Reply(line=_who_is_there(area, context))
    return None


def _who_is_there(area: Area, context: Context) -> str:
    names = [
        person.name for person in context.present if person.id in area.people and person.kind is PresentKind.HUMAN
    ]
    if not names:
        return f"Nobody is {_where(area)}."
    return f"{phrasing.joined(names)} {'is' if len(names) == 1 else 'are'} {_where(area)}."


def _room(request: SpokenRequest, context: Context) -> str:
    slot = request.slots.get(SlotName.ROOM)
    for area in context.areas:
        if slot is not None and area.name == slot.value:
            if area.meeting:
                return f"{area.meeting} is on {_where(area)}."
            return _who_is_there(area, context)
    free = [area.name for area in context.areas if area.room and not area.people and not area.meeting]
    if not free:
        return "No room is free just now."
    return f"{phrasing.joined(free[:_MOST])} {'is' if len(free) == 1 else 'are'} free just now."


def _where(area: Area) -> str:
    """ "in Birch", "on the open floor", "at the reception"."""
    if area.room:
        return f"in {area.name}"
    last = area.name.lower().split()[-1]
    preposition = (
        "on" if last in ("floor", "stage", "terrace") else "at" if last in ("reception", "table") else "in"
    )
    return f"{preposition} the {area.name[:1].lower()}{area.name[1:]}"
