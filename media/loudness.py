"""Every voice alike: a gate for what is no speech, and a slow hand on the volume.

The gate opens at once, in the frame that is loud, so that no first syllable is cut, and closes after a
hangover: a microphone that only carries a room's hum then costs neither mixing nor encoding.

The gain leads a speaker's level to one target. The level is measured after the idea of EBU R128 (ITU-R
BS.1770): the mean energy over those frames only that are speech, first above an absolute gate, then above a
second one 10 dB below the mean of what the first let through, so that pauses and breath do not count. It
reaches over the last seconds of speech instead of over a whole programme, and it is plain RMS without the K
filter, which would cost a filter per source: all sources here are voices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.audio import FRAME, FRAME_SECONDS, RATE, Samples
from media.errors import SettingsError, ShapeError

Levels = npt.NDArray[np.floating]
"""(sources,) dBFS."""
_Energies = npt.NDArray[np.float64]
_Rows = npt.NDArray[np.intp]
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevellingSettings:
    """When a voice is let through, and how loud it is made. Levels are RMS of one frame, in dBFS."""

    open_dbfs: float = -50.0
    """At or above it the gate opens, and a frame counts as speech."""
    close_dbfs: float = -55.0
    """Below it for the whole hangover the gate closes."""
    hangover_seconds: float = 0.3
    target_dbfs: float = -23.0
    """Where speech is led to."""
    limit_db: float = 12.0
    """The gain stays within plus and minus this."""
    relative_gate_db: float = -10.0
    """Frames that are further below the mean do not count for the level."""
    memory_seconds: float = 3.0
    """Of speech: how far back the level reaches."""
    rise_seconds: float = 3.0
    """Time constant of a gain that grows."""
    fall_seconds: float = 1.0
    """Time constant of a gain that shrinks: what is too loud hurts more than what is too soft."""
    attack_seconds: float = 0.0025
    """A gate opens over this; short enough for a plosive, long enough not to click."""

    def __post_init__(self) -> None:
        """Refuse values that could never work together."""
        if not self.close_dbfs <= self.open_dbfs < self.target_dbfs <= 0.0:
            raise SettingsError("need close_dbfs <= open_dbfs < target_dbfs <= 0")
        if self.limit_db < 0.0 or self.relative_gate_db >= 0.0 or self.hangover_seconds < 0.0:
            raise SettingsError("limit_db and hangover_seconds must be at least 0, relative_gate_db below 0")
        if min(self.memory_seconds, self.rise_seconds, self.fall_seconds) < FRAME_SECONDS:
            raise SettingsError(
                "memory_seconds, rise_seconds and fall_seconds must be at least one frame of 20 ms"
            )
        if not 0.0 < self.attack_seconds <= FRAME_SECONDS:
            raise SettingsError("attack_seconds must be above 0 and at most one frame of 20 ms")


_STATE = np.dtype(
    [
        ("now", np.float32),  # the gain at the end of this frame
        ("last", np.float32),  # and of the one before
        ("quiet", np.int64),  # frames in a row below the closing level
        ("gain_db", np.float64),  # what the gain is while the gate is open
        ("heard", np.float64),  # mean energy above the absolute gate,
        ("heard_frames", np.float64),
        ("speech", np.float64),  # and above the relative one too
        ("speech_frames", np.float64),
    ]
)
_State = npt.NDArray[np.void]


class Levelling:
    """Per source: gate and gain, frame after frame. People and avatars alike.

    What is known of a source is kept as long as it is among the ids, however long it is silent.
    """

    def __init__(self, settings: LevellingSettings | None = None) -> None:
        self._settings = settings or LevellingSettings()
        self._ids: tuple[str, ...] = ()
        self._state: _State = np.zeros(0, _STATE)
        self._rise = (np.arange(1, FRAME + 1) / FRAME).astype(np.float32)
        self._attack = np.minimum(np.arange(1, FRAME + 1) / (self._settings.attack_seconds * RATE), 1.0).astype(
            np.float32
        )

    def feed(self, ids: tuple[str, ...], dbfs: Levels) -> Samples:
        """Take the levels of one frame.

        Args:
            ids: of the sources; may change at any frame. Whoever is gone is forgotten.
            dbfs: (sources,) level of each one's frame as it came, before any gain.

        Returns:
            (sources,) float32 linear gains to reach at the end of this frame; exactly 0 where the gate is
            closed.

        Raises:
            ShapeError: not one level for each id, or an id stands twice.
        """
        self._arrange(ids)
        if dbfs.shape != (len(ids),):
            raise ShapeError(f"{len(ids)} sources need as many levels, got the shape {dbfs.shape}")
        settings, state = self._settings, self._state
        level = dbfs.astype(np.float64)
        speech = level >= settings.open_dbfs
        state["quiet"] += 1
        state["quiet"][level >= settings.close_dbfs] = 0
        held = (state["now"] > 0.0) & (state["quiet"] * FRAME_SECONDS <= settings.hangover_seconds + 1e-9)
        if speech.any():
            self._follow(np.flatnonzero(speech), level)
        state["last"] = state["now"]
        state["now"] = np.where(speech | held, np.power(10.0, state["gain_db"] / 20.0), 0.0)
        gains: Samples = state["now"].copy()
        return gains

    def apply(self, frames: Samples) -> None:
        """Bring one frame of each source to its gain, in place.

        A gain moves in a straight line from the last frame's to this one's, but a gate opens within the first
        few milliseconds, with the whole gain. Where the gate is closed the frame becomes exact zeros.

        Args:
            frames: (sources, 960) float32 in the order of the ids of the `feed` just before.

        Raises:
            ShapeError: the frames do not fit those ids.
        """
        if frames.shape != (len(self._ids), FRAME):
            raise ShapeError(f"expected frames of the shape ({len(self._ids)}, {FRAME}), got {frames.shape}")
        last, now = self._state["last"], self._state["now"]
        frames[(last == 0.0) & (now == 0.0)] = 0.0
        opening = np.flatnonzero((last == 0.0) & (now > 0.0))
        if len(opening):
            frames[opening] *= np.multiply.outer(now[opening], self._attack)
        moving = np.flatnonzero(last > 0.0)
        if len(moving):
            ramp = np.multiply.outer((now - last)[moving], self._rise)
            ramp += last[moving, None]
            frames[moving] *= ramp

    def _follow(self, rows: _Rows, level: _Energies) -> None:
        """Take speech into the two means, and move the gains towards the target."""
        settings, state = self._settings, self._state[rows]
        energy = np.power(10.0, level[rows] / 10.0)
        memory = settings.memory_seconds / FRAME_SECONDS
        _average(state, "heard", energy, np.ones(len(rows), np.bool_), memory)
        counts = energy >= state["heard"] * 10.0 ** (settings.relative_gate_db / 10.0)
        _average(state, "speech", energy, counts, memory)
        wanted = settings.target_dbfs - 10.0 * np.log10(np.maximum(state["speech"], 1e-10))
        step = np.clip(wanted, -settings.limit_db, settings.limit_db) - state["gain_db"]
        seconds = np.where(step > 0.0, settings.rise_seconds, settings.fall_seconds)
        state["gain_db"] += step * (FRAME_SECONDS / seconds)
        self._state[rows] = state

    def _arrange(self, ids: tuple[str, ...]) -> None:
        if ids == self._ids:
            return
        if len(set(ids)) != len(ids):
            raise ShapeError("every source may stand only once")
        known = {name: row for row, name in enumerate(self._ids)}
        kept = [(new, known[name]) for new, name in enumerate(ids) if name in known]
        state = np.zeros(len(ids), _STATE)
        for new, old in kept:
            state[new] = self._state[old]
        self._ids, self._state = ids, state


def _average(state: _State, name: str, energy: _Energies, counts: _Mask, memory: float) -> None:
    """Take energies into a mean that weighs all alike at first, and forgets once the memory is full."""
    frames = f"{name}_frames"
    state[frames] = np.minimum(state[frames] + counts, memory)
    step = (energy - state[name]) / np.maximum(state[frames], 1.0)
    state[name] += np.where(counts, step, 0.0)
