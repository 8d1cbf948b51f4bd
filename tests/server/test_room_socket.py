"""People over real sockets: join, move, sit, chat, lose the line, break the rules."""

from __future__ import annotations

import asyncio

import msgpack
import pytest
from websockets.exceptions import InvalidStatus

from server.protocol import messages as m
from server.protocol.codec import PosesFrame, encode
from tests.house import OpenHouse, Visitor


def pose_of(visitor: Visitor, slot: int) -> tuple[float, float] | None:
    """Where a slot stands as far as the visitor was told."""
    for frame in reversed(visitor.received):
        if isinstance(frame, PosesFrame):
            for row in frame.poses:
                if int(row["slot"]) == slot:
                    return int(row["x"]) / 100, int(row["z"]) / 100
    return None


async def test_who_comes_in_is_greeted_and_sees_the_room(house: OpenHouse) -> None:
    ana = await house.enter()
    welcome = await ana.get(m.Welcome)
    assert welcome.you["role"] == "owner"
    assert welcome.timezone == "Europe/Berlin"
    snapshot = await ana.get(m.SnapshotMessage)
    names = {p["name"] for p in snapshot.participants.values()}
    assert names == {"Ana", "Ada"}


async def test_two_see_each_other_move(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    await ana.get(m.DeltaMessage, lambda d: "Bo" in str(d.put))
    before = pose_of(ana, bo.slot)
    assert before is not None
    await bo.walk(before[0], before[1] - 1.5)
    await ana.get(
        PosesFrame,
        lambda f: any(abs(int(p["z"]) / 100 - before[1]) > 1.0 for p in f.poses if int(p["slot"]) == bo.slot),
    )


async def test_a_wall_refuses_and_says_so(house: OpenHouse) -> None:
    ana = await house.enter()
    placed = await ana.get(m.Placed)
    await ana.send(m.Move(seq=1, x=placed.x, z=placed.z + 100.0, yaw=0.0, motion=1))
    refused = await ana.get(m.Refused)
    assert refused.reason in ("wall", "too_fast")
    assert (refused.x, refused.z) == (placed.x, placed.z)


@pytest.mark.parametrize(("x", "z"), [(1e9, 0.0), (-500.0, 500.0)])
async def test_a_place_outside_is_no_way(house: OpenHouse, x: float, z: float) -> None:
    ana = await house.enter()
    await ana.send(m.WalkTo(x=x, z=z))
    await ana.send(m.Ping(at=1.5))
    await ana.get(m.Pong)


async def test_two_cannot_take_one_seat(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    seat = house.running.office.plan.seats[0]
    for visitor in (ana, bo):
        await visitor.walk(seat.x, seat.z)
    await ana.send(m.Sit(seat=seat.id))
    await bo.get(m.DeltaMessage, lambda d: seat.id in str(d.patch))
    await bo.send(m.Sit(seat=seat.id))
    refused = await bo.get(m.Refused, lambda r: r.command.lower() == "sit")
    assert refused.reason == "seat_taken"


async def test_chat_reaches_everyone_once(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    for _ in range(2):  # the second is a repeat after a lost line
        await bo.send(m.Chat(id="c-1", text="Good morning"))
    await bo.send(m.Chat(id="c-2", text="Coffee?"))
    await ana.get(m.ChatMessage, lambda c: c.text == "Coffee?")
    said = [c.text for c in ana.received if isinstance(c, m.ChatMessage)]
    assert said == ["Good morning", "Coffee?"]


async def test_a_malformed_message_closes_that_session_alone(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    await bo.socket.send(b"\x01" + msgpack.packb({"t": "chat", "id": 5}))
    error = await bo.get(m.ErrorMessage)
    assert (error.code, error.fatal) == ("malformed", True)
    assert (await bo.gone())[0] == 4003
    await ana.send(m.Ping(at=2.5))
    await ana.get(m.Pong)


async def test_too_much_talk_closes_the_session(house: OpenHouse) -> None:
    ana = await house.enter()
    for _ in range(900):
        await ana.socket.send(encode(m.Wave()))
    assert (await ana.gone())[0] == 4005


async def test_who_lost_the_line_comes_back_where_they_stood(house: OpenHouse) -> None:
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    start = await bo.get(m.Placed)
    await bo.walk(start.x, start.z - 1.2)
    bo.socket.transport.abort()
    await ana.get(m.DeltaMessage, lambda d: "'present': False" in str(d.patch))
    again = await house.enter("Bo", "member", token=bo.token)
    assert (await again.get(m.Welcome)).resumed
    placed = await again.get(m.Placed)
    assert abs(placed.z - (start.z - 1.2)) < 0.05


async def test_a_second_tab_takes_over(house: OpenHouse) -> None:
    first = await house.enter()
    second = await house.enter()
    assert (await first.gone())[0] == 4006
    assert (await second.get(m.Welcome)).resumed


async def test_a_bad_token_is_turned_away_with_a_reason(house: OpenHouse) -> None:
    stranger = await house.knock("nonsense")
    error = await stranger.get(m.ErrorMessage)
    assert "invite" in error.text
    assert (await stranger.gone())[0] == 4001


async def test_a_page_from_elsewhere_cannot_open_the_socket(house: OpenHouse) -> None:
    with pytest.raises(InvalidStatus):
        await house.knock(house.owner_token, Origin="https://elsewhere.example")


async def test_guests_and_members_do_not_start_meetings(house: OpenHouse) -> None:
    bo = await house.enter("Bo", "member")
    await bo.send(m.MeetingStart(zone=house.running.office.plan.zones[0].id, title="Secret"))
    assert (await bo.get(m.ErrorMessage)).code == "forbidden"


async def test_what_the_records_cannot_take_is_refused_and_the_session_goes_on(house: OpenHouse) -> None:
    ana = await house.enter()
    await ana.send(m.MeetingStart(zone=house.running.office.plan.zones[0].id, title="x" * 190))
    assert (await ana.get(m.ErrorMessage)).code == "unacceptable"
    await ana.settled()


async def test_a_guest_touches_only_their_own_tasks(house: OpenHouse) -> None:
    ana, gus = await house.enter(), await house.enter("Gus", "guest")
    await ana.send(m.TaskCreate(text="Water the plants"))
    delta = await gus.get(m.DeltaMessage, lambda d: "cards" in d.put)
    ((task, card),) = delta.put["cards"].items()
    await gus.send(m.TaskEvent(task=task, version=card["version"], event="done"))
    assert (await gus.get(m.ErrorMessage)).code == "forbidden"
    await ana.send(m.TaskEvent(task=task, version=card["version"], event="done"))
    await gus.get(m.DeltaMessage, lambda d: "done" in str(d.patch.get("cards", d.put.get("cards"))))


async def test_an_older_version_of_a_task_is_not_overwritten(house: OpenHouse) -> None:
    ana = await house.enter()
    await ana.send(m.TaskCreate(text="Order chairs", due="2030-01-31"))
    delta = await ana.get(m.DeltaMessage, lambda d: "cards" in d.put)
    ((task, card),) = delta.put["cards"].items()
    await ana.send(m.TaskEvent(task=task, version=card["version"], event="accept"))
    await ana.get(m.DeltaMessage, lambda d: "accepted" in str(d.patch.get("cards", d.put.get("cards"))))
    await ana.send(m.TaskEvent(task=task, version=card["version"], event="done"))
    assert (await ana.get(m.ErrorMessage)).code == "conflict"


async def test_leaving_for_good_is_seen_by_the_others(house: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.flows.presence.LEFT_SECONDS", 0.05)
    ana, bo = await house.enter(), await house.enter("Bo", "member")
    await bo.socket.close()
    await ana.get(m.DeltaMessage, lambda d: str(bo.slot) in d.remove.get("participants", []))
    await asyncio.gather(*(t for t in house.readers[1:2]))
