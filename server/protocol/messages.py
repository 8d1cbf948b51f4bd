"""Every message that either side of the room socket may send.

Each class is one message; `NAME` is its name on the wire and the fields are its keys. Times are seconds since
the epoch, dates `YYYY-MM-DD`, places metres, angles radians. Movement and levels have a binary layout of
their own (`server.protocol.codec`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
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


# --- from a browser -------------------------------------------------------------------------------------------


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
    """Move a task on: accept, done, decline or reopen."""

    NAME: ClassVar[str] = "task_event"
    task: Key
    version: int
    event: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Message):
    """Is the line alive; `at` comes back in `pong`."""

    NAME: ClassVar[str] = "ping"
    at: float


# --- from the server ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome(Message):
    """The first answer: who you are and what works here."""

    NAME: ClassVar[str] = "welcome"
    version: int
    you: Record
    room: str
    plan_url: str
    engine: Record
    ice_servers: list[Record] = field(default_factory=list)
    chat: list[Record] = field(default_factory=list)
    captions: list[Record] = field(default_factory=list)
    resumed: bool = False
    server_time: float = 0.0
    limits: Record = field(default_factory=dict)
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotMessage(Message):
    """The whole room; the poses of the same tick follow in a frame of their own."""

    NAME: ClassVar[str] = "snapshot"
    tick: int
    participants: Table
    doors: Table
    cards: Table
    meetings: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaMessage(Message):
    """What changed since tick `base`."""

    NAME: ClassVar[str] = "delta"
    tick: int
    base: int
    put: dict[str, Table] = field(default_factory=dict)
    patch: dict[str, Table] = field(default_factory=dict)
    remove: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Message):
    """A command was refused: why, where one stands, and what to do."""

    NAME: ClassVar[str] = "refused"
    command: str
    reason: str
    seq: int
    x: float
    z: float
    yaw: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Message):
    """You stand here now: after a jump, a resume, sitting down or standing up."""

    NAME: ClassVar[str] = "placed"
    x: float
    z: float
    yaw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Path(Message):
    """The way that was asked for: [x, z] corners; `seat` is taken on arrival, `to_slot` looked at."""

    NAME: ClassVar[str] = "path"
    points: list[list[float]]
    run: bool = False
    seat: str | None = None
    to_slot: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage(Message):
    """Somebody said something in writing."""

    NAME: ClassVar[str] = "chat"
    id: str
    from_slot: int
    from_name: str
    text: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction(Message):
    """Somebody showed an emoji."""

    NAME: ClassVar[str] = "reaction"
    slot: int
    emoji: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption(Message):
    """Words being spoken; a newer text of the same id replaces the older.

    The first `settled` characters never change again, the rest may; `final` settles all of it, and an empty final
    text takes the caption back.
    """

    NAME: ClassVar[str] = "caption"
    id: str
    slot: int
    name: str
    text: str
    final: bool
    at: float
    kind: str = "human"
    settled: int = 0
    meeting: str = ""
    """The meeting in whose transcript it stands once it is final; empty outside of meetings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected(Message):
    """Somebody corrected a final caption; what was first heard stays in the transcript."""

    NAME: ClassVar[str] = "corrected"
    id: str
    text: str
    by: str
    """Name of who did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy(Message):
    """What is and is not kept, by zone: after `welcome` and on every change."""

    NAME: ClassVar[str] = "privacy"
    off_record: list[str]
    """Nobody is recognised here."""
    recording: list[str]
    """The sound of the meeting here is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineState(Message):
    """Which engines are at work, on every change: the record that `welcome` calls `engine`."""

    NAME: ClassVar[str] = "engine"
    engine: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Message):
    """Something was agreed or asked in a caption: action_item, decision or question."""

    NAME: ClassVar[str] = "item"
    utterance: str
    kind: str
    text: str
    confidence: float
    task: str | None = None
    owner_name: str | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundAnswer(Message):
    """The WebRTC answer to the offer of the same generation."""

    NAME: ClassVar[str] = "sound_answer"
    sdp: str
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundError(Message):
    """No sound: why, and what to do."""

    NAME: ClassVar[str] = "sound_error"
    reason: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundState(Message):
    """How the sound is: on joining, on a change, and every 2 s while people are connected.

    `epoch` counts the starts of the sound: with a new one, or when `up` is true again, dial again at once.
    `path` is direct or stock, `load` normal, saving or strained, `people` how many are connected.
    """

    NAME: ClassVar[str] = "sound_state"
    up: bool
    epoch: int
    path: str
    load: str
    people: int
    detail: Record = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundReport(Message):
    """What the office gets of one's own sound; `address` is where it comes from, empty while unknown."""

    NAME: ClassVar[str] = "sound_report"
    connected: bool
    packets_in: int
    packets_lost: int
    level: float
    delay_ms: float
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IceServers(Message):
    """Fresh credentials of the relays, as RTCIceServer records, until `expires`."""

    NAME: ClassVar[str] = "ice_servers"
    servers: list[Record]
    expires: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoAnswer(Message):
    """The WebRTC answer to the `video_offer` of the same generation."""

    NAME: ClassVar[str] = "video_answer"
    sdp: str
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSlots(Message):
    """What one's video m-lines show now: {mid, slot of the participant, kind: screen or camera} each.

    Of one's own lines also `seen_by`, how many see it. Without a video connection `mid` is empty: it is worth one.
    """

    NAME: ClassVar[str] = "video_slots"
    slots: list[Record]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech(Message):
    """An AI colleague starts to speak for this many seconds (0: stops)."""

    NAME: ClassVar[str] = "speech"
    slot: int
    seconds: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Message):
    """A word to the person: info, warn or error; `link` is a page of ours."""

    NAME: ClassVar[str] = "notice"
    level: str
    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorMessage(Message):
    """Something asked for could not be done; after a fatal one the socket closes."""

    NAME: ClassVar[str] = "error"
    code: str
    text: str
    fatal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong(Message):
    """The answer to `ping`."""

    NAME: ClassVar[str] = "pong"
    at: float
    server_time: float


FROM_BROWSER: tuple[type[Message], ...] = (
    Hello, Move, WalkTo, GoTo, GoToZone, Sit, Stand, Mute, Deafen, Volume, Consent, SetLanguage, OffRecord,
    KeepSound, Status, Hand, Wave, React, Chat, SetLook, SoundOffer, SoundClose, SoundCheck, VideoOffer,
    VideoClose, Share, MeetingStart, MeetingEnd, TaskCreate, TaskUpdate, TaskEvent, Ping,
)  # fmt: skip

FROM_SERVER: tuple[type[Message], ...] = (
    Welcome, SnapshotMessage, DeltaMessage, Refused, Placed, Path, ChatMessage, Reaction, Caption, Corrected,
    Privacy, EngineState, Item, SoundAnswer, SoundError, SoundState, SoundReport, IceServers, VideoAnswer,
    VideoSlots, Speech, Notice, ErrorMessage, Pong,
)  # fmt: skip
