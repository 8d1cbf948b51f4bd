from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.video import Kind, VideoLines, VideoSettings
from server.assets import asset
from server.seeing import Seeing, SeeingSettings, Sight, Sights, placed, watched
from spatial.geometry import middle
from spatial.participant import Kind as Who
from spatial.participant import Look, Participant, ParticipantId
from spatial.plan import Plan
from spatial.pose import Pose

PLAN = Plan.load(asset("rooms/hq.json").read_text(encoding="utf-8"), "hq.json")
LOOK = Look(skin=0, hair=0, hair_style=0, outfit=0, accent=0)
LINES = VideoLines(
    sends={"camera": "0", "screen": "1"}, sees={"screen": ("2", "3"), "camera": ("4", "5", "6", "7", "8", "9")}
)
FORUM, STAGE, BIRCH = (12.0, 3.0), (12.0, 9.5), (-12.0, -8.0)


def person(id: str, x: float, z: float, *, screen: bool = False, camera: bool = False) -> Participant:
    zone = PLAN.zone_at(x, z)
    assert zone is not None
    return Participant(
        id=ParticipantId(id), slot=1, name=id, kind=Who.HUMAN, look=LOOK, role="member", motion=0,
        pose=Pose(x=x, z=z, yaw=0), seat=None, muted=False, listening_only=False, deaf=False, transcribed=True,
        status="available", hand=False, state="", present=True, zone=zone.id, screen=screen, camera=camera,
    )  # fmt: skip


def seeing(within: Collection[str] | None = None, settings: SeeingSettings | None = None) -> Seeing:
    """All hear each other, or only those named."""
    earshot = {ParticipantId(one) for one in within} if within is not None else None
    return Seeing(PLAN, lambda owner: earshot if earshot is not None else _Everybody(), settings)


class _Everybody(frozenset[ParticipantId]):
    def __contains__(self, one: object) -> bool:
        return True


def seen_by(sights: Sights, viewer: str) -> list[tuple[str, Kind]]:
    return [(sight.owner, sight.kind) for sight in sights.get(ParticipantId(viewer), ())]


@pytest.mark.parametrize(
    ("sharer", "viewer", "sees"),
    [
        (FORUM, (9.0, 0.0), True),
        (STAGE, FORUM, True),
        ((0.0, -5.0), (0.0, 5.0), True),
        ((0.0, -9.0), (0.0, 7.0), False),
        (BIRCH, (-10.0, -6.0), True),
        (BIRCH, (-6.0, -6.0), False),
        ((-6.0, -6.0), BIRCH, False),
        (middle(PLAN.zone("nook").polygon), middle(PLAN.zone("library").polygon), False),
    ],
    ids=["one place", "the stage", "near", "far", "one room", "out of a room", "into a room", "private table"],
)
def test_a_screen_is_seen_in_its_place_and_where_it_is_open_by_who_is_near(
    sharer: tuple[float, float], viewer: tuple[float, float], sees: bool
) -> None:
    sights = seeing().step([person("ana", *sharer, screen=True), person("bo", *viewer)])
    assert seen_by(sights, "bo") == ([("ana", "screen")] if sees else [])
    assert seen_by(sights, "ana") == []


def test_who_sees_a_screen_goes_on_seeing_it_a_little_farther() -> None:
    eyes = seeing()
    for metres, sees in [(16.0, False), (14.9, True), (16.0, True), (17.2, False), (16.0, False)]:
        sights = eyes.step([person("ana", 0, -9, screen=True), person("bo", 0, -9 + metres)])
        assert bool(sights) == sees, metres


def test_a_camera_is_seen_within_earshot() -> None:
    people = [person("ana", 0, 0, camera=True), person("bo", 1, 0), person("cy", 1, 1)]
    sights = seeing(within=["bo"]).step(people)
    assert seen_by(sights, "bo") == [("ana", "camera")]
    assert seen_by(sights, "cy") == []


def test_the_nearest_are_shown_screens_before_cameras() -> None:
    crowd = [person(f"p{n}", -7 + n, 0, screen=True, camera=True) for n in range(9)]
    sights = seeing().step([*crowd, person("me", -7.4, 0)])
    assert seen_by(sights, "me") == [
        ("p0", "screen"), ("p1", "screen"), *((f"p{n}", "camera") for n in range(6)),
    ]  # fmt: skip


def test_who_is_shown_gives_way_only_to_who_is_clearly_nearer() -> None:
    eyes = seeing()

    def shown(*metres: float) -> list[str]:
        crowd = [person(f"p{n}", away, 0, screen=True) for n, away in enumerate(metres)]
        return sorted(owner for owner, _ in seen_by(eyes.step([*crowd, person("me", 0, 0)]), "me"))

    assert shown(2.0, 3.0, 4.0) == ["p0", "p1"]
    assert shown(2.0, 3.0, 2.2) == ["p0", "p1"]
    assert shown(2.0, 3.0, 1.8) == ["p0", "p2"]
    assert shown(2.0, 1.5, 1.8) == ["p0", "p2"]


def test_the_office_shows_no_more_than_it_may_forward() -> None:
    video = VideoSettings(screen_bps=10, camera_bps=1, most_bps=32)
    eyes = seeing(settings=SeeingSettings(video=video))
    sharer = person("ana", 12, 3, screen=True, camera=True)
    viewers = [person(f"v{n}", 12, 3 + 0.3 * n) for n in range(1, 6)]
    sights = eyes.step([sharer, *viewers])
    assert watched(sights, Sight(sharer.id, "screen")) == 3
    assert watched(sights, Sight(sharer.id, "camera")) == 2
    assert [seen_by(sights, f"v{n}")[:1] == [("ana", "screen")] for n in range(1, 6)] == [True] * 3 + [False] * 2
    latecomer = person("v0", 12, 3)
    assert watched(eyes.step([sharer, latecomer, *viewers]), Sight(sharer.id, "screen")) == 3
    assert seen_by(eyes.step([sharer, latecomer, *viewers]), "v0") == []


def test_nobody_shares_nobody_sees() -> None:
    assert seeing().step([person("ana", 0, 0), person("bo", 1, 0)]) == {}


owners = st.sampled_from([ParticipantId(f"p{n}") for n in range(9)])


@given(st.lists(st.tuples(st.lists(owners, max_size=2, unique=True), st.lists(owners, max_size=6, unique=True))))
def test_each_sight_has_a_line_of_its_kind_and_keeps_it(
    steps: list[tuple[list[ParticipantId], list[ParticipantId]]],
) -> None:
    shown: dict[str, Sight] = {}
    for screens, cameras in steps:
        sights = [*(Sight(one, "screen") for one in screens), *(Sight(one, "camera") for one in cameras)]
        before, shown = shown, placed(sights, LINES, shown)
        assert sorted(shown.values(), key=repr) == sorted(sights, key=repr)
        assert all(mid in LINES.sees[sight.kind] for mid, sight in shown.items())
        assert all(shown[mid] == sight for mid, sight in before.items() if sight in sights)
