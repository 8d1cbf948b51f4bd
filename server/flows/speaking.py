"""A colleague speaks: waits for its turn, sounds in the room, stands in captions and minutes."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable

import numpy as np

from avatars.errors import AvatarError
from avatars.speech import SpeechQueue, StartSpeaking, StopSpeaking, Voice
from media.utterance import Utterance, UtteranceId
from server.background import Background
from server.flows.meetings import Meetings
from server.flows.minutes import keep
from server.office import AUDIBLE, Office
from server.protocol import messages as m
from server.records import Records
from server.sound_port import Sound
from spatial.commands import SetState
from spatial.participant import ParticipantId

logger = logging.getLogger(__name__)


class Speaking:
    """One avatar's voice in the room."""

    def __init__(
        self,
        office: Office,
        records: Records,
        meetings: Meetings,
        sound: Sound,
        *,
        participant_id: ParticipantId,
        voice: Voice,
        humans_speaking: Callable[[], set[ParticipantId]],
    ) -> None:
        """`humans_speaking` says who speaks now: humans always go first."""
        self._office, self._records, self._meetings, self._sound = office, records, meetings, sound
        self._id, self._voice, self._humans_speaking = participant_id, voice, humans_speaking
        self._queue = SpeechQueue()
        self._until: float | None = None
        self._jobs = Background("speaking")

    def say(self, text: str) -> None:
        """Speak this when the floor is free."""
        self._queue.say(text, self._office.monotonic())

    def step(self, now: float) -> bool:
        """Start, stop or go on; returns whether there is something to say."""
        floor_busy = any(self._office.loudness(self._id, pid) >= AUDIBLE for pid in self._humans_speaking())
        match self._queue.step(now, floor_busy):
            case StartSpeaking(text=text):
                self._jobs.start(self._say(text))
            case StopSpeaking(fade=fade):
                self._sound.stop(self._id, fade)
                self._until = now
        if self._until is not None and now >= self._until:
            self._until = None
            self._queue.finished(now)
            self._office.apply(SetState(id=self._id, state=""))
            self._office.broadcast(m.Speech(slot=self._slot, seconds=0.0, text=""))
        return self._queue.speaking or self._queue.waiting > 0

    async def _say(self, text: str) -> None:
        try:
            speech = await asyncio.to_thread(self._voice.synthesize, text)
            samples, seconds = speech.samples, speech.seconds
        except AvatarError as error:
            # Without a voice the words are still shown: nobody misses what was noted.
            logger.error("voice failed", extra={"colleague": self._id, "error": str(error)})
            samples, seconds = np.zeros(0, dtype=np.float32), 0.0
        if not self._queue.speaking:
            return  # interrupted before the first sound
        self._until = self._office.monotonic() + max(seconds, 0.05)
        if len(samples):
            self._sound.play(self._id, samples)
        await self._show(text, seconds)

    async def _show(self, text: str, seconds: float) -> None:
        office = self._office
        body = office.room.participants[self._id]
        audience, at = office.audience(self._id), office.wall()
        caption = m.Caption(
            id=uuid.uuid4().hex,
            slot=body.slot,
            name=body.name,
            text=text,
            final=True,
            at=at.timestamp(),
            kind="avatar",
        )
        office.apply(SetState(id=self._id, state="speaking"))
        office.captions.append((audience, caption))
        office.broadcast(caption, only=audience)
        office.broadcast(m.Speech(slot=body.slot, seconds=seconds, text=text), only=audience)
        meeting = self._meetings.in_zone(body.zone)
        if meeting is None:
            return
        utterance = Utterance(
            id=UtteranceId(caption.id),
            speaker=self._id,
            speaker_name=body.name,
            room=office.room.id,
            zone=body.zone,
            text=text,
            words=(),
            started_at=at,
            seconds=seconds,
            engine="known",
        )
        await keep(self._records, meeting.id, utterance)

    @property
    def _slot(self) -> int:
        return self._office.room.participants[self._id].slot
