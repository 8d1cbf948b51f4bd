"""How long incoming sound may wait, and what is counted about it."""

from __future__ import annotations

from dataclasses import dataclass

from media.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class JitterSettings:
    """How long sound may wait, in seconds."""

    minimum: float = 0.020
    """Target delay without jitter; at least 10 ms, half a tick."""
    maximum: float = 0.060
    """Target delay at most."""
    quantile: float = 0.95
    """Share of the packets that shall be in time."""
    window: float = 1.2
    """How long a late packet is remembered."""
    conceal: int = 5
    """Frames guessed in a row at most; silence after that."""
    backlog: float = 0.5
    """Sound that waits longer is left out: after a long stall of the network."""
    capacity: int = 256
    """Packets that may wait."""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            SettingsError: one makes no sense.
        """
        if not 0.010 <= self.minimum <= self.maximum <= 0.140:
            raise SettingsError(
                f"the delay must be 0.010 <= minimum <= maximum <= 0.140 s, not {self.minimum} and {self.maximum}"
            )
        if not 0.5 <= self.quantile < 1.0:
            raise SettingsError(f"the quantile must be at least 0.5 and below 1, not {self.quantile}")
        if not self.window > 0 or not self.backlog > self.maximum:
            raise SettingsError("the window must be over 0 s, and the backlog longer than the longest delay")
        if self.conceal < 0 or self.capacity < 8:
            raise SettingsError("conceal must not be below 0, capacity not below 8")


@dataclass(slots=True, kw_only=True)
class ReceptionStats:
    """What has happened to one stream. Packets, unless it says otherwise."""

    received: int = 0
    """All that came, good or bad."""
    lost: int = 0
    """Passed over and never seen."""
    late: int = 0
    """Came after their turn; no longer counted as lost."""
    duplicate: int = 0
    dropped: int = 0
    """Unreadable, beyond the capacity or the backlog, or from before a reset."""
    recovered: int = 0
    """Made good from the packet after them."""
    concealed: int = 0
    """Times at which the decoder had to guess, 20 ms or less each."""
    inserted: int = 0
    """Times at which that made the delay longer."""
    merged: int = 0
    """Times at which sound was shortened to make the delay shorter."""
    resets: int = 0
    """Times at which another stream began."""
    delay_ms: float = 0.0
    """From the arrival of a packet that was not held up to its sound, now."""
    target_ms: float = 0.0
    jitter_ms: float = 0.0
    """Lateness that 95 % (`JitterSettings.quantile`) of the packets do not exceed, in steps of 5 ms."""
