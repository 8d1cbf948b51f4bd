"""What a person switches off is switched off everywhere."""

from __future__ import annotations

from server.flows.listening import Listening
from server.sound_port import Sound
from spatial.participant import ParticipantId


class Switches:
    """A person mutes or refuses: mixer and recognition are told together."""

    def __init__(self, sound: Sound, listening: Listening) -> None:
        """Both are told at once."""
        self._sound, self._listening = sound, listening

    def muted(self, participant_id: ParticipantId, muted: bool) -> None:
        """Nobody hears a muted person; what they said until now still counts."""
        self._sound.set_muted(participant_id, muted)
        if muted:
            self._listening.stop(participant_id)

    def consent(self, participant_id: ParticipantId, transcribed: bool) -> None:
        """Who refuses is not listened to from this moment."""
        self._sound.set_transcribed(participant_id, transcribed)
        if not transcribed:
            self._listening.forget(participant_id)
