"""Who is told what they see: offers, sharing, walking, leaving, a sound that restarts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from media.errors import NegotiationError
from server.assets import asset
from server.flows.video import LOOK_SECONDS, MOST_SCREENS, Video
from server.office import Office
from server.protocol import messages as m
from server.protocol.codec import decode_server
from server.session import Refusal, Session
from server.sound_port import Sound, SoundRestarting, SoundState, View
from server.ticker import Ticker
from spatial.commands import Join, Leave, Lose, Resume, Teleport
from spatial.participant import Kind, Look, ParticipantId
from spatial.plan import Plan
from spatial.pose import Pose
from spatial.room import Room

PLAN = Plan.load(asset("rooms/hq.json").read_text(encoding="utf-8"), "hq.json")
LOOK = Look(skin=0, hair=0, hair_style=0, outfit=0, accent=0)
WAYS = ["sendonly"] * 2 + ["recvonly"] * 8
OFFER = "v=0\r\n" + "".join(f"m=video 9 X 96\r\na=mid:{n}\r\na={way}\r\n" for n, way in enumerate(WAYS))
BIRCH, OPEN = (-14.8, -6.0), (0.0, 0.0)


class FakeSound:
    """Takes offers and views."""

    def __init__(self) -> None:
        self.state = SoundState(up=True, epoch=1)
        self.views: dict[str, list[View]] = {}
        self.told = 0
        self.hung_up: list[str] = []
        self.fault: Exception | None = None

    async def connect_video(self, participant_id: str, offer_sdp: str) -> str:
        if self.fault is not None:
            raise self.fault
        return "answer"

    async def disconnect_video(self, participant_id: str) -> None:
        self.hung_up.append(participant_id)

    def set_views(self, participant_id: str, views: Sequence[View]) -> None:
        self.views[participant_id] = list(views)
        self.told += 1

    def set_scene(self, scene: object) -> None:
        """Nothing is heard here."""

    def levels(self) -> dict[str, float]:
        return {}


class House:
    """An office with the flow at work, and what each browser got."""

    def __init__(self) -> None:
        self.now = 0.0
        self.office = Office(
            name="Test", room=Room("hq", PLAN), plan=PLAN, timezone=ZoneInfo("UTC"),
            monotonic=lambda: self.now, wall=lambda: datetime(2026, 11, 20, tzinfo=UTC),
        )  # fmt: skip
        self.sound = FakeSound()
        self.video = Video(self.office, cast(Sound, self.sound))
        self.ticker = Ticker(self.office, cast(Any, self.sound), [self.video.step])
        self.got: dict[str, list[m.Message]] = {}

    def enter(self, name: str, at: tuple[float, float] = OPEN) -> ParticipantId:
        id, got = ParticipantId(name), self.got.setdefault(name, [])
        pose = Pose(x=at[0], z=at[1], yaw=0)
        self.office.apply(Join(id=id, name=name, kind=Kind.HUMAN, look=LOOK, role="member", pose=pose))
        self.office.sessions[id] = cast(Session, Socketless(id, got))
        self.video.joined(id)
        return id

    def look(self) -> None:
        """Let time pass until it is decided anew; the ears need a tick first."""
        for _ in range(2 + round(LOOK_SECONDS / 0.05)):
            self.now += 0.05
            self.ticker.tick()

    async def ask(self, name: str, message: m.Message) -> None:
        session = self.office.sessions[ParticipantId(name)]
        await self.video.handlers()[type(message)](session, message)

    async def share(self, name: str, *, screen: bool = False, camera: bool = False) -> None:
        await self.ask(name, m.Share(screen=screen, camera=camera))

    async def offer(self, name: str) -> None:
        await self.ask(name, m.VideoOffer(sdp=OFFER, generation=1))

    def slots(self, name: str) -> list[dict[str, Any]]:
        """What this browser knows that its lines show, people by name."""
        got = [one.slots for one in self.got[name] if isinstance(one, m.VideoSlots)]
        names = {slot: str(pid) for slot, pid in self.office.room.by_slot.items()}
        return [record | {"slot": names[record["slot"]]} for record in got[-1]] if got else []


class Socketless(SimpleNamespace):
    """A session whose messages go into a list."""

    def __init__(self, id: ParticipantId, got: list[m.Message]) -> None:
        def take(frame: bytes) -> None:
            message = decode_server(frame)
            assert isinstance(message, m.Message)
            got.append(message)

        outbox = SimpleNamespace(
            put_delta=lambda frame: None, put_poses=lambda frame: None, put_levels=lambda frame: None,
            needs_snapshot=False,
        )  # fmt: skip
        super().__init__(participant_id=id, send=take, outbox=outbox, flush=lambda: None, slot=1)


@pytest.fixture
def house() -> House:
    return House()


def seen(mid: str, who: str, kind: str = "screen") -> dict[str, Any]:
    return {"mid": mid, "slot": who, "kind": kind}


async def test_who_could_see_something_is_told_before_they_have_a_line_for_it(house: House) -> None:
    for name in ("ana", "bo"):
        house.enter(name)
    house.look()
    assert house.got["bo"] == [m.VideoSlots(slots=[])]
    await house.share("ana", screen=True)
    house.look()
    assert house.slots("bo") == [seen("", "ana")]
    assert house.sound.views == {}
    await house.offer("bo")
    assert house.got["bo"][-1] == m.VideoAnswer(sdp="answer", generation=1)
    house.look()
    assert house.slots("bo") == [seen("2", "ana")]
    assert house.sound.views == {"bo": [View(mid="2", owner="ana", kind="screen")]}


async def test_a_sharer_knows_how_many_see_it(house: House) -> None:
    for name in ("ana", "bo", "cy"):
        house.enter(name)
    house.enter("di", BIRCH)
    await house.offer("ana")
    await house.share("ana", screen=True, camera=True)
    house.look()
    assert house.slots("ana") == [seen("1", "ana") | {"seen_by": 2}, seen("0", "ana", "camera") | {"seen_by": 2}]
    house.office.apply(Teleport(id=ParticipantId("cy"), pose=Pose(x=BIRCH[0], z=BIRCH[1] - 1, yaw=0)))
    house.look()
    assert [one["seen_by"] for one in house.slots("ana")] == [1, 1]


async def test_what_stays_as_it_is_is_said_once(house: House) -> None:
    for name in ("ana", "bo"):
        house.enter(name)
        await house.offer(name)
    await house.share("ana", screen=True)
    for _ in range(5):
        house.look()
    assert [one.slots for one in house.got["bo"] if isinstance(one, m.VideoSlots)] == [
        [{"mid": "2", "slot": 1, "kind": "screen"}]
    ]
    assert house.sound.told == 2


@pytest.mark.parametrize("how", ["stops", "walks into a closed room", "loses the line", "leaves"])
async def test_a_screen_goes_when_its_sharer(house: House, how: str) -> None:
    ana, _ = [house.enter(name) for name in ("ana", "bo")]
    for name in ("ana", "bo"):
        await house.offer(name)
    await house.share("ana", screen=True)
    house.look()
    assert house.slots("bo") == [seen("2", "ana")]
    match how:
        case "stops":
            await house.share("ana")
        case "walks into a closed room":
            house.office.apply(Teleport(id=ana, pose=Pose(x=BIRCH[0], z=BIRCH[1], yaw=0)))
        case "loses the line":
            house.office.apply(Lose(id=ana))
        case "leaves":
            house.office.apply(Leave(id=ana))
            await house.video.gone(ana)
            assert house.sound.hung_up == ["ana"]
    house.look()
    assert house.slots("bo") == []
    assert house.sound.views["bo"] == []


async def test_who_has_lost_the_line_gets_no_pictures_and_gets_them_back(house: House) -> None:
    _, bo = [house.enter(name) for name in ("ana", "bo")]
    await house.offer("bo")
    await house.share("ana", screen=True)
    house.look()
    house.office.apply(Lose(id=bo))
    house.look()
    assert house.sound.views["bo"] == []
    house.office.apply(Resume(id=bo))
    house.got["bo"].clear()
    house.video.joined(bo)
    house.look()
    assert house.slots("bo") == [seen("2", "ana")]
    assert house.sound.views["bo"] == [View(mid="2", owner="ana", kind="screen")]


async def test_another_connection_is_told_anew_what_it_shows_even_if_that_is_nothing(house: House) -> None:
    house.enter("bo")
    for _ in range(2):
        await house.offer("bo")
        house.look()
    assert house.sound.told == 2
    assert house.sound.views == {"bo": []}


async def test_a_restarted_sound_has_no_lines(house: House) -> None:
    for name in ("ana", "bo"):
        house.enter(name)
    await house.offer("bo")
    await house.share("ana", screen=True)
    house.look()
    house.video.changed(SoundState(up=True, epoch=1, load="saving"))
    house.look()
    assert house.slots("bo") == [seen("2", "ana")]
    house.video.changed(SoundState(up=True, epoch=2))
    house.look()
    assert house.slots("bo") == [seen("", "ana")]


async def test_one_screen_more_than_the_office_carries_is_refused_by_name(house: House) -> None:
    names = [f"p{n}" for n in range(MOST_SCREENS + 1)]
    for n, name in enumerate(names):
        house.enter(name, (float(n), 0.0))
    for name in names[:-1]:
        await house.share(name, screen=True)
    with pytest.raises(Refusal, match="p0, p1, p2 and p3 share") as refused:
        await house.share(names[-1], screen=True, camera=True)
    assert refused.value.code == "screens_full"
    assert not house.office.room.participants[ParticipantId(names[-1])].camera
    await house.share(names[-1], camera=True)
    await house.share(names[0], screen=True, camera=True)
    await house.share(names[0])
    await house.share(names[-1], screen=True)


async def test_where_the_media_path_has_no_pictures_sharing_is_refused(house: House) -> None:
    house.sound.state = SoundState(up=True, epoch=1, path="stock")
    house.enter("ana")
    with pytest.raises(Refusal) as refused:
        await house.share("ana", camera=True)
    assert refused.value.code == "no_video"
    await house.share("ana")


@pytest.mark.parametrize(
    ("fault", "code"),
    [(SoundRestarting("down"), "video_restarting"), (NegotiationError("no VP8"), "video_offer")],
)
async def test_an_offer_that_fails_says_why_and_leaves_nothing(house: House, fault: Exception, code: str) -> None:
    house.enter("ana")
    house.sound.fault = fault
    with pytest.raises(Refusal) as refused:
        await house.offer("ana")
    assert refused.value.code == code
    house.look()
    assert house.sound.told == 0


async def test_a_malformed_offer_does_not_reach_the_sound(house: House) -> None:
    house.enter("ana")
    house.sound.fault = AssertionError("asked")
    with pytest.raises(Refusal):
        await house.ask("ana", m.VideoOffer(sdp="v=0", generation=1))


async def test_hanging_up_ends_the_connection(house: House) -> None:
    house.enter("ana")
    await house.offer("ana")
    await house.ask("ana", m.VideoClose())
    assert house.sound.hung_up == ["ana"]
