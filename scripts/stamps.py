"""Stamps: files under .setup/ that remember what was already done, by a hash of what it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from scripts.console import ROOT, STATE


def fingerprint(paths: Iterable[Path], *extra: str) -> str:
    """Hash names and contents of files; a folder stands for every file below it.

    Args:
        paths: files and folders; one that is absent counts as absent.
        extra: words that also matter, such as a version.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for word in extra:
        digest.update(word.encode() + b"\0")
    for path in paths:
        for file in _files(path):
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_fresh(name: str, value: str) -> bool:
    """Say whether the stamp `name` holds `value`."""
    path = STATE / f"{name}.stamp"
    return path.is_file() and path.read_text(encoding="ascii") == value


def stamp(name: str, value: str) -> None:
    """Remember `value` under `name`."""
    STATE.mkdir(exist_ok=True)
    (STATE / f"{name}.stamp").write_text(value, encoding="ascii")


def forget(name: str) -> None:
    """Drop the stamp `name`, before work that may fail half way."""
    (STATE / f"{name}.stamp").unlink(missing_ok=True)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    return [path] if path.is_file() else []
