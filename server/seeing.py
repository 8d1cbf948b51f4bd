"""Who sees whose screen and camera: decided from where people are. No sockets, no waiting.

A shared screen hangs in the place where its sharer is. It is seen by everybody there and, where neither place is
closed, by who is near. A camera is seen by who is within earshot of its owner.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from media.video import CAMERAS_SEEN, SCREENS_SEEN, Kind, VideoLines, VideoSettings
from spatial.furnishing import ZoneSound
from spatial.participant import Participant, ParticipantId
from spatial.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeingSettings:
    """How far and how much."""

    far: float = 15.0
    """Metres from which a screen of another place is seen."""
    stays_far: float = 17.0
    """Metres up to which one goes on seeing it."""
    nearer: float = 1.0
    """Metres by which another must be nearer to take the place of who is shown."""
    most: Mapping[Kind, int] = field(default_factory=lambda: {"screen": SCREENS_SEEN, "camera": CAMERAS_SEEN})
    video: VideoSettings = field(default_factory=VideoSettings)


@dataclass(frozen=True, slots=True)
class Sight:
    """One picture that somebody sees."""

    owner: ParticipantId
    kind: Kind


Sights = dict[ParticipantId, tuple[Sight, ...]]
"""What each viewer sees, nearest first, screens before cameras."""


@dataclass(frozen=True, slots=True)
class _Chance:
    """A sight that a viewer might have; `away` in metres, less for one they have already."""

    viewer: ParticipantId
    sight: Sight
    shown: bool
    away: float


class Seeing:
    """Remembers who saw what, so that pictures do not flicker.

    Args:
        plan: of the room.
        audience: who is within earshot of somebody.
        settings: how far and how much.
    """

    def __init__(
        self,
        plan: Plan,
        audience: Callable[[ParticipantId], Collection[ParticipantId]],
        settings: SeeingSettings | None = None,
    ) -> None:
        self._audience = audience
        self._settings = settings or SeeingSettings()
        self._closed = {zone.id: zone.enclosed or zone.sound is ZoneSound.PRIVATE for zone in plan.zones}
        self._sights: Sights = {}

    def step(self, people: Sequence[Participant]) -> Sights:
        """Decide anew.

        Args:
            people: those who are here and can be reached.

        Returns:
            What each of them sees; who sees nothing is left out.
        """
        sharers = [person for person in people if person.screen or person.camera]
        audiences = {owner.id: self._audience(owner.id) for owner in sharers if owner.camera}
        chosen: list[_Chance] = []
        for viewer in people if sharers else ():
            chances = self._chances(viewer, sharers, audiences)
            for kind, most in self._settings.most.items():
                nearest = sorted(
                    (c for c in chances if c.sight.kind == kind), key=lambda c: (c.away, c.sight.owner)
                )
                chosen += nearest[:most]
        sights: dict[ParticipantId, list[Sight]] = {}
        for chance in self._affordable(chosen):
            sights.setdefault(chance.viewer, []).append(chance.sight)
        self._sights = {viewer: tuple(seen) for viewer, seen in sights.items()}
        return self._sights

    def _chances(
        self,
        viewer: Participant,
        sharers: Sequence[Participant],
        audiences: Mapping[ParticipantId, Collection[ParticipantId]],
    ) -> list[_Chance]:
        out: list[_Chance] = []
        before = self._sights.get(viewer.id, ())
        for owner in sharers:
            if owner.id == viewer.id:
                continue
            metres = math.hypot(owner.pose.x - viewer.pose.x, owner.pose.z - viewer.pose.z)
            screen, camera = Sight(owner.id, "screen"), Sight(owner.id, "camera")
            seen = []
            if owner.screen and self._sees_screen(viewer, owner, metres, screen in before):
                seen.append(screen)
            if owner.camera and viewer.id in audiences[owner.id]:
                seen.append(camera)
            for sight in seen:
                shown = sight in before
                away = metres - self._settings.nearer if shown else metres
                out.append(_Chance(viewer.id, sight, shown, away))
        return out

    def _sees_screen(self, viewer: Participant, owner: Participant, metres: float, shown: bool) -> bool:
        if viewer.zone == owner.zone:
            return True
        if self._closed.get(viewer.zone, True) or self._closed.get(owner.zone, True):
            return False
        return metres <= (self._settings.stays_far if shown else self._settings.far)

    def _affordable(self, chances: list[_Chance]) -> list[_Chance]:
        """What the office may forward of it: screens before cameras, what is shown before what is new."""
        video, left, out = self._settings.video, self._settings.video.most_bps, []
        for chance in sorted(chances, key=lambda c: (c.sight.kind == "camera", not c.shown, c.away)):
            bps = video.bps(chance.sight.kind)
            if bps <= left:
                left -= bps
                out.append(chance)
        return out


def placed(sights: Sequence[Sight], lines: VideoLines, before: Mapping[str, Sight]) -> dict[str, Sight]:
    """Which line of a viewer shows which sight; what is shown already stays where it is.

    Args:
        sights: what the viewer sees; no more of a kind than there are lines.
        lines: of the viewer's connection.
        before: what the lines showed until now.
    """
    out = {mid: sight for mid, sight in before.items() if sight in sights and mid in lines.sees[sight.kind]}
    shown = set(out.values())
    for sight in sights:
        if sight not in shown:
            free = next((mid for mid in lines.sees[sight.kind] if mid not in out), None)
            if free is not None:
                out[free] = sight
    return out


def watched(sights: Mapping[ParticipantId, Collection[Sight]], sight: Sight) -> int:
    """How many see it."""
    return sum(sight in seen for seen in sights.values())
