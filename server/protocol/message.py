"""What every message of the room socket is made of: its base, and the limits of its fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar


@dataclass(frozen=True)
class Limit:
    """The most characters or items that a field may hold."""

    most: int


@dataclass(frozen=True)
class Between:
    """The least and the most that a number may be."""

    least: float
    most: float


Name = Annotated[str, Limit(60)]
Short = Annotated[str, Limit(200)]
Text = Annotated[str, Limit(2000)]
Key = Annotated[str, Limit(80)]
Sdp = Annotated[str, Limit(60_000)]
Colours = Annotated[list[int], Limit(5)]
VolumeGain = Annotated[float, Between(0.0, 2.0)]
Record = dict[str, Any]
Table = dict[str, Record]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The base of all messages."""

    NAME: ClassVar[str] = ""
