"""Records: people, meetings and the words of meetings, kept in the office's database.

Nothing here asks whether words may be kept: that is decided where they are heard.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from media.transcriber import Word
from server.errors import Missing, Unacceptable
from server.exports.record import Attendee, Line, MeetingRecord, Note
from server.roles import Role
from server.rows import (
    LOOK_CHOICES,
    LOOK_PARTS,
    NAME_LIMIT,
    TITLE_LIMIT,
    WORDS_LIMIT,
    Meeting,
    NoteKind,
    Person,
    Reading,
    Rows,
    checked_look,
    clean,
    line_of,
    meeting_of,
    note_of,
    packed,
    person_of,
)

__all__ = [
    "LOOK_CHOICES",
    "LOOK_PARTS",
    "NAME_LIMIT",
    "TITLE_LIMIT",
    "WORDS_LIMIT",
    "Meeting",
    "NoteKind",
    "Person",
    "Records",
    "Rows",
]


class Records:
    """Reads and writes people, meetings and their words.

    Args:
        rows: the plain tables of the office's database.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    # People

    async def put_person(self, *, id: str, name: str, role: Role, look: Sequence[int], now: datetime) -> Person:
        """Add a person, or change name, role and look of a known one.

        Raises:
            Unacceptable: the name is empty or too long, or the look has other than five numbers 0 to 5.
        """
        values = {
            "id": id,
            "name": clean(name, "name", NAME_LIMIT),
            "role": role.value,
            "look": list(checked_look(look)),
            "created_at": now,
            "seen_at": now,
        }
        await self._rows.put("person", values, keep=("created_at",))
        person = await self.person(id)
        assert person is not None
        return person

    async def person(self, id: str) -> Person | None:
        """Give a person, or None."""
        rows = await self._rows.select("person", {"id": id})
        return person_of(rows[0]) if rows else None

    async def people(self) -> list[Person]:
        """List everybody whom the office knows, longest known first."""
        return [person_of(row) for row in await self._rows.select("person", order=("created_at", "id"))]

    async def save_person(self, id: str, name: str, look: Sequence[int]) -> None:
        """Change name and look of a known person.

        Raises:
            Unacceptable: the name is empty or too long, or the look has other than five numbers 0 to 5.
        """
        values = {"name": clean(name, "name", NAME_LIMIT), "look": list(checked_look(look))}
        await self._rows.update("person", values, {"id": id})

    async def save_pose(self, id: str, pose: tuple[float, float, float], room: str | None = None) -> None:
        """Note where a person stands: x, z in metres, yaw in radians."""
        place = {"last_pose": list(pose)} | ({"last_room": room} if room else {})
        await self._rows.update("person", place, {"id": id})

    async def last_pose(self, id: str) -> tuple[float, float, float] | None:
        """Say where a person stood last: x, z in metres, yaw in radians."""
        person = await self.person(id)
        return person.last_pose if person else None

    # Meetings

    async def start_meeting(
        self,
        *,
        title: str,
        room: str,
        zone: str,
        zone_name: str,
        facilitator: str,
        facilitator_name: str,
        at: datetime,
        id: str | None = None,
    ) -> Meeting:
        """Start a meeting and note its facilitator as the first who is there.

        Raises:
            Unacceptable: the title is empty or too long.
        """
        meeting = Meeting(
            id=id or uuid.uuid4().hex,
            title=clean(title, "title", TITLE_LIMIT),
            room=room,
            zone=zone,
            zone_name=zone_name,
            facilitator=facilitator,
            facilitator_name=facilitator_name,
            started_at=at,
            ended_at=None,
        )
        values = {
            "id": meeting.id,
            "title": meeting.title,
            "room": room,
            "zone": zone,
            "zone_name": zone_name,
            "facilitator": facilitator,
            "facilitator_name": facilitator_name,
            "started_at": at,
        }
        await self._rows.put("meeting", values)
        await self.attend(meeting.id, facilitator, facilitator_name, at=at)
        return meeting

    async def attend(
        self, meeting_id: str, person: str, name: str, *, kind: str = "human", at: datetime | None = None
    ) -> None:
        """Note that somebody is in the meeting; repeats are harmless."""
        joined = at or datetime.now(UTC)
        values = {"meeting": meeting_id, "person": person, "name": name, "kind": kind, "joined_at": joined}
        await self._rows.put("attendance", values, keep=("joined_at",))

    async def end_meeting(self, meeting_id: str, at: datetime) -> Meeting:
        """End a meeting, which is to be read from now on; one that has ended stays as it is.

        Raises:
            Missing: there is no such meeting.
        """
        ended = {"ended_at": at, "reading": Reading.WAITING.value}
        await self._rows.update("meeting", ended, {"id": meeting_id, "ended_at": None})
        return await self.meeting_head(meeting_id)

    async def rename_meeting(self, meeting_id: str, *, title: str) -> Meeting:
        """Give a meeting another title.

        Raises:
            Missing: there is no such meeting.
            Unacceptable: the title is empty or too long.
        """
        await self._rows.update("meeting", {"title": clean(title, "title", TITLE_LIMIT)}, {"id": meeting_id})
        return await self.meeting_head(meeting_id)

    async def delete_meeting(self, meeting_id: str) -> None:
        """Delete a meeting with its words, decisions and questions; its tasks are the engine's and stay.

        Raises:
            Missing: there is no such meeting.
            Unacceptable: it has not ended.
        """
        if (await self.meeting_head(meeting_id)).ended_at is None:
            raise Unacceptable("this meeting is under way; end it, then delete it")
        await self._rows.delete("meeting", {"id": meeting_id})

    async def open_meetings(self) -> list[Meeting]:
        """List meetings that have not ended, oldest first: after a crash they are to be ended or gone on with."""
        rows = await self._rows.select("meeting", {"ended_at": None}, order=("started_at",))
        return [meeting_of(row) for row in rows]

    async def unread_meetings(self) -> list[Meeting]:
        """List meetings that are over and wait to be read as a whole, oldest first."""
        waiting = {"reading": Reading.WAITING.value}
        return [meeting_of(row) for row in await self._rows.select("meeting", waiting, order=("started_at",))]

    async def note_reading(self, meeting_id: str, reading: Reading, note: str | None) -> None:
        """Note whether a meeting was read; harmless where it is gone."""
        values = {"reading": reading.value, "reading_note": note}
        await self._rows.update("meeting", values, {"id": meeting_id})

    async def meetings(self, *, attended_by: str | None = None) -> list[Meeting]:
        """List meetings, newest first: all, or those somebody was in."""
        where: dict[str, Any] = {}
        if attended_by is not None:
            rows = await self._rows.select("attendance", {"person": attended_by})
            where["id"] = [row["meeting"] for row in rows]
        return [meeting_of(row) for row in await self._rows.select("meeting", where, order=("-started_at", "id"))]

    async def has_meeting(self, meeting_id: str) -> bool:
        """Say whether there is such a meeting."""
        return bool(await self._rows.select("meeting", {"id": meeting_id}))

    async def was_in(self, meeting_id: str, person_id: str) -> bool:
        """Say whether somebody was in a meeting."""
        return bool(await self._rows.select("attendance", {"meeting": meeting_id, "person": person_id}))

    async def meeting(self, meeting_id: str) -> MeetingRecord:
        """Give all that was kept of a meeting, but for its tasks, which are the engine's.

        Raises:
            Missing: there is no such meeting.
        """
        meeting = await self.meeting_head(meeting_id)
        where = {"meeting": meeting_id}
        people = await self._rows.select("attendance", where, order=("joined_at", "person"))
        lines = await self._rows.select("utterance", where, order=("started_at", "id"))
        return MeetingRecord(
            id=meeting.id,
            title=meeting.title,
            room=meeting.room,
            zone=meeting.zone,
            zone_name=meeting.zone_name,
            facilitator_id=meeting.facilitator,
            facilitator_name=meeting.facilitator_name,
            started_at=meeting.started_at,
            ended_at=meeting.ended_at,
            reading=meeting.reading.value if meeting.reading is not None else None,
            reading_note=meeting.reading_note,
            people=tuple(Attendee(id=r["person"], name=r["name"], kind=r["kind"]) for r in people),
            utterances=tuple(line_of(row) for row in lines),
            decisions=await self._notes(NoteKind.DECISION, meeting_id),
            questions=await self._notes(NoteKind.QUESTION, meeting_id),
        )

    async def meeting_head(self, meeting_id: str) -> Meeting:
        """Give a meeting without its words.

        Raises:
            Missing: there is no such meeting.
        """
        rows = await self._rows.select("meeting", {"id": meeting_id})
        if not rows:
            raise Missing(f"there is no meeting {meeting_id!r}")
        return meeting_of(rows[0])

    # Words

    async def append_utterance(
        self,
        meeting_id: str,
        *,
        id: str,
        speaker_id: str,
        speaker_name: str,
        text: str,
        started_at: datetime,
        seconds: float,
        engine: str,
        words: Sequence[Word] = (),
        language: str = "",
        confidence: float | None = None,
    ) -> bool:
        """Keep an utterance; the same id twice is kept once. True where it is new.

        Args:
            meeting_id: the meeting it was said in.
            id: of the utterance.
            speaker_id: who said it.
            speaker_name: their name now.
            text: what was said.
            started_at: when it began, aware.
            seconds: how long it took.
            engine: name of the recognizer.
            words: with seconds from its start; empty where there are none.
            language: ISO 639-1; empty where it is not known.
            confidence: mean of the words', 0 to 1; None takes it from `words`.
        """
        if confidence is None and words:
            confidence = sum(word.confidence for word in words) / len(words)
        values = {
            "id": id,
            "meeting": meeting_id,
            "speaker": speaker_id,
            "speaker_name": speaker_name,
            "text": text[:WORDS_LIMIT],
            "started_at": started_at,
            "seconds": seconds,
            "engine": engine,
            "words": [packed(word) for word in words],
            "language": language or None,
            "confidence": confidence,
        }
        return await self._rows.add("utterance", values)

    async def edit_utterance(self, meeting_id: str, id: str, *, text: str, by: str, now: datetime) -> Line:
        """Correct an utterance; what was first heard, and id and name of who corrected it, are kept.

        Raises:
            Missing: the meeting has no such utterance.
            Unacceptable: the text is empty or too long.
        """
        where = {"id": id, "meeting": meeting_id}
        rows = await self._rows.select("utterance", where)
        if not rows:
            raise Missing(f"this meeting has no utterance {id!r}; reload the page")
        row = rows[0]
        first = row["original_text"] if row["original_text"] is not None else row["text"]
        person = await self.person(by)
        changes = {
            "text": clean(text, "text", WORDS_LIMIT),
            "original_text": first,
            "edited_by": by,
            "edited_by_name": person.name if person else None,
            "edited_at": now,
        }
        await self._rows.update("utterance", changes, where)
        return line_of({**row, **changes})

    async def utterance(self, meeting_id: str, id: str) -> Line:
        """Give an utterance.

        Raises:
            Missing: the meeting has no such utterance.
        """
        rows = await self._rows.select("utterance", {"id": id, "meeting": meeting_id})
        if not rows:
            raise Missing(f"this meeting has no utterance {id!r}; reload the page")
        return line_of(rows[0])

    async def add_note(
        self,
        kind: NoteKind,
        meeting_id: str,
        *,
        text: str,
        utterance_id: str | None,
        confidence: float,
        now: datetime,
        id: str | None = None,
    ) -> Note:
        """Keep a decision or a question; the same id twice is kept once.

        Raises:
            Unacceptable: the text is empty or too long.
        """
        note = Note(
            id=id or uuid.uuid4().hex,
            text=clean(text, "text", WORDS_LIMIT),
            utterance_id=utterance_id,
            confidence=confidence,
        )
        values = {
            "id": note.id,
            "meeting": meeting_id,
            "utterance": utterance_id,
            "text": note.text,
            "confidence": confidence,
            "noted_at": now,
        }
        await self._rows.add(kind.value, values)
        return note

    async def edit_note(self, kind: NoteKind, meeting_id: str, id: str, *, text: str, by: str) -> Note:
        """Change the text of a decision or a question.

        Raises:
            Missing: the meeting has no such note.
            Unacceptable: the text is empty or too long.
        """
        where = {"id": id, "meeting": meeting_id}
        changes = {"text": clean(text, "text", WORDS_LIMIT), "edited_by": by}
        if not await self._rows.update(kind.value, changes, where):
            raise Missing(f"this meeting has no {kind} {id!r}; reload the page")
        return note_of((await self._rows.select(kind.value, where))[0])

    async def delete_note(self, kind: NoteKind, meeting_id: str, id: str) -> None:
        """Remove a decision or a question.

        Raises:
            Missing: the meeting has no such note.
        """
        if not await self._rows.delete(kind.value, {"id": id, "meeting": meeting_id}):
            raise Missing(f"this meeting has no {kind} {id!r}; reload the page")

    # What the office remembers of itself

    async def remember(self, name: str, value: Any) -> None:
        """Keep a value under a name, instead of the one before.

        Args:
            name: as `privacy:hq`.
            value: anything that JSON holds.
        """
        await self._rows.put("setting", {"name": name, "value": value, "expires_at": None})

    async def remembered(self, name: str) -> Any:
        """Give what was kept under a name, or None."""
        rows = await self._rows.select("setting", {"name": name})
        return rows[0]["value"] if rows else None

    async def _notes(self, kind: NoteKind, meeting_id: str) -> tuple[Note, ...]:
        rows = await self._rows.select(kind.value, {"meeting": meeting_id}, order=("noted_at", "id"))
        return tuple(note_of(row) for row in rows)
