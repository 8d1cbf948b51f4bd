"""The sound of the office: people's lines, avatars' voices, and the tick of 20 ms that mixes them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np

from media.audio import FRAME, Samples
from media.desk import Desk, DeskSettings
from media.errors import NegotiationError
from media.pace import Pace
from media.scene import Scene
from media.source import Playback
from server.lines import Line, Lines
from server.sound_port import (
    FADE_SECONDS,
    OnFrame,
    OnLost,
    OnState,
    SoundCounters,
    SoundState,
    View,
    no_report,
)
from server.video import VideoCounters

logger = logging.getLogger(__name__)

_FALL: Samples = np.linspace(1.0, 0.0, FRAME, dtype=np.float32)

HEARD_OUT_TICKS = 100
"""So many ticks of silence go to recognition after sound, for it to notice that the sentence is over."""


class Video(Protocol):
    """Forwards screens and cameras (`server.video.VideoRouter`)."""

    async def connect(self, participant_id: str, offer_sdp: str) -> str:
        """Answer the offer of a video connection."""

    async def disconnect(self, participant_id: str) -> None:
        """Close it."""

    def set_views(self, participant_id: str, views: Sequence[View]) -> None:
        """Say what a viewer sees."""

    @property
    def counters(self) -> VideoCounters:
        """What was forwarded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSettings:
    """How the office sounds."""

    desk: DeskSettings = field(default_factory=DeskSettings)


@dataclass(slots=True, kw_only=True, eq=False)
class _Person:
    """One person's line with what the engine knows of it."""

    line: Line
    muted: bool
    transcribed: bool
    connected: bool = False
    audible: bool = False
    """Whether they were not muted in the last tick: who mutes in the middle of a word fades, without a click."""
    unheard: int = HEARD_OUT_TICKS
    """Ticks of silence since their last sound, as recognition counts them."""


