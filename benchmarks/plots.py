"""Pictures of what a benchmark of the sound found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.crowds import Load
from benchmarks.delays import Journey

COLOURS = {"direct": "#2a78d6", "stock": "#d1742c", "janus": "#6b6f76"}
NAMES = {"direct": "Atrium", "stock": "stock aiortc path", "janus": "Janus AudioBridge"}


def draw(curves: Mapping[str, Sequence[Load]], journeys: Mapping[str, Journey], folder: Path) -> None:
    """Write `sound_cpu.png` and `sound_delay.png`; what was not measured is not drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    if curves:
        _cpu(curves, folder / "sound_cpu.png")
    if journeys:
        _delay(journeys, folder / "sound_delay.png")


def _cpu(curves: Mapping[str, Sequence[Load]], path: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(7, 4.2), dpi=150)
    for name, loads in curves.items():
        kept = [load for load in loads if load.kept_up]
        axes.plot(
            [load.people for load in kept], [100 * load.cpu_share for load in kept],
            marker="o", color=COLOURS[name], label=NAMES[name],
        )  # fmt: skip
        if lost := [load for load in loads if not load.kept_up]:
            axes.plot(
                [load.people for load in lost], [100 * load.cpu_share for load in lost],
                marker="x", markersize=9, linestyle="none", color=COLOURS[name], label=f"{NAMES[name]}: too late",
            )  # fmt: skip
    axes.axhline(100, color="#b8bcc2", linewidth=1, linestyle="--")
    axes.set(
        title="Everybody talks and hears everybody", xlabel="people", ylabel="% of one core", xlim=(0, None),
        ylim=(0, None),
    )  # fmt: skip
    _finish(figure, axes, path)


def _delay(journeys: Mapping[str, Journey], path: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(7, 4.2), dpi=150)
    longest = max(journey.loss_seconds for journey in journeys.values())
    axes.axvspan(0, longest, color="#f1e3d4", linewidth=0, label="5 % of packets lost")
    for name, journey in journeys.items():
        axes.plot(
            [at for at, _ in journey.points], [1e3 * delay for _, delay in journey.points],
            linestyle="none", marker=".", markersize=3, color=COLOURS[name], label=NAMES[name],
        )  # fmt: skip
    axes.set(title="Delay from packet in to packet out", xlabel="seconds", ylabel="ms", ylim=(0, None))
    _finish(figure, axes, path)


def _finish(figure: Figure, axes: Axes, path: Path) -> None:
    axes.grid(True, color="#e6e8eb", linewidth=0.8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
