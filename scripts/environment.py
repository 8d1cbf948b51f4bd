"""The virtual environment and the built client, each made again only when what it comes from changed."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts import debian, preflight
from scripts.console import ROOT, Stop, step
from scripts.stamps import fingerprint, forget, is_fresh, stamp

VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
CONSTRAINTS = ROOT / "constraints.txt"
EXTRAS_SAID = {"": "", "dev": " and the tools for tests", "bench": " and what draws pictures"}
"""Extra of pyproject.toml -> what it brings."""
EXTRAS = tuple(EXTRAS_SAID)
CLIENT = ROOT / "web_client"
BUILT_CLIENT = ROOT / "server" / "web"
CLIENT_SOURCES = [
    CLIENT / name
    for name in (
        "src",
        "public",
        "index.html",
        "package.json",
        "package-lock.json",
        "tsconfig.json",
        "vite.config.ts",
    )
]


def prepare(*, dev: bool = False, client: bool = True) -> None:
    """Bring the checkout to a state in which the office can start.

    Args:
        dev: also what tests and checks need.
        client: also the built client.

    Raises:
        Stop: something is missing; the message says what to do.
    """
    preflight.check_folder()
    if client:
        preflight.find_node()
    make_venv()
    install_packages(extra="dev" if dev else "")
    if client:
        install_client_packages()
        build_client()


def make_venv() -> None:
    """Create .venv unless a working one is there."""
    if _venv_works():
        return
    preflight.check_disk()
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        debian.install([debian.venv_package()], "making a Python environment")
    if VENV.exists():
        shutil.rmtree(VENV)
    for extra in EXTRAS:
        forget(f"python-{extra}" if extra else "python")
    step(
        "Creating .venv",
        [sys.executable, "-m", "venv", str(VENV)],
        log="venv",
        hint=f"On Debian and Ubuntu: apt-get install {debian.venv_package()}.",
    )


def install_packages(*, extra: str) -> None:
    """Install Atrium and what it needs into .venv, at the versions of constraints.txt.

    Args:
        extra: one of `EXTRAS`; "" is what the office itself needs, and part of every other.
    """
    name = f"python-{extra}" if extra else "python"
    value = fingerprint([ROOT / "pyproject.toml", CONSTRAINTS], sys.version, str(ROOT))
    if is_fresh(name, value) or (not extra and any(is_fresh(f"python-{other}", value) for other in EXTRAS[1:])):
        return
    pinned = {
        "PIP_CONSTRAINT": str(CONSTRAINTS),
        "PIP_BUILD_CONSTRAINT": str(CONSTRAINTS),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUNBUFFERED": "1",
    }
    target = f"-e.[{extra}]" if extra else "-e."
    step(
        f"Installing Python packages{EXTRAS_SAID[extra]}",
        [str(VENV_PYTHON), "-m", "pip", "install", "--no-input", "--no-color", "--progress-bar", "off", target],
        log="pip",
        hint="Read the lines above; `make clean` starts afresh.",
        env=pinned,
        usual="1 to 2 min the first time",
        online=True,
        progress=_packages_so_far,
    )
    stamp(name, value)


def install_client_packages() -> None:
    """Install what the client's package-lock.json names."""
    node = preflight.find_node()
    npm = preflight.find_npm(node)
    lock = [CLIENT / "package.json", CLIENT / "package-lock.json"]
    value = fingerprint(lock, str(preflight.node_version(node)))
    if is_fresh("npm", value) and (CLIENT / "node_modules").is_dir():
        return
    forget("npm")
    step(
        "Installing client packages",
        [str(npm), "ci", "--no-audit", "--no-fund", "--prefer-offline"],
        log="npm",
        hint="Read the lines above; `make clean` starts afresh.",
        cwd=CLIENT,
        env=node_env(node),
        usual="half a minute the first time",
        online=True,
    )
    stamp("npm", value)


def build_client(*, again: bool = False) -> None:
    """Build the client into server/web.

    Args:
        again: also when no source changed.
    """
    value = fingerprint(CLIENT_SOURCES)
    if not again and is_fresh("client", value) and (BUILT_CLIENT / "index.html").is_file():
        return
    forget("client")
    node = preflight.find_node()
    step(
        "Building the client",
        [str(node), str(CLIENT / "node_modules" / "vite" / "bin" / "vite.js"), "build", "--logLevel", "warn"],
        log="vite",
        hint="A source file of the client does not build; the lines above name it.",
        cwd=CLIENT,
        env=node_env(node),
    )
    if not (BUILT_CLIENT / "index.html").is_file():
        raise Stop(
            "atrium: the client was built but server/web/index.html is not there. Run `make clean`, then again."
        )
    stamp("client", value)


def node_env(node: Path) -> dict[str, str]:
    """Return variables that put a chosen Node first on the path, for programs that look it up."""
    return {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def _venv_works() -> bool:
    if not VENV_PYTHON.exists():
        return False
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([VENV_PYTHON, "-c", probe], capture_output=True, check=False).returncode == 0


def _packages_so_far(log: str) -> str:
    pinned = sum("==" in line and not line.startswith("#") for line in CONSTRAINTS.read_text().splitlines())
    if "Installing collected packages" in log:
        return "unpacking"
    found = set(re.findall(r"^(?:Collecting|Processing) (\S+)", log, flags=re.MULTILINE))
    return f"{min(len(found), pinned)} of about {pinned} packages" if found else ""
