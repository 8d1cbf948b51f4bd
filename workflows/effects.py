"""What a transition asks the outside to do; stored in the same transaction as the transition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflows.parts import Retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """Tell the rooms that a run changed. At least once; `run`, `version` make repeats harmless."""

    run: str
    version: int
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDeadline:
    """Send `event` to the run when `at` (UTC) has come; replaces the run's timer of this name."""

    run: str
    name: str
    at: datetime
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearDeadline:
    """Forget the run's timer of this name, if there is one."""

    run: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Ask a connector to do something, at least once; what comes of it returns as `done.NAME` or `failed.NAME`."""

    run: str
    name: str
    number: int
    """See `workflows.run.Open.number`."""
    action: str
    params: Mapping[str, Any]
    retry: Retry
    timeout: float
    """Seconds for one attempt."""

    @property
    def key(self) -> str:
        """The same for every attempt: the connector's idempotency key."""
        return f"{self.run}:{self.number}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """A call or a child that is not wanted any more: its state was left."""

    run: str
    name: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """Put a question before people."""

    run: str
    name: str
    number: int
    title: str
    roles: tuple[str, ...]
    people: tuple[str, ...]
    barred: tuple[str, ...]
    decisions: Mapping[str, int]
    shown: Mapping[str, Any]
    """What is decided about: expression -> value."""
    subject: str
    """Its hash."""
    form: Mapping[str, Any] | None
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTask:
    """A question has other people before it, or votes."""

    run: str
    name: str
    number: int
    roles: tuple[str, ...]
    people: tuple[str, ...]
    votes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseTask:
    """A question was decided, or is not asked any more (`decision` is empty)."""

    run: str
    name: str
    number: int
    decision: str
    by: str
    votes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartChild:
    """Start a run that belongs to this one."""

    run: str
    name: str
    number: int
    definition: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TellParent:
    """A child is over: its parent gets `event`."""

    run: str
    """The child."""
    parent: str
    slot: str
    slot_number: int
    event: str
    data: Mapping[str, Any]


Effect = (
    Announce
    | SetDeadline
    | ClearDeadline
    | Request
    | Withdraw
    | OpenTask
    | ChangeTask
    | CloseTask
    | StartChild
    | TellParent
)


def net(effects: Iterable[Effect]) -> list[Effect]:
    """Leave out what begins and is withdrawn among these effects: nobody needs to hear of it."""
    kept: list[Effect] = []
    begun: set[tuple[str, int]] = set()
    for effect in effects:
        match effect:
            case Request() | StartChild() | OpenTask():
                begun.add((effect.name, effect.number))
            case Withdraw() | CloseTask(decision="") if (effect.name, effect.number) in begun:
                begun.remove((effect.name, effect.number))
                kept = [one for one in kept if not _is_of(one, effect.name, effect.number)]
                continue
        kept.append(effect)
    return kept


def _is_of(effect: Effect, name: str, number: int) -> bool:
    return isinstance(effect, Request | StartChild | OpenTask | ChangeTask) and (
        (effect.name, effect.number) == (name, number)
    )
