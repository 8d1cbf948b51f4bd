"""Records: people, meetings and the words of meetings, kept in the office's database.

Nothing here asks whether words may be kept: that is decided where they are heard.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from server.errors import Missing, Unacceptable
from server.exports.record import Attendee, Line, MeetingRecord, Note
from server.roles import Role

NAME_LIMIT = 40
"""Longest name of a person, in characters."""
TITLE_LIMIT = 120
"""Longest title of a meeting, in characters."""
WORDS_LIMIT = 5000
"""Longest utterance, decision or question, in characters."""
LOOK_PARTS = 5
"""Skin, hair, hair style, outfit, accent: palette indices 0 to 5."""
LOOK_CHOICES = 6
_EMOJI_JOINER = "\u200d"


class Rows(Protocol):
    """Plain rows by table name; every call is one transaction."""

    async def put(self, table: str, values: Mapping[str, Any], *, keep: Sequence[str] = ()) -> bool:
        """Add a row or change the one with its primary key; True where it is new."""

    async def add(self, table: str, values: Mapping[str, Any]) -> bool:
        """Add a row unless its primary key is there; True where it was added."""

    async def update(self, table: str, values: Mapping[str, Any], where: Mapping[str, Any]) -> int:
        """Change rows; give how many."""

    async def delete(self, table: str, where: Mapping[str, Any]) -> int:
        """Remove rows; give how many."""

    async def select(
        self, table: str, where: Mapping[str, Any] | None = None, *, order: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """List rows; a list in `where` means one of these, a minus in `order` means falling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A human whom the office knows."""

    id: str
    name: str
    role: Role
    look: tuple[int, ...]
    last_room: str | None
    last_pose: tuple[float, float, float] | None
    """x, z in metres, yaw in radians; where the person stood last."""
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting without its words."""

    id: str
    title: str
    room: str
    zone: str
    zone_name: str
    facilitator: str
    facilitator_name: str
    started_at: datetime
    ended_at: datetime | None


