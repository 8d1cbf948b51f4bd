"""The fixed tick, 20 Hz: rooms to deltas to outboxes, gains to the mixer. Sleeps when nobody is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from server.office import Hearing, Office
from server.protocol.codec import PosesFrame, encode, encode_levels
from server.protocol.messages import DeltaMessage, SnapshotMessage
from spatial.acoustics import hearing
from spatial.commands import Tick
from spatial.participant import ParticipantId
from spatial.snapshot import Delta, Snapshot, diff

logger = logging.getLogger(__name__)

TICK_HZ = 20
LEVELS_EVERY = 2
"""Levels are sent every second tick: mouths need no more."""
HEARD_DBFS = -55.0


class Sound(Protocol):
    """What the tick gives to and takes from the sound."""

    def set_gains(
        self,
        listener_ids: Sequence[str],
        source_ids: Sequence[str],
        left: NDArray[np.float32],
        right: NDArray[np.float32],
    ) -> None:
        """New gains, (listeners, sources)."""

    def levels(self) -> dict[str, float]:
        """dBFS of each source that sounds."""


class Ticker:
    """Moves the room on and tells everybody."""

    def __init__(self, office: Office, sound: Sound, steps: Sequence[Callable[[float], bool]]) -> None:
        """`steps` are called with the time at each tick (colleagues walk and speak) and say if they are busy."""
        self._office, self._sound, self._steps = office, sound, steps
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
        room = self._office.room
        people = [p for p in room.participants.values() if p.present]
        places = np.array([(p.pose.x, p.pose.z, p.pose.yaw) for p in people], dtype=np.float64).reshape(-1, 3)
        zones = [p.zone for p in people]
        gains = hearing(self._office.plan, room.doors_open, places, places, zones, zones)
        ids = tuple(p.id for p in people)
        self._office.hearing = Hearing(ids=ids, gains=gains)
        for ear in (gains.left, gains.right, gains.loudness):
            np.fill_diagonal(ear, 0.0)  # nobody hears themself
        self._sound.set_gains(ids, ids, gains.left, gains.right)

    def _levels(self) -> None:
        levels = [
            (participant, dbfs)
            for source, dbfs in self._sound.levels().items()
            if dbfs > HEARD_DBFS and (participant := self._office.participant(ParticipantId(source))) is not None
        ]
        if not levels and self._quiet:
            return
        self._quiet = not levels
        frames: dict[tuple[int, ...], bytes] = {}
        for pid, session in self._office.sessions.items():
            # Who cannot be heard is not seen to speak either.
            heard = [(p.slot, dbfs) for p, dbfs in levels if p.id == pid or self._office.hears(pid, p.id)]
            slots = tuple(slot for slot, _ in heard)
            if slots not in frames:
                frames[slots] = encode_levels(heard)
            session.outbox.put_levels(frames[slots])
            session.flush()
