"""What hangs in a room for everybody to read: cards on the board and open meetings, as plain records."""

from __future__ import annotations

import copy

from spatial.commands import CloseMeeting, OpenMeeting, PinCard, UnpinCard, UpdateMeeting
from spatial.errors import RecordError
from spatial.events import CardPinned, CardUnpinned, Event, MeetingClosed, MeetingOpened, MeetingUpdated
from spatial.snapshot import Record, Table


class Notices:
    """Two tables by id. Records are copied when they come in and replaced, never changed in place."""

    def __init__(self) -> None:
        self.cards: Table = {}
        self.meetings: Table = {}

    def apply(self, command: PinCard | UnpinCard | OpenMeeting | UpdateMeeting | CloseMeeting) -> list[Event]:
        """Carry out one command; nothing comes back where it changes nothing.

        Raises:
            RecordError: a card or meeting has no id.
        """
        match command:
            case PinCard(card=card):
                put = _put(self.cards, card, "cards")
                return [CardPinned(card=put)] if put else []
            case UnpinCard(card_id=id):
                return [CardUnpinned(card_id=id)] if self.cards.pop(id, None) else []
            case OpenMeeting(meeting=meeting):
                put = _put(self.meetings, meeting, "meetings")
                return [MeetingOpened(meeting=put)] if put else []
            case UpdateMeeting(meeting_id=id, fields=fields):
                old = self.meetings.get(id)
                put = _put(self.meetings, {**old, **fields, "id": id}, "meetings") if old else None
                return [MeetingUpdated(meeting=put)] if put else []
            case CloseMeeting(meeting_id=id):
                return [MeetingClosed(meeting_id=id)] if self.meetings.pop(id, None) else []


def _put(table: Table, record: Record, name: str) -> Record | None:
    """Store a copy; None if the table already says the same."""
    id = record.get("id")
    if not isinstance(id, str) or not id:
        raise RecordError(name)
    if table.get(id) == record:
        return None
    table[id] = copy.deepcopy(record)
    return table[id]
