"""What a room does with commands."""

from __future__ import annotations

import math
from typing import Any

import pytest

from spatial.commands import (
    CloseMeeting,
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
from spatial.errors import RecordError
from spatial.events import (
    CardPinned,
    CardUnpinned,
    Changed,
    DoorMoved,
    Event,
    Joined,
    Left,
    MeetingClosed,
    MeetingOpened,
    MeetingUpdated,
    Moved,
    Reason,
    Refused,
    Seated,
    Stood,
)
from spatial.participant import Kind, Look, Participant, ParticipantId
from spatial.plan import Plan
from spatial.pose import WAVING, Motion, Pose, quantise
from spatial.room import Room, RoomSettings

ANA, BO, CY = ParticipantId("ana"), ParticipantId("bo"), ParticipantId("cy")
LOOK = Look(skin=1, hair=2, hair_style=0, outfit=3, accent=4)


def join(id: ParticipantId, pose: Pose | None = None, **more: Any) -> Join:
    return Join(id=id, name=id.title(), kind=Kind.HUMAN, look=LOOK, role="member", pose=pose, **more)


def at(x: float, z: float, yaw: float = 0.0) -> Pose:
    return quantise(Pose(x=x, z=z, yaw=yaw))


def enter(room: Room, id: ParticipantId, pose: Pose | None = None, now: float = 0.0) -> Participant:
    (event,) = room.apply(join(id, pose), now)
    assert isinstance(event, Joined)
    return event.participant


def refusal(events: list[Event]) -> Reason:
    (event,) = events
    assert isinstance(event, Refused)
    return event.reason


def walk(room: Room, id: ParticipantId, x: float, z: float, now: float) -> list[Event]:
    return room.apply(Move(id=id, seq=7, pose=at(x, z)), now)


def test_who_comes_in_stands_at_a_spawn_point_away_from_the_others(room: Room, hq: Plan) -> None:
    people = [enter(room, ParticipantId(f"p{n}")) for n in range(40)]
    spots = [(person.pose.x, person.pose.z) for person in people]
    assert spots[0] == (hq.spawn_points[0].x, hq.spawn_points[0].z)
    assert min(math.dist(a, b) for a in spots for b in spots if a != b) >= 0.59
    assert len(set(spots)) == 40
    assert [person.slot for person in people] == list(range(1, 41))


def test_who_comes_back_stands_where_they_were_if_it_is_free(room: Room) -> None:
    here = at(-6.5, 2.5, 1.0)
    assert enter(room, ANA, here).pose == here
    beside = enter(room, BO, here).pose
    assert 0.6 <= math.dist((here.x, here.z), (beside.x, beside.z)) < 1.2
    inside_a_table = enter(room, CY, at(-12.2, -7.7)).pose
    zone = room.plan.zone_at(inside_a_table.x, inside_a_table.z)
    assert zone is not None
    assert zone.id == "birch"


def test_a_full_room_refuses(hq: Plan) -> None:
    room = Room("hq", hq, RoomSettings(capacity=1))
    enter(room, ANA)
    assert refusal(room.apply(join(BO), 0)) is Reason.ROOM_FULL


def test_joining_twice_changes_what_is_new(room: Room) -> None:
    enter(room, ANA)
    room.apply(Lose(id=ANA), 1)
    events = room.apply(join(ANA, muted=True), 2)
    assert events == [Changed(id=ANA, fields=("present", "muted"))]
    assert len(room.participants) == 1


def test_a_walk_moves_and_changes_zone(room: Room) -> None:
    enter(room, ANA, at(-1.5, 4.4))
    (moved,) = walk(room, ANA, -1.5, 4.2, 1)
    assert moved == Moved(id=ANA, pose=at(-1.5, 4.2), motion=Motion.WALK, seq=7)
    events = walk(room, ANA, -1.5, 3.9, 2)
    assert events[1:] == [Changed(id=ANA, fields=("zone",))]
    assert [person.id for person in room.in_zone("open")] == [ANA]


def test_a_wall_refuses_and_says_where_one_is(room: Room) -> None:
    enter(room, ANA, at(-6.0, -9.0))
    walk(room, ANA, -7.6, -9.4, 1)
    events = walk(room, ANA, -8.4, -9.4, 2)
    assert events == [Refused(id=ANA, command="move", reason=Reason.WALL, seq=7, pose=at(-7.6, -9.4))]
    assert refusal(walk(room, ANA, -7.8, -9.4, 3)) is Reason.WALL


def test_a_desk_refuses(room: Room) -> None:
    enter(room, ANA, at(-4.4, -2.6))
    assert refusal(walk(room, ANA, -4.4, -4.4, 2)) is Reason.FURNITURE


def test_nobody_walks_out_of_the_entrance(room: Room) -> None:
    enter(room, ANA, at(0, 10.5))
    assert refusal(walk(room, ANA, 0, 11.3, 2)) is Reason.WALL


def test_a_leap_is_too_fast_but_held_back_packets_are_not(room: Room) -> None:
    enter(room, ANA, at(-1.5, 8.4))
    assert refusal(walk(room, ANA, -1.5, 0, 5)) is Reason.TOO_FAST
    for step in range(1, 16):  # 1.5 s at running speed, all at one instant
        assert isinstance(walk(room, ANA, -1.5, 8.4 - step * 0.36, 5)[0], Moved)
    for _ in range(3):
        events = walk(room, ANA, -1.5, room.participants[ANA].pose.z - 0.36, 5)
    assert refusal(events) is Reason.TOO_FAST


def test_running_all_the_time_is_allowed(room: Room) -> None:
    enter(room, ANA, at(0, 8.4))
    for step in range(1, 80):
        pose = at(0, 8.4 - step * 0.18)
        events = room.apply(Move(id=ANA, seq=step, pose=pose, motion=Motion.RUN), step * 0.05)
        assert isinstance(events[0], Moved), step


def test_a_seat_takes_one(room: Room) -> None:
    enter(room, ANA, at(-4.4, -2.7))
    enter(room, BO, at(-3.6, -2.4))
    events = room.apply(Sit(id=ANA, seat="chair-pod1-s1"), 1)
    seat = room.plan.seat("chair-pod1-s1")
    pose = at(seat.x, seat.z, seat.yaw)
    assert events == [
        Seated(id=ANA, seat=seat.id, pose=pose),
        Moved(id=ANA, pose=pose, motion=Motion.SIT, seq=0),
    ]
    assert refusal(room.apply(Sit(id=BO, seat=seat.id), 1)) is Reason.SEAT_TAKEN
    assert room.apply(Sit(id=ANA, seat=seat.id), 1) == []
    stood, moved = room.apply(Stand(id=ANA), 2)
    assert isinstance(stood, Stood)
    assert isinstance(moved, Moved)
    assert 0.3 < math.dist((stood.pose.x, stood.pose.z), (seat.x, seat.z)) < 1.5
    assert room.plan.floor.holds((stood.pose.x, stood.pose.z))
    assert isinstance(room.apply(Sit(id=BO, seat=seat.id), 3)[0], Seated)


def test_standing_up_works_from_every_seat_and_stays_in_the_zone(room: Room) -> None:
    enter(room, ANA)
    for seat in room.plan.seats:
        room.apply(Teleport(id=ANA, pose=at(*room.plan.floor.spots_near((seat.x, seat.z), 1.5)[0])), 1)
        events = room.apply(Sit(id=ANA, seat=seat.id), 1)
        assert isinstance(events[0], Seated), seat.id
        zone = room.participants[ANA].zone
        room.apply(Stand(id=ANA), 2)
        person = room.participants[ANA]
        assert (person.seat, person.motion, person.zone) == (None, Motion.IDLE, zone), seat.id


def test_a_seat_must_be_within_reach_and_not_behind_glass(room: Room) -> None:
    enter(room, ANA, at(-1.5, 8))
    assert refusal(room.apply(Sit(id=ANA, seat="chair-pod1-s1"), 1)) is Reason.TOO_FAR
    assert refusal(room.apply(Sit(id=ANA, seat="throne"), 1)) is Reason.NOT_HERE
    enter(room, BO, at(-12.2, 0.3 + 0.9))
    seat = room.plan.seat("sofa-reception1")
    enter(room, CY, at(seat.x - 1.2, seat.z))
    assert room.participants[CY].zone == "lounge"
    assert refusal(room.apply(Sit(id=CY, seat=seat.id), 1)) is Reason.TOO_FAR


def test_who_sits_may_look_round_and_wave_but_not_walk(room: Room) -> None:
    enter(room, ANA, at(-4.4, -2.7))
    room.apply(Sit(id=ANA, seat="chair-pod1-s1"), 1)
    here = room.participants[ANA].pose
    assert refusal(walk(room, ANA, here.x, here.z + 0.3, 2)) is Reason.SEATED
    (event,) = room.apply(Move(id=ANA, seq=1, pose=at(here.x, here.z, 1.0), motion=WAVING), 2)
    assert isinstance(event, Moved)
    assert event.motion == Motion.SIT | WAVING
    assert event.pose.yaw == pytest.approx(1.0, abs=0.02)
    assert room.participants[ANA].seat == "chair-pod1-s1"


def test_a_lost_connection_keeps_place_seat_and_slot(room: Room) -> None:
    slot = enter(room, ANA, at(-4.4, -2.7)).slot
    room.apply(Sit(id=ANA, seat="chair-pod1-s1"), 1)
    before = room.participants[ANA]
    assert room.apply(Lose(id=ANA), 2) == [Changed(id=ANA, fields=("present",))]
    enter(room, BO, at(-4.4, -2.7))
    assert refusal(room.apply(Sit(id=BO, seat="chair-pod1-s1"), 3)) is Reason.SEAT_TAKEN
    assert room.apply(Resume(id=ANA), 500) == [Changed(id=ANA, fields=("present",))]
    assert room.participants[ANA] == before
    assert before.slot == slot


def test_a_walker_stops_when_the_connection_is_lost(room: Room) -> None:
    enter(room, ANA, at(0, 6))
    walk(room, ANA, 0, 5.8, 1)
    moved, changed = room.apply(Lose(id=ANA), 2)
    assert isinstance(moved, Moved)
    assert moved.motion == Motion.IDLE
    assert changed == Changed(id=ANA, fields=("present",))


def test_leaving_frees_the_seat_at_once_and_the_slot_after_a_minute(room: Room) -> None:
    slot = enter(room, ANA, at(-4.4, -2.7)).slot
    room.apply(Sit(id=ANA, seat="chair-pod1-s1"), 1)
    assert room.apply(Leave(id=ANA), 10) == [Left(id=ANA, slot=slot)]
    assert enter(room, BO, at(-4.4, -2.7), 69).slot != slot
    assert isinstance(room.apply(Sit(id=BO, seat="chair-pod1-s1"), 69)[0], Seated)
    assert enter(room, CY, now=70).slot == slot
    assert dict(room.by_slot) == {slot: CY, slot + 1: BO}


@pytest.mark.parametrize(
    "command",
    [
        Leave(id=ANA),
        Lose(id=ANA),
        Resume(id=ANA),
        Move(id=ANA, seq=3, pose=at(0, 0)),
        Teleport(id=ANA, pose=at(0, 0)),
        Sit(id=ANA, seat="chair-pod1-s1"),
        Stand(id=ANA),
        SetMuted(id=ANA, muted=True),
        RaiseHand(id=ANA, up=True),
    ],
    ids=lambda command: type(command).__name__,
)
def test_who_is_not_here_is_refused(room: Room, command: Move) -> None:
    (event,) = room.apply(command, 0)
    assert isinstance(event, Refused)
    assert (event.reason, event.pose) == (Reason.NOT_HERE, None)
    assert event.seq == (3 if isinstance(command, Move) else 0)


def test_fields_change_once(room: Room) -> None:
    enter(room, ANA)
    other = Look(skin=0, hair=0, hair_style=0, outfit=0, accent=0)
    for command, names in (
        (SetMuted(id=ANA, muted=True), ("muted",)),
        (SetDeaf(id=ANA, deaf=True), ("deaf",)),
        (SetSharing(id=ANA, screen=True, camera=False), ("screen",)),
        (SetSharing(id=ANA, screen=True, camera=True), ("camera",)),
        (SetConsent(id=ANA, transcribed=False), ("transcribed",)),
        (SetStatus(id=ANA, status="busy"), ("status",)),
        (RaiseHand(id=ANA, up=True), ("hand",)),
        (SetState(id=ANA, state="thinking"), ("state",)),
        (SetLook(id=ANA, name="Anna", look=other), ("name", "look")),
    ):
        assert room.apply(command, 1) == [Changed(id=ANA, fields=names)]
        assert room.apply(command, 1) == []


def test_who_comes_back_is_still_deaf_and_shares_nothing(room: Room) -> None:
    enter(room, ANA)
    room.apply(SetDeaf(id=ANA, deaf=True), 1)
    room.apply(SetSharing(id=ANA, screen=True, camera=True), 1)
    room.apply(Lose(id=ANA), 2)
    assert room.apply(join(ANA), 3) == [Changed(id=ANA, fields=("present", "screen", "camera"))]
    person = room.participants[ANA]
    assert (person.deaf, person.screen, person.camera) == (True, False, False)


def test_a_jump_lands_near_and_stands_up(room: Room) -> None:
    enter(room, ANA, at(-4.4, -2.7))
    room.apply(Sit(id=ANA, seat="chair-pod1-s1"), 1)
    events = room.apply(Teleport(id=ANA, pose=at(-15.4, 1.2)), 2)
    assert [type(event) for event in events] == [Stood, Moved, Changed]
    person = room.participants[ANA]
    assert (person.zone, person.seat, person.motion) == ("lounge", None, Motion.IDLE)
    assert refusal(room.apply(Teleport(id=ANA, pose=at(40, 40)), 3)) is Reason.WALL
    assert refusal(room.apply(Teleport(id=ANA, pose=at(-12.2, -7.7)), 3)) is Reason.FURNITURE


def test_a_closed_room_takes_no_more_than_its_capacity(room: Room) -> None:
    capacity = room.plan.zone("cedar").capacity
    for n in range(capacity):
        enter(room, ParticipantId(f"p{n}"), at(-9.0, -1.4))
    assert len(room.in_zone("cedar")) == capacity
    enter(room, ANA, at(-7.4, -1.35))
    assert refusal(walk(room, ANA, -8.1, -1.35, 5)) is Reason.ROOM_FULL
    assert refusal(room.apply(Teleport(id=ANA, pose=at(-9, -1)), 5)) is Reason.ROOM_FULL


def test_doors_open_and_close_by_themselves(room: Room) -> None:
    enter(room, ANA, at(-6.0, -6.05))
    assert room.apply(Tick(), 1) == []
    walk(room, ANA, -6.9, -6.05, 1.5)
    assert room.apply(Tick(), 2) == [DoorMoved(id="birch-door", open=True)]
    assert room.doors_open == {"entrance": False, "birch-door": True, "cedar-door": False}
    walk(room, ANA, -6.0, -6.05, 2.5)
    assert room.apply(Tick(), 3.4) == []
    assert room.apply(Tick(), 3.6) == [DoorMoved(id="birch-door", open=False)]
    assert room.tick == 4


def test_cards_and_meetings_are_kept_as_copies(room: Room) -> None:
    card = {"id": "c1", "text": "Send the budget", "due": None}
    assert room.apply(PinCard(card=card), 0) == [CardPinned(card=card)]
    assert room.apply(PinCard(card=dict(card)), 0) == []
    first = room.snapshot()
    card["text"] = "Changed outside"
    assert room.cards["c1"]["text"] == "Send the budget"
    assert room.apply(PinCard(card=card), 0) == [CardPinned(card=card)]
    assert first.cards["c1"]["text"] == "Send the budget"
    assert room.apply(UnpinCard(card_id="c1"), 0) == [CardUnpinned(card_id="c1")]
    assert room.apply(UnpinCard(card_id="c1"), 0) == []

    meeting = {"id": "m1", "title": "Stand-up", "zone": "birch"}
    assert room.apply(OpenMeeting(meeting=meeting), 0) == [MeetingOpened(meeting=meeting)]
    update = UpdateMeeting(meeting_id="m1", fields={"title": "Planning"})
    assert room.apply(update, 0) == [MeetingUpdated(meeting=meeting | {"title": "Planning"})]
    assert room.apply(update, 0) == []
    assert room.apply(UpdateMeeting(meeting_id="m2", fields={}), 0) == []
    assert room.apply(CloseMeeting(meeting_id="m1"), 0) == [MeetingClosed(meeting_id="m1")]
    assert dict(room.meetings) == {}


@pytest.mark.parametrize("record", [{}, {"id": 3}, {"id": ""}])
def test_a_record_without_an_id_is_a_fault(room: Room, record: dict[str, Any]) -> None:
    with pytest.raises(RecordError, match='"cards"'):
        room.apply(PinCard(card=record), 0)
    with pytest.raises(RecordError, match='"meetings"'):
        room.apply(OpenMeeting(meeting=record), 0)


def test_a_pose_that_is_no_number_is_a_fault(room: Room) -> None:
    enter(room, ANA)
    for pose in (Pose(x=math.nan, z=0, yaw=0), Pose(x=0, z=400, yaw=0), Pose(x=0, z=0, yaw=math.inf)):
        with pytest.raises(ValueError, match="finite"):
            room.apply(Move(id=ANA, seq=1, pose=pose), 1)
