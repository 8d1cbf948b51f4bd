"""The sound of the office: peers, avatars' voices, the mixer and its tick of 20 ms."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

import numpy as np

from media.audio import FRAME, SILENCE_DBFS, LevelMeter, Samples, row_dbfs
from media.errors import ShapeError
from media.mixer import Gains, Mixer, MixerSettings
from media.pace import Pace
from media.source import FrameQueue, Playback, QueueSettings

logger = logging.getLogger(__name__)

FADE_SECONDS = 0.08
"""How fast an interrupted voice goes out."""


class Peer(Protocol):
    """One person's sound connection; `media.adapters.webrtc.WebRtcPeer` in the running office."""

    @property
    def dropped_frames(self) -> int:
        """Outgoing frames thrown away because too many were waiting."""

    async def answer(self, offer_sdp: str) -> str:
        """Take an offer and return the answer; raises NegotiationError."""

    def push(self, stereo: Samples) -> None:
        """Queue the next (2, 960) float32 frame to be sent."""

    async def close(self) -> None:
        """End the connection; may be called again."""


class PeerFactory(Protocol):
    """Makes a peer that calls `on_frame` with each incoming (960,) frame, and `on_state`."""

    def __call__(self, *, on_frame: Callable[[Samples], None], on_state: Callable[[str], None]) -> Peer:
        """Make it."""


OnFrame = Callable[[str, Samples], None]
"""participant id, (960,) float32 at 48 kHz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSettings:
    """How the office sounds."""

    mixer: MixerSettings = field(default_factory=MixerSettings)
    queue: QueueSettings = field(default_factory=QueueSettings)


@dataclass(slots=True, kw_only=True)
class SoundCounters:
    """What /metrics shows; all but `peers` only grow."""

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
    """Exceptions caught in the tick or in the recognition branch."""
    peers: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class _Line:
    """One person's connection with all that belongs to it."""

    peer: Peer | None
    queue: FrameQueue
    muted: bool
    transcribed: bool
    connected: bool = False


