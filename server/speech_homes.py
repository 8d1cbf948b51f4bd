"""Which speech process knows what: where an utterance is followed, and where a person was heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from media.schedule import Job, Urgency


class Place(Protocol):
    """A process that works on some jobs."""

    @property
    def jobs(self) -> Sequence[Job]:
        """What it works on; empty when it is free."""


P = TypeVar("P", bound=Place)


class Homes(Generic[P]):
    """Remembers who worked on what, and says for whom a job is.

    An engine that follows speech as it comes has less left to do where it followed it: half a second of work
    elsewhere is a tenth there. So what it follows waits for its process while that is not long.
    """

    def __init__(self) -> None:
        """Know nothing."""
        self._streams: dict[str, P] = {}
        """Where an utterance was worked on last."""
        self._speakers: dict[str, P] = {}
        """Where a person was heard last: an engine may know the voice there. Until `forget`."""

    def note(self, job: Job, place: P) -> P | None:
        """A job goes to this process; returns another one that its utterance was worked on before."""
        before = self._streams.get(job.stream)
        self._streams[job.stream] = self._speakers[job.speaker] = place
        return None if before is place else before

    def may(self, job: Job, *, incremental: bool) -> bool:
        """Whether any free process may have this job now.

        Args:
            job: what waits.
            incremental: the engine follows speech as it comes.
        """
        home = self._streams.get(job.stream)
        if not incremental or home is None or not home.jobs:
            return True
        if job.urgency is Urgency.PARTIAL:
            return False  # by another it would have to be followed from its start
        # An early caption is soon done; to wait for another whole utterance is not worth it.
        return all(other.urgency is not Urgency.PARTIAL for other in home.jobs)

    def choose(self, job: Job, free: Sequence[P]) -> P:
        """Return the best for a job of some processes that are free."""
        for home in (self._streams.get(job.stream), self._speakers.get(job.speaker)):
            if home is not None and home in free:
                return home
        return free[0]

    def end(self, stream: str) -> P | None:
        """Forget an utterance; returns where it was worked on."""
        return self._streams.pop(stream, None)

    def forget(self, speaker: str) -> None:
        """Forget where a person was heard."""
        self._speakers.pop(speaker, None)

    def gone(self, place: P) -> None:
        """A process has ended, and knows nothing any more."""
        for homes in (self._streams, self._speakers):
            for name in [name for name, home in homes.items() if home is place]:
                del homes[name]
