"""Which of several engines is asked now: the best that works, and a way back to better ones.

An engine that fails is out at once and the next one stands in. After a while it is tried again beside the one in
use, with a copy of what that one is given; when it works it takes over again. Each try that fails doubles the
while, and so does a failure soon after a try that worked.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from media.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverSettings:
    """When a failed engine is tried again. Times in seconds."""

    first_probe: float = 2.0
    """After the failure of an engine that worked."""
    most_probe: float = 60.0
    """Each try that fails doubles the wait, up to this."""
    steady_seconds: float = 30.0
    """An engine that worked for so long is trusted as if it had never failed."""
    changes_kept: int = 50

    def __post_init__(self) -> None:
        """Refuse values that could never work together."""
        if not 0.0 < self.first_probe <= self.most_probe:
            raise SettingsError("need 0 < first_probe <= most_probe")
        if self.changes_kept < 1 or self.steady_seconds < 0.0:
            raise SettingsError("changes_kept must be at least 1, steady_seconds not negative")


class Why(StrEnum):
    """Why another engine is in use."""

    FAILED = "failed"
    """The one before failed."""
    RECOVERED = "recovered"
    """A better one works again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Another engine is in use."""

    at: float
    """Seconds, on the clock of the caller."""
    engine: int
    """The one in use from now on; 0 is the best."""
    reason: Why


@dataclass(slots=True)
class _Engine:
    down: bool = False
    wait: float = 0.0
    """Seconds from the last failure to the next try."""
    next_try: float = 0.0
    tried: bool = False
    """A try is on its way."""
    since: float = -math.inf
    """When it worked again."""


class Failover:
    """Chooses among engines by how they did. Deterministic."""

    def __init__(self, engines: int, settings: FailoverSettings | None = None) -> None:
        """Start with the best in use.

        Args:
            engines: how many there are; 0 is the best, the last is the one that always works.
            settings: when to try again.

        Raises:
            SettingsError: no engine.
        """
        if engines < 1:
            raise SettingsError("a failover needs at least 1 engine")
        self._settings = settings or FailoverSettings()
        self._engines = [_Engine() for _ in range(engines)]
        self._current = 0
        self._changes: deque[Change] = deque(maxlen=self._settings.changes_kept)

    @property
    def changes(self) -> tuple[Change, ...]:
        """The last ones, oldest first."""
        return tuple(self._changes)

    def choose(self, now: float) -> int:
        """Give the engine to ask: the best that works.

        When all have failed, it is the one whose next try comes first: something has to be asked.
        """
        up = [number for number, engine in enumerate(self._engines) if not engine.down]
        if up:
            return up[0]
        return min(range(len(self._engines)), key=lambda number: (self._engines[number].next_try, number))

    def worked(self, engine: int, now: float) -> None:
        """An engine answered, be it in use or tried: it counts as working from now on."""
        state = self._engines[self._known(engine)]
        if state.down:
            state.down = state.tried = False
            state.since = now
            self._settle(now, Why.RECOVERED)

    def failed(self, engine: int, now: float) -> None:
        """An engine did not work: it is out until a try of it succeeds."""
        state = self._engines[self._known(engine)]
        settings = self._settings
        trusted = not state.down and now - state.since >= settings.steady_seconds
        # Several requests may fail with one failure; only a try that failed says that it lasts.
        again = state.tried if state.down else not trusted
        if trusted:
            state.wait = settings.first_probe
        elif again:
            state.wait = min(2.0 * state.wait, settings.most_probe)
        state.down, state.tried = True, False
        state.next_try = now + state.wait
        self._settle(now, Why.FAILED)

    def probe(self, now: float) -> int | None:
        """Give an engine that should be tried now beside the one in use: a better one that failed a while ago.

        Asking for it counts as beginning the try: it is not given again before another while, unless `failed` or
        `worked` is called for it.
        """
        in_use = self.choose(now)
        for number, state in enumerate(self._engines[:in_use]):
            if state.down and state.next_try <= now:
                state.next_try, state.tried = now + state.wait, True
                return number
        return None

    def _known(self, engine: int) -> int:
        if not 0 <= engine < len(self._engines):
            raise SettingsError(f"there is no engine {engine}: they are 0 to {len(self._engines) - 1}")
        return engine

    def _settle(self, now: float, reason: Why) -> None:
        chosen = self.choose(now)
        if chosen != self._current:
            self._current = chosen
            self._changes.append(Change(at=now, engine=chosen, reason=reason))
