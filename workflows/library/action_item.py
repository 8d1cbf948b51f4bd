"""An action item: (proposed ->) open -> accepted -> done | declined | overdue; proposed -> rejected."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from workflows.definition import Definition
from workflows.parts import Deadline, Rules, State, Transition
from workflows.run import Data, Event
from workflows.task import DROP, LATER, edited, heard_again, said_later


def end_of_due_day(data: Data, now: datetime) -> datetime | None:
    """Say when the due day ends in the office's time zone (that of `now`)."""
    due = data.get("due")
    if not due:
        return None
    # The last day that a date can name has no day after it; such a task is never overdue.
    day = date.fromisoformat(str(due))
    if day == date.max:
        return None
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=now.tzinfo)


def deadline_of(data: Data, now: datetime) -> datetime | None:
    """Say when the task becomes overdue; a date that was missed once does not ring again."""
    return None if data.get("missed") == data.get("due") else end_of_due_day(data, now)


def due_day_has_ended(data: Data, event: Event, now: datetime) -> bool:
    """The due day is over."""
    end = deadline_of(data, now)
    return end is not None and now >= end


def due_moves_ahead(data: Data, event: Event, now: datetime) -> bool:
    """The edit sets a due day that is not over yet, or takes the due day away."""
    if "due" not in event.data:
        return False
    end = end_of_due_day(edited(data, without_words(event.data)), now)
    return end is None or now < end


def without_words(changes: Data) -> Data:
    """The fields of an edit, without the words that say so."""
    return {name: value for name, value in changes.items() if name != LATER}


def was_looked_at(data: Data, event: Event, now: datetime) -> bool:
    """It was noted by a person, or one has accepted it since."""
    return not data.get("proposed")


def by_who_heard_it(data: Data, event: Event, now: datetime) -> bool:
    """The colleague that heard the task says so."""
    return data.get("heard") is not None and event.actor == data.get("created_by")


def by_the_owner(data: Data, event: Event, now: datetime) -> bool:
    """Whoever is to do it says so."""
    return bool(event.actor) and event.actor == data.get("owner_id")


def was_accepted(data: Data, event: Event, now: datetime) -> bool:
    """Somebody has accepted the task."""
    return bool(data.get("accepted"))


def set_fields(data: Data, event: Event, now: datetime) -> Data:
    """Take over the fields of the edit; where whoever heard the task makes it, that is what was heard."""
    if not by_who_heard_it(data, event, now):
        return edited(data, event.data)
    return heard_again(edited(data, without_words(event.data)), event.data.get(LATER))


def mark_dropped(data: Data, event: Event, now: datetime) -> Data:
    """Remember that people took it back, in which words."""
    return {**said_later(data, event.data.get(LATER)), "dropped": True}


def clear_dropped(data: Data, event: Event, now: datetime) -> Data:
    """Forget that it was taken back: it is a proposal again."""
    return {**data, "dropped": False}


def mark_looked_at(data: Data, event: Event, now: datetime) -> Data:
    """Remember that a person has looked at the proposal."""
    return {**data, "proposed": False}


def mark_accepted(data: Data, event: Event, now: datetime) -> Data:
    """Remember that the task was accepted, through being overdue."""
    return {**data, "accepted": True}


def mark_missed(data: Data, event: Event, now: datetime) -> Data:
    """Remember which due day was missed."""
    return {**data, "missed": data.get("due")}


def clear_missed(data: Data, event: Event, now: datetime) -> Data:
    """Forget that a due day was missed."""
    return {**data, "missed": None}


def forget_progress(data: Data, event: Event, now: datetime) -> Data:
    """Start over: neither accepted nor missed."""
    return {**data, "accepted": False, "missed": None}


RULES = Rules(
    guards={
        "due_day_has_ended": due_day_has_ended,
        "due_moves_ahead": due_moves_ahead,
        "was_accepted": was_accepted,
        "was_looked_at": was_looked_at,
        "by_the_owner": by_the_owner,
        "by_who_heard_it": by_who_heard_it,
    },
    changes={
        "set_fields": set_fields,
        "mark_accepted": mark_accepted,
        "mark_looked_at": mark_looked_at,
        "mark_missed": mark_missed,
        "clear_missed": clear_missed,
        "mark_dropped": mark_dropped,
        "clear_dropped": clear_dropped,
        "forget_progress": forget_progress,
    },
    instants={"deadline_of": deadline_of},
)

_AHEAD = ("due_moves_ahead",)

ACTION_ITEM = Definition(
    name="action_item",
    initial="proposed",
    states=tuple(
        State(name=name) for name in ("proposed", "open", "accepted", "done", "declined", "overdue", "rejected")
    ),
    transitions=(
        Transition(source="proposed", event="", target="open", guards=("was_looked_at",)),
        Transition(
            source="proposed",
            event="accept",
            target="accepted",
            guards=("by_the_owner",),
            changes=("mark_looked_at", "mark_accepted"),
        ),
        Transition(source="proposed", event="accept", target="open", changes=("mark_looked_at",)),
        Transition(source="proposed", event="reject", target="rejected"),
        Transition(
            source="proposed",
            event=DROP,
            target="rejected",
            guards=("by_who_heard_it",),
            changes=("mark_dropped",),
        ),
        Transition(source="proposed", event="done", target="done", changes=("mark_looked_at",)),
        Transition(source="proposed", event="edit", changes=("set_fields",)),
        Transition(source="rejected", event="reopen", target="proposed", changes=("clear_dropped",)),
        Transition(source="rejected", event="edit", changes=("set_fields",)),
        Transition(source="open", event="accept", target="accepted", changes=("mark_accepted",)),
        Transition(source="open", event="done", target="done"),
        Transition(source="open", event="decline", target="declined"),
        Transition(source="open", event="edit", changes=("set_fields",)),
        Transition(
            source="open",
            event="deadline",
            target="overdue",
            guards=("due_day_has_ended",),
            changes=("mark_missed",),
        ),
        Transition(source="accepted", event="done", target="done"),
        Transition(source="accepted", event="decline", target="declined"),
        Transition(source="accepted", event="reopen", target="open", changes=("forget_progress",)),
        Transition(source="accepted", event="edit", changes=("set_fields",)),
        Transition(
            source="accepted",
            event="deadline",
            target="overdue",
            guards=("due_day_has_ended",),
            changes=("mark_missed",),
        ),
        Transition(source="overdue", event="accept", target="accepted", changes=("mark_accepted",)),
        Transition(source="overdue", event="done", target="done"),
        Transition(source="overdue", event="decline", target="declined"),
        Transition(
            source="overdue",
            event="edit",
            target="accepted",
            guards=("due_moves_ahead", "was_accepted"),
            changes=("set_fields", "clear_missed"),
        ),
        Transition(
            source="overdue", event="edit", target="open", guards=_AHEAD, changes=("set_fields", "clear_missed")
        ),
        Transition(source="overdue", event="edit", changes=("set_fields", "mark_missed")),
        Transition(source="done", event="reopen", target="open", changes=("forget_progress",)),
        Transition(source="done", event="edit", changes=("set_fields",)),
        Transition(source="declined", event="reopen", target="open", changes=("forget_progress",)),
        Transition(source="declined", event="edit", changes=("set_fields",)),
    ),
    deadlines=(Deadline(name="due", states=("open", "accepted"), at="deadline_of", event="deadline"),),
    rules=RULES,
)
"""The life of a task. From overdue, a due day ahead leads back to where the task stood before."""
