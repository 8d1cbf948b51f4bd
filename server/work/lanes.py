"""Lanes: which request is worked on next. One lane a connector; in it tenants take turns."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field

from workflows.store import Claimed

LATELY_SECONDS = 60.0
"""A tenant who asked within this time may ask again: others leave room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSettings:
    """How much at a time, and what counts as down."""

    most_together: int = 8
    """Calls of one connector at the same time."""
    spare: int = 2
    """So many of them no tenant takes alone while others have asked lately: who asks seldom finds one free."""
    failures: int = 5
    """So many in a row open the circuit: the connector is left alone for a while."""
    rest_seconds: float = 5.0
    """How long at first; it doubles each time that the one call which is let through fails as well."""
    most_rest_seconds: float = 300.0

    @property
    def most_of_one(self) -> int:
        """Calls of one tenant at the same time where there are others."""
        return max(1, self.most_together - self.spare)


@dataclass(slots=True)
class Lane:
    """Requests to one connector. Times are seconds on a clock that nobody sets."""

    settings: LaneSettings
    running: int = 0
    _running_of: Counter[str] = field(default_factory=Counter)
    _turns: deque[str] = field(default_factory=deque)
    """Tenants who have something here, the next first."""
    _waiting: dict[str, deque[Claimed]] = field(default_factory=dict)
    _asked: OrderedDict[str, float] = field(default_factory=OrderedDict)
    """When each tenant last asked for something, the latest last."""
    _failed: int = 0
    """In a row."""
    _rest: float = 0.0
    _closed_until: float = 0.0

    def put(self, claimed: Claimed, now: float) -> None:
        """Let a request wait for its turn."""
        tenant = claimed.tenant
        self._asked[tenant] = now
        self._asked.move_to_end(tenant)
        while now - next(iter(self._asked.values())) > LATELY_SECONDS:
            self._asked.popitem(last=False)
        own = self._waiting.get(tenant)
        if own is None:
            own = self._waiting[tenant] = deque()
            self._turns.append(tenant)
        own.append(claimed)

    def take(self, now: float) -> Claimed | None:
        """Give the next request that may begin now, or None."""
        if not self._turns or now < self._closed_until:
            return None
        if self.running >= (1 if self.is_open else self.settings.most_together):
            return None
        for _ in range(len(self._turns)):
            tenant = self._turns[0]
            if not self._has_enough(tenant, now):
                return self._next_of(tenant)
            self._turns.rotate(-1)
        return None

    def _has_enough(self, tenant: str, now: float) -> bool:
        """The tenant leaves what is free to others, who asked lately."""
        if self._running_of[tenant] < self.settings.most_of_one:
            return False
        other = next((at for name, at in reversed(self._asked.items()) if name != tenant), None)
        return other is not None and now - other <= LATELY_SECONDS

    def _next_of(self, tenant: str) -> Claimed:
        self._turns.popleft()
        own = self._waiting[tenant]
        claimed = own.popleft()
        if own:
            self._turns.append(tenant)
        else:
            del self._waiting[tenant]
        self.running += 1
        self._running_of[tenant] += 1
        return claimed

    def withdraw(self, claimed: Claimed) -> bool:
        """Let go of a request; say whether it waited here."""
        own = self._waiting.get(claimed.tenant, ())
        if claimed not in own:
            return False
        self._waiting[claimed.tenant].remove(claimed)
        if not own:
            del self._waiting[claimed.tenant]
            self._turns.remove(claimed.tenant)
        return True

    def ended(self, tenant: str, now: float, *, ok: bool) -> None:
        """A call of a tenant has ended; learn whether the connector works."""
        self.running -= 1
        self._running_of[tenant] -= 1
        if not self._running_of[tenant]:
            del self._running_of[tenant]
        if ok:
            self._failed, self._rest, self._closed_until = 0, 0.0, 0.0
            return
        self._failed += 1
        if self._failed >= self.settings.failures:
            self._rest = min(self.settings.most_rest_seconds, max(self.settings.rest_seconds, 2 * self._rest))
            self._closed_until = now + self._rest

    @property
    def is_open(self) -> bool:
        """The circuit is open: the connector failed too often in a row."""
        return self._failed >= self.settings.failures

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    def opens(self) -> float:
        """When something may begin that must not yet, on the clock of `take`; 0: now."""
        return self._closed_until if self._turns else 0.0
