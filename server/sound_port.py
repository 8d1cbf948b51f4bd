"""What the office sees of the sound, whether it runs in a process of its own or inside the office's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Protocol, get_args

from media.audio import SILENCE_DBFS, Samples
from media.errors import MediaError
from media.scene import Scene

FADE_SECONDS = 0.08
"""How fast an interrupted voice goes out."""

MediaPath = Literal["direct", "stock"]
Load = Literal["normal", "saving", "strained"]
"""How hard the sound works: all as it should be; saving where nobody notices; saving audibly."""
LOADS: tuple[Load, ...] = get_args(Load)


class SoundRestarting(MediaError):
    """The sound process is not there just now; it is being started, and a new offer will find it."""

    code = "sound_restarting"


class SoundFailed(MediaError):
    """The sound cannot start at all; the message says why and what to do."""

    code = "sound_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSettings:
    """How sound and pictures reach people."""

    path: MediaPath = "direct"
    """direct: our own way from packet to mixer; stock: aiortc's."""
    ports: str = "0"
    """UDP: `0` any, `40000` this one, `40000-40010` the first free one of these. It serves everybody."""
    advertised: tuple[str, ...] = ()
    """IP addresses to offer in place of this machine's own, as where it stands behind a NAT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one m-line of a viewer's video connection shows."""

    mid: str
    """The m-line, as the viewer's offer names it."""
    owner: str
    """The participant whose picture it is."""
    kind: Literal["screen", "camera"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundState:
    """How the sound is."""

    up: bool
    epoch: int
    """Counts the starts of the sound: a new number means that every connection is gone."""
    path: MediaPath = "direct"
    load: Load = "normal"
    detail: Mapping[str, Any] = field(default_factory=dict)
    """More for the curious: plain values by name."""


def gauge() -> Any:
    """A number of `SoundCounters` that goes up and down."""
    return field(default=0, metadata={"gauge": True})


@dataclass(slots=True, kw_only=True)
class SoundCounters:
    """What /metrics shows of the sound; all but the gauges only grow."""

    ticks: int = 0
    late_ticks: int = 0
    """Ticks that came 20 ms or more too late."""
    skipped_ticks: int = 0
    """Ticks left out because the machine was too slow."""
    dropped_frames: int = 0
    """Frames thrown away, incoming and outgoing."""
    missed_frames: int = 0
    """Ticks at which a person who was sounding had no frame."""
    faults: int = 0
    """Exceptions caught in the tick, in the recognition branch, or while a report was made."""
    packets_lost: int = 0
    """Packets of people that never came."""
    packets_late: int = 0
    """Packets that came after their time."""
    frames_concealed: int = 0
    """Frames made up where nothing was there."""
    frames_recovered: int = 0
    """Frames taken from the error correction in the packet behind them."""
    packets_malformed: int = 0
    """Packets that could not be opened or read."""
    encodes: int = 0
    """Frames that were encoded."""
    encodes_shared: int = 0
    """Packets that were sent without an encode of their own: somebody else hears the same."""
    listener_ticks: int = 0
    """Ticks times the listeners connected in them; `encodes` over it is what the economy saves."""
    video_packets: int = 0
    """Packets of screens and cameras that went to viewers."""
    video_key_requests: int = 0
    """Key pictures asked of those who share."""
    video_refused: int = 0
    """Views that were not served because no more may be forwarded."""
    video_peers: int = gauge()
    video_forwards: int = gauge()
    """Lines on which somebody is shown to somebody."""
    peers: int = gauge()
    load_level: int = gauge()
    """Rungs below the best effort."""
    link_dropped: int = 0
    """Messages between the office and the sound process that waited too long."""
    link_faults: int = 0
    """Messages between them that could not be dealt with; after one that is no message at all they start anew."""


COUNTED = tuple(one.name for one in fields(SoundCounters) if not one.metadata.get("gauge"))
"""The counters that only grow."""
GAUGES = tuple(one.name for one in fields(SoundCounters) if one.metadata.get("gauge"))
"""Those that show the present moment."""


class Sound(Protocol):
    """The sound of the office. Everything is called in the event loop; only what is awaited takes time."""

    async def connect(self, participant_id: str, offer_sdp: str, *, muted: bool, transcribed: bool) -> str:
        """Answer a person's offer with the answer SDP.

        An offer of a living connection with the same DTLS fingerprint is an ICE restart and keeps the call; any
        other replaces an earlier connection of the same person.

        Raises:
            NegotiationError: the offer cannot be used; nothing of it is left.
            SoundRestarting: the sound is not there; offer again when `SoundState` says it is up.
        """

    async def disconnect(self, participant_id: str) -> None:
        """Close a person's sound connection, if there is one."""

    def set_muted(self, participant_id: str, muted: bool) -> None:
        """Let nobody hear a connected person, or everybody again."""

    def set_transcribed(self, participant_id: str, transcribed: bool) -> None:
        """Say whether a connected person's sound may go to recognition."""

    def play(self, source_id: str, samples: Samples) -> float:
        """Let an avatar speak (n,) float32 mono at 48 kHz after what it is saying; seconds until all is said."""

    def stop(self, source_id: str, fade: float = FADE_SECONDS) -> None:
        """Silence an avatar within `fade` seconds and forget what it still had to say."""

    def seconds_left(self, source_id: str) -> float:
        """How long an avatar will still sound; 0 when it is silent."""

    def remove_source(self, source_id: str) -> None:
        """Take an avatar out of the mix."""

    def set_scene(self, scene: Scene) -> None:
        """Say who hears whom from where, from now on."""

    def levels(self) -> dict[str, float]:
        """Level in dBFS of each source, as it should be shown: up at once, down slowly."""

    @property
    def counters(self) -> SoundCounters:
        """A copy of the counters as they are now."""

    @property
    def state(self) -> SoundState:
        """How the sound is now."""

    async def report(self, participant_id: str) -> dict[str, Any]:
        """One person's connection, for "Sound problems?".

        Returns:
            connected (bool), packets_in, packets_lost (int), level_dbfs, delay_ms (float), address (text).
        """

    async def connect_video(self, participant_id: str, offer_sdp: str) -> str:
        """Answer the offer of a person's video connection; raises as `connect` does."""

    async def disconnect_video(self, participant_id: str) -> None:
        """Close a person's video connection, if there is one."""

    def set_views(self, participant_id: str, views: Sequence[View]) -> None:
        """Say what each m-line of this viewer's video connection shows, from now on."""


OnFrame = Callable[[str, Samples], None]
"""participant id, (960,) float32 at 48 kHz: the sound of somebody who agreed to be recognised."""
OnLost = Callable[[str], None]
"""participant id: their connection failed by itself."""
OnState = Callable[[SoundState], None]


class OpenSound(Protocol):
    """Opens the sound for as long as the office lives."""

    def __call__(
        self, *, on_frame: OnFrame, on_lost: OnLost, on_state: OnState
    ) -> AbstractAsyncContextManager[Sound]:
        """Open it; the callbacks are called in the event loop.

        Raises:
            SoundFailed: it cannot start at all.
        """


def no_report() -> dict[str, Any]:
    """What `report` says of somebody without a sound connection."""
    return {
        "connected": False,
        "packets_in": 0,
        "packets_lost": 0,
        "level_dbfs": SILENCE_DBFS,
        "delay_ms": 0.0,
        "address": "",
    }
