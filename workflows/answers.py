"""Answers: what connectors say in a rehearsal, at once or after a while, as they were told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from workflows.at_once import finished
from workflows.connector import Answer, Did, TryAgain
from workflows.engine import Engine
from workflows.errors import Fenced, RehearsalError
from workflows.memory import MemoryStore
from workflows.store import Claimed

MOST_AT_ONCE = 10_000
"""So many rounds of calls may follow from each other at one instant; more, and the workflow turns in a circle."""
_WORKER = "rehearsal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """An answer that takes its time; where that is longer than the call's time-out, the attempt has failed."""

    seconds: float
    answer: Answer


Reply = Answer | Late
Told = Reply | Callable[[Mapping[str, Any]], Reply]
"""What a connector answers, or what finds that out from what it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Something that a connector was asked to do."""

    at: datetime
    """UTC."""
    action: str
    params: Mapping[str, Any]
    key: str
    """The same for each attempt."""
    attempt: int


class Answers:
    """Stands in for all connectors of an office, and for the dispatcher that leads to them."""

    def __init__(self, engine: Engine, store: MemoryStore) -> None:
        """Every connector does what it is asked, until it is told otherwise."""
        self.asked: list[Asked] = []
        """Each attempt, in order."""
        self.unheard: list[Asked] = []
        """Of these, those whose answer nobody wanted any more when it came."""
        self._engine, self._store = engine, store
        self._told: dict[str, list[Told]] = {}
        self._coming: list[tuple[datetime, Claimed, Asked, Answer]] = []
        """Answers that take their time, and when they come."""

    def tell(self, action: str, told: list[Told]) -> None:
        """Say what is answered from now on; see `workflows.rehearsal.Rehearsal.answer`."""
        self._told[action] = told

    def next_at(self) -> datetime | None:
        """When the next answer comes, or the next attempt is made."""
        due = finished(self._store.next_request())
        return min((at for at in (due, *(one[0] for one in self._coming)) if at is not None), default=None)

    def work(self, now: datetime) -> None:
        """Let answers come that took until now, and answer what is asked, until nothing is.

        Raises:
            RehearsalError: each answer asks for the next call.
        """
        for one in [one for one in self._coming if one[0] <= now]:
            self._coming.remove(one)
            self._write_back(now, *one[1:])
        for _ in range(MOST_AT_ONCE):
            limits = finished(self._store.waiting(now))
            until = datetime.max.replace(tzinfo=UTC)  # nobody else works here
            claimed = finished(self._store.claim(_WORKER, now, until, limits))
            if not claimed:
                return
            for request in claimed:
                self._call(request, now)
        raise RehearsalError(
            f"more than {MOST_AT_ONCE} rounds of calls at {now}; does the workflow turn in a circle?"
        )

    def _call(self, claimed: Claimed, now: datetime) -> None:
        asked = Asked(
            at=now,
            action=claimed.action,
            params=claimed.params,
            key=claimed.key,
            attempt=claimed.attempt,
        )
        self.asked.append(asked)
        reply = self._reply(claimed)
        if not isinstance(reply, Late):
            self._write_back(now, claimed, asked, reply)
            return
        seconds, answer = reply.seconds, reply.answer
        if seconds >= claimed.timeout:
            seconds, answer = claimed.timeout, TryAgain(reason=f"no answer within {claimed.timeout:g} s")
        self._coming.append((now + timedelta(seconds=seconds), claimed, asked, answer))

    def _reply(self, claimed: Claimed) -> Reply:
        connector = claimed.action.partition(".")[0]
        for pattern in (claimed.action, f"{connector}.*", "*"):
            left = self._told.get(pattern)
            if left:
                told = left.pop(0) if len(left) > 1 else left[0]
                return told(claimed.params) if callable(told) else told
        return Did()

    def _write_back(self, now: datetime, claimed: Claimed, asked: Asked, answer: Answer) -> None:
        try:
            if isinstance(answer, Did):
                finished(self._engine.done(claimed, answer.result, now))
            elif isinstance(answer, TryAgain):
                finished(self._engine.failed(claimed, answer.reason, now, after=answer.after))
            else:
                finished(self._engine.failed(claimed, answer.reason, now, final=True))
        except Fenced:
            self.unheard.append(asked)
