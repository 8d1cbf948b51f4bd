"""A meeting is read as a whole: what was agreed and not noted is proposed; and what it was about."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool

from avatars.meeting_input import Line
from avatars.memory import Noted, key_of
from avatars.review import Item
from avatars.review_later import said, with_changes, worth_understanding
from avatars.reviewing import ACTIONS, DECISIONS, KEY, Digest, Review, Spoken
from avatars.understood import Understood
from server import model_process
from server.catch_up import words_alone
from server.errors import Busy
from server.exports.record import Line as Utterance
from server.exports.record import MeetingRecord
from server.flows.tasks import Tasks
from server.office import Office
from server.records import NoteKind, Records
from server.workers import Workers, WorkersBusy
from workflows.task import Task, TaskDraft

logger = logging.getLogger(__name__)

PIECE = 32
"""Lines that are read at once; between pieces whoever speaks has their turn."""
KEPT = 64
"""Digests kept in memory."""


class Reviewing:
    """Reads meetings as a whole."""

    def __init__(
        self, office: Office, records: Records, tasks: Tasks, workers: Workers, *, colleague: str
    ) -> None:
        """`colleague` is the id of who proposes what was found."""
        self._office, self._records, self._tasks = office, records, tasks
        self._workers, self._colleague = workers, colleague
        self._digests: dict[str, Digest] = {}

    async def review(self, meeting_id: str) -> int:
        """Propose what was agreed and nobody noted; done again, it adds nothing. Gives how much was new.

        Raises:
            Busy: too much waits for the models, or their process died twice.
            Missing: there is no such meeting.
        """
        record = await self._records.meeting(meeting_id)
        tasks = await self._tasks.of_meeting(meeting_id)
        spoken = self._spoken(record, tasks)
        try:
            await self._prepare(spoken)
            found = await self._found(spoken)
        except WorkersBusy as error:
            raise Busy("the models have too much to do just now; try again in a minute") from error
        except BrokenProcessPool as error:
            raise Busy("the models do not answer; try again in a minute, and look into the log") from error
        known = {note.id for note in record.decisions}
        new = 0
        for item in found.actions:
            outcome = await self._tasks.assign(self._draft(item, spoken.names, meeting_id), f"{KEY}{item.line}")
            new += outcome.changed
        for item in found.decisions:
            id = f"{KEY}{item.line}"
            await self._records.add_note(
                NoteKind.DECISION, meeting_id, text=item.text, utterance_id=item.line, confidence=item.confidence,
                now=self._office.wall(), id=id,
            )  # fmt: skip
            new += id not in known
        logger.info(
            "a meeting was read as a whole",
            extra={"meeting": meeting_id, "new": new, "model": found.sha256[:12], "seconds": found.seconds},
        )
        return new

    async def digest(self, record: MeetingRecord) -> Digest:
        """What a meeting was about; told from words alone where no model is there."""
        spoken = self._spoken(record, record.tasks)
        key = _key(spoken)
        if key in self._digests:
            return self._digests[key]
        try:
            await self._prepare(spoken)
            found = await self._workers.run(model_process.digest, spoken)
        except (WorkersBusy, BrokenProcessPool) as error:
            logger.warning("a digest is told from words alone", extra={"meeting": record.id, "error": str(error)})
            return words_alone(record)
        self._digests[key] = found
        while len(self._digests) > KEPT:
            del self._digests[next(iter(self._digests))]
        return found

    async def _found(self, spoken: Spoken) -> Review:
        """What was agreed and nobody noted, as it stood when the meeting was over."""
        found: Review = await self._workers.run(model_process.review, spoken)
        understood = {}
        for at in worth_understanding(found, spoken):
            meant: Understood = await self._workers.run(model_process.understand, *said(spoken, at))
            understood[at] = meant.intents
        return await asyncio.to_thread(with_changes, found, spoken, understood)

    async def _prepare(self, spoken: Spoken) -> None:
        for at in range(0, len(spoken.lines), PIECE):
            await self._workers.run(model_process.prepare, [line.text for line in spoken.lines[at : at + PIECE]])

    def _spoken(self, record: MeetingRecord, tasks: Sequence[Task]) -> Spoken:
        avatars = {person.id for person in record.people if person.kind == "avatar"} | {self._colleague}
        by_people = [line for line in record.utterances if line.speaker_id not in avatars]
        return Spoken(
            lines=tuple(
                Line(
                    id=line.id,
                    speaker=line.speaker_id,
                    start=record.offset(line),
                    end=record.offset(line) + line.seconds,
                    text=line.text,
                )
                for line in by_people
            ),
            began=record.started_at.astimezone(self._office.timezone),
            names={line.speaker_id: line.speaker_name for line in by_people},
            sources={
                ACTIONS: frozenset(id for task in tasks for id in _sources(task)),
                DECISIONS: frozenset(note.utterance_id for note in record.decisions if note.utterance_id),
                "questions": frozenset(note.utterance_id for note in record.questions if note.utterance_id),
            },
            tasks=_noted_before(by_people, record, tasks),
            colleagues={person.id: person.name for person in record.people if person.kind == "avatar"},
            noted={
                ACTIONS: tuple(task.text for task in tasks),
                DECISIONS: tuple(note.text for note in record.decisions),
            },
        )

    def _draft(self, item: Item, names: Mapping[str, str], meeting_id: str) -> TaskDraft:
        return TaskDraft(
            text=item.text,
            owner_id=item.owner,
            owner_name="everybody" if item.everybody else names.get(item.owner or "", item.owner_name),
            due=item.due,
            due_phrase=item.due_phrase,
            source_utterance=item.line,
            source_words=item.words,
            confidence=item.confidence,
            heard_with=item.heard_with,
            meeting_id=meeting_id,
            created_by=self._colleague,
            proposed=True,
            later=item.later,
        )


def _sources(task: Task) -> list[str]:
    """The utterances it came from."""
    return [*filter(None, [task.source_utterance]), *(quote.utterance for quote in task.later)]


def _noted_before(said: Sequence[Utterance], record: MeetingRecord, tasks: Sequence[Task]) -> tuple[Noted, ...]:
    """Tasks that were heard, as a colleague remembers them."""
    lines = {line.id: line for line in said}
    return tuple(
        Noted(
            key=key_of(line.id, number),
            text=task.text,
            owner_id=task.owner_id,
            owner_name=task.owner_name,
            due=task.due,
            due_phrase=task.due_phrase,
            at=record.offset(line) + line.seconds,
            speaker=line.speaker_id,
        )
        for number, task in enumerate(tasks)
        if (line := lines.get(task.source_utterance or "")) is not None
    )


def _key(spoken: Spoken) -> str:
    """Of what a digest is made from; words that are deleted later are not kept here."""
    said = [(line.id, line.text) for line in spoken.lines]
    noted = [sorted(ids) for ids in spoken.sources.values()]
    return hashlib.sha256(repr((said, noted)).encode()).hexdigest()
