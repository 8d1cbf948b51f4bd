"""The commands behind the Makefile: setup, run, demo, web, docs, test, check, bench, lock, clean."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

from scripts import bench, environment, lock, suites
from scripts.console import ROOT, Stop, say

REMOVED_BY_CLEAN = (
    ".venv",
    "web_client/node_modules",
    "web_client/test-results",
    "web_client/playwright-report",
    "server/web",
    "benchmarks/results",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    ".import_linter_cache",
    ".setup",
)
"""Everything that make puts into the checkout; the data folder is not among it."""


def setup(_: Sequence[str]) -> None:
    """Install and build without starting."""
    environment.prepare()
    say("Ready. Start the office with: make run")


def run(arguments: Sequence[str]) -> None:
    """Start the office in place of this process, so that Ctrl+C reaches it."""
    environment.prepare()
    _become("serve", arguments)


def demo(arguments: Sequence[str]) -> None:
    """Start the scripted colleagues in place of this process."""
    environment.prepare()
    _become("demo", arguments)


def web(_: Sequence[str]) -> None:
    """Build the client, also when nothing changed."""
    environment.prepare(client=False)
    environment.install_client_packages()
    environment.build_client(again=True)


def docs(_: Sequence[str]) -> None:
    """Write the parts of docs/reference that come from the code."""
    environment.prepare(client=False)
    subprocess.run([environment.VENV_PYTHON, "-m", "scripts.reference"], cwd=ROOT, check=True)


def clean(_: Sequence[str]) -> None:
    """Remove what make has put into the checkout; the data folder stays."""
    for name in REMOVED_BY_CLEAN:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for cache in ROOT.rglob("__pycache__"):
        shutil.rmtree(cache, ignore_errors=True)
    say("Removed what make had built. Your data folder is untouched.")


COMMANDS: dict[str, Callable[[Sequence[str]], None]] = {
    "setup": setup,
    "run": run,
    "demo": demo,
    "web": web,
    "docs": docs,
    "test": suites.test,
    "check": suites.check,
    "bench": bench.bench,
    "lock": lock.refresh,
    "clean": clean,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: its name and what it takes.

    Returns:
        The exit status.
    """
    command = COMMANDS.get(arguments[0]) if arguments else None
    if command is None:
        print(f"usage: sh scripts/setup.sh {'|'.join(COMMANDS)} [arguments]", file=sys.stderr)
        return 2
    try:
        command(arguments[1:])
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\natrium: stopped.", file=sys.stderr)
        return 130
    return 0


def _become(command: str, arguments: Sequence[str]) -> None:
    python = str(environment.VENV_PYTHON)
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(python, [python, "-m", "server", command, *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
