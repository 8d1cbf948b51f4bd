"""A person walks, is led, jumps, sits and stands."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from server.flows.refusals import here, tell_refusals
from server.office import Office
from server.protocol import messages as m
from server.protocol.codec import encode
from server.session import Handler, Refusal, Session
from spatial.commands import Move, Sit, Stand, Teleport
from spatial.events import Refused
from spatial.participant import Participant
from spatial.path import find_path
from spatial.pose import LIMIT, Motion, Pose

REACH = 1.2
"""Nearer than this, in metres, one is not led to a person."""


class Moving:
    """Carries out what a person asks about their place."""

    def __init__(self, office: Office, on_moved: Callable[[Participant], None]) -> None:
        """`on_moved` hears of those who come into another zone."""
        self._office, self._on_moved = office, on_moved

    def handlers(self) -> Mapping[type[m.Message], Handler]:
        """What this flow answers."""
        return {
            m.Move: self._move,
            m.WalkTo: self._walk_to,
            m.GoTo: self._go_to,
            m.GoToZone: self._go_to_zone,
            m.Sit: self._sit,
            m.Stand: self._stand,
        }

    async def _move(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.Move)
        try:
            motion = Motion(message.motion & 0x0F)
        except ValueError:
            raise Refusal("motion", f"there is no way of moving {message.motion}") from None
        before = here(self._office, session).zone
        if max(abs(message.x), abs(message.z)) > LIMIT:
            raise Refusal("outside", "That is outside the office.")
        pose = Pose(x=message.x, z=message.z, yaw=message.yaw)
        command = Move(
            id=session.participant_id,
            seq=message.seq,
            pose=pose,
            motion=motion,
        )
        tell_refusals(self._office, session, self._office.apply(command))
        participant = here(self._office, session)
        if participant.zone != before:
            self._on_moved(participant)

    async def _walk_to(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.WalkTo)
        self._lead(session, message.x, message.z, run=message.run)

    async def _go_to(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.GoTo)
        other = self._office.room.by_slot.get(message.slot)
        participant = self._office.participant(other) if other else None
        if participant is None:
            raise Refusal("gone", "That person is no longer here.")
        person = here(self._office, session)
        away = math.hypot(person.pose.x - participant.pose.x, person.pose.z - participant.pose.z)
        x, z = _beside(person.pose, participant.pose) if away > REACH else (person.pose.x, person.pose.z)
        if message.jump:
            self._jump(session, x, z, math.atan2(x - participant.pose.x, z - participant.pose.z))
        else:
            self._lead(session, x, z, to_slot=message.slot)

    async def _go_to_zone(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.GoToZone)
        zone = self._office.plan.zone_by_id.get(message.zone)
        if zone is None:
            raise Refusal("zone", "There is no such place in this office.")
        x, z = self._office.middle(zone.id)
        if message.jump:
            self._jump(session, x, z, here(self._office, session).pose.yaw)
        else:
            self._lead(session, x, z)

    async def _sit(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.Sit)
        seat = self._office.plan.seat_by_id.get(message.seat)
        if seat is None:
            raise Refusal("seat", "There is no such seat.")
        events = self._office.apply(Sit(id=session.participant_id, seat=seat.id))
        if any(isinstance(e, Refused) and e.reason == "too_far" for e in events):
            self._lead(session, seat.x, seat.z, seat=seat.id)
            return
        tell_refusals(self._office, session, events)
        self._place(session)

    async def _stand(self, session: Session, message: m.Message) -> None:
        tell_refusals(self._office, session, self._office.apply(Stand(id=session.participant_id)))
        self._place(session)

    def _lead(
        self,
        session: Session,
        x: float,
        z: float,
        *,
        run: bool = False,
        seat: str | None = None,
        to_slot: int | None = None,
    ) -> None:
        person = here(self._office, session)
        if person.seat is not None:
            self._office.apply(Stand(id=person.id))
            self._place(session)
            person = here(self._office, session)
        points = find_path(self._office.plan, (person.pose.x, person.pose.z), (x, z))
        if points is None:
            raise Refusal("no_way", "There is no way to that spot.")
        corners = [[round(px, 3), round(pz, 3)] for px, pz in points]
        session.send(encode(m.Path(points=corners, run=run, seat=seat, to_slot=to_slot)))

    def _jump(self, session: Session, x: float, z: float, yaw: float) -> None:
        person = here(self._office, session)
        if person.seat is not None:
            self._office.apply(Stand(id=person.id))
        way = find_path(self._office.plan, (person.pose.x, person.pose.z), (x, z))
        if way is None:
            raise Refusal("no_way", "There is no way to that spot.")
        before = person.zone
        jump = Teleport(id=person.id, pose=Pose(x=way[-1][0], z=way[-1][1], yaw=yaw))
        tell_refusals(self._office, session, self._office.apply(jump))
        self._place(session)
        if (now_here := here(self._office, session)).zone != before:
            self._on_moved(now_here)

    def _place(self, session: Session) -> None:
        pose = here(self._office, session).pose
        session.send(encode(m.Placed(x=pose.x, z=pose.z, yaw=pose.yaw)))


def _beside(near: Pose, tnear: Pose) -> tuple[float, float]:
    """A spot in front of `there`, on the side of `near`."""
    dx, dz = near.x - tnear.x, near.z - tnear.z
    away = math.hypot(dx, dz) or 1.0
    return tnear.x + dx / away * REACH, tnear.z + dz / away * REACH
