"""What a new sound process must be told of the time before it. No sockets, no waiting."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from media.audio import RATE, Samples
from server.sound_port import View


@dataclass(slots=True)
class Person:
    """What holds for somebody's sound."""

    muted: bool
    transcribed: bool


@dataclass(slots=True)
class _Speech:
    """What an avatar says, by the office's clock: it goes on while the sound restarts."""

    until: float
    pieces: deque[tuple[float, Samples]] = field(default_factory=deque)
    """When each begins, and its samples."""


class Memory:
    """People's switches, who hears whom, who sees what, what is being said. Times are seconds of any one clock."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.people: dict[str, Person] = {}
        """Those who are connected or try to."""
        self.scene: bytes | None = None
        """As it is sent."""
        self.views: dict[str, list[list[str]]] = {}
        """By viewer, as they are sent: [m-line, owner, kind]."""
        self._speech: dict[str, _Speech] = {}

    def may_be_recognised(self, participant_id: str) -> bool:
        """Whether somebody's sound may go to recognition now."""
        person = self.people.get(participant_id)
        return person is not None and person.transcribed and not person.muted

    def view(self, viewer: str, views: Sequence[View]) -> list[list[str]]:
        """Keep what a viewer sees; returns it as it is sent."""
        self.views[viewer] = [[view.mid, view.owner, view.kind] for view in views]
        return self.views[viewer]

    def play(self, source: str, samples: Samples, now: float) -> float:
        """An avatar says this after what it is saying; returns the seconds until all is said."""
        speech = self._speech.setdefault(source, _Speech(until=now))
        while speech.pieces and _end(*speech.pieces[0]) <= now:
            speech.pieces.popleft()
        begin = max(speech.until, now)
        speech.pieces.append((begin, samples))
        speech.until = _end(begin, samples)
        return speech.until - now

    def stop(self, source: str, fade: float, now: float) -> None:
        """It goes out within `fade` seconds."""
        if (speech := self._speech.get(source)) is not None:
            speech.pieces.clear()
            speech.until = min(speech.until, now + fade)

    def remove(self, source: str) -> None:
        """It has left."""
        self._speech.pop(source, None)

    def seconds_left(self, source: str, now: float) -> float:
        """How long it will still sound."""
        speech = self._speech.get(source)
        return 0.0 if speech is None else max(0.0, speech.until - now)

    def unsaid(self, now: float) -> Iterator[tuple[str, Samples]]:
        """What each still has to say."""
        for source, speech in self._speech.items():
            for begin, samples in speech.pieces:
                rest = samples[max(0, round((now - begin) * RATE)) :]
                if len(rest):
                    yield source, rest


def _end(begin: float, samples: Samples) -> float:
    return begin + len(samples) / RATE
