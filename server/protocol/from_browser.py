"""Every message that a browser may send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from server.protocol.message import Colours, Key, Limit, Message, Name, Sdp, Short, Text, VolumeGain


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(Message):
    """The first message: enter this room."""

    NAME: ClassVar[str] = "hello"
    version: int
    room: Key = "hq"
    muted: bool = True
    listening_only: bool = False
    transcribed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Message):
    """One step of one's own person; binary on the wire."""

    NAME: ClassVar[str] = "move"
    seq: int
    x: float
    z: float
    yaw: float
    motion: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkTo(Message):
    """Ask for a way to a place; answered with `path`."""

    NAME: ClassVar[str] = "walk_to"
    x: float
    z: float
    run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GoTo(Message):
    """Ask for a way to a person; `jump` puts one there at once (for reduced motion)."""

    NAME: ClassVar[str] = "go_to"
    slot: int
    jump: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GoToZone(Message):
    """Ask for a way into a zone; `jump` puts one there at once (for reduced motion)."""

    NAME: ClassVar[str] = "go_to_zone"
    zone: Key
    jump: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sit(Message):
    """Take a seat within reach, or be led to it."""

    NAME: ClassVar[str] = "sit"
    seat: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand(Message):
    """Leave one's seat."""

    NAME: ClassVar[str] = "stand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute(Message):
    """Whether one's microphone is muted."""

    NAME: ClassVar[str] = "mute"
    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deafen(Message):
    """Whether one hears nobody; one's own voice goes on. Kept while the line is lost."""

    NAME: ClassVar[str] = "deafen"
    deaf: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume(Message):
    """How loud one hears one person, by participant id; 1 as they are. Kept while the line is lost."""

    NAME: ClassVar[str] = "volume"
    person: Key
    gain: VolumeGain


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Message):
    """Whether one's words may be recognised and, in a meeting, kept."""

    NAME: ClassVar[str] = "consent"
    transcribed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLanguage(Message):
    """Which language one speaks, as `en`; empty: what the office is set to. Kept while the line is lost."""

    NAME: ClassVar[str] = "language"
    language: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class OffRecord(Message):
    """Switch a zone off the record, or back: while it is, nobody in it is recognised. Whoever is in it may."""

    NAME: ClassVar[str] = "off_record"
    zone: Key
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepSound(Message):
    """Keep the sound of the meeting in a zone, or stop that; owners and the meeting's facilitator."""

    NAME: ClassVar[str] = "keep_sound"
    zone: Key
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(Message):
    """available, away or busy."""

    NAME: ClassVar[str] = "status"
    status: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand(Message):
    """Raise or lower one's hand."""

    NAME: ClassVar[str] = "hand"
    up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave(Message):
    """Wave to the others."""

    NAME: ClassVar[str] = "wave"


@dataclass(frozen=True, slots=True, kw_only=True)
class React(Message):
    """Show an emoji over one's head."""

    NAME: ClassVar[str] = "react"
    emoji: Annotated[str, Limit(16)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat(Message):
    """Say something in writing; `id` is the sender's own, so that a repeat is not shown twice."""

    NAME: ClassVar[str] = "chat"
    id: Key
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLook(Message):
    """Change one's name or look."""

    NAME: ClassVar[str] = "look"
    name: Name
    look: Colours


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundOffer(Message):
    """A WebRTC offer with all its candidates; `generation` counts the sender's attempts."""

    NAME: ClassVar[str] = "sound_offer"
    sdp: Sdp
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundClose(Message):
    """Hang up the sound, stay in the room."""

    NAME: ClassVar[str] = "sound_close"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundCheck(Message):
    """How does the office hear me; answered with `sound_report`."""

    NAME: ClassVar[str] = "sound_check"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoOffer(Message):
    """An offer for a second WebRTC connection, which carries video alone; answered with `video_answer`."""

    NAME: ClassVar[str] = "video_offer"
    sdp: Sdp
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoClose(Message):
    """Hang up the video, stay in the room."""

    NAME: ClassVar[str] = "video_close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Message):
    """What one sends on the video connection. A `hello` ends both, so it is said again after each."""

    NAME: ClassVar[str] = "share"
    screen: bool
    camera: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingStart(Message):
    """Start a meeting in a zone (facilitators)."""

    NAME: ClassVar[str] = "meeting_start"
    zone: Key
    title: Short


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingEnd(Message):
    """End a meeting (facilitators)."""

    NAME: ClassVar[str] = "meeting_end"
    meeting: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCreate(Message):
    """Put a task on the board by hand."""

    NAME: ClassVar[str] = "task_create"
    text: Short
    owner: Key | None = None
    due: Annotated[str, Limit(10)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskUpdate(Message):
    """Change a task's text, owner or due day; all three are given as they shall be."""

    NAME: ClassVar[str] = "task_update"
    task: Key
    version: int
    text: Short
    owner: Key | None = None
    due: Annotated[str, Limit(10)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(Message):
    """Move a task on: accept, reject, done, decline or reopen."""

    NAME: ClassVar[str] = "task_event"
    task: Key
    version: int
    event: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Message):
    """Is the line alive; `at` comes back in `pong`."""

    NAME: ClassVar[str] = "ping"
    at: float
