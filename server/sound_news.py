"""What the sound reports finds the flows that it concerns."""

from __future__ import annotations

from media.audio import Samples
from server.flows.calls import Calls
from server.flows.listening import Listening
from server.flows.video import Video
from server.office import Office
from server.sound_port import SoundState
from spatial.participant import ParticipantId


class SoundNews:
    """What the sound reports, to the flows that it concerns; the sound is opened before they stand."""

    def __init__(self, office: Office) -> None:
        """Until a flow stands, nothing is told to it."""
        self._office = office
        self.listening: Listening | None = None
        self.calls: Calls | None = None
        self.video: Video | None = None

    def frame(self, participant_id: str, frame: Samples) -> None:
        """Somebody who agreed is heard."""
        if self.listening is not None:
            self.listening.hear(participant_id, frame)

    def lost(self, participant_id: str) -> None:
        """Nothing more comes of them: what they said until now counts."""
        if self.listening is not None:
            self.listening.stop(ParticipantId(participant_id))

    def speaking(self) -> set[ParticipantId]:
        """Who is speaking now."""
        return set() if self.listening is None else self.listening.speaking()

    def state(self, state: SoundState) -> None:
        """The sound came, went or has another load."""
        if not state.up:
            for participant_id in self._office.room.participants:
                self.lost(participant_id)
        if self.calls is not None:
            self.calls.changed(state)
        if self.video is not None:
            self.video.changed(state)
