"""People come, move, sit, talk in writing and go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from server.background import Background
from server.flows.refusals import REASONS
from server.office import Office, look_of
from server.protocol import PROTOCOL_VERSION
from server.protocol import messages as m
from server.protocol.codec import MAX_BYTES, encode
from server.records import Records
from server.roles import Permission, may
from server.session import Handler, Refusal, Session
from spatial.commands import (
    Join,
    Leave,
    Lose,
    Resume,
)
from spatial.events import Refused
from spatial.participant import Kind, Participant, ParticipantId
from spatial.pose import Pose

GRACE_SECONDS = 120.0
"""How long somebody whose line broke keeps their place."""
SAVE_SECONDS = 20.0
LEFT_SECONDS = 10.0
"""How long somebody who closed the page keeps it: a reload comes back within this, to the same seat."""


class Presence:
    """Carries out what a person asks about being here."""

    def __init__(
        self,
        office: Office,
        records: Records,
        *,
        engine_info: Callable[[], m.Record],
        ice_servers: Callable[[Session], list[m.Record]],
        on_gone: Callable[[ParticipantId], None],
        on_consent: Callable[[ParticipantId, bool], None],
        on_muted: Callable[[ParticipantId, bool], None],
        on_moved: Callable[[Participant], None],
        on_lost: Callable[[ParticipantId], None],
    ) -> None:
        """The callbacks tell the other flows who left, refused, muted, changed zone or lost the line."""
        self._on_lost = on_lost
        self._office, self._records = office, records
        self._engine_info, self._ice_servers = engine_info, ice_servers
        self._on_gone, self._on_consent, self._on_muted, self._on_moved = on_gone, on_consent, on_muted, on_moved
        self._leaving: dict[ParticipantId, asyncio.TimerHandle] = {}
        self._saving = Background("saving places")

    def handlers(self) -> Mapping[type[m.Message], Handler]:
        """What this flow answers."""
        return {m.Hello: self._hello}

    async def _hello(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.Hello)
        office, pid = self._office, session.participant_id
        older = office.sessions.get(pid)
        if older is not None and older is not session:
            older.dismiss(4006, "replaced", "You opened the office in another tab; this one is closed.")
        if timer := self._leaving.pop(pid, None):
            timer.cancel()
        resumed = office.participant(pid) is not None
        last = None if resumed else await self._records.last_pose(pid)
        join = Join(
            id=pid,
            name=session.name,
            kind=Kind.HUMAN,
            look=look_of(session.look),
            role=session.role,
            pose=Pose(x=last[0], z=last[1], yaw=last[2]) if last else None,
            muted=message.muted,
            listening_only=message.listening_only,
            transcribed=message.transcribed,
        )
        for event in [*office.apply(join), *office.apply(Resume(id=pid))]:
            if isinstance(event, Refused):
                raise Refusal(event.reason.value, REASONS[event.reason])
        participant = office.room.participants[pid]
        self._on_muted(pid, message.muted)
        self._on_consent(pid, message.transcribed)
        session.slot = participant.slot
        office.sessions[pid] = session
        self._greet(session, participant, resumed)
        self._on_moved(participant)

    def _greet(self, session: Session, participant: Participant, resumed: bool) -> None:
        office, pid = self._office, session.participant_id
        you = {"slot": participant.slot, "id": pid, "name": participant.name, "role": session.role}
        welcome = m.Welcome(
            version=PROTOCOL_VERSION,
            you=you | {"may": sorted(p.value for p in Permission if may(session.role, p))},
            room=office.room.id,
            plan_url=f"/v1/rooms/{office.room.id}/plan",
            engine=self._engine_info(),
            ice_servers=self._ice_servers(session),
            chat=[_plain(c) for c in office.chat],
            captions=[_plain(c) for heard_by, c in office.captions if pid in heard_by],
            resumed=resumed,
            server_time=office.wall().timestamp(),
            limits={"max_message": MAX_BYTES},
            timezone=str(office.timezone),
        )
        session.send(encode(welcome))
        session.send(encode(m.Placed(x=participant.pose.x, z=participant.pose.z, yaw=participant.pose.yaw)))

    def lost(self, session: Session, left: bool) -> None:
        """The socket is gone; `left` when the browser closed it on purpose."""
        office, pid = self._office, session.participant_id
        if office.sessions.get(pid) is not session:
            return
        del office.sessions[pid]
        office.apply(Lose(id=pid))
        self._on_lost(pid)
        self._save(pid)
        delay = LEFT_SECONDS if left else GRACE_SECONDS
        self._leaving[pid] = asyncio.get_running_loop().call_later(delay, self._leave, pid)

    def expel(self, pid: ParticipantId, code: int, error_code: str, text: str) -> None:
        """Somebody has to go at once, and is told why."""
        session = self._office.sessions.pop(pid, None)
        if session is not None:
            session.dismiss(code, error_code, text)
        if timer := self._leaving.pop(pid, None):
            timer.cancel()
        if self._office.participant(pid) is not None:
            self._leave(pid)

    async def keep_places(self) -> None:
        """Write down now and then where people stand, should the plug be pulled; runs until cancelled."""
        written: dict[ParticipantId, Pose] = {}
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            for participant in self._office.people():
                if written.get(participant.id) != participant.pose:
                    written[participant.id] = participant.pose
                    self._save(participant.id)

    async def close(self) -> None:
        """Forget the timers, finish saving."""
        for timer in self._leaving.values():
            timer.cancel()
        self._leaving.clear()
        for participant in self._office.people():
            self._save(participant.id)
        await self._saving.settled()

    def _leave(self, pid: ParticipantId) -> None:
        self._leaving.pop(pid, None)
        self._save(pid)
        self._office.apply(Leave(id=pid))
        self._office.volumes.pop(pid, None)
        self._on_gone(pid)

    def _save(self, pid: ParticipantId) -> None:
        participant = self._office.participant(pid)
        if participant is None:
            return
        pose = participant.pose
        self._saving.start(self._records.save_pose(pid, (pose.x, pose.z, pose.yaw), self._office.room.id))


def _plain(message: m.ChatMessage | m.Caption) -> m.Record:
    return {name: getattr(message, name) for name in type(message).__dataclass_fields__}
