"""The mixer alone, without network and codec: microseconds for each listener and tick of 20 ms.

Runs in a process of its own (`python -m benchmarks.mixing`) and prints one JSON object.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import numpy as np

from benchmarks.trace import bearings
from media.audio import FRAME
from media.mixer import Mixer, MixerSettings
from media.scene import Scene

LISTENERS, SOURCES = 100, 20
MOVING = 0.1
"""Share of the listeners, and of the sources, that have moved when a new scene comes."""
SCENES = 40
"""Made beforehand; 20 a second."""
TICKS = 250
BINAURAL = 8
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def measure() -> dict[str, float]:
    """Run it once in a fresh process.

    Returns:
        "panned_moving", "panned_still", "binaural_moving", "binaural_still": microseconds.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.mixing"],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _run(moving: bool, binaural: int) -> float:
    random = np.random.default_rng(1)
    scenes = _scenes(random, moving)
    talk = random.normal(0, 0.05, (SOURCES, 16 * FRAME)).astype(np.float32)
    mixer = Mixer(MixerSettings(binaural_sources=binaural))
    spent = 0.0
    for tick in range(-25, TICKS):
        frames = np.ascontiguousarray(talk[:, tick % 16 * FRAME : (tick % 16 + 1) * FRAME])
        started = time.process_time()
        # 20 scenes a second to 50 ticks: a new one at two of five ticks.
        if tick == -25 or (moving and tick % 5 in (0, 2)):
            mixer.set_scene(scenes[(tick * 2 // 5) % len(scenes)])
        mixer.mix(frames)
        if tick >= 0:
            spent += time.process_time() - started
    return spent / TICKS / LISTENERS * 1e6


def _scenes(random: np.random.Generator, moving: bool) -> list[Scene]:
    """People who stand about on a floor, everyone within earshot of all; a few of them on the move."""
    at = random.uniform(0, 8, (LISTENERS, 2))
    yaw = random.uniform(-np.pi, np.pi, LISTENERS)
    names = tuple(f"p{i}" for i in range(LISTENERS))
    out: list[Scene] = []
    for step in range(SCENES if moving else 1):
        if step:
            # Back and forth, so that the last scene lies beside the first.
            walk = 0.07 if step < SCENES / 2 else -0.07
            movers = slice(0, LISTENERS, round(1 / MOVING))
            at[movers] += walk
            yaw[movers] += walk
        distance, azimuth = bearings(at, yaw, at[:SOURCES])
        gain = 1 / np.maximum(1.0, distance)
        gain[np.arange(SOURCES), np.arange(SOURCES)] = 0.0
        out.append(
            Scene(
                listeners=names,
                sources=names[:SOURCES],
                gain=gain.astype(np.float32),
                azimuth=azimuth.astype(np.float32),
                elevation=np.zeros_like(gain, np.float32),
                flat=np.zeros_like(gain, np.bool_),
            )
        )
    return out


def main() -> None:
    """Measure and print."""
    print(
        json.dumps(
            {
                f"{name}_{state}": _run(state == "moving", count)
                for name, count in (("panned", 0), ("binaural", BINAURAL))
                for state in ("moving", "still")
            }
        )
    )


if __name__ == "__main__":
    main()