class SoundEngine:
    """Owns the lines and the tick. Use as `async with`; everything else is called in the event loop.

    A muted person's sound goes nowhere. The sound of a person who is not transcribed is mixed and goes nowhere
    else: this is the one place where sound leaves for recognition.
    """

    def __init__(
        self,
        lines: Lines[Any],
        *,
        on_frame: OnFrame | None = None,
        on_lost: OnLost | None = None,
        on_state: OnState | None = None,
        video: Video | None = None,
        settings: SoundSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
        epoch: int = 1,
    ) -> None:
        """Prepare.

        Args:
            lines: makes and serves people's connections.
            on_frame: the recognition branch; gets the frames of people who consent, tick by tick.
            on_lost: called with a participant id when their connection failed by itself.
            on_state: called when the load has changed.
            video: forwards pictures; None where the media path has none.
            settings: how it sounds.
            clock: seconds, the clock that packets are stamped with.
            epoch: how often the sound has been started.
        """
        self._make = lines
        self._on_frame, self._on_lost, self._on_state = on_frame, on_lost, on_state
        self._video = video
        self._clock, self._epoch = clock, epoch
        self._desk = Desk((settings or SoundSettings()).desk)
        self._people: dict[str, _Person] = {}
        self._voices: dict[str, Playback] = {}
        self._scene = Scene.empty()
        self._changed = True
        self._listeners: tuple[str, ...] = ()
        self._lines: list[Line] = []
        self._frames: Samples = np.zeros((0, FRAME), np.float32)
        self._written: list[bool] = []
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
        for participant_id in list(self._people):
            await self.disconnect(participant_id)
        await self._exits.__aexit__(kind, error, trace)

    # People

    async def connect(self, participant_id: str, offer_sdp: str, *, muted: bool, transcribed: bool) -> str:
        """Answer a person's offer; one of a call that stands restarts its ICE, any other begins a new call.

        Raises:
            NegotiationError: the offer cannot be used; nothing of it is left.
        """
        known = self._people.get(participant_id)
        if known is not None and known.line.continues(offer_sdp):
            known.muted, known.transcribed = muted, transcribed
            return await known.line.answer(offer_sdp)
        await self.disconnect(participant_id)
        line: Line = self._make.line(lambda state: self._follow(participant_id, line, state))
        person = self._people[participant_id] = _Person(line=line, muted=muted, transcribed=transcribed)
        try:
            return await line.answer(offer_sdp)
        except BaseException:
            if self._people.get(participant_id) is person:
                del self._people[participant_id]
            await line.close()
            raise

    async def disconnect(self, participant_id: str) -> None:
        """Close a person's connection, if there is one."""
        person = self._people.pop(participant_id, None)
        if person is None:
            return
        self._changed = True
        _count(self._counters, person.line)
        await person.line.close()

    def set_muted(self, participant_id: str, muted: bool) -> None:
        """Let nobody hear a connected person, or everybody again."""
        if (person := self._people.get(participant_id)) is not None:
            person.muted = muted

    def set_transcribed(self, participant_id: str, transcribed: bool) -> None:
        """Say whether a connected person's sound may go to recognition."""
        if (person := self._people.get(participant_id)) is not None:
            person.transcribed = transcribed

    def is_connected(self, participant_id: str) -> bool:
        """Whether sound flows to and from this person."""
        person = self._people.get(participant_id)
        return person is not None and person.connected

    async def report(self, participant_id: str) -> dict[str, Any]:
        """One person's connection in numbers, see `server.sound_port.Sound`."""
        person = self._people.get(participant_id)
        if person is None:
            return no_report()
        level = self._desk.levels().get(participant_id)
        return no_report() | person.line.numbers() | ({} if level is None else {"level_dbfs": level})

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
            self._changed = True

    # Pictures

    async def connect_video(self, participant_id: str, offer_sdp: str) -> str:
        """Answer the offer of a person's video connection.

        Raises:
            NegotiationError: the offer cannot be used, or the media path carries no pictures.
        """
        if self._video is None:
            raise NegotiationError("this office runs without pictures; start it with --media-path direct")
        return await self._video.connect(participant_id, offer_sdp)

    async def disconnect_video(self, participant_id: str) -> None:
        """Close a person's video connection, if there is one."""
        if self._video is not None:
            await self._video.disconnect(participant_id)

    def set_views(self, participant_id: str, views: Sequence[View]) -> None:
        """Say what each m-line of this viewer's video connection shows."""
        if self._video is not None:
            self._video.set_views(participant_id, views)

    # The room

    def set_scene(self, scene: Scene) -> None:
        """Say who hears whom from where, from now on. Pairs that are not named are silent."""
        self._scene = scene
        self._changed = True

    def levels(self) -> dict[str, float]:
        """Level in dBFS of each source, as it should be shown: up at once, down slowly."""
        return self._desk.levels()

    @property
    def counters(self) -> SoundCounters:
        """A copy of the counters as they are now."""
        now, economy = replace(self._counters), self._make.economy
        for person in self._people.values():
            _count(now, person.line)
        now.encodes, now.encodes_shared = economy.encodes, economy.shared
        now.peers = sum(person.connected for person in self._people.values())
        now.load_level = self._desk.effort.level
        if self._video is not None:
            for name, value in asdict(self._video.counters).items():
                setattr(now, f"video_{name}", value)
        return now

    @property
    def state(self) -> SoundState:
        """How the sound is now."""
        effort = self._desk.effort
        return SoundState(
            up=True,
            epoch=self._epoch,
            path=self._make.name,
            load=effort.name,
            detail={
                "complexity": effort.complexity,
                "binaural_sources": effort.binaural_sources,
                "loudest": effort.loudest,
                "busy": round(self._desk.busy, 3),
            },
        )

    # The tick

    def tick(self) -> None:
        """Mix and send 20 ms. Called by the engine's own clock."""
        if self._changed:
            self._lay_out()
        now = self._clock()
        self._collect(now)
        mixes = self._desk.mix(self._frames)
        self._make.send(self._listeners, self._lines, mixes, self._desk.effort)
        self._counters.ticks += 1
        self._counters.listener_ticks += len(self._lines)

    def _collect(self, now: float) -> None:
        """The next 20 ms of each source, into its row."""
        frames, written = self._frames, self._written
        for row, name in enumerate(self._listeners):
            person = self._people[name]
            sounds = person.line.take(frames[row], now)
            if person.muted and sounds:
                if person.audible:
                    frames[row] *= _FALL
                else:
                    sounds, written[row] = False, True
            person.audible = not person.muted
            if not sounds and written[row]:
                frames[row] = 0.0
            written[row] = sounds
            if person.transcribed and self._on_frame is not None:
                self._listen(name, person, frames[row], sounds)
        for row, voice in enumerate(self._voices.values(), len(self._listeners)):
            frames[row] = voice.take()

    def _listen(self, name: str, person: _Person, frame: Samples, sounds: bool) -> None:
        """The recognition branch: what is said, and the silence after it."""
        assert self._on_frame is not None
        if sounds:
            person.unheard = 0
        elif person.unheard >= HEARD_OUT_TICKS:
            return
        else:
            person.unheard += 1
        try:
            self._on_frame(name, frame.copy())
        except Exception:
            self._counters.faults += 1
            logger.exception("recognition branch failed", extra={"participant": name})

    def _lay_out(self) -> None:
        people = {name: person for name, person in self._people.items() if person.connected}
        self._listeners = tuple(people)
        self._lines = [person.line for person in people.values()]
        sources = (*people, *(name for name in self._voices if name not in people))
        self._desk.set_scene(self._scene.arranged(self._listeners, sources))
        self._frames = np.zeros((len(sources), FRAME), np.float32)
        self._written = [False] * len(sources)
        self._changed = False

    async def _run(self) -> None:
        """Tick every 20 ms while somebody listens or speaks; sleep otherwise."""
        loop = asyncio.get_running_loop()
        while True:
            await self._awake.wait()
            pace = Pace(loop.time())
            spent = time.thread_time()
            while self._busy():
                late, skipped = pace.late, pace.skipped
                await asyncio.sleep(pace.wait(loop.time()))
                self._counters.late_ticks += pace.late - late
                self._counters.skipped_ticks += pace.skipped - skipped
                self._tick_safely()
                # What this thread has done since the last tick, packets that arrived included.
                last, spent = spent, time.thread_time()
                self._feel(spent - last, late=pace.late > late)
            self._awake.clear()
            self._desk.rest()

    def _feel(self, busy: float, *, late: bool) -> None:
        """Adapt the effort to the load, and tell the office when it changes."""
        before = self._desk.effort.name
        self._desk.adapt(busy, self._clock(), late=late)
        if self._desk.effort.name != before and self._on_state is not None:
            self._on_state(self.state)

    def _busy(self) -> bool:
        return any(person.connected for person in self._people.values()) or any(
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

    # What lines report

    def _follow(self, participant_id: str, line: Line, state: str) -> None:
        person = self._people.get(participant_id)
        if person is None or person.line is not line:
            return
        if state == "connected":
            person.connected = True
            self._changed = True
            self._awake.set()
        elif state in ("failed", "closed") and self._group is not None:
            self._group.create_task(self._lose(participant_id, line), name="lost sound connection")

    async def _lose(self, participant_id: str, line: Line) -> None:
        person = self._people.get(participant_id)
        if person is not None and person.line is line:
            await self.disconnect(participant_id)
            logger.info("sound connection lost", extra={"participant": participant_id})
            if self._on_lost is not None:
                self._on_lost(participant_id)


def _count(counters: SoundCounters, line: Line) -> None:
    for name, value in line.counts().items():
        setattr(counters, name, getattr(counters, name) + value)
