"""The small trained heads: from sentence vector and cues to the kind of what was said. NumPy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avatars.errors import ModelError
from avatars.intent import IntentKind

KINDS: tuple[IntentKind, ...] = (
    IntentKind.NONE,
    IntentKind.ACTION_ITEM,
    IntentKind.DECISION,
    IntentKind.QUESTION,
    IntentKind.REQUEST,
)
"""Order of the outputs of the heads that read clauses."""
_ARRAYS = ("scale", "hidden", "hidden_bias", "output", "output_bias")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """One hidden layer on the joined input; temperature-scaled softmax on top."""

    scale: NDArray[np.float32]
    """(inputs,) factor of each input."""
    hidden: NDArray[np.float32]
    """(inputs, units)."""
    hidden_bias: NDArray[np.float32]
    """(units,)."""
    output: NDArray[np.float32]
    """(units, kinds)."""
    output_bias: NDArray[np.float32]
    """(kinds,)."""
    temperature: float = 1.0

    @property
    def inputs(self) -> int:
        """Length of the joined input."""
        return int(self.hidden.shape[0])

    def probabilities(self, joined: NDArray[np.float32]) -> NDArray[np.float32]:
        """How likely each kind is.

        Args:
            joined: (clauses, inputs) float32: sentence vectors with their cues behind.

        Returns:
            (clauses, kinds) float32 in the order they were trained in; rows sum to 1.
        """
        units = np.maximum(joined * self.scale @ self.hidden + self.hidden_bias, 0.0)
        scores = (units @ self.output + self.output_bias) / self.temperature
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: NDArray[np.float32] = (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)
        return shares

    def save(self, path: Path) -> None:
        """Write a compressed `.npz`; half precision is enough for them."""
        np.savez_compressed(path, **self.arrays())  # type: ignore[arg-type]

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """What a file holds, by name."""
        halves: dict[str, NDArray[np.floating]] = {
            name: getattr(self, name).astype(np.float16) for name in _ARRAYS
        }
        return halves | {"temperature": np.asarray(self.temperature, dtype=np.float32)}

    @classmethod
    def load(cls, path: Path, inputs: int, outputs: int = len(KINDS)) -> Heads:
        """Read what `save` wrote.

        Args:
            path: of the `.npz` file.
            inputs: how long the joined input is here.
            outputs: how many kinds are told apart.

        Raises:
            ModelError: the file is missing, unreadable, or made for another input.
        """
        return cls.from_arrays(read_arrays(path), path.name, inputs, outputs)

    @classmethod
    def from_arrays(
        cls,
        arrays: Mapping[str, NDArray[np.float32]],
        file: str,
        inputs: int,
        outputs: int = len(KINDS),
        trainer: str = "avatars.training.train",
    ) -> Heads:
        """Make heads of what `arrays` gave.

        Args:
            arrays: by name.
            file: name of the file they came from, for messages.
            inputs: how long the joined input is here.
            outputs: how many kinds are told apart.
            trainer: the module that makes them again, for messages.

        Raises:
            ModelError: one is missing, or they were made for another input.
        """
        if any(name not in arrays for name in (*_ARRAYS, "temperature")):
            raise ModelError(file, f"lacks an array: train the heads again (python -m {trainer})")
        heads = cls(**{name: arrays[name] for name in _ARRAYS}, temperature=float(arrays["temperature"]))
        if heads.inputs != inputs or heads.output.shape[1] != outputs:
            raise ModelError(
                file,
                f"was trained for {heads.inputs} inputs, this version has {inputs}: "
                f"train the heads again (python -m {trainer})",
            )
        return heads


def read_arrays(path: Path) -> dict[str, NDArray[np.float32]]:
    """All arrays of an `.npz` file.

    Raises:
        ModelError: the file is missing or unreadable.
    """
    try:
        with np.load(path, allow_pickle=False) as data:
            return {name: data[name].astype(np.float32) for name in data.files}
    except (OSError, ValueError) as error:
        raise ModelError(path.name, "cannot be read: fetch assets/models/understanding again") from error
