"""The live office: its room, its sessions, what was said last. Look-ups and sending; no decisions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from server.protocol.codec import encode
from server.protocol.messages import Caption, ChatMessage, Message
from spatial.commands import Command
from spatial.events import Event
from spatial.gaze import faced
from spatial.geometry import middle
from spatial.participant import Kind, Look, Participant, ParticipantId
from spatial.plan import Plan
from spatial.room import Room
from spatial.soundscape import Hearing

if TYPE_CHECKING:
    from server.session import Session

CHAT_KEPT, CAPTIONS_KEPT = 50, 20
AUDIBLE = 0.02
"""Loudness (gain) from which somebody counts as heard: about -34 dB."""


class Office:
    """One office with its room.

    Args:
        name: what stands at the entrance.
        room: the live room.
        plan: its floor plan.
        timezone: the office's.
        monotonic: seconds for timing.
        wall: the time of day, aware UTC.
    """

    def __init__(
        self,
        *,
        name: str,
        room: Room,
        plan: Plan,
        timezone: ZoneInfo,
        monotonic: Callable[[], float],
        wall: Callable[[], datetime],
    ) -> None:
        self.name, self.room, self.plan, self.timezone = name, room, plan, timezone
        self.monotonic, self.wall = monotonic, wall
        self.sessions: dict[ParticipantId, Session] = {}
        self.chat: deque[ChatMessage] = deque(maxlen=CHAT_KEPT)
        self.captions: deque[tuple[frozenset[ParticipantId], Caption]] = deque(maxlen=CAPTIONS_KEPT)
        self.hearing: Hearing | None = None
        """Who heard whom at the last tick."""
        self.volumes: dict[ParticipantId, dict[ParticipantId, float]] = {}
        """How loud somebody (first key) wants to hear somebody (second); 1 where nothing stands."""
        self.wake: Callable[[], None] = lambda: None
        """Called when the room may have something to do after idling."""

    def apply(self, command: Command) -> list[Event]:
        """Give the room a command now."""
        events = self.room.apply(command, self.monotonic())
        self.wake()
        return events

    def participant(self, participant_id: ParticipantId) -> Participant | None:
        """The person or colleague of that id, if here."""
        return self.room.participants.get(participant_id)

    def people(self) -> list[Participant]:
        """Humans who are here."""
        return [p for p in self.room.participants.values() if p.kind is Kind.HUMAN]

    def middle(self, zone_id: str) -> tuple[float, float]:
        """The middle of a zone, metres; within it whatever its shape."""
        return middle(self.plan.zone(zone_id).polygon)

    def send(self, participant_id: ParticipantId, message: Message) -> None:
        """To one person, if connected."""
        session = self.sessions.get(participant_id)
        if session is not None:
            session.send(encode(message))

    def set_volume(self, listener: ParticipantId, source: ParticipantId, gain: float) -> None:
        """How loud the listener hears the source from now on, 0 to 2; 1 is as they are."""
        own = self.volumes.setdefault(listener, {})
        if gain == 1:
            own.pop(source, None)
        else:
            own[source] = gain

    def correct(self, caption_id: str, text: str, by: str) -> None:
        """A caption was corrected: who comes later gets it so, and is told who did it."""
        for at, (heard_by, caption) in enumerate(self.captions):
            if caption.id == caption_id:
                heard = caption.heard or caption.text
                now = replace(caption, text=text, settled=len(text), corrected_by=by, heard=heard)
                self.captions[at] = (heard_by, now)

    def forget(self, name: str) -> None:
        """Nobody who comes later reads what somebody of this name wrote and said."""
        self.chat = deque((one for one in self.chat if one.from_name != name), maxlen=CHAT_KEPT)
        kept = ((heard_by, one) for heard_by, one in self.captions if one.name != name)
        self.captions = deque(kept, maxlen=CAPTIONS_KEPT)

    def broadcast(self, message: Message, only: Iterable[ParticipantId] | None = None) -> None:
        """To all sessions, or to those of `only`."""
        frame = encode(message)
        wanted = None if only is None else set(only)
        for participant_id, session in self.sessions.items():
            if wanted is None or participant_id in wanted:
                session.send(frame)

    def loudness(self, listener: ParticipantId, source: ParticipantId) -> float:
        """How loud the source was at the listener's place at the last tick, 0..1; 0 before the first.

        Whether the listener is deaf or has turned somebody down makes no difference: it is about what may be
        known of the words, in captions too.
        """
        if self.hearing is None:
            return 0.0
        row, column = self.hearing.row.get(listener), self.hearing.row.get(source)
        return 0.0 if row is None or column is None else float(self.hearing.loudness[row, column])

    def hears(self, listener: ParticipantId, source: ParticipantId) -> bool:
        """Whether the source was loud enough at the listener's place at the last tick."""
        return self.loudness(listener, source) >= AUDIBLE

    def audience(self, source: ParticipantId) -> frozenset[ParticipantId]:
        """Who hears the source, itself included: captions go no further than the sound."""
        if self.hearing is None or source not in self.hearing.row:
            return frozenset({source})
        heard = np.flatnonzero(self.hearing.loudness[:, self.hearing.row[source]] >= AUDIBLE)
        return frozenset({source, *(self.hearing.ids[i] for i in heard)})

    def faced(self, speaker: Participant) -> ParticipantId | None:
        """The one person of those who hear somebody whom they look at."""
        heard_by = self.audience(speaker.id) - {speaker.id}
        people = (p for p in self.people() if p.kind is Kind.HUMAN and p.id in heard_by)
        return faced(speaker.pose, {p.id: p.pose for p in people})


def look_of(parts: Sequence[int]) -> Look:
    """Five palette indices as a look."""
    skin, hair, hair_style, outfit, accent = parts
    return Look(skin=skin, hair=hair, hair_style=hair_style, outfit=outfit, accent=accent)
