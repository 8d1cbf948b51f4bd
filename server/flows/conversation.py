"""Sound becomes words, words become captions and minutes, and reach the colleagues who hear them."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime, timedelta

from avatars.intent import Intent, IntentKind
from avatars.recognizer import Context, Present, PresentKind
from media.errors import MediaError
from media.transcriber import Samples, Word, text_of
from media.utterance import Utterance, UtteranceId
from media.vad import SpeechDetector
from server import model_process
from server.background import Background
from server.flows.colleagues import Colleagues
from server.flows.ear import Ear, Spoken
from server.flows.meetings import Meetings
from server.flows.minutes import keep
from server.flows.tasks import Tasks
from server.office import Office
from server.protocol import messages as m
from server.records import NoteKind, Records
from server.workers import Workers, WorkersBusy
from spatial.participant import Kind, Participant, ParticipantId
from workflows.task import TaskState

logger = logging.getLogger(__name__)

RECENT = 12
"""Utterances kept in mind, per zone, for context."""
RECENT_SECONDS = 300.0
PARTIAL_SECONDS = 0.8
"""Shorter speech is not worth an early caption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and to whom something was said, fixed when it began."""

    caption_id: str
    zone: str
    audience: frozenset[ParticipantId]


class Conversation:
    """Listens to everyone who agreed, each by their own track."""

    def __init__(
        self,
        office: Office,
        records: Records,
        workers: Workers,
        meetings: Meetings,
        tasks: Tasks,
        colleagues: Colleagues,
        *,
        detector: Callable[[], SpeechDetector],
        engine_name: Callable[[], str],
    ) -> None:
        """`detector` makes one speech detector per person."""
        self._office, self._records, self._workers = office, records, workers
        self._meetings, self._tasks, self._colleagues = meetings, tasks, colleagues
        self._detector, self._engine_name = detector, engine_name
        self._ears: dict[ParticipantId, Ear] = {}
        self._places: dict[tuple[ParticipantId, int], Place] = {}
        self._partial: set[ParticipantId] = set()
        self._recent: dict[str, list[Utterance]] = {}
        self._order = asyncio.Lock()
        self._jobs = Background("utterances")
        self._unrecognised = 0

    # --- sound comes in ---------------------------------------------------------------------------

    def hear(self, source: str, frame: Samples) -> None:
        """One 20 ms frame of somebody who agreed to be recognised; called by the sound engine."""
        pid = ParticipantId(source)
        if pid not in self._ears:
            self._ears[pid] = Ear(detector=self._detector())
        self._take(pid, self._ears[pid].feed(frame, self._office.wall()))

    def stop(self, participant_id: ParticipantId) -> None:
        """Muted, refused or gone: finish what was said until now."""
        ear = self._ears.get(participant_id)
        if ear is not None:
            self._take(participant_id, ear.flush(self._office.wall()))

    def forget(self, participant_id: ParticipantId) -> None:
        """Refused or gone for good: what is still open is forgotten unheard."""
        self._ears.pop(participant_id, None)
        for key in [key for key in self._places if key[0] == participant_id]:
            del self._places[key]

    @property
    def failed(self) -> int:
        """Utterances that were lost: no recogniser could work on them, or a fault came between."""
        return self._unrecognised + self._jobs.faults

    def speaking(self) -> set[ParticipantId]:
        """Who is speaking now."""
        return {pid for pid, ear in self._ears.items() if ear.speaking}

    async def settle(self) -> None:
        """Wait until everything that was said has been worked on."""
        await self._jobs.settled()

    def _take(self, pid: ParticipantId, stretches: list[Spoken]) -> None:
        ear = self._ears[pid]
        if ear.began:
            ear.began = False
            self._begin(pid, ear.number)
        for spoken in stretches:
            place = self._places.get((pid, spoken.number))
            if place is None:
                continue
            if spoken.complete:
                del self._places[(pid, spoken.number)]
                self._jobs.start(self._finish(pid, spoken, place))
            elif spoken.seconds >= PARTIAL_SECONDS and pid not in self._partial and not self._workers.busy:
                self._partial.add(pid)
                self._jobs.start(self._guess(pid, spoken, place))

    def _begin(self, pid: ParticipantId, number: int) -> None:
        participant = self._office.participant(pid)
        if participant is not None:
            self._places[(pid, number)] = Place(
                caption_id=uuid.uuid4().hex, zone=participant.zone, audience=self._office.audience(pid)
            )

    # --- words come out ---------------------------------------------------------------------------

    async def _guess(self, pid: ParticipantId, spoken: Spoken, place: Place) -> None:
        """An early caption that may still change."""
        try:
            words = await self._recognise(spoken)
        finally:
            self._partial.discard(pid)
        participant = self._office.participant(pid)
        still_open = (pid, spoken.number) in self._places
        if words and participant is not None and still_open:
            self._caption(participant, place, text_of(words), spoken.started_at, final=False)

    async def _finish(self, pid: ParticipantId, spoken: Spoken, place: Place) -> None:
        """A complete utterance: caption, minutes, understanding."""
        words = await self._recognise(spoken)
        participant = self._office.participant(pid)
        if participant is None or not participant.transcribed:
            return
        text = text_of(words)
        self._caption(participant, place, text, spoken.started_at, final=True)
        if not words:
            return
        utterance = Utterance(
            id=UtteranceId(place.caption_id),
            speaker=pid,
            speaker_name=participant.name,
            room=self._office.room.id,
            zone=place.zone,
            text=text,
            words=tuple(words),
            started_at=spoken.started_at,
            seconds=spoken.seconds,
            engine=self._engine_name(),
        )
        async with self._order:  # one after the other: "I do" answers what was said before it
            await self._understand(utterance, participant, place)

    async def _recognise(self, spoken: Spoken) -> list[Word]:
        names = sorted({p.name for p in self._office.room.participants.values()})
        try:
            return await self._workers.run(model_process.transcribe, spoken.samples, names)
        except (MediaError, BrokenProcessPool, WorkersBusy) as error:
            if spoken.complete:
                self._unrecognised += 1
            logger.warning("recognition failed", extra={"seconds": spoken.seconds, "error": type(error).__name__})
            return []

    def _caption(self, speaker: Participant, place: Place, text: str, at: datetime, *, final: bool) -> None:
        caption = m.Caption(
            id=place.caption_id,
            slot=speaker.slot,
            name=speaker.name,
            text=text,
            final=final,
            at=at.timestamp(),
            kind="human",
        )
        if final and text:
            self._office.captions.append((place.audience, caption))
        self._office.broadcast(caption, only=place.audience)

    # --- what was meant ---------------------------------------------------------------------------

    async def _understand(self, utterance: Utterance, speaker: Participant, place: Place) -> None:
        meeting = self._meetings.in_zone(place.zone)
        if meeting is not None:
            await keep(self._records, meeting.id, utterance)
        context = await self._context(utterance, place, meeting.id if meeting else None)
        intents = await self._workers.run(model_process.understand, utterance, context)
        self._remember(utterance)
        if meeting is not None:
            for intent in intents:
                if intent.kind is IntentKind.QUESTION and not intent.addressed:
                    await self._question(meeting.id, utterance, intent, place)
        await self._colleagues.hear(utterance, intents, context, place.audience)

    async def _question(self, meeting_id: str, utterance: Utterance, intent: Intent, place: Place) -> None:
        text = intent.what or intent.text
        await self._records.add_note(
            NoteKind.QUESTION,
            meeting_id,
            text=text,
            utterance_id=utterance.id,
            confidence=intent.confidence,
            now=self._office.wall(),
        )
        item = m.Item(utterance=utterance.id, kind="question", text=text, confidence=intent.confidence)
        self._office.broadcast(item, only=place.audience)

    async def _context(self, utterance: Utterance, place: Place, meeting_id: str | None) -> Context:
        here = [
            p for p in self._office.room.participants.values() if p.id in place.audience or p.zone == place.zone
        ]
        near = {p.id for p in here}
        others = [p for p in self._office.people() if p.id not in near]
        present = tuple(
            Present(id=p.id, name=p.name, kind=PresentKind(Kind(p.kind).value)) for p in (*here, *others)
        )
        oldest = self._office.wall() - timedelta(seconds=RECENT_SECONDS)
        recent = tuple(u for u in self._recent.get(place.zone, []) if u.started_at > oldest)
        return Context(
            present=present,
            now=utterance.started_at,
            timezone=str(self._office.timezone),
            in_meeting=meeting_id is not None,
            recent=recent,
            meeting_id=meeting_id,
            open_tasks=await self._open_tasks(),
        )

    async def _open_tasks(self) -> tuple[str, ...]:
        tasks = await self._tasks.in_states(TaskState.OPEN, TaskState.ACCEPTED, TaskState.OVERDUE)
        return tuple(f"{t.owner_name or 'nobody yet'}: {t.text}" for t in tasks)

    def _remember(self, utterance: Utterance) -> None:
        recent = self._recent.setdefault(utterance.zone, [])
        recent.append(utterance)
        del recent[:-RECENT]
