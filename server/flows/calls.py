"""A person's sound enters and leaves the mixer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Protocol

from media.errors import MediaError
from server.office import Office
from server.protocol import messages as m
from server.protocol.codec import encode
from server.session import Handler, Session
from spatial.participant import ParticipantId

logger = logging.getLogger(__name__)


class Sound(Protocol):
    """What a call needs of the sound engine."""

    async def connect(self, participant_id: str, offer_sdp: str, *, muted: bool, transcribed: bool) -> str:
        """Take a WebRTC offer, give the answer; replaces an earlier peer of the same person."""

    async def disconnect(self, participant_id: str) -> None:
        """Close the person's peer, if any."""


class Calls:
    """Carries out offers and hang-ups."""

    def __init__(self, office: Office, sound: Sound) -> None:
        """`sound` owns the peers."""
        self._office, self._sound = office, sound

    def handlers(self) -> Mapping[type[m.Message], Handler]:
        """What this flow answers."""
        return {m.SoundOffer: self._offer, m.SoundClose: self._close}

    async def _offer(self, session: Session, message: m.Message) -> None:
        assert isinstance(message, m.SoundOffer)
        here = self._office.participant(session.participant_id)
        if here is None:
            return
        try:
            answer = await self._sound.connect(
                here.id, message.sdp, muted=here.muted, transcribed=here.transcribed
            )
        except MediaError as error:
            logger.warning("sound offer failed", extra={"session": session.participant_id, "error": str(error)})
            text = "The sound connection could not be set up. Reload the page to try again."
            session.send(encode(m.SoundError(reason="offer", text=text)))
            return
        session.send(encode(m.SoundAnswer(sdp=answer, generation=message.generation)))

    async def _close(self, session: Session, message: m.Message) -> None:
        await self.gone(session.participant_id)

    async def gone(self, participant_id: ParticipantId) -> None:
        """The person has left."""
        await self._sound.disconnect(participant_id)
