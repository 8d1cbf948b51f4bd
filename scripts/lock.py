"""`make lock`: resolves every dependency afresh and writes the versions into constraints.txt."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scripts.console import ROOT, say, step

BUILD_PACKAGES = ("hatchling", "editables", "setuptools")
"""Used while packages are built, so repeatable only if they are pinned too."""

HEADER = """\
# Exact versions for a repeatable installation: `make run`, `make test` and `make check` install with
# this file as pip's constraints. It installs nothing by itself; pyproject.toml says what is needed.
# Written by `make lock`, which resolves the lower bounds of pyproject.toml afresh. The [gpu] extra
# (torch, transformers, CUDA wheels) is not pinned here: its right versions depend on the machine.
"""


def refresh(_: Sequence[str]) -> None:
    """Write constraints.txt from a fresh environment in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "venv" / "bin" / "python"
        hint = "constraints.txt is unchanged."
        step(
            "Creating a fresh environment", [sys.executable, "-m", "venv", f"{folder}/venv"], log="lock", hint=hint
        )
        wanted = (f"{ROOT}[dev,bench]", *BUILD_PACKAGES)
        step(
            "Resolving every dependency",
            [str(python), "-m", "pip", "install", "--no-input", "--upgrade", *wanted],
            log="lock",
            hint=hint,
            usual="2 min",
        )
        frozen = subprocess.run(
            [python, "-m", "pip", "freeze", "--all"], capture_output=True, text=True, check=True
        ).stdout
    lines = pinned_lines(frozen)
    (ROOT / "constraints.txt").write_text(HEADER + "\n".join(lines) + "\n", encoding="ascii")
    say(f"constraints.txt now pins {len(lines)} packages. Run make test, then commit it.")


def pinned_lines(frozen: str) -> list[str]:
    """Keep the `name==version` lines of `pip freeze`, without Atrium itself and pip."""
    lines = [line.strip() for line in frozen.splitlines()]
    kept = [line for line in lines if re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+", line)]
    return sorted((line for line in kept if line.split("==")[0] not in {"atrium-office", "pip"}), key=str.lower)
