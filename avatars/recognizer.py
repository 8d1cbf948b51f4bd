"""What a colleague needs in order to understand: the words, and who is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from avatars.intent import Intent
from media.utterance import Utterance


class PresentKind(StrEnum):
    """Who somebody in the room is. The values are those of `spatial.participant.Kind`."""

    HUMAN = "human"
    AVATAR = "avatar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Somebody who is in the room and can be given work or be spoken to."""

    id: str
    name: str
    kind: PresentKind = PresentKind.HUMAN
    near: bool = True
    """They hear what is said."""
    faced: bool = False
    """Whoever speaks looks at them, and at nobody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """A task that is still to be done."""

    id: str
    text: str
    owner_id: str | None = None
    owner_name: str | None = None
    due: date | None = None
    version: int | None = None
    """As it was when somebody spoke of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A part of the office."""

    name: str
    people: tuple[str, ...] = ()
    """Ids of the people who are there."""
    meeting: str = ""
    """Title of the meeting that is on; empty: none."""
    room: bool = False
    """It can be closed, so that people can meet there by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything beside the words that decides what they mean."""

    present: tuple[Present, ...]
    now: datetime
    """Aware; relative dates ("by Friday") are counted from this moment in `timezone`."""
    timezone: str = "UTC"
    """IANA name of the office's time zone."""
    in_meeting: bool = False
    recent: tuple[Utterance, ...] = ()
    """The last utterances heard here, oldest first, without the one in hand."""
    meeting_id: str | None = None
    open_tasks: tuple[OpenTask, ...] = ()
    """Also those that are proposed."""
    areas: tuple[Area, ...] = ()
    may_edit: bool = True
    """Whether the speaker may change tasks of others."""


class Recognizer(Protocol):
    """Tells what was meant. Blocking: it runs in a worker."""

    def recognize(self, utterance: Utterance, context: Context) -> list[Intent]:
        """Every clause that means something, in the order spoken (talk is left out)."""
        ...
