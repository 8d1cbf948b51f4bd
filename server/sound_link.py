"""The sound as the office has it when it runs in a process of its own: asks, tells, remembers, tells again."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import socket
from collections.abc import Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from media.audio import Samples
from media.errors import MediaError
from media.scene import Scene
from server.line import Line
from server.processes import SupervisionSettings, Supervisor
from server.sound_bulk import decode_frames, decode_levels, encode_pieces, encode_scene
from server.sound_memory import Memory, Person
from server.sound_port import (
    COUNTED,
    FADE_SECONDS,
    LOADS,
    MediaSettings,
    OnFrame,
    OnLost,
    OnState,
    SoundCounters,
    SoundFailed,
    SoundRestarting,
    SoundState,
    View,
    no_report,
)
from server.sound_wire import (
    VERSION,
    Beat,
    Fault,
    Hello,
    Lost,
    Reply,
    Request,
    Tell,
    decode_control,
)
from server.wire import Failed, Kind, Ready, WireError

logger = logging.getLogger(__name__)

COMMAND = ("-m", "server.sound_process")
SUPERVISION = SupervisionSettings(spare_checks=20)
"""A second process stands by from the fifth second on: voices come back before anybody asks what has happened."""
CALL_SECONDS = 10.0
"""An answer that takes longer does not come any more."""


class SoundLink:
    """Fulfils `server.sound_port.Sound` with a process that is started, watched and restarted.

    Use as `async with`. While the process is away, offers are refused with `SoundRestarting`, and everything else
    is remembered for it or has no meaning without it: nothing waits and nothing fails.
    """

    def __init__(
        self,
        settings: MediaSettings,
        *,
        on_frame: OnFrame,
        on_lost: OnLost,
        on_state: OnState,
        log_level: str = "info",
        command: Sequence[str] = COMMAND,
        supervision: SupervisionSettings = SUPERVISION,
    ) -> None:
        """Prepare.

        Args:
            settings: for the process.
            on_frame: the sound of people who agreed to be recognised, and are not muted.
            on_lost: called when somebody's connection failed by itself.
            on_state: called when the process comes, goes or changes its load.
            log_level: of the process.
            command: what to start with `python`.
            supervision: how long is too long.
        """
        self._settings, self._log_level = settings, log_level
        self._on_frame, self._on_lost, self._on_state = on_frame, on_lost, on_state
        self._supervisor = Supervisor(
            "sound", command, on_start=self._start, on_end=self._end, settings=supervision
        )
        self._running: asyncio.Task[None] | None = None
        self._line: Line | None = None
        """To the process, from its start on."""
        self._ready = False
        """Whether it listens: nothing is said to it before."""
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._memory = Memory()
        self._levels: dict[str, float] = {}
        self._before = SoundCounters()
        """What earlier processes counted, and what went wrong here."""
        self._now = SoundCounters()
        self._state = SoundState(up=False, epoch=0, path=settings.path)
        self._failed = ""
        self._first: asyncio.Future[str] | None = None

    async def __aenter__(self) -> Self:
        """Start the process; returns when it answers.

        Raises:
            SoundFailed: the first start did not succeed.
        """
        self._first = asyncio.get_running_loop().create_future()
        self._running = asyncio.create_task(self._supervisor.run(), name="sound process")
        first: set[asyncio.Future[Any]] = {self._first, self._running}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            self._running.result()
        if reason := self._first.result():
            await self._close()
            raise SoundFailed(f"the sound cannot start: {reason}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._on_state = lambda state: None
        self._hang_up("")
        await self._close()

    async def _close(self) -> None:
        assert self._running is not None
        self._running.cancel()
        await asyncio.wait({self._running})

    # People

    async def connect(self, participant_id: str, offer_sdp: str, *, muted: bool, transcribed: bool) -> str:
        """Answer a person's offer.

        Raises:
            NegotiationError: the offer cannot be used.
            SoundRestarting: there is no process just now, or it went away over this.
        """
        person = self._memory.people[participant_id] = Person(muted, transcribed)
        answer: str = await self._ask("connect", participant_id, offer_sdp, muted, transcribed)
        if person.muted != muted:  # meanwhile; there was nobody yet over there to be told
            self._tell("set_muted", participant_id, person.muted)
        if person.transcribed != transcribed:
            self._tell("set_transcribed", participant_id, person.transcribed)
        return answer

    async def disconnect(self, participant_id: str) -> None:
        """Close a person's connection; without a process there is none."""
        self._memory.people.pop(participant_id, None)
        with contextlib.suppress(SoundRestarting):
            await self._ask("disconnect", participant_id)

    def set_muted(self, participant_id: str, muted: bool) -> None:
        """Let nobody hear a person, or everybody again."""
        if (person := self._memory.people.get(participant_id)) is not None:
            person.muted = muted
            self._tell("set_muted", participant_id, muted)

    def set_transcribed(self, participant_id: str, transcribed: bool) -> None:
        """Say whether a person's sound may go to recognition."""
        if (person := self._memory.people.get(participant_id)) is not None:
            person.transcribed = transcribed
            self._tell("set_transcribed", participant_id, transcribed)

    async def report(self, participant_id: str) -> dict[str, Any]:
        """One person's connection; without a process there is none."""
        try:
            report: dict[str, Any] = await self._ask("report", participant_id)
        except SoundRestarting:
            return no_report()
        return report

    async def connect_video(self, participant_id: str, offer_sdp: str) -> str:
        """Answer the offer of a person's video connection; raises as `connect` does."""
        answer: str = await self._ask("connect_video", participant_id, offer_sdp)
        return answer

    async def disconnect_video(self, participant_id: str) -> None:
        """Close a person's video connection; without a process there is none."""
        self._memory.views.pop(participant_id, None)
        with contextlib.suppress(SoundRestarting):
            await self._ask("disconnect_video", participant_id)

    def set_views(self, participant_id: str, views: Sequence[View]) -> None:
        """Say what each m-line of this viewer's video connection shows."""
        self._tell("set_views", participant_id, self._memory.view(participant_id, views))

    # Avatars

    def play(self, source_id: str, samples: Samples) -> float:
        """Let an avatar speak; returns the seconds until all of it is said."""
        self._say(source_id, samples)
        return self._memory.play(source_id, samples, self._clock())

    def stop(self, source_id: str, fade: float = FADE_SECONDS) -> None:
        """Silence an avatar within `fade` seconds and forget what it still had to say."""
        self._memory.stop(source_id, fade, self._clock())
        self._unsay(source_id)
        self._tell("stop", source_id, float(fade))

    def seconds_left(self, source_id: str) -> float:
        """How long an avatar will still sound."""
        return self._memory.seconds_left(source_id, self._clock())

    def remove_source(self, source_id: str) -> None:
        """Take an avatar out of the mix."""
        self._memory.remove(source_id)
        self._unsay(source_id)
        self._tell("remove_source", source_id)

    # The room

    def set_scene(self, scene: Scene) -> None:
        """Say who hears whom from where; it is sent when it differs from the last one."""
        packed = encode_scene(scene)
        if packed != self._memory.scene:
            self._memory.scene = packed
            self._send_scene()

    def levels(self) -> dict[str, float]:
        """dBFS of each source that sounds, at most a tenth of a second old."""
        return dict(self._levels)

    @property
    def counters(self) -> SoundCounters:
        """Of all processes until now, at most half a second old."""
        now = SoundCounters(**asdict(self._now))
        for name in COUNTED:
            setattr(now, name, getattr(now, name) + getattr(self._before, name))
        if self._line is not None:
            now.link_dropped += self._line.dropped
            now.link_faults += self._line.faults + self._line.malformed
        return now

    @property
    def state(self) -> SoundState:
        """How it is."""
        return self._state

    @property
    def spare_pid(self) -> int | None:
        """The process that waits to take its place, if there is one."""
        return self._supervisor.spare_pid

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._supervisor.pid

    # The process

    async def _start(self, ours: socket.socket) -> None:
        line = Line(on_message=self._take, on_end=self._line_ended)
        await asyncio.get_running_loop().create_unix_connection(lambda: line, sock=ours)
        self._line, self._failed = line, ""
        line.control(Hello(version=VERSION, settings=asdict(self._settings), log_level=self._log_level))

    def _line_ended(self, reason: str) -> None:
        """Mostly because the process is gone; else it is of no use without its line."""
        self._hang_up(reason)
        if reason:
            self._supervisor.condemn(reason)

    def _end(self, reason: str) -> None:
        reason = self._failed or reason
        self._hang_up(reason)
        self._change(up=False, detail={"reason": reason})
        if self._first is not None and not self._first.done():
            self._first.set_result(reason)

    def _hang_up(self, reason: str) -> None:
        """Nobody is there any more: what was asked will not be answered."""
        line, self._line, self._ready = self._line, None, False
        if line is None:
            return
        line.close()
        for name in COUNTED:
            setattr(self._before, name, getattr(self._before, name) + getattr(self._now, name))
        self._before.link_dropped += line.dropped
        self._before.link_faults += line.faults + line.malformed
        self._now = SoundCounters()
        self._levels = {}
        asked, self._asked = self._asked, {}
        for answer in asked.values():
            if not answer.done():
                answer.set_exception(SoundRestarting("the sound is restarting"))
        self._change(up=False, detail={"reason": reason} if reason else {})

    def _greeted(self, version: int) -> None:
        if version != VERSION:
            raise WireError(f"it speaks version {version}, this office {VERSION}: start the office again")
        self._supervisor.beat()
        self._ready = True
        self._send_scene()
        for viewer, views in self._memory.views.items():
            self._tell("set_views", viewer, views)
        for source, samples in self._memory.unsaid(self._clock()):
            self._say(source, samples)
        self._change(up=True, epoch=self._supervisor.epoch, load="normal", detail={})
        if self._first is not None and not self._first.done():
            self._first.set_result("")

    def _change(self, **changes: Any) -> None:
        before = self._state
        known = {"up": before.up, "epoch": before.epoch, "load": before.load, "detail": before.detail}
        self._state = SoundState(path=before.path, **(known | changes))
        if (before.up, before.epoch, before.load) != (self._state.up, self._state.epoch, self._state.load):
            self._on_state(self._state)

    # What it says

    def _take(self, kind: Kind, payload: memoryview) -> None:
        match kind:
            case Kind.FRAMES:
                for participant_id, frame in decode_frames(payload):
                    # Who has just muted or refused is not listened to, although this was under way.
                    person = self._memory.people.get(participant_id)
                    if person is not None and person.transcribed and not person.muted:
                        self._hear(participant_id, frame)
            case Kind.LEVELS:
                self._levels = decode_levels(payload)
            case Kind.CONTROL | Kind.BEAT:
                self._take_control(payload)
            case _:
                raise WireError(f"{kind.name} goes the other way")

    def _take_control(self, payload: memoryview) -> None:
        match decode_control(payload):
            case Beat(counters=counters, load=load, detail=detail):
                self._beat(counters, load, detail)
            case Reply(number=number, value=value):
                if (answer := self._asked.get(number)) is not None and not answer.done():
                    answer.set_result(value)
            case Fault(number=number, code=code, text=text):
                if (answer := self._asked.get(number)) is not None and not answer.done():
                    answer.set_exception(_error_of(code, text))
            case Lost(participant=participant):
                self._on_lost(participant)
            case Ready(version=version):
                self._greeted(version)
            case Failed(text=text):
                self._failed = text
                logger.error("the sound process cannot work", extra={"reason": text})
            case other:
                raise WireError(f"{other.NAME} goes the other way")

    def _beat(self, counters: dict[str, Any], load: str, detail: dict[str, Any]) -> None:
        self._supervisor.beat()
        if load not in LOADS or not all(isinstance(number, int | float) for number in counters.values()):
            raise WireError("a beat that says nothing")
        try:
            self._now = SoundCounters(**counters)
        except TypeError as error:
            raise WireError("a beat with counters that nobody knows") from error
        if self._ready:
            self._change(load=load, detail=detail)

    def _hear(self, participant_id: str, frame: Samples) -> None:
        try:
            self._on_frame(participant_id, frame)
        except Exception:
            self._before.faults += 1
            logger.exception("recognition branch failed", extra={"participant": participant_id})

    # What it is told

    async def _ask(self, call: str, *arguments: Any) -> Any:
        line = self._line
        if line is None or not self._ready:
            raise SoundRestarting("the sound is restarting")
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        line.control(Request(number=number, call=call, arguments=list(arguments)))
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await answer
        except TimeoutError:
            raise SoundRestarting(f"the sound did not answer for {CALL_SECONDS:.0f} s") from None
        finally:
            self._asked.pop(number, None)

    def _tell(self, call: str, *arguments: Any) -> None:
        if self._line is not None and self._ready:
            self._line.control(Tell(call=call, arguments=list(arguments)))

    def _send_scene(self) -> None:
        if self._line is not None and self._ready and self._memory.scene is not None:
            self._line.send(Kind.SCENE, self._memory.scene)

    def _say(self, source_id: str, samples: Samples) -> None:
        if self._line is not None and self._ready:
            for piece in encode_pieces(source_id, samples):
                self._line.send(Kind.PIECE, piece, source_id)

    def _unsay(self, source_id: str) -> None:
        """What has not left the office yet."""
        if self._line is not None:
            self._line.forget(Kind.PIECE, source_id)

    def _clock(self) -> float:
        return asyncio.get_running_loop().time()


def _error_of(code: str, text: str) -> MediaError:
    """The exception that was raised over there."""
    kinds: dict[str, type[MediaError]] = {"media": MediaError}
    waiting = [MediaError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            kinds[kind.code] = kind
            waiting.append(kind)
    return kinds.get(code, MediaError)(text)
