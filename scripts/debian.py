"""Debian packages: installed when root, named otherwise."""

from __future__ import annotations

import glob
import os
import shutil
import sys

from scripts.console import Stop, step

POSTGRES = "/usr/lib/postgresql/*/bin/initdb"
"""Debian keeps the programs of each version in a folder that is not on the path."""

TEST_PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "flite": ("flite",),
    "espeak-ng": ("espeak-ng",),
    "coturn": ("turnserver",),
    "postgresql": (POSTGRES,),
    "faketime": ("faketime",),
}
"""Package -> programs of which one must be there; the tests use a browser, two voices, a relay, a database and a
clock that can be set."""

PEER_PROGRAMS = {"janus": "janus", "postgresql": POSTGRES, "strace": "strace"}
"""Package -> its program; servers that the benchmarks measure beside ours, and what they count with."""


def missing_peers() -> list[str]:
    """Return the packages of peers whose programs are not there.

    Debian's janus and postgresql also start a service; we use servers of our own and do not need it.
    """
    return [name for name, program in PEER_PROGRAMS.items() if not _is_there(program)]


def missing_test_packages() -> list[str]:
    """Return the packages whose programs are not there."""
    missing = [name for name, programs in TEST_PROGRAMS.items() if not any(map(_is_there, programs))]
    if "chromium" in missing and os.environ.get("CHROMIUM"):
        missing.remove("chromium")
    return missing


def _is_there(program: str) -> bool:
    """Say whether a program is on the path, or in a folder that its pattern names."""
    return bool(glob.glob(program)) if program.startswith("/") else shutil.which(program) is not None


def venv_package() -> str:
    """Return the package that brings `venv` to this interpreter."""
    if sys.executable.startswith("/usr/bin/"):
        return f"python3.{sys.version_info.minor}-venv"
    return "python3-venv"


def install(packages: list[str], purpose: str) -> None:
    """Install packages when allowed to.

    Raises:
        Stop: not root, no apt-get, or it failed; the message names the packages.
    """
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise Stop(f"atrium: {purpose} needs {names}. Install them with your system's package manager.")
    if os.geteuid() != 0:
        raise Stop(f"atrium: {purpose} needs {names}. Run: sudo apt-get install --no-install-recommends {names}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    hint = f"Run by hand: apt-get install --no-install-recommends {names}."
    step(
        "Refreshing Debian's package list",
        ["apt-get", "update"],
        log="apt-update",
        hint=hint,
        env=quiet,
        online=True,
    )
    step(
        f"Installing {names}",
        ["apt-get", "install", "--yes", "--no-install-recommends", *packages],
        log="apt-install",
        hint=hint,
        env=quiet,
        usual="1 min",
        online=True,
    )
