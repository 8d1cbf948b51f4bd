"""A human or an avatar in a room."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NewType, TypeAlias

from spatial.pose import Pose

ParticipantId = NewType("ParticipantId", str)
Slot: TypeAlias = int
"""A small number that stands for a participant on the wire; used again 60 s after it was given back."""


class Kind(StrEnum):
    """Who is behind a participant."""

    HUMAN = "human"
    AVATAR = "avatar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How somebody looks: five indices, 0 to 5, into the client's palettes."""

    skin: int
    hair: int
    hair_style: int
    outfit: int
    accent: int

    def indices(self) -> list[int]:
        """The five numbers as they stand on the wire."""
        return [self.skin, self.hair, self.hair_style, self.outfit, self.accent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One participant, as the room knows them."""

    id: ParticipantId
    slot: Slot
    name: str
    kind: Kind
    look: Look
    role: str
    pose: Pose
    motion: int
    """A `Motion`, with the bit `WAVING` while they wave."""
    seat: str | None
    muted: bool
    listening_only: bool
    deaf: bool
    """They hear nobody."""
    transcribed: bool
    """They agree that what they say is written down."""
    status: str
    """"available", "away" or "busy"."""
    hand: bool
    state: str
    """Avatars only: "", "listening", "thinking" or "speaking"."""
    present: bool
    """False while their connection is lost."""
    zone: str
    screen: bool
    """They share their screen."""
    camera: bool
    """Their camera is on."""

    def record(self) -> dict[str, Any]:
        """What the others are told, without the pose, which travels apart."""
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind.value,
            "look": self.look.indices(),
            "role": self.role,
            "seat": self.seat,
            "muted": self.muted,
            "listening_only": self.listening_only,
            "deaf": self.deaf,
            "transcribed": self.transcribed,
            "status": self.status,
            "hand": self.hand,
            "state": self.state,
            "present": self.present,
            "zone": self.zone,
            "screen": self.screen,
            "camera": self.camera,
        }
