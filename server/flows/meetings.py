"""A meeting starts and ends in a zone; between the two, what is said there is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from server.background import Background
from server.exports.record import untitled
from server.office import Office
from server.protocol import messages as m
from server.records import Meeting, Records
from server.roles import Permission, may
from server.session import Handler, Refusal, Session
from spatial.commands import CloseMeeting, OpenMeeting, UpdateMeeting
from spatial.participant import Kind, Participant


class Meetings:
    """Opens and closes meetings and knows which is where."""

    def __init__(
        self,
        office: Office,
        records: Records,
        on_changed: Callable[[str, bool], None],
        *,
        summed_up_by: str = "",
    ) -> None:
        """`on_changed(zone, open)` tells the colleagues; `summed_up_by` is who gets the words of each meeting."""
        self.on_ended: Callable[[Meeting], None] = lambda meeting: None
        """Told of each meeting that is over."""
        self._office, self._records, self._on_changed = office, records, on_changed
        self._summed_up_by = summed_up_by
        self._open: dict[str, Meeting] = {}
        self._joining = Background("noting who is there")

    def handlers(self) -> Mapping[type[m.Message], Handler]:
        """What this flow answers."""
        return {m.MeetingStart: self._start, m.MeetingEnd: self._end}

    async def restore(self) -> None:
        """Meetings that were open when the office stopped go on."""
        for meeting in await self._records.open_meetings():
            self._open[meeting.zone] = meeting
            self._office.apply(OpenMeeting(meeting=record_of(meeting)))

    def in_zone(self, zone: str) -> Meeting | None:
        """The meeting under way there."""
        return self._open.get(zone)

    def zone_of(self, meeting_id: str) -> str | None:
        """Where this meeting is under way; None when it is over."""
        return next((zone for zone, meeting in self._open.items() if meeting.id == meeting_id), None)

    def zones(self) -> list[str]:
        """Where meetings are under way, the longest first."""
        return list(self._open)

    def entered(self, participant: Participant) -> None:
        """Somebody is now in this zone: if a meeting is on, they were there."""
        meeting = self._open.get(participant.zone)
        if meeting is None or participant.kind is not Kind.HUMAN:
            return
        self._joining.start(self._records.attend(meeting.id, participant.id, participant.name))
        self._office.send(participant.id, _is_transcribed(meeting.title, self._summed_up_by))

    async def renamed(self, meeting: Meeting) -> None:
        """Its title was changed on its page."""
        if meeting.zone in self._open and self._open[meeting.zone].id == meeting.id:
            self._open[meeting.zone] = meeting
            self._office.apply(UpdateMeeting(meeting_id=meeting.id, fields={"title": meeting.title}))

    async def close(self) -> None:
        """Finish writing who was there."""
        await self._joining.settled()

    async def _start(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.MeetingStart)
        if not may(session.role, Permission.HOLD_MEETINGS):
            raise Refusal("forbidden", "Only facilitators start meetings. Ask one of them.")
        zone = self._office.plan.zone_by_id.get(message.zone)
        if zone is None:
            raise Refusal("zone", "There is no such place in this office.")
        if zone.id in self._open:
            raise Refusal("meeting", f"{self._open[zone.id].title} is under way here. End it first.")
        title = " ".join(message.title.split()) or untitled(zone.name)
        meeting = await self._records.start_meeting(
            title=title,
            room=self._office.room.id,
            zone=zone.id,
            zone_name=zone.name,
            facilitator=session.participant_id,
            facilitator_name=session.name,
            at=self._office.wall(),
        )
        # Before anybody sees it: who is there may read it from the first moment on.
        for participant in self._office.room.in_zone(zone.id):
            if participant.kind is Kind.HUMAN:
                await self._records.attend(meeting.id, participant.id, participant.name)
        self._open[zone.id] = meeting
        self._office.apply(OpenMeeting(meeting=record_of(meeting)))
        for participant in self._office.room.in_zone(zone.id):
            self.entered(participant)
        self._on_changed(zone.id, True)

    async def _end(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.MeetingEnd)
        if not may(session.role, Permission.HOLD_MEETINGS):
            raise Refusal("forbidden", "Only facilitators end meetings. Ask one of them.")
        meeting = next((x for x in self._open.values() if x.id == message.meeting), None)
        if meeting is None:
            raise Refusal("meeting", "That meeting has ended already.")
        await self._records.end_meeting(meeting.id, self._office.wall())
        del self._open[meeting.zone]
        self._office.apply(CloseMeeting(meeting_id=meeting.id))
        here = {p.id for p in self._office.room.in_zone(meeting.zone)} | {session.participant_id}
        notice = m.Notice(level="info", text=f"{meeting.title} has ended.", link=f"/meetings/{meeting.id}")
        self._office.broadcast(notice, only=here)
        self._on_changed(meeting.zone, False)
        self.on_ended(meeting)


def record_of(meeting: Meeting) -> dict[str, object]:
    """A meeting as the room shows it."""
    return {
        "id": meeting.id,
        "title": meeting.title,
        "zone": meeting.zone,
        "started_at": meeting.started_at.timestamp(),
        "facilitator": meeting.facilitator,
        "facilitator_name": meeting.facilitator_name,
    }


def _is_transcribed(title: str, summed_up_by: str) -> m.Notice:
    text = f"{title} is being transcribed. Open Meeting to refuse for yourself."
    if summed_up_by:
        text += f" When it is over, {summed_up_by} gets its words, to sum it up."
    return m.Notice(level="info", text=text)
