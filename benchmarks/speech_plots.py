"""A picture of `benchmarks.speech`; needs matplotlib (`pip install -e '.[bench]'`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import pyplot


def draw(delays: Mapping[str, Sequence[float]], folder: Path) -> None:
    """Draw how long finals take as `speech_delay.png` into a folder.

    Args:
        delays: seconds from the end of the pause to the final caption, by what was measured.
        folder: made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figure, axes = pyplot.subplots(figsize=(7, 4.2), dpi=150)
    for name, values in delays.items():
        ordered = np.sort(np.asarray(values)) * 1e3
        axes.step(ordered, (np.arange(len(ordered)) + 1) / max(len(ordered), 1) * 100, where="post", label=name)
    axes.set(
        title="Final captions, from the end of the pause", xlabel="ms", ylabel="% of the utterances", ylim=(0, 101)
    )
    axes.grid(True, color="#e6e8eb", linewidth=0.8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if delays:
        axes.legend(frameon=False, fontsize=8)
    figure.tight_layout()
    figure.savefig(folder / "speech_delay.png")
    pyplot.close(figure)
