"""Every message that the server may send."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from server.protocol.message import Message, Record, Table


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
    """Somebody said something in writing; without a slot it is the office itself."""

    NAME: ClassVar[str] = "chat"
    id: str
    from_slot: int | None
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
    corrected_by: str = ""
    """Who corrected it last; empty: nobody."""
    heard: str = ""
    """What was heard first, once it was corrected."""


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
class InboxChanged(Message):
    """The questions before you have changed: read `/v1/inbox` again."""

    NAME: ClassVar[str] = "inbox"


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
