"""A snapshot plus its deltas equals the next snapshot, for any commands."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
from spatial.errors import DeltaError
from spatial.participant import Kind, Look, ParticipantId
from spatial.plan import Plan
from spatial.pose import QPOSE, Pose, from_steps
from spatial.room import Room, RoomSettings
from spatial.snapshot import Delta, Snapshot, apply, diff

people = st.sampled_from([ParticipantId(name) for name in ("ana", "bo", "cy", "di", "ed")])
keys = st.sampled_from(["k1", "k2", "k3"])
looks = st.builds(Look, **{n: st.integers(0, 5) for n in ("skin", "hair", "hair_style", "outfit", "accent")})
poses = st.builds(
    Pose, x=st.floats(-17, 17, width=32), z=st.floats(-12, 12, width=32), yaw=st.floats(-7, 7, width=32)
)
plain = st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3) | st.lists(st.integers(0, 2))
fields = st.dictionaries(st.sampled_from(["text", "due", "state", "extra"]), plain, max_size=3)
names = st.text(max_size=4)


def record(id: str, more: dict[str, Any]) -> dict[str, Any]:
    return {**more, "id": id}


records = st.builds(record, keys, fields)
seats = st.sampled_from(["chair-pod1-n1", "chair-pod1-n2", "sofa-lounge-north1", "chair-birch-n1", "none"])
motions = st.integers(0, 255)
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        Join,
        id=people,
        name=names,
        kind=st.sampled_from(Kind),
        look=looks,
        role=st.just("member"),
        pose=st.none() | poses,
        muted=st.booleans(),
    ),
    st.builds(Move, id=people, seq=st.integers(0, 9), pose=poses, motion=motions),
    st.builds(Teleport, id=people, pose=poses),
    st.builds(Sit, id=people, seat=seats),
    st.builds(Stand, id=people),
    st.builds(Leave, id=people),
    st.builds(Lose, id=people),
    st.builds(Resume, id=people),
    st.builds(SetMuted, id=people, muted=st.booleans()),
    st.builds(SetDeaf, id=people, deaf=st.booleans()),
    st.builds(SetSharing, id=people, screen=st.booleans(), camera=st.booleans()),
    st.builds(SetConsent, id=people, transcribed=st.booleans()),
    st.builds(SetStatus, id=people, status=st.sampled_from(["available", "away", "busy"])),
    st.builds(RaiseHand, id=people, up=st.booleans()),
    st.builds(SetState, id=people, state=st.sampled_from(["", "speaking"])),
    st.builds(SetLook, id=people, name=names, look=looks),
    st.builds(PinCard, card=records),
    st.builds(UnpinCard, card_id=keys),
    st.builds(OpenMeeting, meeting=records),
    st.builds(UpdateMeeting, meeting_id=keys, fields=fields),
    st.builds(CloseMeeting, meeting_id=keys),
)


class Step:
    """A move relative to where somebody stands, so that most are possible; or a walk to a seat and down."""

    def __init__(self, who: ParticipantId, angle: float, metres: float, seat: str | None) -> None:
        self.who, self.angle, self.metres, self.seat = who, angle, metres, seat

    def __repr__(self) -> str:
        return f"Step({self.who}, {self.angle:.2f}, {self.metres:.2f}, {self.seat})"

    def commands(self, room: Room) -> list[Command]:
        person = room.participants.get(self.who)
        if person is None:
            return []
        seat = room.plan.seat_by_id.get(self.seat or "")
        if seat is not None:
            near = room.plan.floor.spots_near((seat.x, seat.z), 1.5)[0]
            return [
                Teleport(id=self.who, pose=Pose(x=near[0], z=near[1], yaw=0)),
                Sit(id=self.who, seat=seat.id),
            ]
        x = person.pose.x + self.metres * math.cos(self.angle)
        z = person.pose.z + self.metres * math.sin(self.angle)
        return [Move(id=self.who, seq=1, pose=Pose(x=x, z=z, yaw=self.angle))]


walks = st.builds(Step, people, st.floats(0, 6.3), st.floats(0, 0.6), st.none() | seats)
scripts = st.lists(
    st.lists(st.tuples(commands | walks, st.sampled_from([0.0, 0.05, 1.0, 40.0])), max_size=8),
    min_size=1,
    max_size=8,
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=scripts)
def test_a_snapshot_plus_its_deltas_equals_the_next_snapshot(
    hq: Plan, script: list[list[tuple[Command | Step, float]]]
) -> None:
    room = Room("hq", hq, RoomSettings(capacity=4))
    now = 0.0
    followed = first = old = room.snapshot()
    kept = copy.deepcopy(first)
    for batch in script:
        for entry, seconds in batch:
            now += seconds
            for command in entry.commands(room) if isinstance(entry, Step) else [entry]:
                room.apply(command, now)
        room.apply(Tick(), now)
        new = room.snapshot()
        delta = diff(old, new)
        followed = apply(followed, delta)
        assert followed == new
        assert apply(first, diff(first, new)) == new
        assert apply(new, diff(new, first)) == first
        check_invariants(room, new)
        old = new
    assert first == kept


def check_invariants(room: Room, snapshot: Snapshot) -> None:
    taken = [person.seat for person in room.participants.values() if person.seat]
    assert len(taken) == len(set(taken))
    assert sorted(map(str, room.by_slot)) == sorted(snapshot.participants)
    assert snapshot.poses["slot"].tolist() == sorted(room.by_slot)
    for row in snapshot.poses:
        person = room.participants[room.by_slot[int(row["slot"])]]
        assert from_steps(int(row["x"]), int(row["z"]), int(row["yaw"])) == person.pose
        zone = room.plan.zone_at(person.pose.x, person.pose.z)
        assert zone is not None
        assert zone.id == person.zone


def pose_rows(*rows: tuple[int, int, int, int, int]) -> Any:
    return np.array(list(rows), dtype=QPOSE)


def test_nothing_new_is_an_empty_delta() -> None:
    one = Snapshot(tick=4, cards={"a": {"id": "a"}}, poses=pose_rows((1, 2, 3, 4, 5)))
    two = Snapshot(tick=5, cards={"a": {"id": "a"}}, poses=pose_rows((1, 2, 3, 4, 5)))
    delta = diff(one, two)
    assert delta.empty
    assert apply(one, delta) == two


def test_a_delta_says_only_what_changed() -> None:
    one = Snapshot(
        tick=1,
        participants={"1": {"id": "a", "muted": False}, "2": {"id": "b", "muted": False}},
        cards={"x": {"id": "x", "text": "t", "state": "open"}},
        poses=pose_rows((1, 0, 0, 0, 0), (2, 0, 0, 0, 0)),
    )
    two = Snapshot(
        tick=2,
        participants={"2": {"id": "b", "muted": True}, "3": {"id": "c", "muted": False}},
        cards={"x": {"id": "x", "text": "t", "state": "done"}},
        poses=pose_rows((2, 0, 0, 0, 0), (3, 7, 0, 0, 0)),
    )
    delta = diff(one, two)
    assert delta.put == {"participants": {"3": {"id": "c", "muted": False}}}
    assert delta.patch == {"participants": {"2": {"muted": True}}, "cards": {"x": {"state": "done"}}}
    assert delta.remove == {"participants": ["1"]}
    assert delta.poses.tolist() == [(3, 7, 0, 0, 0)]
    assert apply(one, delta) == two


def test_another_person_in_the_same_slot_is_put_whole() -> None:
    one = Snapshot(tick=1, participants={"1": {"id": "a", "name": "A"}}, poses=pose_rows((1, 0, 0, 0, 0)))
    two = Snapshot(tick=2, participants={"1": {"id": "b", "name": "A"}}, poses=pose_rows((1, 0, 0, 0, 0)))
    delta = diff(one, two)
    assert delta.put == {"participants": {"1": {"id": "b", "name": "A"}}}
    assert apply(one, delta) == two


@pytest.mark.parametrize(
    ("delta", "reason"),
    [
        (Delta(tick=9, base=4), "it starts elsewhere"),
        (Delta(tick=9, base=5, patch={"cards": {"x": {"text": "t"}}}), 'it changes "x", unknown in "cards"'),
        (Delta(tick=9, base=5, remove={"doors": ["x"]}), 'it removes "x", unknown in "doors"'),
    ],
)
def test_a_delta_that_does_not_fit_is_refused(delta: Delta, reason: str) -> None:
    with pytest.raises(DeltaError, match=reason) as caught:
        apply(Snapshot(tick=5), delta)
    assert (caught.value.code, caught.value.tick) == ("delta", 5)


def test_snapshots_differ_by_tick_and_tables() -> None:
    assert Snapshot(tick=1) != Snapshot(tick=2)
    assert Snapshot(tick=1) != Snapshot(tick=1, doors={"d": {"open": True}})
    assert Snapshot(tick=1) != "snapshot"
