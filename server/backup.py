"""Backup and restore of the data folder: consistent while the office runs, checked before it is trusted."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from server import __version__
from server.errors import BackupError
from server.models.store import UNDERSTANDING
from workflows.schema import HEAD, REVISIONS

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE_ENDING = ".db"
_LEFT_OUT = (".db-wal", ".db-shm", ".db-journal", ".lock", ".tmp")
_FOLDERS_LEFT_OUT = ("spool", "models")
"""Speech that waits for its words is kept nowhere else, and models are large and can be fetched again."""
_KEPT_OF_THEM = f"models/{UNDERSTANDING}/"
"""Models that an office promoted can be fetched nowhere. What begins with a dot is unfinished."""
_VOUCHING = "audit"
_FLEETING = "recordings"
"""Its files may go while the office runs: their time is over."""
_BLOCK = 1024 * 1024
_MANIFEST_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an archive holds."""

    version: str
    """The Atrium that made it."""
    schema: str | None
    """The database's revision, or None without a database."""
    made_at: str
    files: dict[str, str]
    """SHA-256 (hex) by path inside the data folder."""


def backup(data_dir: Path, target: Path, *, extra: tuple[Path, ...] = ()) -> Manifest:
    """Write the data folder into an archive; the office may go on running.

    Sound that is kept goes along, sealed as it lies, and promoted models do; speech that waits for its words and
    fetched models do not.

    Args:
        data_dir: the office's data folder.
        target: the archive, a .tar.gz; it appears when it is complete, readable by its owner alone.
        extra: further files, as `atrium.toml`; kept under `extra/`.

    Raises:
        BackupError: the folder holds nothing, or the archive cannot be written.
    """
    if not data_dir.is_dir():
        raise BackupError(f"{data_dir} is not a folder; give the office's data folder")
    try:
        with tempfile.TemporaryDirectory(prefix="atrium-backup-") as name:
            staged = Path(name)
            schema = _stage(data_dir, staged, target, extra)
            files = {path: _sha256(staged / path) for path in _files(staged)}
            if not files:
                raise BackupError(f"{data_dir} holds nothing to back up; has the office ever run with it?")
            made_at = datetime.now(UTC).isoformat(timespec="seconds")
            manifest = Manifest(version=__version__, schema=schema, made_at=made_at, files=files)
            _write_archive(staged, manifest, target)
    except (OSError, sqlite3.Error) as fault:
        raise BackupError(f"the backup could not be written: {fault}") from fault
    return manifest


def restore(archive: Path, data_dir: Path, *, force: bool = False) -> Manifest:
    """Put the contents of an archive into a data folder; all of it, or none.

    Args:
        archive: what `backup` wrote.
        data_dir: where to; it must be empty or missing.
        force: move what is there aside, to `<data_dir>.before-restore-<time>`.

    Raises:
        BackupError: the archive is damaged, unsafe or of a newer Atrium, or the folder is not empty.
    """
    if data_dir.exists() and (not data_dir.is_dir() or any(data_dir.iterdir())) and not force:
        raise BackupError(f"{data_dir} is not empty; choose an empty folder, or use --force to move it aside")
    if _is_locked(data_dir):
        raise BackupError(f"an office is running on {data_dir}; stop it first")
    try:
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=f".{data_dir.name}-restore-", dir=data_dir.parent))
        try:
            manifest = _unpack(archive, staged)
            _move_in(staged, data_dir)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    except (OSError, tarfile.TarError, EOFError) as fault:
        raise BackupError(f"{archive} cannot be restored: {fault}") from fault
    return manifest


def _stage(data_dir: Path, staged: Path, target: Path, extra: tuple[Path, ...]) -> str | None:
    schema: str | None = None
    # What signed roots vouch for is in the database when they are written: so they are copied before it.
    for path in sorted(_files(data_dir), key=lambda path: not path.startswith(f"{_VOUCHING}/")):
        source = data_dir / path
        if path.endswith(_LEFT_OUT) or _left_out(path) or source.resolve() == target.resolve():
            continue
        copy = staged / "data" / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.endswith(DATABASE_ENDING):
            schema = _copy_database(source, copy) or schema
            continue
        try:
            shutil.copyfile(source, copy)
        except FileNotFoundError:
            if not path.startswith(f"{_FLEETING}/"):
                raise
            copy.unlink(missing_ok=True)
    for file in extra:
        if file.is_file():
            (staged / "extra").mkdir(exist_ok=True)
            shutil.copyfile(file, staged / "extra" / file.name)
    return schema


