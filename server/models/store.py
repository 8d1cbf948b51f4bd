"""The folder where fetched models lie: which are there and whole, and which one the office uses.

models/
  active            the name of the chosen one, if one was chosen
  small.en/         a model with its manifest.json
  .small.en.part/   a fetch that is not finished
  understanding/    models of understanding that were promoted; see `registered.py` and `office_head.py`
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.models.errors import DamagedModel, ModelError
from server.models.manifest import MANIFEST, NEEDED, Format, Manifest, read_manifest, sha256_of

logger = logging.getLogger(__name__)

ACTIVE = "active"
"""The file with the name of the chosen model."""
UNDERSTANDING = "understanding"
"""The folder of what tells agreements from talk, which has a registry of its own."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A model that lies here and can be loaded, as far as names and sizes tell."""

    name: str
    folder: Path
    format: Format
    size: int
    """Bytes on disk."""
    manifest: Manifest | None
    """None for a folder that somebody put here by hand."""


def is_name(name: str) -> bool:
    """Say whether a name can be a model's folder."""
    return _NAME.fullmatch(name) is not None and name not in (ACTIVE, UNDERSTANDING)


def installed(models_dir: Path) -> list[Installed]:
    """List the models that lie here, by name; folders that are not whole are left out."""
    if not models_dir.is_dir():
        return []
    found = (look_at(models_dir, folder.name) for folder in sorted(models_dir.iterdir()) if is_name(folder.name))
    return [model for model in found if model is not None]


def look_at(models_dir: Path, name: str) -> Installed | None:
    """Look at one model by name; None where there is none or it is not whole."""
    folder = models_dir / name
    if not is_name(name) or not folder.is_dir():
        return None
    try:
        manifest = read_manifest(folder)
    except DamagedModel as fault:
        logger.warning("a model's manifest cannot be read", extra={"model": name, "fault": str(fault)})
        return None
    kind = manifest.format if manifest is not None else _format_of(folder)
    if kind is None or not all((folder / file).is_file() for file in NEEDED[kind]):
        return None
    if manifest is not None and any(_size(folder / path) != file.size for path, file in manifest.files.items()):
        logger.warning("a model is not whole", extra={"model": name, "try": f"atrium models verify {name}"})
        return None
    size = manifest.size if manifest is not None else sum(_size(path) for path in folder.iterdir())
    return Installed(name=name, folder=folder, format=kind, size=size, manifest=manifest)


def chosen_name(models_dir: Path) -> str | None:
    """Give the name that `atrium models use` wrote down; None: none was chosen."""
    try:
        name = (models_dir / ACTIVE).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as fault:
        logger.warning("the choice of a model cannot be read", extra={"fault": str(fault)})
        return None
    return name if is_name(name) else None


def chosen_model(models_dir: Path) -> Path | None:
    """Give the folder of the chosen model; None: none was chosen, or it is gone or not whole."""
    name = chosen_name(models_dir)
    if name is None:
        return None
    model = look_at(models_dir, name)
    if model is None:
        logger.warning("the chosen model is not here", extra={"model": name, "try": f"atrium models pull {name}"})
        return None
    return model.folder


def choose(models_dir: Path, name: str | None) -> None:
    """Write down which model the office uses from its next start.

    Args:
        models_dir: where models lie.
        name: one that lies here; None: let the office choose by itself.

    Raises:
        ModelError: there is no such model, or the choice cannot be written.
    """
    try:
        if name is None:
            (models_dir / ACTIVE).unlink(missing_ok=True)
            return
        _must_be_here(models_dir, name)
        fresh = models_dir / f".{ACTIVE}.tmp"
        fresh.write_text(f"{name}\n", encoding="utf-8")
        fresh.replace(models_dir / ACTIVE)
    except OSError as fault:
        raise ModelError(f"the choice cannot be written to {models_dir}: {fault.strerror}") from fault


def remove(models_dir: Path, name: str) -> int:
    """Delete a model and what an unfinished fetch of it left; gives the bytes that were freed.

    Raises:
        ModelError: there is no such model, it is the chosen one, or it cannot be deleted.
    """
    if not is_name(name):
        raise ModelError(f"{name!r} is not the name of a model")
    if chosen_name(models_dir) == name:
        raise ModelError(f"{name} is the chosen model; first choose another, or `atrium models use auto`")
    folders = [folder for folder in (models_dir / name, part_folder(models_dir, name)) if folder.is_dir()]
    if not folders:
        raise ModelError(f"there is no model {name} in {models_dir}; `atrium models list` shows what is there")
    freed = sum(_size(path) for folder in folders for path in folder.rglob("*"))
    try:
        for folder in folders:
            if folder.is_symlink():
                folder.unlink()
            else:
                shutil.rmtree(folder)
    except OSError as fault:
        raise ModelError(f"{fault.filename} cannot be deleted: {fault.strerror}") from fault
    return freed


def verify(models_dir: Path, name: str, *, on_file: Callable[[str], None] = lambda path: None) -> list[str]:
    """Read every file of a model and compare it with its checksum.

    Args:
        models_dir: where models lie.
        name: the model.
        on_file: told of each file before it is read.

    Returns:
        One sentence per fault; empty: all is as it was fetched.

    Raises:
        ModelError: there is no such model, or nothing to compare it with.
    """
    folder = models_dir / name
    if not is_name(name) or not folder.is_dir():
        raise ModelError(f"there is no model {name} in {models_dir}; `atrium models pull {name}` fetches it")
    manifest = read_manifest(folder)
    if manifest is None:
        raise ModelError(
            f"{folder} has no manifest.json to compare with: it was not fetched by `atrium models pull`"
        )
    faults = [f"{path} is missing" for path in NEEDED[manifest.format] if path not in manifest.files]
    for path, file in manifest.files.items():
        on_file(path)
        size = _size(folder / path)
        if not (folder / path).is_file():
            faults.append(f"{path} is missing")
        elif size != file.size:
            faults.append(f"{path} has {size} bytes and should have {file.size}")
        elif sha256_of(folder / path) != file.sha256:
            faults.append(f"{path} is not what its checksum says")
    return faults


def part_folder(models_dir: Path, name: str) -> Path:
    """Say where an unfinished fetch lies."""
    return models_dir / f".{name}.part"


def put(models_dir: Path, name: str, part: Path, manifest: Manifest) -> Path:
    """Move a fetched folder to its place, in one step; an older copy of the model goes.

    Raises:
        OSError: the folders cannot be moved; the older copy stays.
    """
    (part / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    target, old = models_dir / name, models_dir / f".{name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.rename(target, old)
    try:
        os.rename(part, target)
    except OSError:
        if old.exists():
            os.rename(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)
    return target


@contextmanager
def alone(folder: Path, name: str, doing: str) -> Iterator[None]:
    """Let one command at a time do something.

    Args:
        folder: where the lock lies.
        name: of what is locked.
        doing: what the other command is at, as "tiny is being fetched".

    Raises:
        ModelError: another command is at it.
    """
    with (folder / f".{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise ModelError(f"{doing} by another command; wait for that one") from fault
        yield


def _must_be_here(models_dir: Path, name: str) -> None:
    if look_at(models_dir, name) is not None:
        return
    others = _listed([model.name for model in installed(models_dir)])
    raise ModelError(f"{name} does not lie in {models_dir} ({others}); `atrium models pull {name}` fetches it")


def _listed(names: Sequence[str]) -> str:
    return f"there: {', '.join(names)}" if names else "nothing does yet"


def _format_of(folder: Path) -> Format | None:
    for kind, files in NEEDED.items():
        if (folder / files[0]).is_file():
            return kind
    return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
