"""Fetching a model: resumed after a cut, checked file by file, put in place in one step."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from server.models.catalog import Offer, belongs
from server.models.errors import DamagedModel, ModelError
from server.models.manifest import NEEDED, Format, Manifest, ModelFile
from server.models.sources import BLOCK, Listing, RemoteFile, Source, SourceLost
from server.models.store import alone, look_at, part_folder, put

logger = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 5
"""So often in a row without a single new byte; then it gives up."""
SPARE = 64 * 1024 * 1024
"""Bytes that must stay free on the disk."""
_UNFINISHED = ".part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a fetch is."""

    path: str
    """The file that comes in."""
    done: int
    """Bytes of the whole model that are here."""
    total: int
    fresh: int
    """Bytes that came in this time; the rest was here before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What a fetch asks of its surroundings."""

    progress: Callable[[Progress], None] = lambda progress: None
    say: Callable[[str], None] = lambda line: None
    """Takes a line for people."""
    wait: Callable[[float], None] = time.sleep
    """Waits some seconds before another try."""
    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
    """Gives the free bytes of a folder's disk."""
    now: Callable[[], float] = time.time


def pull(source: Source, offer: Offer, models_dir: Path, hooks: Hooks | None = None) -> Manifest:
    """Fetch a model, or what is missing or damaged of it. What is here already stays and is not fetched again.

    Args:
        source: where from.
        offer: the model.
        models_dir: where to; made if it is not there.
        hooks: how to tell of progress, and what stands in for the clock and the disk in tests.

    Raises:
        ModelError: it cannot be fetched; the text says why and what to do. What came in stays for the next try.
        DamagedModel: a file came in twice and was not what its checksum says.
    """
    hooks = hooks or Hooks()
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with alone(models_dir, offer.name, f"{offer.name} is being fetched"):
            return _Fetch(source, offer, models_dir, hooks).run()
    except OSError as fault:
        raise ModelError(f"{fault.filename or models_dir} cannot be written: {fault.strerror or fault}") from fault


