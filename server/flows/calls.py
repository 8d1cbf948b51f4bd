"""A person's sound enters and leaves the mixer, and everybody knows how the sound is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from media.errors import MediaError
from server.office import Office
from server.protocol import messages as m
from server.protocol.codec import encode
from server.session import Handler, Session
from server.sound_port import Sound, SoundRestarting, SoundState
from spatial.participant import ParticipantId

logger = logging.getLogger(__name__)

TELL_SECONDS = 2.0
"""How often people hear how the sound is, even if nothing has changed."""


class Calls:
    """Carries out offers and hang-ups; tells people how the sound is."""

    def __init__(self, office: Office, sound: Sound) -> None:
        """`sound` owns the connections."""
        self._office, self._sound = office, sound

    def handlers(self) -> Mapping[type[m.Message], Handler]:
        """What this flow answers."""
        return {m.SoundOffer: self._offer, m.SoundClose: self._close, m.SoundCheck: self._check}

    async def _offer(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.SoundOffer)
        here = self._office.participant(session.participant_id)
        if here is None:
            return
        try:
            answer = await self._sound.connect(
                here.id, message.sdp, muted=here.muted, transcribed=here.transcribed
            )
        except SoundRestarting:
            text = "The sound is starting again. It comes back by itself, mostly within seconds."
            session.send(encode(m.SoundError(reason="restarting", text=text)))
            return
        except MediaError as error:
            logger.warning("sound offer failed", extra={"session": session.participant_id, "error": str(error)})
            text = "The sound connection could not be set up. It is tried again by itself; see Sound problems?"
            session.send(encode(m.SoundError(reason="offer", text=text)))
            return
        session.send(encode(m.SoundAnswer(sdp=answer, generation=message.generation)))

    async def _close(self, session: Session, message: m.Message) -> None:
        await self.gone(session.participant_id)

    async def _check(self, session: Session, message: m.Message) -> None:
        report = await self._sound.report(session.participant_id)
        session.send(
            encode(
                m.SoundReport(
                    connected=bool(report["connected"]),
                    packets_in=int(report["packets_in"]),
                    packets_lost=int(report["packets_lost"]),
                    level=float(report["level_dbfs"]),
                    delay_ms=float(report["delay_ms"]),
                    address=str(report["address"]),
                )
            )
        )

    async def gone(self, participant_id: ParticipantId) -> None:
        """The person has left."""
        await self._sound.disconnect(participant_id)

    # --- how the sound is -------------------------------------------------------------------------

    def joined(self, participant_id: ParticipantId) -> None:
        """Somebody came in or came back."""
        self._office.send(participant_id, self._message())

    def changed(self, state: SoundState) -> None:
        """The sound came, went or has another load."""
        logger.info("sound changed", extra={"up": state.up, "epoch": state.epoch, "load": state.load})
        self._office.broadcast(self._message())

    async def keep_telling(self) -> None:
        """Tell everybody who is here how the sound is, until cancelled."""
        while True:
            await asyncio.sleep(TELL_SECONDS)
            if self._office.sessions:
                self._office.broadcast(self._message())

    def _message(self) -> m.SoundState:
        state = self._sound.state
        return m.SoundState(
            up=state.up,
            epoch=state.epoch,
            path=state.path,
            load=state.load,
            people=self._sound.counters.peers,
            detail=dict(state.detail),
        )
