"""Environments of their own for peers whose packages do not go together with ours."""

from __future__ import annotations

import contextlib
import shutil
import sys
from pathlib import Path

from scripts.console import STATE, Stop, step
from scripts.stamps import fingerprint, forget, is_fresh, stamp

PEERS = Path(__file__).parent / "peers"


class PeerMissing(Exception):
    """A peer cannot be measured here; the message says why, and what to do."""


def environment(name: str) -> Path:
    """Give the interpreter of a peer's environment, which is made where it is not there.

    Args:
        name: of its folder in `benchmarks/peers`, where its requirements lie.

    Raises:
        PeerMissing: it could not be made.
    """
    requirements, folder, key = PEERS / name / "requirements.txt", STATE / "peers" / name, f"peer-{name}"
    python = folder / "bin" / "python"
    value = fingerprint([requirements], sys.version, str(folder))
    if is_fresh(key, value) and python.exists():
        return python
    forget(key)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    pip = [str(python), "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    with contextlib.redirect_stdout(sys.stderr):  # the standard output is for what is measured
        try:
            step(
                f"Making an environment for {name}",
                [sys.executable, "-m", "venv", str(folder)],
                log=f"{key}-venv",
                hint="On Debian and Ubuntu: apt-get install python3-venv.",
            )
            step(
                f"Installing {name} into it",
                [*pip, "-r", str(requirements)],
                log=f"{key}-pip",
                hint="Read the lines above.",
                env={"PIP_CONSTRAINT": "", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
                online=True,
            )
        except Stop as stop:
            raise PeerMissing(f"{name} could not be installed. {stop}") from stop
    stamp(key, value)
    return python
