"""A picture of `benchmarks.understanding`; needs matplotlib (`pip install -e '.[bench]'`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib import pyplot

from benchmarks.results import Metric


def draw(found: Mapping[Metric, Sequence[float]], folder: Path) -> None:
    """Draw what each seed reached beside the goal, as `understanding.png` into a folder.

    Args:
        found: what the models of all seeds reached, 0 … 1.
        folder: made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figure, axes = pyplot.subplots(figsize=(7, 0.6 + 0.55 * len(found)), dpi=150)
    for row, (metric, values) in enumerate(found.items()):
        axes.plot(values, [row] * len(values), "o", color="#2f6f5e", alpha=0.55, markeredgewidth=0)
        axes.plot([sum(values) / len(values)], [row], "|", color="#17352d", markersize=18, markeredgewidth=2)
        if metric.goal is not None:
            axes.plot([metric.goal], [row], "d", color="#c8553d", markersize=6)
    axes.set(title="Dots: seeds. Line: mean. Diamond: goal.", xlim=(0, 1))
    axes.set_yticks(range(len(found)), [metric.name for metric in found])
    axes.invert_yaxis()
    axes.grid(True, axis="x", color="#e6e8eb", linewidth=0.8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(folder / "understanding.png")
    pyplot.close(figure)
