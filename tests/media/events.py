"""What happened on a timeline, and questions to ask of it: within, absent, in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that could be seen from outside."""

    at: float
    kind: str
    """started, paused, ended: of speech; caption, final: of its words; engine: another is in use."""
    speaker: str = ""
    utterance: str = ""
    text: str = ""
    """The whole caption."""
    settled: str = ""
    """How it begins, for good."""
    engine: str = ""


class Events:
    """All that happened, in order of time."""

    def __init__(self) -> None:
        self.all: list[Event] = []

    def add(self, event: Event) -> None:
        self.all.append(event)

    def find(
        self,
        kind: str = "",
        *,
        speaker: str = "",
        says: str = "",
        engine: str = "",
        after: float = 0.0,
        before: float = float("inf"),
    ) -> list[Event]:
        """Events that are all of this; empty matches any. `says`: these words stand in the text together."""
        return [
            event
            for event in self.all
            if (not kind or event.kind == kind)
            and (not speaker or event.speaker == speaker)
            and (not says or f" {says} " in f" {event.text} ")
            and (not engine or event.engine == engine)
            and after <= event.at <= before
        ]

    def within(
        self, seconds: float, kind: str = "", *, after: float, speaker: str = "", says: str = "", engine: str = ""
    ) -> Event:
        """Give the first such event; it must come between `after` and so many seconds later."""
        found = self.find(kind, speaker=speaker, says=says, engine=engine, after=after)
        assert found, f"no {kind or 'event'} of {speaker or 'anybody'} with {says!r} after {after:.2f} s:\n{self}"
        late = found[0].at - after
        assert late <= seconds, f"{found[0]} came {late:.2f} s after {after:.2f} s, not within {seconds} s"
        return found[0]

    def absent(
        self,
        kind: str = "",
        *,
        speaker: str = "",
        says: str = "",
        engine: str = "",
        after: float = 0.0,
        before: float = float("inf"),
    ) -> None:
        """There must be no such event in this time."""
        found = self.find(kind, speaker=speaker, says=says, engine=engine, after=after, before=before)
        assert not found, f"there should be no {found[0]}"

    @staticmethod
    def order(events: Iterable[Event]) -> None:
        """They must have happened in this order."""
        times = [event.at for event in events]
        assert times == sorted(times), f"not in this order: {times}"

    def finals(self, speaker: str) -> list[str]:
        """What a speaker said in the end, an utterance each, as they were begun.

        Their words may come in another order: a later one overtakes one whose engine hangs.
        """
        begun = [event.utterance for event in self.find("started", speaker=speaker)]
        finals = sorted(self.find("final", speaker=speaker), key=lambda event: begun.index(event.utterance))
        return [event.text for event in finals]

    def check(self) -> None:
        """What holds of every timeline: nothing settled changes, each utterance that ended has one final."""
        settled: dict[str, str] = {}
        closed: set[str] = set()
        for event in self.all:
            if event.kind not in ("caption", "final"):
                continue
            assert event.utterance not in closed, f"{event} after its final"
            before = settled.get(event.utterance, "")
            assert f"{event.settled} ".startswith(f"{before} ".lstrip()), f"{before!r} was settled, then {event}"
            assert f"{event.text} ".startswith(f"{event.settled} ".lstrip()), f"the settled part is not in {event}"
            settled[event.utterance] = event.settled
            if event.kind == "final":
                assert event.text == event.settled
                closed.add(event.utterance)
        ended = {event.utterance for event in self.find("ended")}
        assert ended <= closed, f"no words of {ended - closed}"

    def __str__(self) -> str:
        return "\n".join(f"{e.at:7.3f} {e.kind:8} {e.utterance:8} {e.engine:8} {e.text}" for e in self.all)