class SoundEngine:
    """Owns the peers and the tick. Use as `async with`; everything else is called in the event loop.

    A muted person's frames go nowhere. The frames of a person who is not transcribed are mixed and go
    nowhere else: this is the one place where sound leaves for recognition.
    """

    def __init__(
        self,
        peer_factory: PeerFactory,
        *,
        on_frame: OnFrame | None = None,
        on_lost: Callable[[str], None] | None = None,
        settings: SoundSettings | None = None,
    ) -> None:
        """Prepare.

        Args:
            peer_factory: makes the connection for a new person.
            on_frame: the recognition branch; gets the frames of people who consent, as they arrive.
            on_lost: called with a participant id when their connection failed by itself.
            settings: mixer and queues.
        """
        self._peer_factory = peer_factory
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._settings = settings or SoundSettings()
        self._mixer = Mixer(self._settings.mixer)
        self._lines: dict[str, _Line] = {}
        self._voices: dict[str, Playback] = {}
        self._meters: dict[str, LevelMeter] = {}
        self._given: tuple[dict[str, int], dict[str, int], Gains, Gains] = _no_gains()
        self._left: Gains = np.zeros((0, 0), np.float32)
        self._right: Gains = np.zeros((0, 0), np.float32)
        self._changed = True
        self._awake = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._exits = contextlib.AsyncExitStack()
        self._counters = SoundCounters()

    async def __aenter__(self) -> Self:
        self._group = await self._exits.enter_async_context(asyncio.TaskGroup())
        ticking = self._group.create_task(self._run(), name="sound tick")
        self._exits.callback(ticking.cancel)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for participant_id in list(self._lines):
            await self.disconnect(participant_id)
        await self._exits.__aexit__(kind, error, trace)

    # People

    async def connect(self, participant_id: str, offer_sdp: str, *, muted: bool, transcribed: bool) -> str:
        """Answer a person's offer. An older connection of the same person is closed.

        Raises:
            NegotiationError: the offer cannot be used; nothing of it is left.
        """
        await self.disconnect(participant_id)
        queue = FrameQueue(self._settings.queue)
        line = _Line(peer=None, queue=queue, muted=muted, transcribed=transcribed)
        line.peer = self._peer_factory(
            on_frame=lambda frame: self._receive(participant_id, line, frame),
            on_state=lambda state: self._follow(participant_id, line, state),
        )
        self._lines[participant_id] = line
        try:
            return await line.peer.answer(offer_sdp)
        except BaseException:
            if self._lines.get(participant_id) is line:
                del self._lines[participant_id]
            await line.peer.close()
            raise

    async def disconnect(self, participant_id: str) -> None:
        """Close a person's connection, if there is one."""
        line = self._lines.pop(participant_id, None)
        if line is None or line.peer is None:
            return
        self._changed = True
        if participant_id not in self._voices:
            self._meters.pop(participant_id, None)
        self._counters.dropped_frames += line.queue.dropped + line.peer.dropped_frames
        self._counters.missed_frames += line.queue.missed
        await line.peer.close()

    def set_muted(self, participant_id: str, muted: bool) -> None:
        """Let nobody hear a connected person, or everybody again."""
        if (line := self._lines.get(participant_id)) is not None:
            line.muted = muted
            if muted:
                line.queue.clear()

    def set_transcribed(self, participant_id: str, transcribed: bool) -> None:
        """Say whether a connected person's sound may go to recognition."""
        if (line := self._lines.get(participant_id)) is not None:
            line.transcribed = transcribed

    def is_connected(self, participant_id: str) -> bool:
        """Whether sound flows to and from this person."""
        line = self._lines.get(participant_id)
        return line is not None and line.connected

    # Avatars

    def play(self, source_id: str, samples: Samples) -> float:
        """Let an avatar speak (n,) float32 mono sound at 48 kHz, after what it is saying.

        Returns:
            Seconds until all of it is said.
        """
        voice = self._voices.get(source_id)
        if voice is None:
            voice = self._voices[source_id] = Playback()
            self._changed = True
        voice.play(samples)
        self._awake.set()
        return voice.seconds_left

    def stop(self, source_id: str, fade: float = FADE_SECONDS) -> None:
        """Silence an avatar within `fade` seconds and forget what it still had to say."""
        if (voice := self._voices.get(source_id)) is not None:
            voice.stop(fade)

    def seconds_left(self, source_id: str) -> float:
        """How long an avatar will still sound; 0 when it is silent."""
        voice = self._voices.get(source_id)
        return 0.0 if voice is None else voice.seconds_left

    def remove_source(self, source_id: str) -> None:
        """Take an avatar out of the mix."""
        if self._voices.pop(source_id, None) is not None:
            self._meters.pop(source_id, None)
            self._changed = True

    # The room

    def set_gains(self, listener_ids: Sequence[str], source_ids: Sequence[str], left: Gains, right: Gains) -> None:
        """Say who hears whom, from now on. Pairs that are not named are silent.

        Args:
            listener_ids: rows.
            source_ids: columns.
            left: (listeners, sources) float32, linear.
            right: the same for the right ear.

        Raises:
            ShapeError: the arrays do not fit the ids.
        """
        shape = (len(listener_ids), len(source_ids))
        if left.shape != shape or right.shape != shape:
            raise ShapeError(f"{shape[0]} listeners and {shape[1]} sources, but gains {left.shape}, {right.shape}")
        rows = {name: i for i, name in enumerate(listener_ids)}
        columns = {name: j for j, name in enumerate(source_ids)}
        self._given = (rows, columns, left, right)
        self._changed = True

    def levels(self) -> dict[str, float]:
        """Level in dBFS of each source, as it should be shown: up at once, down slowly."""
        return {name: meter.level for name, meter in self._meters.items()}

    @property
    def counters(self) -> SoundCounters:
        """A copy of the counters as they are now."""
        now = self._counters
        lines = [line for line in self._lines.values() if line.peer is not None]
        return SoundCounters(
            ticks=now.ticks,
            late_ticks=now.late_ticks,
            skipped_ticks=now.skipped_ticks,
            faults=now.faults,
            dropped_frames=now.dropped_frames
            + sum(line.queue.dropped + (line.peer.dropped_frames if line.peer else 0) for line in lines),
            missed_frames=now.missed_frames + sum(line.queue.missed for line in lines),
            peers=sum(line.connected for line in lines),
        )

    # The tick

    def tick(self) -> None:
        """Mix and send 20 ms. Called by the engine's own clock."""
        listeners = {name: line for name, line in self._lines.items() if line.connected}
        if self._changed or self._mixer.listeners != tuple(listeners):
            self._lay_out(tuple(listeners))
        frames = np.zeros((len(self._mixer.sources), FRAME), np.float32)
        for row, name in enumerate(self._mixer.sources):
            source = self._lines[name].queue if name in self._lines else self._voices[name]
            frames[row] = source.take()
        out = self._mixer.mix(frames, self._left, self._right)
        for row, line in enumerate(listeners.values()):
            if line.peer is not None:
                line.peer.push(out[row])
        for name, level in zip(self._mixer.sources, row_dbfs(frames), strict=True):
            self._meters.setdefault(name, LevelMeter()).feed(float(level))
        self._counters.ticks += 1

    def _lay_out(self, listeners: tuple[str, ...]) -> None:
        sources = (*listeners, *(name for name in self._voices if name not in self._lines))
        self._mixer.set_layout(listeners, sources)
        rows, columns, left, right = self._given
        self._left = _pick(left, listeners, sources, rows, columns)
        self._right = _pick(right, listeners, sources, rows, columns)
        for gone in self._meters.keys() - set(sources):
            del self._meters[gone]
        self._changed = False

    async def _run(self) -> None:
        """Tick every 20 ms while somebody listens or speaks; sleep otherwise."""
        loop = asyncio.get_running_loop()
        while True:
            await self._awake.wait()
            pace = Pace(loop.time())
            while self._busy():
                late, skipped = pace.late, pace.skipped
                await asyncio.sleep(pace.wait(loop.time()))
                self._counters.late_ticks += pace.late - late
                self._counters.skipped_ticks += pace.skipped - skipped
                self._tick_safely()
            self._awake.clear()
            for meter in self._meters.values():
                meter.level = SILENCE_DBFS

    def _busy(self) -> bool:
        return any(line.connected for line in self._lines.values()) or any(
            voice.seconds_left > 0 for voice in self._voices.values()
        )

    def _tick_safely(self) -> None:
        try:
            self.tick()
        except Exception:
            # One bad frame must not end the sound of everybody.
            self._counters.faults += 1
            self._changed = True
            logger.exception("sound tick failed")

    # What peers report

    def _receive(self, participant_id: str, line: _Line, frame: Samples) -> None:
        if line.muted or self._lines.get(participant_id) is not line:
            return
        line.queue.put(frame)
        if not line.transcribed or self._on_frame is None:
            return
        try:
            self._on_frame(participant_id, frame)
        except Exception:
            self._counters.faults += 1
            logger.exception("recognition branch failed", extra={"participant": participant_id})

    def _follow(self, participant_id: str, line: _Line, state: str) -> None:
        if self._lines.get(participant_id) is not line:
            return
        if state == "connected":
            line.connected = True
            self._changed = True
            self._awake.set()
        elif state in ("failed", "closed") and self._group is not None:
            self._group.create_task(self._lose(participant_id, line), name="lost sound connection")

    async def _lose(self, participant_id: str, line: _Line) -> None:
        if self._lines.get(participant_id) is line:
            await self.disconnect(participant_id)
            logger.info("sound connection lost", extra={"participant": participant_id})
            if self._on_lost is not None:
                self._on_lost(participant_id)


def _no_gains() -> tuple[dict[str, int], dict[str, int], Gains, Gains]:
    nothing = np.zeros((0, 0), np.float32)
    return {}, {}, nothing, nothing


def _pick(
    gains: Gains,
    listeners: Sequence[str],
    sources: Sequence[str],
    rows: Mapping[str, int],
    columns: Mapping[str, int],
) -> Gains:
    """The gains of these people in this order; 0 for unknown pairs and for oneself.

    The first sources are the listeners, in the same order.
    """
    out = np.zeros((len(listeners), len(sources)), np.float32)
    known_rows = [(i, rows[name]) for i, name in enumerate(listeners) if name in rows]
    known_columns = [(j, columns[name]) for j, name in enumerate(sources) if name in columns]
    if known_rows and known_columns:
        to_rows, from_rows = zip(*known_rows, strict=True)
        to_columns, from_columns = zip(*known_columns, strict=True)
        out[np.ix_(to_rows, to_columns)] = gains[np.ix_(from_rows, from_columns)]
        np.fill_diagonal(out, 0.0)
    return out