class _Fetch:
    """One fetch of one model."""

    def __init__(self, source: Source, offer: Offer, models_dir: Path, hooks: Hooks) -> None:
        self._source = source
        self._offer = offer
        self._models_dir = models_dir
        self._hooks = hooks
        self._part = part_folder(models_dir, offer.name)
        self._here = 0
        self._total = 0
        self._fresh = 0

    def run(self) -> Manifest:
        offer = self._offer
        standing = look_at(self._models_dir, offer.name)
        here = standing.manifest if standing is not None else None
        if here is not None and here.repository != offer.repository:
            raise ModelError(
                f"{offer.name} lies here already, and is {here.repository}; to have {offer.repository} in its "
                f"place, first `atrium models remove {offer.name}`"
            )
        listing = self._insist(lambda: self._source.listing(offer.repository, offer.name))
        kind = self._format(listing)
        wanted = [file for file in listing.files if belongs(file.path, kind)]
        self._total = sum(file.size for file in wanted)
        kept = self._kept(wanted)
        if here is not None and here.files.keys() == kept.keys() == {file.path for file in wanted}:
            self._hooks.say(f"{offer.name} is here already, and as the source has it.")
            shutil.rmtree(self._part, ignore_errors=True)
            return here
        self._part.mkdir(exist_ok=True)
        sums = self._take_over(wanted, kept)
        self._tidy(wanted)
        missing = [file for file in wanted if file.path not in sums]
        self._must_fit(missing)
        for file in missing:
            sums[file.path] = self._fetch(file, listing)
        manifest = Manifest(
            name=offer.name,
            format=kind,
            repository=offer.repository,
            revision=listing.revision,
            licence=offer.licence if listing.licence.lower() in ("", offer.licence.lower()) else listing.licence,
            fetched_at=self._hooks.now(),
            files={file.path: ModelFile(size=file.size, sha256=sums[file.path]) for file in wanted},
        )
        put(self._models_dir, offer.name, self._part, manifest)
        return manifest

    def _format(self, listing: Listing) -> Format:
        paths = {file.path for file in listing.files}
        kinds: list[Format] = [self._offer.format, *Format]
        for kind in kinds:
            if paths.issuperset(NEEDED[kind]):
                return kind
        lacking = ", ".join(path for path in NEEDED[self._offer.format] if path not in paths)
        raise ModelError(
            f"{self._offer.repository} is no speech model that Atrium can load: it has no {lacking}. "
            "`atrium models list` shows those that are known"
        )

    def _kept(self, wanted: list[RemoteFile]) -> dict[str, str]:
        """Find what an earlier copy of the model has of this; gives SHA-256 by path."""
        folder = self._models_dir / self._offer.name
        found = ((file, _right(folder / file.path, file)) for file in wanted)
        return {file.path: sha256 for file, sha256 in found if sha256}

    def _take_over(self, wanted: list[RemoteFile], kept: dict[str, str]) -> dict[str, str]:
        """Bring what is here already into the unfinished folder; gives SHA-256 by path."""
        sums: dict[str, str] = {}
        for file in wanted:
            target = self._part / file.path
            if sha256 := _right(target, file):
                sums[file.path] = sha256
            elif file.path in kept:
                target.unlink(missing_ok=True)
                _link(self._models_dir / self._offer.name / file.path, target)
                sums[file.path] = kept[file.path]
            else:
                target.unlink(missing_ok=True)
                continue
            self._here += file.size
        return sums

    def _tidy(self, wanted: list[RemoteFile]) -> None:
        """Delete what the unfinished folder holds of other revisions."""
        known = {name for file in wanted for name in (file.path, _unfinished(file))}
        for path in self._part.iterdir():
            if path.name not in known:
                path.unlink()

    def _must_fit(self, missing: list[RemoteFile]) -> None:
        begun = sum(_size(self._part / _unfinished(file)) for file in missing)
        needed = sum(file.size for file in missing) - begun
        free = self._hooks.free(self._models_dir)
        if needed and needed + SPARE > free:
            raise ModelError(
                f"{self._offer.name} needs {megabytes(needed + SPARE)} on the disk of {self._models_dir}, and "
                f"{megabytes(free)} are free; make room, or choose another folder with --models-dir"
            )

    def _fetch(self, file: RemoteFile, listing: Listing) -> str:
        """Bring in one file; gives its SHA-256."""
        unfinished = self._part / _unfinished(file)
        resumed = _size(unfinished) > 0
        self._insist(lambda: self._receive(file, unfinished, listing.revision))
        sha256 = _right(unfinished, file)
        if not sha256 and resumed:
            # The first half may have been damaged on this disk.
            self._hooks.say(f"{file.path} is not what its checksum says; it is fetched once more from the start.")
            self._here -= file.size
            unfinished.unlink()
            self._insist(lambda: self._receive(file, unfinished, listing.revision))
            sha256 = _right(unfinished, file)
        if not sha256:
            unfinished.unlink()
            raise DamagedModel(
                f"{file.path} of {self._offer.name} came in, but is not what its checksum says; it was thrown "
                "away. Try again; if it happens again, the source or a proxy on the way changes it"
            )
        os.replace(unfinished, self._part / file.path)
        return sha256

    def _receive(self, file: RemoteFile, unfinished: Path, revision: str) -> None:
        """Append to an unfinished file until it has its size."""
        have = _size(unfinished)
        if have > file.size:
            unfinished.unlink()
            have = 0
        self._here += have
        try:
            if have == file.size:
                unfinished.touch()  # an empty file is whole before its first byte
                return
            with (
                self._source.open(self._offer.repository, self._offer.name, revision, file.path, have) as stream,
                unfinished.open("ab") as out,
            ):
                if stream.start not in (0, have):
                    raise SourceLost("the source goes on at another place than it was asked to")
                if stream.start == 0 and have:
                    out.truncate(0)
                    self._here -= have
                    have = 0
                have = self._write(stream.blocks, out.write, file, have)
                out.flush()
                os.fsync(out.fileno())
            if have < file.size:
                raise SourceLost(f"{file.path} broke off")
        except SourceLost:
            self._here -= _size(unfinished)
            raise

    def _write(self, blocks: Iterator[bytes], write: Callable[[bytes], int], file: RemoteFile, have: int) -> int:
        for block in blocks:
            block = block[: file.size - have]
            write(block)
            have += len(block)
            self._here += len(block)
            self._fresh += len(block)
            self._hooks.progress(Progress(path=file.path, done=self._here, total=self._total, fresh=self._fresh))
            if have == file.size:
                break
        return have

    def _insist(self, deed: Callable[[], T]) -> T:
        """Try again while the source is lost, as long as something comes in between."""
        failures, seen = 0, self._fresh
        while True:
            try:
                return deed()
            except SourceLost as fault:
                failures = 1 if self._fresh > seen else failures + 1
                seen = self._fresh
                if failures >= TRIES:
                    raise ModelError(
                        f"{fault}; gave up after {TRIES} tries. What came in stays: "
                        "the same command goes on from there"
                    ) from fault
                seconds = float(2 ** (failures - 1))
                self._hooks.say(f"{fault}; trying again in {seconds:.0f} s.")
                self._hooks.wait(seconds)


def megabytes(size: int) -> str:
    """Say a number of bytes: "484 MB", "1.6 GB"."""
    return (
        f"{size / 1e9:.1f} GB"
        if size >= 1e9
        else f"{size / 1e6:.0f} MB"
        if size >= 1e6
        else f"{size / 1e3:.0f} kB"
    )


def _unfinished(file: RemoteFile) -> str:
    return f"{file.path}.{file.tag}{_UNFINISHED}"


def _right(path: Path, file: RemoteFile) -> str:
    """Give a file's SHA-256 if it is what it must be, else nothing."""
    if not path.is_file() or _size(path) != file.size:
        return ""
    sha256, git_sha1 = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
    with path.open("rb") as content:
        while block := content.read(BLOCK):
            sha256.update(block)
            if not file.sha256:
                git_sha1.update(block)
    right = sha256.hexdigest() == file.sha256 if file.sha256 else git_sha1.hexdigest() == file.git_sha1
    return sha256.hexdigest() if right else ""


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a disk without hard links
        shutil.copyfile(source, target)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
