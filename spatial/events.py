"""What has happened in a room."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from spatial.participant import Participant, ParticipantId, Slot
from spatial.pose import Pose


class Reason(StrEnum):
    """Why a room refused a command."""

    WALL = "wall"
    FURNITURE = "furniture"
    TOO_FAST = "too_fast"
    SEAT_TAKEN = "seat_taken"
    TOO_FAR = "too_far"
    ROOM_FULL = "room_full"
    NOT_HERE = "not_here"
    SEATED = "seated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Somebody came in."""

    participant: Participant


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Somebody went out for good."""

    id: ParticipantId
    slot: Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Somebody stands somewhere else; `seq` is the command's number, 0 where it had none."""

    id: ParticipantId
    pose: Pose
    motion: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A command was not carried out; `pose` is where its sender is, None if they are not in the room."""

    id: ParticipantId
    command: str
    """The command in the words of the wire: "join", "move", "sit"."""
    reason: Reason
    seq: int = 0
    pose: Pose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seated:
    """Somebody sits."""

    id: ParticipantId
    seat: str
    pose: Pose


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """Somebody stood up and is now beside the seat."""

    id: ParticipantId
    pose: Pose


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Fields of a participant's record have new values."""

    id: ParticipantId
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorMoved:
    """A door opened or closed by itself."""

    id: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPinned:
    """A card is on the board, new or changed."""

    card: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUnpinned:
    """A card is no longer on the board."""

    card_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingOpened:
    """A meeting began."""

    meeting: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingUpdated:
    """An open meeting changed; the whole record as it is now."""

    meeting: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingClosed:
    """A meeting ended."""

    meeting_id: str


Event: TypeAlias = (
    Joined
    | Left
    | Moved
    | Refused
    | Seated
    | Stood
    | Changed
    | DoorMoved
    | CardPinned
    | CardUnpinned
    | MeetingOpened
    | MeetingUpdated
    | MeetingClosed
)
