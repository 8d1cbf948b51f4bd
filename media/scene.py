"""Who hears whom, how loud and from where: what the mixer is told of the room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from media.errors import ShapeError

Grid = npt.NDArray[np.float32]
"""(listeners, sources) float32."""
Mask = npt.NDArray[np.bool_]
"""(listeners, sources) bool."""

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One moment of a room as the ears in it have it. Pairs that are not named are silent.

    Raises:
        ShapeError: an array does not fit the ids, or an id stands twice.
    """

    listeners: tuple[str, ...]
    """Rows."""
    sources: tuple[str, ...]
    """Columns."""
    gain: Grid
    """Linear, at least 0; 0 is not heard at all, as oneself is."""
    azimuth: Grid
    """Radians from where the listener looks, positive to the right, in (-pi, pi]."""
    elevation: Grid
    """Radians above the height of the listener's ears."""
    flat: Mask
    """Heard alike in both ears, without direction (conference mode)."""

    def __post_init__(self) -> None:
        shape = (len(self.listeners), len(self.sources))
        for name in ("gain", "azimuth", "elevation", "flat"):
            got = getattr(self, name).shape
            if got != shape:
                raise ShapeError(f"{shape[0]} listeners and {shape[1]} sources, but {name} has the shape {got}")
        if len(set(self.listeners)) != shape[0] or len(set(self.sources)) != shape[1]:
            raise ShapeError("every listener and every source may stand only once in a scene")

    def arranged(self, listeners: tuple[str, ...], sources: tuple[str, ...]) -> Scene:
        """The same for these rows and columns in this order; whoever is not in it hears and says nothing."""
        rows = {name: i for i, name in enumerate(self.listeners)}
        columns = {name: j for j, name in enumerate(self.sources)}
        kept_rows = [(i, rows[name]) for i, name in enumerate(listeners) if name in rows]
        kept_columns = [(j, columns[name]) for j, name in enumerate(sources) if name in columns]

        def pick(given: npt.NDArray[T]) -> npt.NDArray[T]:
            out = np.zeros((len(listeners), len(sources)), given.dtype)
            if kept_rows and kept_columns:
                to_rows, from_rows = zip(*kept_rows, strict=True)
                to_columns, from_columns = zip(*kept_columns, strict=True)
                out[np.ix_(to_rows, to_columns)] = given[np.ix_(from_rows, from_columns)]
            return out

        return Scene(
            listeners=listeners,
            sources=sources,
            gain=pick(self.gain),
            azimuth=pick(self.azimuth),
            elevation=pick(self.elevation),
            flat=pick(self.flat),
        )

    @classmethod
    def empty(cls) -> Scene:
        """Nobody hears anybody."""
        nothing = np.zeros((0, 0), np.float32)
        flat = np.zeros((0, 0), np.bool_)
        return cls(listeners=(), sources=(), gain=nothing, azimuth=nothing, elevation=nothing, flat=flat)
