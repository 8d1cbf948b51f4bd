"""The live state of one place. `Room.apply` is the only way to change it, and it never waits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from spatial import movement
from spatial.arrival import arrival, spot_near
from spatial.commands import (
    CloseMeeting,
    Command,
    Join,
    Leave,
    Lose,
    Move,
    OpenMeeting,
    PinCard,
    RaiseHand,
    Resume,
    SetConsent,
    SetDeaf,
    SetLook,
    SetMuted,
    SetSharing,
    SetState,
    SetStatus,
    Sit,
    Stand,
    Teleport,
    Tick,
    UnpinCard,
    UpdateMeeting,
)
from spatial.doors import Doors
from spatial.events import Changed, Event, Joined, Left, Moved, Reason, Refused, Seated, Stood
from spatial.geometry import Point, Points, points
from spatial.notices import Notices
from spatial.participant import Participant, ParticipantId, Slot
from spatial.plan import REACH, Plan, Zone
from spatial.pose import QPOSE, WAVING, Motion, Pose, quantise, steps
from spatial.snapshot import Snapshot, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSettings:
    """What a room allows."""

    capacity: int = 100
    """Participants at one time, avatars included."""
    slot_rest_seconds: float = 60.0
    """How long a slot stays unused after somebody left, so that late packets hit nobody else."""
    sit_reach: float = REACH
    """Metres from which one can take a seat."""
    door_reach: float = 1.3
    """Metres from a door at which it opens."""
    door_hold_seconds: float = 1.5
    """How long a door stays open after the last one went away from it."""
    elbow_room: float = 0.6
    """Metres between two who are put somewhere by the room."""
    saved_seconds: float = 1.5
    """Unused walking time that may be caught up at once, after the network held packets back."""


class Room:
    """One place and everybody in it.

    Plain and synchronous: commands go in with the time, events come out. What it refuses is an event too.
    Poses are kept as the wire says them, so that snapshots compare exactly.
    """

    def __init__(self, id: str, plan: Plan, settings: RoomSettings | None = None) -> None:
        self.id = id
        self.plan = plan
        self.settings = settings or RoomSettings()
        self.tick = 0
        """How many Ticks there were; the number of the next snapshot."""
        self._people: dict[ParticipantId, Participant] = {}
        self._by_slot: dict[Slot, ParticipantId] = {}
        self._seats: dict[str, ParticipantId] = {}
        self._resting: dict[Slot, float] = {}
        self._walked_until: dict[ParticipantId, float] = {}
        self._records: Table = {}
        self._doors = Doors(
            plan.doors, reach=self.settings.door_reach, hold_seconds=self.settings.door_hold_seconds
        )
        self._notices = Notices()

    @property
    def participants(self) -> Mapping[ParticipantId, Participant]:
        """Everybody here, by id."""
        return MappingProxyType(self._people)

    @property
    def by_slot(self) -> Mapping[Slot, ParticipantId]:
        """Who has which slot."""
        return MappingProxyType(self._by_slot)

    @property
    def doors_open(self) -> dict[str, bool]:
        """Which doors are open, by id."""
        return {id: bool(record["open"]) for id, record in self._doors.records.items()}

    @property
    def cards(self) -> Mapping[str, dict[str, Any]]:
        """The cards on the board, by id; not to be changed in place."""
        return MappingProxyType(self._notices.cards)

    @property
    def meetings(self) -> Mapping[str, dict[str, Any]]:
        """The open meetings, by id; not to be changed in place."""
        return MappingProxyType(self._notices.meetings)

    def in_zone(self, zone: str) -> list[Participant]:
        """Everybody in a zone."""
        return [person for person in self._people.values() if person.zone == zone]

    def snapshot(self) -> Snapshot:
        """The whole state as it is now, under the number of the last Tick."""
        poses = np.zeros(len(self._by_slot), dtype=QPOSE)
        for row, slot in enumerate(sorted(self._by_slot)):
            person = self._people[self._by_slot[slot]]
            poses[row] = (slot, *steps(person.pose), person.motion)
        return Snapshot(
            tick=self.tick,
            participants=dict(self._records),
            doors=dict(self._doors.records),
            cards=dict(self._notices.cards),
            meetings=dict(self._notices.meetings),
            poses=poses,
        )

    def apply(self, command: Command, now: float) -> list[Event]:
        """Carry out a command, or refuse it.

        Args:
            command: what is asked.
            now: seconds on any clock that never goes back.

        Returns:
            What happened, in order; nothing where the command changed nothing.

        Raises:
            RecordError: a card or meeting has no id.
            ValueError: a pose is not finite or does not fit on the wire.
        """
        match command:
            case Tick():
                self.tick += 1
                return [*self._doors.tick(self._spots(), now)]
            case PinCard() | UnpinCard() | OpenMeeting() | UpdateMeeting() | CloseMeeting():
                return self._notices.apply(command)
            case Join():
                return self._join(command, now)
        person = self._people.get(command.id)
        if person is None:
            name = type(command).__name__.lower()
            seq = command.seq if isinstance(command, Move) else 0
            return [Refused(id=command.id, command=name, reason=Reason.NOT_HERE, seq=seq)]
        match command:
            case Leave():
                return self._leave(person, now)
            case Move():
                return self._move(person, command, now)
            case Teleport(pose=pose):
                return self._teleport(person, quantise(pose))
            case Sit(seat=seat):
                return self._sit(person, seat)
            case Stand():
                return self._stand(person, now)
            case Lose():
                motion = Motion.IDLE if person.seat is None else Motion.SIT
                stopped = self._place(person, person.pose, motion, 0)
                return stopped + self._change(self._people[person.id], present=False)
            case Resume():
                self._walked_until[person.id] = now - self.settings.saved_seconds
                return self._change(person, present=True)
            case SetMuted(muted=muted):
                # Who unmutes is no longer only listening.
                return self._change(person, muted=muted, listening_only=person.listening_only and muted)
            case SetDeaf(deaf=deaf):
                return self._change(person, deaf=deaf)
            case SetSharing(screen=screen, camera=camera):
                return self._change(person, screen=screen, camera=camera)
            case SetConsent(transcribed=transcribed):
                return self._change(person, transcribed=transcribed)
            case SetStatus(status=status):
                return self._change(person, status=status)
            case RaiseHand(up=up):
                return self._change(person, hand=up)
            case SetState(state=state):
                return self._change(person, state=state)
            case SetLook(name=name, look=look):
                return self._change(person, name=name, look=look)

    # People

    def _join(self, command: Join, now: float) -> list[Event]:
        known = self._people.get(command.id)
        if known is not None:
            told = ("name", "kind", "look", "role", "muted", "listening_only", "transcribed")
            values = {name: getattr(command, name) for name in told}
            return self._change(known, present=True, screen=False, camera=False, **values)
        pose = arrival(self.plan, command.pose, self._spots(), self.settings.elbow_room)
        slot = self._free_slot(now)
        zone = None if pose is None else self.plan.zone_at(pose.x, pose.z)
        if pose is None or zone is None or slot is None or len(self._people) >= self.settings.capacity:
            return [Refused(id=command.id, command="join", reason=Reason.ROOM_FULL)]
        person = Participant(
            id=command.id,
            slot=slot,
            name=command.name,
            kind=command.kind,
            look=command.look,
            role=command.role,
            pose=pose,
            motion=Motion.IDLE,
            seat=None,
            muted=command.muted,
            listening_only=command.listening_only,
            deaf=False,
            transcribed=command.transcribed,
            status="available",
            hand=False,
            state="",
            present=True,
            zone=zone.id,
            screen=False,
            camera=False,
        )
        self._by_slot[slot] = person.id
        self._walked_until[person.id] = now - self.settings.saved_seconds
        self._keep(person)
        return [Joined(participant=person)]

    def _leave(self, person: Participant, now: float) -> list[Event]:
        del self._people[person.id]
        del self._by_slot[person.slot]
        del self._records[str(person.slot)]
        del self._walked_until[person.id]
        if person.seat is not None:
            del self._seats[person.seat]
        self._resting[person.slot] = now + self.settings.slot_rest_seconds
        return [Left(id=person.id, slot=person.slot)]

    def _change(self, person: Participant, **values: Any) -> list[Event]:
        changed = {name: value for name, value in values.items() if getattr(person, name) != value}
        if not changed:
            return []
        self._keep(replace(person, **changed))
        return [Changed(id=person.id, fields=tuple(changed))]

    def _keep(self, person: Participant) -> None:
        """Store a participant; its record stays the same object while it says the same."""
        self._people[person.id] = person
        record = person.record()
        if self._records.get(str(person.slot)) != record:
            self._records[str(person.slot)] = record

    def _free_slot(self, now: float) -> Slot | None:
        self._resting = {slot: until for slot, until in self._resting.items() if until > now}
        taken = self._by_slot.keys() | self._resting.keys()
        return next((slot for slot in range(1, 0x10000) if slot not in taken), None)

    # Places

    def _move(self, person: Participant, command: Move, now: float) -> list[Event]:
        def refuse(reason: Reason) -> list[Event]:
            return [Refused(id=person.id, command="move", reason=reason, seq=command.seq, pose=person.pose)]

        pose = quantise(command.pose)
        length = math.dist((person.pose.x, person.pose.z), (pose.x, pose.z))
        waving = command.motion & WAVING
        legs = command.motion & 0x0F
        if person.seat is not None:
            if length > 0.05:
                return refuse(Reason.SEATED)
            return self._place(person, replace(person.pose, yaw=pose.yaw), Motion.SIT | waving, command.seq)
        since = max(self._walked_until[person.id], now - self.settings.saved_seconds)
        reason = movement.check(self.plan, person.pose, pose, now - since)
        if reason is not None:
            return refuse(reason)
        zone = self.plan.zone_at(pose.x, pose.z)
        if zone is not None and self._full(zone, person):
            return refuse(Reason.ROOM_FULL)
        self._walked_until[person.id] = since + length / (movement.RUN * movement.SPEED_TOLERANCE)
        legs = legs if legs in (Motion.WALK, Motion.RUN) else Motion.IDLE
        return self._place(person, pose, legs | waving, command.seq)

    def _place(self, person: Participant, pose: Pose, motion: int, seq: int) -> list[Event]:
        """Put a participant somewhere and say so, and which zone that is if it is another one."""
        zone = self.plan.zone_at(pose.x, pose.z)
        zone_id = person.zone if zone is None else zone.id
        if (pose, motion, zone_id) == (person.pose, person.motion, person.zone):
            return []
        self._keep(replace(person, pose=pose, motion=motion, zone=zone_id))
        events: list[Event] = [Moved(id=person.id, pose=pose, motion=motion, seq=seq)]
        if zone_id != person.zone:
            events.append(Changed(id=person.id, fields=("zone",)))
        return events

    def _teleport(self, person: Participant, pose: Pose) -> list[Event]:
        def refuse(reason: Reason) -> list[Event]:
            return [Refused(id=person.id, command="teleport", reason=reason, pose=person.pose)]

        wanted = self.plan.zone_at(pose.x, pose.z)
        if wanted is not None and self._full(wanted, person):
            return refuse(Reason.ROOM_FULL)
        spot = self._spot_near((pose.x, pose.z), 1.0, person.id)
        if spot is None:
            return refuse(Reason.WALL if wanted is None else Reason.FURNITURE)
        zone = self.plan.zone_at(*spot)
        if zone is not None and self._full(zone, person):
            return refuse(Reason.ROOM_FULL)
        events: list[Event] = []
        target = quantise(Pose(x=spot[0], z=spot[1], yaw=pose.yaw))
        if person.seat is not None:
            person = self._rise(person)
            events.append(Stood(id=person.id, pose=target))
        return events + self._place(person, target, Motion.IDLE, 0)

    def _sit(self, person: Participant, seat_id: str) -> list[Event]:
        seat = self.plan.seat_by_id.get(seat_id)
        here = (person.pose.x, person.pose.z)
        reason = None
        if seat is None:
            reason = Reason.NOT_HERE
        elif self._seats.get(seat_id, person.id) != person.id:
            reason = Reason.SEAT_TAKEN
        elif not self._within_reach(here, (seat.x, seat.z)):
            reason = Reason.TOO_FAR
        if seat is None or reason is not None:
            refused = reason or Reason.NOT_HERE
            return [Refused(id=person.id, command="sit", reason=refused, pose=person.pose)]
        if person.seat == seat_id:
            return []
        zone = self.plan.zone_at(seat.x, seat.z)
        if zone is not None and self._full(zone, person):
            return [Refused(id=person.id, command="sit", reason=Reason.ROOM_FULL, pose=person.pose)]
        if person.seat is not None:
            person = self._rise(person)
        self._seats[seat_id] = person.id
        person = replace(person, seat=seat_id)
        pose = quantise(Pose(x=seat.x, z=seat.z, yaw=seat.yaw))
        self._keep(person)
        return [
            Seated(id=person.id, seat=seat_id, pose=pose),
            *self._place(person, pose, Motion.SIT, 0),
        ]

    def _within_reach(self, here: Point, seat: Point) -> bool:
        if math.dist(here, seat) > self.settings.sit_reach:
            return False
        return not self.plan.floor.obstacles.through_wall(here, seat)

    def _stand(self, person: Participant, now: float) -> list[Event]:
        if person.seat is None:
            return []
        here = (person.pose.x, person.pose.z)
        spot = self._spot_near(here, 2.0, person.id) or self.plan.floor.nearest(here) or here
        self._walked_until[person.id] = now - self.settings.saved_seconds
        pose = quantise(Pose(x=spot[0], z=spot[1], yaw=person.pose.yaw))
        person = self._rise(person)
        return [Stood(id=person.id, pose=pose), *self._place(person, pose, Motion.IDLE, 0)]

    def _rise(self, person: Participant) -> Participant:
        if person.seat is not None:
            del self._seats[person.seat]
        person = replace(person, seat=None)
        self._keep(person)
        return person

    def _full(self, zone: Zone, person: Participant) -> bool:
        """Whether a closed room has no place for one more."""
        if not zone.enclosed or zone.id == person.zone:
            return False
        return len(self.in_zone(zone.id)) >= zone.capacity

    def _spot_near(self, spot: Point, reach: float, who: ParticipantId) -> Point | None:
        return spot_near(self.plan.floor, spot, reach, self._spots(but=who), self.settings.elbow_room)

    def _spots(self, but: ParticipantId | None = None) -> Points:
        return points([(p.pose.x, p.pose.z) for p in self._people.values() if p.id != but])
