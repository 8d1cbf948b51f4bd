"""What an avatar decided to do. The flows carry it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from workflows.task import TaskDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Speak this aloud as soon as the floor is free, and once the actions before it are kept.

    Where one of them was refused, `Avatar.refused` tells what is said in its place.
    """

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTask:
    """Put a new task on the board."""

    draft: TaskDraft
    key: str
    """The same commitment always has the same key: use it as the engine's idempotency key."""
    utterance: str
    """Id of the utterance it came from."""


@dataclass(frozen=True, slots=True)
class ByKey:
    """The task that an earlier `AssignTask` of this key made."""

    key: str


@dataclass(frozen=True, slots=True)
class ById:
    """A task that is on the board."""

    id: str
    version: int | None = None
    """As it was seen; None: whatever is there."""


Which = ByKey | ById


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveTask:
    """Move a task on."""

    task: Which
    event: str
    """An event of `action_item`, such as "done"."""
    by: str
    """Participant id of whoever asked for it."""
    utterance: str
    words: str = ""
    """What was said, where the colleague that noted the task takes it from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditTask:
    """Change a task. None leaves a field as it is; an owner is given by name, and by id where they are here."""

    task: Which
    text: str | None = None
    owner_id: str | None = None
    owner_name: str | None = None
    due: date | None = None
    due_phrase: str | None = None
    by: str
    """Participant id of whoever changes it: who asked for it, or the colleague that noted the task."""
    utterance: str
    """Id of the utterance that says so."""
    words: str = ""
    """What was said, where the colleague that noted the task takes it from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDecision:
    """Write a decision into the minutes."""

    text: str
    utterance: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAt:
    """Turn the head to a participant."""

    participant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetState:
    """Show what the avatar is doing: "", "listening", "thinking" or "speaking"."""

    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Go to a place on the floor; metres in room coordinates."""

    x: float
    z: float


Action = Say | AssignTask | MoveTask | EditTask | NoteDecision | LookAt | SetState | Walk
