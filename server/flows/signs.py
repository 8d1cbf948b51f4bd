"""A person mutes, deafens, refuses, waves, reacts, writes and changes their look."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from server.flows.refusals import here
from server.office import Office, look_of
from server.protocol import messages as m
from server.records import Records
from server.session import Handler, Refusal, Session
from spatial.commands import RaiseHand, SetConsent, SetDeaf, SetLook, SetMuted, SetStatus
from spatial.participant import ParticipantId

WAVE = "👋"


class Signs:
    """Carries out what a person shows the others."""

    def __init__(
        self,
        office: Office,
        records: Records,
        *,
        on_muted: Callable[[ParticipantId, bool], None],
        on_consent: Callable[[ParticipantId, bool], None],
    ) -> None:
        """The callbacks take a person's sound out of the mix or away from recognition."""
        self._office, self._records = office, records
        self._on_muted, self._on_consent = on_muted, on_consent

    def handlers(self) -> Mapping[type[m.Message], Handler]:
        """What this flow answers."""
        return {
            m.Mute: self._mute,
            m.Deafen: self._deafen,
            m.Volume: self._volume,
            m.Consent: self._consent,
            m.Status: self._status,
            m.Hand: self._hand,
            m.Wave: self._wave,
            m.React: self._react,
            m.Chat: self._chat,
            m.SetLook: self._look,
        }

    async def _mute(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.Mute)
        self._office.apply(SetMuted(id=session.participant_id, muted=message.muted))
        self._on_muted(session.participant_id, message.muted)

    async def _deafen(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.Deafen)
        self._office.apply(SetDeaf(id=session.participant_id, deaf=message.deaf))

    async def _volume(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.Volume)
        person = self._office.participant(ParticipantId(message.person))
        if person is None:
            raise Refusal("gone", "That person is no longer here.")
        self._office.set_volume(session.participant_id, person.id, message.gain)

    async def _consent(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.Consent)
        self._office.apply(SetConsent(id=session.participant_id, transcribed=message.transcribed))
        self._on_consent(session.participant_id, message.transcribed)

    async def _status(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.Status)
        if message.status not in ("available", "away", "busy"):
            raise Refusal("status", "A status is available, away or busy.")
        self._office.apply(SetStatus(id=session.participant_id, status=message.status))

    async def _hand(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.Hand)
        self._office.apply(RaiseHand(id=session.participant_id, up=message.up))

    async def _wave(self, session: Session, message: m.Message) -> None:
        assert session.slot is not None
        self._office.broadcast(m.Reaction(slot=session.slot, emoji=WAVE))

    async def _react(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.React)
        assert session.slot is not None
        if not message.emoji.strip() or message.emoji.isascii():
            raise Refusal("emoji", "A reaction is one emoji.")
        self._office.broadcast(m.Reaction(slot=session.slot, emoji=message.emoji))

    async def _chat(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.Chat)
        assert session.slot is not None
        text = message.text.strip()
        if not text:
            raise Refusal("empty", "Write something first.")
        if any(c.id == message.id and c.from_slot == session.slot for c in self._office.chat):
            return  # a repeat after a lost line
        person = here(self._office, session)
        chat = m.ChatMessage(
            id=message.id,
            from_slot=session.slot,
            from_name=person.name,
            text=text,
            at=self._office.wall().timestamp(),
        )
        self._office.chat.append(chat)
        self._office.broadcast(chat)

    async def _look(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.SetLook)
        name = " ".join(message.name.split())
        if not name or len(message.look) != 5 or not all(0 <= part <= 5 for part in message.look):
            raise Refusal("look", "Give a name and five choices of 0 to 5.")
        self._office.apply(SetLook(id=session.participant_id, name=name, look=look_of(message.look)))
        session.name, session.look = name, message.look
        await self._records.save_person(session.participant_id, name, message.look)
