"""People show their screens and cameras, and everybody gets the pictures that can be seen from where they are."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from media.errors import MediaError
from media.video import Kind, VideoLines, VideoSettings
from server.flows.refusals import here
from server.office import Office
from server.protocol import messages as m
from server.protocol.codec import encode
from server.seeing import Seeing, SeeingSettings, Sight, Sights, placed, watched
from server.session import Handler, Refusal, Session
from server.sound_port import Sound, SoundRestarting, SoundState, View
from spatial.commands import SetSharing
from spatial.participant import ParticipantId

logger = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.5
"""How often it is decided anew who sees what."""
MOST_SCREENS: Final = 4
"""Shared in the office at one time."""
KINDS: Final[tuple[Kind, ...]] = ("screen", "camera")


class Video:
    """Carries out offers and sharing, and tells the sound process and the browsers who sees what."""

    def __init__(self, office: Office, sound: Sound, settings: VideoSettings | None = None) -> None:
        """`sound` owns the connections."""
        self._office, self._sound = office, sound
        video = settings or VideoSettings()
        self._seeing = Seeing(office.plan, office.audience, SeeingSettings(video=video))
        self._lines: dict[ParticipantId, VideoLines] = {}
        """Of those who have a video connection."""
        self._shown: dict[ParticipantId, dict[str, Sight]] = {}
        """What the lines of each viewer show, as the sound process knows it."""
        self._told: dict[ParticipantId, list[m.Record] | None] = {}
        """The same as each browser knows it; None where it has to be told whatever it is."""
        self._due = 0.0
        self._epoch = sound.state.epoch

    def handlers(self) -> Mapping[type[m.Message], Handler]:
        """What this flow answers."""
        return {m.VideoOffer: self._offer, m.VideoClose: self._close, m.Share: self._share}

    # What people ask for

    async def _offer(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.VideoOffer)
        pid = session.participant_id
        here(self._office, session)
        try:
            lines = VideoLines.read(message.sdp)
            answer = await self._sound.connect_video(pid, message.sdp)
        except SoundRestarting:
            raise Refusal("video_restarting", "Pictures come back by themselves, mostly within seconds.") from None
        except MediaError as error:
            logger.warning("video offer failed", extra={"session": pid, "error": str(error)})
            text = "The connection for pictures could not be set up. It is tried again by itself."
            raise Refusal("video_offer", text) from error
        self._lines[pid] = lines
        # Another connection has other lines: nothing of what was said of the last one holds.
        self._shown.pop(pid, None)
        self._told[pid] = None
        session.send(encode(m.VideoAnswer(sdp=answer, generation=message.generation)))
        self._due = 0.0

    async def _close(self, session: Session, message: m.Message) -> None:
        await self.gone(session.participant_id)

    async def _share(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.Share)
        person = here(self._office, session)
        if self._sound.state.path == "stock" and (message.screen or message.camera):
            raise Refusal(
                "no_video",
                "This office carries no pictures: it runs on the stock media path."
                " Whoever runs it can start it with --media-path direct.",
            )
        if message.screen and not person.screen:
            others = [one.name for one in self._office.people() if one.screen and one.present]
            if len(others) >= MOST_SCREENS:
                names = f"{', '.join(others[:-1])} and {others[-1]}"
                raise Refusal(
                    "screens_full",
                    f"{names} share their screens already; this office carries no more at once."
                    " Share yours when one of them has stopped.",
                )
        self._office.apply(SetSharing(id=person.id, screen=message.screen, camera=message.camera))
        self._due = 0.0

    # What happens

    def joined(self, participant_id: ParticipantId) -> None:
        """Somebody came in or came back: what their browser knows may be of another time."""
        self._told[participant_id] = None
        self._due = 0.0

    async def gone(self, participant_id: ParticipantId) -> None:
        """Somebody has left or hung up."""
        self._lines.pop(participant_id, None)
        self._shown.pop(participant_id, None)
        self._told.pop(participant_id, None)
        self._due = 0.0
        await self._sound.disconnect_video(participant_id)

    def changed(self, state: SoundState) -> None:
        """The sound has started again, or is down: no connection is left."""
        if state.up and state.epoch == self._epoch:
            return
        self._epoch = state.epoch
        self._lines.clear()
        self._shown.clear()
        self._due = 0.0

    def step(self, now: float) -> bool:
        """Decide who sees what, if it is time; `now` is the office's monotonic time in seconds."""
        if now >= self._due:
            self._due = now + LOOK_SECONDS
            self._look()
        return False

    def _look(self) -> None:
        people = [person for person in self._office.people() if person.present]
        sights = self._seeing.step(people)
        for absent in self._shown.keys() - {person.id for person in people}:
            self._shown.pop(absent)
            self._sound.set_views(absent, [])
        for person in people:
            seen = sights.get(person.id, ())
            lines = self._lines.get(person.id)
            shown = self._shown.get(person.id)
            if lines is not None:
                now_shown = placed(seen, lines, shown or {})
                if now_shown != shown:
                    self._shown[person.id] = now_shown
                    self._sound.set_views(person.id, [_view(mid, sight) for mid, sight in now_shown.items()])
                records = [self._record(mid, sight) for mid, sight in now_shown.items()]
                own = [kind for kind in KINDS if getattr(person, kind)]
                records += [self._own(lines.sends[kind], Sight(person.id, kind), sights) for kind in own]
            else:
                # No line yet: so the browser knows that a connection is worth while.
                records = [self._record("", sight) for sight in seen]
            if records != self._told.get(person.id, []):
                self._told[person.id] = records
                self._office.send(person.id, m.VideoSlots(slots=records))

    def _record(self, mid: str, sight: Sight) -> m.Record:
        owner = self._office.room.participants[sight.owner]
        return {"mid": mid, "slot": owner.slot, "kind": sight.kind}

    def _own(self, mid: str, sight: Sight, sights: Sights) -> m.Record:
        return self._record(mid, sight) | {"seen_by": watched(sights, sight)}


def _view(mid: str, sight: Sight) -> View:
    return View(mid=mid, owner=sight.owner, kind=sight.kind)
