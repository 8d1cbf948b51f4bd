"""`office.message`: says something to a person, to those in a room, or to everybody in the chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.connectors.verbs import Unfit, maybe_text, only, text_of
from server.flows.messages import Messages
from server.records import Records
from spatial.plan import Plan
from workflows.connector import Answer, Did
from workflows.erased import NOBODY

MOST_TEXT = 2000
MOST_ID = 80
MOST_LINK = 300


class Message:
    """Reads whom a message is for."""

    def __init__(self, messages: Messages, records: Records, plan: Plan) -> None:
        """Says it by `messages`; people and rooms are known from the others."""
        self._messages, self._records, self._plan = messages, records, plan

    async def say(self, params: Mapping[str, Any], key: str) -> Answer:
        """Say `text` to a `person`, to those in a `room`, or to everybody; `link` is a page of ours.

        To whoever was erased nothing is said, and the run goes on.

        Raises:
            Unfit: the text is missing, or nobody here is meant by it.
        """
        only(params, "text", "person", "room", "link")
        text = text_of(params, "text", most=MOST_TEXT)
        person, room = maybe_text(params, "person", most=MOST_ID), maybe_text(params, "room", most=MOST_ID)
        link = maybe_text(params, "link", most=MOST_LINK)
        if link and (not link.startswith("/") or link.startswith("//")):
            raise Unfit("link must be a page of this office, as /runs")
        if person and room:
            raise Unfit("person and room cannot both be given; ask for two messages")
        if person == NOBODY:
            return Did(result={"seen": False})
        if person:
            if await self._records.person(person) is None:
                raise Unfit("person is nobody whom this office knows")
            seen = await self._messages.to_person(person, text, link, key=key)
            return Did(result={"seen": seen})
        if room:
            return Did(result={"heard_by": self._messages.to_room(self._zone(room), text, link)})
        self._messages.to_everybody(text, key=key)
        return Did(result={})

    def _zone(self, room: str) -> str:
        for zone in self._plan.zones:
            if room.casefold() in (zone.id.casefold(), zone.name.casefold()):
                return zone.id
        raise Unfit(f"there is no room {room!r}; known are {', '.join(zone.name for zone in self._plan.zones)}")
