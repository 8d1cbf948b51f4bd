"""The fixed tick, 20 Hz: rooms to deltas to outboxes, who hears whom to the mixer. Sleeps when nobody is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from media.scene import Scene
from server.office import AUDIBLE, Office
from server.protocol.codec import PosesFrame, encode, encode_levels
from server.protocol.messages import DeltaMessage, SnapshotMessage
from spatial.acoustics import Mask
from spatial.commands import Tick
from spatial.participant import Participant, ParticipantId
from spatial.snapshot import Delta, Snapshot, diff
from spatial.soundscape import Hearing, Soundscape

logger = logging.getLogger(__name__)

TICK_HZ = 20
LEVELS_EVERY = 2
"""Levels are sent every second tick: mouths need no more."""
HEARD_DBFS = -55.0


class Sound(Protocol):
    """What the tick gives to and takes from the sound."""

    def set_scene(self, scene: Scene) -> None:
        """Who hears whom from where, from now on."""

    def levels(self) -> dict[str, float]:
        """dBFS of each source that sounds."""


class Ticker:
    """Moves the room on and tells everybody."""

    def __init__(self, office: Office, sound: Sound, steps: Sequence[Callable[[float], bool]]) -> None:
        """`steps` are called with the time at each tick (colleagues walk and speak) and say if they are busy."""
        self._office, self._sound, self._steps = office, sound, steps
        self._soundscape = Soundscape(office.plan)
        self._last: Snapshot | None = None
        self._table_tick = 0
        self._count = 0
        self._quiet = True
        self._wake = asyncio.Event()
        self.faults = 0
        """Ticks that ended with an exception."""
        self.late_ticks = 0
        """Ticks that began more than half a tick late."""
        office.wake = self._wake.set

    async def run(self) -> None:
        """Tick until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self._wake.clear()
            try:
                busy = self.tick()
            except Exception:
                # One fault must not stop the room for everyone.
                self.faults += 1
                logger.exception("tick failed")
                busy = True
            if not busy and not self._office.sessions:
                await self._wake.wait()
                due = loop.time()
            due += 1 / TICK_HZ
            delay = due - loop.time()
            if delay < -0.5 / TICK_HZ:
                self.late_ticks += 1
                due = loop.time()
            await asyncio.sleep(max(delay, 0))

    def tick(self) -> bool:
        """One step; returns whether there is more to do even if nobody is connected."""
        office = self._office
        now = office.monotonic()
        busy = any([step(now) for step in self._steps])
        office.room.apply(Tick(), now)
        snapshot = office.room.snapshot()
        if self._last is not None:
            self._tell(diff(self._last, snapshot))
        self._last = snapshot
        self._welcome(snapshot)
        self._hear()
        self._count += 1
        if self._count % LEVELS_EVERY == 0:
            self._levels()
        return busy

    def _tell(self, delta: Delta) -> None:
        sessions = self._office.sessions.values()
        if delta.put or delta.patch or delta.remove:
            frame = encode(
                DeltaMessage(
                    tick=delta.tick, base=self._table_tick, put=delta.put, patch=delta.patch, remove=delta.remove
                )
            )
            self._table_tick = delta.tick
            for session in sessions:
                session.outbox.put_delta(frame)
                session.flush()
        if len(delta.poses):
            poses = PosesFrame(delta.tick, delta.poses)
            for session in sessions:
                session.outbox.put_poses(poses)
                session.flush()

    def _welcome(self, snapshot: Snapshot) -> None:
        """Give the whole room to those who just came or fell behind."""
        waiting = [s for s in self._office.sessions.values() if s.outbox.needs_snapshot and s.slot is not None]
        if not waiting:
            return
        tables = encode(
            SnapshotMessage(
                tick=self._table_tick,
                participants=snapshot.participants,
                doors=snapshot.doors,
                cards=snapshot.cards,
                meetings=snapshot.meetings,
            )
        )
        for session in waiting:
            session.outbox.put_snapshot(tables, PosesFrame(snapshot.tick, snapshot.poses))
            session.flush()

    def _hear(self) -> None:
        office, room = self._office, self._office.room
        people = [p for p in room.participants.values() if p.present]
        hearing = self._soundscape.step(people, room.doors_open, office.volumes)
        if hearing is not office.hearing:
            office.hearing = hearing
            self._sound.set_scene(scene_of(hearing))

    def _levels(self) -> None:
        levels = [
            (participant, dbfs)
            for source, dbfs in self._sound.levels().items()
            if dbfs > HEARD_DBFS and (participant := self._office.participant(ParticipantId(source))) is not None
        ]
        if not levels and self._quiet:
            return
        self._quiet = not levels
        frames: dict[bytes, bytes] = {}
        for pid, session in self._office.sessions.items():
            shown = self._shown(pid, [participant for participant, _ in levels])
            key = shown.tobytes()
            if key not in frames:
                frames[key] = encode_levels([(levels[i][0].slot, levels[i][1]) for i in np.flatnonzero(shown)])
            session.outbox.put_levels(frames[key])
            session.flush()

    def _shown(self, viewer: ParticipantId, speakers: Sequence[Participant]) -> Mask:
        """(speakers,): who is seen to speak. Who cannot be heard is not; oneself always is."""
        own = np.array([speaker.id == viewer for speaker in speakers], dtype=np.bool_)
        hearing = self._office.hearing
        if hearing is None or viewer not in hearing.row:
            return own
        row = hearing.row[viewer]
        columns = [hearing.row.get(speaker.id, row) for speaker in speakers]  # who is not here: silent as oneself
        return np.asarray(own | (hearing.loudness[row, columns] >= AUDIBLE))


def scene_of(hearing: Hearing) -> Scene:
    """What the mixer is told of who hears whom."""
    return Scene(
        listeners=hearing.ids,
        sources=hearing.ids,
        gain=hearing.gain,
        azimuth=hearing.azimuth,
        elevation=hearing.elevation,
        flat=hearing.flat,
    )
