"""What was said is kept, understood, and reaches the colleagues who hear it."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime, timedelta

from avatars.intent import Intent, IntentKind
from avatars.recognizer import Area, Context, OpenTask, Present, PresentKind, Recognizer
from avatars.understood import Understood
from media.utterance import Utterance
from server import model_process
from server.flows.colleagues import Colleagues
from server.flows.heard import Heard, Place
from server.flows.minutes import keep
from server.flows.tasks import Tasks
from server.office import Office
from server.protocol import messages as m
from server.records import NoteKind, Records
from server.roles import Permission, Role, may
from server.workers import Workers, WorkersBusy
from spatial.participant import Kind, ParticipantId
from workflows.task import TaskState

logger = logging.getLogger(__name__)

BY_RULES = "Tasks are told by simple rules for now: the models do not answer. Look at what is proposed."
RECENT = 12
"""Utterances kept in mind, per zone, for context."""
RECENT_SECONDS = 300.0
UNDONE = (TaskState.PROPOSED, TaskState.OPEN, TaskState.ACCEPTED, TaskState.OVERDUE)


class Conversation:
    """Takes what was said, in the order in which it became known."""

    def __init__(
        self,
        office: Office,
        records: Records,
        workers: Workers,
        tasks: Tasks,
        colleagues: Colleagues,
        stand_in: Recognizer,
    ) -> None:
        """`workers` understand; while they cannot, `stand_in` does, which needs no model."""
        self._stand_in = stand_in
        self.by_rules_since: datetime | None = None
        """Since when the stand-in understands; None: the models do."""
        self._office, self._records, self._workers = office, records, workers
        self._tasks, self._colleagues = tasks, colleagues
        self._recent: dict[str, list[Utterance]] = {}
        self._order = asyncio.Lock()

    async def take(self, heard: Heard) -> None:
        """Somebody has said something: minutes, understanding, and whoever heard it."""
        async with self._order:  # one after the other: "I do" answers what was said before it
            await self._understand(heard.utterance, heard.place)

    # --- what was meant ---------------------------------------------------------------------------

    async def _understand(self, utterance: Utterance, place: Place) -> None:
        if place.meeting:
            await keep(self._records, place.meeting, utterance)
        context = await self._context(utterance, place)
        understood = await self._meant(utterance, context, place)
        self._remember(utterance)
        if place.meeting:
            for intent in understood.intents:
                if intent.kind is IntentKind.QUESTION and not intent.addressed:
                    await self._question(place.meeting, utterance, intent, place)
        await self._colleagues.hear(utterance, understood, context, place.audience)

    async def _meant(self, utterance: Utterance, context: Context, place: Place) -> Understood:
        try:
            understood = await self._workers.run(model_process.understand, utterance, context)
        except (WorkersBusy, BrokenProcessPool) as error:
            logger.error("understood by rules alone", extra={"utterance": utterance.id, "error": str(error)})
            if self.by_rules_since is None:
                self.by_rules_since = self._office.wall()
                self._office.broadcast(m.Notice(level="warning", text=BY_RULES), only=place.audience)
            return Understood(intents=tuple(await asyncio.to_thread(self._stand_in.recognize, utterance, context)))
        self.by_rules_since = None
        return understood

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

    async def _context(self, utterance: Utterance, place: Place) -> Context:
        here = [
            p for p in self._office.room.participants.values() if p.id in place.audience or p.zone == place.zone
        ]
        near = {p.id for p in here}
        others = [p for p in self._office.people() if p.id not in near]
        present = tuple(
            Present(
                id=p.id,
                name=p.name,
                kind=PresentKind(Kind(p.kind).value),
                near=p.id in near,
                faced=p.id == place.faced,
            )
            for p in (*here, *others)
        )
        oldest = self._office.wall() - timedelta(seconds=RECENT_SECONDS)
        recent = tuple(u for u in self._recent.get(place.zone, []) if u.started_at > oldest)
        return Context(
            present=present,
            now=utterance.started_at,
            timezone=str(self._office.timezone),
            in_meeting=bool(place.meeting),
            recent=recent,
            meeting_id=place.meeting or None,
            open_tasks=await self._open_tasks(),
            areas=self._areas(),
            may_edit=self._may_edit(utterance.speaker),
        )

    async def _open_tasks(self) -> tuple[OpenTask, ...]:
        tasks = await self._tasks.in_states(*UNDONE)
        return tuple(
            OpenTask(
                id=t.id, text=t.text, owner_id=t.owner_id, owner_name=t.owner_name, due=t.due, version=t.version
            )
            for t in tasks
        )

    def _areas(self) -> tuple[Area, ...]:
        """Where people are, and which meetings are on."""
        room = self._office.room
        titles = {str(meeting["zone"]): str(meeting["title"]) for meeting in room.meetings.values()}
        return tuple(
            Area(
                name=zone.name,
                people=tuple(p.id for p in room.in_zone(zone.id) if p.kind is Kind.HUMAN),
                meeting=titles.get(zone.id, ""),
                room=zone.enclosed,
            )
            for zone in self._office.plan.zones
        )

    def _may_edit(self, speaker: str) -> bool:
        person = self._office.room.participants.get(ParticipantId(speaker))
        return person is not None and may(Role(person.role), Permission.EDIT_TASKS)

    def _remember(self, utterance: Utterance) -> None:
        recent = self._recent.setdefault(utterance.zone, [])
        recent.append(utterance)
        del recent[:-RECENT]
