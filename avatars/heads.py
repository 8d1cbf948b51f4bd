"""The small trained heads: from sentence vector and cues to the kind of a clause. NumPy only."""

from __future__ import annotations

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
"""Order of the outputs."""


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
            (clauses, kinds) float32 in the order of `KINDS`; rows sum to 1.
        """
        units = np.maximum(joined * self.scale @ self.hidden + self.hidden_bias, 0.0)
        scores = (units @ self.output + self.output_bias) / self.temperature
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: NDArray[np.float32] = (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)
        return shares

    def save(self, path: Path) -> None:
        """Write all arrays to one `.npz`; half precision is enough for them."""
        np.savez_compressed(
            path,
            scale=self.scale.astype(np.float16),
            hidden=self.hidden.astype(np.float16),
            hidden_bias=self.hidden_bias.astype(np.float16),
            output=self.output.astype(np.float16),
            output_bias=self.output_bias.astype(np.float16),
            temperature=np.float32(self.temperature),
        )

    @classmethod
    def load(cls, path: Path, inputs: int) -> Heads:
        """Read what `save` wrote.

        Args:
            path: of the `.npz` file.
            inputs: how long the joined input is here.

        Raises:
            ModelError: the file is missing, unreadable, or made for another input.
        """
        try:
            with np.load(path, allow_pickle=False) as data:
                arrays = {name: data[name].astype(np.float32) for name in data.files}
        except (OSError, ValueError) as error:
            raise ModelError(path.name, "cannot be read: fetch assets/models/understanding again") from error
        names = ("scale", "hidden", "hidden_bias", "output", "output_bias")
        if any(name not in arrays for name in (*names, "temperature")):
            raise ModelError(path.name, "lacks an array: train the heads again (python -m avatars.training.train)")
        heads = cls(**{name: arrays[name] for name in names}, temperature=float(arrays["temperature"]))
        if heads.inputs != inputs or heads.output.shape[1] != len(KINDS):
            raise ModelError(
                path.name,
                f"was trained for {heads.inputs} inputs, this version has {inputs}: "
                "train the heads again (python -m avatars.training.train)",
            )
        return heads
