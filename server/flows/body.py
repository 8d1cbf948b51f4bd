"""A colleague's body: it walks its way, turns to people, goes home."""

from __future__ import annotations

import math

from server.office import Office
from spatial.commands import Move
from spatial.participant import Kind, Participant, ParticipantId
from spatial.path import find_path
from spatial.pose import Motion, Pose

WALK_SPEED = 1.4
"""Metres a second on the way."""
TURN_SPEED = 4.0
"""Radians a second."""
NEAR = 1.6
"""How near it comes to the people of a meeting, metres."""
FACING = 0.05
"""Radians off that still count as facing somebody."""


class Body:
    """Moves one avatar by commands to the room, a little at each tick."""

    def __init__(self, office: Office, participant_id: ParticipantId, home: Pose) -> None:
        """It has joined the room already."""
        self._office, self._id, self._home = office, participant_id, home
        self._way: list[tuple[float, float]] = []
        self._going_home = False
        self._at = 0.0
        self._seq = 0
        self.facing: ParticipantId | None = None
        """Whom it looks at when it stands."""

    def step(self, now: float) -> bool:
        """Walk or turn on; returns whether it moved."""
        elapsed = min(now - self._at, 0.1)
        self._at = now
        body = self._office.room.participants[self._id]
        return self._walk(body, elapsed) if self._way else self._turn(body, elapsed)

    def go_to_people(self, zone_id: str) -> None:
        """Walk beside the people of a zone, or into its middle when nobody is there."""
        people = [p.pose for p in self._office.room.in_zone(zone_id) if p.kind is Kind.HUMAN]
        if not people:
            self.go(*self._office.middle(zone_id))
            return
        x, z = sum(p.x for p in people) / len(people), sum(p.z for p in people) / len(people)
        here = self._here()
        away = math.hypot(here.x - x, here.z - z)
        if away <= NEAR:
            return
        spot = x + (here.x - x) / away * NEAR, z + (here.z - z) / away * NEAR
        inside = self._office.plan.zone_at(*spot)
        self.go(*(spot if inside is not None and inside.id == zone_id else (x, z)))

    def go_home(self) -> None:
        """Back to its own place."""
        self.facing = None
        self.go(self._home.x, self._home.z)
        self._going_home = True

    def go(self, x: float, z: float) -> None:
        """Walk to a place."""
        here = self._here()
        way = find_path(self._office.plan, (here.x, here.z), (x, z))
        self._way = list(way[1:]) if way else []
        self._going_home = False

    def _walk(self, body: Participant, elapsed: float) -> bool:
        x, z = body.pose.x, body.pose.z
        left = WALK_SPEED * elapsed
        while self._way and left > 0:
            tx, tz = self._way[0]
            away = math.hypot(tx - x, tz - z)
            if away <= left:
                x, z, left = tx, tz, left - away
                self._way.pop(0)
            else:
                x, z, left = x + (tx - x) / away * left, z + (tz - z) / away * left, 0.0
        moved = math.hypot(x - body.pose.x, z - body.pose.z) > 0.001
        yaw = math.atan2(body.pose.x - x, body.pose.z - z) if moved else body.pose.yaw
        if not self._way and self._going_home:
            self._going_home, yaw = False, self._home.yaw
        self._move(Pose(x=x, z=z, yaw=yaw), Motion.WALK if self._way else Motion.IDLE)
        return True

    def _turn(self, body: Participant, elapsed: float) -> bool:
        other = self._office.participant(self.facing) if self.facing else None
        if other is None:
            return False
        wanted = math.atan2(body.pose.x - other.pose.x, body.pose.z - other.pose.z)
        off = math.remainder(wanted - body.pose.yaw, 2 * math.pi)
        if abs(off) < FACING:
            return False
        step = math.copysign(min(abs(off), TURN_SPEED * elapsed), off)
        self._move(Pose(x=body.pose.x, z=body.pose.z, yaw=body.pose.yaw + step), Motion.IDLE)
        return True

    def _move(self, pose: Pose, motion: Motion) -> None:
        self._seq += 1
        self._office.apply(Move(id=self._id, seq=self._seq, pose=pose, motion=motion))

    def _here(self) -> Pose:
        return self._office.room.participants[self._id].pose
