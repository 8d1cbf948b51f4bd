"""What the office needs of speech recognition, whoever does it: the port that the flows call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from media.schedule import ScheduleStats, Urgency
from media.suppression import Reason
from media.transcriber import Capabilities, Hypothesis, Samples
from server.errors import ServerError


class SpeechFailed(ServerError):
    """A complete utterance could not be turned into words, by any engine, several times."""

    code = "speech_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Sound of one person that is to become words."""

    stream: str
    """Id of the utterance; it is the same for all that is asked of one utterance."""
    speaker: str
    room: str
    """Where it was said; rooms share the recogniser fairly."""
    samples: Samples
    """(n,) float32 at 16 kHz, from the start of the utterance."""
    urgency: Urgency
    language: str = ""
    """ISO 639-1; empty: what the engine hears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What came of a segment."""

    hypothesis: Hypothesis
    engine: str
    """Short name of the engine that did it."""
    seconds: float
    """From asking to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """Which recogniser is at work, for the screen."""

    name: str
    """For people, as "PocketSphinx"; "loading" until one is ready."""
    detail: str
    embedded: bool
    stands_in_for: str = ""
    """The engine that should be at work and is not, for people; empty when all is as chosen."""
    reason: str = ""
    """Why this one: why it was chosen, or why it stands in."""
    languages: tuple[str, ...] = ()
    """Which it knows, ISO 639-1; empty: any."""
    ready: bool = True
    """It could work now."""
    fault: str = ""
    """Why it cannot be loaded."""


LOADING = EngineInfo(name="loading", detail="The recogniser is being loaded.", embedded=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInfo:
    """One process that recognises speech."""

    up: bool
    pid: int | None
    restarts: int
    engine: str
    """Name of the engine at work in it."""
    device: str = ""
    """What that engine runs on."""
    up_since: float | None = None
    """Seconds since the epoch."""
    real_time_factor: float | None = None
    """Seconds of work for a second of sound, since then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineChange:
    """Another engine took over."""

    at: float
    """Seconds since the epoch."""
    engine: str
    instead_of: str
    """The one that was at work before."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechState:
    """How recognition is."""

    up: bool
    engine: EngineInfo
    processes: tuple[ProcessInfo, ...] = ()
    engines: tuple[EngineInfo, ...] = ()
    """All that were chosen for this machine, the best first."""
    changes: tuple[EngineChange, ...] = ()
    """The last ones, oldest first."""


@dataclass(slots=True, kw_only=True)
class SpeechCounters:
    """What was counted since the office opened."""

    recognised: int = 0
    """Complete utterances that became words (or were found to hold none)."""
    failed: int = 0
    """Complete utterances that nobody could work on."""
    repeated: int = 0
    """Complete utterances that were given to another process because theirs died."""
    suppressed: dict[Reason, int] = field(default_factory=dict)
    sound_seconds: float = 0.0
    """Sound that was worked on, each second once however often it was looked at, ..."""
    work_seconds: float = 0.0
    """... and how long all work on it took."""

    @property
    def realtime_factor(self) -> float:
        """Seconds of work for a second of sound; 0 before the first."""
        return self.work_seconds / self.sound_seconds if self.sound_seconds else 0.0


class Speech(Protocol):
    """Turns segments into words, in processes of its own. Nothing here waits but `recognise`."""

    @property
    def state(self) -> SpeechState:
        """How it is now."""

    @property
    def capabilities(self) -> Capabilities:
        """What the engine at work can do."""

    @property
    def counters(self) -> SpeechCounters:
        """What was counted."""

    @property
    def stats(self) -> ScheduleStats:
        """What waits, and how long."""

    def cadence(self) -> float:
        """Seconds between two early captions of one person; grows with the load."""

    async def recognise(self, segment: Segment) -> Recognised | None:
        """Recognise a segment; a complete one waits as long as it takes, also for a process to come back.

        Returns:
            None when it was dropped for something newer, or there is no time for early captions now.

        Raises:
            SpeechFailed: nobody could, several times.
        """

    def forget(self, speaker: str) -> None:
        """Drop what waits of this person."""

    def end(self, stream: str) -> None:
        """Nothing more will be asked of this utterance: what is kept of it may go."""

    def set_vocabulary(self, terms: Sequence[str]) -> None:
        """Names and words of this office, from now on."""


OnSpeechState = Callable[[SpeechState], None]


class OpenSpeech(Protocol):
    """Starts recognition; closed with the context."""

    def __call__(self, *, on_state: OnSpeechState) -> AbstractAsyncContextManager[Speech]:
        """`on_state` is called when a process or an engine comes, goes or changes."""
