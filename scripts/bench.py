"""`make bench`: every benchmark beside its peers, with pictures in benchmarks/results."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from scripts import debian, environment
from scripts.console import ROOT, Stop, say

BENCHMARKS = ("sound", "crash", "video", "speech", "workflow", "understanding")
"""Modules of `benchmarks`, in the order in which they run."""
PICTURED = ("sound", "speech", "understanding")
"""Those that draw."""
RESULTS = ROOT / "benchmarks" / "results"


def bench(arguments: Sequence[str]) -> None:
    """Install what the benchmarks need, and run them.

    Args:
        arguments: for the benchmark of the sound, such as --quick.

    Raises:
        Stop: a benchmark failed.
    """
    environment.prepare(client=False)
    environment.install_packages(extra="bench")
    missing = debian.missing_peers()
    if missing:
        try:
            debian.install(missing, "measuring beside peers")
        except Stop as stop:
            say(f"{stop}\nGoing on without: {' '.join(missing)}")
    failed = [name for name in BENCHMARKS if not _ran(name, arguments if name == "sound" else ())]
    if failed:
        raise Stop(f"atrium: the benchmarks of {', '.join(failed)} failed; the output is above.")
    say(f"Pictures are in {RESULTS.relative_to(ROOT)}.")


def _ran(name: str, arguments: Sequence[str]) -> bool:
    say(f"\n== {name}")
    pictures = ["--plots", str(RESULTS)] if name in PICTURED else []
    command = [str(environment.VENV_PYTHON), "-m", f"benchmarks.{name}", *pictures, *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0
