"""What is heard stays here: a zone off the record, and sound that is kept only where somebody who may wants it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from media.transcriber import RATE, Samples
from server.background import Background
from server.flows.meetings import Meetings
from server.flows.refusals import here
from server.office import Office
from server.protocol import messages as m
from server.recordings import RecordingError, Recordings
from server.records import Meeting, Records
from server.roles import Permission, may
from server.session import Handler, Refusal, Session
from server.spool import SpoolError
from spatial.participant import Kind, Participant, ParticipantId

logger = logging.getLogger(__name__)

EMPTY_SECONDS = 60.0
"""So long nobody is in a zone before it is on the record again: who comes next has not chosen it."""
SWEEP_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recorded:
    """A meeting whose sound is kept."""

    meeting: str
    since: datetime


class Privacy:
    """Knows where nobody is recognised and where sound is kept, and tells everybody.

    Off the record is for whoever is in the zone to choose. It ends when they choose so, when the meeting there
    ends, or when the zone has been empty for `EMPTY_SECONDS`. Keeping sound is for owners and whoever holds the
    meeting; it ends with the meeting, and when the zone goes off the record. Both outlast a restart of the office.
    """

    def __init__(
        self,
        office: Office,
        records: Records,
        meetings: Meetings,
        recordings: Recordings,
        *,
        on_off_record: Callable[[frozenset[ParticipantId]], None],
        on_sweep: Callable[[], object] = lambda: None,
    ) -> None:
        """Prepare.

        Args:
            office: who is here.
            records: where what holds is kept.
            meetings: which is where.
            recordings: the sound that is kept.
            on_off_record: told whom to recognise no longer: who is in a zone that has gone off the record.
            on_sweep: called with each sweep, for others whose sound has its time too.
        """
        self._on_sweep = on_sweep
        self._office, self._records, self._meetings = office, records, meetings
        self._recordings, self._on_off_record = recordings, on_off_record
        self._off_record: set[str] = set()
        self._recording: dict[str, _Recorded] = {}
        self._last_seen: dict[str, float] = {}
        self._failed: set[str] = set()
        """Meetings whose people know that their sound cannot be kept."""
        self._saving = Background("saving privacy")
        self._order = asyncio.Lock()
        self.unkept = 0
        """Utterances whose sound was to be kept and could not be."""

    def handlers(self) -> Mapping[type[m.Message], Handler]:
        """What this flow answers."""
        return {m.OffRecord: self._switch_off_record, m.KeepSound: self._switch_recording}

    async def restore(self) -> None:
        """As it was when the office stopped; call after the meetings are restored."""
        state: dict[str, Any] = await self._records.remembered(self._name) or {}
        self._off_record = {zone for zone in state.get("off_record", ()) if zone in self._office.plan.zone_by_id}
        for zone, (meeting_id, since) in state.get("recording", {}).items():
            meeting = self._meetings.in_zone(zone)
            if meeting is not None and meeting.id == meeting_id and zone not in self._off_record:
                self._recording[zone] = _Recorded(meeting=meeting_id, since=datetime.fromisoformat(since))

    # --- what holds ---------------------------------------------------------------------------------

    def off_record(self, zone: str) -> bool:
        """Whether nobody in this zone may be recognised now."""
        return zone in self._off_record

    def recording(self, zone: str) -> bool:
        """Whether the sound of the meeting in this zone is kept now."""
        return zone in self._recording

    async def keep_sound(
        self, meeting_id: str, utterance_id: str, samples: Samples, started_at: datetime | None = None
    ) -> None:
        """Keep the sound of an utterance if its meeting is recorded; else do nothing.

        What began before the recording did is not kept: nobody knew yet. A full disk costs the sound, never
        the words: it is logged, counted and said once in the meeting.

        Args:
            meeting_id: the meeting it was said in.
            utterance_id: its id in the transcript.
            samples: (n,) float32 at 16 kHz.
            started_at: when it began, aware; None takes it to have ended now.
        """
        began = started_at or self._office.wall() - timedelta(seconds=len(samples) / RATE)
        zone = next((zone for zone, rec in self._recording.items() if rec.meeting == meeting_id), None)
        if zone is None or began < self._recording[zone].since:
            return
        try:
            await asyncio.to_thread(self._recordings.keep, meeting_id, utterance_id, samples)
        except RecordingError as error:
            self.unkept += 1
            logger.error("sound is not kept", extra={"meeting": meeting_id, "error": str(error)})
            if meeting_id not in self._failed:
                self._failed.add(meeting_id)
                self._tell(
                    zone, "The sound of this meeting cannot be kept. The owner finds why in the log.", "warn"
                )

    # --- what happens -------------------------------------------------------------------------------

    def joined(self, participant: Participant) -> None:
        """Somebody has come in: they are told what holds where."""
        self._office.send(participant.id, self._state())
        self.entered(participant)

    def entered(self, participant: Participant) -> None:
        """Somebody is now in this zone: what holds here holds for them."""
        zone = participant.zone
        if participant.kind is not Kind.HUMAN:
            return
        if zone in self._off_record:
            self._on_off_record(frozenset({participant.id}))
            text = f"{self._place(zone)} is off the record: nobody is recognised here."
            self._office.send(participant.id, m.Notice(level="info", text=text))
        elif zone in self._recording:
            text = f"The sound of this meeting is kept for {self._days}."
            self._office.send(participant.id, m.Notice(level="info", text=text))

    def meeting_changed(self, zone: str, is_open: bool) -> None:
        """A meeting has begun or ended here."""
        if is_open and zone in self._off_record:
            self._tell(
                zone, f"{self._place(zone)} is off the record: nothing of this meeting is written down.", "warn"
            )
        if not is_open and (zone in self._off_record or zone in self._recording):
            self._off_record.discard(zone)
            self._recording.pop(zone, None)
            self._changed()
            self._saving.start(self._save())

    def step(self, now: float) -> bool:
        """Put zones that have been left back on the record; called with each tick. Never has more to do: False."""
        for zone in list(self._off_record):
            if any(p.kind is Kind.HUMAN for p in self._office.room.in_zone(zone)):
                self._last_seen[zone] = now
            elif now - self._last_seen.setdefault(zone, now) >= EMPTY_SECONDS:
                self._off_record.discard(zone)
                self._changed()
                self._saving.start(self._save())
        for zone in self._last_seen.keys() - self._off_record:
            del self._last_seen[zone]
        return False

    async def keep_sweeping(self) -> None:
        """Delete sound whose time is over, at once and every hour; runs until cancelled."""
        while True:
            await self.sweep()
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> int:
        """Delete sound whose time is over or whose meeting is no more; give of how many utterances."""
        known = {meeting.id for meeting in await self._records.meetings()}
        gone = 0
        try:
            gone = await asyncio.to_thread(self._recordings.sweep, known)
            self._on_sweep()
        except (RecordingError, SpoolError) as error:
            logger.error("sound whose time is over is not deleted", extra={"error": str(error)})
        if gone:
            logger.info("sound was deleted as its time was over", extra={"utterances": gone})
        return gone

    async def close(self) -> None:
        """Finish saving."""
        await self._saving.settled()

    # --- what people ask ----------------------------------------------------------------------------

    async def _switch_off_record(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.OffRecord)
        zone = self._zone(message.zone)
        if here(self._office, session).zone != zone:
            raise Refusal("zone", f"You are not in {self._place(zone)}. Those who are there choose for it.")
        if message.on == (zone in self._off_record):
            return
        if message.on:
            self._off_record.add(zone)
            stopped = self._recording.pop(zone, None) is not None
            self._on_off_record(frozenset(p.id for p in self._people(zone)))
            text = f"{session.name} took {self._place(zone)} off the record: nobody is recognised here."
            text += " The sound is no longer kept." if stopped else ""
        else:
            self._off_record.discard(zone)
            text = f"{session.name} put {self._place(zone)} back on the record: what is said is recognised again."
        self._changed()
        self._tell(zone, text)
        await self._save()

    async def _switch_recording(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.KeepSound)
        zone = self._zone(message.zone)
        meeting = self._meetings.in_zone(zone)
        if not (may(session.role, Permission.KEEP_SOUND) or _holds(session, meeting)):
            raise Refusal(
                "forbidden", "Only owners and whoever holds the meeting have its sound kept. Ask one of them."
            )
        if meeting is None:
            raise Refusal("meeting", "No meeting is under way there. Start one first.")
        if message.on == (zone in self._recording):
            return
        if message.on:
            if here(self._office, session).zone != zone:
                raise Refusal("zone", f"You are not in {self._place(zone)}. Go there first.")
            if zone in self._off_record:
                raise Refusal(
                    "off_record", f"{self._place(zone)} is off the record. Put it back on the record first."
                )
            self._recording[zone] = _Recorded(meeting=meeting.id, since=self._office.wall())
            text = f"{session.name} has the sound of {meeting.title} kept from now on, for {self._days}."
            text += " Refuse in Meeting, or take the room off the record, if you do not agree."
        else:
            del self._recording[zone]
            text = f"The sound of {meeting.title} is no longer kept."
        self._changed()
        self._tell(zone, text)
        await self._save()

    def _zone(self, id: str) -> str:
        if id not in self._office.plan.zone_by_id:
            raise Refusal("zone", "There is no such place in this office.")
        return id

    def _people(self, zone: str) -> list[Participant]:
        return [p for p in self._office.room.in_zone(zone) if p.kind is Kind.HUMAN]

    def _place(self, zone: str) -> str:
        return self._office.plan.zone(zone).name

    @property
    def _days(self) -> str:
        days = self._recordings.days
        return "a day" if days == 1 else f"{days} days"

    @property
    def _name(self) -> str:
        return f"privacy:{self._office.room.id}"

    def _state(self) -> m.Privacy:
        return m.Privacy(off_record=sorted(self._off_record), recording=sorted(self._recording))

    def _changed(self) -> None:
        self._office.broadcast(self._state())

    def _tell(self, zone: str, text: str, level: str = "info") -> None:
        self._office.broadcast(m.Notice(level=level, text=text), only={p.id for p in self._people(zone)})

    async def _save(self) -> None:
        async with self._order:  # the last state is written last
            recording = {zone: [rec.meeting, rec.since.isoformat()] for zone, rec in self._recording.items()}
            state = {"off_record": sorted(self._off_record), "recording": recording}
            await self._records.remember(self._name, state)


def _holds(session: Session, meeting: Meeting | None) -> bool:
    return meeting is not None and meeting.facilitator == session.participant_id