def _copy_database(source: Path, copy: Path) -> str | None:
    """Copy a database as of one moment, also while it is written to; give its schema's revision."""
    address = f"{source.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as live, closing(sqlite3.connect(copy)) as out:
        live.backup(out)
        out.execute("PRAGMA journal_mode=DELETE")
        fault = out.execute("PRAGMA integrity_check").fetchone()[0]
        if fault != "ok":
            raise BackupError(f"{source} is damaged ({fault}); restore an earlier backup")
        return _revision(out)


def _revision(connection: sqlite3.Connection) -> str | None:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name='alembic_version'").fetchone():
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _write_archive(staged: Path, manifest: Manifest, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {
            "format": FORMAT,
            "version": manifest.version,
            "schema": manifest.schema,
            "made_at": manifest.made_at,
            "files": manifest.files,
        },
        indent=2,
    ).encode()
    with _appearing(target) as out, tarfile.open(fileobj=out, mode="w:gz") as tar:
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(text), 0o600
        tar.addfile(info, io.BytesIO(text))
        for path in manifest.files:
            tar.add(staged / path, arcname=path, recursive=False, filter=_anonymous)


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o600
    return info


@contextmanager
def _appearing(target: Path) -> Iterator[IO[bytes]]:
    """Write a file beside its place and move it there when it is complete and on the disk."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}-", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _unpack(archive: Path, staged: Path) -> Manifest:
    """Unpack what the manifest names into a folder, checking every byte."""
    with tarfile.open(archive, mode="r:gz") as tar:
        first = tar.next()
        if first is None or first.name != MANIFEST or not first.isreg() or first.size > _MANIFEST_LIMIT:
            raise BackupError(f"{archive} is no Atrium backup: it does not begin with a manifest")
        manifest = _read_manifest(archive, _contents(tar, first).read())
        waiting = dict(manifest.files)
        while (member := tar.next()) is not None:
            expected = waiting.pop(member.name, None)
            if expected is None or not member.isreg() or not _is_inside(member.name):
                raise BackupError(f"{archive} holds {member.name!r}, which no backup of ours would")
            place = staged / member.name
            place.parent.mkdir(parents=True, exist_ok=True)
            with _contents(tar, member) as source, open(place, "xb", opener=_private) as out:
                shutil.copyfileobj(source, out, _BLOCK)
                out.flush()
                os.fsync(out.fileno())
            if _sha256(place) != expected:
                raise BackupError(f"{archive} is damaged: {member.name} is not what was backed up")
    if waiting:
        raise BackupError(f"{archive} is incomplete: {min(waiting)} is missing")
    return manifest


def _read_manifest(archive: Path, text: bytes) -> Manifest:
    try:
        document: dict[str, Any] = json.loads(text)
        made_by, schema = str(document["version"]), document["schema"]
        files = {str(path): str(digest) for path, digest in document["files"].items()}
        manifest = Manifest(version=made_by, schema=schema, made_at=str(document["made_at"]), files=files)
        newer = document["format"] != FORMAT
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise BackupError(f"{archive} is damaged: its manifest cannot be read") from fault
    if newer or (schema is not None and schema not in REVISIONS):
        raise BackupError(
            f"{archive} was made by Atrium {made_by} (schema {schema}); this is {__version__} (schema {HEAD}). "
            "Install that version or a later one, then restore"
        )
    return manifest


def _contents(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    contents = tar.extractfile(member)
    if contents is None:
        raise BackupError(f"{member.name} cannot be read from the archive")
    return contents


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return len(parts) > 1 and parts[0] in ("data", "extra") and ".." not in parts and "\\" not in name


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _move_in(staged: Path, data_dir: Path) -> None:
    """Let the new folder take the old one's place."""
    fresh = staged / "data"
    fresh.mkdir(exist_ok=True)
    if (staged / "extra").is_dir():
        (staged / "extra").rename(fresh / "extra")
    fresh.chmod(0o700)
    if data_dir.exists():
        if any(data_dir.iterdir()):
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
            data_dir.rename(data_dir.with_name(f"{data_dir.name}.before-restore-{stamp}"))
        else:
            data_dir.rmdir()
    fresh.rename(data_dir)


def _is_locked(data_dir: Path) -> bool:
    """Say whether a running office holds the folder's database."""
    for lock in data_dir.glob(f"*{DATABASE_ENDING}.lock") if data_dir.is_dir() else ():
        with lock.open("rb") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
    return False


def _left_out(path: str) -> bool:
    if path.startswith(_KEPT_OF_THEM):
        return path.removeprefix(_KEPT_OF_THEM).startswith(".")
    folder, slash, _ = path.partition("/")
    return bool(slash) and folder in _FOLDERS_LEFT_OUT


def _files(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
