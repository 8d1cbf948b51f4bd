"""Sound becomes words: each person by their own track, as captions while they speak, at last as an utterance."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any

from media.schedule import Urgency
from media.streaming import WordCommitter
from media.transcriber import Samples, Word, text_of
from media.utterance import Utterance, UtteranceId
from media.vad import SpeechDetector
from server.background import Background
from server.flows.captions import Captions
from server.flows.ear import Began, Ear, Spoken
from server.flows.heard import Heard, OpenUtterance, Place
from server.flows.meetings import Meetings
from server.flows.unsettled import Unsettled
from server.office import Office
from server.protocol import messages as m
from server.session import Handler, Refusal, Session
from server.speech_port import Recognised, Segment, Speech, SpeechFailed
from server.spool import Kept, Spool, SpoolError
from spatial.participant import ParticipantId

logger = logging.getLogger(__name__)

IN_HAND = 64
"""So many complete utterances wait with their sound in memory; that of the rest lies in the spool alone."""

Keep = Callable[[str, str, Samples, datetime], Awaitable[None]]
"""Meeting, utterance, its sound and when it began: keeps the sound where the room is recorded."""


OnHeard = Callable[[Heard], Awaitable[None]]


class Listening:
    """Listens to everyone who agreed, where it is not off the record."""

    def __init__(
        self,
        office: Office,
        speech: Speech,
        spool: Spool,
        meetings: Meetings,
        *,
        detector: Callable[[], SpeechDetector],
        off_record: Callable[[str], bool],
        keep_sound: Keep,
        on_heard: OnHeard,
        glossary: Callable[[], list[str]],
        language: str = "",
    ) -> None:
        """Prepare.

        Args:
            office: who is here.
            speech: turns sound into words.
            spool: holds complete utterances until their words are kept.
            meetings: which is where.
            detector: makes one speech detector per person.
            off_record: whether nobody may be recognised in a zone.
            keep_sound: takes the sound of what was recognised; it decides whether to keep it.
            on_heard: takes each utterance that is settled.
            glossary: the office's own words.
            language: what is spoken, ISO 639-1; empty: what the recogniser hears.
        """
        self._office, self._speech, self._spool, self._meetings = office, speech, spool, meetings
        self._detector, self._off_record, self._keep_sound = detector, off_record, keep_sound
        self._on_heard, self._glossary, self._language = on_heard, glossary, language
        self._ears: dict[ParticipantId, Ear] = {}
        self._open: dict[tuple[ParticipantId, int], OpenUtterance] = {}
        self._languages: dict[ParticipantId, str] = {}
        self._refused: set[str] = set()
        """Utterances in work whose speaker has refused since."""
        self._in_work: dict[str, str] = {}
        """Complete utterances in work, and who said them."""
        self._room = asyncio.Semaphore(IN_HAND)
        self._jobs = Background("utterances")
        self._unsettled = Unsettled()
        self._closing = False
        self.captions = Captions(office)
        """How long words take, it knows."""
        self._unrecognised = 0
        self._unspooled = 0

    def handlers(self) -> Mapping[type[m.Message], Handler]:
        """What this flow answers."""
        return {m.SetLanguage: self._set_language}

    # --- sound comes in ---------------------------------------------------------------------------

    def hear(self, source: str, frame: Samples) -> None:
        """One 20 ms frame of somebody who agreed to be recognised; called by the sound."""
        pid = ParticipantId(source)
        if pid not in self._ears:
            self._ears[pid] = Ear(detector=self._detector())
        self._take(pid, self._ears[pid].feed(frame, self._office.wall()))

    def stop(self, participant_id: ParticipantId) -> None:
        """Muted, or the sound was lost: finish what was said until now."""
        ear = self._ears.get(participant_id)
        if ear is not None:
            self._take(participant_id, ear.flush(self._office.wall()))

    def leave(self, participant_id: ParticipantId) -> None:
        """Gone: what was said until now counts, and nothing is expected any more."""
        self.stop(participant_id)
        self._ears.pop(participant_id, None)

    def forget(self, participant_id: ParticipantId) -> None:
        """Refused: what has not become words yet is forgotten unheard."""
        self._ears.pop(participant_id, None)
        for key in [key for key in self._open if key[0] == participant_id]:
            utterance = self._open.pop(key)
            utterance.over = True
            self._speech.end(utterance.id)
            self.captions.take_back(utterance)
            self._unsettled.end(utterance.id)
        self._refused |= {id for id, speaker in self._in_work.items() if speaker == participant_id}
        self._speech.forget(participant_id)
        self._spool.forget(participant_id)

    def went_off_record(self, participant_ids: frozenset[ParticipantId]) -> None:
        """A zone is off the record from now on: what these said until now counts, the rest is not heard."""
        for participant_id in participant_ids:
            self.stop(participant_id)

    def words_changed(self) -> None:
        """Somebody came, or the glossary changed: tell the recogniser how people, rooms and things are called."""
        names = sorted({p.name for p in self._office.room.participants.values()})
        rooms = [zone.name for zone in self._office.plan.zones]
        self._speech.set_vocabulary([*names, *rooms, *self._glossary()])

    def recover(self) -> int:
        """Take up what an office that ended suddenly had not finished; give how many utterances."""
        ids = self._spool.ids()
        for id in ids:
            self._unsettled.begin(id, None)
            self._jobs.start(self._until_settled(id, self._finish_kept(id)))
        return len(ids)

    @property
    def failed(self) -> int:
        """Utterances that were lost: no recogniser could work on them, or a fault came between."""
        return self._unrecognised + self._jobs.faults

    @property
    def unspooled(self) -> int:
        """Utterances that could not be put aside; a crash would have lost them."""
        return self._unspooled

    def speaking(self) -> set[ParticipantId]:
        """Who is speaking now."""
        return {pid for pid, ear in self._ears.items() if ear.speaking}

    async def settle(self) -> None:
        """Wait until everything that was said has been worked on."""
        await self._jobs.settled()

    async def settled(self, meeting: str) -> None:
        """Wait until the words of all that was said in a meeting are kept."""
        await self._unsettled.settled(meeting)

    async def close(self) -> None:
        """Stop; what is not finished stays in the spool for the next time."""
        self._closing = True
        await self._jobs.cancel()

    def _take(self, pid: ParticipantId, heard: list[Began | Spoken]) -> None:
        for event in heard:
            if isinstance(event, Began):
                self._begin(pid, event.number)
                continue
            utterance = self._open.get((pid, event.number))
            if utterance is None:
                continue
            utterance.started_at = event.started_at
            match event.urgency:
                case Urgency.FINAL:
                    del self._open[(pid, event.number)]
                    utterance.over = True
                    self._complete(utterance, event)
                case Urgency.LIKELY:
                    self._jobs.start(self._guess(utterance, event))
                case Urgency.PARTIAL:
                    if event.seconds - utterance.asked_seconds >= self._speech.cadence():
                        utterance.asked_seconds = event.seconds
                        self._jobs.start(self._guess(utterance, event))

    def _begin(self, pid: ParticipantId, number: int) -> None:
        participant = self._office.participant(pid)
        if participant is None or self._off_record(participant.zone):
            return
        able = self._speech.capabilities
        meeting = self._meetings.in_zone(participant.zone)
        id = uuid.uuid4().hex
        if meeting is not None:
            self._unsettled.begin(id, meeting.id)
        self._open[(pid, number)] = OpenUtterance(
            id=id,
            speaker=participant,
            place=Place(
                zone=participant.zone,
                meeting=meeting.id if meeting else "",
                audience=self._office.audience(pid),
                faced=self._office.faced(participant) or "",
            ),
            language=self._languages.get(pid, self._language),
            words=WordCommitter(agreement=able.agreement, hold_seconds=able.hold_seconds),
            started_at=self._office.wall(),
        )

    # --- words come out ---------------------------------------------------------------------------

    async def _guess(self, utterance: OpenUtterance, spoken: Spoken) -> None:
        """A caption while the person speaks, or at a pause."""
        recognised = await self._speech.recognise(self._segment(utterance, spoken.samples, spoken.urgency))
        if recognised is None or utterance.over or utterance.id in self._refused:
            return
        if spoken.urgency is Urgency.LIKELY:
            utterance.ahead = (len(spoken.samples), recognised)
        utterance.words.feed(recognised.hypothesis.words, spoken.seconds)
        self.captions.show(utterance, final=False)

    def _complete(self, utterance: OpenUtterance, spoken: Spoken) -> None:
        """It has ended: put it aside first, so that it is not lost whatever happens now."""
        kept = Kept(
            id=utterance.id,
            speaker=utterance.speaker.id,
            speaker_name=utterance.speaker.name,
            room=self._office.room.id,
            zone=utterance.place.zone,
            meeting=utterance.place.meeting,
            audience=frozenset(utterance.place.audience),
            language=utterance.language,
            started_at=utterance.started_at,
            seconds=spoken.seconds,
            samples=spoken.samples,
        )
        try:
            self._spool.put(kept)
        except SpoolError as error:
            self._unspooled += 1
            logger.error("an utterance is not put aside", extra={"utterance": kept.id, "error": str(error)})
            self._jobs.start(self._until_settled(kept.id, self._finish(utterance, kept)))
        else:
            sound = None if self._room.locked() else kept
            self._jobs.start(self._until_settled(kept.id, self._finish(utterance, sound)))
        self._in_work[kept.id] = kept.speaker

    async def _until_settled(self, id: str, work: Coroutine[Any, Any, None]) -> None:
        """Work on an utterance; what is given up because the office closes is not settled."""
        try:
            await work
        finally:
            if not self._closing:
                self._unsettled.end(id)

    async def _finish(self, utterance: OpenUtterance, kept: Kept | None) -> None:
        """The last caption, and what follows from the words; the sound may lie in the spool alone."""
        ended = self._office.monotonic()
        async with self._room:
            kept = kept or self._spool.read(utterance.id)
            recognised = None if kept is None else await self._last_words(utterance, kept.samples)
        if kept is None or recognised is None or kept.id in self._refused:
            self._unrecognised += kept is None
            self.captions.take_back(utterance)
            self._done(utterance.id)
            return
        self.captions.note_delay(self._office.monotonic() - ended)
        utterance.words.finish(recognised.hypothesis.words)
        self.captions.show(utterance, final=True)
        await self._hand_on(kept, utterance.words.settled, recognised, utterance.place)

    async def _last_words(self, utterance: OpenUtterance, samples: Samples) -> Recognised | None:
        if utterance.ahead is not None and utterance.ahead[0] == len(samples):
            return utterance.ahead[1]
        return await self._recognise(utterance.id, self._segment(utterance, samples, Urgency.FINAL))

    async def _finish_kept(self, id: str) -> None:
        """One that lay in the spool when the office opened."""
        async with self._room:
            kept = self._spool.read(id)
            if kept is None:
                return
            self._in_work[id] = kept.speaker
            self._unsettled.begin(id, kept.meeting)
            segment = Segment(
                stream=id, speaker=kept.speaker, room=kept.zone, samples=kept.samples, urgency=Urgency.FINAL,
                language=kept.language,
            )  # fmt: skip
            recognised = await self._recognise(id, segment)
        if recognised is None or id in self._refused:
            self._done(id)
            return
        place = Place(
            zone=kept.zone,
            meeting=kept.meeting,
            audience=frozenset(ParticipantId(one) for one in kept.audience),
        )
        await self._hand_on(kept, recognised.hypothesis.words, recognised, place)

    async def _hand_on(self, kept: Kept, words: tuple[Word, ...], recognised: Recognised, place: Place) -> None:
        """What was said is known; the sound is not needed any more once that is kept."""
        if words:
            utterance = Utterance(
                id=UtteranceId(kept.id),
                speaker=kept.speaker,
                speaker_name=kept.speaker_name,
                room=kept.room,
                zone=kept.zone,
                text=text_of(words),
                words=words,
                started_at=kept.started_at,
                seconds=kept.seconds,
                engine=recognised.engine,
                language=recognised.hypothesis.language or kept.language,
            )
            if kept.meeting:
                await self._keep_sound(kept.meeting, kept.id, kept.samples, kept.started_at)
            await self._on_heard(Heard(utterance=utterance, place=place))
        self._done(kept.id)

    async def _recognise(self, id: str, segment: Segment) -> Recognised | None:
        try:
            return await self._speech.recognise(segment)
        except SpeechFailed as error:
            self._unrecognised += 1
            logger.error("an utterance is lost", extra={"utterance": id, "error": str(error)})
            return None

    def _done(self, id: str) -> None:
        self._speech.end(id)
        self._in_work.pop(id, None)
        self._refused.discard(id)
        try:
            self._spool.remove(id)
        except SpoolError as error:
            logger.error("speech is still put aside", extra={"utterance": id, "error": str(error)})

    def _segment(self, utterance: OpenUtterance, samples: Samples, urgency: Urgency) -> Segment:
        return Segment(
            stream=utterance.id,
            speaker=utterance.speaker.id,
            room=utterance.place.zone,
            samples=samples,
            urgency=urgency,
            language=utterance.language,
        )

    # --- what people ask --------------------------------------------------------------------------

    async def _set_language(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.SetLanguage)
        known = self._speech.capabilities.languages
        if message.language and known and message.language not in known:
            raise Refusal("language", f"The recogniser at work knows {', '.join(known)}. Choose one of these.")
        if message.language:
            self._languages[session.participant_id] = message.language
        else:
            self._languages.pop(session.participant_id, None)
