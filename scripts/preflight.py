"""What must be there before anything is installed: Node, npm, room on the disk, the right to write."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from scripts.console import ROOT, STATE, Stop

NODE_OLDEST = (20, 19)
DISK_BYTES = 3 * 1000**3
NODE_HELP = (
    "Install Node 20.19 or newer (https://nodejs.org/en/download, or your system's nodejs and npm packages), "
    "or name one with NODE=/path/to/node."
)


def check_folder() -> None:
    """Make sure that the checkout can be written to.

    Raises:
        Stop: it cannot.
    """
    probe = STATE / "probe"
    try:
        STATE.mkdir(exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as fault:
        raise Stop(
            f"atrium: cannot write in {ROOT} ({fault.strerror}). "
            "Make the folder yours (chown) or clone into one that is, then run the same again."
        ) from fault


def check_disk() -> None:
    """Make sure that a first installation fits.

    Raises:
        Stop: less than 3 GB are free.
    """
    free = shutil.disk_usage(ROOT).free
    if free < DISK_BYTES:
        raise Stop(
            f"atrium: {free / 1000**3:.1f} GB are free where {ROOT} lies, 3 GB are needed. "
            "Free some room, then run the same again."
        )


def find_node() -> Path:
    """Return the Node program that builds the client.

    Raises:
        Stop: there is none, or it is too old.
    """
    wanted = os.environ.get("NODE") or "node"
    found = shutil.which(wanted) or (shutil.which("nodejs") if wanted == "node" else None)
    if found is None:
        raise Stop(f"atrium: no {wanted} was found. {NODE_HELP}")
    version = node_version(Path(found))
    if version < NODE_OLDEST:
        shown = ".".join(map(str, version)) or "something else"
        raise Stop(f"atrium: Node 20.19 or newer is needed, {found} is {shown}. {NODE_HELP}")
    return Path(found)


def find_npm(node: Path) -> Path:
    """Return the npm that belongs to a Node.

    Raises:
        Stop: there is none.
    """
    beside = node.parent / "npm"
    found = str(beside) if beside.exists() else shutil.which("npm")
    if found is None:
        raise Stop("atrium: Node is there but npm is not. On Debian and Ubuntu: apt-get install npm.")
    return Path(found)


def node_version(node: Path) -> tuple[int, ...]:
    """Return a Node's version as numbers, empty when it does not say."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    match = re.match(r"v(\d+)\.(\d+)\.(\d+)", answer.stdout.strip())
    return tuple(int(part) for part in match.groups()) if match else ()
