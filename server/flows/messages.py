"""Messages: what the office itself has to say, to everybody, to those in a room, or to one person, also later."""

from __future__ import annotations

import asyncio
from typing import Any

from server.background import Background
from server.office import Office
from server.protocol import messages as m
from server.records import Records
from spatial.participant import Kind, Participant, ParticipantId

THE_OFFICE = "The office"
MOST_KEPT = 50
"""Messages that wait for one person; older ones go."""


class Messages:
    """Says it at once to who is here. For a person who is not, it waits until they come in."""

    def __init__(self, office: Office, records: Records) -> None:
        """One office; `records` keep what waits."""
        self._office, self._records = office, records
        self._one_at_a_time = asyncio.Lock()
        self._handing_over = Background("messages for who came in")

    async def close(self) -> None:
        """Give up what is being handed over; it waits on."""
        await self._handing_over.cancel()

    def to_everybody(self, text: str, *, key: str) -> None:
        """A line of the chat; the same key adds no second, as long as the chat remembers the first."""
        if any(line.id == key for line in self._office.chat):
            return
        at = self._office.wall().timestamp()
        line = m.ChatMessage(id=key, from_slot=None, from_name=THE_OFFICE, text=text, at=at)
        self._office.chat.append(line)
        self._office.broadcast(line)

    def to_room(self, zone: str, text: str, link: str = "") -> int:
        """A notice to those who are in a room now; gives how many."""
        here = [one.id for one in self._office.room.in_zone(zone) if one.kind is Kind.HUMAN and one.present]
        self._office.broadcast(_notice(text, link), only=here)
        return len(here)

    async def to_person(self, person: str, text: str, link: str = "", *, key: str) -> bool:
        """A notice to one person, now or when they next come in; True where they are here."""
        participant = ParticipantId(person)
        if participant in self._office.sessions:
            self._office.send(participant, _notice(text, link))
            return True
        async with self._one_at_a_time:
            waiting = await self._waiting(person)
            if all(one["key"] != key for one in waiting):
                kept = [*waiting, {"key": key, "text": text, "link": link}][-MOST_KEPT:]
                await self._records.remember(_name(person), kept)
        return False

    def entered(self, participant: Participant) -> None:
        """Somebody came in: what waits for them is said now."""
        if participant.kind is Kind.HUMAN:
            self._handing_over.start(self._hand_over(participant.id))

    async def _hand_over(self, participant: ParticipantId) -> None:
        async with self._one_at_a_time:
            waiting = await self._waiting(participant)
            if not waiting or participant not in self._office.sessions:
                return
            for one in waiting:
                self._office.send(participant, _notice(one["text"], one["link"]))
            await self._records.remember(_name(participant), [])

    async def _waiting(self, person: str) -> list[dict[str, Any]]:
        return list(await self._records.remembered(_name(person)) or [])


def _name(person: str) -> str:
    return f"messages:{person}"


def _notice(text: str, link: str) -> m.Notice:
    return m.Notice(level="info", text=text, link=link or None)
