"""How much effort a tick may take: less before ticks run late, more again only after a long calm.

Every tick reports how busy it was. What counts is the 95th percentile of the last second: one slow tick among
fifty (a pause of the garbage collector, a neighbour on the machine) does not show in it, three do, and those
would soon be heard. Above `strained_ratio` the effort goes down one rung of a ladder; below `calm_ratio` for
`patience_seconds` it goes up one.

The two thresholds alone would swing for ever where a rung more costs more than lies between them: up, too
much, down, calm, up. So a rise that has to be taken back doubles the patience for the next one, up to
`longest_patience_seconds`. Overte's audio mixer learnt the same (its throttling recovers slowly, and in 180
seconds at the most); it sheds the quietest sources first, here quality goes before voices.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Literal

from media.audio import FRAME_SECONDS
from media.errors import SettingsError

LoadName = Literal["normal", "saving", "strained"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """One rung: what a tick may spend."""

    level: int
    """0 is the best there is; one more is one rung down."""
    complexity: int
    """Of the Opus encoders, 0 to 10."""
    binaural_sources: int
    """How many sources each listener hears with direction filters; the others are panned."""
    loudest: int
    """How many sources each listener hears at once."""
    name: LoadName
    """What people are told."""


LADDER = (
    Effort(level=0, complexity=2, binaural_sources=8, loudest=12, name="normal"),
    Effort(level=1, complexity=0, binaural_sources=6, loudest=12, name="normal"),
    Effort(level=2, complexity=0, binaural_sources=4, loudest=8, name="saving"),
    Effort(level=3, complexity=0, binaural_sources=2, loudest=6, name="strained"),
    Effort(level=4, complexity=0, binaural_sources=0, loudest=4, name="strained"),
)
"""What is least missed goes first: pains that the codec takes, then direction, and voices last.

At 64 kbit/s the low-delay mode gains nothing that could be measured above complexity 2 (noise to signal in a third
of an octave each, two espeak-ng voices: -8.7 dB at 2, -9.0 at 5, -9.3 at 10), while 5 costs a third more.
Of more than five voices at once nobody can tell how many there are, let alone where (Kawashima and Sato,
"Perceptual limits in a simulated cocktail party", Attention, Perception & Psychophysics 77, 2015), so six are
enough in a crowd.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSettings:
    """When the effort changes. Ratios are busy seconds of a tick over its 20 ms."""

    strained_ratio: float = 0.7
    """Above it the effort goes down."""
    calm_ratio: float = 0.55
    """Below it the effort may go up again; between the two it stays."""
    first_strained_ratio: float = 0.25
    """The same for the best rung: leaving it is not heard, so it is left early."""
    first_calm_ratio: float = 0.15
    """Below it the effort may go up to the best rung."""
    window_seconds: float = 1.0
    """How far back ticks count."""
    settle_seconds: float = 0.5
    """So much is measured, at the start and after a change, before it goes down."""
    stall_seconds: float = 0.2
    """So long after a change nothing counts: one stall makes several ticks late and should cost one rung."""
    patience_seconds: float = 5.0
    """How long it must have been calm before the effort goes up one rung."""
    longest_patience_seconds: float = 180.0
    """What it grows to when going up does not hold."""
    trial_seconds: float = 10.0
    """A rise that has to be taken back within this time did not hold."""
    ladder: tuple[Effort, ...] = LADDER

    def __post_init__(self) -> None:
        """Refuse values that could never work together."""
        if not 0.0 < self.calm_ratio < self.strained_ratio < 1.0:
            raise SettingsError("need 0 < calm_ratio < strained_ratio < 1")
        if not 0.0 < self.first_calm_ratio < self.first_strained_ratio <= self.strained_ratio:
            raise SettingsError("need 0 < first_calm_ratio < first_strained_ratio <= strained_ratio")
        if self.stall_seconds < 0.0 or not 0.0 < self.settle_seconds < self.window_seconds:
            raise SettingsError("need 0 <= stall_seconds and 0 < settle_seconds < window_seconds")
        if not self.window_seconds < self.patience_seconds <= self.longest_patience_seconds:
            raise SettingsError("need window_seconds < patience_seconds <= longest_patience_seconds")
        if self.trial_seconds < self.stall_seconds + self.window_seconds:
            raise SettingsError("trial_seconds must be at least stall_seconds and window_seconds together")
        if [effort.level for effort in self.ladder] != list(range(len(self.ladder))) or not self.ladder:
            raise SettingsError("the ladder needs at least one rung, and rung k the level k")


class LoadController:
    """Feed it every tick; what it answers holds for the next one. Starts with the best."""

    def __init__(self, settings: LoadSettings | None = None) -> None:
        self._settings = settings or LoadSettings()
        self._ticks: deque[tuple[float, float]] = deque()
        """(when, busy ratio), since the last change and within the window."""
        self._changed = -math.inf
        self._calm_since: float | None = None
        self._rose: float | None = None
        """When it last went up, while that is on trial."""
        self._patience = self._settings.patience_seconds
        self.effort = self._settings.ladder[0]
        self.ratio = 0.0
        """95th percentile of what was measured, for people to read."""

    def feed(self, busy_seconds: float, now: float, *, late: bool = False) -> Effort:
        """Take one tick.

        Args:
            busy_seconds: how long its work took.
            now: seconds, on a clock that never goes back.
            late: it began a whole frame or more after it was due. Goes down at once.

        Returns:
            What the next tick may spend; the same object until it changes.
        """
        settings = self._settings
        if now - self._changed < settings.stall_seconds:
            return self.effort
        self._measure(busy_seconds / FRAME_SECONDS, now)
        if self._rose is not None and now - self._rose >= settings.trial_seconds:
            self._rose, self._patience = None, settings.patience_seconds
        level = self.effort.level
        if late or self.ratio >= (settings.calm_ratio if level > 1 else settings.first_calm_ratio):
            self._calm_since = None
        elif self._calm_since is None:
            self._calm_since = now
        settled = now - self._ticks[0][0] >= settings.settle_seconds
        strained = settings.strained_ratio if level > 0 else settings.first_strained_ratio
        if late or (settled and self.ratio > strained):
            self._descend(now)
        elif self._calm_since is not None and now - self._calm_since >= self._patience:
            self._ascend(now)
        return self.effort

    def _measure(self, ratio: float, now: float) -> None:
        """Add a tick; the percentile is by nearest rank, so of few ticks it is the slowest."""
        ticks = self._ticks
        ticks.append((now, ratio))
        while ticks[0][0] <= now - self._settings.window_seconds:
            ticks.popleft()
        ranked = sorted(one for _, one in ticks)
        self.ratio = ranked[-(-19 * len(ranked) // 20) - 1]

    def _descend(self, now: float) -> None:
        if self._rose is not None:
            self._patience = min(2.0 * self._patience, self._settings.longest_patience_seconds)
            self._rose = None
        if self.effort.level + 1 < len(self._settings.ladder):
            self._go(self.effort.level + 1, now)

    def _ascend(self, now: float) -> None:
        if self.effort.level > 0:
            self._go(self.effort.level - 1, now)
            self._rose = now

    def _go(self, level: int, now: float) -> None:
        """Change the rung. What was measured on the old one says nothing about the new one."""
        self.effort = self._settings.ladder[level]
        self._changed, self._calm_since = now, None
        self._ticks.clear()
