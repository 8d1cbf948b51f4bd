"""The world outside a run: what is under way in it, as told by effects alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from workflows.effects import (
    Announce,
    ChangeTask,
    ClearDeadline,
    CloseTask,
    Effect,
    OpenTask,
    Request,
    SetDeadline,
    StartChild,
    Withdraw,
)
from workflows.run import Event


class World:
    """Hears of effects, answers, and checks that it is told nothing that cannot be."""

    def __init__(self) -> None:
        self.open: dict[str, int] = {}
        """What a connector, another run or people work on: name -> number."""
        self.timers: dict[str, tuple[datetime, str]] = {}
        self.known: list[tuple[str, int]] = []
        """Everything that was ever asked for."""
        self.answered: dict[str, int] = {}
        """What has ended, but the run is paused and has not looked at it."""

    def hear(self, effects: Sequence[Effect], version: int) -> None:
        for effect in effects:
            match effect:
                case Request() | StartChild() | OpenTask():
                    assert (effect.name, effect.number) not in self.known, "nothing is asked for twice"
                    assert effect.number == version
                    assert effect.name not in self.open
                    self.known.append((effect.name, effect.number))
                    self.open[effect.name] = effect.number
                case Withdraw() | CloseTask():
                    place = self.open if effect.name in self.open else self.answered
                    assert place.pop(effect.name) == effect.number, "only what is open is withdrawn"
                case ChangeTask():
                    assert self.open[effect.name] == effect.number
                case SetDeadline():
                    self.timers[effect.name] = (effect.at, effect.event)
                case ClearDeadline():
                    self.timers.pop(effect.name, None)
        announced = [one for one in effects if isinstance(one, Announce)]
        assert [one.version for one in announced] == [version] * len(announced)

    def answer(self, name: str, number: object, *, held: bool) -> None:
        """Somebody has done what was asked, or could not."""
        if name in self.open and self.open[name] == number:
            found = self.open.pop(name)
            if held:
                self.answered[name] = found

    def look(self, held: Sequence[Event]) -> None:
        """Forget the answers that the run does not hold any more."""
        waiting = {(one.name.partition(".")[2], one.data.get("number")) for one in held}
        self.answered = {name: number for name, number in self.answered.items() if (name, number) in waiting}
