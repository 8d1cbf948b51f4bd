"""Lanes: which request is worked on next. One lane a connector; in it tenants take turns."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from workflows.store import Claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSettings:
    """How much at a time, and what counts as down."""

    most_together: int = 8
    """Calls of one connector at the same time."""
    failures: int = 5
    """So many in a row open the circuit: the connector is left alone for a while."""
    rest_seconds: float = 5.0
    """How long at first; it doubles each time that the one call which is let through fails as well."""
    most_rest_seconds: float = 300.0


@dataclass(slots=True)
class Lane:
    """Requests to one connector."""

    settings: LaneSettings
    running: int = 0
    _turns: deque[str] = field(default_factory=deque)
    """Tenants who have something here, the next first."""
    _waiting: dict[str, deque[Claimed]] = field(default_factory=dict)
    _failed: int = 0
    """In a row."""
    _rest: float = 0.0
    _closed_until: float = 0.0

    def put(self, claimed: Claimed) -> None:
        """Let a request wait for its turn."""
        own = self._waiting.get(claimed.tenant)
        if own is None:
            own = self._waiting[claimed.tenant] = deque()
            self._turns.append(claimed.tenant)
        own.append(claimed)

    def take(self, now: float) -> Claimed | None:
        """Give the next request that may begin now, or None."""
        if not self._turns or now < self._closed_until:
            return None
        if self.running >= (1 if self.is_open else self.settings.most_together):
            return None
        tenant = self._turns.popleft()
        own = self._waiting[tenant]
        claimed = own.popleft()
        if own:
            self._turns.append(tenant)
        else:
            del self._waiting[tenant]
        self.running += 1
        return claimed

    def drop(self, tenant: str) -> list[Claimed]:
        """Give up all that waits of a tenant."""
        if tenant in self._waiting:
            self._turns.remove(tenant)
        return list(self._waiting.pop(tenant, ()))

    def ended(self, now: float, *, ok: bool) -> None:
        """A call has ended; learn whether the connector works."""
        self.running -= 1
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
