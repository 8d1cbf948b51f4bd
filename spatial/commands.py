"""What may be asked of a room. `Room.apply` answers each with events; it never waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from spatial.participant import Kind, Look, ParticipantId
from spatial.pose import Motion, Pose


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Come in. Without a pose at a free spawn point; with one there, or at the nearest free spot to it."""

    id: ParticipantId
    name: str
    kind: Kind
    look: Look
    role: str
    pose: Pose | None = None
    muted: bool = False
    listening_only: bool = False
    transcribed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Go out for good: seat and slot are given back."""

    id: ParticipantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Lose:
    """The connection is lost; place, seat and slot are kept."""

    id: ParticipantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """The connection is back."""

    id: ParticipantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One step of a walk, numbered by the sender so that a refusal can be matched."""

    id: ParticipantId
    seq: int
    pose: Pose
    motion: int = Motion.WALK


@dataclass(frozen=True, slots=True, kw_only=True)
class Teleport:
    """Be at another spot at once, for those who want no motion; stands up from a seat."""

    id: ParticipantId
    pose: Pose


@dataclass(frozen=True, slots=True, kw_only=True)
class Sit:
    """Take a seat within reach."""

    id: ParticipantId
    seat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Stand up beside the seat."""

    id: ParticipantId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMuted:
    """Say whether the microphone is off."""

    id: ParticipantId
    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDeaf:
    """Hear nobody, or everybody again."""

    id: ParticipantId
    deaf: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSharing:
    """Say whether one's screen and one's camera can be seen."""

    id: ParticipantId
    screen: bool
    camera: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetConsent:
    """Agree, or no longer, that one's words are written down."""

    id: ParticipantId
    transcribed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStatus:
    """Be "available", "away" or "busy"."""

    id: ParticipantId
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseHand:
    """Raise the hand or take it down."""

    id: ParticipantId
    up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetState:
    """An avatar listens, thinks, speaks, or does nothing of these ("")."""

    id: ParticipantId
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLook:
    """Change name and look."""

    id: ParticipantId
    name: str
    look: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class PinCard:
    """Put a card on the board, or a newer version of it; `card["id"]` says which."""

    card: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpinCard:
    """Take a card off the board."""

    card_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMeeting:
    """A meeting begins; `meeting["id"]` says which."""

    meeting: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateMeeting:
    """Some fields of an open meeting have new values."""

    meeting_id: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseMeeting:
    """A meeting ends."""

    meeting_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A fixed step of time has passed: doors move, and the next snapshot gets the next number."""


Command: TypeAlias = (
    Join
    | Leave
    | Lose
    | Resume
    | Move
    | Teleport
    | Sit
    | Stand
    | SetMuted
    | SetDeaf
    | SetSharing
    | SetConsent
    | SetStatus
    | RaiseHand
    | SetState
    | SetLook
    | PinCard
    | UnpinCard
    | OpenMeeting
    | UpdateMeeting
    | CloseMeeting
    | Tick
)