class NoteKind(StrEnum):
    """What a note is; also the name of its table."""

    DECISION = "decision"
    QUESTION = "question"


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
        return _person(rows[0]) if rows else None

    async def people(self) -> list[Person]:
        """List everybody whom the office knows, longest known first."""
        return [_person(row) for row in await self._rows.select("person", order=("created_at", "id"))]

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
        """End a meeting; one that has ended stays as it is.

        Raises:
            Missing: there is no such meeting.
        """
        await self._rows.update("meeting", {"ended_at": at}, {"id": meeting_id, "ended_at": None})
        return await self.meeting_head(meeting_id)

    async def rename_meeting(self, meeting_id: str, *, title: str) -> Meeting:
        """Give a meeting another title.

        Raises:
            Missing: there is no such meeting.
            Unacceptable: the title is empty or too long.
        """
        await self._rows.update("meeting", {"title": clean(title, "title", TITLE_LIMIT)}, {"id": meeting_id})
        return await self.meeting_head(meeting_id)

    async def open_meetings(self) -> list[Meeting]:
        """List meetings that have not ended, oldest first: after a crash they are to be ended or gone on with."""
        rows = await self._rows.select("meeting", {"ended_at": None}, order=("started_at",))
        return [_meeting(row) for row in rows]

    async def meetings(self, *, attended_by: str | None = None) -> list[Meeting]:
        """List meetings, newest first: all, or those somebody was in."""
        where: dict[str, Any] = {}
        if attended_by is not None:
            rows = await self._rows.select("attendance", {"person": attended_by})
            where["id"] = [row["meeting"] for row in rows]
        return [_meeting(row) for row in await self._rows.select("meeting", where, order=("-started_at", "id"))]

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
            people=tuple(Attendee(id=r["person"], name=r["name"], kind=r["kind"]) for r in people),
            utterances=tuple(_line(row) for row in lines),
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
        return _meeting(rows[0])

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
    ) -> bool:
        """Keep an utterance; the same id twice is kept once. True where it is new."""
        values = {
            "id": id,
            "meeting": meeting_id,
            "speaker": speaker_id,
            "speaker_name": speaker_name,
            "text": text[:WORDS_LIMIT],
            "started_at": started_at,
            "seconds": seconds,
            "engine": engine,
        }
        return await self._rows.add("utterance", values)

    async def edit_utterance(self, meeting_id: str, id: str, *, text: str, by: str, now: datetime) -> Line:
        """Correct an utterance; what was first heard and who corrected it are kept.

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
        changes = {
            "text": clean(text, "text", WORDS_LIMIT),
            "original_text": first,
            "edited_by": by,
            "edited_at": now,
        }
        await self._rows.update("utterance", changes, where)
        return _line({**row, **changes})

    async def utterance(self, meeting_id: str, id: str) -> Line:
        """Give an utterance.

        Raises:
            Missing: the meeting has no such utterance.
        """
        rows = await self._rows.select("utterance", {"id": id, "meeting": meeting_id})
        if not rows:
            raise Missing(f"this meeting has no utterance {id!r}; reload the page")
        return _line(rows[0])

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
        return _note((await self._rows.select(kind.value, where))[0])

    async def delete_note(self, kind: NoteKind, meeting_id: str, id: str) -> None:
        """Remove a decision or a question.

        Raises:
            Missing: the meeting has no such note.
        """
        if not await self._rows.delete(kind.value, {"id": id, "meeting": meeting_id}):
            raise Missing(f"this meeting has no {kind} {id!r}; reload the page")

    async def _notes(self, kind: NoteKind, meeting_id: str) -> tuple[Note, ...]:
        rows = await self._rows.select(kind.value, {"meeting": meeting_id}, order=("noted_at", "id"))
        return tuple(_note(row) for row in rows)


def clean(text: str, field: str, limit: int) -> str:
    """Join the words of a text by single spaces; what cannot be seen (controls, direction marks) goes.

    Raises:
        Unacceptable: nothing is left, or it is longer than `limit` characters.
    """
    visible = "".join(c if c.isprintable() or c == _EMOJI_JOINER else " " for c in text)
    cleaned = " ".join(visible.split())
    if not cleaned:
        raise Unacceptable(f"the {field} is empty; fill it in")
    if len(cleaned) > limit:
        raise Unacceptable(f"the {field} has {len(cleaned)} characters; at most {limit} are possible")
    return cleaned


def checked_look(look: Sequence[int]) -> tuple[int, ...]:
    """Check a look: skin, hair, hair style, outfit, accent.

    Raises:
        Unacceptable: it has other than five numbers 0 to 5.
    """
    if len(look) != LOOK_PARTS or any(not 0 <= part < LOOK_CHOICES for part in look):
        raise Unacceptable(f"a look is {LOOK_PARTS} numbers from 0 to {LOOK_CHOICES - 1}")
    return tuple(look)


def _person(row: Mapping[str, Any]) -> Person:
    pose = row["last_pose"]
    return Person(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        look=tuple(row["look"]),
        last_room=row["last_room"],
        last_pose=(pose[0], pose[1], pose[2]) if pose else None,
        created_at=row["created_at"],
        seen_at=row["seen_at"],
    )


def _meeting(row: Mapping[str, Any]) -> Meeting:
    return Meeting(
        id=row["id"],
        title=row["title"],
        room=row["room"],
        zone=row["zone"],
        zone_name=row["zone_name"],
        facilitator=row["facilitator"],
        facilitator_name=row["facilitator_name"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )


def _line(row: Mapping[str, Any]) -> Line:
    return Line(
        id=row["id"],
        speaker_id=row["speaker"],
        speaker_name=row["speaker_name"],
        text=row["text"],
        started_at=row["started_at"],
        seconds=row["seconds"],
        engine=row["engine"],
        original_text=row["original_text"],
        edited_by=row["edited_by"],
    )


def _note(row: Mapping[str, Any]) -> Note:
    return Note(id=row["id"], text=row["text"], utterance_id=row["utterance"], confidence=row["confidence"])
